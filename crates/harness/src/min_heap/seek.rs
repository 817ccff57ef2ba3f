//! The search for one strategy and one trace: which method, and what its figures are worth.

use std::sync::Arc;
use std::time::{Duration, Instant};

use heaplab_core::{Capabilities, Entry, Policy};
use heaplab_report::Status;
use heaplab_trace::{OperationSource, TraceError};

use super::search::{Probe, search};
use super::trail::{Trail, TrailEnd, TrailRequest};
use super::walk::{Found, Span, walk};
use super::{Certainty, MinHeap};
use crate::contestant::Contestant;
use crate::isolated::{Isolated, is_hung};
use crate::replay::{ReplayError, ReplayRequest};
use crate::{HeapSize, UNLIMITED_BYTES};

const OUT_OF_TIME: &str = "its time ran out";
const HUNG: &str = "timeout: an operation did not return";

/// A strategy and a trace whose smallest heap is wanted.
pub(crate) struct Sought {
    pub(crate) contestant: Contestant,
    /// The processes in which it is replayed; in ours without.
    pub(crate) isolated: Option<Isolated>,
    pub(crate) source: Arc<dyn OperationSource>,
    pub(crate) lower_bound_bytes: u64,
    /// The most time that the search may take.
    pub(crate) timeout: Option<Duration>,
}

impl Sought {
    /// Searches until it is found or the time is up.
    pub(crate) fn seek(&self, deadline: Instant) -> Result<MinHeap, TraceError> {
        let capabilities = &self.contestant.capabilities;
        if !capabilities.is_confined {
            let mut heap = unknown(&self.contestant);
            heap.problem = Some("it does not stay within a heap".into());
            return Ok(heap);
        }
        let limit = self.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let deadline = limit.into_iter().chain([deadline]).min().unwrap_or(deadline);
        let mut late = None;
        let found = if is_walkable(capabilities) {
            walk(self.span(), &mut |capacity| {
                let trail = self.trail(capacity, deadline)?;
                match trail.end {
                    TrailEnd::Late => late = Some(self.out_of_time()),
                    TrailEnd::Hung => late = Some(HUNG.into()),
                    _ => {}
                }
                Ok(trail)
            })?
        } else {
            search(self.span(), self.serves_all_from_bound(), &mut |capacity| {
                let probe = self.probe(capacity, deadline)?;
                match probe {
                    Probe::Late => late = Some(self.out_of_time()),
                    Probe::Hung => late = Some(HUNG.into()),
                    _ => {}
                }
                Ok(probe)
            })?
        };
        self.confirmed(found, late)
    }

    fn out_of_time(&self) -> String {
        self.timeout.map_or_else(
            || OUT_OF_TIME.into(),
            |timeout| format!("timeout: its search takes longer than {} s", timeout.as_secs_f64()),
        )
    }

    /// As [`Sought::seek`] where that can be exact; else a look at the lower bound alone, at which success is exact too.
    pub(crate) fn seek_exact(&self, deadline: Instant) -> Result<MinHeap, TraceError> {
        if is_walkable(&self.contestant.capabilities) {
            return self.seek(deadline);
        }
        let mut heap = unknown(&self.contestant);
        heap.replays = 1;
        if self.probe(self.lower_bound_bytes, deadline)? == Probe::Works {
            heap.smallest_bytes = Some(self.lower_bound_bytes);
            heap.smallest_certainty = Certainty::Exact;
        }
        Ok(heap)
    }

