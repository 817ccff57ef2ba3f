//! The hash by which equal placements are recognized.

use heaplab_core::Block;

/// Placements are hashed in pieces of this many bytes, a multiple of [`RECORD_BYTES`].
const BUFFER_BYTES: usize = 2_048 * RECORD_BYTES;

/// Operation index, offset and length, 8 bytes each.
const RECORD_BYTES: usize = 24;

/// BLAKE3 over (operation index, offset, length) of every placement in order, each as 8 bytes, lowest first.
#[derive(Debug)]
pub(crate) struct PlacementHasher {
    hasher: blake3::Hasher,
    buffer: Box<[u8; BUFFER_BYTES]>,
    /// The bytes that wait in `buffer`.
    len: usize,
}

impl PlacementHasher {
    pub(crate) fn new() -> Self {
        Self { hasher: blake3::Hasher::new(), buffer: Box::new([0; BUFFER_BYTES]), len: 0 }
    }

    #[inline]
    pub(crate) fn push(&mut self, operation_index: u64, block: Block) {
        let record = [operation_index, block.offset, block.len].map(u64::to_le_bytes);
        self.buffer[self.len..][..RECORD_BYTES].copy_from_slice(record.as_flattened());
        self.len += RECORD_BYTES;
        if self.len == BUFFER_BYTES {
            self.hasher.update(&*self.buffer);
            self.len = 0;
        }
    }

    /// 64 hexadecimal digits.
    pub(crate) fn finish(&mut self) -> String {
        self.hasher.update(&self.buffer[..self.len]);
        self.len = 0;
        self.hasher.finalize().to_hex().to_string()
    }
}
