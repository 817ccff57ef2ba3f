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

impl Default for Classes {
    fn default() -> Self {
        Self::NONE
    }
}

impl Classes {
    const NONE: Self = Self { holes: [0; CLASSES], bytes: [0; CLASSES] };

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

/// What is missing from the present state of a class times all operations, to be the sum of its states after each:
/// a hole that comes after some operations has not been there for so many, and one that goes will not have been there
/// for those that follow. Modulo 2^128, since it may be below zero meanwhile.
#[derive(Clone, Copy, Debug)]
struct Past {
    holes: u128,
    bytes: u128,
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
            classes: Classes::NONE,
            past: [Past { holes: 0, bytes: 0 }; CLASSES],
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
        let class = class_of(len);
        self.classes.holes[class] += 1;
        self.classes.bytes[class] += len;
        let past = &mut self.past[class];
        past.holes = past.holes.wrapping_sub(u128::from(self.operations));
        past.bytes = past.bytes.wrapping_sub(u128::from(self.operations) * u128::from(len));
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
        let class = class_of(len);
        self.classes.holes[class] -= 1;
        self.classes.bytes[class] -= len;
        let past = &mut self.past[class];
        past.holes = past.holes.wrapping_add(u128::from(self.operations));
        past.bytes = past.bytes.wrapping_add(u128::from(self.operations) * u128::from(len));
    }

    /// All holes are gone.
    pub(super) fn clear(&mut self) {
        (self.count, self.bytes, self.squares) = (0, 0, 0);
        (self.usable_bytes, self.whole_pages) = ([0; 3], 0);
        for (class, past) in self.past.iter_mut().enumerate() {
            *past = past.sums(&self.classes, class, self.operations);
        }
        self.classes = Classes::NONE;
    }

    /// The histogram averaged over the states after all operations so far.
    #[expect(clippy::cast_precision_loss, reason = "a mean needs no more digits than a double has")]
    pub(super) fn mean_histogram(&self) -> Vec<ShapeClass> {
        let operations = self.operations as f64;
        let sums = |(class, past): (usize, &Past)| past.sums(&self.classes, class, self.operations);
        let of = |(class, sums): (usize, Past)| ShapeClass {
            from_bytes: 1 << class,
            holes: sums.holes as f64 / operations,
            bytes: sums.bytes as f64 / operations,
        };
        let sums = self.past.iter().enumerate().map(sums).enumerate();
        sums.filter(|(_, sums)| sums.holes > 0).map(of).collect()
    }
}

impl Past {
    /// The sums of a class's states after each of so many operations.
    fn sums(self, now: &Classes, class: usize, operations: u64) -> Self {
        let all = |state: u64| u128::from(state) * u128::from(operations);
        Self {
            holes: self.holes.wrapping_add(all(now.holes[class])),
            bytes: self.bytes.wrapping_add(all(now.bytes[class])),
        }
    }
}

/// The class of a length.
fn class_of(len: u64) -> usize {
    len.checked_ilog2().unwrap_or(0) as usize
}

const fn whole_pages(start: u64, len: u64) -> u64 {
    let first = start.div_ceil(HeapShape::PAGE_BYTES);
    ((start + len) / HeapShape::PAGE_BYTES).saturating_sub(first)
}
