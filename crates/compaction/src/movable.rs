//! A fit whose blocks can be moved: what all compacting strategies share.

use alloc::format;
use alloc::string::String;

use heaplab_blocks::{BlockTable, Fits, HoleIndex, Id, NIL};
use heaplab_core::{AllocError, Allocator, ConfigError, Granule, Handle, Memory, Usage};

use crate::forecast::{self, Wish};
use crate::slide::{self, Moved};

/// Slots that one operation takes beside those for the holes of alignments: three for placing a block, three for what
/// freeing, shrinking and growing leave.
const SLOTS_PER_OPERATION: usize = 6;

/// A fit, and what its compactions have moved so far.
///
/// Invariants
///
/// 1. Those of the fit.
/// 2. `aligned_blocks` is the number of live blocks whose alignment is above the granule.
///
/// A slide leaves at most one hole in front of each aligned block. Every allocation and every resize therefore makes
/// sure of `aligned_blocks` slots before it changes anything; a free takes none that it has not been promised then:
/// slots lie unused or serve holes, a slide turns holes into unused slots before it makes new holes, and holes that
/// earlier slides made stand in front of other aligned blocks.
#[derive(Debug)]
pub(crate) struct Movable<I> {
    fits: Fits<I>,
    aligned_blocks: usize,
    compactions: u64,
    moved_bytes: u64,
}

impl<I: HoleIndex> Movable<I> {
    pub(crate) fn new(capacity_bytes: u64, granule: Granule) -> Result<Self, ConfigError> {
        Ok(Self {
            fits: Fits::with_capacity(capacity_bytes, granule)?,
            aligned_blocks: 0,
            compactions: 0,
            moved_bytes: 0,
        })
    }

    /// The same around a fit without blocks.
    #[cfg(test)]
    pub(crate) const fn from_fits(fits: Fits<I>) -> Self {
        Self { fits, aligned_blocks: 0, compactions: 0, moved_bytes: 0 }
    }

    #[inline]
    pub(crate) const fn table(&self) -> &BlockTable {
        self.fits.table()
    }

    /// What the read-only half of [`Allocator`] is answered from.
    #[inline]
    pub(crate) const fn fits(&self) -> &Fits<I> {
        &self.fits
    }

    /// Bytes that compaction has moved.
    #[inline]
    pub(crate) const fn moved_bytes(&self) -> u64 {
        self.moved_bytes
    }

    /// Sees to it that one operation, with all its slides, finds the slots that it needs.
    #[inline]
    pub(crate) fn reserve(&mut self) -> Result<(), AllocError> {
        let (table, _) = self.fits.parts_mut();
        table.reserve(self.aligned_blocks + SLOTS_PER_OPERATION)
    }

    /// Whether no alignment, neither of a block nor of the wish, can leave a hole: then adding up lengths suffices.
    #[inline]
    pub(crate) fn is_plain(&self, wish: Wish) -> bool {
        self.aligned_blocks == 0 && !self.is_aligned(wish.align)
    }

    #[inline]
    fn is_aligned(&self, align: u64) -> bool {
        align > self.table().granule().bytes()
    }

    /// Places a block by the policy, if a hole or the wilderness can hold it.
    #[inline]
    pub(crate) fn try_place(&mut self, wish: Wish) -> Option<Handle> {
        let block = self.fits.try_place(wish.len, wish.align)?;
        self.aligned_blocks += usize::from(self.is_aligned(wish.align));
        self.table().handle(block)
    }

    /// Frees a block; returns the hole that covers its space now, [`NIL`] if that went to the wilderness.
    #[inline]
    pub(crate) fn free_block(&mut self, block: Id) -> Id {
        self.aligned_blocks -= usize::from(self.is_aligned(self.table().align(block)));
        self.fits.free_block(block)
    }

    /// Resizes a block where it stands; `false`, and nothing has changed, if it would have to move.
    #[inline]
    pub(crate) fn try_resize_in_place(
        &mut self,
        block: Id,
        wish: Wish,
    ) -> Result<bool, AllocError> {
        let old_align = self.table().align(block);
        let done = self.fits.try_resize_in_place(block, wish.len, wish.align)?;
        if done {
            self.count_alignment(old_align, wish.align);
        }
        Ok(done)
    }

    /// Places a block anew by the policy and copies it; `None`, and nothing has changed, if it fits nowhere. The value
    /// is the hole that covers its old place now, [`NIL`] if that went to the wilderness.
    pub(crate) fn try_move(
        &mut self,
        block: Id,
        wish: Wish,
        memory: &mut dyn Memory,
    ) -> Option<Id> {
        let old_align = self.table().align(block);
        let hole = self.fits.try_move(block, wish.len, wish.align, memory)?;
        self.count_alignment(old_align, wish.align);
        Some(hole)
    }

