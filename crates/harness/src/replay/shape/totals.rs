//! Sums over the holes of a heap, kept up to date hole by hole.

use heaplab_report::{HeapShape, ShapeClass};

/// One for each power of two.
const CLASSES: usize = 64;

/// The holes of each class of lengths.
#[derive(Clone, Copy, Debug)]
pub(super) struct Classes {
    holes: [u64; CLASSES],
    bytes: [u64; CLASSES],
}

impl Classes {
    /// Holes by powers of two, shortest first.
    #[expect(clippy::cast_precision_loss, reason = "the same type holds averages")]
    pub(super) fn histogram(&self) -> Vec<ShapeClass> {
        let of = |(class, (&holes, &bytes)): (usize, (&u64, &u64))| ShapeClass {
            from_bytes: 1 << class,
            holes: holes as f64,
            bytes: bytes as f64,
        };
        let classes = self.holes.iter().zip(&self.bytes).enumerate();
        classes.filter(|(_, (holes, _))| **holes > 0).map(of).collect()
    }
}

/// Sums over the operations before `since` of the state of a class after each.
#[derive(Clone, Copy, Debug)]
struct Past {
    holes_sum: u128,
    bytes_sum: u128,
    since: u64,
}

/// Sums over the holes.
#[derive(Debug)]
pub(super) struct Totals {
    pub(super) count: u64,
    pub(super) bytes: u64,
    pub(super) squares: u128,
    /// Bytes in holes of at least each of [`HeapShape::SIZES_BYTES`].
    pub(super) usable_bytes: [u64; 3],
    /// Pages that lie in a hole as a whole.
    pub(super) whole_pages: u64,
    pub(super) classes: Classes,
    past: [Past; CLASSES],
    /// Operations before the one that is going on.
    operations: u64,
}

impl Totals {
    pub(super) const fn new() -> Self {
        Self {
            count: 0,
            bytes: 0,
            squares: 0,
            usable_bytes: [0; 3],
            whole_pages: 0,
            classes: Classes { holes: [0; CLASSES], bytes: [0; CLASSES] },
            past: [Past { holes_sum: 0, bytes_sum: 0, since: 0 }; CLASSES],
            operations: 0,
        }
    }

    pub(super) const fn set_time(&mut self, operations: u64) {
        self.operations = operations;
    }

    #[inline]
    pub(super) fn add(&mut self, start: u64, len: u64) {
        self.count += 1;
        self.bytes += len;
        self.squares += u128::from(len) * u128::from(len);
        for (usable, size) in self.usable_bytes.iter_mut().zip(HeapShape::SIZES_BYTES) {
            *usable += if len >= size { len } else { 0 };
        }
        self.whole_pages += whole_pages(start, len);
        let class = self.pass(len);
        self.classes.holes[class] += 1;
        self.classes.bytes[class] += len;
    }

    #[inline]
    pub(super) fn remove(&mut self, start: u64, len: u64) {
        self.count -= 1;
        self.bytes -= len;
        self.squares -= u128::from(len) * u128::from(len);
        for (usable, size) in self.usable_bytes.iter_mut().zip(HeapShape::SIZES_BYTES) {
            *usable -= if len >= size { len } else { 0 };
        }
        self.whole_pages -= whole_pages(start, len);
        let class = self.pass(len);
        self.classes.holes[class] -= 1;
        self.classes.bytes[class] -= len;
    }

    /// All holes are gone.
    pub(super) fn clear(&mut self) {
        (self.count, self.bytes, self.squares) = (0, 0, 0);
        (self.usable_bytes, self.whole_pages) = ([0; 3], 0);
        self.pass_all();
        self.classes = Classes { holes: [0; CLASSES], bytes: [0; CLASSES] };
    }

    /// The histogram averaged over the states after all operations so far.
    #[expect(clippy::cast_precision_loss, reason = "a mean needs no more digits than a double has")]
    pub(super) fn mean_histogram(&mut self) -> Vec<ShapeClass> {
        self.pass_all();
        let operations = self.operations as f64;
        let of = |(class, past): (usize, &Past)| ShapeClass {
            from_bytes: 1 << class,
            holes: past.holes_sum as f64 / operations,
            bytes: past.bytes_sum as f64 / operations,
        };
        self.past.iter().enumerate().filter(|(_, past)| past.holes_sum > 0).map(of).collect()
    }

    /// The class of a length; its state so far is in the sums.
    #[inline]
    fn pass(&mut self, len: u64) -> usize {
        let class = len.checked_ilog2().unwrap_or(0) as usize;
        self.past[class].pass(
            self.classes.holes[class],
            self.classes.bytes[class],
            self.operations,
        );
        class
    }

    fn pass_all(&mut self) {
        let now = self.classes.holes.iter().zip(&self.classes.bytes);
        for (past, (&holes, &bytes)) in self.past.iter_mut().zip(now) {
            past.pass(holes, bytes, self.operations);
        }
    }
}

impl Past {
    /// Adds the state that has lasted up to here.
    #[inline]
    fn pass(&mut self, holes: u64, bytes: u64, operations: u64) {
        let lasted = u128::from(operations - self.since);
        self.holes_sum += u128::from(holes) * lasted;
        self.bytes_sum += u128::from(bytes) * lasted;
        self.since = operations;
    }
}

const fn whole_pages(start: u64, len: u64) -> u64 {
    let first = start.div_ceil(HeapShape::PAGE_BYTES);
    ((start + len) / HeapShape::PAGE_BYTES).saturating_sub(first)
}
