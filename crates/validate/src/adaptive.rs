//! Generators that look at where a strategy put the blocks, and the driver that lets them.
//!
//! The lower bounds of the literature are games: the program decides its next operation by the
//! addresses that the allocator returned.
//! No recorded trace can play them, so the strategy is driven live; what was asked of it is recorded on
//! the way, and that trace can be replayed against others.

use heaplab_core::{AllocError, Allocator, Block, Handle, Memory, Request};
use heaplab_trace::{Operation, OperationError, Origin, Sink as _, Trace, TraceBuilder, TraceInfo};

/// Decides each operation by looking at where the blocks are.
///
/// Operations keep the slot discipline of [`heaplab_trace`]: slots are dense and reused only when empty.
pub trait AdaptiveGenerator {
    /// Name and provenance of the trace that comes of it.
    fn trace_info(&self) -> TraceInfo;

    /// The next operation; `None` at the end. `placements` is the heap as it is before it.
    fn next(&mut self, placements: &Placements) -> Option<Operation>;
}

/// Where the blocks are, by slot.
#[derive(Clone, Debug, Default)]
pub struct Placements {
    blocks: Vec<Option<Block>>,
    live_bytes: u64,
}

impl Placements {
    /// Where the block of `slot` is; `None` if the slot is empty.
    #[must_use]
    pub fn block(&self, slot: u32) -> Option<Block> {
        self.blocks.get(slot as usize).copied().flatten()
    }

    /// All blocks with their slots, in the order of the slots.
    pub fn blocks(&self) -> impl Iterator<Item = (u32, Block)> {
        (0_u32..).zip(&self.blocks).filter_map(|(slot, block)| Some((slot, (*block)?)))
    }

    /// The sum of the blocks' lengths.
    #[must_use]
    pub const fn live_bytes(&self) -> u64 {
        self.live_bytes
    }

    fn set(&mut self, slot: u32, block: Option<Block>) {
        let slot = slot as usize;
        if slot >= self.blocks.len() {
            self.blocks.resize(slot + 1, None);
        }
        if let Some(old) = self.blocks[slot] {
            self.live_bytes -= old.len;
        }
        self.live_bytes += block.map_or(0, |block| block.len);
        self.blocks[slot] = block;
    }
}

/// The state after an operation, for those who watch a drive.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Lengths of all allocations and growth of all resizes so far, in bytes.
    pub allocated_bytes: u64,
    /// Bytes relocated so far.
    pub relocated_bytes: u64,
}

/// What a drive came to.
#[derive(Clone, Debug)]
pub struct Driven {
    /// What was asked of the strategy, up to a refusal; the refused operation is its last.
    pub trace: Trace,
    /// The highest end of a block after any operation, in bytes.
    pub peak_bytes: u64,
    /// The highest sum of block lengths after any operation, in bytes.
    pub peak_live_bytes: u64,
    /// Figures at the end.
    pub last: Step,
    /// Whether at every moment `relocated_bytes * c <= allocated_bytes`, for the largest such `c`; `None`
    /// if nothing was relocated.
    pub allocated_per_relocated: Option<f64>,
    /// The refusal that ended the drive early.
    pub refused: Option<AllocError>,
}

/// Why a drive could not be carried out; a refused request is no error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DriveError {
    /// The generator broke the slot discipline.
    #[error("the generator is wrong: {0}")]
    Generator(#[from] OperationError),
    /// The strategy refuses the handle of a live block, or does not say where it is.
    #[error("the strategy lost the block of slot {slot}")]
    BlockLost {
        /// The block's slot.
        slot: u32,
    },
}

