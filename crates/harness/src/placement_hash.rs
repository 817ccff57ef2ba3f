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
    buffer: Vec<u8>,
}

impl PlacementHasher {
    pub(crate) fn new() -> Self {
        Self { hasher: blake3::Hasher::new(), buffer: Vec::with_capacity(BUFFER_BYTES) }
    }

    #[inline]
    pub(crate) fn push(&mut self, operation_index: u64, block: Block) {
        let mut record = [0; RECORD_BYTES];
        for (bytes, value) in
            record.chunks_exact_mut(8).zip([operation_index, block.offset, block.len])
        {
            bytes.copy_from_slice(&value.to_le_bytes());
        }
        self.buffer.extend_from_slice(&record);
        if self.buffer.len() >= BUFFER_BYTES {
            self.hasher.update(&self.buffer);
            self.buffer.clear();
        }
    }

    /// 64 hexadecimal digits.
    pub(crate) fn finish(mut self) -> String {
        self.hasher.update(&self.buffer);
        self.hasher.finalize().to_hex().to_string()
    }
}
