//! Every strategy of a registry against the judge, for as many operations as there is time for.

use heaplab_conformance::kit::Failure;
use heaplab_conformance::{Config, fuzz};
use heaplab_core::{Entry, Registry, Strategy, StrategyList, Visitor};

/// What a strategy was judged by, or fell over.
pub type Judged = Result<u64, Box<Failure>>;

/// Judges strategies, their types erased: a name, and what judges the cases of some seeds.
pub type Fuzzed = (&'static str, fn(core::ops::Range<u64>) -> Judged);

/// The strategies of a registry as what judges them.
#[must_use]
pub fn of<L: StrategyList>(registry: &Registry<L>) -> Vec<Fuzzed> {
    #[derive(Default)]
    struct Collect(Vec<Fuzzed>);
    impl Visitor for Collect {
        fn visit<S: Strategy>(&mut self, entry: Entry) {
            self.0.push((entry.name, |seeds| fuzz::<S>(seeds, &Config::new())));
        }
    }
    let mut collect = Collect::default();
    registry.visit_all(&mut collect);
    collect.0
}
