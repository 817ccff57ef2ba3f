//! The arguments of `heaplab validate`.

use std::path::PathBuf;

use clap::Args;

#[derive(Args, Debug)]
pub(crate) struct ValidateArgs {
    /// Only these cases, by number or name
    #[arg(long = "case", value_name = "N,…", value_delimiter = ',')]
    pub(crate) cases: Vec<String>,
    /// Folder with `MiniMalloc`'s challenging instances, `A.1048576.csv` and so on, for case 4
    #[arg(long, value_name = "DIR")]
    pub(crate) minimalloc: Option<PathBuf>,
    /// Say what the cases are, and run none
    #[arg(long)]
    pub(crate) list: bool,
}
