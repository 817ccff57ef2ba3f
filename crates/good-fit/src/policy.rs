//! Good fit as strategies: TLSF with its parameter, and half fit.

use alloc::string::String;

use heaplab_blocks::{BlockTable, FitPolicy, Fits};
use heaplab_core::{
    AllocError, Allocator, Block, Capabilities, Config, ConfigError, Granule, Handle,
    InvalidHandle, Memory, Parameter, Piece, Request, Strategy, Usage,
};

use crate::index::{MOST_PARTS_SHIFT, TwoLevel};

/// Half fit: one list an octave, so that a hole is searched among those that are surely long enough, and taken at once.
pub type HalfFit = Fits<TwoLevel, HalfHole>;

/// The declaration of [`HalfFit`].
#[derive(Debug)]
pub enum HalfHole {}

impl FitPolicy for HalfHole {
    type Index = TwoLevel;

    const CAPABILITIES: Capabilities = Capabilities {
        description: "a list of holes per octave, in constant time; passes over holes up to twice too long to be sure of",
        source: "Ogasawara, An algorithm with constant execution time for dynamic storage allocation, 1995",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        ignores_spare_capacity: true,
        ..Capabilities::DEFAULT
    };
}

/// As published: 16 or 32 lists an octave.
const SLI: Parameter = Parameter {
    name: "sli",
    unit: "bits",
    default: 4,
    min: 1,
    max: MOST_PARTS_SHIFT as u64,
    description: "second-level index: an octave of lengths has 2^sli lists",
};

/// Two-level segregated fit, as published: good fit from the next list up, newest hole first, nothing else.
#[derive(Debug)]
pub struct Tlsf {
    fits: Fits<TwoLevel>,
}

impl Strategy for Tlsf {
    const CAPABILITIES: Capabilities = Capabilities {
        description: "two levels of lists as published: constant time, and holes of the request's own class are passed over",
        source: "Masmano, Ripoll, Crespo, Real, TLSF: a new dynamic memory allocator for real-time systems, 2004",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        ignores_spare_capacity: true,
        parameters: &[SLI],
        ..Capabilities::DEFAULT
    };

    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
        let capacity_bytes = config.check(capacity_bytes, &Self::CAPABILITIES)?;
        // The range of the parameter is that of the index.
        let parts_shift = u32::try_from(config.value(&SLI)?).unwrap_or(MOST_PARTS_SHIFT);
        let index = TwoLevel::with_parts(capacity_bytes, config.granule, parts_shift)?;
        let table = BlockTable::new(capacity_bytes, config.granule)?;
        Ok(Self { fits: Fits::from_parts(table, index) })
    }
}

impl Allocator for Tlsf {
    #[inline]
    fn allocate(&mut self, request: Request, _: &mut dyn Memory) -> Result<Handle, AllocError> {
        self.fits.allocate(request)
    }

    #[inline]
    fn free(&mut self, handle: Handle, _: &mut dyn Memory) -> Result<(), InvalidHandle> {
        self.fits.free(handle)
    }

    fn resize(
        &mut self,
        handle: Handle,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<(), AllocError> {
        self.fits.resize(handle, request, memory)
    }

    #[inline]
    fn block(&self, handle: Handle) -> Option<Block> {
        self.fits.block(handle)
    }

    fn locate(&self, handle: Handle) -> Result<Block, InvalidHandle> {
        self.fits.locate(handle)
    }

    fn walk(&self, visit: &mut dyn FnMut(Piece)) {
        self.fits.walk(visit);
    }

    fn usage(&self) -> Usage {
        self.fits.usage()
    }

    #[inline]
    fn end_bytes(&self) -> Option<u64> {
        self.fits.end_bytes()
    }

    fn capacity_bytes(&self) -> u64 {
        self.fits.capacity_bytes()
    }

    fn granule(&self) -> Granule {
        self.fits.granule()
    }

    fn check_invariants(&self) -> Result<(), String> {
        self.fits.check_invariants()
    }
}
