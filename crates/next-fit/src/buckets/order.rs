//! The buckets in address order, and which of them have long holes.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Buckets that share one entry among the tops.
const SPAN: usize = 32;

/// The buckets' first addresses, sorted, with the longest hole of each, and of each 32.
#[derive(Debug)]
pub(super) struct Order {
    starts: Vec<u64>,
    buckets: Vec<u32>,
    longest: Vec<u32>,
    tops: Vec<u32>,
}

impl Order {
    pub(super) const fn new() -> Self {
        Self { starts: Vec::new(), buckets: Vec::new(), longest: Vec::new(), tops: Vec::new() }
    }

    pub(super) const fn len(&self) -> usize {
        self.starts.len()
    }

    #[inline]
    pub(super) fn bucket(&self, position: usize) -> u32 {
        self.buckets[position]
    }

    pub(super) fn start(&self, position: usize) -> u64 {
        self.starts[position]
    }

    /// Where the next bucket's addresses begin, [`u64::MAX`] behind the last.
    #[inline]
    pub(super) fn end(&self, position: usize) -> u64 {
        self.starts.get(position + 1).map_or(u64::MAX, |&start| start)
    }

    #[inline]
    pub(super) fn longest(&self, position: usize) -> u32 {
        self.longest[position]
    }

    /// The position of the bucket for an address; `None` without buckets.
    #[inline]
    pub(super) fn position_of(&self, offset: u64) -> Option<usize> {
        self.starts.partition_point(|&start| start <= offset).checked_sub(1)
    }

    /// The first position from `from` on whose bucket has a hole of `units`.
    #[inline]
    pub(super) fn next_with(&self, from: usize, units: u32) -> Option<usize> {
        let span = from / SPAN;
        let has = |longest: &u32| *longest >= units;
        let own = from..self.longest.len().min((span + 1) * SPAN);
        if let Some(at) = self.longest.get(own)?.iter().position(has) {
            return Some(from + at);
        }
        let span = span + 1 + self.tops.get(span + 1..)?.iter().position(has)?;
        let at = self.longest[span * SPAN..].iter().position(has)?;
        Some(span * SPAN + at)
    }

    /// The positions of the buckets whose longest hole is noted as the longest of all.
    pub(super) fn with_longest(&self) -> impl Iterator<Item = usize> {
        let longest = self.tops.iter().max().copied().unwrap_or(0);
        (0..self.len()).filter(move |&position| self.longest[position] == longest)
    }

    /// Hears of a hole of `units` more at a position.
    #[inline]
    pub(super) fn raise(&mut self, position: usize, units: u32) {
        if units > self.longest[position] {
            self.longest[position] = units;
            let top = &mut self.tops[position / SPAN];
            *top = units.max(*top);
        }
    }

    /// Notes the longest hole at a position, which is not longer than before.
    #[inline]
    pub(super) fn lower(&mut self, position: usize, units: u32) {
        let before = core::mem::replace(&mut self.longest[position], units);
        if before == self.tops[position / SPAN] {
            self.note_top(position / SPAN);
        }
    }

    /// Notes the longest hole at a position.
    pub(super) fn set(&mut self, position: usize, units: u32) {
        self.longest[position] = units;
        self.note_top(position / SPAN);
    }

    #[inline]
    fn note_top(&mut self, span: usize) {
        let end = self.longest.len().min((span + 1) * SPAN);
        self.tops[span] = self.longest[span * SPAN..end].iter().fold(0, |a, &b| a.max(b));
    }

    fn note_tops(&mut self, from: usize) {
        self.tops.resize(self.longest.len().div_ceil(SPAN), 0);
        (from / SPAN..self.tops.len()).for_each(|span| self.note_top(span));
    }

    /// Sees to it that one more bucket has room.
    pub(super) fn reserve_one(&mut self) -> Option<()> {
        self.starts.try_reserve(1).ok()?;
        self.buckets.try_reserve(1).ok()?;
        self.longest.try_reserve(1).ok()?;
        self.tops.try_reserve(1).ok()
    }

    /// Puts a bucket without holes, for addresses from `start` on, at a position for which room was made.
    pub(super) fn insert(&mut self, position: usize, start: u64, bucket: u32) {
        self.starts.insert(position, start);
        self.buckets.insert(position, bucket);
        self.longest.insert(position, 0);
        self.note_tops(position);
    }

    /// Takes a bucket out; its addresses become those of the one before it.
    pub(super) fn remove(&mut self, position: usize) {
        self.starts.remove(position);
        self.buckets.remove(position);
        self.longest.remove(position);
        self.note_tops(position);
    }

    pub(super) fn clear(&mut self) {
        self.starts.clear();
        self.buckets.clear();
        self.longest.clear();
        self.tops.clear();
    }

    /// Bytes outside the value itself.
    pub(super) const fn metadata_bytes(&self) -> u64 {
        let words = self.buckets.capacity() + self.longest.capacity() + self.tops.capacity();
        (self.starts.capacity() * size_of::<u64>() + words * size_of::<u32>()) as u64
    }

    /// Checks the order of the addresses and the tops.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.starts.first().is_some_and(|&start| start != 0) || !self.starts.is_sorted() {
            return Err(format!("the buckets begin at {:?}", self.starts));
        }
        for (span, longest) in self.longest.chunks(SPAN).enumerate() {
            if longest.iter().max() != self.tops.get(span) {
                return Err(format!("top {span} is noted as {:?}", self.tops.get(span)));
            }
        }
        Ok(())
    }
}
