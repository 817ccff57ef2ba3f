//! A heap as a sorted list, with the rule by which it serves a request as a parameter.
//!
//! For rules of the literature that are no strategies of ours: a demonstration needs the rule to the
//! letter and no speed.

use heaplab_core::{
    AllocError, Allocator, Block, Granule, Handle, Hole, InvalidHandle, Memory, Piece, Request,
    Shortage, Usage, fresh_tag_base,
};

/// A free piece; the wilderness is the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) offset: u64,
    pub(crate) len: u64,
}

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// To this offset.
    At(u64),
    /// Behind the last block, after everything has slid down.
    AfterSlide,
    /// Nowhere.
    Nowhere,
}

/// The rule.
pub(crate) trait Rule {
    /// Where a block of `len` bytes goes.
    fn choose(&self, heap: &State, len: u64) -> Choice;
}

/// What a rule sees.
#[derive(Debug)]
pub(crate) struct State {
    /// By address.
    blocks: Vec<(Block, Handle)>,
    capacity_bytes: u64,
    pub(crate) allocated_bytes: u64,
    pub(crate) moved_bytes: u64,
    high_water_bytes: u64,
    compactions: u64,
}

impl State {
    /// Free pieces in address order, the wilderness last if it has bytes.
    pub(crate) fn gaps(&self) -> impl Iterator<Item = Gap> {
        let ends = std::iter::once(0).chain(self.blocks.iter().map(|(block, _)| block.end()));
        let starts = self.blocks.iter().map(|(block, _)| block.offset);
        ends.zip(starts.chain([self.capacity_bytes]))
            .map(|(end, start)| Gap { offset: end, len: start - end })
            .filter(|gap| gap.len > 0)
    }

    /// The end of the last block.
    pub(crate) fn end(&self) -> u64 {
        self.blocks.last().map_or(0, |(block, _)| block.end())
    }

    pub(crate) fn live_bytes(&self) -> u64 {
        self.blocks.iter().map(|(block, _)| block.len).sum()
    }

    pub(crate) fn free_bytes(&self) -> u64 {
        self.capacity_bytes - self.live_bytes()
    }

    /// Bytes that a full slide would move.
    pub(crate) fn slide_bytes(&self) -> u64 {
        let mut end = 0;
        let mut bytes = 0;
        for (block, _) in &self.blocks {
            if block.offset != end {
                bytes += block.len;
            }
            end += block.len;
        }
        bytes
    }

    fn slide(&mut self, memory: &mut dyn Memory) {
        let mut end = 0;
        for (block, _) in &mut self.blocks {
            if block.offset != end {
                memory.relocate(block.offset, end, block.len);
                self.moved_bytes += block.len;
                block.offset = end;
            }
            end += block.len;
        }
        self.compactions += 1;
    }
}

/// An allocator that does nothing cleverly and everything as its rule says. Alignments beyond one byte are refused.
#[derive(Debug)]
pub(crate) struct Linear<R> {
    state: State,
    rule: R,
    next_index: u32,
    tag: u32,
}

impl<R: Rule> Linear<R> {
    pub(crate) fn new(capacity_bytes: u64, rule: R) -> Self {
        let state = State {
            blocks: Vec::new(),
            capacity_bytes,
            allocated_bytes: 0,
            moved_bytes: 0,
            high_water_bytes: 0,
            compactions: 0,
        };
        Self { state, rule, next_index: 1, tag: fresh_tag_base() }
    }

    fn shortage(&self, requested_bytes: u64) -> AllocError {
        let state = &self.state;
        AllocError::OutOfMemory(Shortage {
            requested_bytes,
            free_bytes: state.free_bytes(),
            largest_hole_bytes: self.largest_hole(),
            wilderness_bytes: Some(state.capacity_bytes - state.end()),
        })
    }

    fn holes(&self) -> impl Iterator<Item = Gap> {
        let end = self.state.end();
        self.state.gaps().filter(move |gap| gap.offset < end)
    }

    fn largest_hole(&self) -> Option<u64> {
        Some(self.holes().map(|gap| gap.len).max().unwrap_or(0))
    }

    fn position(&self, handle: Handle) -> Result<usize, InvalidHandle> {
        let found = self.state.blocks.iter().position(|(_, other)| *other == handle);
        found.ok_or(InvalidHandle::Stale)
    }
}

