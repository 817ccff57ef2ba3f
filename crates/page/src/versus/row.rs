//! A row of the times: what it is called, what is said of it, and how it looks.

use heaplab_report::compare::{TimeRow, Verdict};
use heaplab_report::number::fixed;

use super::View;
use crate::text;
use crate::view::Look;

/// `1.25x`, or `1.25x payload` where bytes stood behind the heap.
pub(super) fn heap(row: &TimeRow) -> String {
    let payload = if row.is_payload { " payload" } else { "" };
    format!("{}{payload}", text::cut(&row.heap, 20))
}

/// The verdict as words: whether it counts, and what a second look made of it.
pub(super) fn words(row: &TimeRow) -> String {
    let (word, suspicion) = (word(row.verdict), word(row.suspicion));
    match row.is_confirmed() {
        Some(true) => format!("{suspicion}, confirmed"),
        Some(false) => format!("{suspicion}, not confirmed"),
        None if row.is_ours || row.verdict == Verdict::Same => word.into(),
        None => format!("{word} (peer)"),
    }
}

/// The verdict as a word.
pub(super) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::Differs => "differs",
        Verdict::Same => "cannot be told apart",
    }
}

/// Color and shape of a verdict, so that neither stands alone.
pub(super) fn look(view: &View<'_>, row: &TimeRow) -> Look {
    Look::of_verdict(view.strategy(&row.strategy), shape(row.outcome()))
}

pub(super) fn shape(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Better => 0,
        Verdict::Worse => 1,
        Verdict::Differs | Verdict::Same => 2,
    }
}

/// The class of a verdict's word.
pub(super) fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "v better",
        Verdict::Worse => "v worse",
        Verdict::Differs | Verdict::Same => "v",
    }
}

/// `+14.3 %`.
pub(super) fn percent(ratio: f64) -> String {
    let value = ratio * 100.0;
    let places = if value.abs() < 0.95 && value != 0.0 { 2 } else { 1 };
    let sign = if value > 0.0 { "+" } else { "" };
    format!("{sign}{} %", fixed(value, places))
}

/// `−1.2 % to +3.4 %`, or a dash.
pub(super) fn interval(interval: Option<[f64; 2]>) -> String {
    interval.map_or_else(
        || "–".to_owned(),
        |[lower, upper]| format!("{} to {}", percent(lower), percent(upper)),
    )
}

pub(super) fn p_text(p: f64) -> String {
    if p < 0.001 { "<0.001".to_owned() } else { fixed(p, 3) }
}
