//! A list of holes for each class of lengths, found through two levels of bitmaps.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use heaplab_blocks::classes::filled;
use heaplab_blocks::{Entries as _, Entry, HoleIndex, Id, NIL, Taken, bins};
use heaplab_core::{ConfigError, Granule};

const NEXT: usize = 0;
const BEFORE: usize = 1;

/// The logarithm of the number of classes in each octave of lengths.
const PER_OCTAVE_SHIFT: u32 = 5;
const PER_OCTAVE: u64 = 1 << PER_OCTAVE_SHIFT;

/// How many holes of too short a class are looked at when nothing else is left.
const LAST_LOOKS: usize = 8;

/// A class of lengths: 32 an octave. The lengths below 64 granules have one each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Class(u32);

impl Class {
    /// The class of a length in granules.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a class is below 2^11")]
    const fn of(granules: u64) -> Self {
        let shift = Self::shift(granules);
        // The leading bit of the shifted length counts its octave once.
        Self((shift << PER_OCTAVE_SHIFT) + (granules >> shift) as u32)
    }

    /// The lowest class whose lengths all have at least `granules` granules, which are not none: the one behind the class
    /// of a length that is too short by a granule. Near the top of 64 bits no hole has it.
    #[inline]
    const fn all_hold(granules: u64) -> Self {
        Self(Self::of(granules - 1).0 + 1)
    }

    /// The logarithm of the granules that the class of a length spans; which octave it is cannot be foretold, so this is
    /// arithmetic and no branch.
    #[inline]
    const fn shift(granules: u64) -> u32 {
        (granules | PER_OCTAVE).ilog2() - PER_OCTAVE_SHIFT
    }

    #[inline]
    const fn octave(self) -> usize {
        (self.0 >> PER_OCTAVE_SHIFT) as usize
    }

    #[inline]
    const fn part(self) -> u32 {
        self.0 % u32::BITS
    }

    #[inline]
    const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A hole of the lowest class all of whose holes can hold the block: found in constant time, good but not best.
///
/// ```text
/// octaves   0 1 0 1 ...                  one bit an octave: has holes?
/// parts[1]  00000000 00000000 00010000 … one bit a class:   has holes?
/// firsts    [1][20] ──▶ hole ⇄ hole ⇄ hole    newest first
/// ```
///
/// When no such class has a hole the wilderness is next, and when that is too small at most eight holes of the classes
/// that may hold the block are looked at.
///
/// Invariants
///
/// 1. A class's bit is set if and only if its list is not empty, an octave's if and only if one of its classes' is.
/// 2. Each hole is in the list of its length's class, and there is no other hole.
#[derive(Debug)]
pub struct SegregatedFit {
    shift: u32,
    octaves: u64,
    parts: Vec<u32>,
    firsts: Vec<Id>,
}

impl SegregatedFit {
    #[inline]
    fn class_of(&self, len: u64) -> Class {
        Class::of(len >> self.shift)
    }

    /// The lowest class at or above `class` that has holes.
    #[inline]
    fn at_or_above(&self, class: Class) -> Option<Class> {
        let here = self.parts.get(class.octave())? & (u32::MAX << class.part());
        if here != 0 {
            return Some(Class((class.0 & !(u32::BITS - 1)) + here.trailing_zeros()));
        }
        let octaves = self.octaves & (u64::MAX << class.octave() << 1);
        if octaves == 0 {
            return None;
        }
        let octave = octaves.trailing_zeros();
        Some(Class((octave << PER_OCTAVE_SHIFT) + self.parts[octave as usize].trailing_zeros()))
    }

    /// Notes that a class has no holes any more.
    #[inline]
    fn note_empty(&mut self, class: Class) {
        let parts = &mut self.parts[class.octave()];
        *parts &= !(1 << class.part());
        if *parts == 0 {
            self.octaves &= !(1 << class.octave());
        }
    }

    fn holes<'a>(&self, entries: &'a [Entry], class: Class) -> impl Iterator<Item = Id> + use<'a> {
        let link = |id: Id| (id != NIL).then_some(id);
        core::iter::successors(link(self.firsts[class.index()]), move |&hole| {
            link(entries.links(hole)[NEXT])
        })
    }

    /// A length from which on any hole can hold `len` bytes at `align`, in granules.
    #[inline]
    fn ample(&self, len: u64, align: u64) -> u64 {
        len.saturating_add(align - (1 << self.shift)) >> self.shift
    }
}

impl HoleIndex for SegregatedFit {
    type Position = ();

    fn new(capacity_bytes: u64, granule: Granule) -> Result<Self, ConfigError> {
        let shift = granule.shift();
        let octaves = Class::of(capacity_bytes >> shift).octave() + 1;
        Ok(Self {
            shift,
            octaves: 0,
            parts: filled(octaves, 0)?,
            firsts: filled(octaves << PER_OCTAVE_SHIFT, NIL)?,
        })
    }

