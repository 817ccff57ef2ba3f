//! What stands between a handle and a peer's block.

use heaplab_core::{AllocError, Handle, InvalidHandle, TAGS_PER_SLOT, fresh_tag_base};

/// No free slot.
const NONE: u32 = u32::MAX;

/// A block as its peer knows it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Placed<T> {
    /// Bytes from the start of the heap.
    pub(crate) offset: u64,
    /// What the peer was asked for, in bytes.
    pub(crate) size: u64,
    /// Logarithm of the alignment that the peer was asked for.
    pub(crate) align_shift: u8,
    /// What the peer wants to see again.
    pub(crate) token: T,
}

impl<T> Placed<T> {
    #[inline]
    pub(crate) const fn align(&self) -> u64 {
        1 << self.align_shift
    }
}

#[derive(Clone, Copy, Debug)]
struct Slot<T> {
    placed: Placed<T>,
    /// Even while a block lives here.
    tag: u32,
    /// The free slot below this one, while this one is free.
    next_free: u32,
}

/// The table of handles: a slot for each live block, found by the handle's index, checked by its tag.
///
/// Our own strategies pay for the same check; peers have no names for their blocks but addresses.
///
/// Invariants
///
/// 1. A slot is live exactly while its tag is even.
/// 2. The free list holds each slot whose tag is odd, retired ones apart.
#[derive(Debug)]
pub(crate) struct Slots<T> {
    slots: Vec<Slot<T>>,
    free: u32,
    tag_base: u32,
}

impl<T: Copy> Slots<T> {
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new(), free: NONE, tag_base: fresh_tag_base() }
    }

    /// Has room for so many blocks, if there is, in pages that have been touched.
    pub(crate) fn expect(&mut self, blocks: u64)
    where
        T: Default,
    {
        let blocks = usize::try_from(blocks).unwrap_or(usize::MAX);
        if self.slots.try_reserve(blocks).is_ok() {
            let empty = Slot { placed: Placed::default(), tag: 1, next_free: NONE };
            self.slots.resize(blocks, empty);
            std::hint::black_box(&mut self.slots).clear();
        }
    }

    /// Sees to it that the next block has a slot.
    #[inline]
    pub(crate) fn reserve(&mut self) -> Result<(), AllocError> {
        if self.free != NONE || self.slots.len() < self.slots.capacity() {
            return Ok(());
        }
        self.grow()
    }

    #[cold]
    fn grow(&mut self) -> Result<(), AllocError> {
        let entries = self.slots.len() as u64;
        let has_index = entries < u64::from(NONE);
        let grown = has_index && self.slots.try_reserve(self.slots.len().max(16)).is_ok();
        if grown { Ok(()) } else { Err(AllocError::OutOfMetadata { entries }) }
    }

    /// Enters a block; there is room for it after [`Slots::reserve`].
    #[inline]
    pub(crate) fn insert(&mut self, placed: Placed<T>) -> Handle {
        let index = self.free;
        let (index, tag) = match self.slots.get_mut(index as usize) {
            Some(slot) => {
                self.free = slot.next_free;
                slot.placed = placed;
                slot.tag = slot.tag.wrapping_add(1);
                (index, slot.tag)
            }
            None => {
                #[expect(clippy::cast_possible_truncation, reason = "growing stops below 2^32")]
                let index = self.slots.len() as u32;
                self.slots.push(Slot { placed, tag: self.tag_base, next_free: NONE });
                (index, self.tag_base)
            }
        };
        handle(index, tag)
    }

    #[inline]
    pub(crate) fn get(&self, handle: Handle) -> Result<&Placed<T>, InvalidHandle> {
        match self.slots.get(handle.index() as usize) {
            Some(slot) if slot.tag == handle.tag() => Ok(&slot.placed),
            _ => Err(self.why(handle)),
        }
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, handle: Handle) -> Result<&mut Placed<T>, InvalidHandle> {
        let why = self.why(handle);
        match self.slots.get_mut(handle.index() as usize) {
            Some(slot) if slot.tag == handle.tag() => Ok(&mut slot.placed),
            _ => Err(why),
        }
    }

    #[inline]
    pub(crate) fn remove(&mut self, handle: Handle) -> Result<Placed<T>, InvalidHandle> {
        let why = self.why(handle);
        let index = handle.index();
        let Some(slot) = self.slots.get_mut(index as usize).filter(|it| it.tag == handle.tag())
        else {
            return Err(why);
        };
        slot.tag = slot.tag.wrapping_add(1);
        // The last tag of a slot is odd: no block gets it, and the slot is never used again.
        if slot.tag.wrapping_sub(self.tag_base) < TAGS_PER_SLOT - 1 {
            slot.next_free = self.free;
            self.free = index;
        }
        Ok(slot.placed)
    }

    /// Why a handle leads nowhere.
    #[inline]
    const fn why(&self, handle: Handle) -> InvalidHandle {
        if handle.tag().wrapping_sub(self.tag_base) < TAGS_PER_SLOT
            && (handle.index() as usize) < self.slots.len()
        {
            InvalidHandle::Stale
        } else {
            InvalidHandle::Foreign
        }
    }

    /// The live blocks and their handles, in the order of slots.
    pub(crate) fn live(&self) -> impl Iterator<Item = (&Placed<T>, Handle)> {
        self.slots
            .iter()
            .zip(0_u32..)
            .filter(|(slot, _)| slot.tag.is_multiple_of(2))
            .map(|(slot, index)| (&slot.placed, handle(index, slot.tag)))
    }
}

#[inline]
#[expect(clippy::expect_used, reason = "both halves are 0 only for a base that no allocator gets")]
fn handle(index: u32, tag: u32) -> Handle {
    Handle::from_parts(index, tag).expect("the tags of an allocator start above 0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(offset: u64) -> Placed<()> {
        Placed { offset, size: 16, align_shift: 4, token: () }
    }

    #[test]
    fn stale_and_foreign_handles_are_refused() {
        let (mut slots, mut others) = (Slots::new(), Slots::new());
        slots.reserve().unwrap();
        let first = slots.insert(placed(16));
        let other = others.insert(placed(32));
        assert_eq!(slots.get(first).unwrap().offset, 16);
        assert_eq!(slots.get(other).unwrap_err(), InvalidHandle::Foreign);
        assert_eq!(slots.remove(other).unwrap_err(), InvalidHandle::Foreign);
        assert_eq!(slots.remove(first).unwrap().offset, 16);
        assert_eq!(slots.remove(first).unwrap_err(), InvalidHandle::Stale);
        let second = slots.insert(placed(48));
        assert_eq!(second.index(), first.index(), "slots are reused");
        assert_eq!(slots.get(first).unwrap_err(), InvalidHandle::Stale);
        assert_eq!(slots.live().map(|(_, handle)| handle).collect::<Vec<_>>(), [second]);
    }

    #[test]
    fn a_slot_whose_tags_are_used_up_is_retired() {
        let mut slots = Slots::new();
        let first = slots.insert(placed(0));
        let mut last = first;
        for _ in 1..TAGS_PER_SLOT / 2 {
            slots.remove(last).unwrap();
            last = slots.insert(placed(0));
            assert_eq!(last.index(), 0);
        }
        slots.remove(last).unwrap();
        assert_eq!(slots.insert(placed(0)).index(), 1);
        assert_eq!(slots.get(first).unwrap_err(), InvalidHandle::Stale);
    }
}
