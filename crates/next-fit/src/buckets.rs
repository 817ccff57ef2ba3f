//! Holes in address order, a few to a bucket, with the longest of each bucket at hand.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use heaplab_blocks::{Entries as _, Entry, Id, NIL};

mod growth;
mod order;
mod strays;

use order::Order;

/// The most holes in a bucket.
const FULL: usize = 16;

/// Two neighbors with no more holes than this together become one bucket.
const SPARSE: usize = FULL / 2;

/// In the first link of a hole that is in no bucket.
const STRAY: u32 = u32::MAX;

const BUCKET: usize = 0;
const SLOT: usize = 1;

/// A few holes that are neighbors in address order, in no order among themselves.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    holes: [Id; FULL],
    /// Their lengths in granules, [`u32::MAX`] for that or more, 0 behind the last.
    lens: [u32; FULL],
    count: u32,
    /// Where among the buckets this one is; of one that is not in use, the next such.
    position: u32,
}

impl Bucket {
    const EMPTY: Self = Self { holes: [NIL; FULL], lens: [0; FULL], count: 0, position: 0 };

    #[inline]
    fn longest(&self) -> u32 {
        self.lens.iter().fold(0, |longest, &len| longest.max(len))
    }

    #[inline]
    fn members(&self) -> &[Id] {
        &self.holes[..self.count as usize]
    }
}

/// Where a hole was, for the remainder that takes its place: nowhere, or in a bucket's slot that is still its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Vacancy(Option<(u32, u32)>);

/// All holes, in buckets.
///
/// ```text
/// addresses     0 ........... 8,192 ........... 20,480 ...........
/// buckets     [  512   96 ]   [ 64  1,024  32 ]   [ 48 ]            lengths
/// longest        512              1,024              48
/// tops         ───────────── 1,024 ──────────────────────           of each 32 buckets
/// ```
///
/// Links of a hole: its bucket and its slot in it. So a hole leaves its bucket without a search, and a remainder takes the
/// slot of its hole; only a new hole is searched a bucket for, in the sorted array of their first addresses.
///
/// A full bucket is cut in two at its median address, and two sparse neighbors become one. Without memory for one more
/// bucket a hole joins the strays, a list that every search looks through as well.
///
/// Invariants
///
/// 1. A bucket's holes begin at or above its first address and below that of the next bucket; the first one's is 0.
/// 2. Each hole is in a bucket or among the strays, and its links say where.
/// 3. Lengths and longest lengths are noted truly.
#[derive(Debug)]
pub(crate) struct Buckets {
    buckets: Vec<Bucket>,
    order: Order,
    unused: u32,
    strays: Id,
    granule_shift: u32,
    most: usize,
}

impl Buckets {
    pub(crate) const fn new(granule_shift: u32) -> Self {
        Self {
            buckets: Vec::new(),
            order: Order::new(),
            unused: STRAY,
            strays: NIL,
            granule_shift,
            most: 1 << 30,
        }
    }

