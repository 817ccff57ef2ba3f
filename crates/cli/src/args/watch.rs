//! The arguments of `watch`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use heaplab_core::Granule;
use heaplab_harness::HeapSize;

use super::SourceArgs;
use crate::units;

#[derive(Args, Debug)]
pub(crate) struct WatchArgs {
    /// The trace: .hlt, any importable file, or the name of a trace of the default suite [default: the story of the
    /// five bytes]
    pub(crate) trace: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// The strategies to watch: globs, separated by commas [default: compaction for the five bytes, else first-fit and
    /// best-fit]
    #[arg(
        short,
        long = "strategy",
        alias = "strategies",
        value_name = "GLOB,…",
        value_delimiter = ','
    )]
    pub(crate) strategies: Vec<String>,
    /// Heap size: bytes (65536, 64KiB), a multiple of the peak of live bytes, or `unlimited` [default: 1.25x, and 1x
    /// for the five bytes]
    #[arg(long, value_name = "SIZE")]
    pub(crate) heap: Option<HeapSize>,
    /// Unit of sizes and addresses in bytes, a power of two [default: 16, and 1 for the five bytes]
    #[arg(long, value_name = "BYTES", value_parser = units::granule)]
    pub(crate) granule: Option<Granule>,
    /// Set a strategy's parameter
    #[arg(long, value_name = "STRATEGY.KEY=VALUE", value_parser = units::setting)]
    pub(crate) set: Vec<(String, u64)>,
    /// Time for one operation; what does not return from one in time is `timeout`, and the showing ends [default: 60s]
    #[arg(long, value_name = "TIME", value_parser = units::duration, env = "HEAPLAB_TIMEOUT", hide_env_values = true)]
    pub(crate) timeout: Option<Duration>,
    /// Print lines, even where there is a terminal
    #[arg(long)]
    pub(crate) plain: bool,
    /// Lines: each operation from A to B, counted from 0; either may be left out
    #[arg(long, value_name = "A..B", value_parser = units::window)]
    pub(crate) window: Option<(Option<u64>, Option<u64>)>,
    /// Lines: only every Nth operation [default: each of a window, about 40 of a whole trace]
    #[arg(long, value_name = "N", value_parser = units::whole::<u64>(1..=u64::MAX))]
    pub(crate) every: Option<u64>,
}
