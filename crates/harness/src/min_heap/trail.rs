//! One lean replay: how far it came, how high it reached, and where a smaller heap might have gone another way.

use std::panic::resume_unwind;
use std::time::Instant;

use heaplab_core::{Block, Config, ConfigError, Handle, Memory, Request, Strategy};
use heaplab_trace::{CHUNK_OPERATIONS, Operation, OperationSource, TraceError};
use serde::{Deserialize, Serialize};

use crate::panics::{TimeIsUp, Unwound, guard};

/// The clock is read once for so many operations and relocations.
const STEPS_PER_CLOCK: u64 = 256;

/// How a lean replay is to be done.
#[derive(Clone, Copy)]
pub(crate) struct TrailRequest<'a> {
    pub(crate) source: &'a dyn OperationSource,
    pub(crate) config: &'a Config,
    pub(crate) capacity_bytes: u64,
    /// Heaps up to this size are of no interest: no forks are noted for them.
    pub(crate) floor_bytes: u64,
    pub(crate) deadline: Option<Instant>,
    /// Whether the offset of every placement is to be kept.
    pub(crate) keeps_offsets: bool,
}

/// What a lean replay found out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trail {
    pub(crate) end: TrailEnd,
    /// The highest end that a block had.
    pub(crate) high_water_bytes: u64,
    /// In the order in which they were met, so from low to high.
    pub(crate) forks: Vec<Fork>,
    /// The offset at which each allocation and each resize left its block, if they were to be kept.
    pub(crate) offsets: Vec<u64>,
}

impl Trail {
    /// One of which nothing is known but how it ended.
    pub(crate) const fn ended(end: TrailEnd) -> Self {
        Self { end, high_water_bytes: 0, forks: Vec::new(), offsets: Vec::new() }
    }
}

/// How a lean replay ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TrailEnd {
    /// The whole trace was replayed.
    Completed,
    /// A request was refused.
    Refused,
    /// Its time ran out.
    Late,
    /// Its time ran out, and it did not even notice: an operation did not return.
    Hung,
    /// The strategy panicked or broke its contract.
    Broken(String),
}

/// An operation whose block took space behind all blocks before, while a heap without that space might have served it
/// from a hole.
///
/// Heaps of at least `below_bytes` and less than `end_bytes` go the same way up to this operation, and another way from
/// it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fork {
    pub(crate) below_bytes: u64,
    pub(crate) end_bytes: u64,
}

