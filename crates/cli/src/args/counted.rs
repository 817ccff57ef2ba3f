//! The arguments of `counted`, which only this program types.

use std::path::PathBuf;

use clap::Args;
use heaplab_core::Granule;
use heaplab_harness::instructions::CountedReplay;
use heaplab_report::Mode;

use super::ModeWish;
use crate::units;

/// The other end of [`CountedReplay::arguments`].
#[derive(Args, Debug)]
pub(crate) struct CountedArgs {
    /// The trace, in heaplab's format
    pub(crate) trace: PathBuf,
    /// The strategy or floor
    #[arg(long)]
    strategy: String,
    /// Capacity of the heap in bytes
    #[arg(long)]
    heap_bytes: u64,
    /// Unit of sizes and addresses in bytes
    #[arg(long, value_parser = units::granule)]
    granule: Granule,
    /// Whether bytes stand behind the heap
    #[arg(long)]
    mode: ModeWish,
    /// A parameter of the strategy
    #[arg(long, value_parser = units::setting)]
    set: Vec<(String, u64)>,
    /// A shared library whose malloc is a strategy too
    #[cfg(feature = "peers")]
    #[arg(long)]
    pub(crate) malloc: Vec<String>,
}

impl CountedArgs {
    /// What is to be replayed.
    pub(crate) fn replay(&self) -> CountedReplay {
        CountedReplay {
            trace: self.trace.clone(),
            strategy: self.strategy.clone(),
            heap_bytes: self.heap_bytes,
            granule: self.granule,
            mode: if self.mode == ModeWish::Payload { Mode::Payload } else { Mode::Placement },
            parameters: self.set.clone(),
        }
    }
}
