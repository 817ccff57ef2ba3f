//! Slots: how entries come and go, and the links between neighbors.

use heaplab_core::{AllocError, TAGS_PER_SLOT};

use super::{BlockTable, Entry, Id, NIL, Split};

/// The bytes on both sides of a block that was placed in a hole.
pub(crate) struct Beside {
    /// Skipped for the alignment.
    pub(crate) front: u64,
    /// Left behind the block.
    pub(crate) rest: u64,
}

/// The unused slots of a table, and what its tags may be.
///
/// Its methods take the entries as a slice: an operation borrows them once and hands them on.
#[derive(Debug)]
pub(crate) struct Slots {
    /// The most recently released slot.
    unused: Id,
    unused_count: u32,
    retired_count: u32,
    tag_base: u32,
    tags_per_slot: u32,
}

impl Slots {
    pub(super) const fn new(tag_base: u32) -> Self {
        let (unused, tags_per_slot) = (NIL, TAGS_PER_SLOT);
        Self { unused, unused_count: 0, retired_count: 0, tag_base, tags_per_slot }
    }

    pub(super) const fn set_tags_per_slot(&mut self, tags: u32) {
        self.tags_per_slot = tags;
    }

    /// Number of entries that are neither a block nor a hole, the sentinel not among them.
    pub(super) fn idle(&self) -> u64 {
        u64::from(self.unused_count) + u64::from(self.retired_count)
    }

    /// Number of slots that wait to be taken.
    pub(super) const fn unused_count(&self) -> u32 {
        self.unused_count
    }

    /// Whether a tag is one of those that slots carry.
    pub(super) const fn may_have_issued(&self, tag: u32) -> bool {
        tag.wrapping_sub(self.tag_base) <= self.tags_per_slot
    }

    /// Takes a slot that [`BlockTable::reserve`] has made sure of; its tag is odd.
    #[inline(always)]
    pub(crate) fn take(&mut self, entries: &mut [Entry]) -> Id {
        let id = self.unused;
        self.unused = entries[id as usize].next;
        self.unused_count -= 1;
        id
    }

    /// Gives a slot with an odd tag back, unless its tags are used up: then it is retired.
    #[inline(always)]
    pub(crate) fn release(&mut self, entries: &mut [Entry], id: Id) {
        let entry = &mut entries[id as usize];
        if self.is_spent(entry.tag) {
            self.retired_count += 1;
            return;
        }
        entry.next = self.unused;
        self.unused = id;
        self.unused_count += 1;
    }

    /// Turns the slot `id`, which carries an odd tag and lies in the order, into a block.
    #[inline(always)]
    pub(crate) fn become_block(&mut self, entries: &mut [Entry], id: Id, align_shift: u32) -> Id {
        let entry = &mut entries[id as usize];
        if self.is_spent(entry.tag) {
            return self.replace(entries, id, align_shift);
        }
        entry.tag = entry.tag.wrapping_add(1);
        entry.links[0] = align_shift;
        id
    }

    /// Puts a block with a fresh slot in the place of a hole whose slot's tags are used up.
    #[cold]
    #[inline(never)]
    fn replace(&mut self, entries: &mut [Entry], spent: Id, align_shift: u32) -> Id {
        let Entry { offset, prev, .. } = entries[spent as usize];
        unlink(entries, spent);
        self.retired_count += 1;
        let id = self.take(entries);
        link_after(entries, prev, id, offset);
        self.become_block(entries, id, align_shift)
    }

    /// Places a block of `len` bytes at the low end of a hole of `hole_len` bytes that the index has already given up.
    /// The block asks for no alignment above the granule.
    ///
    /// Returns the block and the hole left behind it ([`NIL`] for none), which the index does not know yet. Needs
    /// 2 reserved slots.
    #[inline(always)]
    pub(crate) fn split_hole(
        &mut self,
        entries: &mut [Entry],
        hole: Id,
        hole_len: u64,
        len: u64,
        align_shift: u32,
    ) -> (Id, Id) {
        let block = self.become_block(entries, hole, align_shift);
        if hole_len == len {
            return (block, NIL);
        }
        let rest = self.take(entries);
        let end = entries[block as usize].offset + len;
        link_after(entries, block, rest, end);
        (block, rest)
    }

