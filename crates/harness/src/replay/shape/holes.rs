//! The holes of a heap, followed from placements alone, with every sum over them that a measure needs.

use std::collections::binary_heap::PeekMut;
use std::collections::{BTreeMap, BinaryHeap};

use heaplab_core::{Block, Granule};
use heaplab_report::{HeapShape, ShapeClass};

use super::bounds::Bounds;
use super::state::State;
use super::totals::Totals;

/// So many granules before a block are looked at for the start of its hole, before all starts are put in order:
/// an alignment asks for no more, mostly.
const GRANULES_BEFORE: u64 = 8;

/// From one block to the next.
#[derive(Clone, Copy, Debug)]
struct Hole {
    start: u64,
    /// `start` where there is no hole any more.
    end: u64,
    /// The length under which it stands in `by_length`, at least its own; 0 where it does not.
    entered: u64,
}

impl Hole {
    const fn len(self) -> u64 {
        self.end - self.start
    }
}

/// The holes before the end of the last block.
///
/// Invariants
///
/// 1. `bounds` holds each hole's index under its start and under its end, and nothing else; `vacant` holds the indexes
///    that are no hole's.
/// 2. No two holes touch, and none reaches `end`.
/// 3. `totals` are the sums over the holes.
/// 4. Every hole of at least `least_bytes` stands in `by_length` under the length that it was `entered` with; what else
///    stands there is void.
/// 5. `largest_bytes` is at least the length of the largest hole, and equal to it unless `is_stale`.
#[derive(Debug)]
pub(super) struct Holes {
    granule: Granule,
    holes: Vec<Hole>,
    vacant: Vec<u32>,
    bounds: Bounds,
    /// The indexes by start, from the first block on that was placed far behind the start of a hole.
    ordered: Option<BTreeMap<u64, u32>>,
    by_length: BinaryHeap<(u64, u32)>,
    least_bytes: u64,
    largest_bytes: u64,
    is_stale: bool,
    end: u64,
    totals: Totals,
}

/// What was reported is no tiling: a block stands where no free bytes were.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Overlap;

impl Holes {
    pub(super) const fn new(granule: Granule) -> Self {
        Self {
            granule,
            holes: Vec::new(),
            vacant: Vec::new(),
            bounds: Bounds::new(granule),
            ordered: None,
            by_length: BinaryHeap::new(),
            least_bytes: 1,
            largest_bytes: 0,
            is_stale: false,
            end: 0,
            totals: Totals::new(),
        }
    }

    pub(super) const fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The end of the last block.
    pub(super) const fn end(&self) -> u64 {
        self.end
    }

    /// The operation whose effects follow; for averages.
    pub(super) const fn set_time(&mut self, operations: u64) {
        self.totals.set_time(operations);
    }

    /// The histogram averaged over the states after all operations so far.
    pub(super) fn mean_histogram(&self) -> Vec<ShapeClass> {
        self.totals.mean_histogram()
    }

    /// Writes down what is known of the holes now.
    #[inline]
    pub(super) fn tell(&mut self, state: &mut State) {
        let largest_hole_bytes = self.largest_bytes();
        let totals = &self.totals;
        state.holes = totals.count;
        state.hole_bytes = totals.bytes;
        state.largest_hole_bytes = largest_hole_bytes;
        state.squares = totals.squares;
        state.usable_bytes = totals.usable_bytes;
        // A page has no live byte exactly where all of it lies in one hole.
        state.live_pages = self.end.div_ceil(HeapShape::PAGE_BYTES) - totals.whole_pages;
    }

