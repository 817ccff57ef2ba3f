//! What a run is to measure.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use heaplab_core::{ConfigError, Granule};
use heaplab_report::HeapSpec;
use heaplab_trace::{OperationSource, TraceError};

use crate::HeapSize;
use crate::replay::PAYLOAD_LIMIT_BYTES;

/// Heaps of a run where none are given, as multiples of the peak of live bytes.
pub const DEFAULT_HEAPS: &[&str] = &["1.0x", "1.1x", "1.25x", "1.5x", "2x", "3x"];

/// Heaps that are timed where none are given.
pub const DEFAULT_TIMED_HEAPS: &[&str] = &["1.25x", "2x"];

/// Seed of the order of rounds where none is given.
const DEFAULT_ORDER_SEED: u64 = 1;

/// A trace of a run.
#[derive(Clone)]
pub struct TraceInput {
    /// Its name in the report, unique in the run.
    pub name: String,
    /// Its operations; shared, since the thread of a strategy that hangs outlives the run.
    pub source: Arc<dyn OperationSource>,
    /// What it is in the suite for.
    pub question: Option<String>,
}

impl fmt::Debug for TraceInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceInput").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A value for a parameter of one strategy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterSetting {
    /// Name of the strategy.
    pub strategy: String,
    /// Name of the parameter.
    pub parameter: String,
    /// Its value.
    pub value: u64,
}

/// How many timed rounds there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Rounds {
    /// As many as the time budget holds, at most 12; fewer where the intervals are narrow before that.
    #[default]
    Auto,
    /// So many, whatever they cost.
    Fixed(u32),
}

/// The passes that can be left out; the space pass always runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passes {
    /// Timed rounds.
    pub throughput: bool,
    /// Verification before them. Without it, cells are timed that nobody has checked.
    pub verify: bool,
}

impl Default for Passes {
    fn default() -> Self {
        Self { throughput: true, verify: true }
    }
}

/// Traces × strategies × heaps, and how they are measured.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The traces, in the order of the report.
    pub traces: Vec<TraceInput>,
    /// Names of the strategies that take part; empty for all.
    pub strategies: Vec<String>,
    /// Whether the floors take part; they have cells in timed heaps and the unlimited one only.
    pub floors: bool,
    /// The heaps, in the order of the report; an unlimited one is added to each trace and strategy.
    pub heaps: Vec<HeapSize>,
    /// Heaps that are timed; those missing in `heaps` are added to them.
    pub timed_heaps: Vec<HeapSize>,
    /// The unit of sizes and addresses.
    pub granule: Granule,
    /// Parameters that differ from their defaults.
    pub parameters: Vec<ParameterSetting>,
    /// How long the whole run should take.
    pub time_budget: Duration,
    /// The most that one untimed replay, or one timed round of a cell, may take, whatever its share.
    pub cell_timeout: Option<Duration>,
    /// How many timed rounds there are.
    pub rounds: Rounds,
    /// Rounds before them whose times are thrown away.
    pub warmup_rounds: u32,
    /// Seed of the order of rounds.
    pub order_seed: u64,
    /// The passes that run.
    pub passes: Passes,
    /// Threads of the untimed passes; timed rounds have the calling thread to themselves.
    pub jobs: usize,
    /// The most bytes that the verification of one cell may keep, see [`PAYLOAD_LIMIT_BYTES`].
    pub payload_limit_bytes: u64,
}

impl Plan {
    /// The default plan for these traces: all strategies and both floors, the default heaps, 100 seconds.
    #[must_use]
    pub fn new(traces: Vec<TraceInput>) -> Self {
        let heaps = |texts: &[&str]| texts.iter().filter_map(|text| text.parse().ok()).collect();
        Self {
            traces,
            strategies: Vec::new(),
            floors: true,
            heaps: heaps(DEFAULT_HEAPS),
            timed_heaps: heaps(DEFAULT_TIMED_HEAPS),
            granule: Granule::DEFAULT,
            parameters: Vec::new(),
            time_budget: Duration::from_secs(100),
            cell_timeout: None,
            rounds: Rounds::Auto,
            warmup_rounds: 1,
            order_seed: DEFAULT_ORDER_SEED,
            passes: Passes::default(),
            jobs: std::thread::available_parallelism().map_or(1, usize::from),
            payload_limit_bytes: PAYLOAD_LIMIT_BYTES,
        }
    }

    /// The heaps of every strategy in the order of the report: those asked for, then those that are only timed, then
    /// the unlimited one. Each stands once.
    pub(crate) fn all_heaps(&self) -> Vec<HeapSize> {
        let mut heaps: Vec<HeapSize> = Vec::new();
        for heap in self.heaps.iter().chain(self.timed()) {
            if *heap != HeapSize::Unlimited && !heaps.contains(heap) {
                heaps.push(*heap);
            }
        }
        heaps.push(HeapSize::Unlimited);
        heaps
    }

    pub(crate) fn is_timed(&self, heap: HeapSize) -> bool {
        self.timed().contains(&heap)
    }

    fn timed(&self) -> &[HeapSize] {
        if self.passes.throughput { &self.timed_heaps } else { &[] }
    }
}

/// A cell that a run would measure.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedCell {
    /// Name of the trace.
    pub trace: String,
    /// Name of the strategy or floor.
    pub strategy: String,
    /// Its heap.
    pub heap: HeapSpec,
    /// Whether it will be timed, if it completes and is verified.
    pub is_timed: bool,
}

/// Why a run could not take place. What goes wrong inside a cell is its outcome instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// No strategy is called that.
    #[error("no strategy is named '{name}'; known are {}", known.join(", "))]
    UnknownStrategy {
        /// The name that was given.
        name: String,
        /// The names of all strategies.
        known: Vec<String>,
    },
    /// Two strategies or floors have one name.
    #[error("two strategies are named '{name}'")]
    DuplicateStrategy {
        /// The name.
        name: String,
    },
    /// Two traces have one name.
    #[error("two traces are named '{name}'")]
    DuplicateTrace {
        /// The name.
        name: String,
    },
    /// A strategy refuses its parameters.
    #[error("{strategy}: {source}")]
    Config {
        /// Name of the strategy.
        strategy: String,
        /// What it says.
        source: ConfigError,
    },
    /// A heap would be larger than 64 bits can say.
    #[error("a heap of {heap} of {peak_live_bytes} bytes, the peak of {trace}, exceeds 64 bits")]
    HeapTooLarge {
        /// Name of the trace.
        trace: String,
        /// As it was asked for.
        heap: HeapSize,
        /// The trace's peak of live bytes, rounded.
        peak_live_bytes: u64,
    },
    /// A trace could not be read.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// The operating system refused a thread.
    #[error("cannot start a thread: {0}")]
    Thread(#[source] std::io::Error),
}