impl<R: Rule> Allocator for Linear<R> {
    fn allocate(
        &mut self,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<Handle, AllocError> {
        let Request { size, align } = request;
        if align != 1 {
            return Err(AllocError::InvalidAlignment { align });
        }
        let len = size.max(1);
        let capacity_bytes = self.state.capacity_bytes;
        if len > capacity_bytes {
            return Err(AllocError::TooLarge { requested_bytes: size, capacity_bytes });
        }
        let handle = Handle::from_parts(self.next_index, self.tag)
            .ok_or(AllocError::OutOfMetadata { entries: u64::from(u32::MAX) })?;
        let offset = match self.rule.choose(&self.state, len) {
            Choice::At(offset) => offset,
            Choice::AfterSlide => {
                self.state.slide(memory);
                self.state.end()
            }
            Choice::Nowhere => return Err(self.shortage(size)),
        };
        self.next_index = self.next_index.wrapping_add(1);
        let block = Block { offset, len };
        let state = &mut self.state;
        let at = state.blocks.partition_point(|(other, _)| other.offset < offset);
        state.blocks.insert(at, (block, handle));
        state.allocated_bytes += len;
        state.high_water_bytes = state.high_water_bytes.max(block.end());
        Ok(handle)
    }

    fn free(&mut self, handle: Handle, _memory: &mut dyn Memory) -> Result<(), InvalidHandle> {
        let position = self.position(handle)?;
        self.state.blocks.remove(position);
        Ok(())
    }

    /// In place or not at all: the games of this crate never resize.
    fn resize(
        &mut self,
        handle: Handle,
        request: Request,
        _memory: &mut dyn Memory,
    ) -> Result<(), AllocError> {
        let position = self.position(handle)?;
        let len = request.size.max(1);
        let behind = self.state.blocks.get(position + 1);
        let limit = behind.map_or(self.state.capacity_bytes, |(block, _)| block.offset);
        let (block, _) = &mut self.state.blocks[position];
        if request.align != 1 || len > limit - block.offset {
            return Err(AllocError::CannotResizeInPlace);
        }
        block.len = len;
        Ok(())
    }

    fn block(&self, handle: Handle) -> Option<Block> {
        self.position(handle).ok().map(|position| self.state.blocks[position].0)
    }

    fn walk(&self, visit: &mut dyn FnMut(Piece)) {
        let mut end = 0;
        for &(block, handle) in &self.state.blocks {
            if block.offset > end {
                visit(Piece::Hole(Hole { offset: end, len: block.offset - end }));
            }
            visit(Piece::Block(block, handle));
            end = block.end();
        }
    }

    fn usage(&self) -> Usage {
        let state = &self.state;
        Usage {
            live_bytes: state.live_bytes(),
            live_blocks: state.blocks.len() as u64,
            high_water_bytes: Some(state.high_water_bytes),
            end_bytes: Some(state.end()),
            holes: Some(self.holes().count() as u64),
            largest_hole_bytes: self.largest_hole(),
            wilderness_bytes: Some(state.capacity_bytes - state.end()),
            metadata_used_bytes: None,
            metadata_reserved_bytes: None,
            compactions: state.compactions,
            compaction_relocated_bytes: state.moved_bytes,
        }
    }

    fn capacity_bytes(&self) -> u64 {
        self.state.capacity_bytes
    }

    fn granule(&self) -> Granule {
        Granule::BYTE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct LastGap;

    impl Rule for LastGap {
        fn choose(&self, heap: &State, len: u64) -> Choice {
            let gap = heap.gaps().filter(|gap| gap.len >= len).last();
            gap.map_or(Choice::Nowhere, |gap| Choice::At(gap.offset))
        }
    }

    #[test]
    fn gaps_figures_and_walk_tell_the_same() {
        let mut heap = Linear::new(10, LastGap);
        let handles: Vec<_> =
            [2, 3, 1].map(|size| heap.allocate(Request::new(size), &mut ()).unwrap()).into();
        heap.free(handles[1], &mut ()).unwrap();
        // XX---X----
        let gaps: Vec<_> = heap.state.gaps().map(|gap| (gap.offset, gap.len)).collect();
        assert_eq!(gaps, [(2, 3), (6, 4)]);
        let usage = heap.usage();
        assert_eq!((usage.holes, usage.largest_hole_bytes), (Some(1), Some(3)));
        assert_eq!((usage.end_bytes, usage.wilderness_bytes), (Some(6), Some(4)));
        assert_eq!(heap.state.slide_bytes(), 1);
        let mut pieces = Vec::new();
        heap.walk(&mut |piece| pieces.push((piece.offset(), piece.len())));
        assert_eq!(pieces, [(0, 2), (2, 3), (5, 1)]);
        assert_eq!(heap.free(handles[1], &mut ()), Err(InvalidHandle::Stale));
        let error = heap.allocate(Request::new(5), &mut ()).unwrap_err();
        assert!(matches!(error, AllocError::OutOfMemory(it) if it.free_bytes == 7), "{error}");
        assert!(matches!(
            heap.allocate(Request::new(11), &mut ()),
            Err(AllocError::TooLarge { requested_bytes: 11, capacity_bytes: 10 })
        ));
    }

    #[test]
    fn a_resize_stays_where_it_is() {
        let mut heap = Linear::new(10, LastGap);
        let [first, second] =
            [2, 3].map(|size| heap.allocate(Request::new(size), &mut ()).unwrap());
        assert!(heap.resize(first, Request::new(3), &mut ()).is_err());
        assert!(heap.resize(second, Request::new(8), &mut ()).is_ok());
        assert_eq!(heap.usage().live_bytes, 10);
    }
}
