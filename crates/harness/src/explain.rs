//! Why a strategy failed on a trace, or where it wasted most, and what would have helped.
//!
//! A replay runs until a request is refused, and the heap is looked at there and then. Where none is refused, a second
//! replay stops at the operation after which most was wasted. What the other strategies make of the same operations, and
//! how large a heap would have done, is found out by replays of their own. Memory is in proportion to the live blocks.

use std::time::Duration;

use heaplab_core::{Config, ConfigError, Granule, Registry, StrategyList};
use heaplab_report::explain::{Cause, Explanation, LargerHeap, Other};
use heaplab_report::{Outcome, Status};
use heaplab_trace::{OperationSource, TraceError, peak_live_bytes};

use crate::plan::ParameterSetting;
use crate::{HeapSize, Isolated};

mod candidates;
mod layout;
mod look;
mod others;
mod picture;
mod pins;
pub(crate) mod stage;

use candidates::{Candidate, candidates};

/// What is to be explained.
#[derive(Clone)]
pub struct ExplainRequest<'a> {
    /// The operations.
    pub source: &'a dyn OperationSource,
    /// The heap. A ratio costs one more pass over the trace, for the peak of live bytes.
    pub heap: HeapSize,
    /// Unit of sizes and addresses.
    pub granule: Granule,
    /// Parameters that differ from their defaults; those of other strategies count for the comparison with them.
    pub parameters: &'a [ParameterSetting],
    /// How long the replay of each other strategy may take, and the search for a larger heap; and the one that is
    /// explained in a process of its own, where it may hang.
    pub patience: Duration,
    /// How long the replay that is explained may take. With it every strategy is replayed in a process of its own before
    /// it is replayed here, so that none can hang this one; without it, those that may abort.
    pub timeout: Option<Duration>,
    /// Where strategies that may abort are replayed before they are replayed here; without it, one that aborts takes
    /// everybody along.
    pub isolated: Option<&'a Isolated>,
}

impl<'a> ExplainRequest<'a> {
    /// An explanation in a heap without limit, with the default granule and 10 seconds of patience.
    #[must_use]
    pub const fn new(source: &'a dyn OperationSource) -> Self {
        Self {
            source,
            heap: HeapSize::Unlimited,
            granule: Granule::DEFAULT,
            parameters: &[],
            patience: Duration::from_secs(10),
            timeout: None,
            isolated: None,
        }
    }
}

impl std::fmt::Debug for ExplainRequest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExplainRequest")
            .field("trace", &self.source.info().name)
            .field("heap", &self.heap)
            .field("granule", &self.granule)
            .finish_non_exhaustive()
    }
}

/// Why nothing could be explained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExplainError {
    /// The registry has no strategy of that name that can be looked into: floors keep no blocks, and peers do not show
    /// theirs.
    #[error("no strategy '{name}' that can be looked into")]
    UnknownStrategy {
        /// The name.
        name: String,
    },
    /// The trace has no operations.
    #[error("the trace has no operations: there is nothing to explain")]
    EmptyTrace,
    /// The trace could not be read.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// The strategy refuses its configuration or capacity.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The heap would be larger than 64 bits can say.
    #[error("a heap of {heap} of {peak_live_bytes} bytes exceeds 64 bits")]
    HeapTooLarge {
        /// As it was asked for.
        heap: HeapSize,
        /// The trace's peak of live bytes, rounded.
        peak_live_bytes: u64,
    },
    /// The strategy broke its contract or panicked.
    #[error("it breaks its contract at operation {operation}: {message}")]
    Broken {
        /// Index of the operation.
        operation: u64,
        /// How.
        message: String,
    },
    /// A replay in a process of its own did not come to its end.
    #[error("{message}")]
    Lost {
        /// [`Status::Crashed`] or [`Status::Timeout`].
        status: Status,
        /// What became of the process.
        message: String,
    },
}

/// What all replays of one strategy have in common.
struct Job<'a> {
    name: &'static str,
    source: &'a dyn OperationSource,
    capacity_bytes: u64,
    is_unlimited: bool,
    config: Config,
    patience: Duration,
    /// For a strategy that may abort, or hang.
    isolated: Option<&'a Isolated>,
}