    #[inline(always)]
    fn insert(&mut self, entries: &mut [Entry], hole: Id, len: u64) {
        let class = self.class_of(len);
        let next = core::mem::replace(&mut self.firsts[class.index()], hole);
        entries[hole as usize].links = [next, NIL, NIL];
        // Without a next hole this writes to the sentinel, whose links mean nothing.
        entries[next as usize].links[BEFORE] = hole;
        // Whether the class has holes already cannot be foretold, and noting it again costs less than a wrong guess.
        self.parts[class.octave()] |= 1 << class.part();
        self.octaves |= 1 << class.octave();
    }

    #[inline(always)]
    fn remove(&mut self, entries: &mut [Entry], hole: Id, len: u64) {
        let [next, before, _] = entries[hole as usize].links;
        // Where there is no neighbor these write to the sentinel, whose links mean nothing.
        entries[next as usize].links[BEFORE] = before;
        entries[before as usize].links[NEXT] = next;
        if before == NIL {
            let class = self.class_of(len);
            self.firsts[class.index()] = next;
            if next == NIL {
                self.note_empty(class);
            }
        }
    }

    #[inline(always)]
    fn take(&mut self, entries: &mut [Entry], len: u64) -> Option<Taken<()>> {
        let class = self.at_or_above(Class::all_hold(len >> self.shift))?;
        let first = &mut self.firsts[class.index()];
        let hole = *first;
        let len = entries.len_of(hole);
        let next = entries[hole as usize].links[NEXT];
        *first = next;
        entries[next as usize].links[BEFORE] = NIL;
        if next == NIL {
            self.note_empty(class);
        }
        Some(Taken { hole, len, position: () })
    }

    #[inline]
    fn find(&self, _entries: &[Entry], len: u64, align: u64) -> Option<Id> {
        let class = self.at_or_above(Class::all_hold(self.ample(len, align)))?;
        Some(self.firsts[class.index()])
    }

    #[cold]
    fn find_last(&self, entries: &[Entry], len: u64, align: u64) -> Option<Id> {
        let searched = Class::all_hold(self.ample(len, align));
        let mut looks = LAST_LOOKS;
        let mut next = self.at_or_above(Class::of(len >> self.shift));
        while let Some(class) = next.filter(|class| class.index() < searched.index()) {
            for hole in self.holes(entries, class).take(looks) {
                if bins::fits(entries, hole, len, align) {
                    return Some(hole);
                }
                looks -= 1;
            }
            if looks == 0 {
                return None;
            }
            next = self.at_or_above(Class(class.0 + 1));
        }
        None
    }

    /// Looks through the holes of the highest class: for errors and reports, not for placing.
    fn largest(&self, entries: &[Entry]) -> u64 {
        let Some(octave) = self.octaves.checked_ilog2() else { return 0 };
        let class = Class((octave << PER_OCTAVE_SHIFT) + self.parts[octave as usize].ilog2());
        self.holes(entries, class).map(|hole| entries.len_of(hole)).max().unwrap_or(0)
    }

    fn clear(&mut self) {
        self.octaves = 0;
        self.parts.fill(0);
        self.firsts.fill(NIL);
    }

    fn metadata_bytes(&self) -> u64 {
        (self.parts.capacity() * size_of::<u32>() + self.firsts.capacity() * size_of::<Id>()) as u64
    }

    fn check_invariants(&self, entries: &[Entry], holes: u64) -> Result<(), String> {
        let mut counted = 0;
        for (octave, &parts) in (0..).zip(&self.parts) {
            if (self.octaves >> octave & 1 == 1) != (parts != 0) {
                return Err(format!(
                    "octave {octave} has classes {parts:b}, which its bit contradicts"
                ));
            }
            for part in 0..u32::BITS {
                let class = Class((octave << PER_OCTAVE_SHIFT) + part);
                if (parts >> part & 1 == 1) != (self.firsts[class.index()] != NIL) {
                    return Err(format!("{class:?} has a list that its bit contradicts"));
                }
                for hole in self.holes(entries, class) {
                    if self.class_of(entries.len_of(hole)) != class || !entries.is_hole(hole) {
                        return Err(format!("entry {hole} does not belong into {class:?}"));
                    }
                    counted += 1;
                }
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
    use super::{Class, PER_OCTAVE};

    #[test]
    fn classes_rise_with_the_length_and_are_dense() {
        let mut last = Class::of(1).index();
        for granules in 2..20_000 {
            let index = Class::of(granules).index();
            assert!(index == last || index == last + 1, "{granules} granules: {last} then {index}");
            last = index;
        }
    }

    #[test]
    fn every_hole_of_the_class_searched_holds_the_block() {
        for granules in 1..5_000 {
            let searched = Class::all_hold(granules);
            let shortest = (1..).find(|&length| Class::of(length) == searched).unwrap();
            assert!(shortest >= granules, "{granules} granules: class begins at {shortest}");
            let skipped = shortest - granules;
            assert!(skipped <= granules / PER_OCTAVE, "{granules} granules: {skipped} skipped");
        }
    }
}
