//! Memories: where the bytes behind an address range live, if anywhere.

/// The bytes behind a heap, as far as an allocator needs them: it can have a block's bytes moved.
///
/// An allocator calls [`Memory::relocate`] for each live block whose offset changes, before it reports the new
/// offset: in compaction and when a resize cannot grow in place. Counting and recording relocations is done by
/// wrapping a memory, so it means the same for every strategy.
pub trait Memory {
    /// Moves `len` bytes from offset `from` to offset `to`, with the meaning of `memmove`: the ranges may
    /// overlap. It must complete; an allocator does not undo a relocation.
    fn relocate(&mut self, from: u64, to: u64, len: u64);
}

/// No bytes at all: for placing blocks in memory that somebody else owns.
impl Memory for () {
    #[inline]
    fn relocate(&mut self, _from: u64, _to: u64, _len: u64) {}
}

impl<M: Memory + ?Sized> Memory for &mut M {
    #[inline]
    fn relocate(&mut self, from: u64, to: u64, len: u64) {
        (**self).relocate(from, to, len);
    }
}

/// A byte buffer; offset 0 is its first byte.
///
/// # Panics
///
/// `relocate` panics if a range leaves the buffer: an allocator of larger capacity than the buffer was used.
impl Memory for [u8] {
    fn relocate(&mut self, from: u64, to: u64, len: u64) {
        let index = |offset: u64| match usize::try_from(offset) {
            Ok(index) if index <= self.len() => index,
            _ => panic!("relocation reaches offset {offset} of a buffer of {} bytes", self.len()),
        };
        let (start, end) = (index(from), index(from.saturating_add(len)));
        let (target, _) = (index(to), index(to.saturating_add(len)));
        self.copy_within(start..end, target);
    }
}

/// As its bytes.
impl Memory for alloc::vec::Vec<u8> {
    fn relocate(&mut self, from: u64, to: u64, len: u64) {
        self.as_mut_slice().relocate(from, to, len);
    }
}

/// Counts what is relocated, and passes it on to another memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counter<M = ()> {
    /// Blocks moved, once for each time they moved.
    pub relocations: u64,
    /// Bytes moved; sums beyond 64 bits stand as 2^64 - 1.
    pub relocated_bytes: u64,
    /// The memory that the relocations are passed on to.
    pub inner: M,
}

impl<M> Counter<M> {
    /// Counts from zero in front of `inner`.
    #[must_use]
    pub const fn new(inner: M) -> Self {
        Self { relocations: 0, relocated_bytes: 0, inner }
    }
}

impl<M: Memory> Memory for Counter<M> {
    #[inline]
    fn relocate(&mut self, from: u64, to: u64, len: u64) {
        self.relocations += 1;
        self.relocated_bytes = self.relocated_bytes.saturating_add(len);
        self.inner.relocate(from, to, len);
    }
}
