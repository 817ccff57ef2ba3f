//! The index that finds the next hole behind the rover.

use alloc::format;
use alloc::string::String;

use heaplab_blocks::{Entries as _, Entry, HoleIndex, Id, Taken, bins};
use heaplab_core::{ConfigError, Granule};

use crate::buckets::{Buckets, Vacancy};

/// The first hole that can hold the block and starts at or above the rover, else the first from address 0.
///
/// The rover is the end of the block most recently placed by a search; it starts at 0 and stays where it is at frees
/// and at resizes in place. All holes lie in buckets by address, and each bucket knows its longest.
#[derive(Debug)]
pub struct RoverFit {
    buckets: Buckets,
    rover: u64,
    granule_bytes: u64,
}

impl HoleIndex for RoverFit {
    type Position = Vacancy;

    fn new(_capacity_bytes: u64, granule: Granule) -> Result<Self, ConfigError> {
        let (buckets, granule_bytes) = (Buckets::new(granule.shift()), granule.bytes());
        Ok(Self { buckets, rover: 0, granule_bytes })
    }

    #[inline]
    fn insert(&mut self, entries: &mut [Entry], hole: Id, len: u64) {
        self.buckets.insert(entries, hole, len);
    }

    #[inline]
    fn remove(&mut self, entries: &mut [Entry], hole: Id, _len: u64) -> Vacancy {
        self.buckets.remove(entries, hole);
        Vacancy::default()
    }

    #[inline]
    fn insert_at(
        &mut self,
        entries: &mut [Entry],
        hole: Id,
        len: u64,
        position: Vacancy,
    ) -> Vacancy {
        self.buckets.insert_at(entries, hole, len, position);
        Vacancy::default()
    }

    #[inline]
    fn take(&mut self, entries: &mut [Entry], len: u64) -> Option<Taken<Vacancy>> {
        let hole = self.find(entries, len, 1)?;
        let hole_len = entries.len_of(hole);
        let position = if hole_len == len {
            self.buckets.remove(entries, hole);
            Vacancy::default()
        } else {
            self.buckets.vacate(entries, hole)
        };
        Some(Taken { hole, len: hole_len, position })
    }

    #[inline]
    fn find(&self, entries: &[Entry], len: u64, align: u64) -> Option<Id> {
        let is_plain = align <= self.granule_bytes && len >> 32 == 0;
        // What is noted of lengths says all, unless there are too many granules to note.
        if is_plain {
            self.buckets.next_from(entries, self.rover, len, |_| true)
        } else {
            let suits = |hole| bins::fits(entries, hole, len, align);
            self.buckets.next_from(entries, self.rover, len, suits)
        }
    }

    #[inline]
    fn placed(&mut self, entries: &[Entry], block: Id) {
        self.rover = entries.offset(entries.next(block));
    }

    fn largest(&self, entries: &[Entry]) -> u64 {
        self.buckets.longest(entries)
    }

    fn clear(&mut self) {
        self.buckets.clear();
    }

    fn metadata_bytes(&self) -> u64 {
        self.buckets.metadata_bytes()
    }

    fn check_invariants(&self, entries: &[Entry], holes: u64) -> Result<(), String> {
        let counted = self.buckets.check(entries, holes)?;
        if counted == holes {
            Ok(())
        } else {
            Err(format!("the buckets hold {counted} holes, the table {holes}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use heaplab_blocks::{BlockTable, Fits, HoleIndex as _};
    use heaplab_core::{Allocator as _, Granule, Handle, Request};

    use super::RoverFit;

    fn fits(most_buckets: usize) -> Fits<RoverFit> {
        let mut index = RoverFit::new(1 << 20, Granule::DEFAULT).unwrap();
        index.buckets.set_most(most_buckets);
        Fits::from_parts(BlockTable::new(1 << 20, Granule::DEFAULT).unwrap(), index)
    }

    /// Holes that found no bucket are found all the same.
    #[test]
    fn strays_change_no_placement() {
        for most_buckets in [0, 1, 3] {
            let (mut short, mut plain) = (fits(most_buckets), fits(usize::MAX));
            let mut live: Vec<[Handle; 2]> = Vec::new();
            let mut state = 1_u64;
            let mut below = move |bound: u64| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 33) % bound
            };
            for operation in 0..6_000 {
                let is_free = live.len() > 600 || (!live.is_empty() && below(5) < 2);
                if is_free {
                    let at = usize::try_from(below(live.len() as u64)).unwrap();
                    let [a, b] = live.swap_remove(at);
                    short.free(a).unwrap();
                    plain.free(b).unwrap();
                } else {
                    let request = Request::aligned(1 + below(400), 1 << below(7));
                    let [a, b] = [&mut short, &mut plain].map(|fits| fits.allocate(request));
                    let (a, b) = (a.unwrap(), b.unwrap());
                    assert_eq!(short.block(a), plain.block(b), "operation {operation}");
                    live.push([a, b]);
                }
                if operation % 50 == 0 {
                    short.check_invariants().unwrap();
                    plain.check_invariants().unwrap();
                }
            }
            assert!(plain.table().holes() > 100, "there were buckets enough for all holes");
        }
    }
}
