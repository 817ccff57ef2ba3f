//! The strategies of a registry as values, so that cases need not be generic.

use std::panic::{self, AssertUnwindSafe};

use heaplab_core::{
    Allocator, Config, ConfigError, Entry, Granule, Policy, Registry, Strategy, StrategyList,
    Visitor,
};

/// A heap that no case comes near to; offsets stay far from 2^64.
pub(crate) const UNLIMITED_BYTES: u64 = 1 << 62;

/// What is done with a strategy's allocator.
type Body<'a> = &'a mut dyn FnMut(&mut dyn Allocator);

/// A strategy, and how to make one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contestant {
    pub(crate) entry: Entry,
    with: fn(u64, &Config, Body<'_>) -> Result<(), ConfigError>,
}

/// Why a strategy could not be asked.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum Failure {
    #[error("it cannot be made: {0}")]
    NotMade(ConfigError),
    #[error("it panicked: {0}")]
    Panicked(String),
}

impl Contestant {
    /// Makes an allocator of an empty heap of bytes and hands it to `body`.
    pub(crate) fn run<T>(
        &self,
        capacity_bytes: u64,
        body: impl FnMut(&mut dyn Allocator) -> T,
    ) -> Result<T, Failure> {
        self.run_configured(capacity_bytes, &Config::new().with_granule(Granule::BYTE), body)
    }

    /// As [`Contestant::run`], with a configuration.
    pub(crate) fn run_configured<T>(
        &self,
        capacity_bytes: u64,
        config: &Config,
        mut body: impl FnMut(&mut dyn Allocator) -> T,
    ) -> Result<T, Failure> {
        let mut result = None;
        let run =
            || (self.with)(capacity_bytes, config, &mut |allocator| result = Some(body(allocator)));
        // What the strategy was changing may be in any state after a panic; it is dropped without another look.
        match panic::catch_unwind(AssertUnwindSafe(run)) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(Failure::NotMade(error)),
            Err(payload) => return Err(Failure::Panicked(message(payload.as_ref()))),
        }
        result.ok_or_else(|| Failure::Panicked("it never came to its turn".to_owned()))
    }

    pub(crate) fn name(&self) -> &'static str {
        self.entry.name
    }

    pub(crate) fn has_policy(&self, policy: Policy) -> bool {
        self.entry.capabilities.policy == Some(policy)
    }
}

fn message(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

/// All strategies of a registry, in its order.
pub(crate) fn contestants<L: StrategyList>(registry: &Registry<L>) -> Vec<Contestant> {
    struct Collect(Vec<Contestant>);
    impl Visitor for Collect {
        fn visit<S: Strategy>(&mut self, entry: Entry) {
            self.0.push(Contestant { entry, with: with::<S> });
        }
    }
    let mut collect = Collect(Vec::new());
    registry.visit_all(&mut collect);
    collect.0
}

fn with<S: Strategy>(
    capacity_bytes: u64,
    config: &Config,
    body: Body<'_>,
) -> Result<(), ConfigError> {
    body(&mut S::new(capacity_bytes, config)?);
    Ok(())
}

/// Those with this exact policy, in the registry's order.
pub(crate) fn with_policy(
    contestants: &[Contestant],
    policy: Policy,
) -> impl Iterator<Item = &Contestant> {
    contestants.iter().filter(move |contestant| contestant.has_policy(policy))
}
