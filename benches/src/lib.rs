//! What the benchmarks share: the contestants and the workloads.
//!
//! `cargo bench -p heaplab-benches --bench strategies` measures every strategy on every trace with Criterion;
//! `cargo bench -p heaplab-benches --bench ratios` prints, within one run, how strategies compare with the `bump`
//! floor, and how they grow with the heap.

use std::sync::Mutex;
use std::time::Duration;

use heaplab_core::{Config, Entry, Strategy, Visitor};
use heaplab_harness::timed::{TimedError, TimedRoom, replay_timed};
use heaplab_harness::{ReplayError, ReplayRequest, Replayed, UNLIMITED_BYTES, floor, replay};
use heaplab_report::Status;
use heaplab_trace::generate::Generator;
use heaplab_trace::hlt::EmbeddedHlt;
use heaplab_trace::{OperationSource, Trace, TraceBuilder};

/// A strategy or floor, its type erased one call above the replay.
#[derive(Clone, Copy, Debug)]
pub struct Contestant {
    /// Its name in the registry.
    pub name: &'static str,
    time: fn(&dyn OperationSource, u64, &Config, &mut TimedRoom) -> Result<u64, TimedError>,
    replay: fn(&ReplayRequest<'_>) -> Result<Replayed, ReplayError>,
}

impl Contestant {
    /// How long the operations of one replay in an unlimited heap take, in ns.
    ///
    /// # Panics
    ///
    /// If the replay fails, which in an unlimited heap it must not.
    #[must_use]
    pub fn time_ns(&self, trace: &Trace, room: &Mutex<TimedRoom>) -> u64 {
        let mut room = room.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match (self.time)(trace, UNLIMITED_BYTES, &Config::new(), &mut room) {
            Ok(ns) => ns,
            Err(error) => panic!("{} on {}: {error}", self.name, trace.info().name),
        }
    }

    /// Whether one replay ends within `limit`: some strategies are linear by nature.
    #[must_use]
    pub fn ends_within(&self, trace: &Trace, limit: Duration) -> bool {
        let mut request = ReplayRequest::new(trace);
        request.deadline = Some(limit);
        (self.replay)(&request).is_ok_and(|replayed| replayed.outcome.status == Status::Ok)
    }
}

struct Collect(Vec<Contestant>);

impl Visitor for Collect {
    fn visit<S: Strategy>(&mut self, entry: Entry) {
        self.0.push(Contestant {
            name: entry.name,
            time: replay_timed::<S>,
            replay: |request| replay::<S>(request, &mut ()),
        });
    }
}

/// The floors, then every strategy.
#[must_use]
pub fn contestants() -> Vec<Contestant> {
    let mut collect = Collect(Vec::new());
    floor::registry().visit_all(&mut collect);
    heaplab_strategies::registry().visit_all(&mut collect);
    collect.0
}

/// The recorded traces of the default suite.
///
/// # Panics
///
/// If a file of the suite is damaged.
#[must_use]
pub fn recorded() -> Vec<Trace> {
    macro_rules! files {
        ($($name:literal),*) => {
            [$(($name, include_bytes!(concat!("../../suites/", $name, ".hlt")).as_slice())),*]
        };
    }
    let files = files!["gcc", "python", "git", "sqlite", "jq", "perl", "lua", "ffmpeg", "make"];
    let load = |(name, bytes)| {
        EmbeddedHlt::new(name, bytes).and_then(|file| Trace::load(&file)).map(|mut trace| {
            trace.info_mut().name = String::from(name);
            trace
        })
    };
    match files.into_iter().map(load).collect() {
        Ok(traces) => traces,
        Err(error) => panic!("{error}"),
    }
}

/// A trace of a generator's preset, such as `s1`, with so many operations.
///
/// # Panics
///
/// If there is no such preset.
#[must_use]
pub fn generated(preset: &str, operations: u64) -> Trace {
    let operations = operations.to_string();
    let generator = match Generator::parse(preset, &[("operations", &operations)]) {
        Ok(generator) => generator,
        Err(error) => panic!("{error}"),
    };
    let mut builder = TraceBuilder::new(generator.trace_info());
    match generator.run(&mut builder) {
        Ok(()) => builder.finish(),
        Err(error) => panic!("{preset}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_contestant_replays_a_recorded_trace() {
        let traces = recorded();
        let shortest = traces.iter().min_by_key(|trace| trace.operations().len()).unwrap();
        let room = Mutex::default();
        let contestants = contestants();
        assert!(contestants.len() > 2);
        for contestant in contestants {
            if contestant.ends_within(shortest, Duration::from_secs(5)) {
                assert!(contestant.time_ns(shortest, &room) > 0, "{}", contestant.name);
            }
        }
    }

    #[test]
    fn presets_are_known() {
        for preset in ["s1", "s2", "s3", "s4", "s4b"] {
            assert_eq!(generated(preset, 1_000).operations().len(), 1_000);
        }
    }
}