/// A lean replay of one strategy, its type erased.
pub(crate) type TrailReplay = fn(TrailRequest<'_>) -> Result<Trail, TraceError>;

/// Replays a trace against `S` with nothing beside it but what a search for the minimum heap needs.
pub(crate) fn trail<S: Strategy>(request: TrailRequest<'_>) -> Result<Trail, TraceError> {
    let offsets = request.keeps_offsets.then(Vec::new);
    let mut walker = Walker { offsets, ..Walker::default() };
    let result = guard(|| walker.replay::<S>(request));
    let end = match result {
        Ok(result) => result?,
        Err(Unwound::TimeIsUp) => TrailEnd::Late,
        Err(Unwound::Panicked(message)) => TrailEnd::Broken(message),
    };
    let Walker { high_water_bytes, forks, offsets, .. } = walker;
    Ok(Trail { end, high_water_bytes, forks, offsets: offsets.unwrap_or_default() })
}

#[derive(Default)]
struct Walker {
    slots: Vec<Option<Handle>>,
    high_water_bytes: u64,
    forks: Vec<Fork>,
    floor_bytes: u64,
    offsets: Option<Vec<u64>>,
}

/// Why a replay stops before the trace does.
enum Stop {
    End(TrailEnd),
    Trace(TraceError),
}

impl Walker {
    fn replay<S: Strategy>(&mut self, request: TrailRequest<'_>) -> Result<TrailEnd, TraceError> {
        // A strategy that moves blocks has other ways out than holes: its forks are not known.
        self.floor_bytes = if S::CAPABILITIES.relocates { u64::MAX } else { request.floor_bytes };
        let mut allocator = match S::new(request.capacity_bytes, request.config) {
            Ok(allocator) => allocator,
            Err(ConfigError::CapacityTooSmall { .. }) => return Ok(TrailEnd::Refused),
            Err(error) => return Ok(TrailEnd::Broken(error.to_string())),
        };
        match self.operations(&mut allocator, request) {
            Ok(()) => Ok(TrailEnd::Completed),
            Err(Stop::End(end)) => Ok(end),
            Err(Stop::Trace(error)) => Err(error),
        }
    }

    fn operations<S: Strategy>(
        &mut self,
        allocator: &mut S,
        request: TrailRequest<'_>,
    ) -> Result<(), Stop> {
        let mut clock = Clock { deadline: request.deadline, steps: 0 };
        if let Some(operations) = request.source.operations() {
            for chunk in operations.chunks(CHUNK_OPERATIONS) {
                self.chunk(chunk, allocator, &mut clock)?;
            }
            return Ok(());
        }
        let mut reader = request.source.open().map_err(Stop::Trace)?;
        let mut chunk = Vec::new();
        while reader.next_chunk(&mut chunk).map_err(Stop::Trace)? {
            self.chunk(&chunk, allocator, &mut clock)?;
        }
        Ok(())
    }

    fn chunk<S: Strategy>(
        &mut self,
        chunk: &[Operation],
        allocator: &mut S,
        clock: &mut Clock,
    ) -> Result<(), Stop> {
        for operation in chunk {
            if clock.tick() {
                return Err(Stop::End(TrailEnd::Late));
            }
            let slot = operation.slot() as usize;
            if slot >= self.slots.len() {
                self.slots.resize(slot + 1, None);
            }
            match *operation {
                Operation::Allocate { size, align, .. } => {
                    let request = Request { size, align };
                    let Ok(handle) = allocator.allocate(request, clock) else {
                        return Err(Stop::End(TrailEnd::Refused));
                    };
                    self.slots[slot] = Some(handle);
                    let block = located(allocator, handle)?;
                    self.placed(block, false, allocator);
                }
                Operation::Resize { size, align, .. } => {
                    let handle = self.slots[slot].ok_or_else(lost)?;
                    let before = located(allocator, handle)?;
                    if allocator.resize(handle, Request { size, align }, clock).is_err() {
                        return Err(Stop::End(TrailEnd::Refused));
                    }
                    let block = located(allocator, handle)?;
                    self.placed(block, block.offset == before.offset, allocator);
                }
                Operation::Free { .. } => {
                    let handle = self.slots[slot].take().ok_or_else(lost)?;
                    allocator.free(handle, clock).map_err(|_| lost())?;
                }
            }
        }
        Ok(())
    }

    /// Notes where an operation left its block.
    #[inline]
    fn placed<S: Strategy>(&mut self, block: Block, has_grown_in_place: bool, allocator: &S) {
        if let Some(offsets) = &mut self.offsets {
            offsets.push(block.offset);
        }
        if block.end() > self.high_water_bytes {
            if block.end() > self.floor_bytes {
                self.new_record(block, has_grown_in_place, allocator);
            }
            self.high_water_bytes = block.end();
        }
    }

    #[cold]
    fn new_record<S: Strategy>(&mut self, block: Block, has_grown_in_place: bool, allocator: &S) {
        // By an exact policy, a block is placed behind all others only when no hole can hold it.
        let is_last_resort = S::CAPABILITIES.policy.is_some() && !has_grown_in_place;
        // The wilderness was taken and no hole, so holes are as they were before the operation, or longer.
        let no_hole_holds =
            || allocator.usage().largest_hole_bytes.is_some_and(|bytes| bytes < block.len);
        if !is_last_resort && !no_hole_holds() {
            self.forks.push(Fork { below_bytes: self.high_water_bytes, end_bytes: block.end() });
        }
    }
}

fn located<S: Strategy>(allocator: &S, handle: Handle) -> Result<Block, Stop> {
    allocator.block(handle).ok_or_else(lost)
}

fn lost() -> Stop {
    Stop::End(TrailEnd::Broken("a live block's handle was refused".into()))
}

/// Breaks a replay off when its time is up, also in the middle of a compaction.
struct Clock {
    deadline: Option<Instant>,
    steps: u64,
}

impl Clock {
    #[inline]
    fn tick(&mut self) -> bool {
        self.steps += 1;
        self.steps.is_multiple_of(STEPS_PER_CLOCK) && self.is_late()
    }

    fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

impl Memory for Clock {
    fn relocate(&mut self, _from: u64, _to: u64, _len: u64) {
        if self.tick() {
            resume_unwind(Box::new(TimeIsUp));
        }
    }
}