    /// Lets there be at most so many buckets, so that tests can have strays.
    #[cfg(test)]
    pub(crate) const fn set_most(&mut self, buckets: usize) {
        self.most = buckets;
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "not above u32::MAX")]
    fn units(&self, len: u64) -> u32 {
        (len >> self.granule_shift).min(u64::from(u32::MAX)) as u32
    }

    /// Takes in a hole of `len` bytes.
    #[inline]
    pub(crate) fn insert(&mut self, entries: &mut [Entry], hole: Id, len: u64) {
        let offset = entries.offset(hole);
        let Some(mut position) = self.order.position_of(offset) else {
            return self.insert_first(entries, hole, len);
        };
        let mut bucket = self.order.bucket(position);
        if self.buckets[bucket as usize].count as usize == FULL {
            if !self.split(entries, position) {
                return self.stray(entries, hole);
            }
            position += usize::from(self.order.end(position) <= offset);
            bucket = self.order.bucket(position);
        }
        let units = self.units(len);
        let Bucket { holes, lens, count, .. } = &mut self.buckets[bucket as usize];
        let slot = *count;
        (holes[slot as usize], lens[slot as usize]) = (hole, units);
        *count += 1;
        *entries.links_mut(hole) = [bucket, slot, NIL];
        self.order.raise(position, units);
    }

    #[cold]
    fn insert_first(&mut self, entries: &mut [Entry], hole: Id, len: u64) {
        if self.add_bucket(0, 0).is_some() {
            self.insert(entries, hole, len);
        } else {
            self.stray(entries, hole);
        }
    }

    /// Gives up a hole.
    #[inline]
    pub(crate) fn remove(&mut self, entries: &mut [Entry], hole: Id) {
        let [bucket, slot, _] = *entries.links(hole);
        if bucket == STRAY {
            return self.remove_stray(entries, hole);
        }
        let Bucket { holes, lens, count, position } = &mut self.buckets[bucket as usize];
        let last = *count - 1;
        let (units, moved) = (lens[slot as usize], holes[last as usize]);
        holes[slot as usize] = moved;
        lens[slot as usize] = lens[last as usize];
        lens[last as usize] = 0;
        *count = last;
        let position = *position as usize;
        entries.links_mut(moved)[SLOT] = slot;
        self.note_shorter(bucket, units);
        if last as usize <= SPARSE / 2 {
            self.thin_out(entries, position);
        }
    }

    /// Notes the longest of a bucket after one of `units` has left it or become shorter.
    #[inline]
    fn note_shorter(&mut self, bucket: u32, units: u32) {
        let bucket = &self.buckets[bucket as usize];
        let position = bucket.position as usize;
        if units == self.order.longest(position) {
            self.order.lower(position, bucket.longest());
        }
    }

    /// Gives up a hole, but keeps its slot for the remainder, which is handed to [`Buckets::insert_at`] next.
    #[inline]
    pub(crate) fn vacate(&mut self, entries: &mut [Entry], hole: Id) -> Vacancy {
        let [bucket, slot, _] = *entries.links(hole);
        if bucket == STRAY {
            self.remove_stray(entries, hole);
            return Vacancy(None);
        }
        Vacancy(Some((bucket, slot)))
    }

    /// Takes in a hole of `len` bytes in the place of one that was given up and that it is the upper end of.
    #[inline]
    pub(crate) fn insert_at(&mut self, entries: &mut [Entry], hole: Id, len: u64, place: Vacancy) {
        let Vacancy(Some((bucket, slot))) = place else {
            return self.insert(entries, hole, len);
        };
        let units = self.units(len);
        let Bucket { holes, lens, position, .. } = &mut self.buckets[bucket as usize];
        let position = *position as usize;
        let before = core::mem::replace(&mut lens[slot as usize], units);
        holes[slot as usize] = hole;
        *entries.links_mut(hole) = [bucket, slot, NIL];
        self.note_shorter(bucket, before);
        if entries.offset(hole) >= self.order.end(position) {
            // Its hole had grown into the addresses of the next bucket.
            self.remove(entries, hole);
            self.insert(entries, hole, len);
        }
    }

    /// The first hole at or above `rover`, else the first from address 0, of those with at least `len` bytes that `suits`.
    #[inline]
    pub(crate) fn next_from(
        &self,
        entries: &[Entry],
        rover: u64,
        len: u64,
        suits: impl Fn(Id) -> bool,
    ) -> Option<Id> {
        let found = self.next_in_buckets(entries, rover, len, &suits);
        if self.strays == NIL { found } else { self.next_stray(entries, rover, len, suits, found) }
    }

    #[inline]
    fn next_in_buckets(
        &self,
        entries: &[Entry],
        rover: u64,
        len: u64,
        suits: &impl Fn(Id) -> bool,
    ) -> Option<Id> {
        let first = self.order.position_of(rover)?;
        let units = self.units(len);
        let mut found = self.lowest_in(entries, first, units, rover, suits);
        let mut from = first + 1;
        while found == NIL {
            let Some(position) = self.order.next_with(from, units) else { break };
            found = self.lowest_in(entries, position, units, 0, suits);
            from = position + 1;
        }
        // From the start; what remains of the rover's own bucket lies below the rover.
        from = 0;
        while found == NIL {
            let position = self.order.next_with(from, units).filter(|&at| at <= first)?;
            found = self.lowest_in(entries, position, units, 0, suits);
            from = position + 1;
        }
        Some(found)
    }

    /// The lowest hole of a bucket at or above `from` that is long enough and `suits`, [`NIL`] for none.
    #[inline]
    fn lowest_in(
        &self,
        entries: &[Entry],
        position: usize,
        units: u32,
        from: u64,
        suits: &impl Fn(Id) -> bool,
    ) -> Id {
        if self.order.longest(position) < units {
            return NIL;
        }
        let bucket = &self.buckets[self.order.bucket(position) as usize];
        let long_enough = (0..FULL)
            .fold(0_u32, |bits, slot| bits | u32::from(bucket.lens[slot] >= units) << slot);
        let (mut lowest, mut low) = (NIL, u64::MAX);
        let mut rest = long_enough & ((1 << bucket.count) - 1);
        while rest != 0 {
            let hole = bucket.holes[rest.trailing_zeros() as usize % FULL];
            let offset = entries.offset(hole);
            if offset >= from && offset < low && suits(hole) {
                (lowest, low) = (hole, offset);
            }
            rest &= rest - 1;
        }
        lowest
    }

    /// The length of the longest hole in bytes, 0 if there is none.
    pub(crate) fn longest(&self, entries: &[Entry]) -> u64 {
        // Those too long to be noted exactly may stand in several buckets.
        let in_buckets = self.order.with_longest().flat_map(|position| {
            let bucket = &self.buckets[self.order.bucket(position) as usize];
            bucket.members().iter().map(|&hole| entries.len_of(hole))
        });
        let strays = self.strays(entries).map(|hole| entries.len_of(hole));
        strays.chain(in_buckets).max().unwrap_or(0)
    }

    /// Forgets all holes.
    pub(crate) fn clear(&mut self) {
        self.buckets.clear();
        self.order.clear();
        (self.unused, self.strays) = (STRAY, NIL);
    }

    /// Bytes outside the value itself.
    pub(crate) const fn metadata_bytes(&self) -> u64 {
        (self.buckets.capacity() * size_of::<Bucket>()) as u64 + self.order.metadata_bytes()
    }

    /// Counts the holes, of which the table has `holes`, and checks where they are and what is noted of them.
    pub(crate) fn check(&self, entries: &[Entry], holes: u64) -> Result<u64, String> {
        let mut counted = 0;
        for position in 0..self.order.len() {
            let at = self.order.bucket(position);
            let bucket = &self.buckets[at as usize];
            let addresses = self.order.start(position)..self.order.end(position);
            if bucket.position as usize != position
                || bucket.longest() != self.order.longest(position)
            {
                return Err(format!("bucket {at} is not the one at position {position}"));
            }
            for (slot, &hole) in (0_u32..).zip(bucket.members()) {
                let is_noted = entries.links(hole)[..2] == [at, slot]
                    && bucket.lens[slot as usize] == self.units(entries.len_of(hole));
                if !entries.is_hole(hole) || !is_noted || !addresses.contains(&entries.offset(hole))
                {
                    return Err(format!("entry {hole} is misplaced in slot {slot} of bucket {at}"));
                }
                counted += 1;
            }
        }
        self.order.check()?;
        for hole in self.strays(entries) {
            if !entries.is_hole(hole) || entries.links(hole)[BUCKET] != STRAY || counted == holes {
                return Err(format!("entry {hole} is misplaced among the strays"));
            }
            counted += 1;
        }
        Ok(counted)
    }
}
