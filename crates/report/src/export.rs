//! Reports in the forms of other tools.
//!
//! What failed is left out, never written as zero or null: one reader of these files takes null for 0, the best figure
//! there is. Figures are always in ns and bytes, as some readers convert units between runs and others do not.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::figures::{Figure, Figures};
use crate::model::{Better, Cell, Metric, Report, Status};
use crate::number::significant;
use crate::table::{Block, Column, Entry, Table};
use crate::view::Selection;

/// Which figures are handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// All.
    All,
    /// Those that are the same on every machine, which bear a tight threshold.
    Space,
    /// The others.
    Time,
}

impl Part {
    fn has(self, metric: &Metric) -> bool {
        match self {
            Self::All => true,
            Self::Space => metric.exact,
            Self::Time => !metric.exact,
        }
    }
}

/// The longest name of a benchmark that Bencher takes, in characters.
const LONGEST_NAME: usize = 1024;

/// The longest name of a measure that Bencher takes, in characters.
const LONGEST_MEASURE: usize = 64;

/// Bencher's own measure for durations in ns.
const LATENCY: &str = "latency";

const TIME: &str = "time.median_ns_per_operation";

/// The cells that completed, with their figures.
fn completed<'a>(
    report: &'a Report,
    selection: &'a Selection,
) -> impl Iterator<Item = (&'a Cell, Figures)> {
    report
        .cells
        .iter()
        .filter(|cell| cell.outcome.status == Status::Ok && selection.has_cell(cell))
        .map(|cell| (cell, Figures::of(cell)))
}

/// For github-action-benchmark: `customSmallerIsBetter` or `customBiggerIsBetter`, one direction a file.
///
/// One entry a figure, named `CELL METRIC`; figures without that direction stay out.
pub fn github_action_benchmark(
    report: &Report,
    selection: &Selection,
    part: Part,
    better: Better,
) -> String {
    let mut entries = Vec::new();
    for (cell, figures) in completed(report, selection) {
        let wanted = report.metrics.iter().filter(|it| it.better == better && part.has(it));
        for metric in wanted {
            let Some(value) = figures.get(&metric.name) else { continue };
            let mut entry = Map::new();
            entry.insert("name".into(), format!("{} {}", cell.id, metric.name).into());
            entry.insert("unit".into(), metric.unit.as_str().into());
            entry.insert("value".into(), value.to_value());
            if let Some([lower, upper]) = interval(cell, metric) {
                entry.insert(
                    "range".into(),
                    format!("± {}", significant((upper - lower) / 2.0)).into(),
                );
            }
            entry.insert("extra".into(), extra(report, cell).into());
            entries.push(Value::Object(entry).to_string());
        }
    }
    list(&entries)
}

fn list(entries: &[String]) -> String {
    if entries.is_empty() { "[]\n".into() } else { format!("[\n{}\n]\n", entries.join(",\n")) }
}

fn interval(cell: &Cell, metric: &Metric) -> Option<[f64; 2]> {
    cell.time.as_ref().filter(|_| metric.name == TIME)?.ci_ns
}

/// What stands in a chart's tooltip.
fn extra(report: &Report, cell: &Cell) -> String {
    let mut lines = Vec::new();
    if let Some(entry) = report.strategy(&cell.strategy) {
        lines.push(format!("{} {}", entry.name, entry.version));
    }
    if let Some(trace) = report.trace(&cell.trace) {
        lines.push(format!("trace {}", trace.hash));
    }
    if let Some(time) = &cell.time {
        lines.push(format!("{} rounds", time.samples_ns.len()));
    }
    lines.join("\n")
}

/// The Bencher Metric Format: one file for all figures and both directions.
///
/// A cell is a benchmark; a figure is a measure by its name, but for the time per operation, which is Bencher's own
/// `latency`, in ns as there agreed.
pub fn bencher(report: &Report, selection: &Selection, part: Part) -> String {
    let mut lines = Vec::new();
    for (cell, figures) in completed(report, selection) {
        let mut measures = Map::new();
        let wanted = report.metrics.iter().filter(|it| it.better != Better::None && part.has(it));
        for metric in wanted {
            let Some(value) = figures.get(&metric.name) else { continue };
            let mut measure = Map::new();
            measure.insert("value".into(), value.to_value());
            if let Some([lower, upper]) = interval(cell, metric) {
                measure.insert("lower_value".into(), lower.into());
                measure.insert("upper_value".into(), upper.into());
            }
            let name = if metric.name == TIME { LATENCY } else { &metric.name };
            measures.insert(shortened(name, LONGEST_MEASURE), Value::Object(measure));
        }
        if !measures.is_empty() {
            let name = json!(shortened(&cell.id, LONGEST_NAME));
            lines.push(format!("{name}: {}", Value::Object(measures)));
        }
    }
    if lines.is_empty() { "{}\n".into() } else { format!("{{\n{}\n}}\n", lines.join(",\n")) }
}

