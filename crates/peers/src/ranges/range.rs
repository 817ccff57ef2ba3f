//! range-alloc: best fit over a sorted list of free ranges.

use heaplab_core::{Capabilities, Config, ConfigError, Granule, Kind};
use range_alloc::RangeAllocator;

use crate::Peer;

/// range-alloc over offsets in bytes.
#[derive(Debug)]
pub struct Ranges {
    inner: RangeAllocator<u64>,
    granule: Granule,
}

impl Peer for Ranges {
    /// The length in bytes.
    type Token = u64;

    const CAPABILITIES: Capabilities = Capabilities {
        description: "best fit over a list of free ranges; offsets only, linear time",
        source: "the gfx-rs developers, range-alloc, 2018",
        package: "range-alloc",
        version: "0.1.5",
        kind: Kind::Peer,
        ..Capabilities::DEFAULT
    };

    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self { inner: RangeAllocator::new(0..capacity_bytes), granule: config.granule })
    }

    #[inline]
    fn allocate(&mut self, size: u64, align: u64) -> Option<(u64, u64)> {
        let len = self.granule.length_of(size)?;
        let range = if align <= self.granule.bytes() {
            self.inner.allocate_range(len)
        } else {
            self.inner.allocate_range_aligned(len, align)
        };
        range.ok().map(|range| (range.start, len))
    }

    #[inline]
    unsafe fn free(&mut self, offset: u64, _: u64, _: u64, len: u64) {
        self.inner.free_range(offset..offset + len);
    }

    /// Its list says neither how long it is nor how much is reserved for it.
    fn metadata_bytes(&self) -> Option<u64> {
        None
    }
}
