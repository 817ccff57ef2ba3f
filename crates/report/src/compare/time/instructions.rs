//! Instructions: they repeat nearly exactly, so a fixed small tolerance takes the place of statistics.

use crate::compare::Verdict;
use crate::compare::matching::Matched;
use crate::model::Better;

/// What may change without anything having changed: start-up code, and copies that libraries choose by address.
pub(crate) const TOLERANCE_RATIO: f64 = 0.005;

/// Instructions of one cell that differ by more than the tolerance.
#[derive(Debug, Clone, PartialEq)]
pub struct InstructionRow {
    /// The trace, as the new report names it.
    pub trace: String,
    /// The strategy.
    pub strategy: String,
    /// The heap.
    pub heap: String,
    /// Instructions over one replay in the old report.
    pub old: u64,
    /// In the new one.
    pub new: u64,
    /// New over old, minus one.
    pub ratio: f64,
    /// What that means.
    pub verdict: Verdict,
    /// Whether the strategy is one under study, and no peer and no floor.
    pub is_ours: bool,
}

#[expect(clippy::cast_precision_loss, reason = "the ratio is shown with three digits")]
pub(super) fn rows(matched: &Matched<'_>) -> Vec<InstructionRow> {
    let counted = matched.pairs.iter().filter_map(|pair| {
        let old = pair.old.counters.as_ref()?.instructions?;
        let new = pair.new.counters.as_ref()?.instructions?;
        let ratio = new as f64 / old.max(1) as f64 - 1.0;
        (ratio.abs() > TOLERANCE_RATIO).then(|| InstructionRow {
            trace: pair.new.trace.clone(),
            strategy: pair.new.strategy.clone(),
            heap: pair.new.heap.spec.clone(),
            old,
            new,
            ratio,
            verdict: Verdict::of_change(Better::Smaller, new > old),
            is_ours: pair.is_ours(),
        })
    });
    counted.collect()
}
