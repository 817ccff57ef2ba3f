//! What is exact: any difference is real, on whatever machine it was found.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::figures::{Figure, Figures, exact_in_both};
use crate::model::{Better, Metric, Report, Status};
use crate::number::{bytes, exact, significant};

use super::Verdict;
use super::matching::{Matched, Pair};

/// The name under which a difference in placements alone is shown.
const PLACEMENTS: &str = "placement_hash";

/// A figure that differs, in one heap or in several in the same way.
#[derive(Debug, Clone, PartialEq)]
pub struct SpaceRow {
    /// The trace, as the new report names it.
    pub trace: String,
    /// The strategy.
    pub strategy: String,
    /// The heaps, in the report's order; the same difference in each.
    pub heaps: Vec<String>,
    /// The figure that differs: its path inside a cell.
    pub metric: String,
    /// Its unit.
    pub unit: String,
    /// What it was and is.
    pub changed: Changed,
    /// What that means.
    pub verdict: Verdict,
    /// Whether the strategy is one under study, and no peer and no floor.
    pub is_ours: bool,
}

impl SpaceRow {
    /// What differs, in words: `high water` for `space.high_water_bytes`.
    pub fn label(&self) -> String {
        let plain = self.metric.strip_prefix("space.").unwrap_or(&self.metric);
        let plain = plain.strip_suffix("_bytes").unwrap_or(plain);
        match plain {
            "relocations.bytes" | "relocations" => "moved bytes".into(),
            "relocations.blocks" => "moved blocks".into(),
            PLACEMENTS => "placements".into(),
            other => other.replace(['_', '.'], " "),
        }
    }

    /// Both values in one unit; exact where three digits would look the same.
    pub fn texts(&self) -> (String, String) {
        let (old, new) = (&self.changed.old, &self.changed.new);
        let show = |value: &Value| match (value, self.unit.as_str()) {
            (Value::String(text), _) => text.clone(),
            (value, "bytes") => value.as_u64().map(bytes).unwrap_or_default(),
            (value, "count") => value.as_u64().map(exact).unwrap_or_default(),
            (value, _) => value.as_f64().map(significant).unwrap_or_default(),
        };
        let (before, after) = (show(old), show(new));
        if before != after {
            return (before, after);
        }
        match (old.as_u64(), new.as_u64()) {
            (Some(old), Some(new)) if self.unit == "bytes" => {
                (format!("{} B", exact(old)), format!("{} B", exact(new)))
            }
            _ => (old.to_string(), new.to_string()),
        }
    }

    /// New minus old to the last byte or count: `+1 024 B`; none for what is no whole number.
    pub fn difference(&self) -> Option<String> {
        let (old, new) = (self.changed.old.as_u64()?, self.changed.new.as_u64()?);
        let unit = if self.unit == "bytes" { " B" } else { "" };
        let sign = if new < old { '-' } else { '+' };
        Some(format!("{sign}{}{unit}", exact(new.abs_diff(old))))
    }
}

/// Two values of a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// In the old report; a number, or the beginning of a hash.
    pub old: Value,
    /// In the new one.
    pub new: Value,
    /// New over old, minus one; none where the old one is zero or no number.
    pub ratio: Option<f64>,
}

/// A cell whose replay ends in another way than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeChange {
    /// The trace, as the new report names it.
    pub trace: String,
    /// The strategy.
    pub strategy: String,
    /// The heap.
    pub heap: String,
    /// How it ended.
    pub old: Status,
    /// How it ends.
    pub new: Status,
    /// Worse for what completed and now fails; a timeout on either side says nothing, as it depends on the machine.
    pub verdict: Verdict,
    /// Whether the strategy is one under study, and no peer and no floor.
    pub is_ours: bool,
}

/// The cells whose status differs.
pub(super) fn outcomes(matched: &Matched<'_>) -> Vec<OutcomeChange> {
    let differs = |pair: &&Pair<'_>| pair.old.outcome.status != pair.new.outcome.status;
    matched.pairs.iter().filter(differs).map(outcome).collect()
}

