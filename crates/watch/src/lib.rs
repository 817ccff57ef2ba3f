//! The heap as a moving picture in the terminal, and as lines of `X-X-X` where there is none.
//!
//! One or more strategies replay the same trace in step.
//! [`watch`] draws them side by side, live, with keys; [`plain`] writes a line for each operation shown.
//! Strategies come from any registry; they are visited with their types and looked at through one small trait.
//!
//! ```
//! use heaplab_core::{Config, Granule};
//! use heaplab_watch::{Lines, Part, five_bytes, plain};
//!
//! let config = Config::new().with_granule(Granule::BYTE);
//! let parts = [Part::new("compaction", config)];
//! let registry = heaplab_strategies::registry();
//! let mut out = Vec::new();
//! plain(&registry, &five_bytes(), &parts, 5, &Lines::default(), &mut out)?;
//! let text = String::from_utf8(out)?;
//! assert!(text.contains("  X-X-X\n"), "{text}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Going back means replaying from the start: a strategy cannot be copied. Long replays are done a slice at a time, with
//! progress, and any key ends them.

#![forbid(unsafe_code)]

mod cells;
mod controls;
mod draw;
mod error;
mod figures;
mod history;
mod plain;
mod pulse;
mod screen;
mod show;
mod stage;

pub use error::WatchError;
pub use plain::{Lines, plain};
pub use pulse::{Pulse, guard};
pub use screen::{Look, watch};
pub use stage::Part;

use heaplab_trace::{Operation, OperationError, Origin, Sink as _, Trace, TraceBuilder, TraceInfo};

/// The story that heaplab grew out of: five blocks of a byte, the second and the fourth freed, and two bytes wanted.
#[must_use]
pub fn five_bytes() -> Trace {
    let mut builder = TraceBuilder::new(TraceInfo::named("five bytes"));
    let allocate = |slot, size| Operation::Allocate { slot, size, align: 1 };
    let story = (0..5).map(|slot| allocate(slot, 1)).chain([
        Operation::Free { slot: 1 },
        Operation::Free { slot: 3 },
        allocate(5, 2),
    ]);
    let told: Result<(), OperationError> =
        story.into_iter().try_for_each(|operation| builder.push(operation, Origin::default()));
    debug_assert!(told.is_ok(), "{told:?}");
    builder.finish()
}

/// A number that is bounded by the size of something in memory.
pub(crate) fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The count of something in memory.
pub(crate) fn to_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
