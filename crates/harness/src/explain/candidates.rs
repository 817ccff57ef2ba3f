//! The strategies that can be looked into, their types erased one call above the replay.

use heaplab_core::{Capabilities, Config, Entry, Kind, Registry, Strategy, StrategyList, Visitor};
use heaplab_report::explain::{LargerHeap, Other};

use super::look::{Found, look};
use super::others::{follow, larger_heap};
use super::{ExplainError, ExplainRequest, Job};

pub(super) struct Candidate {
    pub(super) name: &'static str,
    pub(super) capabilities: Capabilities,
    pub(super) config: Config,
    /// Explains it.
    pub(super) look: fn(&Job<'_>) -> Result<Found, ExplainError>,
    /// Replays it beside another one: operations completed at the moment, operation that is explained.
    pub(super) follow: fn(&Job<'_>, u64, u64) -> Result<Other, ExplainError>,
    /// Finds a heap in which it completes so many operations.
    pub(super) enlarge: fn(&Job<'_>, u64) -> Result<Option<LargerHeap>, ExplainError>,
}

struct Collect<'a> {
    request: &'a ExplainRequest<'a>,
    candidates: Vec<Candidate>,
}

impl Visitor for Collect<'_> {
    fn visit<S: Strategy>(&mut self, entry: Entry) {
        if entry.capabilities.kind != Kind::Strategy {
            return;
        }
        let mut config = Config::new().with_granule(self.request.granule);
        for setting in self.request.parameters.iter().filter(|it| it.strategy == entry.name) {
            config = config.with_parameter(&setting.parameter, setting.value);
        }
        self.candidates.push(Candidate {
            name: entry.name,
            capabilities: entry.capabilities,
            config,
            look: look::<S>,
            follow: follow::<S>,
            enlarge: larger_heap::<S>,
        });
    }
}

/// All strategies of a registry but floors and peers, in its order.
pub(super) fn candidates<L: StrategyList>(
    registry: &Registry<L>,
    request: &ExplainRequest<'_>,
) -> Vec<Candidate> {
    let mut collect = Collect { request, candidates: Vec::new() };
    registry.visit_all(&mut collect);
    collect.candidates
}
