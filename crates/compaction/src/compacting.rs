//! The allocator behind the strategies that slide everything, or everything behind a gap.

use alloc::string::String;
use core::marker::PhantomData;

use heaplab_blocks::{HoleIndex, Id, NIL};
use heaplab_core::{
    AllocError, Allocator, Block, Capabilities, Config, ConfigError, Granule, Handle,
    InvalidHandle, Memory, Piece, Request, Strategy, Usage,
};

use crate::forecast::Wish;
use crate::movable::Movable;

/// When blocks slide down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// Everything, when a request finds no place and will find one afterwards.
    Miss,
    /// What lies behind the gap, at every free and every shrink.
    Release,
}

/// A compacting strategy: how it finds holes, and when it compacts.
///
/// A strategy implements this for a type of its own and names [`Compacting<ThatType>`](Compacting).
pub trait CompactionPolicy {
    /// What chooses holes between compactions.
    type Index: HoleIndex;

    /// Whether the index ever chooses one.
    const REUSES_HOLES: bool;

    /// When blocks slide down.
    const TRIGGER: Trigger;

    /// See [`Strategy::CAPABILITIES`].
    const CAPABILITIES: Capabilities;
}

/// An allocator that places blocks by the index of `P` and relocates them when `P` says so.
///
/// A resize that cannot be served in place or by a move has everything slide down, and then, if a second copy of the
/// block still does not fit, has the blocks behind it lifted by the growth. Whether that makes room is known before
/// anything moves. Costs are listed in the [crate docs](crate).
pub struct Compacting<P: CompactionPolicy> {
    heap: Movable<P::Index>,
    policy: PhantomData<fn() -> P>,
}

impl<P: CompactionPolicy> Compacting<P> {
    /// The allocator of an empty heap.
    ///
    /// # Errors
    ///
    /// [`ConfigError::OutOfMetadata`] if there is no memory for the tables.
    pub fn with_capacity(capacity_bytes: u64, granule: Granule) -> Result<Self, ConfigError> {
        Ok(Self { heap: Movable::new(capacity_bytes, granule)?, policy: PhantomData })
    }

    #[cold]
    fn allocate_after_slide(
        &mut self,
        request: Request,
        wish: Wish,
        memory: &mut dyn Memory,
    ) -> Result<Handle, AllocError> {
        if P::TRIGGER == Trigger::Miss && self.heap.has_room_after_slide(wish, P::REUSES_HOLES) {
            self.slide_all(memory);
            if let Some(handle) = self.heap.try_place(wish) {
                return Ok(handle);
            }
        }
        Err(self.heap.shortage(request.size))
    }

    /// The first two ways of a resize: where the block stands, and anew by the policy.
    fn resize_or_move(
        &mut self,
        block: Id,
        wish: Wish,
        memory: &mut dyn Memory,
    ) -> Result<bool, AllocError> {
        let old_len = self.heap.table().len(block);
        if self.heap.try_resize_in_place(block, wish)? {
            if wish.len < old_len {
                self.release(self.heap.table().next(block), memory);
            }
            return Ok(true);
        }
        let hole = self.heap.try_move(block, wish, memory);
        if let Some(hole) = hole {
            self.release(hole, memory);
        }
        Ok(hole.is_some())
    }

    /// Follows up on a gap that a free or a shrink has left: `hole` is its piece, [`NIL`] if it became wilderness.
    #[inline]
    fn release(&mut self, hole: Id, memory: &mut dyn Memory) {
        if P::TRIGGER == Trigger::Release && hole != NIL {
            let moved = self.heap.slide(hole, NIL, memory);
            self.heap.note_compaction(moved);
        }
    }

    fn slide_all(&mut self, memory: &mut dyn Memory) {
        let moved = self.heap.slide_all(memory);
        self.heap.note_compaction(moved);
    }

    #[cold]
    fn resize_after_slide(
        &mut self,
        block: Id,
        request: Request,
        wish: Wish,
        memory: &mut dyn Memory,
    ) -> Result<(), AllocError> {
        let served = if self.heap.resizes_after_slide(block, wish)
            || self.heap.has_room_after_slide(wish, P::REUSES_HOLES)
        {
            self.slide_all(memory);
            self.resize_or_move(block, wish, memory)?
        } else if self.heap.lifts_after_slide(block, wish) {
            let slid = self.heap.slide_all(memory);
            let lifted = self.heap.lift(block, wish, memory);
            self.heap.note_compaction(slid.and(lifted));
            true
        } else {
            false
        };
        if served { Ok(()) } else { Err(self.heap.shortage(request.size)) }
    }
}

impl<P: CompactionPolicy> Allocator for Compacting<P> {
    #[inline]
    fn allocate(
        &mut self,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<Handle, AllocError> {
        let (len, align) = self.heap.table().check(request)?;
        let wish = Wish { len, align };
        self.heap.reserve()?;
        match self.heap.try_place(wish) {
            Some(handle) => Ok(handle),
            None => self.allocate_after_slide(request, wish, memory),
        }
    }

    #[inline]
    fn free(&mut self, handle: Handle, memory: &mut dyn Memory) -> Result<(), InvalidHandle> {
        let block = self.heap.table().resolve(handle)?;
        let hole = self.heap.free_block(block);
        self.release(hole, memory);
        Ok(())
    }

    fn resize(
        &mut self,
        handle: Handle,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<(), AllocError> {
        let block = self.heap.table().resolve(handle)?;
        let (len, align) = self.heap.table().check(request)?;
        let wish = Wish { len, align };
        self.heap.reserve()?;
        if self.resize_or_move(block, wish, memory)? {
            return Ok(());
        }
        self.resize_after_slide(block, request, wish, memory)
    }

    #[inline]
    fn block(&self, handle: Handle) -> Option<Block> {
        self.heap.fits().block(handle)
    }

    fn locate(&self, handle: Handle) -> Result<Block, InvalidHandle> {
        self.heap.fits().locate(handle)
    }

    fn end_bytes(&self) -> Option<u64> {
        self.heap.fits().end_bytes()
    }

    fn walk(&self, visit: &mut dyn FnMut(Piece)) {
        self.heap.fits().walk(visit);
    }

    fn usage(&self) -> Usage {
        self.heap.usage()
    }

    fn brief_usage(&self) -> Usage {
        self.heap.brief_usage()
    }

    fn capacity_bytes(&self) -> u64 {
        self.heap.table().capacity_bytes()
    }

    fn granule(&self) -> Granule {
        self.heap.table().granule()
    }

    fn check_invariants(&self) -> Result<(), String> {
        self.heap.check_invariants()
    }
}

impl<P: CompactionPolicy> Strategy for Compacting<P> {
    const CAPABILITIES: Capabilities = P::CAPABILITIES;

    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
        let capacity_bytes = config.check(capacity_bytes, &P::CAPABILITIES)?;
        Self::with_capacity(capacity_bytes, config.granule)
    }
}

impl<P: CompactionPolicy> core::fmt::Debug for Compacting<P> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Compacting").field("usage", &self.usage()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
