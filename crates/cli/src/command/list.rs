//! `heaplab list`: what there is, one line of meaning each.

use heaplab_core::{Kind, Registry, StrategyList};
use heaplab_report::number;
use heaplab_report::table::{Block, Column, Entry, Format, Role, Table};
use heaplab_trace::generate::{ParameterInfo, generators};
use heaplab_trace::import::formats;
use serde_json::Value;

use crate::Exit;
use crate::args::ListKind;
use crate::failure::Failure;
use crate::output::Terminal;
use crate::suite::Suite;

pub(super) fn run<L: StrategyList>(
    registry: &Registry<L>,
    kind: ListKind,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let table = match kind {
        ListKind::Strategies => strategies(registry),
        ListKind::Suites => suites()?,
        ListKind::Importers => importers(),
        ListKind::Generators => generator_table(),
        ListKind::Metrics => metrics(),
    };
    terminal.answer(&terminal.render_uncut(&for_reader(table, terminal.format)))?;
    Ok(Exit::Done)
}

/// Who reads a column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    Everybody,
    /// Too wide for people, and worth having for programs.
    Programs,
}

use Reader::{Everybody, Programs};

fn table(columns: &[(&str, bool, Reader)], rows: Vec<Vec<Entry>>) -> Table {
    let columns = columns
        .iter()
        .map(|&(key, is_number, reader)| Column {
            key: key.into(),
            heading: key.replace('_', " "),
            is_number,
            role: if reader == Programs { Role::Spare } else { Role::default() },
            ..Column::default()
        })
        .collect();
    Table { columns, blocks: vec![Block { label: None, rows }], ..Table::default() }
}

/// The table without what the format's readers have no use for.
fn for_reader(mut table: Table, format: Format) -> Table {
    if matches!(format, Format::Json | Format::Csv) {
        return table;
    }
    let kept: Vec<bool> = table.columns.iter().map(|column| column.role != Role::Spare).collect();
    for block in &mut table.blocks {
        for row in &mut block.rows {
            let mut kept = kept.iter();
            row.retain(|_| kept.next().copied().unwrap_or(true));
        }
    }
    table.columns.retain(|column| column.role != Role::Spare);
    table
}

fn yes_or_no(value: bool) -> Entry {
    Entry { text: if value { "yes" } else { "no" }.into(), value: value.into() }
}

/// Nothing where there is nothing to say.
fn optional(text: &str) -> Entry {
    if text.is_empty() { Entry::absent() } else { Entry::word(text) }
}

fn strategies<L: StrategyList>(registry: &Registry<L>) -> Table {
    let entries = super::contestants(registry);
    let rows = entries.iter().map(|entry| {
        let it = entry.capabilities;
        let parameters: Vec<_> = it
            .parameters
            .iter()
            .map(|parameter| {
                let unit = if parameter.unit.is_empty() { "" } else { " " };
                format!("{}={}{unit}{}", parameter.name, parameter.default, parameter.unit)
            })
            .collect();
        let kind = match it.kind {
            Kind::Strategy => "strategy",
            Kind::Floor => "floor",
            Kind::Peer => "peer",
        };
        let mut description = it.description.to_owned();
        if !parameters.is_empty() {
            description.push_str(&format!(" ({})", parameters.join(", ")));
        }
        vec![
            Entry::word(entry.name),
            Entry::word(kind),
            yes_or_no(it.relocates),
            yes_or_no(it.policy.is_some()),
            optional(&parameters.join(" ")),
            Entry { text: description, value: it.description.into() },
            optional(it.source),
            optional(it.package),
        ]
    });
    table(
        &[
            ("name", false, Everybody),
            ("kind", false, Everybody),
            ("moves", false, Everybody),
            ("exact", false, Everybody),
            ("parameters", false, Programs),
            ("description", false, Everybody),
            ("source", false, Programs),
            ("package", false, Programs),
        ],
        rows.collect(),
    )
}

fn suites() -> Result<Table, Failure> {
    let suite = Suite::embedded()?;
    let mut rows = Vec::new();
    for definition in &suite.definition.trace {
        let trace = suite.open(definition)?;
        let (source, summary) = (&trace.source.info().source, trace.source.summary());
        let total = summary.operations.total();
        let peak = summary.peak_live_requested_bytes;
        rows.push(vec![
            Entry::word(&suite.definition.name),
            Entry::word(&trace.name),
            Entry { text: number::count(total), value: total.into() },
            Entry { text: number::bytes(peak), value: peak.into() },
            Entry::word(source.kind.as_str()),
            optional(source.program.as_deref().unwrap_or_default()),
            optional(trace.question.as_deref().unwrap_or_default()),
        ]);
    }
    let mut table = table(
        &[
            ("suite", false, Programs),
            ("trace", false, Everybody),
            ("operations", true, Everybody),
            ("peak_live_requested_bytes", true, Everybody),
            ("source", false, Everybody),
            ("program", false, Programs),
            ("question", false, Everybody),
        ],
        rows,
    );
    if let Some(column) = table.columns.get_mut(3) {
        column.heading = "peak live".into();
    }
    table.title.clone_from(&suite.definition.name);
    table.subtitle = suite.definition.description.clone().unwrap_or_default();
    Ok(table)
}

fn importers() -> Table {
    let rows = formats().iter().map(|info| {
        let lacks: Vec<_> = info.lacks.iter().map(ToString::to_string).collect();
        let extensions: Vec<_> =
            info.extensions.iter().map(|ending| format!(".{ending}")).collect();
        vec![
            Entry::word(info.name),
            Entry::word(extensions.join(" ")),
            Entry::word(info.description),
            Entry::word(lacks.join(", ")),
        ]
    });
    table(
        &[
            ("name", false, Everybody),
            ("files", false, Everybody),
            ("description", false, Everybody),
            ("lacks", false, Everybody),
        ],
        rows.collect(),
    )
}

fn generator_table() -> Table {
    let mut rows = Vec::new();
    let limit = |limit: u64| Entry { text: number::exact(limit), value: limit.into() };
    for info in generators() {
        let nothing = || Entry { text: String::new(), value: Value::Null };
        let mut head = vec![Entry::word(info.kind)];
        head.extend(std::iter::repeat_with(nothing).take(5));
        head.push(Entry::word(info.summary));
        rows.push(head);
        for &ParameterInfo { name, unit, default, min, max, help, .. } in info.parameters {
            rows.push(vec![
                Entry { text: String::new(), value: info.kind.into() },
                Entry::word(name),
                limit(default),
                limit(min),
                limit(max),
                Entry { text: unit.to_owned(), value: unit.into() },
                Entry::word(help),
            ]);
        }
    }
    table(
        &[
            ("kind", false, Everybody),
            ("parameter", false, Everybody),
            ("default", true, Everybody),
            ("min", true, Programs),
            ("max", true, Programs),
            ("unit", false, Everybody),
            ("description", false, Everybody),
        ],
        rows,
    )
}

fn metrics() -> Table {
    let rows = heaplab_report::metrics().into_iter().map(|metric| {
        vec![
            Entry::word(metric.name),
            Entry::word(metric.unit),
            Entry::word(metric.better.as_str()),
            yes_or_no(metric.exact),
            Entry::word(metric.description),
        ]
    });
    table(
        &[
            ("name", false, Everybody),
            ("unit", false, Everybody),
            ("better", false, Everybody),
            ("exact", false, Everybody),
            ("description", false, Everybody),
        ],
        rows.collect(),
    )
}
