//! The checks that need a whole walk.

use heaplab_core::{Block, Piece, Strategy, Usage};

use super::{Judge, same_shape};
use crate::Fault;
use crate::walk::{check_walk, pieces_of};

impl<S: Strategy> Judge<S> {
    /// Checks the whole heap; `refused` says that nothing may have changed since the last check.
    pub(super) fn check_state(&mut self, refused: bool) -> Result<(), Fault> {
        let pieces = check_walk(&self.subject)?;
        let walked = self.check_blocks(&pieces);
        if refused && walked.is_err() {
            return Err(Fault::ChangedOnRefusal { what: "the blocks" });
        }
        walked?;
        let usage = self.subject.usage();
        if refused
            && self.check_interval == 1
            && without_metadata(&usage) != without_metadata(&self.usage)
        {
            return Err(Fault::ChangedOnRefusal { what: "the usage figures" });
        }
        self.check_figures(&usage)?;
        self.check_equal_twin(&pieces, &usage)?;
        self.pieces = pieces;
        self.usage = usage;
        Ok(())
    }

    /// Compares the walked blocks with those that must be there.
    fn check_blocks(&self, pieces: &[Piece]) -> Result<(), Fault> {
        let mut met = 0;
        for piece in pieces {
            let Piece::Block(walked, handle) = *piece else { continue };
            let id = *self.ids.get(&handle).ok_or(Fault::UnknownBlock(walked))?;
            let expected = self.witness.block(id).unwrap_or(Block { offset: 0, len: 0 });
            if expected != walked {
                return Err(Fault::Lost { expected, found: Some(walked) });
            }
            met += 1;
        }
        for owned in &self.owned {
            let found = self.subject.block(owned.handle);
            let expected = self.witness.block(owned.id).unwrap_or(Block { offset: 0, len: 0 });
            if found != Some(expected) {
                return Err(Fault::Lost { expected, found });
            }
            if !expected.offset.is_multiple_of(owned.align) {
                return Err(Fault::Misaligned { block: expected, align: owned.align });
            }
        }
        if met == self.owned.len() {
            return Ok(());
        }
        let is_walked = |block: &Block| {
            pieces.iter().any(|piece| matches!(piece, Piece::Block(other, _) if other == block))
        };
        let missing = self.witness.blocks().map(|(_, block)| block).find(|block| !is_walked(block));
        let expected = missing.unwrap_or(Block { offset: 0, len: 0 });
        Err(Fault::Lost { expected, found: None })
    }

    /// Checks the figures that depend on history.
    fn check_figures(&mut self, usage: &Usage) -> Result<(), Fault> {
        let wrong = |figure, expected, found| Err(Fault::WrongUsage { figure, expected, found });
        let (mark, relocates) = (usage.high_water_bytes, S::CAPABILITIES.relocates);
        if let Some(found) = mark {
            let exact = self.oracle.as_ref().map(crate::Oracle::high_water_bytes);
            let expected = exact.unwrap_or(self.high_water);
            let may_be_higher = exact.is_none() && relocates;
            if found < expected || (found > expected && !may_be_higher) {
                return wrong("high_water_bytes", expected, mark);
            }
            self.high_water = found;
        }
        let moved = usage.compaction_relocated_bytes;
        if self.oracle.is_some() && moved != self.compaction_bytes {
            return wrong("compaction_relocated_bytes", self.compaction_bytes, Some(moved));
        }
        if !relocates && moved > 0 {
            return wrong("compaction_relocated_bytes", 0, Some(moved));
        }
        let (before, after) = (self.usage.compactions, usage.compactions);
        if moved == u64::MAX {
            // The sum of bytes is saturated and says nothing about this operation.
            return Ok(());
        }
        let has_moved = moved != self.usage.compaction_relocated_bytes;
        if after < before || (after > before) != has_moved {
            return wrong("compactions", before + u64::from(has_moved), Some(after));
        }
        Ok(())
    }

    fn check_equal_twin(&self, pieces: &[Piece], usage: &Usage) -> Result<(), Fault> {
        if !same_shape(pieces, &pieces_of(&self.twin)) {
            return Err(Fault::Nondeterministic { what: "the walk" });
        }
        if without_metadata(usage) != without_metadata(&self.twin.usage()) {
            return Err(Fault::Nondeterministic { what: "usage()" });
        }
        Ok(())
    }
}

/// The figures that refused requests must not change; tables may grow for one.
const fn without_metadata(usage: &Usage) -> Usage {
    Usage { metadata_used_bytes: None, metadata_reserved_bytes: None, ..*usage }
}