    /// A block stands where free bytes were.
    pub(super) fn take(&mut self, block: Block) -> Result<(), Overlap> {
        let Block { offset, len } = block;
        let end = offset.checked_add(len).ok_or(Overlap)?;
        if offset >= self.end {
            let before = std::mem::replace(&mut self.end, end);
            if offset > before {
                self.add(before, offset - before);
            }
            return Ok(());
        }
        let index = self.hole_around(offset, end).ok_or(Overlap)?;
        let hole = self.holes[index as usize];
        if hole.end < end {
            return Err(Overlap);
        }
        self.forget(hole);
        match (hole.start == offset, hole.end == end) {
            (true, true) => {
                self.bounds.remove(hole.start);
                self.bounds.remove(hole.end);
                self.vacate(index, hole.start);
            }
            // The rest stays the same hole, which is cheaper than a new one.
            (true, false) => {
                self.bounds.remove(hole.start);
                self.bounds.insert(end, index);
                self.order(hole.start, None);
                self.order(end, Some(index));
                self.shrunk(index, Hole { start: end, ..hole });
            }
            (false, true) => {
                self.bounds.remove(hole.end);
                self.bounds.insert(offset, index);
                self.shrunk(index, Hole { end: offset, ..hole });
            }
            (false, false) => {
                self.bounds.insert(offset, index);
                self.shrunk(index, Hole { end: offset, ..hole });
                let behind = self.index();
                self.bounds.insert(end, behind);
                self.bounds.set(hole.end, behind);
                self.order(end, Some(behind));
                self.grown(behind, Hole { start: end, end: hole.end, entered: 0 });
            }
        }
        Ok(())
    }

    /// A block, or the tail of one, is free now.
    pub(super) fn give(&mut self, block: Block) {
        let (start, end) = (block.offset, block.end());
        let before = self.bounds.find(start).filter(|&it| self.holes[it as usize].end == start);
        if end >= self.end {
            self.end = start;
            if let Some(index) = before {
                let hole = self.holes[index as usize];
                self.forget(hole);
                self.bounds.remove(hole.start);
                self.bounds.remove(hole.end);
                self.vacate(index, hole.start);
                self.end = hole.start;
            }
            return;
        }
        let behind = self.bounds.find(end).filter(|&it| self.holes[it as usize].start == end);
        let (index, joined) = match (before, behind) {
            (None, None) => return self.add(start, end - start),
            (Some(index), None) => {
                let hole = self.holes[index as usize];
                self.forget(hole);
                self.bounds.remove(start);
                self.bounds.insert(end, index);
                (index, Hole { end, ..hole })
            }
            (None, Some(index)) => {
                let hole = self.holes[index as usize];
                self.forget(hole);
                self.bounds.remove(end);
                self.bounds.insert(start, index);
                self.order(end, None);
                self.order(start, Some(index));
                (index, Hole { start, ..hole })
            }
            (Some(index), Some(other)) => {
                let (hole, behind) = (self.holes[index as usize], self.holes[other as usize]);
                self.forget(hole);
                self.forget(behind);
                self.bounds.remove(start);
                self.bounds.remove(end);
                self.bounds.set(behind.end, index);
                self.vacate(other, end);
                (index, Hole { end: behind.end, ..hole })
            }
        };
        self.grown(index, joined);
    }

    /// Nothing but blocks, up to `end`.
    pub(super) fn fill(&mut self, end: u64) {
        if self.totals.count > 0 {
            for hole in self.holes.drain(..).filter(|hole| hole.len() > 0) {
                self.bounds.remove(hole.start);
                self.bounds.remove(hole.end);
            }
            self.vacant.clear();
            self.ordered = None;
            self.by_length.clear();
            self.totals.clear();
            (self.least_bytes, self.largest_bytes, self.is_stale) = (1, 0, false);
        }
        self.end = end;
    }

    /// Length of the largest hole, 0 without one.
    #[inline]
    pub(super) fn largest_bytes(&mut self) -> u64 {
        if self.is_stale {
            self.look_for_largest();
        }
        self.largest_bytes
    }

    fn look_for_largest(&mut self) {
        while let Some(mut longest) = self.by_length.peek_mut() {
            let (entered, index) = *longest;
            let hole = &mut self.holes[index as usize];
            let len = hole.len();
            if hole.entered != entered {
                PeekMut::pop(longest);
            } else if len == entered {
                (self.largest_bytes, self.is_stale) = (len, false);
                return;
            } else if len >= self.least_bytes {
                // Most often the largest hole has become shorter, and is the largest still.
                hole.entered = len;
                *longest = (len, index);
            } else {
                hole.entered = 0;
                PeekMut::pop(longest);
            }
        }
        self.sort();
    }

