//! A strategy that is put into one state after the other.

use heaplab_core::{Allocator, Block, Handle, Piece, Request};

use super::history::{History, State};
use crate::cases::layout::{CELLS, Layout, blocks};
use crate::exhaustive::Halt;

pub(super) struct Stage<'a> {
    allocator: &'a mut dyn Allocator,
    handles: Vec<Handle>,
}

impl<'a> Stage<'a> {
    pub(super) const fn new(allocator: &'a mut dyn Allocator) -> Self {
        Self { allocator, handles: Vec::new() }
    }

    /// Brings the empty heap into a state.
    ///
    /// All pieces, blocks and holes, are allocated in address order, and the holes are freed, the oldest first.
    /// A rover is brought to its place in between, by giving the piece that ends there up and placing it anew: all
    /// else is taken then, so it goes where it was.
    pub(super) fn set_up(&mut self, history: History, state: State) -> Result<(), Halt> {
        let rover = if history == History::Rover { state.history } else { 0 };
        let mut pieces: Vec<(u64, u64, bool)> = Vec::new();
        let mut end = 0;
        for block in blocks(state.layout) {
            if (end + 1..block.offset).contains(&rover) {
                pieces.push((end, rover - end, false));
                end = rover;
            }
            if block.offset > end {
                pieces.push((end, block.offset - end, false));
            }
            pieces.push((block.offset, block.len, true));
            end = block.end();
        }
        let mut placed = Vec::new();
        for &(_, len, _) in &pieces {
            placed.push(self.allocate(len)?);
        }
        if rover < end
            && let Some(index) = pieces.iter().position(|&(offset, len, _)| offset + len == rover)
        {
            self.free(placed[index])?;
            placed[index] = self.allocate(pieces[index].1)?;
        }
        let mut holes = Vec::new();
        for (&(offset, _, is_block), handle) in pieces.iter().zip(placed) {
            if is_block { self.handles.push(handle) } else { holes.push((offset, handle)) }
        }
        if history == History::Order {
            let age = |offset: u64| state.order().iter().position(|&start| start == offset);
            holes.sort_by_key(|&(offset, _)| std::cmp::Reverse(age(offset)));
        }
        for (_, hole) in holes {
            self.free(hole)?;
        }
        if self.is_in(state.layout) {
            return Ok(());
        }
        let map = self.map();
        Err(Halt::Broken(format!("pieces allocated in address order do not stand so: {map}")))
    }

    /// Whether the strategy says that its blocks are those of the layout, its holes maximal.
    fn is_in(&self, layout: Layout) -> bool {
        let mut wanted = blocks(layout);
        let mut after_hole = false;
        let mut is_in = true;
        self.allocator.walk(&mut |piece| match piece {
            Piece::Block(block, _) => {
                is_in &= wanted.next() == Some(block);
                after_hole = false;
            }
            Piece::Hole(_) => {
                is_in &= !after_hole;
                after_hole = true;
            }
        });
        is_in && wanted.next().is_none()
    }

    /// The blocks as the strategy walks them.
    pub(super) fn blocks(&self) -> Vec<(Block, Handle)> {
        let mut blocks = Vec::new();
        self.allocator.walk(&mut |piece| {
            if let Piece::Block(block, handle) = piece {
                blocks.push((block, handle));
            }
        });
        blocks
    }

    pub(super) fn map(&self) -> String {
        let mut map = String::new();
        self.allocator.walk(&mut |piece| {
            let sign = if matches!(piece, Piece::Block(..)) { 'X' } else { '-' };
            map.extend((0..piece.len().min(2 * CELLS)).map(|_| sign));
        });
        map
    }

    /// Where a request goes; the block stays.
    pub(super) fn place(&mut self, size: u64) -> Result<(Block, Handle), Halt> {
        let handle = self.allocate(size)?;
        let block = self.allocator.block(handle);
        let block = block.ok_or_else(|| Halt::Broken("a fresh handle leads nowhere".into()))?;
        if block.end() > CELLS { Err(Halt::Words(CELLS)) } else { Ok((block, handle)) }
    }

    /// Keeps a block until the heap is cleared.
    pub(super) fn keep(&mut self, handle: Handle) {
        self.handles.push(handle);
    }

    /// Frees the block of that number in address order before the heap is cleared.
    pub(super) fn free_kept(&mut self, index: usize) -> Result<(), Halt> {
        let handle = self.handles.remove(index);
        self.free(handle)
    }

    pub(super) fn clear(&mut self) -> Result<(), Halt> {
        while let Some(handle) = self.handles.pop() {
            self.free(handle)?;
        }
        Ok(())
    }

    fn allocate(&mut self, size: u64) -> Result<Handle, Halt> {
        let allocated = self.allocator.allocate(Request::new(size), &mut ());
        allocated.map_err(|error| Halt::Broken(format!("in {}: {error}", self.map())))
    }

    pub(super) fn free(&mut self, handle: Handle) -> Result<(), Halt> {
        let freed = self.allocator.free(handle, &mut ());
        freed.map_err(|error| Halt::Broken(error.to_string()))
    }
}
