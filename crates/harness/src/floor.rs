//! Floors: contestants that do less than an allocator must, so that nothing can be faster.
//!
//! They are part of every run, as `null` and `bump`. What they give out cannot be used as memory, so they are never
//! verified.

use heaplab_core::{
    AllocError, Allocator, Block, Capabilities, Config, ConfigError, Granule, Handle,
    InvalidHandle, Kind, Memory, Piece, Registry, Request, Strategy, StrategyList, Usage,
};

/// The floors, by the names that they have in every run.
#[must_use]
pub fn registry() -> Registry<impl StrategyList> {
    Registry::new().with::<Null>("null").with::<Bump>("bump")
}

/// Does nothing: what remains is the replay's own cost, the dispatch on the operation and the slot table.
///
/// Every block is at offset 0; nothing is counted, and all figures of [`Allocator::usage`] are unknown or 0.
#[derive(Debug)]
pub struct Null {
    capacity_bytes: u64,
    granule: Granule,
    handle: Handle,
}

impl Strategy for Null {
    const CAPABILITIES: Capabilities = Capabilities {
        description: "does nothing: dispatch and slot table alone",
        source: "",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        kind: Kind::Floor,
        ..Capabilities::DEFAULT
    };

    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
        let capacity_bytes = config.check(capacity_bytes, &Self::CAPABILITIES)?;
        Ok(Self { capacity_bytes, granule: config.granule, handle: name_of(0) })
    }
}

impl Allocator for Null {
    #[inline]
    fn allocate(&mut self, _: Request, _: &mut dyn Memory) -> Result<Handle, AllocError> {
        Ok(self.handle)
    }

    #[inline]
    fn free(&mut self, _: Handle, _: &mut dyn Memory) -> Result<(), InvalidHandle> {
        Ok(())
    }

    #[inline]
    fn resize(&mut self, _: Handle, _: Request, _: &mut dyn Memory) -> Result<(), AllocError> {
        Ok(())
    }

    fn block(&self, _: Handle) -> Option<Block> {
        Some(Block { offset: 0, len: self.granule.bytes() })
    }

    fn walk(&self, _: &mut dyn FnMut(Piece)) {}

    fn usage(&self) -> Usage {
        Usage::default()
    }

    fn capacity_bytes(&self) -> u64 {
        self.capacity_bytes
    }

    fn granule(&self) -> Granule {
        self.granule
    }
}

/// Places every block behind the one before, and never reuses what was freed.
///
/// Where a limited heap has no room behind the last block, it starts again at offset 0, over blocks that are live:
/// so it can be timed in the same heaps as the strategies. From then on its figures are unknown.
/// A handle is the offset itself; lengths are not kept, a resize takes new space, and the handle goes on naming the
/// old one.
#[derive(Debug)]
pub struct Bump {
    capacity_bytes: u64,
    granule: Granule,
    end: u64,
    live_blocks: u64,
    has_wrapped: bool,
}

impl Bump {
    #[inline]
    fn place(&mut self, request: Request) -> Result<u64, AllocError> {
        let too_large = AllocError::TooLarge {
            requested_bytes: request.size,
            capacity_bytes: self.capacity_bytes,
        };
        let len = self.granule.length_of(request.size).filter(|&len| len <= self.capacity_bytes);
        let Some(len) = len else { return Err(too_large) };
        // The end is at most the capacity, and alignments are powers of two: no sum exceeds 64 bits unless the
        // alignment is absurd.
        let start = heaplab_core::align_up(self.end, request.align.max(1));
        let offset = match start {
            Some(start) if start <= self.capacity_bytes - len => start,
            _ => {
                self.has_wrapped = true;
                0
            }
        };
        self.end = offset + len;
        Ok(offset)
    }
}

impl Strategy for Bump {
    const CAPABILITIES: Capabilities = Capabilities {
        description: "places each block behind the one before, never reuses",
        source: "",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        kind: Kind::Floor,
        ..Capabilities::DEFAULT
    };

    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
        let capacity_bytes = config.check(capacity_bytes, &Self::CAPABILITIES)?;
        let granule = config.granule;
        Ok(Self { capacity_bytes, granule, end: 0, live_blocks: 0, has_wrapped: false })
    }
}

impl Allocator for Bump {
    #[inline]
    fn allocate(&mut self, request: Request, _: &mut dyn Memory) -> Result<Handle, AllocError> {
        let offset = self.place(request)?;
        self.live_blocks += 1;
        Ok(name_of(offset))
    }

    #[inline]
    fn free(&mut self, _: Handle, _: &mut dyn Memory) -> Result<(), InvalidHandle> {
        self.live_blocks = self.live_blocks.saturating_sub(1);
        Ok(())
    }

    #[inline]
    fn resize(
        &mut self,
        _: Handle,
        request: Request,
        _: &mut dyn Memory,
    ) -> Result<(), AllocError> {
        self.place(request).map(drop)
    }

    fn block(&self, handle: Handle) -> Option<Block> {
        let raw = (u64::from(handle.tag()) << 32) | u64::from(handle.index());
        Some(Block { offset: raw & !NAMED, len: self.granule.bytes() })
    }

    fn walk(&self, _: &mut dyn FnMut(Piece)) {}

    fn usage(&self) -> Usage {
        let end = (!self.has_wrapped).then_some(self.end);
        Usage {
            live_blocks: self.live_blocks,
            high_water_bytes: end,
            end_bytes: end,
            ..Usage::default()
        }
    }

    #[inline]
    fn end_bytes(&self) -> Option<u64> {
        (!self.has_wrapped).then_some(self.end)
    }

    fn capacity_bytes(&self) -> u64 {
        self.capacity_bytes
    }

    fn granule(&self) -> Granule {
        self.granule
    }
}

/// The bit that keeps the handle of offset 0 from being 0; no heap reaches as far.
const NAMED: u64 = 1 << 63;

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    reason = "both halves are wanted, and one bit of the upper is set"
)]
fn name_of(offset: u64) -> Handle {
    let raw = offset | NAMED;
    Handle::from_parts(raw as u32, (raw >> 32) as u32).expect("the bit NAMED is set")
}
