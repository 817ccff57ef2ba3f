//! A strategy that aborts or hangs at the first request, as a peer, as one in another language, and as one of ours.

use heaplab_core::{
    AllocError, Allocator, Block, Capabilities, Config, ConfigError, Granule, Handle,
    InvalidHandle, Kind, Memory, Piece, Policy, Request, Strategy, Usage,
};

/// A peer.
pub(crate) const PEER: u8 = 0;
/// A strategy in a language that can abort.
pub(crate) const FOREIGN: u8 = 1;
/// One that can only hang.
pub(crate) const NATIVE: u8 = 2;

/// Aborts or hangs at the first request.
pub(crate) struct Faulty<const HANGS: bool, const WHO: u8> {
    capacity: u64,
    granule: Granule,
}

impl<const HANGS: bool, const WHO: u8> Strategy for Faulty<HANGS, WHO> {
    const CAPABILITIES: Capabilities = Capabilities {
        kind: if WHO == PEER { Kind::Peer } else { Kind::Strategy },
        may_abort: WHO == FOREIGN,
        // So that its smallest heap could be found exactly.
        ignores_spare_capacity: WHO == FOREIGN,
        // So that a search wants to follow it.
        policy: if WHO == PEER { None } else { Some(Policy::FirstFit) },
        ..Capabilities::DEFAULT
    };

    fn new(capacity: u64, config: &Config) -> Result<Self, ConfigError> {
        let capacity = config.check(capacity, &Self::CAPABILITIES)?;
        Ok(Self { capacity, granule: config.granule })
    }
}

impl<const HANGS: bool, const WHO: u8> Allocator for Faulty<HANGS, WHO> {
    fn allocate(&mut self, _: Request, _: &mut dyn Memory) -> Result<Handle, AllocError> {
        if HANGS {
            loop {
                std::thread::park();
            }
        }
        eprintln!("the heap is in ruins");
        std::process::abort();
    }

    fn free(&mut self, _: Handle, _: &mut dyn Memory) -> Result<(), InvalidHandle> {
        Ok(())
    }

    fn resize(&mut self, _: Handle, _: Request, _: &mut dyn Memory) -> Result<(), AllocError> {
        Ok(())
    }

    fn block(&self, _: Handle) -> Option<Block> {
        None
    }

    fn walk(&self, _: &mut dyn FnMut(Piece)) {}

    fn usage(&self) -> Usage {
        Usage::default()
    }

    fn capacity_bytes(&self) -> u64 {
        self.capacity
    }

    fn granule(&self) -> Granule {
        self.granule
    }
}
