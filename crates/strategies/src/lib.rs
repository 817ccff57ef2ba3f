//! The registry of heaplab's strategies.
//!
//! A strategy takes two lines: its dependency in this crate's manifest, and its entry below.
//!
//! ```
//! let names: Vec<_> = heaplab_strategies::registry().entries().iter().map(|entry| entry.name).collect();
//! assert!(names.contains(&"best-fit"));
//! ```

#![forbid(unsafe_code)]

use heaplab_core::{Registry, StrategyList};

/// All strategies of this workspace, in the order in which tables show them.
#[must_use]
pub fn registry() -> Registry<impl StrategyList> {
    Registry::new()
        .with::<heaplab_first_fit::FirstFit>("first-fit")
        .with::<heaplab_best_fit::BestFit>("best-fit")
        .with::<heaplab_best_fit::BestFitLifo>("best-fit-lifo")
        .with::<heaplab_stretch_fit::StretchFit>("stretch-fit")
        .with::<heaplab_next_fit::NextFit>("next-fit")
        .with::<heaplab_worst_fit::WorstFit>("worst-fit")
        .with::<heaplab_free_list::FreeList>("free-list")
        .with::<heaplab_free_list::FreeListLifo>("free-list-lifo")
        .with::<heaplab_good_fit::Tlsf>("tlsf")
        .with::<heaplab_good_fit::HalfFit>("half-fit")
        .with::<heaplab_size_classes::Buddy>("binary-buddy")
        .with::<heaplab_size_classes::Segregated>("segregated")
        .with::<heaplab_compaction::Compaction>("compaction")
        .with::<heaplab_compaction::CompactionEager>("compaction-eager")
        .with::<heaplab_compaction::CompactionFit>("compaction-fit")
        .with::<heaplab_compaction::CompactionBudgeted>("compaction-budgeted")
}
