//! The space-time curve: what each contestant takes in each timed heap, and which of them nothing beats.

use crate::dominance::{Point, points};
use crate::model::{Mode, Report};
use crate::number::{bytes, significant};
use crate::table::{Block, Column, Entry, Role, Table};

use super::{Section, Selection, sections, time_text};

/// One table a trace: the points that nothing dominates, by rising space, each with those that it leaves behind
/// counted.
pub fn curves(report: &Report, selection: &Selection) -> Vec<Table> {
    shown_sections(report, selection).iter().filter_map(|section| table(report, section)).collect()
}

/// Every point of every curve, dominated or not, for scripts.
pub(super) fn every_point(report: &Report, selection: &Selection) -> Table {
    let mut rows = Vec::new();
    for section in shown_sections(report, selection) {
        for point in points(report, section.cells.iter().copied()) {
            let cell = point.cell;
            let mut row = vec![Entry::word(&cell.id), Entry::word(&cell.trace)];
            row.extend(figures(&section, &point));
            row.push(Entry::figure(Some(cell.heap.bytes), bytes));
            row.push(Entry::figure(Some(point.total_bytes), bytes));
            row.push(match point.dominated_by {
                None => Entry::absent(),
                Some(id) => Entry::word(id),
            });
            rows.push(row);
        }
    }
    let mut columns = vec![column("id", "cell", "", false), column("trace", "trace", "", false)];
    columns.extend(figure_columns());
    columns.push(column("heap_bytes", "heap size", "", true));
    columns.push(column("total_bytes", "+ metadata", "", true));
    columns.push(column("dominated_by", "dominated by", "", false));
    Table { columns, blocks: vec![Block { label: None, rows }], ..Table::default() }
}

/// Where a report has times with copies, those alone: without, whoever moves blocks pays for nothing.
fn shown_sections<'a>(report: &'a Report, selection: &Selection) -> Vec<Section<'a>> {
    let mut shown = sections(report, selection);
    shown.retain(|section| section.cells.iter().any(|cell| cell.time.is_some()));
    if shown.iter().any(|section| section.mode == Mode::Payload) {
        shown.retain(|section| section.mode == Mode::Payload);
    }
    shown
}

fn table(report: &Report, section: &Section<'_>) -> Option<Table> {
    let points = points(report, section.cells.iter().copied());
    let best: Vec<&Point<'_>> = points.iter().filter(|it| it.dominated_by.is_none()).collect();
    let rows = best.iter().map(|point| {
        let id = Some(point.cell.id.as_str());
        let behind = points.iter().filter(|other| other.dominated_by == id).count();
        let mut row = figures(section, point);
        row.push(Entry::figure(u64::try_from(behind).ok(), |it| it.to_string()));
        row
    });
    let mut columns = figure_columns();
    columns.push(column("dominated", "dominated", "cells", true));
    let copies = match section.mode {
        Mode::Payload => "with copies",
        Mode::Placement => {
            "without copies, so that moving costs nothing here: heaplab run --curve counts them"
        }
    };
    let noise = report.measurement.noise_floor_ratio.map_or_else(String::new, |noise| {
        format!(" · times that differ by less than {} % count as equal", significant(noise * 100.0))
    });
    (!best.is_empty()).then(|| Table {
        title: section.trace.name.clone(),
        subtitle: format!("{} of {} cells that nothing dominates", best.len(), points.len()),
        columns,
        blocks: vec![Block { label: None, rows: rows.collect() }],
        footnotes: vec![format!(
            "a cell dominates another with no more bytes, metadata included, and no more time · ns/op: {copies}{noise}"
        )],
    })
}

fn figure_columns() -> Vec<Column> {
    vec![
        Column { role: Role::Name, ..column("strategy", "strategy", "", false) },
        column("heap", "heap", "", false),
        column("total_ratio", "+ metadata", "× peak", true),
        column("median_ns_per_operation", "time", "ns/op", true),
        column("relocated_bytes", "moved", "", true),
    ]
}

fn figures(section: &Section<'_>, point: &Point<'_>) -> Vec<Entry> {
    let cell = point.cell;
    let time = cell.time.as_ref().map_or_else(Entry::absent, |time| {
        Entry::figure(Some(point.ns_per_operation), |_| time_text(time))
    });
    vec![
        Entry::word(&cell.strategy),
        Entry::word(&cell.heap.spec),
        Entry::figure(section.over_peak(point.total_bytes), significant),
        time,
        Entry::figure(cell.relocations.map(|it| it.bytes), bytes),
    ]
}

fn column(key: &str, heading: &str, unit: &str, is_number: bool) -> Column {
    Column {
        key: key.into(),
        heading: heading.into(),
        unit: unit.into(),
        is_number,
        ..Column::default()
    }
}