    /// A heap from `lower_bytes` to `upper_bytes`, in which the trace is taken to complete, by bisection to `step_bytes`.
    /// `None` where time runs out.
    pub(crate) fn narrowed(
        &self,
        mut lower_bytes: u64,
        mut upper_bytes: u64,
        step_bytes: u64,
        deadline: Instant,
    ) -> Result<Option<u64>, TraceError> {
        let granule = self.contestant.config.granule;
        let works = |bytes| {
            Ok(match self.probe(bytes, deadline)? {
                Probe::Works => Some(true),
                Probe::Fails => Some(false),
                Probe::Late | Probe::Hung | Probe::Broken(_) => None,
            })
        };
        match works(lower_bytes)? {
            Some(true) => return Ok(Some(lower_bytes)),
            Some(false) => {}
            None => return Ok(None),
        }
        while upper_bytes.saturating_sub(lower_bytes) > step_bytes.max(granule.bytes()) {
            let middle = granule.floor(lower_bytes.midpoint(upper_bytes));
            match works(middle)? {
                Some(true) => upper_bytes = middle,
                Some(false) => lower_bytes = middle,
                None => return Ok(None),
            }
        }
        Ok(Some(upper_bytes))
    }

    /// Bytes that compaction moves in a heap in which the trace completes; `None` where it does not.
    pub(crate) fn compaction_bytes(
        &self,
        capacity_bytes: u64,
        deadline: Instant,
    ) -> Result<Option<u64>, TraceError> {
        match self.replay(capacity_bytes, deadline.saturating_duration_since(Instant::now())) {
            Ok(replayed) if replayed.outcome.status == Status::Ok => {
                Ok(replayed.relocations.map(|it| it.compaction_bytes))
            }
            Err(ReplayError::Trace(error)) => Err(error),
            _ => Ok(None),
        }
    }

    fn span(&self) -> Span {
        let granule = self.contestant.config.granule;
        let most = self.contestant.capabilities.max_capacity_bytes.unwrap_or(UNLIMITED_BYTES);
        let upper_bytes = granule.floor(most.min(UNLIMITED_BYTES).max(granule.bytes()));
        Span {
            lower_bytes: self.lower_bound_bytes.min(upper_bytes),
            upper_bytes,
            granule_bytes: granule.bytes(),
        }
    }

    /// Whether the policy makes room whenever free bytes suffice, and free bytes are all that counts here.
    fn serves_all_from_bound(&self) -> bool {
        let compacts = matches!(
            self.contestant.capabilities.policy,
            Some(Policy::CompactOnDemand | Policy::CompactEager | Policy::CompactFit)
        );
        let summary = self.source.summary();
        compacts && summary.max_align_bytes <= self.contestant.config.granule.bytes()
    }

    fn trail(&self, capacity_bytes: u64, deadline: Instant) -> Result<Trail, TraceError> {
        let request = TrailRequest {
            source: self.source.as_ref(),
            config: &self.contestant.config,
            capacity_bytes,
            floor_bytes: self.lower_bound_bytes,
            deadline: Some(deadline),
            keeps_offsets: false,
        };
        match &self.isolated {
            Some(_) if deadline <= Instant::now() => Ok(Trail::ended(TrailEnd::Late)),
            Some(isolated) => isolated.trail(self.contestant.name, request),
            None => (self.contestant.trail)(request),
        }
    }

    fn probe(&self, capacity_bytes: u64, deadline: Instant) -> Result<Probe, TraceError> {
        if let Some(isolated) = &self.isolated {
            return self.probe_isolated(isolated, capacity_bytes, deadline);
        }
        Ok(match self.trail(capacity_bytes, deadline)?.end {
            TrailEnd::Completed => Probe::Works,
            TrailEnd::Refused => Probe::Fails,
            TrailEnd::Late => Probe::Late,
            TrailEnd::Hung => Probe::Hung,
            TrailEnd::Broken(message) => Probe::Broken(message),
        })
    }

