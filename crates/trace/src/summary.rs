//! What the operations of a trace amount to.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::{Operation, OperationError, Origin, Sink, SlotChecker, TraceHasher};

mod histogram;

pub use histogram::Histogram;

/// Distinct sizes are counted up to here, so that the count takes bounded memory.
const DISTINCT_SIZES_LIMIT: usize = 1 << 20;

/// Entries of the cache in front of the set of sizes.
const SIZE_CACHE_ENTRIES: usize = 1024;

/// How many operations there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Allocations.
    pub allocate: u64,
    /// Resizes.
    pub resize: u64,
    /// Frees.
    pub free: u64,
}

impl Counts {
    /// All operations.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.allocate.saturating_add(self.resize).saturating_add(self.free)
    }

    /// All operations, if they are fewer than 2^64, which the counts of a damaged file need not be.
    pub(crate) fn checked_total(&self) -> Option<u64> {
        self.allocate.checked_add(self.resize)?.checked_add(self.free)
    }

    /// Resizes among all operations, from 0 to 1; 0 without operations.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share is shown with a few digits")]
    pub fn resize_ratio(&self) -> f64 {
        if self.total() == 0 { 0.0 } else { self.resize as f64 / self.total() as f64 }
    }
}

/// What the operations of a trace amount to; a function of the operations and their threads.
///
/// Sums that exceed 64 bits stand as 2^64 - 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Identity of the operations: BLAKE3, 64 hexadecimal digits (see [`TraceHasher`]).
    pub hash: String,
    /// Operations by kind.
    pub operations: Counts,
    /// The most requested bytes that were live after any operation, unrounded.
    pub peak_live_requested_bytes: u64,
    /// Index of the earliest operation after which that peak was reached.
    pub peak_live_index: u64,
    /// The most blocks that were live after any operation.
    pub peak_live_blocks: u64,
    /// Blocks that are live at the end.
    pub end_live_blocks: u64,
    /// Requested bytes that are live at the end.
    pub end_live_requested_bytes: u64,
    /// Bytes of the largest request.
    pub max_request_bytes: u64,
    /// The largest alignment in bytes; 1 where none is asked for.
    pub max_align_bytes: u64,
    /// Allocations and resizes to 0 bytes.
    pub zero_size_requests: u64,
    /// Allocations and resizes that ask for an alignment above 1.
    pub aligned_requests: u64,
    /// Different sizes in allocations and resizes; counting stops at 2^20.
    pub distinct_sizes: u64,
    /// Slots in use, from 0 to this, exclusively.
    pub slots: u64,
    /// Threads that performed operations; `None` where the source does not know them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub threads: Option<u32>,
    /// Sizes of allocations and resizes.
    pub sizes: Histogram,
    /// Lifetimes of freed blocks: operations from the allocation (0) to the free.
    pub lifetimes: Histogram,
}

impl Summary {
    /// Summarizes operations that are in memory.
    ///
    /// # Errors
    ///
    /// The first operation that breaks the slot discipline (see [`SlotChecker::check`]).
    pub fn of(operations: &[Operation]) -> Result<Self, OperationError> {
        let mut builder = SummaryBuilder::new();
        for operation in operations {
            builder.push(*operation, Origin::default())?;
        }
        Ok(builder.finish())
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Block {
    size: u64,
    born: u64,
}

/// Checks and summarizes operations as they pass, in memory for the slots alone.
#[derive(Clone, Debug)]
pub struct SummaryBuilder {
    checker: SlotChecker,
    hasher: TraceHasher,
    blocks: Vec<Block>,
    sizes: HashSet<u64>,
    size_cache: Box<[u64; SIZE_CACHE_ENTRIES]>,
    live_bytes: u128,
    live_blocks: u64,
    peak_bytes: u128,
    summary: Summary,
}

impl Default for SummaryBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl SummaryBuilder {
    /// A builder before the first operation.
    #[must_use]
    pub fn new() -> Self {
        Self {
            checker: SlotChecker::new(),
            hasher: TraceHasher::new(),
            blocks: Vec::new(),
            sizes: HashSet::new(),
            // No entry equals the size that would be looked up there, so the cache starts empty.
            size_cache: Box::new(core::array::from_fn(|index| index as u64 + 1)),
            live_bytes: 0,
            live_blocks: 0,
            peak_bytes: 0,
            summary: Summary { max_align_bytes: 1, ..Summary::default() },
        }
    }

    /// Index of the next operation, which is the number of operations so far.
    #[must_use]
    pub const fn operation_index(&self) -> u64 {
        self.summary.operations.total()
    }

    /// The summary of everything pushed.
    #[must_use]
    pub fn finish(self) -> Summary {
        Summary {
            hash: self.hasher.finish(),
            peak_live_requested_bytes: saturate(self.peak_bytes),
            end_live_blocks: self.live_blocks,
            end_live_requested_bytes: saturate(self.live_bytes),
            distinct_sizes: self.sizes.len() as u64,
            slots: self.checker.slot_count(),
            ..self.summary
        }
    }

    fn count_request(&mut self, size: u64, align: u64) {
        let summary = &mut self.summary;
        summary.max_request_bytes = summary.max_request_bytes.max(size);
        summary.max_align_bytes = summary.max_align_bytes.max(align);
        summary.zero_size_requests += u64::from(size == 0);
        summary.aligned_requests += u64::from(align > 1);
        summary.sizes.count(size);
        #[expect(clippy::cast_possible_truncation, reason = "reduced to the cache's length before")]
        let cached = &mut self.size_cache[(size % SIZE_CACHE_ENTRIES as u64) as usize];
        if *cached != size && self.sizes.len() < DISTINCT_SIZES_LIMIT {
            *cached = size;
            self.sizes.insert(size);
        }
    }
}

impl Sink for SummaryBuilder {
    fn push(&mut self, operation: Operation, origin: Origin) -> Result<(), OperationError> {
        self.checker.check(&operation)?;
        self.hasher.push(&operation);
        let index = self.operation_index();
        match operation {
            Operation::Allocate { slot, size, align } => {
                self.count_request(size, align);
                let block = Block { size, born: index };
                // The checker keeps slots dense, so a fresh slot is the next entry.
                match self.blocks.get_mut(slot as usize) {
                    Some(entry) => *entry = block,
                    None => self.blocks.push(block),
                }
                self.live_bytes += u128::from(size);
                self.live_blocks += 1;
                self.summary.operations.allocate += 1;
            }
            Operation::Resize { slot, size, align } => {
                self.count_request(size, align);
                let before = core::mem::replace(&mut self.blocks[slot as usize].size, size);
                self.live_bytes = self.live_bytes + u128::from(size) - u128::from(before);
                self.summary.operations.resize += 1;
            }
            Operation::Free { slot } => {
                let block = self.blocks[slot as usize];
                self.summary.lifetimes.count(index - block.born);
                self.live_bytes -= u128::from(block.size);
                self.live_blocks -= 1;
                self.summary.operations.free += 1;
            }
        }
        if self.live_bytes > self.peak_bytes {
            self.peak_bytes = self.live_bytes;
            self.summary.peak_live_index = index;
        }
        self.summary.peak_live_blocks = self.summary.peak_live_blocks.max(self.live_blocks);
        if let Some(thread) = origin.thread {
            let threads = self.summary.threads.get_or_insert(0);
            *threads = (*threads).max(thread.saturating_add(1));
        }
        Ok(())
    }
}

fn saturate(bytes: u128) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
