//! Handles of blocks that are cut from rounded pieces.

use alloc::vec::Vec;

use heaplab_core::{AllocError, Block, Handle, InvalidHandle, TAGS_PER_SLOT, fresh_tag_base};

/// No slot.
const NONE: u32 = u32::MAX;

/// A live block: where it is, and the piece that it was cut from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placed<P> {
    pub(crate) block: Block,
    pub(crate) piece: P,
}

#[derive(Clone, Copy, Debug)]
struct Slot<P> {
    /// Even while the slot holds a block, and equal to its handle's.
    tag: u32,
    /// The next unused slot.
    next: u32,
    placed: Placed<P>,
}

/// The table behind handles.
///
/// Invariants
///
/// 1. A slot holds a block if and only if its tag is even; the others are linked from `unused`, or retired.
/// 2. `live_blocks` and `live_bytes` are the sums over the slots that hold a block.
#[derive(Debug)]
pub(crate) struct Slots<P> {
    slots: Vec<Slot<P>>,
    unused: u32,
    tag_base: u32,
    live_blocks: u64,
    live_bytes: u64,
    high_water_bytes: u64,
}

impl<P: Copy> Slots<P> {
    pub(crate) fn new() -> Self {
        Self {
            slots: Vec::new(),
            unused: NONE,
            tag_base: fresh_tag_base(),
            live_blocks: 0,
            live_bytes: 0,
            high_water_bytes: 0,
        }
    }

    /// Sees to it that one more block has a slot.
    pub(crate) fn reserve(&mut self) -> Result<(), AllocError> {
        let entries = self.slots.len();
        let error = AllocError::OutOfMetadata { entries: entries as u64 };
        if self.unused == NONE && entries == self.slots.capacity() {
            self.slots.try_reserve_exact((entries / 4).max(16)).map_err(|_| error)?;
        }
        // The last index stands for no slot.
        if self.unused == NONE && entries >= NONE as usize - 1 { Err(error) } else { Ok(()) }
    }

    /// Takes a block in, after [`Slots::reserve`].
    pub(crate) fn insert(&mut self, placed: Placed<P>) -> Result<Handle, AllocError> {
        self.live_blocks += 1;
        self.live_bytes += placed.block.len;
        self.high_water_bytes = self.high_water_bytes.max(placed.block.end());
        let index = self.unused;
        let (index, tag) = if let Some(slot) = self.slots.get_mut(index as usize) {
            self.unused = slot.next;
            *slot = Slot { tag: slot.tag.wrapping_add(1), next: NONE, placed };
            (index, slot.tag)
        } else {
            // Tag 0 at index 0 is no handle, so slots begin two tags above the base.
            let tag = self.tag_base.wrapping_add(2);
            let index = u32::try_from(self.slots.len()).unwrap_or(NONE);
            self.slots.push(Slot { tag, next: NONE, placed });
            (index, tag)
        };
        let none = AllocError::OutOfMetadata { entries: self.slots.len() as u64 };
        // Index 0 with tag 0 alone is none, and indices are shifted by one.
        Handle::from_parts(index + 1, tag).ok_or(none)
    }

    fn index_of(&self, handle: Handle) -> Result<usize, InvalidHandle> {
        let index = handle.index().wrapping_sub(1) as usize;
        match self.slots.get(index) {
            Some(slot) if slot.tag == handle.tag() && slot.tag & 1 == 0 => Ok(index),
            Some(_) if handle.tag().wrapping_sub(self.tag_base) <= TAGS_PER_SLOT => {
                Err(InvalidHandle::Stale)
            }
            _ => Err(InvalidHandle::Foreign),
        }
    }

    pub(crate) fn get(&self, handle: Handle) -> Result<Placed<P>, InvalidHandle> {
        Ok(self.slots[self.index_of(handle)?].placed)
    }

    /// Gives a live block another place or length.
    pub(crate) fn replace(
        &mut self,
        handle: Handle,
        placed: Placed<P>,
    ) -> Result<(), InvalidHandle> {
        let index = self.index_of(handle)?;
        let old = core::mem::replace(&mut self.slots[index].placed, placed);
        self.live_bytes = self.live_bytes - old.block.len + placed.block.len;
        self.high_water_bytes = self.high_water_bytes.max(placed.block.end());
        Ok(())
    }

    /// Gives a block up.
    pub(crate) fn remove(&mut self, handle: Handle) -> Result<Placed<P>, InvalidHandle> {
        let index = self.index_of(handle)?;
        let slot = &mut self.slots[index];
        slot.tag = slot.tag.wrapping_add(1);
        self.live_blocks -= 1;
        self.live_bytes -= slot.placed.block.len;
        // A slot whose tags are used up is retired.
        if slot.tag.wrapping_sub(self.tag_base) + 2 <= TAGS_PER_SLOT {
            slot.next = self.unused;
            self.unused = handle.index() - 1;
        }
        Ok(slot.placed)
    }

    /// All live blocks, in the order of their slots.
    pub(crate) fn live(&self) -> impl Iterator<Item = (Placed<P>, Handle)> {
        let handle = |(index, slot): (u32, &Slot<P>)| {
            Some((slot.placed, Handle::from_parts(index, slot.tag)?))
        };
        (1..).zip(&self.slots).filter(|(_, slot)| slot.tag & 1 == 0).filter_map(handle)
    }

    pub(crate) const fn live_blocks(&self) -> u64 {
        self.live_blocks
    }

    pub(crate) const fn live_bytes(&self) -> u64 {
        self.live_bytes
    }

    pub(crate) const fn high_water_bytes(&self) -> u64 {
        self.high_water_bytes
    }

    pub(crate) fn metadata_bytes(&self) -> (u64, u64) {
        let bytes = |slots: usize| (slots * size_of::<Slot<P>>()) as u64;
        (bytes(self.slots.len()), bytes(self.slots.capacity()))
    }
}
