//! The holes of a heap, followed from placements alone, with every sum over them that a measure needs.

use std::collections::{BTreeSet, BinaryHeap, HashMap};

use foldhash::fast::FixedState;
use heaplab_core::Block;
use heaplab_report::{HeapShape, ShapeClass};

use super::totals::Totals;

/// Bytes to bytes, with a hash that is the same in every process.
type Offsets = HashMap<u64, u64, FixedState>;

/// The holes before the end of the last block.
///
/// Invariants
///
/// 1. `starts` holds each hole's length under its start, `ends` its start under its end.
/// 2. No two holes touch, and none reaches `end`.
/// 3. `totals` are the sums over the holes.
/// 4. Every hole stands in `by_length`; what else stands there is no hole any more.
/// 5. `largest_bytes` is at least the length of the largest hole, and equal to it unless `is_stale`.
#[derive(Debug)]
pub(super) struct Holes {
    starts: Offsets,
    ends: Offsets,
    /// The starts in order, from the first block on that was placed in the middle of a hole.
    ordered: Option<BTreeSet<u64>>,
    by_length: BinaryHeap<(u64, u64)>,
    largest_bytes: u64,
    is_stale: bool,
    end: u64,
    totals: Totals,
}

/// What was reported is no tiling: a block stands where no free bytes were.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Overlap;

impl Holes {
    pub(super) fn new() -> Self {
        Self {
            starts: Offsets::default(),
            ends: Offsets::default(),
            ordered: None,
            by_length: BinaryHeap::new(),
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
    pub(super) fn mean_histogram(&mut self) -> Vec<ShapeClass> {
        self.totals.mean_histogram()
    }

    /// Pages that a live block covers, wholly or in part.
    pub(super) const fn live_pages(&self) -> u64 {
        // A page has no live byte exactly where all of it lies in one hole.
        self.end.div_ceil(HeapShape::PAGE_BYTES) - self.totals.whole_pages
    }

    /// A block stands where free bytes were.
    pub(super) fn take(&mut self, block: Block) -> Result<(), Overlap> {
        let Block { offset, len } = block;
        if offset >= self.end {
            let before = self.end;
            self.end = offset.checked_add(len).ok_or(Overlap)?;
            if offset > before {
                self.add(before, offset - before);
            }
            return Ok(());
        }
        let start = self.hole_around(offset).ok_or(Overlap)?;
        let hole_len = *self.starts.get(&start).ok_or(Overlap)?;
        let hole_end = start + hole_len;
        let end = offset.checked_add(len).filter(|&end| end <= hole_end).ok_or(Overlap)?;
        if start == offset && end < hole_end {
            self.shorten(start, hole_len, len);
            return Ok(());
        }
        self.remove(start);
        if start < offset {
            self.add(start, offset - start);
        }
        if end < hole_end {
            self.add(end, hole_end - end);
        }
        Ok(())
    }

    /// The first `by` bytes of a hole are taken; the rest stays a hole, which is cheaper than a new one.
    fn shorten(&mut self, start: u64, len: u64, by: u64) {
        let rest = (start + by, len - by);
        self.starts.remove(&start);
        self.starts.insert(rest.0, rest.1);
        if let Some(at) = self.ends.get_mut(&(start + len)) {
            *at = rest.0;
        }
        if let Some(ordered) = &mut self.ordered {
            ordered.remove(&start);
            ordered.insert(rest.0);
        }
        self.totals.remove(start, len);
        self.totals.add(rest.0, rest.1);
        self.is_stale |= len == self.largest_bytes;
        self.note_length(rest.0, rest.1);
    }

    /// A block, or the tail of one, is free now.
    pub(super) fn give(&mut self, block: Block) {
        let mut start = block.offset;
        let mut end = block.end();
        if let Some(&before) = self.ends.get(&start) {
            self.remove(before);
            start = before;
        }
        if end >= self.end {
            self.end = start;
            return;
        }
        if let Some(len) = self.remove(end) {
            end += len;
        }
        self.add(start, end - start);
    }

    /// Nothing but blocks, up to `end`.
    pub(super) fn fill(&mut self, end: u64) {
        if self.totals.count > 0 {
            self.starts.clear();
            self.ends.clear();
            self.ordered = None;
            self.by_length.clear();
            self.totals.clear();
            self.largest_bytes = 0;
            self.is_stale = false;
        }
        self.end = end;
    }

    /// Length of the largest hole, 0 without one.
    pub(super) fn largest_bytes(&mut self) -> u64 {
        if self.is_stale {
            while let Some(&(len, start)) = self.by_length.peek() {
                if self.starts.get(&start) == Some(&len) {
                    break;
                }
                self.by_length.pop();
            }
            self.largest_bytes = self.by_length.peek().map_or(0, |&(len, _)| len);
            self.is_stale = false;
        }
        self.largest_bytes
    }

    fn hole_around(&mut self, offset: u64) -> Option<u64> {
        if self.starts.contains_key(&offset) {
            return Some(offset);
        }
        let starts = &self.starts;
        let ordered = self.ordered.get_or_insert_with(|| starts.keys().copied().collect());
        ordered.range(..offset).next_back().copied()
    }

    /// A new hole, which touches no other.
    pub(super) fn add(&mut self, start: u64, len: u64) {
        self.starts.insert(start, len);
        self.ends.insert(start + len, start);
        if let Some(ordered) = &mut self.ordered {
            ordered.insert(start);
        }
        self.totals.add(start, len);
        self.note_length(start, len);
    }

    fn note_length(&mut self, start: u64, len: u64) {
        // What is no hole any more must not pile up.
        if self.by_length.len() > 4 * self.starts.len() + 256 {
            self.by_length = self.starts.iter().map(|(&start, &len)| (len, start)).collect();
        } else {
            self.by_length.push((len, start));
        }
        self.largest_bytes = self.largest_bytes.max(len);
    }

    fn remove(&mut self, start: u64) -> Option<u64> {
        let len = self.starts.remove(&start)?;
        self.ends.remove(&(start + len));
        if let Some(ordered) = &mut self.ordered {
            ordered.remove(&start);
        }
        self.totals.remove(start, len);
        self.is_stale |= len == self.largest_bytes;
        Some(len)
    }
}
