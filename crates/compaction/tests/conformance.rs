//! The judge's verdict on all four strategies.

use heaplab_compaction::{Compaction, CompactionBudgeted, CompactionEager, CompactionFit};
use heaplab_conformance::{Config, conformance};

fn with_c(c: u64) -> Config {
    Config::new().with_parameter("c", c)
}

conformance!(on_demand: Compaction);
conformance!(eager: CompactionEager);
conformance!(on_a_miss: CompactionFit);
conformance!(budgeted: CompactionBudgeted);
conformance!(budgeted_generously: CompactionBudgeted, config = with_c(1));
