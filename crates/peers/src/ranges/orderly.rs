//! orderly-allocator: exact best fit over B-trees.

use std::fmt;

use heaplab_core::{Capabilities, Config, ConfigError, Kind};
use orderly_allocator::{Allocation, Allocator};

use super::Units;
use crate::{Peer, Resized};

/// orderly-allocator over offsets in granules.
pub struct Orderly {
    inner: Allocator,
    units: Units,
}

impl Peer for Orderly {
    type Token = Option<Allocation>;

    const CAPABILITIES: Capabilities = Capabilities {
        description: "best fit over two B-trees; offsets only, logarithmic time",
        source: "the tonari developers, orderly-allocator, 2023",
        package: "orderly-allocator",
        version: "0.2.2",
        kind: Kind::Peer,
        max_capacity_bytes: Some(u32::MAX as u64),
        ..Capabilities::DEFAULT
    };

    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
        let units = Units(config.granule);
        let max_bytes = u64::from(u32::MAX);
        let too_large = ConfigError::CapacityTooLarge { capacity_bytes, max_bytes };
        let inner = Allocator::new(units.of(capacity_bytes).ok_or(too_large)?);
        Ok(Self { inner, units })
    }

    #[inline]
    fn allocate(&mut self, size: u64, align: u64) -> Option<(u64, Option<Allocation>)> {
        let allocation = if align <= self.units.0.bytes() {
            self.inner.alloc(self.units.of(size)?)?
        } else {
            self.inner.alloc_with_align(self.units.of(size)?, self.units.of(align)?)?
        };
        Some((self.units.to_bytes(allocation.offset()), Some(allocation)))
    }

    #[inline]
    unsafe fn free(&mut self, _: u64, _: u64, _: u64, allocation: Option<Allocation>) {
        if let Some(allocation) = allocation {
            self.inner.free(allocation);
        }
    }

    #[inline]
    unsafe fn resize(
        &mut self,
        offset: u64,
        _: u64,
        _: u64,
        allocation: Option<Allocation>,
        new_size: u64,
    ) -> Resized<Option<Allocation>> {
        let (Some(allocation), Some(size)) = (allocation, self.units.of(new_size)) else {
            return Resized::Full;
        };
        match self.inner.try_reallocate(allocation, size) {
            Ok(allocation) => Resized::Done(offset, Some(allocation)),
            Err(_) => Resized::Move,
        }
    }

    /// Its trees do not say what their nodes take.
    fn metadata_bytes(&self) -> Option<u64> {
        None
    }
}

impl fmt::Debug for Orderly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Orderly").field("capacity", &self.inner.capacity()).finish_non_exhaustive()
    }
}
