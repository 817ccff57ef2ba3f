//! A comparison as tables, and as sentences.

use crate::number::{exact, fixed, significant};
use crate::table::{Block, Column, Entry, Format, Role, Style, Table};

use super::{Comparison, InstructionRow, OutcomeChange, SpaceRow, TimeRow, Verdict};

mod again;
mod flat;
mod sentences;

pub use sentences::{how_confirmed, how_judged, how_relative, notes, summary};

/// Rows of one table that are shown before the rest is only counted.
const SHOWN: usize = 20;

/// The differences: for people a table each for outcomes, space, time and instructions; for scripts one list of all.
///
/// Without `all`, people see the gravest differences of each kind and learn how many more there are; scripts see all.
pub fn show(comparison: &Comparison, all: bool, format: Format, style: Style) -> String {
    if matches!(format, Format::Csv | Format::Json) {
        return flat::table(comparison).render(format, style);
    }
    let tables = [
        outcomes(comparison),
        space(comparison, all),
        time(comparison, all),
        again::table(comparison),
        instructions(comparison, all),
    ];
    let texts: Vec<String> =
        tables.into_iter().flatten().map(|table| text_of(&table, format, style)).collect();
    texts.join("\n")
}

/// The table; where nothing is worth a row, a line about why.
fn text_of(table: &Table, format: Format, style: Style) -> String {
    if table.blocks.iter().any(|block| !block.rows.is_empty()) {
        return table.render(format, style);
    }
    let remarks = [table.subtitle.clone(), table.footnotes.join("; ")];
    let remarks: Vec<&str> =
        remarks.iter().map(String::as_str).filter(|it| !it.is_empty()).collect();
    format!("{}: {}\n", table.title, remarks.join("; "))
}

fn column(heading: &str, unit: &str, is_number: bool, role: Role) -> Column {
    Column {
        key: heading.replace(' ', "_"),
        heading: heading.into(),
        unit: unit.into(),
        is_number,
        role,
    }
}

fn names() -> Vec<Column> {
    let name = |heading: &str| column(heading, "", false, Role::Name);
    vec![name("strategy"), name("trace"), name("heap")]
}

fn word(heading: &str) -> Column {
    column(heading, "", false, Role::Figure)
}

fn figure(heading: &str, unit: &str) -> Column {
    column(heading, unit, true, Role::Figure)
}

fn table(title: &str, subtitle: String, columns: Vec<Column>, rows: Vec<Vec<Entry>>) -> Table {
    Table {
        title: title.into(),
        subtitle,
        columns: [names(), columns].concat(),
        blocks: vec![Block { label: None, rows }],
        ..Table::default()
    }
}

/// The gravest first, then those whose change is largest; the rest is counted.
fn gravest<T>(
    rows: &[T],
    all: bool,
    verdict: impl Fn(&T) -> Verdict,
    size: impl Fn(&T) -> f64,
) -> (Vec<&T>, usize) {
    let mut order: Vec<&T> = rows.iter().collect();
    if all {
        return (order, 0);
    }
    let gravity = |row: &T| verdict(row).gravity();
    order.sort_by(|a, b| gravity(a).cmp(&gravity(b)).then(size(b).abs().total_cmp(&size(a).abs())));
    let left_out = order.len().saturating_sub(SHOWN);
    order.truncate(SHOWN);
    (order, left_out)
}

fn more(table: &mut Table, left_out: usize, what: &str) {
    if left_out > 0 {
        table.footnotes.push(format!("{} more {what} (--all)", exact(left_out as u64)));
    }
}

fn outcomes(comparison: &Comparison) -> Option<Table> {
    if comparison.outcomes.is_empty() {
        return None;
    }
    let row = |it: &OutcomeChange| {
        let words = [&it.strategy, &it.trace, &it.heap].map(Entry::word);
        let rest = [it.old.as_str(), it.new.as_str(), it.verdict.as_str()].map(Entry::word);
        words.into_iter().chain(rest).collect()
    };
    let rows = comparison.outcomes.iter().map(row).collect();
    Some(table("outcomes", String::new(), vec![word("old"), word("new"), word("verdict")], rows))
}

fn space(comparison: &Comparison, all: bool) -> Option<Table> {
    if comparison.space.is_empty() {
        return None;
    }
    let size = |it: &SpaceRow| it.changed.ratio.unwrap_or(f64::INFINITY);
    let (shown, left_out) = gravest(&comparison.space, all, |it| it.verdict, size);
    let rows = shown
        .into_iter()
        .map(|it| {
            let (old, new) = it.texts();
            let heaps = match it.heaps.as_slice() {
                [first, rest @ ..] if !rest.is_empty() => format!("{first} (+{})", rest.len()),
                heaps => heaps.concat(),
            };
            vec![
                Entry::word(&it.strategy),
                Entry::word(&it.trace),
                Entry::word(heaps),
                Entry::word(it.label()),
                Entry::word(old),
                Entry::word(new),
                Entry::figure(it.changed.ratio, percent),
                Entry::word(it.verdict.as_str()),
            ]
        })
        .collect();
    let columns = vec![
        word("figure"),
        figure("old", ""),
        figure("new", ""),
        figure("change", ""),
        word("verdict"),
    ];
    let mut table = table("space", "exact: any difference is real".into(), columns, rows);
    more(&mut table, left_out, "exact figures that differ");
    Some(table)
}

