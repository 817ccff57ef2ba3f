//! The arguments of `heaplab new-strategy`.

use std::path::PathBuf;

use clap::Args;

#[derive(Args, Debug)]
pub(crate) struct NewStrategyArgs {
    /// The strategy's name: lowercase words joined by hyphens, such as my-fit
    pub(crate) name: String,
    /// Take the strategy out again: its folder, and its two lines of the registry
    #[arg(long, conflicts_with = "standalone")]
    pub(crate) remove: bool,
    /// Remove it although its files are no longer what was generated
    #[arg(long, requires = "remove")]
    pub(crate) force: bool,
    /// Make a package of its own instead, with a `main` that has the whole command line
    #[arg(long)]
    pub(crate) standalone: bool,
    /// With --standalone: the checkout of heaplab to depend on, instead of its published crates
    #[arg(long, value_name = "DIR", requires = "standalone")]
    pub(crate) heaplab: Option<PathBuf>,
}
