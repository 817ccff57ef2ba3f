//! Which hole each policy chooses.

use core::cmp::Reverse;

use heaplab_core::{Hole, Policy};

use super::recency::Recency;
use super::{Oracle, lowest_offset};

impl Oracle {
    /// Where the policy wants a block now: in a hole, else in the wilderness, else nowhere.
    pub(super) fn choose(&self, len: u64, align: u64) -> Option<u64> {
        let within = |hole: &Hole| lowest_offset(hole.offset, hole.offset + hole.len, len, align);
        self.choose_hole(|hole| within(hole).is_some())
            .and_then(|hole| within(&hole))
            .or_else(|| lowest_offset(self.end_bytes(), self.capacity, len, align))
    }

    /// The holes, most recent first, where the policy goes by that.
    fn recent_holes(&self) -> impl Iterator<Item = Hole> {
        self.recency.iter().flat_map(Recency::iter)
    }

    fn choose_hole(&self, fits: impl Fn(&Hole) -> bool) -> Option<Hole> {
        let mut holes = self.holes().filter(&fits);
        match self.policy {
            Policy::FirstFit => holes.next(),
            // Of equal ones `min_by_key` takes the first, which is the lowest.
            Policy::BestFit | Policy::CompactFit => holes.min_by_key(|hole| hole.len),
            // Here the first is the most recent.
            Policy::BestFitLifo => self.recent_holes().filter(&fits).min_by_key(|hole| hole.len),
            Policy::WorstFit => holes.min_by_key(|hole| Reverse(hole.len)),
            Policy::NextFit => {
                holes.find(|hole| hole.offset >= self.rover).or_else(|| self.holes().find(&fits))
            }
            Policy::Lifo => self.recent_holes().find(|hole| fits(hole)),
            Policy::CompactOnDemand | Policy::CompactEager => None,
            unknown => panic!("the oracle has no rule for the policy {unknown:?}"),
        }
    }
}