    /// A peer may take its process with it.
    fn probe_isolated(
        &self,
        isolated: &Isolated,
        capacity_bytes: u64,
        deadline: Instant,
    ) -> Result<Probe, TraceError> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(Probe::Late);
        }
        let Contestant { name, config, .. } = &self.contestant;
        let source = self.source.as_ref();
        let outcome = match isolated.probe(name, source, capacity_bytes, config, Some(left)) {
            Ok(outcome) => outcome,
            Err(ReplayError::Trace(error)) => return Err(error),
            // It refuses the heap as such: too small for its own bookkeeping, or too large.
            Err(ReplayError::Config(_)) => return Ok(Probe::Fails),
            Err(error) => return Ok(Probe::Broken(error.to_string())),
        };
        let message = || outcome.message.clone().unwrap_or_default();
        Ok(match outcome.status {
            Status::Ok => Probe::Works,
            Status::Oom => Probe::Fails,
            Status::Timeout if is_hung(&outcome) => Probe::Hung,
            Status::Timeout => Probe::Late,
            Status::Invalid | Status::Crashed => Probe::Broken(message()),
        })
    }

    fn replay(
        &self,
        capacity_bytes: u64,
        time: Duration,
    ) -> Result<crate::replay::Replayed, ReplayError> {
        let mut request = ReplayRequest::new(self.source.as_ref());
        request.heap = HeapSize::Bytes(capacity_bytes);
        request.config = self.contestant.config.clone();
        request.deadline = Some(time);
        match &self.isolated {
            Some(isolated) => isolated.replay(self.contestant.name, &request),
            None => (self.contestant.replay)(&request),
        }
    }

    /// Replays once more in the heap that was found, in full: for its bookkeeping, and as a check of the search.
    fn confirmed(&self, found: Found, late: Option<String>) -> Result<MinHeap, TraceError> {
        let mut heap = unknown(&self.contestant);
        heap.replays = found.replays;
        heap.is_broken = found.problem.is_some();
        heap.problem = found.problem.or(late);
        let Some(bytes) = found.smallest_bytes else {
            heap.problem.get_or_insert_with(|| "no heap that was tried is large enough".into());
            return Ok(heap);
        };
        heap.replays += 1;
        let message = match self.replay(bytes, LONGEST_CONFIRMATION) {
            Ok(replayed) if replayed.outcome.status == Status::Ok => {
                heap.metadata_bytes = replayed.space.and_then(|space| space.metadata_bytes);
                None
            }
            Ok(replayed) if replayed.outcome.status == Status::Timeout => None,
            Ok(replayed) => Some(replayed.outcome.message.unwrap_or_default()),
            Err(ReplayError::Trace(error)) => return Err(error),
            Err(error) => Some(error.to_string()),
        };
        if let Some(message) = message {
            heap.is_broken = true;
            heap.problem =
                Some(format!("{bytes} bytes worked once and not a second time: {message}"));
            return Ok(heap);
        }
        heap.smallest_bytes = Some(bytes);
        heap.smallest_certainty = Certainty::exact_if(found.is_smallest_exact);
        heap.all_from_bytes = found.all_from_bytes;
        heap.all_from_certainty = Certainty::exact_if(found.is_all_from_exact);
        Ok(heap)
    }
}

/// The full replay takes a few times as long as one of the search; beyond this its figures are not worth the wait.
const LONGEST_CONFIRMATION: Duration = Duration::from_secs(10);

/// Whether the reasoning of the module above holds for the strategy.
const fn is_walkable(capabilities: &Capabilities) -> bool {
    capabilities.ignores_spare_capacity && !capabilities.relocates
}

fn unknown(contestant: &Contestant) -> MinHeap {
    MinHeap {
        entry: Entry { name: contestant.name, capabilities: contestant.capabilities },
        smallest_bytes: None,
        smallest_certainty: Certainty::Probed,
        all_from_bytes: None,
        all_from_certainty: Certainty::Probed,
        metadata_bytes: None,
        replays: 0,
        problem: None,
        is_broken: false,
    }
}

/// What is said of a search that did not return or was not begun.
pub(super) fn unfinished(contestant: &Contestant, is_interrupted: bool) -> MinHeap {
    let problem = if is_interrupted { "interrupted" } else { "an operation did not return" };
    MinHeap { problem: Some(problem.into()), ..unknown(contestant) }
}
