//! The arguments by which `report` draws a trace.

use std::time::Duration;

use clap::Args;
use heaplab_core::Granule;
use heaplab_harness::HeapSize;

use crate::units;

#[derive(Args, Debug)]
#[command(next_help_heading = "Draw a trace")]
pub(crate) struct MapArgs {
    /// Draw the heap that these strategies make of a trace, side by side on one clock; globs, separated by commas
    #[arg(long = "map", value_name = "GLOB,…", value_delimiter = ',')]
    pub(crate) strategies: Vec<String>,
    /// Show every operation of this window, both ends included; either may be left out
    #[arg(long, value_name = "FROM..TO", value_parser = units::window, requires = "strategies")]
    pub(crate) window: Option<(Option<u64>, Option<u64>)>,
    /// Heap size: bytes (65536, 64KiB), a multiple of the peak of live bytes, or `unlimited` [default: 1.25x]
    #[arg(long, value_name = "SIZE", requires = "strategies")]
    pub(crate) heap: Option<HeapSize>,
    /// Unit of sizes and addresses in bytes, a power of two [default: 16]
    #[arg(long, value_name = "BYTES", value_parser = units::granule, requires = "strategies")]
    pub(crate) granule: Option<Granule>,
    /// Set a strategy's parameter
    #[arg(long, value_name = "STRATEGY.KEY=VALUE", value_parser = units::setting, requires = "strategies")]
    pub(crate) set: Vec<(String, u64)>,
    /// Time for the replays of one strategy; beyond it there is no map, and the error says `timeout` [default: none, but
    /// what may hang is given up once it completes nothing for 60s]
    #[arg(long, value_name = "TIME", value_parser = units::duration, requires = "strategies")]
    pub(crate) timeout: Option<Duration>,
}
