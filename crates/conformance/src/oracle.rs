//! The oracle: what an exact policy must answer, computed in the slowest and plainest way.
//!
//! It keeps a sorted vector of live blocks. Holes are never stored but read off as the gaps between blocks, so they
//! cannot be lost, left uncoalesced or counted wrongly. The only other state is what a policy is defined by: the
//! rover of next fit, and the order in which holes came to be where the most recent is preferred.

mod choice;
mod compaction;
mod recency;

use heaplab_core::{
    AllocError, Block, Granule, Hole, InvalidHandle, Policy, Request, Shortage, align_up,
};

use recency::{Recency, Remainder};

/// One call of [`heaplab_core::Memory::relocate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Relocation {
    /// The offset that the bytes leave.
    pub from: u64,
    /// The offset that the bytes get.
    pub to: u64,
    /// How many bytes.
    pub len: u64,
}

/// What an operation that is not refused does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The block after an allocation or a resize; the block that was, for a free.
    pub block: Block,
    /// All relocations, in order.
    pub relocations: Vec<Relocation>,
    /// The bytes of those relocations that are compaction, not the copy of a moving resize; saturating.
    pub compaction_bytes: u64,
}

impl Effect {
    const fn at(block: Block) -> Self {
        Self { block, relocations: Vec::new(), compaction_bytes: 0 }
    }

    fn compacting(block: Block, relocations: Vec<Relocation>) -> Self {
        let compaction_bytes = sum_of_lengths(&relocations);
        Self { block, relocations, compaction_bytes }
    }

    /// The same with a compaction before it.
    fn after(mut self, mut compaction: Vec<Relocation>) -> Self {
        self.compaction_bytes = self.compaction_bytes.saturating_add(sum_of_lengths(&compaction));
        compaction.append(&mut self.relocations);
        self.relocations = compaction;
        self
    }
}

/// A live block with what the oracle must remember of it.
#[derive(Clone, Copy, Debug)]
struct Live {
    id: u64,
    offset: u64,
    len: u64,
    align: u64,
}

impl Live {
    const fn end(&self) -> u64 {
        self.offset + self.len
    }

    const fn block(&self) -> Block {
        Block { offset: self.offset, len: self.len }
    }
}

/// Answers for one heap and one policy what an allocator must do.
///
/// Blocks are named by numbers that the caller chooses; a number must not be live twice.
///
/// ```
/// use heaplab_conformance::Oracle;
/// use heaplab_core::{Granule, Policy, Request};
///
/// let mut oracle = Oracle::new(Policy::FirstFit, 8, Granule::BYTE);
/// for id in 0..3 {
///     oracle.allocate(id, Request::new(2))?;
/// }
/// oracle.free(0)?;
/// assert_eq!(oracle.allocate(3, Request::new(1))?.block.offset, 0);
/// # Ok::<(), heaplab_core::AllocError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Oracle {
    policy: Policy,
    capacity: u64,
    granule: Granule,
    /// In address order.
    live: Vec<Live>,
    /// The end of the block most recently placed by a search.
    rover: u64,
    /// The holes, most recent first; kept for the policies that go by it alone.
    recency: Option<Recency>,
    high_water: u64,
}

impl Oracle {
    /// An empty heap of `capacity_bytes`, rounded down to the granule; `u64::MAX` is an unlimited one.
    #[must_use]
    pub const fn new(policy: Policy, capacity_bytes: u64, granule: Granule) -> Self {
        Self {
            policy,
            capacity: granule.floor(capacity_bytes),
            granule,
            live: Vec::new(),
            rover: 0,
            recency: match policy {
                Policy::Lifo => Some(Recency::new(Remainder::Stays)),
                Policy::BestFitLifo => Some(Recency::new(Remainder::CountsAsNew)),
                _ => None,
            },
            high_water: 0,
        }
    }

    /// Places a new block called `id`.
    ///
    /// # Errors
    ///
    /// The error that an allocator must return; nothing has changed then.
    pub fn allocate(&mut self, id: u64, request: Request) -> Result<Effect, AllocError> {
        let len = self.length_of(request)?;
        if let Some(block) = self.place(id, len, request.align) {
            return Ok(Effect::at(block));
        }
        if matches!(self.policy, Policy::CompactOnDemand | Policy::CompactFit) {
            let mut slid = self.clone();
            let relocations = slid.slide_from(0);
            if let Some(block) = slid.place(id, len, request.align) {
                *self = slid;
                return Ok(Effect::compacting(block, relocations));
            }
        }
        Err(self.shortage(request))
    }

    /// Frees the block called `id`.
    ///
    /// # Errors
    ///
    /// [`InvalidHandle::Stale`] if no block is called so.
    pub fn free(&mut self, id: u64) -> Result<Effect, InvalidHandle> {
        let index = self.index_of(id)?;
        let block = self.live[index].block();
        let relocations = self.remove(index);
        Ok(Effect::compacting(block, relocations))
    }

    /// Changes the size and the alignment of the block called `id`.
    ///
    /// # Errors
    ///
    /// The error that an allocator must return; nothing has changed then.
    pub fn resize(&mut self, id: u64, request: Request) -> Result<Effect, AllocError> {
        let index = self.index_of(id)?;
        let len = self.length_of(request)?;
        let in_place_or_moved = |heap: &mut Self| {
            heap.resize_in_place(index, len, request.align)
                .or_else(|| heap.resize_moving(index, len, request.align))
        };
        if let Some(effect) = in_place_or_moved(self) {
            return Ok(effect);
        }
        if self.compacts() {
            let mut slid = self.clone();
            let slide = slid.slide_from(0);
            let effect = in_place_or_moved(&mut slid)
                .or_else(|| slid.resize_lifting_others(index, len, request.align));
            if let Some(effect) = effect {
                *self = slid;
                return Ok(effect.after(slide));
            }
        }
        Err(self.shortage(request))
    }