/// The name; one that is too long ends in a hash of all of it, so that two of them stay two.
fn shortened(name: &str, longest: usize) -> String {
    if name.chars().count() <= longest {
        return name.to_owned();
    }
    let hash = blake3::hash(name.as_bytes()).to_hex();
    let start: String = name.chars().take(longest - 17).collect();
    format!("{start}-{}", &hash[..16])
}

/// One line a cell, those that failed too, with every figure of the report under its own name.
pub fn csv(report: &Report, selection: &Selection, part: Part) -> Table {
    let metrics: Vec<&Metric> = report.metrics.iter().filter(|it| part.has(it)).collect();
    let head = [
        "id",
        "trace",
        "trace_hash",
        "strategy",
        "kind",
        "version",
        "heap",
        "heap_bytes",
        "granule_bytes",
        "threads",
        "mode",
        "status",
        "verified",
        "rounds",
        "ci_lower_ns",
        "ci_upper_ns",
        "placement_hash",
    ];
    let names = metrics.iter().map(|it| it.name.as_str());
    let column = |key: &str| Column { key: key.into(), ..Column::default() };
    let rows = report.cells.iter().filter(|cell| selection.has_cell(cell)).map(|cell| {
        let figures = Figures::of(cell);
        let mut row: Vec<Value> = description(report, cell);
        let figure = |it: &&Metric| figures.get(&it.name).map_or(Value::Null, Figure::to_value);
        row.extend(metrics.iter().map(figure));
        row.into_iter().map(|value| Entry { text: String::new(), value }).collect()
    });
    Table {
        columns: head.into_iter().chain(names).map(column).collect(),
        blocks: vec![Block { label: None, rows: rows.collect() }],
        ..Table::default()
    }
}

fn description(report: &Report, cell: &Cell) -> Vec<Value> {
    let entry = report.strategy(&cell.strategy);
    let word = |value: Option<&str>| value.map_or(Value::Null, Value::from);
    let named = |value: Value| value.as_str().map_or(Value::Null, Value::from);
    let time = cell.time.as_ref();
    let ends = time.and_then(|it| it.ci_ns);
    vec![
        cell.id.as_str().into(),
        cell.trace.as_str().into(),
        word(report.trace(&cell.trace).map(|it| it.hash.as_str())),
        cell.strategy.as_str().into(),
        named(entry.and_then(|it| serde_json::to_value(it.kind).ok()).unwrap_or_default()),
        word(entry.map(|it| it.version.as_str())),
        cell.heap.spec.as_str().into(),
        cell.heap.bytes.into(),
        cell.granule_bytes.into(),
        cell.threads.into(),
        named(serde_json::to_value(cell.mode).unwrap_or_default()),
        cell.outcome.status.as_str().into(),
        cell.verified.into(),
        time.map(|it| it.samples_ns.len()).into(),
        ends.map(|it| it[0]).into(),
        ends.map(|it| it[1]).into(),
        word(cell.placement_hash.as_deref()),
    ]
}

/// The text format of `OpenMetrics` 1.0: one gauge a figure, its cell as labels.
pub fn open_metrics(report: &Report, selection: &Selection, part: Part) -> String {
    let cells: Vec<(&Cell, Figures)> = completed(report, selection).collect();
    let mut text = String::new();
    for metric in report.metrics.iter().filter(|it| part.has(it)) {
        let samples: Vec<String> = cells
            .iter()
            .filter_map(|(cell, figures)| {
                let value = figures.get(&metric.name)?.to_value();
                let labels = [
                    ("strategy", cell.strategy.as_str()),
                    ("trace", &cell.trace),
                    ("heap", &cell.heap.spec),
                    ("cell", &cell.id),
                ];
                let labels = labels.map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
                Some(format!("{{{}}} {value}\n", labels.join(",")))
            })
            .collect();
        if samples.is_empty() {
            continue;
        }
        let name: String = metric
            .name
            .chars()
            .map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '_' })
            .collect();
        let name = format!("heaplab_{name}");
        let _ = writeln!(text, "# TYPE {name} gauge");
        let _ = writeln!(text, "# HELP {name} {}", escaped(&metric.description));
        for sample in samples {
            let _ = write!(text, "{name}{sample}");
        }
    }
    text.push_str("# EOF\n");
    text
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
