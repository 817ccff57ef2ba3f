//! The arguments of `explain`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use heaplab_core::Granule;
use heaplab_harness::HeapSize;

use super::SourceArgs;
use crate::units;

#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// The trace: .hlt, any importable file, or the name of a trace of the default suite; or a report, with STRATEGY
    /// and TRACE behind it
    #[arg(value_name = "TRACE|REPORT")]
    pub(crate) target: PathBuf,
    /// A strategy of the report
    #[arg(value_name = "STRATEGY", requires = "report_trace", conflicts_with = "strategies")]
    pub(crate) report_strategy: Option<String>,
    /// A trace of the report, by its name there; it is looked for in the default suite and among the files that the
    /// report's command names
    #[arg(value_name = "TRACE")]
    pub(crate) report_trace: Option<String>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// The strategies to explain: globs, separated by commas
    #[arg(
        short,
        long = "strategy",
        alias = "strategies",
        value_name = "GLOB,…",
        value_delimiter = ',',
        required_unless_present = "report_strategy"
    )]
    pub(crate) strategies: Vec<String>,
    /// Heap size: bytes (65536, 64KiB), a multiple of the peak of live bytes, or `unlimited` [default: 1.25x; for a
    /// report the largest heap in which the strategy ran out of memory]
    #[arg(long, value_name = "SIZE")]
    pub(crate) heap: Option<HeapSize>,
    /// Unit of sizes and addresses in bytes, a power of two [default: 16, or the report's]
    #[arg(long, value_name = "BYTES", value_parser = units::granule)]
    pub(crate) granule: Option<Granule>,
    /// Set a strategy's parameter
    #[arg(long, value_name = "STRATEGY.KEY=VALUE", value_parser = units::setting)]
    pub(crate) set: Vec<(String, u64)>,
    /// Where the trace of a report lies
    #[arg(long, value_name = "FILE", requires = "report_strategy")]
    pub(crate) trace_file: Option<PathBuf>,
    /// Time for the replay of each other strategy, for the search for a larger heap, and for the replay of what may hang
    #[arg(long, value_name = "TIME", value_parser = units::duration, default_value = "10s")]
    pub(crate) patience: Duration,
    /// Time for the replay that is explained; beyond it the error says `timeout`, and the others are kept from hanging
    /// too, each in a process of its own first [default: none, but what may hang is given up after --patience]
    #[arg(long, value_name = "TIME", value_parser = units::duration, env = "HEAPLAB_TIMEOUT", hide_env_values = true)]
    pub(crate) timeout: Option<Duration>,
}
