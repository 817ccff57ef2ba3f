//! Suspicious times, measured again in processes of their own: what is left of a difference that rounds of few
//! processes showed.
//!
//! Rounds of one process share its luck, so many of them prove little. Here each process gives one figure, processes of
//! both sides took turns, and the figures are compared by Mann and Whitney's exact test.

use crate::stats::{
    CONFIDENCE, holm, mann_whitney, median, median_difference, samples_needed,
    smallest_mann_whitney,
};

use super::{LEVEL, Times, Verdict};

/// Fewest processes of a side.
const FEWEST: usize = 8;

/// What the processes of one row measured: a figure each, in ns per operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Again {
    /// Position of the row in [`Times::rows`].
    pub row: usize,
    /// The old side's processes.
    pub old_ns: Vec<f64>,
    /// The new side's.
    pub new_ns: Vec<f64>,
}

/// A second look at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Confirmation {
    /// Median over the old side's processes, in ns per operation.
    pub old_ns: f64,
    /// Median over the new side's.
    pub new_ns: f64,
    /// New over old, minus one.
    pub change_ratio: f64,
    /// The ends of its interval.
    pub interval: Option<[f64; 2]>,
    /// Chance of such a difference without a cause, adjusted for all rows that were looked at again.
    pub p_adjusted: f64,
    /// Processes of each side.
    pub processes: [usize; 2],
    /// What the processes say, whatever was said before.
    pub verdict: Verdict,
}

/// How many processes each side needs for so many rows: enough that Holm's first threshold can be reached, and at
/// least 8.
///
/// ```
/// use heaplab_report::compare::processes_to_confirm;
/// assert_eq!([1, 300, 400].map(processes_to_confirm), [8, 8, 9]);
/// ```
pub fn processes_to_confirm(rows: usize) -> usize {
    #[expect(clippy::cast_precision_loss, reason = "no report has 2^53 rows")]
    let level = LEVEL / rows.max(1) as f64;
    samples_needed(level, |n| smallest_mann_whitney(n, n)).max(FEWEST)
}

/// Judges the rows that were measured again, and notes the verdicts at them.
///
/// A difference is confirmed by the same rule that raised it: adjusted p below [`LEVEL`], and the whole interval beyond
/// threshold and noise floor. What processes owe to luck shows between them, so it is no gate here.
pub fn confirm(times: &mut Times, measured: &[Again]) {
    let logs = |samples: &[f64]| -> Vec<f64> {
        samples.iter().map(|ns| ns.max(f64::MIN_POSITIVE).ln()).collect()
    };
    let sides: Vec<[Vec<f64>; 2]> =
        measured.iter().map(|it| [logs(&it.old_ns), logs(&it.new_ns)]).collect();
    let p: Vec<f64> =
        sides.iter().map(|[old, new]| mann_whitney(old, new).unwrap_or(1.0)).collect();
    let p = holm(&p);
    let gate = times.threshold_ratio.max(times.noise_floor_ratio.unwrap_or(0.0)).ln_1p();
    for ((again, [old, new]), p_adjusted) in measured.iter().zip(&sides).zip(p) {
        let interval = median_difference(old, new, CONFIDENCE);
        let verdict = match interval {
            Some(interval) if p_adjusted < LEVEL && interval.lower > gate => Verdict::Worse,
            Some(interval) if p_adjusted < LEVEL && interval.upper < -gate => Verdict::Better,
            _ => Verdict::Same,
        };
        let middle = |samples: &[f64]| median(samples).unwrap_or(f64::NAN);
        let Some(row) = times.rows.get_mut(again.row) else { continue };
        row.confirmation = Some(Confirmation {
            old_ns: middle(old).exp(),
            new_ns: middle(new).exp(),
            change_ratio: (middle(new) - middle(old)).exp_m1(),
            interval: interval.map(|it| [it.lower.exp_m1(), it.upper.exp_m1()]),
            p_adjusted,
            processes: [old.len(), new.len()],
            verdict,
        });
    }
}
