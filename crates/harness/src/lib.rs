//! Replays heap traces against allocation strategies, verifies what they do, and measures space and time.
//!
//! [`replay()`] is one deterministic replay, [`run()`] a whole comparison that ends in a
//! [`Report`](heaplab_report::Report).
//! The crate is generic over [`Strategy`](heaplab_core::Strategy), names none but its two floors, and prints nothing:
//! whoever calls it brings a registry of strategies and shows the report.
//!
//! ```
//! use std::sync::Arc;
//! use heaplab_harness::{Passes, Plan, TraceInput, floor, run};
//! use heaplab_trace::{Operation, Trace, TraceInfo};
//!
//! let operations = vec![
//!     Operation::Allocate { slot: 0, size: 100, align: 1 },
//!     Operation::Free { slot: 0 },
//! ];
//! let source = Arc::new(Trace::from_operations(TraceInfo::named("tiny"), operations)?);
//! let mut plan = Plan::new(vec![TraceInput { name: "tiny".into(), source, question: None }]);
//! plan.passes = Passes { throughput: false, ..Passes::default() };
//! // A registry without strategies: the two floors remain, in the unlimited heap.
//! let report = run(&heaplab_core::Registry::new(), &plan, &())?;
//! assert_eq!(report.cells.len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What is timed and what is not, how a time budget is shared out, and what verification sees is described in
//! `docs/METHODOLOGY.md`.

mod contestant;
mod decimal;
pub mod doctor;
mod environment;
mod explain;
pub mod floor;
pub mod heap_map;
mod heap_size;
pub mod instructions;
pub mod isolated;
pub mod min_heap;
pub mod packing;
mod panics;
mod pin;
mod placement_hash;
mod plan;
mod progress;
pub mod replay;
mod run;
mod splitmix;
#[cfg(test)]
mod tests;
pub mod timed;

pub use decimal::{Decimal, DecimalError};
pub use environment::environment;
#[doc(inline)]
pub use explain::{ExplainError, ExplainRequest, explain};
#[doc(inline)]
pub use heap_map::{HeapMapError, MapRequest, add_maps, heap_map};
pub use heap_size::{HeapSize, HeapSizeError, UNLIMITED_BYTES};
pub use isolated::Isolated;
pub use pin::last_allowed_cpu;
pub use plan::{
    CURVE_HEAPS, DEFAULT_HEAPS, DEFAULT_TIME_BUDGET, DEFAULT_TIMED_HEAPS, LatencyPass, Launcher,
    ParameterSetting, Passes, Plan, PlannedCell, Rounds, RunError, TraceInput,
};
pub use progress::{Phase, Progress};
#[doc(inline)]
pub use replay::{Observer, ReplayError, ReplayRequest, Replayed, replay};
pub use run::{plan_cells, run};
