//! The block table: blocks and holes of a heap in address order.

use alloc::vec::Vec;

use heaplab_core::{
    AllocError, Block, ConfigError, Granule, Handle, InvalidHandle, Request, Shortage,
    fresh_tag_base,
};

mod entries;
mod figures;
mod moving;
mod slots;
mod split;

pub use entries::{Entries, Entry};
pub(crate) use slots::Slots;
pub use split::Split;

/// Names an entry of a [`BlockTable`]: its index. 0 is the sentinel and names no piece.
pub type Id = u32;

/// No entry.
pub const NIL: Id = 0;

/// How many entries a table may have, which take 4 GiB: in a link there is room for an index and five bits beside it.
pub(crate) const MAX_ENTRIES: u32 = 1 << 27;

/// Blocks and holes of one heap in address order: split, coalesce, align, resolve handles.
///
/// The table knows no policy: which hole is taken, and how holes are found, is the business of a
/// [`HoleIndex`](crate::HoleIndex). Each method that changes the tiling is one step of an algorithm; between two
/// steps the hole index may be behind.
///
/// Invariants
///
/// 1. Entries reached from the sentinel by `next` are in address order, start at offset 0, and end at the sentinel's
///    offset; `prev` is the reverse of `next`.
/// 2. No two holes are neighbors, and the highest piece is a block.
/// 3. Offsets are multiples of the granule, and no piece is empty.
/// 4. A live block's tag is even, a hole's and an unused slot's odd.
/// 5. `live_bytes`, `live_blocks` and `holes` equal the sums over the pieces; `high_water_bytes` is at least the end.
#[derive(Debug)]
pub struct BlockTable {
    entries: Vec<Entry>,
    slots: Slots,
    max_entries: u32,
    granule: Granule,
    capacity_bytes: u64,
    live_bytes: u64,
    live_blocks: u32,
    high_water_bytes: u64,
}

impl BlockTable {
    /// The table of an empty heap of `capacity_bytes`, a multiple of the granule.
    ///
    /// # Errors
    ///
    /// [`ConfigError::OutOfMetadata`] if there is no memory for its first entries.
    pub fn new(capacity_bytes: u64, granule: Granule) -> Result<Self, ConfigError> {
        let mut entries = Vec::new();
        entries.try_reserve(16).map_err(|_| ConfigError::OutOfMetadata)?;
        let tag_base = fresh_tag_base();
        entries.push(Entry { offset: 0, prev: NIL, next: NIL, tag: tag_base, links: [NIL; 3] });
        Ok(Self {
            entries,
            slots: Slots::new(tag_base),
            max_entries: MAX_ENTRIES,
            granule,
            capacity_bytes,
            live_bytes: 0,
            live_blocks: 0,
            high_water_bytes: 0,
        })
    }

    /// Lets slots retire after `tags` tags and the table end at `entries` entries, so that tests can reach both.
    #[must_use]
    pub fn with_limits(mut self, tags: u32, entries: u32) -> Self {
        self.slots.set_tags_per_slot(tags);
        self.max_entries = entries.min(MAX_ENTRIES);
        self
    }

    /// The entries, for an index that reads many of them.
    #[must_use]
    #[inline]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries, for an index that relinks holes.
    #[must_use]
    #[inline]
    pub fn entries_mut(&mut self) -> &mut [Entry] {
        &mut self.entries
    }

    /// Entries and slots apart, so that a whole operation can work on one slice.
    #[inline(always)]
    pub(crate) fn parts_mut(&mut self) -> (&mut [Entry], &mut Slots) {
        (&mut self.entries, &mut self.slots)
    }

    #[inline]
    fn entry(&self, id: Id) -> &Entry {
        &self.entries[id as usize]
    }

    #[inline]
    fn entry_mut(&mut self, id: Id) -> &mut Entry {
        &mut self.entries[id as usize]
    }

    /// The size of the heap in bytes.
    #[must_use]
    #[inline]
    pub const fn capacity_bytes(&self) -> u64 {
        self.capacity_bytes
    }

    /// The unit of sizes and addresses.
    #[must_use]
    #[inline]
    pub const fn granule(&self) -> Granule {
        self.granule
    }

    /// Bytes of all live blocks.
    #[must_use]
    #[inline]
    pub const fn live_bytes(&self) -> u64 {
        self.live_bytes
    }

    /// Bytes that no block covers.
    #[must_use]
    #[inline]
    pub const fn free_bytes(&self) -> u64 {
        self.capacity_bytes - self.live_bytes
    }

    /// The end of the last block: where the wilderness begins.
    #[must_use]
    #[inline]
    pub fn end(&self) -> u64 {
        self.entry(NIL).offset
    }

    /// The lowest piece, [`NIL`] in an empty heap.
    #[must_use]
    #[inline]
    pub fn first(&self) -> Id {
        self.entry(NIL).next
    }

    /// The highest piece, always a block; [`NIL`] in an empty heap.
    #[must_use]
    #[inline]
    pub fn last(&self) -> Id {
        self.entry(NIL).prev
    }

    /// The piece above, [`NIL`] behind the highest.
    #[must_use]
    #[inline]
    pub fn next(&self, id: Id) -> Id {
        self.entry(id).next
    }