    /// Gives a block another alignment, for those who are about to move it there.
    pub(crate) fn set_align(&mut self, block: Id, align: u64) {
        let (table, _) = self.fits.parts_mut();
        let old_align = table.align(block);
        table.set_align(block, align);
        self.count_alignment(old_align, align);
    }

    #[inline]
    fn count_alignment(&mut self, old: u64, new: u64) {
        self.aligned_blocks += usize::from(self.is_aligned(new));
        self.aligned_blocks -= usize::from(self.is_aligned(old));
    }

    /// Slides the pieces from `first` up to `until` down; the caller says what it was part of: see
    /// [`Movable::note_compaction`].
    pub(crate) fn slide(&mut self, first: Id, until: Id, memory: &mut dyn Memory) -> Moved {
        let (table, index) = self.fits.parts_mut();
        slide::slide_down(table, index, first, until, memory)
    }

    /// Slides everything down.
    pub(crate) fn slide_all(&mut self, memory: &mut dyn Memory) -> Moved {
        self.slide(self.table().first(), NIL, memory)
    }

    /// Lengthens a block where it stands by lifting those behind it.
    pub(crate) fn lift(&mut self, block: Id, wish: Wish, memory: &mut dyn Memory) -> Moved {
        self.set_align(block, wish.align);
        let (table, index) = self.fits.parts_mut();
        slide::lift_above(table, index, block, wish.len, memory)
    }

    /// Counts one compaction, if it moved anything.
    pub(crate) fn note_compaction(&mut self, moved: Moved) {
        self.compactions += u64::from(moved.blocks > 0);
        self.moved_bytes = self.moved_bytes.saturating_add(moved.bytes);
    }

    /// Whether a new block finds room once everything has slid down.
    pub(crate) fn has_room_after_slide(&self, wish: Wish, in_holes: bool) -> bool {
        let table = self.table();
        wish.len <= table.free_bytes()
            && (self.is_plain(wish)
                || forecast::bytes_to_make_room(table, (table.first(), NIL), wish, in_holes)
                    .is_some())
    }

    /// Whether a block can be resized in place once everything has slid down.
    pub(crate) fn resizes_after_slide(&self, block: Id, wish: Wish) -> bool {
        // Without alignments only the last block could, and lifting nothing comes to the same.
        !self.is_plain(wish) && forecast::resizes_after_slide(self.table(), block, wish)
    }

    /// Whether a block can grow once everything has slid down and those behind it are lifted.
    pub(crate) fn lifts_after_slide(&self, block: Id, wish: Wish) -> bool {
        let table = self.table();
        let growth = wish.len.saturating_sub(table.len(block));
        growth <= table.free_bytes()
            && (self.is_plain(wish) || forecast::lifts_after_slide(table, block, wish))
    }

    /// The error for a request that fits nowhere.
    #[cold]
    pub(crate) fn shortage(&self, requested_bytes: u64) -> AllocError {
        let table = self.table();
        table.shortage(requested_bytes, self.fits.index().largest(table.entries()))
    }

    /// Without the longest hole, for which some indexes walk.
    pub(crate) fn brief_usage(&self) -> Usage {
        Usage {
            largest_hole_bytes: None,
            compactions: self.compactions,
            compaction_relocated_bytes: self.moved_bytes,
            ..self.table().usage(0, self.fits.index().metadata_bytes())
        }
    }

    pub(crate) fn usage(&self) -> Usage {
        Usage {
            compactions: self.compactions,
            compaction_relocated_bytes: self.moved_bytes,
            ..self.fits.usage()
        }
    }

    pub(crate) fn check_invariants(&self) -> Result<(), String> {
        self.fits.check_invariants()?;
        let table = self.table();
        let (mut id, mut aligned) = (table.first(), 0);
        while id != NIL {
            if !table.is_hole(id) {
                let (offset, align) = (table.offset(id), table.align(id));
                if offset & (align - 1) != 0 {
                    return Err(format!("block {id} at {offset} is not aligned to {align}"));
                }
                aligned += usize::from(self.is_aligned(align));
            }
            id = table.next(id);
        }
        if aligned != self.aligned_blocks {
            return Err(format!(
                "counted {aligned} aligned blocks, cached {}",
                self.aligned_blocks
            ));
        }
        Ok(())
    }
}
