//! Two levels of lists: octaves of lengths, each cut into equal parts.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use heaplab_blocks::classes::filled;
use heaplab_blocks::{Entries as _, Entry, HoleIndex, Id, NIL};
use heaplab_core::{ConfigError, Granule};

const NEXT: usize = 0;
const BEFORE: usize = 1;

/// The most parts of an octave, as a logarithm: their bits stand in 64.
pub(crate) const MOST_PARTS_SHIFT: u32 = 6;

/// A hole of the lowest list all of whose holes can hold the block; the newest of that list.
///
/// Holes that would fit but are listed under the request's own class are passed over: that is what the constant time is
/// paid with.
///
/// Invariants
///
/// 1. A list's bit is set if and only if the list is not empty, an octave's if and only if one of its lists' is.
/// 2. Each hole is in the list of its length, and there is no other hole.
#[derive(Debug)]
pub struct TwoLevel {
    granule_shift: u32,
    /// The logarithm of the number of parts in an octave.
    parts_shift: u32,
    octaves: u64,
    parts: Vec<u64>,
    firsts: Vec<Id>,
}

impl TwoLevel {
    /// Lists without holes: `2^parts_shift` for each octave of lengths.
    ///
    /// # Errors
    ///
    /// [`ConfigError::OutOfMetadata`] if there is no memory for them.
    pub fn with_parts(
        capacity_bytes: u64,
        granule: Granule,
        parts_shift: u32,
    ) -> Result<Self, ConfigError> {
        let parts_shift = parts_shift.min(MOST_PARTS_SHIFT);
        let granule_shift = granule.shift();
        let mut lists =
            Self { granule_shift, parts_shift, octaves: 0, parts: Vec::new(), firsts: Vec::new() };
        let octaves = (lists.list_of(capacity_bytes) >> parts_shift) + 1;
        lists.parts = filled(octaves, 0)?;
        lists.firsts = filled(octaves << parts_shift, NIL)?;
        Ok(lists)
    }

    /// The logarithm of the granules that the list of a length spans.
    #[inline]
    const fn span(&self, granules: u64) -> u32 {
        (granules | 1 << self.parts_shift).ilog2() - self.parts_shift
    }

    /// The list of a length in granules, at least one; short lengths have one each.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "there are fewer than 2^13 lists")]
    const fn list(&self, granules: u64) -> usize {
        let span = self.span(granules);
        // The leading bit of the shifted length counts its octave once; lists begin at 0.
        ((span as usize) << self.parts_shift) + (granules >> span) as usize - 1
    }

    /// The list of a length in bytes.
    #[inline]
    const fn list_of(&self, len: u64) -> usize {
        self.list(len >> self.granule_shift)
    }

    /// The lowest list whose holes all have at least `len` bytes; `None` if lengths end before it.
    #[inline]
    fn list_that_holds(&self, len: u64) -> Option<usize> {
        let granules = len >> self.granule_shift;
        let up = granules.checked_add((1 << self.span(granules)) - 1)?;
        Some(self.list(up))
    }

    const fn octave_of(&self, list: usize) -> usize {
        list >> self.parts_shift
    }

    const fn part_of(&self, list: usize) -> usize {
        list & ((1 << self.parts_shift) - 1)
    }

    /// The lowest list at or above `list` that has holes.
    #[inline]
    fn at_or_above(&self, list: usize) -> Option<usize> {
        let octave = self.octave_of(list);
        let here = self.parts.get(octave)? & (u64::MAX << self.part_of(list));
        if here != 0 {
            return Some((octave << self.parts_shift) + here.trailing_zeros() as usize);
        }
        let octaves = self.octaves & (u64::MAX << octave << 1);
        if octaves == 0 {
            return None;
        }
        let octave = octaves.trailing_zeros() as usize;
        Some((octave << self.parts_shift) + self.parts[octave].trailing_zeros() as usize)
    }

    fn holes<'a>(&self, entries: &'a [Entry], list: usize) -> impl Iterator<Item = Id> + use<'a> {
        let link = |id: Id| (id != NIL).then_some(id);
        core::iter::successors(link(self.firsts[list]), move |&hole| {
            link(entries.links(hole)[NEXT])
        })
    }
}

impl HoleIndex for TwoLevel {
    type Position = ();

