//! A first fit of a few dozen lines, over a sorted list, with faults to choose from.

use heaplab_core::{
    AllocError, Allocator, Block, Capabilities, Config, ConfigError, Granule, Handle, Hole,
    InvalidHandle, Memory, Piece, Request, Shortage, Strategy, Usage, align_up,
};

pub(super) const SOUND: u8 = 0;
/// Gives out space twice.
pub(super) const OVERLAPS: u8 = 1;
/// Moves a block without its bytes.
pub(super) const FORGETS_BYTES: u8 = 2;
/// Moves the bytes to another place than the block.
pub(super) const MISPLACES_BYTES: u8 = 3;
pub(super) const PANICS: u8 = 4;
/// Never returns.
pub(super) const HANGS: u8 = 5;
/// Relocates for ever.
pub(super) const MOVES_FOR_EVER: u8 = 6;
/// Counts one hole too many.
pub(super) const LIES: u8 = 7;
/// Slides everything down at every free: sound.
pub(super) const SLIDES: u8 = 8;
/// Slides, but tells of half of the bytes.
pub(super) const LOSES_BYTES: u8 = 9;
/// Ignores alignments.
pub(super) const MISALIGNS: u8 = 10;
/// Places differently every time that it is made.
pub(super) const FICKLE: u8 = 11;
/// Takes a millisecond for each operation: sound.
pub(super) const SLOW: u8 = 12;

/// The operation, counted from 1, at which faults of a moment happen.
const FAULTY_OPERATION: u64 = 30;

pub(super) struct FirstFit<const FAULT: u8> {
    capacity: u64,
    granule: Granule,
    /// By offset; the other parts are the handle's index and the alignment.
    blocks: Vec<(Block, u32, u64)>,
    next_index: u32,
    operations: u64,
    high_water: u64,
    compactions: (u64, u64),
    base: u64,
}

impl<const FAULT: u8> Strategy for FirstFit<FAULT> {
    const CAPABILITIES: Capabilities = Capabilities {
        description: "first fit over a list",
        package: "tests",
        version: "1",
        relocates: FAULT == SLIDES,
        ignores_spare_capacity: FAULT == SOUND,
        ..Capabilities::DEFAULT
    };

    fn new(capacity: u64, config: &Config) -> Result<Self, ConfigError> {
        use std::sync::atomic::{AtomicU64, Ordering};
        static MADE: AtomicU64 = AtomicU64::new(0);
        let capacity = config.check(capacity, &Self::CAPABILITIES)?;
        let made = MADE.fetch_add(1, Ordering::Relaxed);
        let base = if FAULT == FICKLE { made * config.granule.bytes() } else { 0 };
        let (granule, blocks) = (config.granule, Vec::new());
        Ok(Self {
            capacity,
            granule,
            blocks,
            next_index: 1,
            operations: 0,
            high_water: 0,
            compactions: (0, 0),
            base,
        })
    }
}

