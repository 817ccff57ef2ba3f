//! The timed replay: nothing but the operations, compiled for each strategy.

use std::hint::black_box;
use std::time::{Duration, Instant};

use heaplab_core::{Allocator, Config, ConfigError, Handle, Kind, Request, Strategy};
use heaplab_trace::{CHUNK_OPERATIONS, Operation, OperationSource, TraceError};

use crate::panics::{Unwound, guard};

/// What timed replays keep from one to the next, so that no replay pays for fresh pages of it.
#[derive(Debug, Default)]
pub struct TimedRoom {
    slots: Vec<Option<Handle>>,
    chunk: Vec<Operation>,
    limit: Option<Duration>,
}

impl TimedRoom {
    /// Breaks replays off that have taken longer than this. Looked at after each [`CHUNK_OPERATIONS`] operations,
    /// while the clock stands still; floors are never broken off.
    pub const fn set_limit(&mut self, limit: Duration) {
        self.limit = Some(limit);
    }
}

/// Why a timed replay has no time.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TimedError {
    /// The trace could not be read.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// The strategy refuses its configuration or capacity.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The strategy refused an operation.
    #[error("operation {operation} was refused")]
    Refused {
        /// Index of the operation, from 0.
        operation: u64,
    },
    /// The replay took longer than the limit of the [`TimedRoom`].
    #[error("broken off after {duration:.1?}")]
    Late {
        /// What its operations had taken by then.
        duration: Duration,
    },
    /// The strategy panicked.
    #[error("{0}")]
    Panicked(String),
}

/// Replays a trace with no bytes behind the heap and returns how long its operations took, in ns.
///
/// Inside the clock are the match on the operation, the slot table and the strategy. Outside are making the allocator,
/// growing the slot table, decoding, and dropping the allocator. The clock is read around each chunk of
/// [`CHUNK_OPERATIONS`] operations.
///
/// # Errors
///
/// [`TimedError`]
pub fn replay_timed<S: Strategy>(
    source: &dyn OperationSource,
    capacity_bytes: u64,
    config: &Config,
    room: &mut TimedRoom,
) -> Result<u64, TimedError> {
    let timed = guard(|| {
        let mut allocator = S::new(capacity_bytes, config)?;
        room.slots.fill(None);
        let mut duration = Duration::ZERO;
        let limit = room.limit.filter(|_| S::CAPABILITIES.kind != Kind::Floor);
        let mut before = 0;
        let mut time = |operations: &[Operation], slots: &mut [Option<Handle>]| {
            duration += time_chunk(&mut allocator, slots, operations, before)?;
            before += operations.len() as u64;
            match limit {
                Some(limit) if duration > limit => Err(TimedError::Late { duration }),
                _ => Ok(()),
            }
        };
        if let Some(operations) = source.operations() {
            grow(&mut room.slots, operations);
            for chunk in operations.chunks(CHUNK_OPERATIONS) {
                time(chunk, &mut room.slots)?;
            }
        } else {
            let mut reader = source.open()?;
            while reader.next_chunk(&mut room.chunk)? {
                grow(&mut room.slots, &room.chunk);
                time(&room.chunk, &mut room.slots)?;
            }
        }
        black_box(&allocator);
        Ok(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
    });
    timed.unwrap_or_else(|unwound| {
        Err(TimedError::Panicked(match unwound {
            Unwound::Panicked(message) => message,
            Unwound::TimeIsUp => "interrupted".into(),
        }))
    })
}

/// Makes room for every slot of the operations.
fn grow(slots: &mut Vec<Option<Handle>>, operations: &[Operation]) {
    let highest = operations.iter().map(|operation| operation.slot() as usize + 1).max();
    let had = slots.len();
    if let Some(needed) = highest
        && needed > had
    {
        slots.resize(needed, None);
        // Zeroed memory may come without pages; writing it again here keeps that out of the clock.
        black_box(&mut slots[had..]).fill(None);
    }
}

fn time_chunk<S: Strategy>(
    allocator: &mut S,
    slots: &mut [Option<Handle>],
    operations: &[Operation],
    before: u64,
) -> Result<Duration, TimedError> {
    debug_assert!(before > 0 || slots.iter().all(Option::is_none), "every replay starts empty");
    let operations = black_box(operations);
    let started = Instant::now();
    let result = perform(allocator, slots, operations);
    let duration = started.elapsed();
    black_box(slots);
    match result {
        Ok(()) => Ok(duration),
        Err(index) => Err(TimedError::Refused { operation: before + index as u64 }),
    }
}

/// The timed loop; stops at the first operation that is refused and returns its index.
#[inline(never)]
fn perform<A: Allocator>(
    allocator: &mut A,
    slots: &mut [Option<Handle>],
    operations: &[Operation],
) -> Result<(), usize> {
    for (index, operation) in operations.iter().enumerate() {
        let done = match *operation {
            Operation::Allocate { slot, size, align } => {
                match allocator.allocate(Request { size, align }, &mut ()) {
                    Ok(handle) => {
                        slots[slot as usize] = Some(handle);
                        true
                    }
                    Err(_) => false,
                }
            }
            Operation::Resize { slot, size, align } => match slots[slot as usize] {
                Some(handle) => allocator.resize(handle, Request { size, align }, &mut ()).is_ok(),
                None => false,
            },
            Operation::Free { slot } => match slots[slot as usize].take() {
                Some(handle) => allocator.free(handle, &mut ()).is_ok(),
                None => false,
            },
        };
        if !done {
            return Err(index);
        }
    }
    Ok(())
}
