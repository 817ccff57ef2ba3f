//! The arguments of `heaplab validate`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use heaplab_validate::Exhaustive;

use crate::units;

#[derive(Args, Debug)]
pub(crate) struct ValidateArgs {
    /// Only these cases, by number or name
    #[arg(long = "case", value_name = "N,…", value_delimiter = ',')]
    pub(crate) cases: Vec<String>,
    /// Folder with `MiniMalloc`'s challenging instances, `A.1048576.csv` and so on, for case 4
    #[arg(long, value_name = "DIR")]
    pub(crate) minimalloc: Option<PathBuf>,
    /// Search cases 2 and 3 further than is published, over every strategy whose choices can be followed
    #[arg(long)]
    pub(crate) exhaustive: bool,
    /// With --exhaustive: live words at most, 4 to 16
    #[arg(long, value_name = "WORDS", requires = "exhaustive", default_value_t = 9,
          value_parser = clap::value_parser!(u64).range(4..=Exhaustive::MOST_LIVE))]
    pub(crate) max_live: u64,
    /// With --exhaustive: the largest block, 2 to 16 words
    #[arg(long, value_name = "WORDS", requires = "exhaustive", default_value_t = 6,
          value_parser = clap::value_parser!(u64).range(2..=Exhaustive::LARGEST))]
    pub(crate) max_size: u64,
    /// With --exhaustive: time for each of the two cases; what does not fit is left out
    #[arg(long, value_name = "DURATION", requires = "exhaustive", default_value = "5m",
          value_parser = humantime::parse_duration)]
    pub(crate) budget: Duration,
    /// With --exhaustive: states that one search may hold, about 50 bytes each
    #[arg(long, value_name = "N", requires = "exhaustive", default_value_t = 10_000_000,
          value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub(crate) max_states: u64,
    /// Time for one strategy in one case, each in a process of its own; beyond it the check fails as `timeout`. With
    /// --exhaustive it counts from the end of the strategy's part of the budget [default: none, but 60s for what may
    /// abort or hang]
    #[arg(long, value_name = "TIME", value_parser = units::duration, env = "HEAPLAB_TIMEOUT", hide_env_values = true)]
    pub(crate) timeout: Option<Duration>,
    /// Say what the cases are, and run none
    #[arg(long)]
    pub(crate) list: bool,
    /// Judge this strategy alone in one case, for another heaplab that must not end with it
    #[arg(long, hide = true, value_name = "STRATEGY", requires = "cases")]
    pub(crate) apart: Option<String>,
}
