//! Heap maps: replays that draw the heap, addresses across and operations down.
//!
//! A first replay finds the operations whose states tell most: the extremes of the last block's end, the heap before and
//! after the largest compactions, the highest end, the moment of failure. A second replay stops at each and looks. So
//! both take memory for live blocks alone, and a map has the same size however long the trace is.
//! A window is recorded operation by operation besides.

use std::ops::Range;
use std::time::{Duration, Instant};

use heaplab_core::{
    Capabilities, Config, Entry, Granule, Kind, Registry, Strategy, StrategyList, Visitor,
};
use heaplab_report::{HeapMap, HeapSpec, MapRows};
use heaplab_trace::{OperationSource, peak_live_bytes};

use crate::HeapSize;
use crate::explain::ExplainError;
use crate::panics::{Unwound, guard};
use crate::plan::ParameterSetting;

mod choice;
mod grid;
mod origins;
mod rows;
mod survey;
mod window;

pub use choice::{MapChoice, add_maps, choose_maps};

/// The most operations of a window.
pub const MAX_WINDOW_OPERATIONS: u64 = 100_000;
/// The most live blocks of a window, those that were allocated before it among them.
pub const MAX_WINDOW_BLOCKS: usize = 400_000;
/// The most relocations of a window.
pub const MAX_WINDOW_MOVES: usize = 1_000_000;

/// What is to be drawn.
#[derive(Clone)]
pub struct MapRequest<'a> {
    /// The operations.
    pub source: &'a dyn OperationSource,
    /// The heap. A ratio costs one more pass over the trace, for the peak of live bytes.
    pub heap: HeapSize,
    /// Unit of sizes and addresses.
    pub granule: Granule,
    /// Parameters that differ from their defaults.
    pub parameters: &'a [ParameterSetting],
    /// The operations that are drawn, each for itself; the whole trace, thinned, where none are named.
    pub window: Option<Range<u64>>,
    /// The most bytes of the packed rows; where they are more, columns are joined two by two, down to 64.
    pub packed_bytes: usize,
    /// How long the replays may take together.
    pub patience: Option<Duration>,
}

impl<'a> MapRequest<'a> {
    /// A map of the whole trace in a heap without limit, with the default granule.
    #[must_use]
    pub const fn new(source: &'a dyn OperationSource) -> Self {
        Self {
            source,
            heap: HeapSize::Unlimited,
            granule: Granule::DEFAULT,
            parameters: &[],
            window: None,
            packed_bytes: usize::MAX,
            patience: None,
        }
    }
}

impl std::fmt::Debug for MapRequest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MapRequest")
            .field("trace", &self.source.info().name)
            .field("heap", &self.heap)
            .field("window", &self.window)
            .finish_non_exhaustive()
    }
}

/// Why there is no map.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HeapMapError {
    /// The strategy, the trace or the heap do not allow a replay.
    #[error(transparent)]
    Replay(#[from] ExplainError),
    /// The window holds nothing.
    #[error("the window {from}..{to} holds no operation")]
    EmptyWindow {
        /// First operation.
        from: u64,
        /// Behind the last.
        to: u64,
    },
    /// The window leaves the trace.
    #[error("the window {from}..{to} goes beyond the trace, whose operations are 0..{operations}")]
    BeyondTrace {
        /// First operation.
        from: u64,
        /// Behind the last.
        to: u64,
        /// Operations of the trace.
        operations: u64,
    },
    /// Nothing of the window was replayed.
    #[error(
        "operation {operation} was refused before the window began: nothing is left to show from {from} on"
    )]
    RefusedBefore {
        /// The operation that was refused.
        operation: u64,
        /// First operation of the window.
        from: u64,
    },
    /// A player could not hold it.
    #[error("the window {from}..{to} holds {found} {what}; at most {most} can be shown")]
    TooLarge {
        /// First operation.
        from: u64,
        /// Behind the last.
        to: u64,
        /// What there is too much of.
        what: &'static str,
        /// How many.
        found: u64,
        /// How many there may be.
        most: u64,
    },
    /// The replays took longer than they may.
    #[error("its replays took longer than their time")]
    OutOfTime,
}

/// What the replays of one map have in common.
struct Job<'a> {
    source: &'a dyn OperationSource,
    capacity_bytes: u64,
    heap: HeapSpec,
    config: Config,
    /// The operations that are drawn.
    shown: Range<u64>,
    is_window: bool,
    packed_bytes: usize,
    deadline: Option<Instant>,
}

/// Draws what `strategy` makes of a trace. The map's `trace` is the name that the source has.
///
/// # Errors
///
/// [`HeapMapError`]; running out of memory is drawn, no error.
pub fn heap_map<L: StrategyList>(
    registry: &Registry<L>,
    strategy: &str,
    request: &MapRequest<'_>,
) -> Result<HeapMap, HeapMapError> {
    let candidate = find(registry, strategy, request.granule, request.parameters);
    let candidate =
        candidate.ok_or_else(|| ExplainError::UnknownStrategy { name: strategy.into() })?;
    candidate.draw(request)
}

