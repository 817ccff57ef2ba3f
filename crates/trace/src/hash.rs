//! The identity of a trace: a hash of what it asks of a heap.

use crate::Operation;

/// Bytes gathered before they are hashed; the hash is fast only on long runs.
const BUFFER_BYTES: usize = 32 * 1024;

/// Hashes operations as they pass: BLAKE3 over a canonical encoding.
///
/// The encoding of an operation is one byte for its kind (0 allocate, 1 resize, 2 free) and four
/// little-endian bytes for the slot; unless it is a free, eight little-endian bytes for the size and
/// eight for the alignment follow.
/// Names, origins and compression take no part, so equal operations have equal hashes.
#[derive(Clone, Debug, Default)]
pub struct TraceHasher {
    hasher: blake3::Hasher,
    buffer: Vec<u8>,
}

impl TraceHasher {
    /// A hasher before the first operation.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next operation.
    #[inline]
    pub fn push(&mut self, operation: &Operation) {
        let (kind, slot, sizes) = match *operation {
            Operation::Allocate { slot, size, align } => (0, slot, Some((size, align))),
            Operation::Resize { slot, size, align } => (1, slot, Some((size, align))),
            Operation::Free { slot } => (2, slot, None),
        };
        let mut bytes = [0; 21];
        bytes[0] = kind;
        bytes[1..5].copy_from_slice(&slot.to_le_bytes());
        let len = if let Some((size, align)) = sizes {
            bytes[5..13].copy_from_slice(&size.to_le_bytes());
            bytes[13..].copy_from_slice(&align.to_le_bytes());
            21
        } else {
            5
        };
        self.buffer.extend_from_slice(&bytes[..len]);
        if self.buffer.len() >= BUFFER_BYTES {
            self.hasher.update(&self.buffer);
            self.buffer.clear();
        }
    }

    /// The hash of all operations so far, as 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.hasher.update(&self.buffer);
        self.hasher.finalize().to_hex().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_is_pinned() {
        let mut hasher = TraceHasher::new();
        hasher.push(&Operation::Allocate { slot: 0, size: 5, align: 16 });
        hasher.push(&Operation::Resize { slot: 0, size: 0x0102_0304_0506_0708, align: 1 });
        hasher.push(&Operation::Free { slot: 0 });
        let bytes: Vec<u8> = [
            &[0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0][..],
            &[1, 0, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0],
            &[2, 0, 0, 0, 0],
        ]
        .concat();
        assert_eq!(hasher.finish(), blake3::hash(&bytes).to_hex().to_string());
    }

    #[test]
    fn buffering_does_not_show() {
        let operations = 3 * BUFFER_BYTES / 21;
        let mut hasher = TraceHasher::new();
        let mut bytes = Vec::new();
        for slot in 0..u32::try_from(operations).unwrap() {
            hasher.push(&Operation::Free { slot });
            bytes.push(2);
            bytes.extend_from_slice(&slot.to_le_bytes());
        }
        assert_eq!(hasher.finish(), blake3::hash(&bytes).to_hex().to_string());
    }
}
