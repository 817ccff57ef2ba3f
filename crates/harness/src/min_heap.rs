//! The smallest heap in which a strategy completes a trace.
//!
//! # Heaps that go the same way
//!
//! A fit looks at the capacity in one way only: it asks whether a block that would end at some address behind all others
//! still fits, that is, whether that end is at most the capacity. (A request for more than the capacity is refused before
//! that; it would be refused anyway.) Where the answer is yes, a block ends there. [`Capabilities::ignores_spare_capacity`]
//! promises this.
//!
//! Let a replay in a heap of capacity `C`, whether it completes or not, have the high-water mark `H`.
//!
//! **1. Every heap from `H` to `C` goes the same way to the same end.** Take a capacity `D` in between and follow both
//! replays. As long as they agree, the next question is about the same end `x`. If the answer in `C` was yes, a block ended
//! at `x`, so `x <= H <= D`, and the answer in `D` is yes. If it was no, `x > C >= D`, and it is no.
//!
//! **2. A heap `D` below `H` goes the same way up to the first block that ends above `D`,** by the same reasoning. There the
//! answer is no in `D`. What the strategy does then it does without the wilderness: it never moves other blocks
//! ([`Capabilities::relocates`]), so it needs a hole that is at least as long as the block. If no hole is that long, the
//! request is refused, and `D` is known to fail without a replay. The same holds where the strategy has an exact policy
//! ([`Capabilities::policy`]) and placed the block by it: that takes the wilderness only when no hole can hold the block.
//! What remains are *forks*: a block that grew into the wilderness where it stood, or one placed there by a strategy without
//! an exact policy, while some hole was long enough.
//!
//! So one replay in the largest heap of a range settles the whole range except for the ranges below its forks, each from
//! the highest end before the fork up to one granule below the end after it. They are disjoint, and each is settled
//! in the same way. Nothing is guessed, and there are as many replays as forks that matter. Without resizes, a strategy
//! with an exact policy has no forks at all: the first replay settles everything, and the smallest heap is its high-water
//! mark.
//!
//! With resizes success is not monotone. With a granule of 1, `allocate a 4; allocate b 1; free a; resize b 4; resize b 5`
//! has the mark 9 under first fit. At 8 bytes the first resize grows `b` where it stands, and the second finds no place; with
//! less, the first moves `b` into the hole, where the second has room. It works in 5, 6, 7 and 9 bytes.
//! Both figures are therefore searched for: the smallest heap that works, from small to large, and the smallest from which
//! on all work, from large to small.
//!
//! # Others
//!
//! A policy that compacts whenever free bytes suffice ([`CompactOnDemand`](heaplab_core::Policy::CompactOnDemand),
//! [`CompactEager`](heaplab_core::Policy::CompactEager), [`CompactFit`](heaplab_core::Policy::CompactFit)) serves every heap from the peak of live bytes on, as long as no alignment exceeds the granule;
//! one replay confirms it. Of all others nothing is known: they are probed ([`Certainty::Probed`]) at sizes that grow until
//! one works, by bisection, and at neighbors of what was found. The smallest heap that is reported then is the smallest
//! that worked among those probed. A success at the lower bound is exact all the same, since no heap is smaller.
//!
//! # Conventions
//!
//! Heaps are multiples of the granule, and the smallest is one granule: that is the minimum heap of a trace without
//! operations. The lower bound is the peak of live bytes, or that granule.

use std::sync::Arc;
use std::time::{Duration, Instant};

use heaplab_core::{Capabilities, Entry, Registry, StrategyList};
use heaplab_trace::{OperationSource, Trace, TraceError, peak_live_bytes};

use crate::contestant::contestants;
use crate::isolated::Isolated;
use crate::packing::{Effort, Packing};
use crate::plan::{Plan, RunError};
use crate::progress::{Phase, Progress};

mod bound;
pub(crate) mod jobs;
mod search;
mod seek;
#[cfg(test)]
mod tests;
mod trail;
mod walk;

