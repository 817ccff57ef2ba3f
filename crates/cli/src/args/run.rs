//! The arguments of `run`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use heaplab_core::Granule;
use heaplab_harness::HeapSize;
use heaplab_report::Mode;

use super::FilterArgs;
use crate::settings::RoundsWish;
use crate::units;

// The default, without any argument, is the default suite with the default settings.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each switch on the command line")]
pub(crate) struct RunArgs {
    /// Traces: .hlt files or any format of `heaplab list importers`, or names of the default suite; without one,
    /// the whole suite
    #[arg(value_name = "TRACE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Heap sizes: multiples of the peak of live bytes (1.25x), sizes (64MiB), or `unlimited`
    #[arg(
        long,
        value_name = "SIZE,…",
        value_delimiter = ',',
        env = "HEAPLAB_HEAP",
        hide_env_values = true
    )]
    pub(crate) heap: Option<Vec<HeapSize>>,
    /// Heap sizes that are timed too [default: 1.25x,2x, or all if neither is among them]
    #[arg(
        long,
        value_name = "SIZE,…",
        value_delimiter = ',',
        env = "HEAPLAB_TIMED",
        hide_env_values = true
    )]
    pub(crate) timed: Option<Vec<HeapSize>>,
    /// Timed rounds; `auto` goes on until the intervals are narrow or the time budget ends
    #[arg(long, value_name = "N|auto", env = "HEAPLAB_ROUNDS", hide_env_values = true)]
    pub(crate) rounds: Option<RoundsWish>,
    /// Processes to spread the timed rounds over, one after the other: 8 tell small differences from a process's luck
    #[arg(long, value_name = "N", value_parser = units::whole::<u32>(1..=64), env = "HEAPLAB_PROCESSES", hide_env_values = true)]
    pub(crate) processes: Option<u32>,
    /// Time for the whole run, such as 90s or 5m
    #[arg(long, value_name = "TIME", value_parser = units::duration, env = "HEAPLAB_TIME_BUDGET", hide_env_values = true)]
    pub(crate) time_budget: Option<Duration>,
    /// Time for one replay, each in a process of its own; beyond it the cell is `timeout` [default: its share of the
    /// budget, and only what may abort or hang has such a process]
    #[arg(long, value_name = "TIME", value_parser = units::duration, env = "HEAPLAB_TIMEOUT", hide_env_values = true)]
    pub(crate) timeout: Option<Duration>,
    /// Unit of sizes and addresses in bytes, a power of two [default: 16]
    #[arg(long, value_name = "BYTES", value_parser = units::granule, env = "HEAPLAB_GRANULE", hide_env_values = true)]
    pub(crate) granule: Option<Granule>,
    /// What to measure
    #[arg(
        long,
        value_name = "PASS,…",
        value_delimiter = ',',
        env = "HEAPLAB_PASSES",
        hide_env_values = true
    )]
    pub(crate) passes: Option<Vec<Pass>>,
    /// Time placing alone, or with real bytes that are copied whenever a block moves; `both` keeps them apart
    #[arg(long, value_name = "MODE", env = "HEAPLAB_MODE", hide_env_values = true)]
    pub(crate) mode: Option<ModeWish>,
    /// The space-time curve: time every heap from 1.0x to 3x, with copies, and mark what nothing dominates
    #[arg(long, conflicts_with = "check")]
    pub(crate) curve: bool,
    /// Count the instructions of each timed cell too, with valgrind, beyond the time budget
    #[arg(long)]
    pub(crate) instructions: bool,
    /// Verify and measure space, but time nothing
    #[arg(long)]
    pub(crate) check: bool,
    /// Seed of the order in which strategies take turns
    #[arg(long, value_name = "N", value_parser = units::whole::<u64>(0..=u64::MAX), env = "HEAPLAB_SEED", hide_env_values = true)]
    pub(crate) seed: Option<u64>,
    /// Keep timed replays on one processor: the last one allowed, or --pin=N
    #[arg(long, value_name = "N", value_parser = units::whole::<u32>(0..=u64::from(u32::MAX)), num_args = 0..=1, require_equals = true)]
    pub(crate) pin: Option<Option<u32>>,
    /// Set a strategy's parameter
    #[arg(long, value_name = "STRATEGY.KEY=VALUE", value_parser = units::setting)]
    pub(crate) set: Vec<(String, u64)>,
    /// Measure the malloc of a shared library too: a path, or a name that the loader finds, such as
    /// `libmimalloc.so.2`; may be repeated
    #[cfg(feature = "peers")]
    #[arg(long, value_name = "PATH|NAME")]
    pub(crate) malloc: Vec<String>,
    /// Run the traces of a suite file (TOML) with its settings
    #[arg(long, value_name = "FILE", conflicts_with = "files")]
    pub(crate) suite: Option<PathBuf>,
    /// Leave out the heap maps, which draw some of the cells and cost two replays each
    #[arg(long)]
    pub(crate) no_maps: bool,
    /// Write the report to this file instead of results/local/
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Write the page to this file instead of beside the report
    #[arg(long, value_name = "FILE", conflicts_with = "no_html")]
    pub(crate) html: Option<PathBuf>,
    /// Leave the page out
    #[arg(long)]
    pub(crate) no_html: bool,
    /// Take up a run that was killed or interrupted: its partial report, beside the command that made it. Times are measured
    /// anew
    #[arg(long, value_name = "PART")]
    pub(crate) resume: Option<PathBuf>,
    /// Say what would be run and how long it may take; with -v, where each setting comes from
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// A question that a run asks.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Pass {
    /// How much heap it takes, without a clock; always done.
    Space,
    /// Whether every byte stays what it was; done before anything is timed.
    Verify,
    /// How long an operation takes.
    Throughput,
    /// How long each single operation takes: every cell that is timed, three times, with all quantiles. Unless passes are
    /// named, one replay of each trace in the largest timed heap.
    Latency,
}

/// Whether bytes stand behind the heap while it is timed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ModeWish {
    /// No: nobody copies.
    Placement,
    /// Yes: whatever moves is copied.
    Payload,
    /// Each for itself.
    Both,
}

impl ModeWish {
    /// The word for it on a command line and in suites.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Placement => "placement",
            Self::Payload => "payload",
            Self::Both => "both",
        }
    }

    /// The modes of a report that it means.
    pub(crate) fn modes(self) -> Vec<Mode> {
        match self {
            Self::Placement => vec![Mode::Placement],
            Self::Payload => vec![Mode::Payload],
            Self::Both => vec![Mode::Placement, Mode::Payload],
        }
    }
}

impl Pass {
    /// The word for it on a command line and in suites.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Space => "space",
            Self::Verify => "verify",
            Self::Throughput => "throughput",
            Self::Latency => "latency",
        }
    }
}
