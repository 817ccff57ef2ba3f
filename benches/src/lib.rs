//! What the benchmarks share: the contestants and the workloads.
//!
//! `cargo bench -p heaplab-benches --bench strategies` measures every strategy on every trace with Criterion;
//! `cargo bench -p heaplab-benches --bench ratios` prints, within one run, how strategies compare with the `bump`
//! floor, and how they grow with the heap; `cargo bench -p heaplab-benches --bench speed` how they compare with
//! published allocators on real programs' traces; `cargo bench -p heaplab-benches --bench traces` how fast traces are
//! decoded and imported; `cargo bench -p heaplab-benches --bench touches` how much memory the worst operation touches.

use std::sync::Mutex;
use std::time::Duration;

use heaplab_core::{Config, Entry, Strategy, Visitor};
use heaplab_harness::timed::{TimedError, TimedRoom, replay_timed};
use heaplab_harness::{
    HeapSize, ReplayError, ReplayRequest, Replayed, UNLIMITED_BYTES, floor, replay,
};
use heaplab_report::Status;
use heaplab_trace::generate::Generator;
use heaplab_trace::hlt::EmbeddedHlt;
use heaplab_trace::{OperationSource, Trace, TraceBuilder, peak_live_bytes};

pub mod metadata;
pub mod reading;
pub mod scene;

use metadata::Metadata;

/// The heap of a peer that cannot do without one, as a multiple of the peak of live bytes: ample for headers and
/// rounding, so that all of them have the same and none is short of space.
const PEER_HEAP_OVER_PEAK: u64 = 4;

/// A strategy, peer or floor, its type erased one call above the replay.
#[derive(Clone, Copy, Debug)]
pub struct Contestant {
    /// Its name in the registry.
    pub name: &'static str,
    max_capacity_bytes: Option<u64>,
    time: fn(&dyn OperationSource, u64, &Config, &mut TimedRoom) -> Result<u64, TimedError>,
    replay: fn(&ReplayRequest<'_>) -> Result<Replayed, ReplayError>,
    metadata: fn(&Trace, u64) -> Option<Metadata>,
}

impl Contestant {
    /// How long the operations of one replay take, in ns: in an unlimited heap, or, for peers that need a limit, in one of
    /// four times the peak of live bytes.
    ///
    /// # Panics
    ///
    /// If the replay fails, which in an unlimited heap it must not, and in others [`Contestant::ends_within`] tells.
    #[must_use]
    pub fn time_ns(&self, trace: &Trace, room: &Mutex<TimedRoom>) -> u64 {
        let mut room = room.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match self.try_time_ns(trace, self.heap_bytes(trace), &mut room) {
            Ok(ns) => ns,
            Err(error) => panic!("{} on {}: {error}", self.name, trace.info().name),
        }
    }

    /// How long the operations of one replay take in a heap of `heap_bytes`, in ns.
    ///
    /// # Errors
    ///
    /// [`TimedError`], for example for a refused operation.
    pub fn try_time_ns(
        &self,
        trace: &Trace,
        heap_bytes: u64,
        room: &mut TimedRoom,
    ) -> Result<u64, TimedError> {
        (self.time)(trace, heap_bytes, &Config::new(), room)
    }

    /// Whether one replay ends within `limit`: some strategies are linear by nature.
    #[must_use]
    pub fn ends_within(&self, trace: &Trace, limit: Duration) -> bool {
        let mut request = ReplayRequest::new(trace);
        request.heap = HeapSize::Bytes(self.heap_bytes(trace));
        request.deadline = Some(limit);
        (self.replay)(&request).is_ok_and(|replayed| replayed.outcome.status == Status::Ok)
    }

    /// What the tables take while a trace is replayed in a heap of `heap_bytes`.
    ///
    /// `None` where the contestant does not know its holes or its tables, or refuses an operation.
    #[must_use]
    pub fn metadata(&self, trace: &Trace, heap_bytes: u64) -> Option<Metadata> {
        (self.metadata)(trace, heap_bytes)
    }

    fn heap_bytes(&self, trace: &Trace) -> u64 {
        let Some(max) = self.max_capacity_bytes else { return UNLIMITED_BYTES };
        let granule = Config::new().granule;
        // A trace in memory can always be read.
        let peak = peak_live_bytes(trace, granule.bytes()).unwrap_or(max);
        peak.saturating_mul(PEER_HEAP_OVER_PEAK).min(granule.floor(max))
    }
}

struct Collect(Vec<Contestant>);

impl Visitor for Collect {
    fn visit<S: Strategy>(&mut self, entry: Entry) {
        self.0.push(Contestant {
            name: entry.name,
            max_capacity_bytes: entry.capabilities.max_capacity_bytes,
            time: replay_timed::<S>,
            replay: |request| replay::<S>(request, &mut ()),
            metadata: metadata::of::<S>,
        });
    }
}

/// The floors, then every strategy, then every peer.
#[must_use]
pub fn contestants() -> Vec<Contestant> {
    let mut collect = Collect(Vec::new());
    floor::registry().visit_all(&mut collect);
    heaplab_strategies::registry().and(heaplab_peers::registry()).visit_all(&mut collect);
    collect.0
}

macro_rules! files {
    ($($name:literal),*) => {
        [$(($name, include_bytes!(concat!("../../suites/", $name, ".hlt")).as_slice())),*]
    };
}

const FILES: [(&str, &[u8]); 9] =
    files!["gcc", "python", "git", "sqlite", "jq", "perl", "lua", "ffmpeg", "make"];

/// The recorded traces of the default suite.
///
/// # Panics
///
/// If a file of the suite is damaged.
#[must_use]
pub fn recorded() -> Vec<Trace> {
    let load = |(name, bytes)| {
        EmbeddedHlt::new(name, bytes).and_then(|file| Trace::load(&file)).map(|mut trace| {
            trace.info_mut().name = String::from(name);
            trace
        })
    };
    match FILES.into_iter().map(load).collect() {
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
    generated_with(preset, &[("operations", &operations.to_string())])
}

/// A trace of a generator's preset with parameters of one's own.
///
/// # Panics
///
/// If there is no such preset or parameter.
#[must_use]
pub fn generated_with(preset: &str, parameters: &[(&str, &str)]) -> Trace {
    let generator = match Generator::parse(preset, parameters) {
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
