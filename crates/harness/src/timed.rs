//! The timed replay: nothing but the operations, compiled for each strategy.

use std::hint::black_box;
use std::time::{Duration, Instant};

use heaplab_core::{Config, ConfigError, Handle, Kind, Memory, Strategy};
use heaplab_report::Mode;
use heaplab_trace::{CHUNK_OPERATIONS, Operation, OperationSource, TraceError};

use crate::panics::{Unwound, guard};

mod bytes;
mod latencies;
mod perform;

use bytes::Bytes;
pub use latencies::Latencies;
pub(crate) use latencies::{EncodedLatencies, histogram};
use perform::{perform, perform_clocked};

/// What timed replays keep from one to the next, so that no replay pays for fresh pages of it; and how they are timed.
#[derive(Debug, Default)]
pub struct TimedRoom {
    slots: Vec<Option<Handle>>,
    chunk: Vec<Operation>,
    bytes: Bytes,
    limit: Option<Duration>,
    lead_operations: u64,
    mode: Mode,
    latencies: Option<Latencies>,
}

impl TimedRoom {
    /// Breaks replays off that have taken longer than this. Looked at after each [`CHUNK_OPERATIONS`] operations,
    /// while the clock stands still; floors are never broken off.
    pub const fn set_limit(&mut self, limit: Duration) {
        self.limit = Some(limit);
    }

    /// Has the replays to come perform so many operations before the clock first starts: a setup that is no part of the
    /// question. A limit counts them too.
    pub const fn set_lead(&mut self, operations: u64) {
        self.lead_operations = operations;
    }

    /// Whether bytes stand behind the heap in the replays to come; none do before this is called.
    pub const fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
    }

    /// Has the next replay read the clock around each operation instead of around each chunk.
    pub fn record_latencies(&mut self) {
        self.latencies = Some(Latencies::new());
    }

    /// What the last replay recorded since [`TimedRoom::record_latencies`]; the next one is timed in chunks again.
    pub const fn take_latencies(&mut self) -> Option<Latencies> {
        self.latencies.take()
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
    /// The bytes behind the heap could not be had.
    #[error("no memory for the {bytes} bytes behind the heap")]
    NoBytes {
        /// The heap's capacity.
        bytes: u64,
    },
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

/// Replays a trace, without or with bytes behind the heap, and returns how long its operations took, in ns.
///
/// Inside the clock are the match on the operation, the slot table, the strategy, and the copies that it asks for
/// where bytes stand behind the heap. Outside are making the allocator, growing the slot table, touching the bytes,
/// decoding, the operations of a [lead](TimedRoom::set_lead), and dropping the allocator. The clock is read around each chunk of [`CHUNK_OPERATIONS`] operations, or
/// around each operation after [`TimedRoom::record_latencies`].
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
    let timed = guard(|| match room.mode {
        // What copies in memory of its own is not made to copy twice.
        Mode::Payload if S::CAPABILITIES.copies_by_itself => {
            replay_over::<S, ()>(source, capacity_bytes, config, room, &mut ())
        }
        Mode::Placement => replay_over::<S, ()>(source, capacity_bytes, config, room, &mut ()),
        Mode::Payload => {
            let mut bytes = std::mem::take(&mut room.bytes);
            let result = match bytes.touched(capacity_bytes) {
                Some(mut touched) => {
                    replay_over::<S, &mut [u8]>(source, capacity_bytes, config, room, &mut touched)
                }
                None => Err(TimedError::NoBytes { bytes: capacity_bytes }),
            };
            room.bytes = bytes;
            result
        }
    });
    timed.unwrap_or_else(|unwound| {
        Err(TimedError::Panicked(match unwound {
            Unwound::Panicked(message) => message,
            Unwound::TimeIsUp => "interrupted".into(),
        }))
    })
}

fn replay_over<S: Strategy, M: Memory>(
    source: &dyn OperationSource,
    capacity_bytes: u64,
    config: &Config,
    room: &mut TimedRoom,
    memory: &mut M,
) -> Result<u64, TimedError> {
    let mut allocator = S::new(capacity_bytes, config)?;
    room.slots.fill(None);
    let limit = room.limit.filter(|_| S::CAPABILITIES.kind != Kind::Floor);
    let (mut duration, mut lead) = (Duration::ZERO, Duration::ZERO);
    let mut before = 0;
    let TimedRoom { slots, chunk, latencies, lead_operations, .. } = room;
    let mut time = |operations: &[Operation], slots: &mut [Option<Handle>]| {
        debug_assert!(before > 0 || slots.iter().all(Option::is_none), "replays start empty");
        let left = usize::try_from(lead_operations.saturating_sub(before)).unwrap_or(usize::MAX);
        let (ahead, counted) = operations.split_at(left.min(operations.len()));
        for (operations, is_counted) in [(ahead, false), (counted, true)] {
            if operations.is_empty() {
                continue;
            }
            let (took, result) = match latencies {
                Some(latencies) if is_counted => {
                    clock_each(&mut allocator, slots, operations, memory, latencies)
                }
                _ => time_chunk(&mut allocator, slots, operations, memory),
            };
            *if is_counted { &mut duration } else { &mut lead } += took;
            if let Err(index) = result {
                return Err(TimedError::Refused { operation: before + index as u64 });
            }
            before += operations.len() as u64;
        }
        match limit {
            Some(limit) if duration + lead > limit => {
                Err(TimedError::Late { duration: duration + lead })
            }
            _ => Ok(()),
        }
    };
    if let Some(operations) = source.operations() {
        grow(slots, operations);
        for operations in operations.chunks(CHUNK_OPERATIONS) {
            time(operations, slots)?;
        }
    } else {
        let mut reader = source.open()?;
        while reader.next_chunk(chunk)? {
            grow(slots, chunk);
            time(chunk, slots)?;
        }
    }
    black_box(&allocator);
    Ok(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
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

/// One reading of the clock before the operations and one behind them. An error is the index of the operation that
/// was refused.
fn time_chunk<S: Strategy, M: Memory>(
    allocator: &mut S,
    slots: &mut [Option<Handle>],
    operations: &[Operation],
    memory: &mut M,
) -> (Duration, Result<(), usize>) {
    let operations = black_box(operations);
    let started = Instant::now();
    let result = perform(allocator, slots, operations, memory);
    let duration = started.elapsed();
    black_box(slots);
    (duration, result)
}

/// Two readings of the clock around each operation; what is kept of them is sorted between the operations.
fn clock_each<S: Strategy, M: Memory>(
    allocator: &mut S,
    slots: &mut [Option<Handle>],
    operations: &[Operation],
    memory: &mut M,
    latencies: &mut Latencies,
) -> (Duration, Result<(), usize>) {
    let mut duration = Duration::ZERO;
    for (number, part) in operations.chunks(Latencies::PART_OPERATIONS).enumerate() {
        latencies.measure_clock();
        let started = Instant::now();
        let result = perform_clocked(allocator, slots, black_box(part), memory, latencies.part());
        duration += started.elapsed();
        if let Err(index) = result {
            return (duration, Err(number * Latencies::PART_OPERATIONS + index));
        }
        latencies.keep(part.len());
    }
    (duration, Ok(()))
}
