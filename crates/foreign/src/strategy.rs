//! A foreign strategy as an allocator.

use core::ffi::c_int;
use core::marker::PhantomData;

use heaplab_core::{
    AllocError, Allocator, Block, Capabilities, Config, ConfigError, Granule, Handle, Hole,
    InvalidHandle, Memory, Piece, Request, Shortage, Strategy, Usage,
};

use crate::abi::RawHeap;
use crate::slots::Slots;
use crate::table::{ABI, DONE, Figures, HOLE, NO_ROOM, Table, UNKNOWN};

/// Names the functions of a foreign strategy, and says what heaplab must know of it.
///
/// # Safety
///
/// The functions of the table keep to `heaplab_strategy.h`: they are sound to call as it describes, from any thread as
/// long as one heap is used by one thread at a time, and never unwind.
pub unsafe trait Foreign {
    /// What the strategy declares of itself.
    const CAPABILITIES: Capabilities;

    /// Its functions.
    fn table() -> &'static Table;
}

/// The heap of a foreign strategy: handles and arguments are checked here, blocks are placed there.
#[derive(Debug)]
pub struct ForeignHeap<F> {
    heap: RawHeap,
    slots: Slots,
    capacity: u64,
    granule: Granule,
    high_water: u64,
    strategy: PhantomData<fn() -> F>,
}

impl<F: Foreign> ForeignHeap<F> {
    /// The length and the alignment that a request asks for.
    fn check(&self, request: Request) -> Result<(u64, u64), AllocError> {
        let Request { size, align } = request;
        if !align.is_power_of_two() {
            return Err(AllocError::InvalidAlignment { align });
        }
        match self.granule.length_of(size) {
            Some(len) if len <= self.capacity => Ok((len, align.max(self.granule.bytes()))),
            _ => Err(AllocError::TooLarge { requested_bytes: size, capacity_bytes: self.capacity }),
        }
    }

    fn refusal(&self, answer: c_int, request: Request) -> AllocError {
        if answer != NO_ROOM {
            return AllocError::OutOfMetadata { entries: self.slots.live_blocks };
        }
        let usage = self.usage();
        AllocError::OutOfMemory(Shortage {
            requested_bytes: request.size,
            free_bytes: self.capacity - usage.live_bytes,
            largest_hole_bytes: usage.largest_hole_bytes,
            wilderness_bytes: usage.wilderness_bytes,
        })
    }

    fn located(&self, slot: u32) -> Block {
        let (offset, len) = self.heap.locate(slot);
        Block { offset, len }
    }

    fn note_end(&mut self, slot: u32, highest_end: u64) {
        let block = self.located(slot);
        let end = block.offset.saturating_add(block.len);
        self.high_water = self.high_water.max(end).max(highest_end);
    }
}

impl<F: Foreign> Allocator for ForeignHeap<F> {
    fn allocate(
        &mut self,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<Handle, AllocError> {
        let (len, align) = self.check(request)?;
        let slot = self.slots.next_free()?;
        let (answer, moved) = self.heap.allocate(slot, len, align, memory);
        if answer != DONE {
            return Err(self.refusal(answer, request));
        }
        let handle = self.slots.enter(len);
        self.note_end(slot, moved.highest_end);
        // A slot and a tag of this table always make a handle.
        handle.ok_or(AllocError::OutOfMetadata { entries: self.slots.live_blocks })
    }

    fn free(&mut self, handle: Handle, memory: &mut dyn Memory) -> Result<(), InvalidHandle> {
        let slot = self.slots.find(handle)?;
        self.heap.release(slot, memory);
        self.slots.leave(slot);
        Ok(())
    }

    fn resize(
        &mut self,
        handle: Handle,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<(), AllocError> {
        let slot = self.slots.find(handle)?;
        let (len, align) = self.check(request)?;
        let (answer, moved) = self.heap.resize(slot, len, align, memory);
        if answer != DONE {
            return Err(self.refusal(answer, request));
        }
        self.slots.resize(slot, len);
        self.note_end(slot, moved.highest_end);
        Ok(())
    }

    fn block(&self, handle: Handle) -> Option<Block> {
        self.slots.find(handle).ok().map(|slot| self.located(slot))
    }

    fn locate(&self, handle: Handle) -> Result<Block, InvalidHandle> {
        self.slots.find(handle).map(|slot| self.located(slot))
    }

    fn walk(&self, visit: &mut dyn FnMut(Piece)) {
        self.heap.walk(&mut |offset, len, slot| {
            // A slot that is not live is shown as a hole: the kit finds that its block is missing.
            match self.slots.handle(slot) {
                Some(handle) if slot != HOLE => visit(Piece::Block(Block { offset, len }, handle)),
                _ => visit(Piece::Hole(Hole { offset, len })),
            }
        });
    }

    fn usage(&self) -> Usage {
        let known = |figure: u64| (figure != UNKNOWN).then_some(figure);
        let figures: Figures = self.heap.figures();
        let (used, reserved) = self.slots.metadata_bytes();
        let (mut holes, mut largest, mut end) = (0, 0, 0_u64);
        self.walk(&mut |piece| {
            end = piece.offset().saturating_add(piece.len());
            if let Piece::Hole(hole) = piece {
                holes += 1;
                largest = hole.len.max(largest);
            }
        });
        Usage {
            live_bytes: self.slots.live_bytes,
            live_blocks: self.slots.live_blocks,
            high_water_bytes: Some(known(figures.high_water_bytes).unwrap_or(self.high_water)),
            end_bytes: Some(end),
            holes: Some(holes),
            largest_hole_bytes: Some(largest),
            wilderness_bytes: self.capacity.checked_sub(end),
            metadata_used_bytes: known(figures.metadata_used_bytes)
                .map(|it| it.saturating_add(used)),
            metadata_reserved_bytes: known(figures.metadata_reserved_bytes)
                .map(|it| it.saturating_add(reserved)),
            compactions: figures.compactions,
            compaction_relocated_bytes: figures.compaction_relocated_bytes,
        }
    }

    fn end_bytes(&self) -> Option<u64> {
        Some(self.heap.end())
    }

    fn capacity_bytes(&self) -> u64 {
        self.capacity
    }

    fn granule(&self) -> Granule {
        self.granule
    }

    fn check_invariants(&self) -> Result<(), String> {
        let (told, walked) = (self.heap.end(), self.usage().end_bytes.unwrap_or(0));
        if told == walked {
            Ok(())
        } else {
            Err(format!("end() says {told}, the walk ends at {walked}"))
        }
    }
}

impl<F: Foreign> Strategy for ForeignHeap<F> {
    const CAPABILITIES: Capabilities = F::CAPABILITIES;

    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
        let capacity = config.check(capacity_bytes, &F::CAPABILITIES)?;
        let table = F::table();
        assert!(
            table.abi == ABI,
            "{} was compiled for version {} of heaplab_strategy.h, this is version {ABI}",
            F::CAPABILITIES.package,
            table.abi
        );
        let parameters = F::CAPABILITIES.parameters.iter().map(|parameter| config.value(parameter));
        let parameters = parameters.collect::<Result<Vec<u64>, _>>()?;
        // SAFETY: `Foreign` promises that the functions keep to the header.
        let heap = unsafe { RawHeap::create(table, capacity, config.granule.bytes(), &parameters) };
        Ok(Self {
            heap: heap.ok_or(ConfigError::OutOfMetadata)?,
            slots: Slots::new(),
            capacity,
            granule: config.granule,
            high_water: 0,
            strategy: PhantomData,
        })
    }
}