pub(crate) use bound::{PlanSought, pack_trace};
pub(crate) use jobs::{Job, perform};
pub(crate) use seek::Sought;
pub(crate) use trail::{Trail, TrailEnd, TrailReplay, TrailRequest, trail};

/// The part of the time after which no search for a heap goes on; plans have the rest.
const HEAPS_END_PERCENT: u32 = 75;

/// Each search gets at least so much, even if the budget is exceeded by it.
const SHORTEST_SHARE: Duration = Duration::from_millis(250);

/// What has not returned so long after its share ended is given up, and its thread with it.
const GRACE: Duration = Duration::from_secs(14);

/// A process of a peer is ended by the thread that waits for it; until then it may be reading its trace.
pub(crate) const ISOLATED_GRACE: Duration = Duration::from_secs(90);

/// Between two looks at the clock a plan may sort, or build its tree.
const PLAN_GRACE: Duration = Duration::from_secs(30);

/// How sure a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// Nothing else is possible.
    Exact,
    /// The best of the heaps that were tried; others may be better.
    Probed,
}

impl Certainty {
    /// The word as it stands in tables and files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Probed => "probed",
        }
    }

    const fn exact_if(is_exact: bool) -> Self {
        if is_exact { Self::Exact } else { Self::Probed }
    }
}

/// The smallest heaps of one strategy for one trace.
#[derive(Clone, Debug, PartialEq)]
pub struct MinHeap {
    /// The strategy, and what it declares.
    pub entry: Entry,
    /// The smallest heap in bytes in which it completes the trace; absent where none was found.
    pub smallest_bytes: Option<u64>,
    /// Whether a smaller one may work.
    pub smallest_certainty: Certainty,
    /// The smallest heap in bytes from which on all complete the trace; absent where none was found.
    pub all_from_bytes: Option<u64>,
    /// Whether one from there on may fail, or one below may be as good.
    pub all_from_certainty: Certainty,
    /// The most bookkeeping outside the heap in use at once, in bytes, in the smallest heap; absent where it is not known.
    pub metadata_bytes: Option<u64>,
    /// Replays that the search took.
    pub replays: u64,
    /// Why there is no figure, or none that is exact, where that is not the method's own limit.
    pub problem: Option<String>,
    /// Whether it broke its contract or panicked, or its process died, in one of the heaps that were tried.
    pub is_broken: bool,
}

impl MinHeap {
    /// What the strategy declares of itself.
    #[must_use]
    pub const fn capabilities(&self) -> &Capabilities {
        &self.entry.capabilities
    }

    /// Heap and bookkeeping together, in bytes.
    #[must_use]
    pub fn total_bytes(&self) -> Option<u64> {
        self.smallest_bytes?.checked_add(self.metadata_bytes?)
    }
}

/// The smallest heaps of all strategies for one trace, and the bounds beside them.
#[derive(Clone, Debug)]
pub struct MinHeaps {
    /// Name of the trace.
    pub trace: String,
    /// Identity of its operations.
    pub hash: String,
    /// Its operations.
    pub operations: u64,
    /// Rounded peak of live bytes.
    pub peak_live_bytes: u64,
    /// No heap is smaller: peak live, or one granule.
    pub lower_bound_bytes: u64,
    /// The best plan known that knows the whole trace and moves nothing; absent where there was no time for any.
    pub packing: Option<Packing>,
    /// The strategies in the order of the registry.
    pub strategies: Vec<MinHeap>,
}

