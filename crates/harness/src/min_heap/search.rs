//! The search for strategies of which nothing is known: probes, bisection, a look at the neighbors, and where success
//! comes and goes with the heap's size, evenly spread looks over the sizes in question.

use std::collections::BTreeMap;

use heaplab_trace::TraceError;

use super::walk::{Found, Span};

/// How a probe of one heap size ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    /// The whole trace was replayed.
    Works,
    /// A request was refused.
    Fails,
    /// The time is up.
    Late,
    /// The time is up, and an operation did not return.
    Hung,
    /// The strategy broke its contract, panicked or died: as little use as a refusal, but to be told.
    Broken(String),
}

/// The largest heap that is tried, in multiples of the lower bound.
const MOST_MULTIPLES: u64 = 64;

/// Neighbors are probed at these distances from the smallest heap that worked, in granules.
const NEIGHBORS: [u64; 7] = [1, 2, 3, 5, 8, 16, 64];

/// Above the smallest heap that worked, sizes larger by these parts of it are probed too.
const PARTS_ABOVE: [u64; 8] = [1_024, 512, 256, 128, 64, 16, 8, 4];

/// Below it, sizes smaller by these parts.
const PARTS_BELOW: [u64; 4] = [512, 128, 64, 32];

/// Where success comes and goes, so many sizes are probed, evenly spread. A power of two.
const SPREAD: u64 = 128;

/// The spread sizes reach this part of the outermost known ones beyond them.
const SPREAD_BEYOND: u64 = 32;

/// The most times that sizes are spread anew, because the last ones moved the ends of what is in question.
const SPREADS: u32 = 3;

/// The most times that a neighbor which works starts the look at the neighbors again.
const ROUNDS: u32 = 4;

struct Search<'a> {
    span: Span,
    probe: &'a mut dyn FnMut(u64) -> Result<Probe, TraceError>,
    /// Sizes that were probed, and whether they work.
    probed: BTreeMap<u64, bool>,
    replays: u64,
    problem: Option<String>,
    is_late: bool,
}

/// Finds the smallest heap that works among those probed, and the smallest from which on all that were probed work.
///
/// A success at the lower bound is exact, since no heap is smaller; and with `serves_all_from_bound`, the promise that
/// every heap from the lower bound on works, so is the second figure.
pub(crate) fn search(
    span: Span,
    serves_all_from_bound: bool,
    probe: &mut dyn FnMut(u64) -> Result<Probe, TraceError>,
) -> Result<Found, TraceError> {
    let mut search =
        Search { span, probe, probed: BTreeMap::new(), replays: 0, problem: None, is_late: false };
    if serves_all_from_bound && search.works(span.lower_bytes)? {
        return Ok(search.finish(true));
    }
    search.run()?;
    Ok(search.finish(false))
}

