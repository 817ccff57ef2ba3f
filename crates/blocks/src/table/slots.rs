//! Slots: how entries come and go.

use heaplab_core::AllocError;

use super::{BlockTable, Entry, Id, NIL};

impl BlockTable {
    /// Sees to it that `count` slots can be taken without failing.
    ///
    /// # Errors
    ///
    /// [`AllocError::OutOfMetadata`] when 32-bit indices or memory ran out.
    #[inline]
    pub fn reserve(&mut self, count: usize) -> Result<(), AllocError> {
        if self.unused_count as usize >= count { Ok(()) } else { self.reserve_entries(count) }
    }

    #[inline]
    fn reserve_entries(&mut self, count: usize) -> Result<(), AllocError> {
        let spare = self.entries.capacity().min(self.max_entries as usize) - self.entries.len();
        if spare + self.unused_count as usize >= count { Ok(()) } else { self.grow(count) }
    }

    #[cold]
    fn grow(&mut self, count: usize) -> Result<(), AllocError> {
        let len = self.entries.len();
        let error = AllocError::OutOfMetadata { entries: len as u64 };
        if len + count > self.max_entries as usize {
            return Err(error);
        }
        // A quarter at a time: the tables are metadata too, and doubling would waste half of them.
        let wanted = count.max(len / 4).max(16).min(self.max_entries as usize - len);
        self.entries.try_reserve_exact(wanted).map_err(|_| error)
    }

    /// Takes a slot that [`BlockTable::reserve`] has made sure of; its tag is odd.
    #[inline]
    pub(super) fn take_slot(&mut self) -> Id {
        let id = self.unused;
        if id == NIL {
            return self.push_slot();
        }
        self.unused = self.entries[id as usize].next;
        self.unused_count -= 1;
        id
    }

    #[inline(never)]
    fn push_slot(&mut self) -> Id {
        // `reserve` keeps the number of entries within 32 bits.
        #[expect(clippy::cast_possible_truncation, reason = "bounded by max_entries")]
        let id = self.entries.len() as Id;
        let tag = self.tag_base.wrapping_add(1);
        self.entries.push(Entry { offset: 0, prev: NIL, next: NIL, tag, links: [NIL; 3] });
        id
    }

    /// Gives a slot with an odd tag back, unless its tags are used up: then it is retired.
    #[inline]
    pub(super) fn release_slot(&mut self, id: Id) {
        let entry = &mut self.entries[id as usize];
        if is_spent(entry.tag, self.tag_base, self.tags_per_slot) {
            return;
        }
        entry.next = self.unused;
        self.unused = id;
        self.unused_count += 1;
    }

    /// Turns the slot `id`, which carries an odd tag and lies in the order, into a block.
    #[inline]
    pub(super) fn become_block(&mut self, id: Id, align: u64) -> Id {
        let entry = &mut self.entries[id as usize];
        if is_spent(entry.tag, self.tag_base, self.tags_per_slot) {
            return self.replace_slot(id, align);
        }
        entry.tag = entry.tag.wrapping_add(1);
        entry.links[0] = align.trailing_zeros();
        id
    }

    /// Puts a block with a fresh slot in the place of a hole whose slot's tags are used up.
    #[cold]
    fn replace_slot(&mut self, spent: Id, align: u64) -> Id {
        let Entry { offset, prev, .. } = self.entries[spent as usize];
        self.unlink(spent);
        let id = self.take_slot();
        self.link_after(prev, id, offset);
        self.become_block(id, align)
    }
}

/// Whether a slot with this odd tag has none left for one more block.
#[inline]
const fn is_spent(tag: u32, tag_base: u32, tags_per_slot: u32) -> bool {
    tag.wrapping_sub(tag_base) + 2 > tags_per_slot
}