/// Searches for the smallest heap of every strategy of a plan, for every trace of it; floors take no part.
///
/// Of the plan count the traces, the strategies and their parameters, the granule, the threads, the processes for what may
/// abort, and the time budget. With [`Plan::cell_timeout`] each search may take no longer than that, and all replays are
/// done in such processes, so that what hangs does not outlive its search. What the time did not suffice for is absent or
/// [`Certainty::Probed`]. `effort` is for the plan of each trace; none is made
/// without.
///
/// # Errors
///
/// [`RunError`], for plans that cannot be run and traces that cannot be read.
pub fn min_heaps<L: StrategyList>(
    registry: &Registry<L>,
    plan: &Plan,
    effort: Option<Effort>,
    progress: &dyn Progress,
) -> Result<Vec<MinHeaps>, RunError> {
    let started = Instant::now();
    let budget = plan.time_budget.min(Duration::from_secs(1 << 30));
    let mut plan = plan.clone();
    plan.floors = false;
    let isolated = plan.isolation.clone().map(Isolated::new);
    let contestants = contestants(registry, &plan)?;
    let mut found = Vec::new();
    let mut jobs = Vec::new();
    let mut sources: Vec<Arc<dyn OperationSource>> = Vec::new();
    for input in &plan.traces {
        let source = loaded(&input.source)?;
        let peak_live_bytes = peak_live_bytes(source.as_ref(), plan.granule.bytes())?;
        let lower_bound_bytes = peak_live_bytes.max(plan.granule.bytes());
        for contestant in &contestants {
            let is_apart =
                contestant.capabilities.needs_own_process() || plan.cell_timeout.is_some();
            let sought = Sought {
                contestant: contestant.clone(),
                isolated: isolated.clone().filter(|_| is_apart),
                source: Arc::clone(&source),
                lower_bound_bytes,
                timeout: plan.cell_timeout,
            };
            jobs.push(Job {
                label: format!("{}/{}/search", contestant.name, input.name),
                grace: if sought.isolated.is_some() { ISOLATED_GRACE } else { GRACE },
                work: Box::new(move |deadline| sought.seek(deadline)),
            });
        }
        found.push(MinHeaps {
            trace: input.name.clone(),
            hash: source.summary().hash.clone(),
            operations: source.summary().operations.total(),
            peak_live_bytes,
            lower_bound_bytes,
            packing: None,
            strategies: Vec::new(),
        });
        sources.push(source);
    }
    progress.begin(Phase::MinHeap, jobs.len() as u64);
    let end = started + budget * HEAPS_END_PERCENT / 100;
    let mut results = perform(jobs, plan.jobs, end, SHORTEST_SHARE, progress)?.into_iter();
    for heaps in &mut found {
        for contestant in &contestants {
            let heap = match results.next().flatten() {
                Some(result) => result?,
                None => seek::unfinished(contestant, progress.interrupted()),
            };
            heaps.strategies.push(heap);
        }
    }
    if let Some(effort) = effort {
        let jobs = found.iter().zip(&sources).map(|(heaps, source)| {
            let known = heaps.strategies.iter().zip(&contestants);
            let known =
                known.filter_map(|(heap, it)| Some((it.clone(), heap.smallest_bytes?))).collect();
            let (source, isolated) = (Arc::clone(source), isolated.clone());
            let sought = PlanSought { source, granule: plan.granule, heaps: known, isolated };
            plan_job(&heaps.trace, sought, effort)
        });
        let jobs: Vec<_> = jobs.collect();
        progress.begin(Phase::Packing, jobs.len() as u64);
        let results = perform(jobs, plan.jobs, started + budget, SHORTEST_SHARE, progress)?;
        for (heaps, result) in found.iter_mut().zip(results) {
            heaps.packing = result.transpose()?.flatten();
        }
    }
    Ok(found)
}

/// The search for a plan of one trace, whose smallest heaps are known.
fn plan_job(
    trace: &str,
    sought: PlanSought,
    effort: Effort,
) -> Job<Result<Option<Packing>, TraceError>> {
    let work = move |deadline: Instant| {
        let time = deadline.saturating_duration_since(Instant::now()).min(effort.time);
        pack_trace(&sought, &Effort { time, ..effort })
    };
    let label = format!("plan/{trace}/search");
    Job { label, grace: PLAN_GRACE, work: Box::new(work) }
}

/// The source in memory where it is small enough: it is replayed many times.
fn loaded(source: &Arc<dyn OperationSource>) -> Result<Arc<dyn OperationSource>, RunError> {
    const MOST_OPERATIONS: u64 = 16 << 20;
    let is_small = source.summary().operations.total() <= MOST_OPERATIONS;
    if source.operations().is_some() || !is_small {
        return Ok(Arc::clone(source));
    }
    Ok(Arc::new(Trace::load(source.as_ref())?))
}
