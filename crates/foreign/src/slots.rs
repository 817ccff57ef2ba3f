//! Handles over the slots by which foreign code calls its blocks.

use heaplab_core::{AllocError, Handle, InvalidHandle, TAGS_PER_SLOT, fresh_tag_base};

#[derive(Clone, Copy, Debug)]
struct Slot {
    /// Even while a block lives here.
    tag: u32,
    len: u64,
}

/// A slot for each live block, found by the handle's index, checked by its tag.
///
/// Invariants
///
/// 1. A slot is live exactly while its tag is even.
/// 2. `free` holds each slot whose tag is odd, retired ones apart, and one more when a block is about to be placed.
/// 3. `live_bytes` and `live_blocks` are sums over the live slots.
#[derive(Debug)]
pub(crate) struct Slots {
    slots: Vec<Slot>,
    free: Vec<u32>,
    tag_base: u32,
    pub(crate) live_bytes: u64,
    pub(crate) live_blocks: u64,
}

impl Slots {
    pub(crate) fn new() -> Self {
        let tag_base = fresh_tag_base();
        Self { slots: Vec::new(), free: Vec::new(), tag_base, live_bytes: 0, live_blocks: 0 }
    }

    /// The slot that the next block will have.
    ///
    /// # Errors
    ///
    /// [`AllocError::OutOfMetadata`] where there is no memory or no number for one more.
    pub(crate) fn next_free(&mut self) -> Result<u32, AllocError> {
        if let Some(slot) = self.free.last() {
            return Ok(*slot);
        }
        let entries = self.slots.len() as u64;
        let exhausted = AllocError::OutOfMetadata { entries };
        // The highest number means a hole.
        let index =
            u32::try_from(entries).ok().filter(|index| *index < u32::MAX).ok_or(exhausted)?;
        let has_room = self.slots.try_reserve(1).is_ok()
            && self.free.try_reserve(self.slots.len() + 1).is_ok();
        if !has_room {
            return Err(exhausted);
        }
        self.slots.push(Slot { tag: self.tag_base.wrapping_sub(1), len: 0 });
        self.free.push(index);
        Ok(index)
    }

    /// Enters a block under the slot that [`Slots::next_free`] has named.
    pub(crate) fn enter(&mut self, len: u64) -> Option<Handle> {
        let index = self.free.pop()?;
        let slot = self.slots.get_mut(index as usize)?;
        *slot = Slot { tag: slot.tag.wrapping_add(1), len };
        self.live_bytes += len;
        self.live_blocks += 1;
        Handle::from_parts(index, slot.tag)
    }

    /// The slot of a live block.
    pub(crate) fn find(&self, handle: Handle) -> Result<u32, InvalidHandle> {
        let slot = self.slots.get(handle.index() as usize);
        if slot.is_some_and(|slot| slot.tag == handle.tag() && slot.tag.is_multiple_of(2)) {
            return Ok(handle.index());
        }
        let was_issued = handle.tag().wrapping_sub(self.tag_base) < TAGS_PER_SLOT;
        let is_stale = was_issued && slot.is_some();
        Err(if is_stale { InvalidHandle::Stale } else { InvalidHandle::Foreign })
    }

    /// The handle of a slot, if a block lives there.
    pub(crate) fn handle(&self, slot: u32) -> Option<Handle> {
        let tag = self.slots.get(slot as usize)?.tag;
        if tag.is_multiple_of(2) { Handle::from_parts(slot, tag) } else { None }
    }

    /// Notes that a live block has another length.
    pub(crate) fn resize(&mut self, slot: u32, len: u64) {
        if let Some(entry) = self.slots.get_mut(slot as usize) {
            self.live_bytes = self.live_bytes - entry.len + len;
            entry.len = len;
        }
    }

    /// Forgets a live block.
    pub(crate) fn leave(&mut self, slot: u32) {
        let Some(entry) = self.slots.get_mut(slot as usize) else { return };
        self.live_bytes -= entry.len;
        self.live_blocks -= 1;
        entry.tag = entry.tag.wrapping_add(1);
        // A slot whose tags are used up is retired: no handle is ever issued twice.
        if entry.tag.wrapping_sub(self.tag_base) < TAGS_PER_SLOT - 1 {
            self.free.push(slot);
        }
    }

    /// Bytes in use and reserved.
    pub(crate) fn metadata_bytes(&self) -> (u64, u64) {
        let bytes = |slots: usize, free: usize| {
            (slots * size_of::<Slot>() + free * size_of::<u32>()) as u64
        };
        let used = bytes(self.slots.len(), self.free.len());
        (used, bytes(self.slots.capacity(), self.free.capacity()))
    }
}
