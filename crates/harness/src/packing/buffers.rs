//! A trace as what a plan has to place: sizes with the times over which they must stand.

use heaplab_core::Granule;
use heaplab_trace::{Operation, OperationSource, TraceError};

/// A piece of memory that stands from one operation to another.
///
/// A resize ends one buffer and begins another at the same instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffer {
    /// Index of the operation that makes it.
    pub lower: u64,
    /// Index of the operation that ends it, or the number of operations; it does not stand at that instant any more.
    pub upper: u64,
    /// Length in bytes, rounded to the granule.
    pub len: u64,
    /// Alignment in bytes, at least the granule.
    pub align: u64,
}

impl Buffer {
    /// Whether both stand at some instant.
    #[must_use]
    pub const fn overlaps(&self, other: &Self) -> bool {
        self.lower < other.upper && other.lower < self.upper
    }
}

/// The buffers of a trace in the order in which they begin.
///
/// # Errors
///
/// Whatever reading the source returns.
pub fn buffers_of(
    source: &dyn OperationSource,
    granule: Granule,
) -> Result<Vec<Buffer>, TraceError> {
    let mut gathered = Gathered { granule, open: Vec::new(), buffers: Vec::new(), now: 0 };
    if let Some(operations) = source.operations() {
        operations.iter().for_each(|operation| gathered.apply(operation));
    } else {
        let mut reader = source.open()?;
        let mut chunk = Vec::new();
        while reader.next_chunk(&mut chunk)? {
            chunk.iter().for_each(|operation| gathered.apply(operation));
        }
    }
    Ok(gathered.finish())
}

struct Gathered {
    granule: Granule,
    /// For each slot, the index of the buffer that stands there.
    open: Vec<Option<usize>>,
    buffers: Vec<Buffer>,
    now: u64,
}

impl Gathered {
    fn apply(&mut self, operation: &Operation) {
        let slot = operation.slot() as usize;
        if slot >= self.open.len() {
            self.open.resize(slot + 1, None);
        }
        if let Some(index) = self.open[slot].take() {
            self.buffers[index].upper = self.now;
        }
        if let Operation::Allocate { size, align, .. } | Operation::Resize { size, align, .. } =
            *operation
        {
            self.open[slot] = Some(self.buffers.len());
            self.buffers.push(Buffer {
                lower: self.now,
                upper: u64::MAX,
                len: self.granule.length_of(size).unwrap_or(u64::MAX),
                align: align.max(self.granule.bytes()),
            });
        }
        self.now += 1;
    }

    fn finish(mut self) -> Vec<Buffer> {
        for index in self.open.into_iter().flatten() {
            self.buffers[index].upper = self.now;
        }
        self.buffers
    }
}
