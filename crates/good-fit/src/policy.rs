//! Good fit as strategies: TLSF with its parameter, and half fit.

use heaplab_blocks::{FitPolicy, Fits};
use heaplab_core::{Capabilities, Config, ConfigError, Parameter};

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
pub type Tlsf = Fits<TwoLevel, GoodHole>;

/// The declaration of [`Tlsf`].
#[derive(Debug)]
pub enum GoodHole {}

impl FitPolicy for GoodHole {
    type Index = TwoLevel;

    const CAPABILITIES: Capabilities = Capabilities {
        description: "two levels of lists as published: constant time, and holes of the request's own class are passed over",
        source: "Masmano, Ripoll, Crespo, Real, TLSF: a new dynamic memory allocator for real-time systems, 2004",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        ignores_spare_capacity: true,
        parameters: &[SLI],
        ..Capabilities::DEFAULT
    };

    fn index(capacity_bytes: u64, config: &Config) -> Result<TwoLevel, ConfigError> {
        // The range of the parameter is that of the index.
        let parts_shift = u32::try_from(config.value(&SLI)?).unwrap_or(MOST_PARTS_SHIFT);
        TwoLevel::with_parts(capacity_bytes, config.granule, parts_shift)
    }
}