    /// Half fit's lists: one an octave.
    fn new(capacity_bytes: u64, granule: Granule) -> Result<Self, ConfigError> {
        Self::with_parts(capacity_bytes, granule, 0)
    }

    #[inline]
    fn insert(&mut self, entries: &mut [Entry], hole: Id, len: u64) {
        let list = self.list_of(len);
        let next = core::mem::replace(&mut self.firsts[list], hole);
        *entries.links_mut(hole) = [next, NIL, NIL];
        if next != NIL {
            entries.links_mut(next)[BEFORE] = hole;
        }
        let octave = self.octave_of(list);
        self.parts[octave] |= 1 << self.part_of(list);
        self.octaves |= 1 << octave;
    }

    #[inline]
    fn remove(&mut self, entries: &mut [Entry], hole: Id, len: u64) {
        let [next, before, _] = *entries.links(hole);
        if next != NIL {
            entries.links_mut(next)[BEFORE] = before;
        }
        if before != NIL {
            entries.links_mut(before)[NEXT] = next;
            return;
        }
        let list = self.list_of(len);
        self.firsts[list] = next;
        if next == NIL {
            let octave = self.octave_of(list);
            self.parts[octave] &= !(1 << self.part_of(list));
            if self.parts[octave] == 0 {
                self.octaves &= !(1 << octave);
            }
        }
    }

    #[inline]
    fn find(&self, _entries: &[Entry], len: u64, align: u64) -> Option<Id> {
        // From this length on a hole can hold the block at any alignment.
        let granule_bytes = 1 << self.granule_shift;
        let ample = len.checked_add(align.max(granule_bytes) - granule_bytes)?;
        let list = self.at_or_above(self.list_that_holds(ample)?)?;
        Some(self.firsts[list])
    }

    /// Looks through the holes of the highest list: for errors and reports, not for placing.
    fn largest(&self, entries: &[Entry]) -> u64 {
        let Some(octave) = self.octaves.checked_ilog2() else { return 0 };
        let list =
            ((octave as usize) << self.parts_shift) + self.parts[octave as usize].ilog2() as usize;
        self.holes(entries, list).map(|hole| entries.len_of(hole)).max().unwrap_or(0)
    }

    fn clear(&mut self) {
        self.octaves = 0;
        self.parts.fill(0);
        self.firsts.fill(NIL);
    }

    fn metadata_bytes(&self) -> u64 {
        (self.parts.capacity() * size_of::<u64>() + self.firsts.capacity() * size_of::<Id>()) as u64
    }

    fn check_invariants(&self, entries: &[Entry], holes: u64) -> Result<(), String> {
        let mut counted = 0;
        for (octave, &parts) in self.parts.iter().enumerate() {
            if (self.octaves >> octave & 1 == 1) != (parts != 0) {
                return Err(format!(
                    "octave {octave} has lists {parts:b}, which its bit contradicts"
                ));
            }
        }
        for (list, &first) in self.firsts.iter().enumerate() {
            let parts = self.parts[self.octave_of(list)];
            if (parts >> self.part_of(list) & 1 == 1) != (first != NIL) {
                return Err(format!("list {list} is contradicted by its bit"));
            }
            for hole in self.holes(entries, list) {
                if self.list_of(entries.len_of(hole)) != list || !entries.is_hole(hole) {
                    return Err(format!("entry {hole} does not belong into list {list}"));
                }
                counted += 1;
            }
        }
        if counted == holes {
            Ok(())
        } else {
            Err(format!("the lists hold {counted} holes, the table {holes}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Granule, MOST_PARTS_SHIFT, TwoLevel};

    #[test]
    fn lists_rise_with_the_length_and_a_search_begins_where_all_hold() {
        for parts_shift in 0..=MOST_PARTS_SHIFT {
            let lists = TwoLevel::with_parts(1 << 20, Granule::BYTE, parts_shift).unwrap();
            let mut last = lists.list_of(1);
            for len in 2..3_000 {
                let list = lists.list_of(len);
                assert!(list == last || list == last + 1, "{len}: {last} then {list}");
                last = list;
                let searched = lists.list_that_holds(len).unwrap();
                let shortest = (len / 2..).find(|&hole| lists.list_of(hole) == searched).unwrap();
                assert!(shortest >= len, "{len}: the list begins at {shortest}");
                assert!(lists.list_of(len - 1) < searched, "{len}: a lower list would do");
            }
        }
    }
}