impl Search<'_> {
    fn run(&mut self) -> Result<(), TraceError> {
        let lower = self.span.lower_bytes;
        if !self.works(lower)? && !self.climb(lower)? {
            return Ok(());
        }
        let lowest = self.lowest_success();
        self.bisect_below(lowest)?;
        for _ in 0..ROUNDS {
            let before = self.lowest_success();
            self.look_below(before)?;
            let now = self.lowest_success();
            if now == before {
                break;
            }
            self.bisect_below(now)?;
        }
        let lowest = self.lowest_success();
        self.look_above(lowest)?;
        for _ in 0..SPREADS {
            let (smallest, all_from) = (self.lowest_success(), self.all_from());
            // As long as all above the smallest works, success is taken to be monotone.
            if smallest == all_from {
                break;
            }
            self.look_between(smallest, all_from)?;
            self.bisect_below(self.lowest_success())?;
            // The last failure may be one of many: the edge behind it is what is wanted.
            self.bisect_below_last()?;
            if (smallest, all_from) == (self.lowest_success(), self.all_from()) {
                break;
            }
        }
        Ok(())
    }

    /// Finds the edge behind the largest size that fails.
    fn bisect_below_last(&mut self) -> Result<(), TraceError> {
        if let Some((&largest, false)) = self.probed.last_key_value()
            && !self.climb(largest)?
        {
            return Ok(());
        }
        self.bisect_below(self.all_from())
    }

    /// Probes a size unless it is known; a size that could not be probed counts as a failure.
    fn works(&mut self, bytes: u64) -> Result<bool, TraceError> {
        if let Some(&works) = self.probed.get(&bytes) {
            return Ok(works);
        }
        if self.is_late {
            return Ok(false);
        }
        let works = match (self.probe)(bytes)? {
            Probe::Late | Probe::Hung => {
                self.is_late = true;
                return Ok(false);
            }
            Probe::Works => true,
            Probe::Fails => false,
            Probe::Broken(message) => {
                self.problem.get_or_insert(message);
                false
            }
        };
        self.replays += 1;
        self.probed.insert(bytes, works);
        Ok(works)
    }

    /// Doubles what is added to a size that fails until a heap works.
    fn climb(&mut self, from: u64) -> Result<bool, TraceError> {
        let Span { lower_bytes, upper_bytes, .. } = self.span;
        let most = lower_bytes.saturating_mul(MOST_MULTIPLES).min(upper_bytes);
        let mut added = self.ceil(lower_bytes / 16);
        loop {
            let bytes = from.saturating_add(added).min(most);
            if self.works(bytes)? {
                return Ok(true);
            }
            if bytes >= most || self.is_late {
                return Ok(false);
            }
            added = added.saturating_mul(2);
        }
    }

    fn lowest_success(&self) -> u64 {
        let mut successes = self.probed.iter().filter(|&(_, &works)| works);
        successes.next().map_or(u64::MAX, |(&bytes, _)| bytes)
    }

    /// The smallest size from which on all that were probed work.
    fn all_from(&self) -> u64 {
        let run = self.probed.iter().rev().take_while(|&(_, &works)| works);
        run.last().map_or(u64::MAX, |(&bytes, _)| bytes)
    }

    /// Halves the gap between a size that works and the largest probed one below it, which does not, until they are
    /// neighbors.
    fn bisect_below(&mut self, success: u64) -> Result<(), TraceError> {
        let Some((&failure, _)) = self.probed.range(..success).next_back() else { return Ok(()) };
        let granule = self.span.granule_bytes;
        let (mut low, mut high) = (failure, success);
        while high - low > granule && !self.is_late {
            let middle = low + self.floor((high - low) / 2).max(granule);
            if self.works(middle)? {
                high = middle;
            } else {
                low = middle;
            }
        }
        Ok(())
    }

    fn look_below(&mut self, from: u64) -> Result<(), TraceError> {
        let near = NEIGHBORS.map(|distance| distance * self.span.granule_bytes);
        let far = PARTS_BELOW.map(|part| self.ceil(from / part));
        for distance in near.into_iter().chain(far) {
            let bytes = from.saturating_sub(distance);
            if bytes >= self.span.lower_bytes {
                self.works(bytes)?;
            }
        }
        Ok(())
    }

    fn look_above(&mut self, from: u64) -> Result<(), TraceError> {
        let near = NEIGHBORS.map(|distance| distance * self.span.granule_bytes);
        let far = PARTS_ABOVE.map(|part| self.ceil(from / part));
        for distance in near.into_iter().chain(far) {
            let bytes = from.saturating_add(distance).min(self.span.upper_bytes);
            self.works(bytes)?;
        }
        Ok(())
    }

    /// Probes sizes from a little below `first` to a little above `last`: every other one of what is left each time, so
    /// that those of a search which is cut short are spread evenly too.
    fn look_between(&mut self, first: u64, last: u64) -> Result<(), TraceError> {
        let first = self.floor(first - first / SPREAD_BEYOND).max(self.span.lower_bytes);
        // Where the largest size that was probed fails, there is none from which on all work.
        let largest = self.probed.last_key_value().map_or(first, |(&bytes, _)| bytes);
        let last = last.min(largest);
        let last = last.saturating_add(last / SPREAD_BEYOND).min(self.span.upper_bytes);
        let distance = last.saturating_sub(first);
        for turn in 0..SPREAD {
            let place = turn.reverse_bits() >> (u64::BITS - SPREAD.trailing_zeros());
            let part = distance / SPREAD * place + distance % SPREAD * place / SPREAD;
            self.works(first + self.floor(part))?;
        }
        Ok(())
    }

    fn floor(&self, bytes: u64) -> u64 {
        bytes - bytes % self.span.granule_bytes
    }

    fn ceil(&self, bytes: u64) -> u64 {
        let granule = self.span.granule_bytes;
        bytes.div_ceil(granule).max(1).saturating_mul(granule)
    }

    fn finish(self, is_all_from_exact: bool) -> Found {
        let known = |bytes: u64| (bytes != u64::MAX).then_some(bytes);
        let smallest_bytes = known(self.lowest_success());
        Found {
            smallest_bytes,
            is_smallest_exact: smallest_bytes == Some(self.span.lower_bytes),
            all_from_bytes: known(self.all_from()),
            is_all_from_exact,
            replays: self.replays,
            problem: self.problem,
        }
    }
}