/// Lets `generator` drive `allocator` until it has nothing more to ask or is refused.
///
/// # Errors
///
/// [`DriveError`]; a request that is refused ends the drive and is part of the result.
pub fn drive(
    allocator: &mut dyn Allocator,
    generator: &mut dyn AdaptiveGenerator,
) -> Result<Driven, DriveError> {
    let mut driver = Driver {
        allocator,
        handles: Vec::new(),
        placements: Placements::default(),
        memory: Relocations::default(),
        step: Step { allocated_bytes: 0, relocated_bytes: 0 },
    };
    let mut builder = TraceBuilder::new(generator.trace_info());
    let (mut peak_bytes, mut peak_live_bytes) = (0, 0);
    let mut allocated_per_relocated = f64::INFINITY;
    let mut refused = None;
    while let Some(operation) = generator.next(&driver.placements) {
        builder.push(operation, Origin::default())?;
        match driver.apply(&operation)? {
            Ok(end) => peak_bytes = peak_bytes.max(end),
            Err(error) => {
                refused = Some(error);
                break;
            }
        }
        peak_live_bytes = peak_live_bytes.max(driver.placements.live_bytes);
        allocated_per_relocated = allocated_per_relocated.min(driver.step.ratio());
    }
    Ok(Driven {
        trace: builder.finish(),
        peak_bytes,
        peak_live_bytes,
        last: driver.step,
        allocated_per_relocated: (driver.step.relocated_bytes > 0)
            .then_some(allocated_per_relocated),
        refused,
    })
}

impl Step {
    #[expect(clippy::cast_precision_loss, reason = "bytes of these games stay far below 2^53")]
    fn ratio(&self) -> f64 {
        self.allocated_bytes as f64 / self.relocated_bytes as f64
    }
}

struct Driver<'a> {
    allocator: &'a mut dyn Allocator,
    handles: Vec<Option<Handle>>,
    placements: Placements,
    memory: Relocations,
    step: Step,
}

/// Notes that something moved, and how much.
#[derive(Debug, Default)]
struct Relocations {
    bytes: u64,
    has_moved: bool,
}

impl Memory for Relocations {
    fn relocate(&mut self, _from: u64, _to: u64, len: u64) {
        self.bytes += len;
        self.has_moved = true;
    }
}

impl Driver<'_> {
    /// Carries one operation out; returns the end of the block that it placed, 0 for a free, or the refusal.
    fn apply(&mut self, operation: &Operation) -> Result<Result<u64, AllocError>, DriveError> {
        let slot = operation.slot();
        let before = self.placements.block(slot).map_or(0, |block| block.len);
        let lost = DriveError::BlockLost { slot };
        match *operation {
            Operation::Allocate { size, align, .. } => {
                match self.allocator.allocate(Request { size, align }, &mut self.memory) {
                    Ok(handle) => self.set_handle(slot, Some(handle)),
                    Err(error) => return Ok(Err(error)),
                }
            }
            Operation::Resize { size, align, .. } => {
                let handle = self.handle(slot).ok_or(lost)?;
                let request = Request { size, align };
                if let Err(error) = self.allocator.resize(handle, request, &mut self.memory) {
                    return Ok(Err(error));
                }
            }
            Operation::Free { .. } => {
                let handle = self.handle(slot).ok_or(lost)?;
                if self.allocator.free(handle, &mut self.memory).is_err() {
                    return Err(DriveError::BlockLost { slot });
                }
                self.set_handle(slot, None);
            }
        }
        let end = self.look_at(slot)?;
        if self.memory.has_moved {
            self.look_at_all()?;
        }
        let after = self.placements.block(slot).map_or(0, |block| block.len);
        self.step.allocated_bytes += after.saturating_sub(before);
        self.step.relocated_bytes = self.memory.bytes;
        Ok(Ok(end))
    }

    fn handle(&self, slot: u32) -> Option<Handle> {
        self.handles.get(slot as usize).copied().flatten()
    }

    fn set_handle(&mut self, slot: u32, handle: Option<Handle>) {
        let slot = slot as usize;
        if slot >= self.handles.len() {
            self.handles.resize(slot + 1, None);
        }
        self.handles[slot] = handle;
    }

    /// Asks the strategy where the block of `slot` is now; returns its end, 0 without a block.
    fn look_at(&mut self, slot: u32) -> Result<u64, DriveError> {
        let block = match self.handle(slot) {
            Some(handle) => {
                Some(self.allocator.block(handle).ok_or(DriveError::BlockLost { slot })?)
            }
            None => None,
        };
        self.placements.set(slot, block);
        Ok(block.map_or(0, |block| block.end()))
    }

    fn look_at_all(&mut self) -> Result<(), DriveError> {
        self.memory.has_moved = false;
        for slot in 0_u32.. {
            if slot as usize >= self.handles.len() {
                break;
            }
            self.look_at(slot)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