    /// Starts `by_length` anew, with the holes that may be the largest for a while.
    #[cold]
    fn sort(&mut self) {
        self.by_length.clear();
        self.largest_bytes = self.holes.iter().map(|hole| hole.len()).max().unwrap_or(0);
        self.least_bytes = (self.largest_bytes / 2).max(1);
        for (hole, index) in self.holes.iter_mut().zip(0..) {
            hole.entered = if hole.len() >= self.least_bytes { hole.len() } else { 0 };
            if hole.entered > 0 {
                self.by_length.push((hole.entered, index));
            }
        }
        self.is_stale = false;
    }

    /// The hole that the bytes from `offset` to `end` lie in. Where they lie in none, it may be one that ends too early.
    #[inline]
    fn hole_around(&mut self, offset: u64, end: u64) -> Option<u32> {
        if let Some(index) = self.bounds.find(offset) {
            let hole = self.holes[index as usize];
            // Behind the end of a hole stands a block.
            return (hole.start == offset && hole.end > offset).then_some(index);
        }
        if let Some(index) = self.bounds.find(end) {
            let hole = self.holes[index as usize];
            if hole.end == end {
                return (hole.start < offset).then_some(index);
            }
        }
        self.hole_before(offset)
    }

    /// The hole that begins before an offset, at neither bound of which a block stands.
    fn hole_before(&mut self, offset: u64) -> Option<u32> {
        for granules in 1..GRANULES_BEFORE {
            let start = offset.checked_sub(granules * self.granule.bytes())?;
            if let Some(index) = self.bounds.find(start) {
                let hole = self.holes[index as usize];
                // Behind the end of a hole stands a block.
                return (hole.start == start && hole.end > offset).then_some(index);
            }
        }
        let indexed = || self.holes.iter().zip(0..).filter(|(hole, _)| hole.len() > 0);
        let ordered = || indexed().map(|(hole, index)| (hole.start, index)).collect();
        let ordered = self.ordered.get_or_insert_with(ordered);
        ordered.range(..offset).next_back().map(|(_, &index)| index)
    }

    /// A new hole, which touches no other.
    pub(super) fn add(&mut self, start: u64, len: u64) {
        let (index, end) = (self.index(), start + len);
        self.bounds.insert(start, index);
        self.bounds.insert(end, index);
        self.order(start, Some(index));
        self.grown(index, Hole { start, end, entered: 0 });
    }

    /// An index that no hole has.
    fn index(&mut self) -> u32 {
        self.vacant.pop().unwrap_or_else(|| {
            self.holes.push(Hole { start: 0, end: 0, entered: 0 });
            // There are at most as many holes as blocks, and blocks have indexes of 32 bits.
            u32::try_from(self.holes.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// A hole is no more.
    fn vacate(&mut self, index: u32, start: u64) {
        self.holes[index as usize] = Hole { start, end: start, entered: 0 };
        self.vacant.push(index);
        self.order(start, None);
    }

    /// Keeps the order of starts, where there is one: a start is some hole's now, or nobody's.
    #[inline]
    fn order(&mut self, start: u64, index: Option<u32>) {
        if let Some(ordered) = &mut self.ordered {
            match index {
                Some(index) => ordered.insert(start, index),
                None => ordered.remove(&start),
            };
        }
    }

    /// A hole is about to be another one, or none.
    #[inline]
    fn forget(&mut self, hole: Hole) {
        self.totals.remove(hole.start, hole.len());
        self.is_stale |= hole.len() == self.largest_bytes;
    }

    /// The hole of an index is shorter than it was, and this.
    #[inline]
    fn shrunk(&mut self, index: u32, hole: Hole) {
        self.holes[index as usize] = hole;
        self.totals.add(hole.start, hole.len());
    }

    /// The hole of an index is longer than it was, or new, and this.
    #[inline]
    fn grown(&mut self, index: u32, hole: Hole) {
        self.holes[index as usize] = hole;
        let len = hole.len();
        self.totals.add(hole.start, len);
        if len >= self.least_bytes {
            self.enter(index);
        }
    }

    fn enter(&mut self, index: u32) {
        let hole = &mut self.holes[index as usize];
        let len = hole.len();
        if len >= self.largest_bytes {
            (self.largest_bytes, self.is_stale) = (len, false);
        }
        if len <= hole.entered {
            return;
        }
        hole.entered = len;
        // What is void must not pile up.
        if self.by_length.len() > 4 * self.holes.len() + 256 {
            self.sort();
        } else {
            self.by_length.push((len, index));
        }
    }
}

#[cfg(test)]
mod tests;
