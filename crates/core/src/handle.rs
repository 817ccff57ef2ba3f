//! Handles: opaque, generational names of blocks.

use core::fmt;
use core::num::NonZeroU64;

/// Names one live block of one allocator; 8 bytes, freely copied.
///
/// A handle stays the same while its block is resized and relocated. Once the block is freed, no later block
/// gets an equal handle, so a stale handle is refused instead of reaching somebody else's block.
///
/// It consists of an index, which leads straight to the allocator's entry, and a tag, which must equal the
/// entry's. Callers treat it as opaque; [`Handle::from_parts`] is for those who write an allocator.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Handle(NonZeroU64);

impl Handle {
    /// Joins an entry's index and tag. Index 0 with tag 0 is not representable and gives `None`.
    #[must_use]
    #[inline]
    pub const fn from_parts(index: u32, tag: u32) -> Option<Self> {
        match NonZeroU64::new(((tag as u64) << 32) | index as u64) {
            Some(raw) => Some(Self(raw)),
            None => None,
        }
    }

    /// The entry's index.
    #[must_use]
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the lower half is wanted")]
    pub const fn index(self) -> u32 {
        self.0.get() as u32
    }

    /// The entry's tag at the time the handle was made.
    #[must_use]
    #[inline]
    pub const fn tag(self) -> u32 {
        (self.0.get() >> 32) as u32
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({}@{:08x})", self.index(), self.tag())
    }
}

/// How many tags one slot may use up before it is retired: `2^20`.
///
/// An allocator's tags start at its [`fresh_tag_base`] and stay below that base plus this number, so two
/// allocators whose bases lie at least this far apart never issue equal handles.
pub const TAGS_PER_SLOT: u32 = 1 << 20;

/// The first tag for the slots of a new allocator, different for each allocator of the process.
///
/// Bases are spaced by the golden ratio of the 32-bit circle: of any `n` allocators made one after the other,
/// no two lie closer than about `2^32 / (2.6 n)`. With [`TAGS_PER_SLOT`] tags a slot, the handles of any
/// 1,500 allocators made in succession are therefore disjoint, and a handle of one is refused by all others.
/// The base is even; live slots carry even tags.
#[must_use]
pub fn fresh_tag_base() -> u32 {
    /// `2^32` divided by the golden ratio, made odd so that its multiples visit the whole circle.
    const STEP: u32 = 0x9E37_79B9;
    next_allocator_number().wrapping_mul(STEP) & !1
}

#[cfg(target_has_atomic = "32")]
fn next_allocator_number() -> u32 {
    use core::sync::atomic::{AtomicU32, Ordering};
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

/// Targets that can only load and store have one core; a lost count costs no more than a repeated base.
#[cfg(not(target_has_atomic = "32"))]
fn next_allocator_number() -> u32 {
    use core::sync::atomic::{AtomicU32, Ordering};
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let number = NUMBER.load(Ordering::Relaxed);
    NUMBER.store(number.wrapping_add(1), Ordering::Relaxed);
    number
}

#[cfg(test)]
mod tests {
    use super::{Handle, TAGS_PER_SLOT, fresh_tag_base};

    #[test]
    fn parts_come_back() {
        let handle = Handle::from_parts(7, 0xdead_beef).unwrap();
        assert_eq!((handle.index(), handle.tag()), (7, 0xdead_beef));
        assert_eq!(size_of::<Option<Handle>>(), 8);
    }

    #[test]
    fn bases_of_many_allocators_keep_their_distance() {
        let mut bases: std::vec::Vec<u32> = (0..1_500).map(|_| fresh_tag_base()).collect();
        bases.sort_unstable();
        let wrapped = bases[0].wrapping_sub(bases[bases.len() - 1]);
        let closest = bases.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap().min(wrapped);
        assert!(closest > TAGS_PER_SLOT, "two bases are only {closest} apart");
    }
}