    /// Places a block of `len` bytes behind the first `skipped` bytes of a hole of `hole_len` bytes, which is long enough
    /// and which the index has already given up; what is skipped stays a hole.
    ///
    /// Returns the block and the holes left beside it, with their lengths, which the index does not know yet. Needs
    /// 3 reserved slots.
    #[inline(always)]
    pub(crate) fn split_hole_at(
        &mut self,
        entries: &mut [Entry],
        hole: Id,
        (skipped, hole_len): (u64, u64),
        len: u64,
        align: u64,
    ) -> (Split, Beside) {
        let offset = entries[hole as usize].offset;
        let (mut front, mut slot, mut rest) = (NIL, hole, NIL);
        if skipped != 0 {
            front = hole;
            slot = self.take(entries);
            link_after(entries, hole, slot, offset + skipped);
        }
        let block = self.become_block(entries, slot, align.trailing_zeros());
        let left = hole_len - skipped - len;
        if left != 0 {
            rest = self.take(entries);
            link_after(entries, block, rest, offset + skipped + len);
        }
        (Split { block, front, rest }, Beside { front: skipped, rest: left })
    }

    /// Makes a hole of a block; it is neither coalesced with its neighbors nor known to the index yet.
    #[inline(always)]
    pub(crate) fn become_hole(entries: &mut [Entry], block: Id) {
        let entry = &mut entries[block as usize];
        entry.tag = entry.tag.wrapping_add(1);
    }

    /// Lets a hole grow over the hole right above it, which the index must have given up.
    #[inline(always)]
    pub(crate) fn absorb_above(&mut self, entries: &mut [Entry], hole: Id) {
        let above = entries[hole as usize].next;
        unlink(entries, above);
        self.release(entries, above);
    }

    /// Gives the highest piece, a hole that the index must have given up, to the wilderness.
    #[inline]
    pub(crate) fn give_up_last(&mut self, entries: &mut [Entry], hole: Id) {
        entries[NIL as usize].offset = entries[hole as usize].offset;
        unlink(entries, hole);
        self.release(entries, hole);
    }

    /// Whether a slot with this odd tag has none left for one more block.
    #[inline(always)]
    const fn is_spent(&self, tag: u32) -> bool {
        tag.wrapping_sub(self.tag_base) + 2 > self.tags_per_slot
    }
}

/// Puts the slot `id` into the order right above `below`.
#[inline(always)]
pub(super) fn link_after(entries: &mut [Entry], below: Id, id: Id, offset: u64) {
    let above = core::mem::replace(&mut entries[below as usize].next, id);
    entries[above as usize].prev = id;
    let entry = &mut entries[id as usize];
    (entry.offset, entry.prev, entry.next) = (offset, below, above);
}

/// Takes an entry out of the order; the piece below grows over its space, or the sentinel's offset must follow.
#[inline(always)]
pub(super) fn unlink(entries: &mut [Entry], id: Id) {
    let Entry { prev, next, .. } = entries[id as usize];
    entries[prev as usize].next = next;
    entries[next as usize].prev = prev;
}

impl BlockTable {
    /// Sees to it that `count` slots can be taken without failing.
    ///
    /// # Errors
    ///
    /// [`AllocError::OutOfMetadata`] when indices or memory ran out.
    #[inline]
    pub fn reserve(&mut self, count: usize) -> Result<(), AllocError> {
        if self.slots.unused_count as usize >= count { Ok(()) } else { self.grow(count) }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, count: usize) -> Result<(), AllocError> {
        let len = self.entries.len();
        let missing = count - self.slots.unused_count as usize;
        let room = self.max_entries as usize - len;
        let error = AllocError::OutOfMetadata { entries: len as u64 };
        if missing > room {
            return Err(error);
        }
        // A quarter at a time: the tables are metadata too, and doubling would waste half of them.
        let wanted = missing.max(len / 4).max(16).min(room);
        self.entries.try_reserve_exact(wanted).map_err(|_| error)?;
        let tag = self.slots.tag_base.wrapping_add(1);
        // From the highest down, so that slots are taken in ascending order.
        #[expect(clippy::cast_possible_truncation, reason = "bounded by max_entries")]
        let (first, end) = (len as Id, (len + wanted) as Id);
        for id in first..end {
            let next = if id + 1 == end { self.slots.unused } else { id + 1 };
            self.entries.push(Entry { offset: 0, prev: NIL, next, tag, links: [NIL; 3] });
        }
        self.slots.unused = first;
        // Bounded by the number of entries.
        self.slots.unused_count += end - first;
        Ok(())
    }
}