fn outcome(pair: &Pair<'_>) -> OutcomeChange {
    let (old, new) = (pair.old.outcome.status, pair.new.outcome.status);
    let broken = |status| matches!(status, Status::Invalid | Status::Crashed);
    let verdict = match (old, new) {
        // What broke its contract did so whatever the time that it had before.
        (Status::Timeout, new) if broken(new) => Verdict::Worse,
        (old, Status::Timeout) if broken(old) => Verdict::Differs,
        (Status::Timeout, _) | (_, Status::Timeout) => Verdict::Differs,
        (Status::Ok, _) => Verdict::Worse,
        (_, Status::Ok) => Verdict::Better,
        (Status::Oom, _) => Verdict::Worse,
        (_, Status::Oom) => Verdict::Better,
        _ => Verdict::Differs,
    };
    OutcomeChange {
        trace: pair.new.trace.clone(),
        strategy: pair.new.strategy.clone(),
        heap: pair.new.heap.spec.clone(),
        old,
        new,
        verdict,
        is_ours: pair.is_ours(),
    }
}

/// The exact figures that differ, and how many are equal. Cells that end in another way are told of by [`outcomes`].
pub(super) fn rows(old: &Report, new: &Report, matched: &Matched<'_>) -> (Vec<SpaceRow>, usize) {
    let metrics = exact_in_both(new, old);
    let mut rows = Rows::default();
    let mut equal = 0;
    for pair in &matched.pairs {
        if pair.old.outcome.status != pair.new.outcome.status {
            continue;
        }
        let (before, after) = (Figures::of(pair.old), Figures::of(pair.new));
        let mut is_equal = true;
        for metric in &metrics {
            match (before.get(&metric.name), after.get(&metric.name)) {
                (Some(old), Some(new)) if old == new => equal += 1,
                (Some(old), Some(new)) => {
                    rows.add(pair, metric, old, new);
                    is_equal = false;
                }
                // Measured on one side alone: another version, or another selection of passes.
                _ => {}
            }
        }
        if is_equal {
            equal += usize::from(rows.add_placements(pair) == Some(true));
        }
    }
    (rows.rows, equal)
}

/// Rows, joined where heaps differ in nothing but their size.
#[derive(Debug, Default)]
struct Rows {
    rows: Vec<SpaceRow>,
    known: BTreeMap<String, usize>,
}

impl Rows {
    fn add(&mut self, pair: &Pair<'_>, metric: &Metric, old: Figure, new: Figure) {
        let (before, after) = (old.to_f64(), new.to_f64());
        let verdict = match (old, new) {
            (Figure::Whole(old), Figure::Whole(new)) => {
                Verdict::of_change(metric.better, new > old)
            }
            _ => Verdict::of_change(metric.better, after > before),
        };
        let ratio = (before > 0.0).then(|| after / before - 1.0);
        let changed = Changed { old: old.to_value(), new: new.to_value(), ratio };
        self.join(pair, &metric.name, &metric.unit, changed, verdict);
    }

    /// Whether the placements are the same, where both say so; a row where they are not.
    fn add_placements(&mut self, pair: &Pair<'_>) -> Option<bool> {
        let (old, new) = (pair.old.placement_hash.as_deref()?, pair.new.placement_hash.as_deref()?);
        if old != new {
            let start = |hash: &str| Value::from(hash.chars().take(8).collect::<String>());
            let changed = Changed { old: start(old), new: start(new), ratio: None };
            let verdict = Verdict::of_change(Better::None, true);
            self.join(pair, PLACEMENTS, "hash", changed, verdict);
        }
        Some(old == new)
    }

    fn join(
        &mut self,
        pair: &Pair<'_>,
        metric: &str,
        unit: &str,
        changed: Changed,
        verdict: Verdict,
    ) {
        let (cell, heap) = (pair.new, pair.new.heap.spec.clone());
        let way = format!("{:?} {} {}", cell.mode, cell.granule_bytes, cell.threads);
        let key = format!(
            "{}\0{}\0{way}\0{metric}\0{}\0{}",
            cell.trace, cell.strategy, changed.old, changed.new
        );
        if let Some(&index) = self.known.get(&key) {
            self.rows[index].heaps.push(heap);
            return;
        }
        self.known.insert(key, self.rows.len());
        self.rows.push(SpaceRow {
            trace: cell.trace.clone(),
            strategy: cell.strategy.clone(),
            heaps: vec![heap],
            metric: metric.to_owned(),
            unit: unit.to_owned(),
            changed,
            verdict,
            is_ours: pair.is_ours(),
        });
    }
}