    /// The piece below, [`NIL`] before the lowest.
    #[must_use]
    #[inline]
    pub fn prev(&self, id: Id) -> Id {
        self.entry(id).prev
    }

    /// A piece's distance from the start of the heap in bytes.
    #[must_use]
    #[inline]
    pub fn offset(&self, id: Id) -> u64 {
        self.entry(id).offset
    }

    /// A piece's length in bytes.
    #[must_use]
    #[inline]
    pub fn len(&self, id: Id) -> u64 {
        let entry = self.entry(id);
        self.entry(entry.next).offset - entry.offset
    }

    /// Number of holes.
    #[must_use]
    #[inline]
    pub fn holes(&self) -> u64 {
        // Every entry but the sentinel is a block, a hole, unused or retired; counting three of them is enough.
        self.entries.len() as u64 - 1 - self.slots.idle() - u64::from(self.live_blocks)
    }

    /// Whether the heap has no blocks.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.live_blocks == 0
    }

    /// Whether the entry is a hole; the sentinel is none.
    #[must_use]
    #[inline]
    pub fn is_hole(&self, id: Id) -> bool {
        self.entry(id).tag & 1 == 1
    }

    /// A hole's links, for the index that holds it.
    #[must_use]
    #[inline]
    pub fn links(&self, id: Id) -> &[u32; 3] {
        &self.entry(id).links
    }

    /// A hole's links, for the index that holds it.
    #[must_use]
    #[inline]
    pub fn links_mut(&mut self, id: Id) -> &mut [u32; 3] {
        &mut self.entry_mut(id).links
    }

    /// The alignment of a block's latest request in bytes.
    #[must_use]
    #[inline]
    pub fn align(&self, block: Id) -> u64 {
        1 << self.entry(block).links[0]
    }

    /// Notes the alignment of a block's latest request, a power of two in bytes.
    #[inline]
    pub fn set_align(&mut self, block: Id, align: u64) {
        self.entry_mut(block).links[0] = align.trailing_zeros();
    }

    /// The block that a handle names.
    ///
    /// # Errors
    ///
    /// [`InvalidHandle`] if it names none.
    #[inline]
    pub fn resolve(&self, handle: Handle) -> Result<Id, InvalidHandle> {
        match self.entries.get(handle.index() as usize) {
            // A handle's tag is even unless it was made up, so an equal tag means a live block.
            Some(entry)
                if entry.tag == handle.tag() && handle.index() != NIL && entry.tag & 1 == 0 =>
            {
                Ok(handle.index())
            }
            _ => Err(self.invalid(handle)),
        }
    }

    #[cold]
    #[inline(never)]
    fn invalid(&self, handle: Handle) -> InvalidHandle {
        let known = (handle.index() as usize) < self.entries.len()
            && self.slots.may_have_issued(handle.tag());
        if known { InvalidHandle::Stale } else { InvalidHandle::Foreign }
    }

    /// The handle that names a live block.
    #[must_use]
    #[inline]
    pub fn handle(&self, block: Id) -> Option<Handle> {
        Handle::from_parts(block, self.entry(block).tag)
    }

    /// Where a live block is.
    #[must_use]
    #[inline]
    pub fn block(&self, id: Id) -> Block {
        Block { offset: self.offset(id), len: self.len(id) }
    }

    /// The length in bytes and the alignment in bytes (at least the granule) that a request asks for.
    ///
    /// # Errors
    ///
    /// [`AllocError::InvalidAlignment`], and [`AllocError::TooLarge`] for more than the capacity.
    #[inline]
    pub fn check(&self, request: Request) -> Result<(u64, u64), AllocError> {
        match self.granule.length_of(request.size) {
            Some(len) if len <= self.capacity_bytes && request.align.is_power_of_two() => {
                Ok((len, request.align.max(self.granule.bytes())))
            }
            _ => Err(self.refusal(request)),
        }
    }

    #[cold]
    #[inline(never)]
    fn refusal(&self, request: Request) -> AllocError {
        if request.align.is_power_of_two() {
            AllocError::TooLarge {
                requested_bytes: request.size,
                capacity_bytes: self.capacity_bytes,
            }
        } else {
            AllocError::InvalidAlignment { align: request.align }
        }
    }

    /// The error for a request that fits nowhere now.
    #[cold]
    #[must_use]
    pub fn shortage(&self, requested_bytes: u64, largest_hole_bytes: u64) -> AllocError {
        AllocError::OutOfMemory(Shortage {
            requested_bytes,
            free_bytes: self.free_bytes(),
            largest_hole_bytes: Some(largest_hole_bytes),
            wilderness_bytes: Some(self.capacity_bytes - self.end()),
        })
    }

    /// Counts a new block.
    #[inline(always)]
    pub(crate) fn count_block(&mut self, len: u64) {
        self.live_bytes += len;
        self.live_blocks += 1;
    }

    /// Counts a freed block.
    #[inline(always)]
    pub(crate) fn discount_block(&mut self, len: u64) {
        self.live_bytes -= len;
        self.live_blocks -= 1;
    }

    /// Counts a new or longer block.
    #[inline]
    fn note_end(&mut self, end: u64) {
        self.high_water_bytes = self.high_water_bytes.max(end);
    }
}
