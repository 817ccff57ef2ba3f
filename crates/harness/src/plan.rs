//! What a run is to measure.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use heaplab_core::{ConfigError, Granule};
use heaplab_report::{HeapSpec, Mode, Report};
use heaplab_trace::{OperationSource, TraceError};

use crate::HeapSize;
use crate::instructions::InstructionsError;
use crate::replay::PAYLOAD_LIMIT_BYTES;

/// Heaps of a run where none are given, as multiples of the peak of live bytes.
pub const DEFAULT_HEAPS: &[&str] = &["1.0x", "1.1x", "1.25x", "1.5x", "2x", "3x"];

/// Heaps of a space-time curve, all of them timed.
pub const CURVE_HEAPS: &[&str] = &["1.0x", "1.05x", "1.1x", "1.25x", "1.5x", "2x", "2.5x", "3x"];

/// Heaps that are timed where none are given.
pub const DEFAULT_TIMED_HEAPS: &[&str] = &["1.25x", "2x"];

/// The time of a run where none is given.
pub const DEFAULT_TIME_BUDGET: Duration = Duration::from_secs(240);

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
    /// As many as the time budget holds, at most 50; fewer where the intervals are narrow before that.
    #[default]
    Auto,
    /// So many, whatever they cost.
    Fixed(u32),
}

/// How operations are timed one by one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LatencyPass {
    /// Not at all.
    #[default]
    Off,
    /// One replay of each trace and contestant, in the largest heap in which it is timed without bytes, for quantiles
    /// alone; what takes long, or does not fit into a small part of the time budget, is left out.
    Brief,
    /// Several replays of every cell that is timed, with all their times.
    Full,
}

/// The passes that can be left out; the space pass always runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passes {
    /// Timed rounds.
    pub throughput: bool,
    /// Verification before them. Without it, cells are timed that nobody has checked.
    pub verify: bool,
    /// The clock read around each operation of the cells that are timed.
    pub latency: LatencyPass,
}

impl Default for Passes {
    fn default() -> Self {
        Self { throughput: true, verify: true, latency: LatencyPass::Off }
    }
}

/// How to start a process of this program that does one timed replay, see [`crate::instructions`].
///
/// What follows the arguments is the caller's own agreement with that process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launcher {
    /// The program.
    pub program: PathBuf,
    /// Its first arguments.
    pub arguments: Vec<OsString>,
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
    /// Without bytes behind the heap, with them, or each for itself. An unlimited heap has no bytes.
    pub modes: Vec<Mode>,
    /// The unit of sizes and addresses.
    pub granule: Granule,
    /// Parameters that differ from their defaults.
    pub parameters: Vec<ParameterSetting>,
    /// How long the whole run should take.
    pub time_budget: Duration,
    /// The most that one untimed replay, or one timed round of a cell, may take, whatever its share. With it and
    /// [`Plan::isolation`], strategies that hang although they do not say that they may are ended with their processes.
    pub cell_timeout: Option<Duration>,
    /// How many timed rounds there are.
    pub rounds: Rounds,
    /// Rounds before them whose times are thrown away.
    pub warmup_rounds: u32,
    /// Seed of the order of rounds.
    pub order_seed: u64,
    /// The processor that timed replays are pinned to.
    pub pinned_cpu: Option<u32>,
    /// Replays peers, and whatever else [needs a process of its own](heaplab_core::Capabilities::needs_own_process), in
    /// processes that are started like this and call [`crate::isolated::serve`], with [`Plan::cell_timeout`] everything but
    /// floors; and as soon as one of them is to be timed, times all contestants in one such process: so one that aborts or hangs costs its own cells alone. Without it, all
    /// is replayed in this process.
    pub isolation: Option<Launcher>,
    /// Counts instructions in processes that are started like this; nothing is counted without.
    pub instructions: Option<Launcher>,
    /// What an unfinished run of this plan left behind, see [`crate::Progress::keep`]: figures that any process would find
    /// alike are taken from it, times are not.
    pub resume: Option<Arc<Report>>,
    /// The passes that run.
    pub passes: Passes,
    /// Whether the smallest heaps and the plans of the traces are sought: searches whose results are the same in every
    /// process, so one of several is enough.
    pub bounds: bool,
    /// Threads of the untimed passes; timed rounds have the calling thread to themselves.
    pub jobs: usize,
    /// The most bytes that the verification of one cell may keep, see [`PAYLOAD_LIMIT_BYTES`].
    pub payload_limit_bytes: u64,
}

impl Plan {
    /// The default plan for these traces: all strategies and both floors, the default heaps, 240 seconds.
    #[must_use]
    pub fn new(traces: Vec<TraceInput>) -> Self {
        let heaps = |texts: &[&str]| texts.iter().filter_map(|text| text.parse().ok()).collect();
        Self {
            traces,
            strategies: Vec::new(),
            floors: true,
            heaps: heaps(DEFAULT_HEAPS),
            timed_heaps: heaps(DEFAULT_TIMED_HEAPS),
            modes: vec![Mode::Placement],
            granule: Granule::DEFAULT,
            parameters: Vec::new(),
            time_budget: DEFAULT_TIME_BUDGET,
            cell_timeout: None,
            rounds: Rounds::Auto,
            warmup_rounds: 1,
            order_seed: DEFAULT_ORDER_SEED,
            pinned_cpu: None,
            isolation: None,
            instructions: None,
            resume: None,
            passes: Passes::default(),
            bounds: true,
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

    /// The ways in which a heap is timed; none where it is not.
    pub(crate) fn timed_modes(&self, heap: HeapSize) -> Vec<Mode> {
        if !self.timed().contains(&heap) {
            return Vec::new();
        }
        let mut modes = self.modes.clone();
        modes.retain(|&mode| mode == Mode::Placement || heap != HeapSize::Unlimited);
        modes.dedup();
        modes
    }

    /// Whether anything is replayed once more after it has been verified.
    pub(crate) const fn times_anything(&self) -> bool {
        self.passes.throughput
            || !matches!(self.passes.latency, LatencyPass::Off)
            || self.instructions.is_some()
    }

    fn timed(&self) -> &[HeapSize] {
        if self.times_anything() { &self.timed_heaps } else { &[] }
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
    /// Whether bytes stand behind the heap.
    pub mode: Mode,
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
    /// The operating system refused the processor that timed replays were to be pinned to.
    #[error("cannot pin the timed replays to processor {cpu}: {reason}")]
    Pin {
        /// The processor.
        cpu: u32,
        /// What it says.
        reason: String,
    },
    /// The report of [`Plan::resume`] is about something else.
    #[error(
        "the report to resume holds no cell of this run, with its traces, strategies, versions and granule"
    )]
    NothingToResume,
    /// Instructions could not be counted.
    #[error(transparent)]
    Instructions(#[from] InstructionsError),
    /// The operating system refused the process in which replays are timed.
    #[error("cannot time replays in a process of their own: {0}")]
    Process(#[source] std::io::Error),
    /// The operating system refused a thread.
    #[error("cannot start a thread: {0}")]
    Thread(#[source] std::io::Error),
}
