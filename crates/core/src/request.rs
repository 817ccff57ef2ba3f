//! What a caller asks for, and the arithmetic of granules.

/// A wish for a block: how many bytes, and at which alignment.
///
/// The fields are free to hold anything; an allocator checks them when the request is used.
/// A size of 0 is allowed and becomes one granule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// Requested bytes, before rounding to the granule.
    pub size: u64,
    /// Alignment in bytes: a power of two. 1 asks for none.
    pub align: u64,
}

impl Request {
    /// A request without an alignment.
    #[must_use]
    pub const fn new(size: u64) -> Self {
        Self { size, align: 1 }
    }

    /// A request for a block whose offset is a multiple of `align` bytes.
    #[must_use]
    pub const fn aligned(size: u64, align: u64) -> Self {
        Self { size, align }
    }
}

/// The smallest unit of size and address of a heap: a power of two in bytes.
///
/// Kept as its logarithm, so that dividing by it is a shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Granule(u8);

impl Granule {
    /// One byte: nothing is rounded.
    pub const BYTE: Self = Self(0);

    /// Sixteen bytes, the default: what `malloc` guarantees on 64-bit machines.
    pub const DEFAULT: Self = Self(4);

    /// The granule of `bytes` bytes, or `None` if that is no power of two.
    #[must_use]
    pub const fn new(bytes: u64) -> Option<Self> {
        if bytes.is_power_of_two() {
            // A logarithm of a `u64` is at most 63.
            #[expect(
                clippy::cast_possible_truncation,
                reason = "trailing_zeros is at most 63 here"
            )]
            let shift = bytes.trailing_zeros() as u8;
            Some(Self(shift))
        } else {
            None
        }
    }

    /// The granule in bytes.
    #[must_use]
    #[inline]
    pub const fn bytes(self) -> u64 {
        1 << self.0
    }

    /// The logarithm to base 2 of the granule in bytes.
    #[must_use]
    #[inline]
    pub const fn shift(self) -> u32 {
        self.0 as u32
    }

    /// `size` rounded up to a multiple of the granule, at least one granule; `None` if that exceeds 64 bits.
    ///
    /// ```
    /// # use heaplab_core::Granule;
    /// assert_eq!(Granule::DEFAULT.length_of(0), Some(16));
    /// assert_eq!(Granule::DEFAULT.length_of(17), Some(32));
    /// assert_eq!(Granule::DEFAULT.length_of(u64::MAX), None);
    /// ```
    #[must_use]
    #[inline]
    pub const fn length_of(self, size: u64) -> Option<u64> {
        let mask = self.bytes() - 1;
        let size = if size == 0 { 1 } else { size };
        match size.checked_add(mask) {
            Some(sum) => Some(sum & !mask),
            None => None,
        }
    }

    /// `bytes` rounded down to a multiple of the granule.
    #[must_use]
    #[inline]
    pub const fn floor(self, bytes: u64) -> u64 {
        bytes & !(self.bytes() - 1)
    }

    /// Whether `bytes` is a multiple of the granule.
    #[must_use]
    #[inline]
    pub const fn divides(self, bytes: u64) -> bool {
        bytes & (self.bytes() - 1) == 0
    }
}

impl Default for Granule {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// `offset` rounded up to a multiple of `align`, a power of two; `None` if that exceeds 64 bits.
#[must_use]
#[inline]
pub const fn align_up(offset: u64, align: u64) -> Option<u64> {
    match offset.checked_add(align - 1) {
        Some(sum) => Some(sum & !(align - 1)),
        None => None,
    }
}
