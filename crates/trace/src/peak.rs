//! Peak of live bytes, as a stream of operations passes.

use crate::{Operation, OperationSource, TraceError};

/// Follows the live bytes, each size rounded up to a granule, and keeps their peak.
///
/// The peak is taken after each operation, so a resize never counts the old block and the new one.
/// A size of 0 takes one granule.
/// Operations must follow the slot discipline, as those of every source do.
#[derive(Clone, Debug)]
pub struct PeakLive {
    granule: u64,
    lengths: Vec<u64>,
    live: u128,
    peak: u128,
    peak_index: u64,
    operations: u64,
}

impl PeakLive {
    /// Starts with an empty heap; a granule of 0 counts as 1.
    #[must_use]
    pub const fn new(granule: u64) -> Self {
        let granule = if granule == 0 { 1 } else { granule };
        Self { granule, lengths: Vec::new(), live: 0, peak: 0, peak_index: 0, operations: 0 }
    }

    /// Takes the next operation in O(1).
    #[inline]
    pub fn apply(&mut self, operation: &Operation) {
        let slot = operation.slot() as usize;
        if slot >= self.lengths.len() {
            self.lengths.resize(slot + 1, 0);
        }
        let after = match *operation {
            Operation::Allocate { size, .. } | Operation::Resize { size, .. } => {
                size.div_ceil(self.granule).max(1)
            }
            Operation::Free { .. } => 0,
        };
        let before = core::mem::replace(&mut self.lengths[slot], after);
        self.live = self.live + u128::from(after) - u128::from(before);
        if self.live > self.peak {
            self.peak = self.live;
            self.peak_index = self.operations;
        }
        self.operations += 1;
    }

    /// Rounded bytes that are live now; 2^64 - 1 stands for more.
    #[must_use]
    pub fn live_bytes(&self) -> u64 {
        self.bytes(self.live)
    }

    /// The most rounded bytes that were live after any operation; 2^64 - 1 stands for more.
    #[must_use]
    pub fn peak_bytes(&self) -> u64 {
        self.bytes(self.peak)
    }

    /// Index of the earliest operation after which the peak was reached; 0 without operations.
    #[must_use]
    pub const fn peak_index(&self) -> u64 {
        self.peak_index
    }

    fn bytes(&self, granules: u128) -> u64 {
        u64::try_from(granules * u128::from(self.granule)).unwrap_or(u64::MAX)
    }
}

/// The peak of live bytes of a whole trace, each size rounded up to `granule` (see [`PeakLive`]).
///
/// One pass in O(operations), with memory for the slots alone.
///
/// # Errors
///
/// Whatever reading the source returns.
pub fn peak_live_bytes(source: &dyn OperationSource, granule: u64) -> Result<u64, TraceError> {
    let mut peak = PeakLive::new(granule);
    if let Some(operations) = source.operations() {
        operations.iter().for_each(|operation| peak.apply(operation));
        return Ok(peak.peak_bytes());
    }
    let mut reader = source.open()?;
    let mut chunk = Vec::new();
    while reader.next_chunk(&mut chunk)? {
        chunk.iter().for_each(|operation| peak.apply(operation));
    }
    Ok(peak.peak_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peak(granule: u64, operations: &[Operation]) -> (u64, u64) {
        let mut peak = PeakLive::new(granule);
        operations.iter().for_each(|operation| peak.apply(operation));
        (peak.peak_bytes(), peak.peak_index())
    }

    #[test]
    fn sizes_are_rounded_and_resizes_do_not_count_twice() {
        let operations = [
            Operation::Allocate { slot: 0, size: 0, align: 1 },
            Operation::Allocate { slot: 1, size: 17, align: 1 },
            Operation::Resize { slot: 1, size: 40, align: 1 },
            Operation::Free { slot: 0 },
            Operation::Allocate { slot: 0, size: 3, align: 1 },
        ];
        assert_eq!(peak(16, &operations), (64, 2));
        assert_eq!(peak(1, &operations), (43, 4));
    }

    #[test]
    fn sums_beyond_64_bits_saturate() {
        let operations = [
            Operation::Allocate { slot: 0, size: u64::MAX, align: 1 },
            Operation::Allocate { slot: 1, size: u64::MAX, align: 1 },
            Operation::Free { slot: 0 },
        ];
        assert_eq!(peak(16, &operations), (u64::MAX, 1));
        assert_eq!(peak(1, &operations[..1]), (u64::MAX, 0));
    }
}