fn time(comparison: &Comparison, all: bool) -> Option<Table> {
    let times = comparison.times.as_ref()?;
    // Without a verdict only what would have mattered is worth a look.
    let is_worth = |it: &&TimeRow| {
        all || it.verdict != Verdict::Same
            || it.relative_ratio.abs() > times.threshold_ratio
            || it.change_ratio.abs() > times.threshold_ratio
    };
    let worth: Vec<TimeRow> = times.rows.iter().filter(is_worth).cloned().collect();
    let (shown, left_out) = gravest(&worth, all, |it| it.suspicion, |it| it.relative_ratio);
    let quiet = times.rows.len() - worth.len() + left_out;
    let rows = shown.into_iter().map(time_row).collect();
    let columns = vec![
        figure("old", "ns/op"),
        figure("new", "ns/op"),
        figure("change", "clock"),
        figure("relative", "to others"),
        word("interval"),
        figure("p", ""),
        word("verdict"),
    ];
    let mut table = table("time", how_judged(times), columns, rows);
    table.footnotes.extend(how_relative(times));
    more(&mut table, quiet, "rows without a difference");
    Some(table)
}

/// The heap, and whether bytes stood behind it.
fn heap(it: &TimeRow) -> String {
    if it.is_payload { format!("{} payload", it.heap) } else { it.heap.clone() }
}

fn time_row(it: &TimeRow) -> Vec<Entry> {
    let interval = it.interval.map_or_else(Entry::absent, |[lower, upper]| {
        Entry::word(format!("[{}, {}]", bare_percent(lower), bare_percent(upper)))
    });
    vec![
        Entry::word(&it.strategy),
        Entry::word(&it.trace),
        Entry::word(heap(it)),
        Entry::figure(Some(it.old_ns), significant),
        Entry::figure(Some(it.new_ns), significant),
        Entry::figure(Some(it.change_ratio), percent),
        Entry::figure(Some(it.relative_ratio), percent),
        interval,
        Entry::figure(Some(it.p_adjusted), p_text),
        // The direction of what was not confirmed stands in the second table: this one is wide enough.
        Entry::word(match it.is_confirmed() {
            Some(false) => "not confirmed".into(),
            _ => time_verdict(it),
        }),
    ]
}

/// `WORSE`; after a second look `WORSE, confirmed`, or what it was taken for before.
fn time_verdict(it: &TimeRow) -> String {
    match it.is_confirmed() {
        None => it.verdict.as_str().into(),
        Some(true) => format!("{}, confirmed", it.suspicion.as_str()),
        Some(false) => format!("{}, not confirmed", it.suspicion.as_str().to_lowercase()),
    }
}

fn instructions(comparison: &Comparison, all: bool) -> Option<Table> {
    let rows = &comparison.times.as_ref()?.instructions;
    if rows.is_empty() {
        return None;
    }
    let (shown, left_out) = gravest(rows, all, |it| it.verdict, |it| it.ratio);
    let row = |it: &InstructionRow| {
        vec![
            Entry::word(&it.strategy),
            Entry::word(&it.trace),
            Entry::word(&it.heap),
            Entry::figure(Some(it.old), exact),
            Entry::figure(Some(it.new), exact),
            Entry::figure(Some(it.ratio), percent),
            Entry::word(it.verdict.as_str()),
        ]
    };
    let columns = vec![figure("old", ""), figure("new", ""), figure("change", ""), word("verdict")];
    let rows = shown.into_iter().map(row).collect();
    let mut table = table("instructions", "differences above 0.5 %".into(), columns, rows);
    more(&mut table, left_out, "rows that differ");
    Some(table)
}

/// `+14.3 %`.
fn percent(ratio: f64) -> String {
    format!("{} %", bare_percent(ratio))
}

fn bare_percent(ratio: f64) -> String {
    let value = ratio * 100.0;
    let places = if value.abs() < 0.95 && value != 0.0 { 2 } else { 1 };
    let sign = if value > 0.0 { "+" } else { "" };
    format!("{sign}{}", fixed(value, places))
}

fn p_text(p: f64) -> String {
    if p < 0.001 { "<0.001".into() } else { format!("{p:.3}") }
}
