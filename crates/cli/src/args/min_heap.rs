//! The arguments of `min-heap`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use heaplab_core::Granule;

use super::FilterArgs;
use crate::units;

#[derive(Args, Debug)]
pub(crate) struct MinHeapArgs {
    /// Traces: .hlt files or any format of `heaplab list importers`, or names of the default suite; without one,
    /// the whole suite
    #[arg(value_name = "TRACE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Unit of sizes and addresses in bytes, a power of two
    #[arg(
        long,
        value_name = "BYTES",
        value_parser = units::granule,
        default_value = "16",
        env = "HEAPLAB_GRANULE",
        hide_env_values = true
    )]
    pub(crate) granule: Granule,
    /// Set a strategy's parameter
    #[arg(long, value_name = "STRATEGY.KEY=VALUE", value_parser = units::setting)]
    pub(crate) set: Vec<(String, u64)>,
    /// Time for all searches together, such as 90s or 5m; what it does not suffice for is probed, not exact
    #[arg(
        long,
        value_name = "TIME",
        value_parser = units::duration,
        default_value = "2m",
        env = "HEAPLAB_TIME_BUDGET",
        hide_env_values = true
    )]
    pub(crate) time_budget: Duration,
    /// Time for the search of one strategy in one trace, each in a process of its own; beyond it the search is given up,
    /// and its line says `timeout` [default: none beside --time-budget]
    #[arg(long, value_name = "TIME", value_parser = units::duration, env = "HEAPLAB_TIMEOUT", hide_env_values = true)]
    pub(crate) timeout: Option<Duration>,
    /// Searches at once [default: as many as there are processors]
    #[arg(long, value_name = "N", value_parser = units::whole::<u16>(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Write the best known plan of the trace: `id,lower,upper,size,offset`, as MiniMalloc does
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,
    /// Seed of the search for a plan
    #[arg(long, value_name = "N", value_parser = units::whole::<u64>(0..=u64::MAX), default_value = "1")]
    pub(crate) seed: u64,
}