    /// The block called `id`, if there is one.
    #[must_use]
    pub fn block(&self, id: u64) -> Option<Block> {
        self.live.iter().find(|live| live.id == id).map(Live::block)
    }

    /// All blocks and their names, in address order.
    pub fn blocks(&self) -> impl Iterator<Item = (u64, Block)> {
        self.live.iter().map(|live| (live.id, live.block()))
    }

    /// All holes in address order: the gaps between blocks, and between 0 and the first block.
    pub fn holes(&self) -> impl Iterator<Item = Hole> {
        let starts = core::iter::once(0).chain(self.live.iter().map(Live::end));
        starts
            .zip(&self.live)
            .map(|(offset, next)| Hole { offset, len: next.offset - offset })
            .filter(|hole| hole.len > 0)
    }

    /// The end of the last block.
    #[must_use]
    pub fn end_bytes(&self) -> u64 {
        self.live.last().map_or(0, Live::end)
    }

    /// The highest end that a block ever had.
    #[must_use]
    pub const fn high_water_bytes(&self) -> u64 {
        self.high_water
    }

    /// The sum of all lengths.
    #[must_use]
    pub fn live_bytes(&self) -> u64 {
        self.live.iter().map(|live| live.len).sum()
    }

    /// The length that a request is rounded to, if the heap could ever hold it.
    fn length_of(&self, request: Request) -> Result<u64, AllocError> {
        let Request { size, align } = request;
        if !align.is_power_of_two() {
            return Err(AllocError::InvalidAlignment { align });
        }
        match self.granule.length_of(size) {
            Some(len) if len <= self.capacity => Ok(len),
            _ => Err(AllocError::TooLarge { requested_bytes: size, capacity_bytes: self.capacity }),
        }
    }

    fn shortage(&self, request: Request) -> AllocError {
        AllocError::OutOfMemory(Shortage {
            requested_bytes: request.size,
            free_bytes: self.capacity - self.live_bytes(),
            largest_hole_bytes: Some(self.holes().map(|hole| hole.len).max().unwrap_or(0)),
            wilderness_bytes: Some(self.capacity - self.end_bytes()),
        })
    }

    fn index_of(&self, id: u64) -> Result<usize, InvalidHandle> {
        self.live.iter().position(|live| live.id == id).ok_or(InvalidHandle::Stale)
    }

    /// Places a block where the policy wants it, if that is possible without moving others.
    fn place(&mut self, id: u64, len: u64, align: u64) -> Option<Block> {
        let offset = self.choose(len, align)?;
        let end = self.end_bytes();
        if let Some(recency) = &mut self.recency {
            recency.place(offset, len, end);
        }
        let index = self.live.partition_point(|live| live.offset < offset);
        self.live.insert(index, Live { id, offset, len, align });
        self.rover = offset + len;
        self.high_water = self.high_water.max(offset + len);
        Some(Block { offset, len })
    }

    /// Takes a block out and coalesces its space; an eager compaction follows at once.
    fn remove(&mut self, index: usize) -> Vec<Relocation> {
        let Live { offset, len, .. } = self.live.remove(index);
        self.freed(offset, offset + len);
        if self.policy == Policy::CompactEager { self.slide_from(index) } else { Vec::new() }
    }

    /// Notes that `[offset, end)` is no longer covered by a block.
    fn freed(&mut self, offset: u64, end: u64) {
        let heap_end = self.end_bytes();
        if let Some(recency) = &mut self.recency {
            recency.free(offset, end, heap_end);
        }
    }

    fn resize_in_place(&mut self, index: usize, len: u64, align: u64) -> Option<Effect> {
        let Live { offset, len: old_len, .. } = self.live[index];
        let limit = self.live.get(index + 1).map_or(self.capacity, |next| next.offset);
        if !offset.is_multiple_of(align) || len > limit - offset {
            return None;
        }
        self.live[index].len = len;
        self.live[index].align = align;
        let (old_end, end) = (offset + old_len, offset + len);
        self.high_water = self.high_water.max(end);
        let mut relocations = Vec::new();
        if end < old_end {
            self.freed(end, old_end);
            if self.policy == Policy::CompactEager {
                relocations = self.slide_from(index + 1);
            }
        } else if end > old_end
            && let Some(recency) = &mut self.recency
        {
            recency.grow(old_end, end);
        }
        Some(Effect::compacting(Block { offset, len }, relocations))
    }

    fn resize_moving(&mut self, index: usize, len: u64, align: u64) -> Option<Effect> {
        let old = self.live[index];
        let to = self.place(old.id, len, align)?.offset;
        let copy = Relocation { from: old.offset, to, len: old.len.min(len) };
        // Both blocks have the same name for a moment; the old one is the one at the old offset.
        let index = self.live.iter().position(|live| live.offset == old.offset)?;
        let slide = self.remove(index);
        let block = self.block(old.id)?;
        let mut effect = Effect::compacting(block, slide);
        effect.relocations.insert(0, copy);
        Some(effect)
    }
}

fn sum_of_lengths(relocations: &[Relocation]) -> u64 {
    relocations.iter().fold(0, |sum, relocation| sum.saturating_add(relocation.len))
}

/// The lowest suitable offset for a block in the free space `[start, end)`.
fn lowest_offset(start: u64, end: u64, len: u64, align: u64) -> Option<u64> {
    let offset = align_up(start, align)?;
    (offset.checked_add(len)? <= end).then_some(offset)
}