impl Job<'_> {
    /// How it ends in a heap of so many bytes and a process of its own, if that does not come to its end.
    fn lost(&self, capacity_bytes: u64) -> Option<Outcome> {
        let patience = Some(self.patience);
        let probe =
            self.isolated?.probe(self.name, self.source, capacity_bytes, &self.config, patience);
        probe.ok().filter(|outcome| matches!(outcome.status, Status::Crashed | Status::Timeout))
    }
}

/// Explains how `strategy` ends on a trace, and compares it with all other strategies of the registry, floors and peers
/// apart. `doing` is told of each strategy before its replay, from any thread.
///
/// # Errors
///
/// [`ExplainError`]; running out of memory is what is explained, no error.
pub fn explain<L: StrategyList>(
    registry: &Registry<L>,
    strategy: &str,
    request: &ExplainRequest<'_>,
    doing: &(dyn Fn(&str) + Sync),
) -> Result<Explanation, ExplainError> {
    let all = candidates(registry, request);
    let candidate = all.iter().find(|candidate| candidate.name == strategy);
    let candidate =
        candidate.ok_or_else(|| ExplainError::UnknownStrategy { name: strategy.into() })?;
    let granule = request.granule;
    let peak_live_bytes = match request.heap {
        HeapSize::Ratio(_) => peak_live_bytes(request.source, granule.bytes())?,
        HeapSize::Unlimited | HeapSize::Bytes(_) => 0,
    };
    let heap = request.heap;
    let capacity_bytes = heap
        .resolve(peak_live_bytes, granule)
        .ok_or(ExplainError::HeapTooLarge { heap, peak_live_bytes })?;
    let job = |candidate: &Candidate| Job {
        name: candidate.name,
        source: request.source,
        capacity_bytes,
        is_unlimited: heap == HeapSize::Unlimited,
        config: candidate.config.clone(),
        patience: request.patience,
        isolated: request
            .isolated
            .filter(|_| candidate.capabilities.needs_own_process() || request.timeout.is_some()),
    };
    doing(strategy);
    let explained = job(candidate);
    let patience = request.timeout.unwrap_or(explained.patience);
    let found = (candidate.look)(&Job { patience, ..explained })?;
    let mut explanation = Explanation {
        strategy: strategy.into(),
        moves: candidate.capabilities.relocates,
        parameters: (candidate.config.parameters())
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
        heap: heap.to_spec(capacity_bytes),
        granule_bytes: granule.bytes(),
        outcome: found.outcome,
        cause: found.cause,
        operations_completed: found.completed,
        waste: found.waste,
        moment: found.moment,
        picture: found.picture,
        remedies: found.remedies,
    };
    let (others, larger_heap) = compare(&all, candidate, &job, &explanation, doing)?;
    explanation.remedies.others = others;
    explanation.remedies.larger_heap = larger_heap;
    Ok(explanation)
}

type Compared = (Vec<Other>, Option<LargerHeap>);

/// Follows the other strategies and looks for a larger heap, on as many threads as there are processors.
fn compare<'a>(
    all: &[Candidate],
    explained: &Candidate,
    job: &(dyn Fn(&Candidate) -> Job<'a> + Sync),
    explanation: &Explanation,
    doing: &(dyn Fn(&str) + Sync),
) -> Result<Compared, ExplainError> {
    let moment = &explanation.moment;
    let completed = moment.operation + u64::from(moment.is_after);
    let wants_heap = explanation.cause.is_some_and(|cause| cause != Cause::OutOfMetadata);
    let enlarge = || {
        if !wants_heap {
            return Ok(None);
        }
        (explained.enlarge)(&job(explained), moment.operation + 1)
    };
    let others: Vec<_> = all.iter().filter(|other| other.name != explained.name).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let Some(other) = others.get(at) else { return done };
            doing(other.name);
            let result = (other.follow)(&job(other), completed, moment.operation);
            done.push((at, result));
        }
    };
    let helpers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) - 1;
    let (larger_heap, mut results) = std::thread::scope(|scope| {
        let helpers: Vec<_> = (0..helpers.min(others.len())).map(|_| scope.spawn(work)).collect();
        let larger_heap = enlarge();
        let mut results = work();
        for helper in helpers {
            match helper.join() {
                Ok(more) => results.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        (larger_heap, results)
    });
    results.sort_by_key(|(at, _)| *at);
    let others = results.into_iter().map(|(_, result)| result).collect::<Result<_, _>>()?;
    Ok((others, larger_heap?))
}
