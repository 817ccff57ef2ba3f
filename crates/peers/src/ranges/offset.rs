//! offset-allocator: two-level size bins like small floating-point numbers, in constant time.

use std::fmt;

use heaplab_core::{Capabilities, Config, ConfigError, Kind, Parameter};
use offset_allocator::{Allocation, Allocator};

use super::Units;
use crate::Peer;

const NODES: Parameter = Parameter {
    name: "nodes",
    unit: "blocks and holes",
    default: 1 << 20,
    min: 4,
    max: 1 << 31,
    description: "most blocks and holes at once; the tables for all of them are made at the start",
};

/// Bytes of one of its nodes and of that node's place in the list of free ones.
const NODE_BYTES: u64 = 6 * 4 + 4 + 4;

/// offset-allocator over offsets in granules.
pub struct Offset {
    inner: Allocator,
    units: Units,
    nodes: u32,
}

impl Peer for Offset {
    type Token = Option<Token>;

    const CAPABILITIES: Capabilities = Capabilities {
        description: "size bins of 1/8 step, two bit sets; offsets only, constant time",
        source: "Sebastian Aaltonen, OffsetAllocator, 2023; Patrick Walton, offset-allocator, 2024",
        package: "offset-allocator",
        version: "0.2.0",
        kind: Kind::Peer,
        max_capacity_bytes: Some(u32::MAX as u64),
        parameters: &[NODES],
        ..Capabilities::DEFAULT
    };

    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
        let units = Units(config.granule);
        let max_bytes = u64::from(u32::MAX);
        let too_large = ConfigError::CapacityTooLarge { capacity_bytes, max_bytes };
        let size = units.of(capacity_bytes).ok_or(too_large)?;
        let nodes = config.value(&NODES)?;
        // No heap holds more blocks than units; a few nodes more cost nothing.
        let nodes = u32::try_from(nodes).unwrap_or(u32::MAX).min(size.saturating_add(4));
        Ok(Self { inner: Allocator::with_max_allocs(size, nodes), units, nodes })
    }

    #[inline]
    fn allocate(&mut self, size: u64, align: u64) -> Option<(u64, Option<Token>)> {
        let granule = self.units.0.bytes();
        if align <= granule {
            let allocation = self.inner.allocate(self.units.of(size)?)?;
            return Some((self.units.to_bytes(allocation.offset), Some(Token(allocation))));
        }
        // It knows no alignments: its users ask for more, and take the aligned part.
        let allocation = self.inner.allocate(self.units.of(size.checked_add(align - granule)?)?)?;
        let offset = self.units.to_bytes(allocation.offset);
        Some((heaplab_core::align_up(offset, align)?, Some(Token(allocation))))
    }

    #[inline]
    unsafe fn free(&mut self, _: u64, _: u64, _: u64, token: Option<Token>) {
        if let Some(Token(allocation)) = token {
            self.inner.free(allocation);
        }
    }

    fn metadata_bytes(&self) -> Option<u64> {
        Some(size_of::<Allocator>() as u64 + u64::from(self.nodes) * NODE_BYTES)
    }
}

/// Its name for a block.
#[derive(Clone, Copy)]
pub struct Token(Allocation);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Token").field(&self.0.offset).finish()
    }
}

impl fmt::Debug for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offset").field("nodes", &self.nodes).finish_non_exhaustive()
    }
}