impl<const FAULT: u8> FirstFit<FAULT> {
    fn begin(&mut self, memory: &mut dyn Memory) {
        self.operations += 1;
        if FAULT == SLOW {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        if self.operations != FAULTY_OPERATION {
            return;
        }
        match FAULT {
            PANICS => panic!("the tables are in ruins"),
            HANGS => loop {
                std::thread::sleep(std::time::Duration::from_secs(1));
            },
            MOVES_FOR_EVER => {
                let Block { offset, len } = self.blocks[0].0;
                for turn in 0_u64.. {
                    let (from, to) =
                        if turn % 2 == 0 { (offset, offset + len) } else { (offset + len, offset) };
                    memory.relocate(from, to, len);
                }
            }
            _ => {}
        }
    }

    fn position(&self, handle: Handle) -> Option<usize> {
        self.blocks.iter().position(|&(_, index, _)| index == handle.index())
    }

    fn place(&mut self, request: Request) -> Result<Block, AllocError> {
        let Request { size, align } = request;
        let too_large =
            AllocError::TooLarge { requested_bytes: size, capacity_bytes: self.capacity };
        let len =
            self.granule.length_of(size).filter(|&len| len <= self.capacity).ok_or(too_large)?;
        let align = if FAULT == MISALIGNS { 1 } else { align };
        if FAULT == OVERLAPS && self.operations == FAULTY_OPERATION {
            return Ok(Block { offset: self.blocks[0].0.offset, len });
        }
        let ends =
            std::iter::once(self.base).chain(self.blocks.iter().map(|(block, ..)| block.end()));
        let starts = self.blocks.iter().map(|(block, ..)| block.offset).chain([self.capacity]);
        for (end, start) in ends.zip(starts) {
            let offset = align_up(end, align).unwrap();
            if offset + len <= start {
                self.high_water = self.high_water.max(offset + len);
                return Ok(Block { offset, len });
            }
        }
        let usage = self.usage();
        Err(AllocError::OutOfMemory(Shortage {
            requested_bytes: len,
            free_bytes: self.capacity - usage.live_bytes,
            largest_hole_bytes: usage.largest_hole_bytes,
            wilderness_bytes: usage.wilderness_bytes,
        }))
    }

    fn insert(&mut self, block: Block, index: u32, align: u64) {
        let at = self.blocks.partition_point(|(other, ..)| other.offset < block.offset);
        self.blocks.insert(at, (block, index, align));
    }

    fn slide(&mut self, memory: &mut dyn Memory) {
        let mut end = 0;
        let mut moved = 0;
        for (block, _, align) in &mut self.blocks {
            let end_aligned = align_up(end, *align).unwrap();
            if block.offset > end_aligned {
                let told = if FAULT == LOSES_BYTES { block.len / 2 } else { block.len };
                memory.relocate(block.offset, end_aligned, told);
                moved += told;
                block.offset = end_aligned;
            }
            end = block.end();
        }
        self.compactions.0 += u64::from(moved > 0);
        self.compactions.1 += moved;
    }
}

impl<const FAULT: u8> Allocator for FirstFit<FAULT> {
    fn allocate(
        &mut self,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<Handle, AllocError> {
        self.begin(memory);
        let block = self.place(request)?;
        let index = self.next_index;
        self.next_index += 1;
        self.insert(block, index, request.align);
        Ok(Handle::from_parts(index, 0).unwrap())
    }

    fn free(&mut self, handle: Handle, memory: &mut dyn Memory) -> Result<(), InvalidHandle> {
        self.begin(memory);
        let at = self.position(handle).ok_or(InvalidHandle::Stale)?;
        self.blocks.remove(at);
        if matches!(FAULT, SLIDES | LOSES_BYTES) {
            self.slide(memory);
        }
        Ok(())
    }

    fn resize(
        &mut self,
        handle: Handle,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<(), AllocError> {
        self.begin(memory);
        let at = self.position(handle).ok_or(AllocError::InvalidHandle(InvalidHandle::Stale))?;
        let (old, index, _) = self.blocks[at];
        let new = self.place(request)?;
        match FAULT {
            FORGETS_BYTES => {}
            MISPLACES_BYTES => {
                memory.relocate(
                    old.offset,
                    new.offset + self.granule.bytes(),
                    old.len.min(new.len),
                );
            }
            _ => memory.relocate(old.offset, new.offset, old.len.min(new.len)),
        }
        self.blocks.remove(at);
        self.insert(new, index, request.align);
        if matches!(FAULT, SLIDES | LOSES_BYTES) {
            self.slide(memory);
        }
        Ok(())
    }

    fn block(&self, handle: Handle) -> Option<Block> {
        self.position(handle).map(|at| self.blocks[at].0)
    }

    fn walk(&self, visit: &mut dyn FnMut(Piece)) {
        let mut end = 0;
        for &(block, index, _) in &self.blocks {
            if block.offset > end {
                visit(Piece::Hole(Hole { offset: end, len: block.offset - end }));
            }
            visit(Piece::Block(block, Handle::from_parts(index, 0).unwrap()));
            end = block.end();
        }
    }

    fn usage(&self) -> Usage {
        let mut holes = Vec::new();
        self.walk(&mut |piece| {
            if let Piece::Hole(hole) = piece {
                holes.push(hole.len);
            }
        });
        let end = self.blocks.last().map_or(0, |(block, ..)| block.end());
        Usage {
            live_bytes: self.blocks.iter().map(|(block, ..)| block.len).sum(),
            live_blocks: self.blocks.len() as u64,
            high_water_bytes: Some(self.high_water),
            end_bytes: Some(end),
            holes: Some(holes.len() as u64 + u64::from(FAULT == LIES)),
            largest_hole_bytes: Some(holes.iter().copied().max().unwrap_or(0)),
            wilderness_bytes: Some(self.capacity.saturating_sub(end)),
            metadata_used_bytes: None,
            metadata_reserved_bytes: None,
            compactions: self.compactions.0,
            compaction_relocated_bytes: self.compactions.1,
        }
    }

    fn capacity_bytes(&self) -> u64 {
        self.capacity
    }

    fn granule(&self) -> Granule {
        self.granule
    }
}
