//! What a strategy declares of itself, and how it is configured.

use alloc::string::String;
use alloc::vec::Vec;

use crate::{Allocator, ConfigError, Granule};

/// An allocator that can be made from a capacity and a configuration.
pub trait Strategy: Allocator + Sized {
    /// What the harness, the conformance kit, listings and reports need to know.
    const CAPABILITIES: Capabilities;

    /// Makes an allocator for an empty heap of `capacity_bytes`, rounded down to a granule.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for a heap smaller than a granule, for parameters that are unknown or out of range, and when
    /// there is no memory for the tables.
    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError>;
}

/// Facts about a strategy. Nothing anywhere asks for a strategy's name to learn how it behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact that stands for itself")]
pub struct Capabilities {
    /// One line: what it does and when to choose it.
    pub description: &'static str,
    /// Where the idea comes from: author, title, year.
    pub source: &'static str,
    /// The package that implements it.
    pub package: &'static str,
    /// The package's version.
    pub version: &'static str,
    /// What part it plays in a comparison.
    pub kind: Kind,
    /// Whether it moves live blocks on its own accord (a moving resize does not count).
    pub relocates: bool,
    /// Whether the capacity matters only where the wilderness does not suffice: a replay in an unlimited heap then makes
    /// the same placements as one in any heap at least as large as its high-water mark, and need not be repeated.
    pub ignores_spare_capacity: bool,
    /// The largest heap that it can manage, in bytes; `None` for as far as addresses reach. Allocators that need real
    /// memory behind their heap state one, so they have no cell in the unlimited heap.
    pub max_capacity_bytes: Option<u64>,
    /// Whether it stays within the heap that it is given. One that takes its memory elsewhere has a cell in the
    /// unlimited heap alone, and its offsets are addresses, which differ from run to run.
    pub is_confined: bool,
    /// Whether it can bring its process down, as code that the compiler does not check can. Of peers that is assumed, so ask
    /// [`Capabilities::needs_own_process`].
    pub may_abort: bool,
    /// Whether its resizes copy what they move, in memory of its own: who puts bytes behind its heap need not copy them
    /// again.
    pub copies_by_itself: bool,
    /// The policy that its placements obey exactly, if they do.
    pub policy: Option<Policy>,
    /// The parameters that [`Config`] may hold for it.
    pub parameters: &'static [Parameter],
}

impl Capabilities {
    /// A starting point for struct update: a strategy that never moves blocks and promises no exact policy.
    pub const DEFAULT: Self = Self {
        description: "",
        source: "",
        package: "",
        version: "",
        kind: Kind::Strategy,
        relocates: false,
        ignores_spare_capacity: false,
        max_capacity_bytes: None,
        is_confined: true,
        may_abort: false,
        copies_by_itself: false,
        policy: None,
        parameters: &[],
    };

    /// Whether nobody here vouches for it: a published allocator, or code that the compiler does not check, may abort or
    /// hang. It is replayed in a process of its own before its replay may take anybody else along.
    #[must_use]
    pub const fn needs_own_process(&self) -> bool {
        matches!(self.kind, Kind::Peer) || self.may_abort
    }
}

/// The part that an allocator plays in a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One of those that are compared.
    Strategy,
    /// Does less than an allocator must; nothing can be faster.
    Floor,
    /// A published allocator, measured beside ours.
    Peer,
}

/// Placement rules that are defined to the byte, so that an oracle can check them.
///
/// All take the low end of the hole that they choose, and the wilderness only when no hole fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Policy {
    /// The hole of lowest address that can hold the block.
    FirstFit,
    /// The shortest hole that can hold the block, and of those the lowest.
    BestFit,
    /// The shortest hole that can hold the block, and of those the one that most recently became a hole of its length.
    BestFitLifo,
    /// The longest hole, and of those the lowest.
    WorstFit,
    /// The first hole that fits whose start is at or above the rover, else the first from address 0. The rover is
    /// the end of the block most recently placed by a search.
    NextFit,
    /// The most recently made hole that fits.
    Lifo,
    /// At the end of the last block; everything slides down once when a request does not fit there.
    CompactOnDemand,
    /// At the end of the last block; every free and every shrink slides what lies behind it down at once.
    CompactEager,
    /// Best fit; everything slides down when no hole and no wilderness fits.
    CompactFit,
}