/// What all replays of one map need, once a trace, a heap and a window have been held against each other.
fn prepare<'a>(request: &MapRequest<'a>, config: Config) -> Result<Job<'a>, HeapMapError> {
    let granule = request.granule;
    let operations = request.source.summary().operations.total();
    let shown = request.window.clone().unwrap_or(0..operations);
    let (from, to) = (shown.start, shown.end);
    if operations == 0 {
        return Err(ExplainError::EmptyTrace.into());
    }
    if to > operations {
        return Err(HeapMapError::BeyondTrace { from, to, operations });
    }
    if from >= to {
        return Err(HeapMapError::EmptyWindow { from, to });
    }
    if request.window.is_some() && to - from > MAX_WINDOW_OPERATIONS {
        let (what, found) = ("operations", to - from);
        let most = MAX_WINDOW_OPERATIONS;
        return Err(HeapMapError::TooLarge { from, to, what, found, most });
    }
    let peak_live_bytes = match request.heap {
        HeapSize::Ratio(_) => {
            peak_live_bytes(request.source, granule.bytes()).map_err(ExplainError::Trace)?
        }
        HeapSize::Unlimited | HeapSize::Bytes(_) => 0,
    };
    let heap = request.heap;
    let capacity_bytes = heap
        .resolve(peak_live_bytes, granule)
        .ok_or(ExplainError::HeapTooLarge { heap, peak_live_bytes })?;
    Ok(Job {
        source: request.source,
        capacity_bytes,
        heap: heap.to_spec(capacity_bytes),
        config,
        shown,
        is_window: request.window.is_some(),
        packed_bytes: request.packed_bytes,
        deadline: request.patience.and_then(|it| Instant::now().checked_add(it)),
    })
}

/// A strategy, its type erased one call above the replay.
struct Candidate {
    name: &'static str,
    config: Config,
    draw: fn(&Job<'_>) -> Result<HeapMap, HeapMapError>,
}

impl Candidate {
    fn draw(&self, request: &MapRequest<'_>) -> Result<HeapMap, HeapMapError> {
        let job = prepare(request, self.config.clone())?;
        let map = (self.draw)(&job)?;
        Ok(HeapMap { strategy: self.name.into(), ..map })
    }
}

struct Find<'a> {
    granule: Granule,
    parameters: &'a [ParameterSetting],
    found: Option<Candidate>,
}

impl Visitor for Find<'_> {
    fn visit<S: Strategy>(&mut self, entry: Entry) {
        if !can_be_drawn(&entry.capabilities) {
            return;
        }
        let mut config = Config::new().with_granule(self.granule);
        for setting in self.parameters.iter().filter(|it| it.strategy == entry.name) {
            config = config.with_parameter(&setting.parameter, setting.value);
        }
        self.found = Some(Candidate { name: entry.name, config, draw: draw::<S> });
    }
}

fn find<L: StrategyList>(
    registry: &Registry<L>,
    strategy: &str,
    granule: Granule,
    parameters: &[ParameterSetting],
) -> Option<Candidate> {
    let mut find = Find { granule, parameters, found: None };
    registry.visit(strategy, &mut find);
    find.found
}

/// Floors keep no blocks, and peers may abort, which would cost the whole run.
fn can_be_drawn(capabilities: &Capabilities) -> bool {
    capabilities.kind == Kind::Strategy
}

fn draw<S: Strategy>(job: &Job<'_>) -> Result<HeapMap, HeapMapError> {
    match guard(|| draw_unguarded::<S>(job)) {
        Ok(result) => result,
        Err(Unwound::Panicked(message)) => {
            Err(ExplainError::Broken { operation: 0, message }.into())
        }
        Err(Unwound::TimeIsUp) => Err(HeapMapError::OutOfTime),
    }
}

fn draw_unguarded<S: Strategy>(job: &Job<'_>) -> Result<HeapMap, HeapMapError> {
    let survey = survey::survey::<S>(job)?;
    let is_unlimited = job.heap.is_unlimited();
    let extent_bytes = if is_unlimited { survey.highest_bytes } else { job.capacity_bytes };
    let mut map = HeapMap {
        trace: job.source.info().name.clone(),
        heap: job.heap.clone(),
        granule_bytes: job.config.granule.bytes(),
        from_operation: job.shown.start,
        to_operation: job.shown.end,
        extent_bytes: extent_bytes.max(job.config.granule.bytes()),
        high_water: survey.high_water,
        failure: survey.failure.clone(),
        compactions: survey.compactions,
        relocated_bytes: survey.relocated_bytes,
        threads: survey.threads.names(|thread| thread.to_string()),
        sites: survey.sites.names(|site| {
            let sites = &job.source.info().sites;
            sites.get(site as usize).cloned().unwrap_or_else(|| format!("call site {site}"))
        }),
        rows: MapRows::default(),
        ..HeapMap::default()
    };
    let mut window = job.is_window.then(window::Recorder::new);
    let grid = rows::record::<S>(job, &survey, map.extent_bytes, window.as_mut())?;
    map.rows = grid.pack(job.packed_bytes);
    map.rows.reduction = survey.reduction(&map.rows, &job.shown);
    map.rows.operation_index.clone_from(&survey.rows);
    if let Some(window) = window {
        map.steps = Some(window.finish(job)?.pack());
    }
    Ok(map)
}
