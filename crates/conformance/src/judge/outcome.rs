//! What a request must lead to: the oracle's answer, and what every policy owes without one.

use heaplab_core::{AllocError, Block, Request, Shortage, Strategy, align_up};

use super::Judge;
use crate::Fault;
use crate::oracle::{Effect, Relocation};

impl<S: Strategy> Judge<S> {
    /// Checks what every policy owes to a request that it serves.
    pub(super) fn check_block(&self, block: Block, request: Request) -> Result<(), Fault> {
        if let Some(expected) = self.refusal_for_ever(request) {
            return Err(Fault::UnexpectedSuccess { found: block, expected });
        }
        let expected_bytes = self.subject.granule().length_of(request.size).unwrap_or(0);
        if block.len != expected_bytes {
            return Err(Fault::WrongLength { expected_bytes, found_bytes: block.len });
        }
        if !block.offset.is_multiple_of(request.align) {
            return Err(Fault::Misaligned { block, align: request.align });
        }
        Ok(())
    }

    /// Compares a request that was served with what the oracle says of it.
    pub(super) fn check_effect(
        &mut self,
        expected: Option<Result<Effect, AllocError>>,
        found: Block,
        relocations: &[Relocation],
    ) -> Result<(), Fault> {
        let effect = match expected {
            None => return Ok(()),
            Some(Ok(effect)) => effect,
            Some(Err(expected)) => return Err(Fault::UnexpectedSuccess { found, expected }),
        };
        if effect.block != found {
            return Err(Fault::WrongPlacement { expected: effect.block, found });
        }
        if effect.relocations != relocations {
            let (expected, found) = (effect.relocations, relocations.to_vec());
            return Err(Fault::WrongRelocations { expected, found });
        }
        self.compaction_bytes = self.compaction_bytes.saturating_add(effect.compaction_bytes);
        Ok(())
    }

    /// Checks a refusal; `possible` says that every policy must be able to serve the request.
    pub(super) fn refused(
        &self,
        request: Request,
        error: AllocError,
        expected: Option<Result<Effect, AllocError>>,
        relocations: &[Relocation],
        possible: bool,
    ) -> Result<bool, Fault> {
        let expected = match expected {
            Some(Ok(effect)) => Some(Some(effect.block)),
            None if possible => Some(None),
            _ => None,
        };
        if let Some(expected) = expected {
            return Err(Fault::UnexpectedRefusal { error, expected });
        }
        self.check_error(request, error)?;
        if relocations.is_empty() {
            Ok(true)
        } else {
            Err(Fault::ChangedOnRefusal { what: "the memory" })
        }
    }

    /// Whether a request's alignment and length leave the wilderness enough room; every policy takes that in the end.
    pub(super) fn fits_wilderness(&self, request: Request) -> bool {
        let capacity = self.subject.capacity_bytes();
        let end = self.witness.blocks().last().map_or(0, |(_, block)| block.end());
        let len = self.subject.granule().length_of(request.size);
        self.refusal_for_ever(request).is_none()
            && align_up(end, request.align)
                .zip(len)
                .and_then(|(offset, len)| offset.checked_add(len))
                .is_some_and(|end| end <= capacity)
    }

    /// Whether a resize can be done where the block stands.
    pub(super) fn can_stay(&self, block: Block, request: Request) -> bool {
        let behind = self.witness.blocks().map(|(_, other)| other.offset);
        let capacity = self.subject.capacity_bytes();
        let limit = behind.filter(|offset| *offset > block.offset).min().unwrap_or(capacity);
        let len = self.subject.granule().length_of(request.size);
        request.align.is_power_of_two()
            && block.offset.is_multiple_of(request.align)
            && len.is_some_and(|len| len <= limit - block.offset)
    }

    /// The refusal that a request gets even from an empty heap.
    pub(super) fn refusal_for_ever(&self, Request { size, align }: Request) -> Option<AllocError> {
        let capacity_bytes = self.subject.capacity_bytes();
        if !align.is_power_of_two() {
            return Some(AllocError::InvalidAlignment { align });
        }
        let len = self.subject.granule().length_of(size);
        let too_large = len.is_none_or(|len| len > capacity_bytes);
        too_large.then_some(AllocError::TooLarge { requested_bytes: size, capacity_bytes })
    }

    /// Compares the facts of an error with the heap.
    pub(super) fn check_error(&self, request: Request, error: AllocError) -> Result<(), Fault> {
        let truth = self.refusal_for_ever(request).unwrap_or_else(|| self.shortage(request.size));
        let told = match (error, truth) {
            // What an allocator cannot know it need not say.
            (AllocError::OutOfMemory(told), AllocError::OutOfMemory(true_one)) => {
                AllocError::OutOfMemory(Shortage {
                    largest_hole_bytes: told.largest_hole_bytes.or(true_one.largest_hole_bytes),
                    wilderness_bytes: told.wilderness_bytes.or(true_one.wilderness_bytes),
                    ..told
                })
            }
            _ => error,
        };
        if told == truth { Ok(()) } else { Err(Fault::UntrueError { error, truth }) }
    }

    pub(super) fn shortage(&self, requested_bytes: u64) -> AllocError {
        let capacity = self.subject.capacity_bytes();
        let (mut end, mut largest_hole) = (0, 0);
        for (_, block) in self.witness.blocks() {
            largest_hole = largest_hole.max(block.offset - end);
            end = block.end();
        }
        AllocError::OutOfMemory(Shortage {
            requested_bytes,
            free_bytes: capacity - self.witness.live_bytes(),
            largest_hole_bytes: Some(largest_hole),
            wilderness_bytes: Some(capacity - end),
        })
    }
}

/// Checks a resize of an allocator that says nothing of its holes: it copies once if the block has moved.
pub(super) fn check_opaque_resize(
    old: Block,
    new: Block,
    found: Vec<Relocation>,
) -> Result<(), Fault> {
    let copy = Relocation { from: old.offset, to: new.offset, len: old.len.min(new.len) };
    let expected = if new.offset == old.offset { Vec::new() } else { vec![copy] };
    if found == expected { Ok(()) } else { Err(Fault::WrongRelocations { expected, found }) }
}

/// Checks a resize of a strategy that moves no block but the resized one, and that only when it must.
pub(super) fn check_simple_resize(
    old: Block,
    new: Block,
    stays: bool,
    found: Vec<Relocation>,
) -> Result<(), Fault> {
    if stays && new.offset != old.offset {
        let expected = Block { offset: old.offset, len: new.len };
        return Err(Fault::WrongPlacement { expected, found: new });
    }
    if !stays && new.offset < old.end() && old.offset < new.end() {
        return Err(Fault::Overlap { block: new, victim: old });
    }
    let copy = Relocation { from: old.offset, to: new.offset, len: old.len.min(new.len) };
    let expected = if stays { Vec::new() } else { vec![copy] };
    if found == expected { Ok(()) } else { Err(Fault::WrongRelocations { expected, found }) }
}
