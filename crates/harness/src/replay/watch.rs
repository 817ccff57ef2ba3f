//! The memory that a replay hands to a strategy: counts, records and checks every relocation.

use std::io;
use std::panic::resume_unwind;
use std::time::Instant;

use heaplab_core::{Block, Memory};

use super::Observer;
use super::shadow::{Shadow, Violation};
use crate::panics::TimeIsUp;

/// The clock is read once for so many relocations.
const RELOCATIONS_PER_CLOCK: u64 = 256;

/// So many moves of one operation are kept.
const MOVES_KEPT: usize = 256;

/// A block that moved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) len: u64,
}

/// The moves of the operation that is going on, in order.
#[derive(Debug, Default)]
pub(super) struct Moves {
    kept: Vec<Move>,
    dropped: bool,
    /// Whether a block moved that is not the operation's own.
    is_compaction: bool,
}

impl Moves {
    #[inline]
    pub(super) fn begin_operation(&mut self) {
        self.kept.clear();
        (self.dropped, self.is_compaction) = (false, false);
    }

    pub(super) fn kept(&self) -> &[Move] {
        &self.kept
    }

    pub(super) const fn are_all_kept(&self) -> bool {
        !self.dropped
    }

    pub(super) const fn is_compaction(&self) -> bool {
        self.is_compaction
    }

    #[inline]
    fn push(&mut self, step: Move, is_own: bool) {
        self.is_compaction |= !is_own;
        if self.kept.len() < MOVES_KEPT {
            self.kept.push(step);
        } else {
            self.dropped = true;
        }
    }
}

pub(super) struct Watch<'a> {
    pub(super) observer: &'a mut dyn Observer,
    pub(super) shadow: Option<Shadow>,
    pub(super) deadline: Option<Instant>,
    /// Index of the operation that is going on.
    pub(super) operation: u64,
    /// The block that is being resized, where it stands now.
    pub(super) resizing: Option<Block>,
    pub(super) moves: Moves,
    pub(super) relocations: u64,
    pub(super) relocated_bytes: u64,
    /// What the shadow objected to first, since [`Memory::relocate`] cannot return it.
    pub(super) violation: Option<Violation>,
    /// What the observer failed with first.
    pub(super) io_error: Option<io::Error>,
}

impl Watch<'_> {
    /// Whether the time is up, by one look at the clock.
    pub(super) fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// The bytes of the block that moves, before it moved: a block that moves to become shorter has fewer bytes
    /// copied than it had.
    fn old_len(&mut self, from: u64, to: u64, len: u64) -> u64 {
        match &mut self.resizing {
            Some(block) if block.offset == from => {
                block.offset = to;
                std::mem::replace(&mut block.len, len).max(len)
            }
            _ => len,
        }
    }
}

impl Memory for Watch<'_> {
    fn relocate(&mut self, from: u64, to: u64, len: u64) {
        if from == to {
            return;
        }
        let is_own = self.resizing.is_some_and(|block| block.offset == from);
        self.moves.push(Move { from, to, len }, is_own);
        let old_len = self.old_len(from, to, len);
        self.relocations += 1;
        self.relocated_bytes = self.relocated_bytes.saturating_add(old_len);
        // A single operation may relocate every block, so looking at the clock between operations is not enough.
        if self.relocations.is_multiple_of(RELOCATIONS_PER_CLOCK) {
            if self.is_late() {
                resume_unwind(Box::new(TimeIsUp));
            }
            self.io_error = self.io_error.take().or_else(|| self.observer.goes_on().err());
        }
        if self.io_error.is_none() {
            self.io_error = self.observer.relocated(self.operation, from, to, old_len).err();
        }
        if let Some(shadow) = &mut self.shadow
            && self.violation.is_none()
        {
            self.violation = shadow.relocate(from, to, len).err();
        }
    }
}