/// A parameter of a strategy: a whole number with a unit and a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in configurations and reports.
    pub name: &'static str,
    /// Its unit, in words.
    pub unit: &'static str,
    /// The value where none is given.
    pub default: u64,
    /// The smallest value allowed.
    pub min: u64,
    /// The largest value allowed.
    pub max: u64,
    /// One line: what it does.
    pub description: &'static str,
}

impl Parameter {
    /// Declared by allocators of memory that is their own: whether they write every byte of a block when it is placed,
    /// and look at it again when it is freed, as a program would.
    pub const TOUCH: Self = Self {
        name: "touch",
        unit: "",
        default: 0,
        min: 0,
        max: 1,
        description: "1: every byte of a block is written when it is placed, and checked when it is freed",
    };
}

/// How a strategy is to be made: the granule, and values for its parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// The unit of sizes and addresses.
    pub granule: Granule,
    /// A hint: as many handles are likely to be live at once. Who measures an allocator's own memory sets it, so that
    /// tables of handles do not grow meanwhile; placements never depend on it.
    pub expected_blocks: u64,
    parameters: Vec<(String, u64)>,
}

impl Config {
    /// The default granule and no parameters.
    #[must_use]
    pub const fn new() -> Self {
        Self { granule: Granule::DEFAULT, expected_blocks: 0, parameters: Vec::new() }
    }

    /// The same with another granule.
    #[must_use]
    pub fn with_granule(mut self, granule: Granule) -> Self {
        self.granule = granule;
        self
    }

    /// The same with the hint that so many blocks will be live at once.
    #[must_use]
    pub const fn with_expected_blocks(mut self, blocks: u64) -> Self {
        self.expected_blocks = blocks;
        self
    }

    /// The same with one parameter set; a later value replaces an earlier one.
    #[must_use]
    pub fn with_parameter(mut self, name: &str, value: u64) -> Self {
        self.parameters.retain(|(known, _)| known != name);
        self.parameters.push((name.into(), value));
        self
    }

    /// The parameters that were set, in the order in which they were set.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, u64)> {
        self.parameters.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// The value of `parameter`: the one that was set, or its default.
    ///
    /// # Errors
    ///
    /// [`ConfigError::ParameterOutOfRange`] if the value set lies outside the parameter's range.
    pub fn value(&self, parameter: &Parameter) -> Result<u64, ConfigError> {
        let value = self
            .parameters()
            .find(|(name, _)| *name == parameter.name)
            .map_or(parameter.default, |(_, value)| value);
        if (parameter.min..=parameter.max).contains(&value) {
            Ok(value)
        } else {
            let Parameter { name, min, max, .. } = *parameter;
            Err(ConfigError::ParameterOutOfRange { name, value, min, max })
        }
    }

    /// Checks that every parameter set is one that `capabilities` declares, and that the capacity holds a granule;
    /// returns the capacity rounded down to the granule. Every strategy's `new` begins with this.
    ///
    /// # Errors
    ///
    /// [`ConfigError::CapacityTooSmall`], [`ConfigError::CapacityTooLarge`], [`ConfigError::UnknownParameter`],
    /// [`ConfigError::ParameterOutOfRange`].
    pub fn check(
        &self,
        capacity_bytes: u64,
        capabilities: &Capabilities,
    ) -> Result<u64, ConfigError> {
        for (name, _) in self.parameters() {
            if !capabilities.parameters.iter().any(|parameter| parameter.name == name) {
                return Err(ConfigError::UnknownParameter { name: name.into() });
            }
        }
        for parameter in capabilities.parameters {
            self.value(parameter)?;
        }
        let granule_bytes = self.granule.bytes();
        if capacity_bytes < granule_bytes {
            return Err(ConfigError::CapacityTooSmall { capacity_bytes, granule_bytes });
        }
        if let Some(max_bytes) = capabilities.max_capacity_bytes
            && capacity_bytes > max_bytes
        {
            return Err(ConfigError::CapacityTooLarge { capacity_bytes, max_bytes });
        }
        Ok(self.granule.floor(capacity_bytes))
    }
}
