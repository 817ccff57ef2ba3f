//! The exact search: replays only where a smaller heap may go another way.

use std::collections::BTreeMap;

use heaplab_trace::TraceError;

use super::trail::{Trail, TrailEnd};

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// The smallest heap that was seen to work.
    pub(crate) smallest_bytes: Option<u64>,
    /// No smaller heap works.
    pub(crate) is_smallest_exact: bool,
    /// The smallest heap from which on all that are known about work.
    pub(crate) all_from_bytes: Option<u64>,
    /// All heaps from that one on work, and the one below it does not.
    pub(crate) is_all_from_exact: bool,
    pub(crate) replays: u64,
    /// What the strategy did wrong, if anything.
    pub(crate) problem: Option<String>,
}

/// The heap sizes of a search: multiples of the granule from `lower_bytes` to `upper_bytes`, both included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) lower_bytes: u64,
    pub(crate) upper_bytes: u64,
    pub(crate) granule_bytes: u64,
}

/// The sizes that are not known yet, and those that are known to work.
struct Walk<'a> {
    span: Span,
    replay: &'a mut dyn FnMut(u64) -> Result<Trail, TraceError>,
    /// Sizes whose outcome is open: from the value to the key, disjoint.
    open: BTreeMap<u64, u64>,
    /// Sizes that work: from the value to the key, disjoint.
    works: BTreeMap<u64, u64>,
    replays: u64,
    problem: Option<String>,
    is_stopped: bool,
}

/// Finds the smallest heap that works and the smallest from which on all do, by the reasoning of the module above.
///
/// `replay` is called with a heap size and must give up with [`TrailEnd::Late`] when the time is up; what has been found
/// by then is returned, and not called exact.
pub(crate) fn walk(
    span: Span,
    replay: &mut dyn FnMut(u64) -> Result<Trail, TraceError>,
) -> Result<Found, TraceError> {
    let open = BTreeMap::from([(span.upper_bytes, span.lower_bytes)]);
    let works = BTreeMap::new();
    let mut walk = Walk { span, replay, open, works, replays: 0, problem: None, is_stopped: false };
    walk.descend()?;
    walk.ascend()?;
    Ok(walk.finish())
}

impl Walk<'_> {
    /// Replays from the largest heap down until the first that fails.
    fn descend(&mut self) -> Result<(), TraceError> {
        let mut expected = self.span.upper_bytes;
        while let Some((&top, _)) = self.open.last_key_value() {
            // A gap below what works is a heap that fails.
            if top != expected || self.is_stopped {
                break;
            }
            match self.settle(top)? {
                Some(bottom) => expected = bottom - self.span.granule_bytes.min(bottom),
                None => break,
            }
        }
        Ok(())
    }

    /// Replays from the smallest heap up until one works.
    fn ascend(&mut self) -> Result<(), TraceError> {
        while let Some((&top, _)) = self.open.first_key_value() {
            let least = self.works.first_key_value().map(|(_, &bottom)| bottom);
            if self.is_stopped || least.is_some_and(|least| least <= top) {
                break;
            }
            self.settle(top)?;
        }
        Ok(())
    }

    /// Replays in the largest heap of an open range; returns the smallest that goes the same way if it works.
    fn settle(&mut self, top: u64) -> Result<Option<u64>, TraceError> {
        let trail = (self.replay)(top)?;
        match trail.end {
            TrailEnd::Late | TrailEnd::Hung => {
                self.is_stopped = true;
                return Ok(None);
            }
            TrailEnd::Broken(message) => {
                self.problem = Some(message);
                self.is_stopped = true;
                return Ok(None);
            }
            TrailEnd::Completed | TrailEnd::Refused => self.replays += 1,
        }
        let Some(bottom) = self.open.remove(&top) else { return Ok(None) };
        let same_from = trail.high_water_bytes.max(bottom);
        for fork in trail.forks {
            let from = fork.below_bytes.max(bottom);
            let to = fork.end_bytes.min(same_from) - self.span.granule_bytes;
            if from <= to {
                self.open.insert(to, from);
            }
        }
        let has_worked = trail.end == TrailEnd::Completed;
        if has_worked {
            self.works.insert(top, same_from);
        }
        Ok(has_worked.then_some(same_from))
    }

    fn finish(self) -> Found {
        let smallest_bytes = self.works.first_key_value().map(|(_, &bottom)| bottom);
        let lowest_open = self.open.first_key_value().map(|(_, &bottom)| bottom);
        let is_below = |bytes: u64| lowest_open.is_some_and(|open| open < bytes);
        let mut all_from_bytes = None;
        let mut expected = self.span.upper_bytes;
        for (&top, &bottom) in self.works.iter().rev() {
            if top != expected {
                break;
            }
            all_from_bytes = Some(bottom);
            expected = bottom - self.span.granule_bytes.min(bottom);
        }
        let has_open_below = |bytes: u64| {
            let below = bytes - self.span.granule_bytes.min(bytes);
            self.open.contains_key(&below)
        };
        Found {
            is_smallest_exact: smallest_bytes.is_some_and(|bytes| !is_below(bytes)),
            is_all_from_exact: all_from_bytes.is_some_and(|bytes| !has_open_below(bytes)),
            smallest_bytes,
            all_from_bytes,
            replays: self.replays,
            problem: self.problem,
        }
    }
}
