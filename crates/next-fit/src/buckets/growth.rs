//! How buckets come and go.

use heaplab_blocks::{Entries as _, Entry, Id, NIL};

use super::{Bucket, Buckets, FULL, SPARSE, STRAY};

impl Buckets {
    /// Puts an empty bucket for addresses from `start` on at a position; `None` if there is no memory for it.
    #[expect(clippy::cast_possible_truncation, reason = "at most `most` buckets")]
    pub(super) fn add_bucket(&mut self, position: usize, start: u64) -> Option<u32> {
        let bucket = match self.unused {
            STRAY if self.buckets.len() >= self.most => return None,
            STRAY => {
                self.buckets.try_reserve(1).ok()?;
                self.order.reserve_one()?;
                self.buckets.push(Bucket::EMPTY);
                self.buckets.len() as u32 - 1
            }
            unused => {
                self.order.reserve_one()?;
                self.unused = self.buckets[unused as usize].position;
                unused
            }
        };
        self.buckets[bucket as usize] = Bucket::EMPTY;
        self.order.insert(position, start, bucket);
        self.renumber(position);
        Some(bucket)
    }

    /// Tells the buckets from a position on where they are.
    #[expect(clippy::cast_possible_truncation, reason = "at most `most` buckets")]
    fn renumber(&mut self, from: usize) {
        for position in from..self.order.len() {
            self.buckets[self.order.bucket(position) as usize].position = position as u32;
        }
    }

    /// Cuts a full bucket in two at its median address; `false` if there is no memory for it.
    #[cold]
    #[inline(never)]
    pub(super) fn split(&mut self, entries: &mut [Entry], position: usize) -> bool {
        let bucket = self.order.bucket(position);
        let full = self.buckets[bucket as usize];
        let mut slots: [usize; FULL] = core::array::from_fn(|slot| slot);
        slots.sort_unstable_by_key(|&slot| entries.offset(full.holes[slot]));
        let (low, high) = slots.split_at(FULL / 2);
        let Some(new) = self.add_bucket(position + 1, entries.offset(full.holes[high[0]])) else {
            return false;
        };
        self.fill(entries, bucket, low.iter().map(|&slot| (full.holes[slot], full.lens[slot])));
        self.fill(entries, new, high.iter().map(|&slot| (full.holes[slot], full.lens[slot])));
        true
    }

    /// Lets a bucket hold these holes and no others.
    fn fill(&mut self, entries: &mut [Entry], at: u32, holes: impl Iterator<Item = (Id, u32)>) {
        let mut bucket = Bucket { position: self.buckets[at as usize].position, ..Bucket::EMPTY };
        for (hole, units) in holes {
            let slot = bucket.count as usize;
            (bucket.holes[slot], bucket.lens[slot]) = (hole, units);
            *entries.links_mut(hole) = [at, bucket.count, NIL];
            bucket.count += 1;
        }
        self.buckets[at as usize] = bucket;
        self.order.set(bucket.position as usize, bucket.longest());
    }

    /// Lets a bucket with few holes take those of its successor if they are few as well.
    pub(super) fn thin_out(&mut self, entries: &mut [Entry], position: usize) {
        if position + 1 == self.order.len() {
            return;
        }
        let (own, next) = (self.order.bucket(position), self.order.bucket(position + 1));
        let (low, high) = (self.buckets[own as usize], self.buckets[next as usize]);
        if (low.count + high.count) as usize > SPARSE {
            return;
        }
        let members = |bucket: &Bucket| {
            let (holes, lens) = (bucket.holes, bucket.lens);
            (0..bucket.count as usize).map(move |slot| (holes[slot], lens[slot]))
        };
        self.fill(entries, own, members(&low).chain(members(&high)));
        self.order.remove(position + 1);
        self.renumber(position + 1);
        self.buckets[next as usize].position = self.unused;
        self.unused = next;
    }
}
