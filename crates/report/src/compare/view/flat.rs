//! Every difference as one row of one list, for scripts.

use serde_json::Value;

use crate::compare::{Comparison, InstructionRow, OutcomeChange, SpaceRow, TimeRow, Verdict};
use crate::table::{Block, Column, Entry, Table};

const COLUMNS: [&str; 17] = [
    "kind",
    "verdict",
    "counts",
    "strategy",
    "trace",
    "heap",
    "metric",
    "unit",
    "old",
    "new",
    "change_ratio",
    "relative_ratio",
    "lower_ratio",
    "upper_ratio",
    "p_adjusted",
    "basis",
    "cells",
];

/// What stands behind them where times were measured again.
const AGAIN: [&str; 8] = [
    "outcome",
    "is_confirmed",
    "again_old",
    "again_new",
    "again_change_ratio",
    "again_lower_ratio",
    "again_upper_ratio",
    "again_p_adjusted",
];

pub(super) fn table(comparison: &Comparison) -> Table {
    let mut rows: Vec<Vec<Entry>> = comparison.outcomes.iter().map(outcome).collect();
    rows.extend(comparison.space.iter().flat_map(space));
    if let Some(times) = &comparison.times {
        rows.extend(times.rows.iter().map(time));
        rows.extend(times.instructions.iter().map(instructions));
    }
    for (kind, list) in
        [("only_in_old", &comparison.only_in_old), ("only_in_new", &comparison.only_in_new)]
    {
        rows.extend(list.iter().map(|(strategy, cells)| {
            row(kind, &[("strategy", strategy.as_str().into()), ("cells", (*cells).into())])
        }));
    }
    let mut times = comparison.times.iter().flat_map(|times| &times.rows);
    let has_again = times.any(|row| row.confirmation.is_some());
    let columns = if has_again { columns().collect() } else { COLUMNS.to_vec() };
    rows.iter_mut().for_each(|row| row.truncate(columns.len()));
    let column = |key: &str| Column { key: key.into(), ..Column::default() };
    Table {
        columns: columns.into_iter().map(column).collect(),
        blocks: vec![Block { label: None, rows }],
        ..Table::default()
    }
}

fn columns() -> impl Iterator<Item = &'static str> {
    COLUMNS.into_iter().chain(AGAIN)
}

fn row(kind: &str, fields: &[(&str, Value)]) -> Vec<Entry> {
    let value = |key: &str| {
        if key == "kind" {
            return kind.into();
        }
        let field = fields.iter().find(|(name, _)| *name == key);
        field.map_or(Value::Null, |(_, value)| value.clone())
    };
    columns().map(|key| Entry { text: String::new(), value: value(key) }).collect()
}

/// The same word in every format, in lower case for scripts.
fn verdict(verdict: Verdict) -> Value {
    match verdict {
        Verdict::Same => "same".into(),
        other => other.as_str().to_lowercase().into(),
    }
}

fn outcome(it: &OutcomeChange) -> Vec<Entry> {
    row(
        "outcome",
        &[
            ("verdict", verdict(it.verdict)),
            ("counts", it.is_ours.into()),
            ("strategy", it.strategy.as_str().into()),
            ("trace", it.trace.as_str().into()),
            ("heap", it.heap.as_str().into()),
            ("metric", "outcome.status".into()),
            ("old", it.old.as_str().into()),
            ("new", it.new.as_str().into()),
        ],
    )
}

fn space(it: &SpaceRow) -> impl Iterator<Item = Vec<Entry>> {
    it.heaps.iter().map(|heap| {
        row(
            "space",
            &[
                ("verdict", verdict(it.verdict)),
                ("counts", it.is_ours.into()),
                ("strategy", it.strategy.as_str().into()),
                ("trace", it.trace.as_str().into()),
                ("heap", heap.as_str().into()),
                ("metric", it.metric.as_str().into()),
                ("unit", it.unit.as_str().into()),
                ("old", it.changed.old.clone()),
                ("new", it.changed.new.clone()),
                ("change_ratio", it.changed.ratio.into()),
            ],
        )
    })
}

fn time(it: &TimeRow) -> Vec<Entry> {
    let [lower, upper] = it.interval.map_or([None, None], |ends| ends.map(Some));
    let metric = if it.is_payload { "time (payload)" } else { "time" };
    let mut row = row(
        "time",
        &[
            ("verdict", verdict(it.verdict)),
            ("counts", it.is_ours.into()),
            ("strategy", it.strategy.as_str().into()),
            ("trace", it.trace.as_str().into()),
            ("heap", it.heap.as_str().into()),
            ("metric", metric.into()),
            ("unit", "ns".into()),
            ("old", it.old_ns.into()),
            ("new", it.new_ns.into()),
            ("change_ratio", it.change_ratio.into()),
            ("relative_ratio", it.relative_ratio.into()),
            ("lower_ratio", lower.into()),
            ("upper_ratio", upper.into()),
            ("p_adjusted", it.p_adjusted.into()),
            ("basis", it.basis.as_str().into()),
        ],
    );
    if let Some(again) = &it.confirmation {
        let [lower, upper] = again.interval.map_or([None, None], |ends| ends.map(Some));
        let values: [Value; 8] = [
            verdict(again.verdict),
            it.is_confirmed().into(),
            again.old_ns.into(),
            again.new_ns.into(),
            again.change_ratio.into(),
            lower.into(),
            upper.into(),
            again.p_adjusted.into(),
        ];
        row.truncate(COLUMNS.len());
        row.extend(values.map(|value| Entry { text: String::new(), value }));
    }
    row
}

fn instructions(it: &InstructionRow) -> Vec<Entry> {
    row(
        "instructions",
        &[
            ("verdict", verdict(it.verdict)),
            ("counts", it.is_ours.into()),
            ("strategy", it.strategy.as_str().into()),
            ("trace", it.trace.as_str().into()),
            ("heap", it.heap.as_str().into()),
            ("metric", "counters.instructions".into()),
            ("unit", "count".into()),
            ("old", it.old.into()),
            ("new", it.new.into()),
            ("change_ratio", it.ratio.into()),
        ],
    )
}
