//! The memory in which a peer keeps its heap, its own bookkeeping included.

use std::cell::RefCell;
use std::fmt;
use std::ptr::NonNull;

use heaplab_core::ConfigError;
use memmap2::{MmapMut, MmapOptions};

/// Heaps start at a multiple of this at least: a page.
const PAGE_BYTES: u64 = 4096;

/// The largest heap for which memory is asked.
pub(crate) const MAX_ARENA_BYTES: u64 = 1 << 40;

/// A mapping is kept for the next arena of its thread up to this size.
const KEPT_BYTES: usize = 512 << 20;

thread_local! {
    static KEPT: RefCell<Option<Mapping>> = const { RefCell::new(None) };
}

/// Anonymous memory whose pages come when they are touched.
struct Mapping {
    bytes: MmapMut,
    /// Of its first aligned byte.
    skipped: usize,
    align: usize,
}

/// `capacity_bytes` of memory that starts at a multiple of the next power of two.
///
/// The alignment makes an address modulo any alignment that the heap can meet equal to the offset modulo it: a peer
/// that looks at addresses then places the same blocks in every arena, and a replay repeats exactly.
///
/// The pages of an arena are kept for the next one of the same thread, as a `malloc` keeps those of our tables: of
/// two replays in a row, the second meets touched pages.
pub(crate) struct Arena {
    mapping: Option<Mapping>,
    start: NonNull<u8>,
    len: usize,
}

impl Arena {
    /// # Errors
    ///
    /// [`ConfigError::OutOfMetadata`] where there is no address space for it.
    pub(crate) fn new(capacity_bytes: u64) -> Result<Self, ConfigError> {
        let align = capacity_bytes.next_power_of_two().max(PAGE_BYTES);
        let (len, align) = (to_usize(capacity_bytes)?, to_usize(align)?);
        let mut mapping = match KEPT.take() {
            Some(kept) if kept.align >= align => kept,
            _ => Mapping::new(align)?,
        };
        let usable = &mut mapping.bytes[mapping.skipped..];
        // The aligned part is as long as its alignment, which is at least the capacity.
        let start = NonNull::from(&mut usable[..len]).cast();
        Ok(Self { mapping: Some(mapping), start, len })
    }

    pub(crate) const fn start(&self) -> NonNull<u8> {
        self.start
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// The offset of an address in it.
    #[inline]
    pub(crate) fn offset_of(&self, address: NonNull<u8>) -> u64 {
        address.addr().get().wrapping_sub(self.start.addr().get()) as u64
    }

    /// The address of an offset, which must be at most its length.
    #[inline]
    pub(crate) fn at(&self, offset: u64) -> NonNull<u8> {
        #[expect(clippy::cast_possible_truncation, reason = "the offset lies within a mapping")]
        let offset = offset as usize;
        debug_assert!(offset <= self.len);
        let address = self.start.as_ptr().wrapping_add(offset);
        // SAFETY: `start` is not null and the sum stays within the mapping.
        unsafe { NonNull::new_unchecked(address) }
    }
}

impl Mapping {
    fn new(align: usize) -> Result<Self, ConfigError> {
        let len = align.checked_mul(2).ok_or(ConfigError::OutOfMetadata)?;
        let bytes = MmapOptions::new().len(len).no_reserve_swap().map_anon();
        let bytes = bytes.map_err(|_| ConfigError::OutOfMetadata)?;
        let skipped = bytes.as_ptr().align_offset(align);
        Ok(Self { bytes, skipped, align })
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        let Some(mapping) = self.mapping.take().filter(|it| it.align <= KEPT_BYTES) else { return };
        // A thread that ends has no more use for it.
        let _ = KEPT.try_with(|kept| {
            let mut kept = kept.borrow_mut();
            if kept.as_ref().is_none_or(|other| other.align < mapping.align) {
                *kept = Some(mapping);
            }
        });
    }
}

impl fmt::Debug for Arena {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arena").field("len", &self.len).finish_non_exhaustive()
    }
}

fn to_usize(bytes: u64) -> Result<usize, ConfigError> {
    usize::try_from(bytes).map_err(|_| ConfigError::OutOfMetadata)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arenas_start_at_a_multiple_of_the_next_power_of_two() {
        for capacity in [1, 16, 4_096, 5_000, 1 << 20, (1 << 20) + 16, 1 << 33] {
            let arena = Arena::new(capacity).unwrap();
            let align = capacity.next_power_of_two().max(PAGE_BYTES);
            assert!((arena.start().addr().get() as u64).is_multiple_of(align), "{capacity}");
            assert_eq!(arena.len() as u64, capacity);
            assert_eq!(arena.offset_of(arena.at(capacity)), capacity);
        }
    }

    #[test]
    fn the_next_arena_of_a_thread_has_the_same_pages() {
        let first = Arena::new(100_000).unwrap();
        let address = first.start();
        let beside = Arena::new(100_000).unwrap();
        assert_ne!(beside.start(), address);
        drop(first);
        drop(beside);
        assert_eq!(Arena::new(90_000).unwrap().start(), address);
        assert_ne!(Arena::new(1 << 30).unwrap().start(), address);
    }

    #[test]
    fn what_no_address_space_holds_is_refused() {
        assert_eq!(Arena::new(1 << 62).unwrap_err(), ConfigError::OutOfMetadata);
    }
}
