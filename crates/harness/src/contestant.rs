//! The contestants of a run: strategies and floors, their types erased one call above the replay.
//!
//! A function pointer instantiated for a strategy does not mention its type, so contestants fit into a list and their
//! replays into threads, while everything below the call is compiled for the strategy.

use heaplab_core::{
    Capabilities, Config, ConfigError, Entry, Registry, Strategy, StrategyList, Visitor,
};
use heaplab_trace::OperationSource;

use crate::min_heap::{TrailReplay, trail};
use crate::plan::{Plan, RunError};
use crate::replay::{ReplayError, ReplayRequest, Replayed, replay};
use crate::timed::{TimedError, TimedRoom, replay_timed};
use crate::{HeapSize, UNLIMITED_BYTES, floor};

/// One untimed replay that nobody observes.
pub(crate) type Replay = fn(&ReplayRequest<'_>) -> Result<Replayed, ReplayError>;

/// One timed replay, in ns.
pub(crate) type TimedReplay =
    fn(&dyn OperationSource, u64, &Config, &mut TimedRoom) -> Result<u64, TimedError>;

#[derive(Clone, Debug)]
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    pub(crate) capabilities: Capabilities,
    pub(crate) config: Config,
    pub(crate) replay: Replay,
    pub(crate) time: TimedReplay,
    /// What a search for the minimum heap replays.
    pub(crate) trail: TrailReplay,
}

impl Contestant {
    /// Whether it has cells in such a heap: not every allocator can manage every heap, and one that takes its memory
    /// elsewhere knows no limits.
    pub(crate) fn takes_part_in(&self, heap: HeapSize, heap_bytes: u64) -> bool {
        let Capabilities { max_capacity_bytes, is_confined, .. } = self.capabilities;
        max_capacity_bytes.is_none_or(|max| heap_bytes <= max)
            && (is_confined || heap == HeapSize::Unlimited)
    }
}

struct Collect<'a> {
    plan: &'a Plan,
    filter: &'a [String],
    contestants: Vec<Contestant>,
    error: Option<RunError>,
}

impl Visitor for Collect<'_> {
    fn visit<S: Strategy>(&mut self, entry: Entry) {
        if !self.filter.is_empty() && !self.filter.iter().any(|name| name == entry.name) {
            return;
        }
        let mut config = Config::new().with_granule(self.plan.granule);
        for setting in self.plan.parameters.iter().filter(|it| it.strategy == entry.name) {
            config = config.with_parameter(&setting.parameter, setting.value);
        }
        if let Err(source) = check::<S>(&config) {
            let strategy = entry.name.into();
            self.error.get_or_insert(RunError::Config { strategy, source });
        }
        self.contestants.push(Contestant {
            name: entry.name,
            capabilities: entry.capabilities,
            config,
            replay: |request| replay::<S>(request, &mut ()),
            time: replay_timed::<S>,
            trail: trail::<S>,
        });
    }
}

fn check<S: Strategy>(config: &Config) -> Result<(), ConfigError> {
    let unlimited = UNLIMITED_BYTES.max(config.granule.bytes());
    let capacity = unlimited.min(S::CAPABILITIES.max_capacity_bytes.unwrap_or(unlimited));
    config.check(capacity, &S::CAPABILITIES).map(drop)
}

/// The contestants of a plan in the order of the report: the registry's, then the floors.
pub(crate) fn contestants<L: StrategyList>(
    registry: &Registry<L>,
    plan: &Plan,
) -> Result<Vec<Contestant>, RunError> {
    let known: Vec<&str> = registry.entries().iter().map(|entry| entry.name).collect();
    let named = plan.strategies.iter().chain(plan.parameters.iter().map(|it| &it.strategy));
    for name in named {
        if !known.contains(&name.as_str()) {
            let known = known.iter().map(|&name| name.into()).collect();
            return Err(RunError::UnknownStrategy { name: name.clone(), known });
        }
    }
    let mut collect =
        Collect { plan, filter: &plan.strategies, contestants: Vec::new(), error: None };
    registry.visit_all(&mut collect);
    if plan.floors {
        collect.filter = &[];
        floor::registry().visit_all(&mut collect);
    }
    if let Some(error) = collect.error {
        return Err(error);
    }
    let contestants = collect.contestants;
    for (at, contestant) in contestants.iter().enumerate() {
        if contestants[..at].iter().any(|other| other.name == contestant.name) {
            return Err(RunError::DuplicateStrategy { name: contestant.name.into() });
        }
    }
    Ok(contestants)
}
