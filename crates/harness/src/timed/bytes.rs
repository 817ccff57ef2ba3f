//! The buffer behind the heap of a timed replay with payload.

/// Where a heap begins: on a page, as memory from the operating system does.
const ALIGNMENT: usize = 4_096;

/// Bytes that stay from one replay to the next.
#[derive(Debug, Default)]
pub(super) struct Bytes {
    buffer: Vec<u8>,
}

impl Bytes {
    /// So many bytes, aligned to 4 KiB, every page of them written; `None` if they cannot be had.
    ///
    /// All are written before each replay: so the pages are there, and every contestant finds the same bytes and
    /// caches.
    pub(super) fn touched(&mut self, len: u64) -> Option<&mut [u8]> {
        let len = usize::try_from(len).ok()?;
        let needed = len.checked_add(ALIGNMENT)?;
        if self.buffer.len() < needed {
            // What is there need not be copied.
            self.buffer = Vec::new();
            self.buffer.try_reserve_exact(needed).ok()?;
            self.buffer.resize(needed, 0);
        }
        let start = self.buffer.as_ptr().align_offset(ALIGNMENT);
        let bytes = self.buffer.get_mut(start..start.checked_add(len)?)?;
        std::hint::black_box(&mut *bytes).fill(0x5A);
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_aligned_written_and_as_many_as_wanted() {
        let mut bytes = Bytes::default();
        for len in [100, 5_000, 0, 70_000, 100] {
            let touched = bytes.touched(len).unwrap();
            assert_eq!(touched.len() as u64, len);
            assert_eq!(touched.as_ptr().align_offset(ALIGNMENT), 0);
            assert!(touched.iter().all(|&byte| byte == 0x5A));
            touched.fill(1);
        }
        assert!(bytes.touched(u64::MAX).is_none());
        assert!(bytes.touched(1 << 62).is_none());
    }
}
