//! One row a cell, with every figure: what CSV and JSON are made from.

use serde_json::Value;

use crate::model::{Cell, Fragmentation, Relocations, Report, Space, Status};
use crate::number::{bytes, count, exact, significant};
use crate::table::{Block, Column, Entry, Role, Table};

use super::{Selection, time_text};

/// Every selected cell in the report's order, one column a figure.
///
/// Columns for which no selected cell has a figure are left out, except those that name and judge the cell.
pub fn by_cell(report: &Report, selection: &Selection) -> Table {
    let cells: Vec<&Cell> = report.cells.iter().filter(|cell| selection.has_cell(cell)).collect();
    let mut columns = Vec::new();
    let mut rows: Vec<Vec<Entry>> = vec![Vec::new(); cells.len()];
    for spec in SPECS {
        let entries: Vec<Entry> = cells.iter().map(|cell| (spec.entry)(cell)).collect();
        if spec.place == Place::IfAny && entries.iter().all(|entry| entry.value.is_null()) {
            continue;
        }
        columns.push(Column {
            key: spec.key.into(),
            heading: spec.heading.into(),
            unit: spec.unit.into(),
            is_number: entries.iter().any(|entry| entry.value.is_number()),
            role: match spec.place {
                Place::Name => Role::Name,
                Place::Always => Role::Figure,
                Place::Spare | Place::IfAny => Role::Spare,
            },
        });
        rows.iter_mut().zip(entries).for_each(|(row, entry)| row.push(entry));
    }
    Table { columns, blocks: vec![Block { label: None, rows }], ..Table::default() }
}

#[derive(PartialEq)]
enum Place {
    /// Names the row.
    Name,
    /// Stands in every table.
    Always,
    /// Stands in every table that is wide enough.
    Spare,
    /// As `Spare`, but only where some cell has the figure.
    IfAny,
}

struct Spec {
    key: &'static str,
    heading: &'static str,
    unit: &'static str,
    place: Place,
    entry: fn(&Cell) -> Entry,
}

const fn spec(
    key: &'static str,
    heading: &'static str,
    unit: &'static str,
    place: Place,
    entry: fn(&Cell) -> Entry,
) -> Spec {
    Spec { key, heading, unit, place, entry }
}

fn size(value: Option<u64>) -> Entry {
    Entry::figure(value, bytes)
}

fn number(value: Option<u64>) -> Entry {
    Entry::figure(value, count)
}

fn ratio(value: Option<f64>) -> Entry {
    Entry::figure(value, significant)
}

fn mode(cell: &Cell) -> Entry {
    let value = serde_json::to_value(cell.mode).unwrap_or(Value::Null);
    value.as_str().map_or_else(Entry::absent, Entry::word)
}

fn median(cell: &Cell) -> Entry {
    let time = cell.time.as_ref().filter(|_| cell.outcome.status == Status::Ok);
    time.map_or_else(Entry::absent, |time| {
        Entry::figure(Some(time.median_ns_per_operation), |_| time_text(time))
    })
}

fn interval(cell: &Cell, end: usize) -> Entry {
    ratio(cell.time.as_ref().and_then(|time| time.ci_ns).map(|ci| ci[end]))
}

fn rounds(cell: &Cell) -> Entry {
    let rounds = cell.time.as_ref().and_then(|time| u64::try_from(time.samples_ns.len()).ok());
    number(rounds)
}

fn of_space(cell: &Cell, pick: fn(&Space) -> Option<u64>) -> Option<u64> {
    cell.space.as_ref().and_then(pick)
}

fn fragmentation(cell: &Cell, pick: fn(&Fragmentation) -> Option<f64>) -> Entry {
    ratio(cell.space.as_ref().and_then(|space| space.fragmentation.as_ref()).and_then(pick))
}

fn moved(cell: &Cell, pick: fn(&Relocations) -> Option<u64>) -> Option<u64> {
    cell.relocations.as_ref().and_then(pick)
}

/// The columns, in order; keys are the report's field names, with a prefix where two would collide.
#[rustfmt::skip]
const SPECS: &[Spec] = &[
    spec("id", "cell", "", Place::Name, |cell| Entry::word(&cell.id)),
    spec("status", "outcome", "", Place::Always, |cell| Entry::word(cell.outcome.status.as_str())),
    spec("median_ns_per_operation", "time", "ns/op", Place::IfAny, median),
    spec("high_water_bytes", "high water", "", Place::IfAny, |cell| size(of_space(cell, |it| it.high_water_bytes))),
    spec("relocated_bytes", "moved", "", Place::IfAny, |cell| size(moved(cell, |it| Some(it.bytes)))),
    spec("holes", "holes", "at end", Place::IfAny, |cell| number(of_space(cell, |it| it.holes))),
    spec("min_heap_bytes", "min heap", "", Place::IfAny, |cell| size(of_space(cell, |it| it.min_heap_bytes))),
    spec("metadata_bytes", "metadata", "", Place::IfAny, |cell| size(of_space(cell, |it| it.metadata_bytes))),
    spec("failed_operation", "failed at", "operation", Place::IfAny, |cell| Entry::figure(cell.outcome.operation, exact)),
    spec("failed_requested_bytes", "wanted", "", Place::IfAny, |cell| size(cell.outcome.requested_bytes)),
    spec("failed_free_bytes", "free then", "", Place::IfAny, |cell| size(cell.outcome.free_bytes)),
    spec("failed_largest_hole_bytes", "largest hole then", "", Place::IfAny, |cell| size(cell.outcome.largest_hole_bytes)),
    spec("failed_holes", "holes then", "", Place::IfAny, |cell| number(cell.outcome.holes)),
    spec("message", "message", "", Place::IfAny, |cell| cell.outcome.message.as_ref().map_or_else(Entry::absent, Entry::word)),
    spec("ci_lower_ns", "lower", "ns/op", Place::IfAny, |cell| interval(cell, 0)),
    spec("ci_upper_ns", "upper", "ns/op", Place::IfAny, |cell| interval(cell, 1)),
    spec("rounds", "rounds", "", Place::IfAny, rounds),
    spec("jw1", "JW 1", "ratio", Place::IfAny, |cell| fragmentation(cell, |it| it.jw1)),
    spec("jw2", "JW 2", "ratio", Place::IfAny, |cell| fragmentation(cell, |it| it.jw2)),
    spec("jw3", "JW 3", "ratio", Place::IfAny, |cell| fragmentation(cell, |it| it.jw3)),
    spec("jw4", "JW 4", "ratio", Place::IfAny, |cell| fragmentation(cell, |it| it.jw4)),
    spec("internal_ratio", "internal", "ratio", Place::IfAny, |cell| ratio(cell.space.as_ref().and_then(|it| it.internal_ratio))),
    spec("largest_hole_bytes", "largest hole", "at end", Place::IfAny, |cell| size(of_space(cell, |it| it.largest_hole_bytes))),
    spec("relocations", "moves", "", Place::IfAny, |cell| number(moved(cell, |it| Some(it.blocks)))),
    spec("compaction_relocated_bytes", "moved by compaction", "", Place::IfAny, |cell| size(moved(cell, |it| Some(it.compaction_bytes)))),
    spec("compactions", "compactions", "", Place::IfAny, |cell| number(moved(cell, |it| it.compactions))),
    spec("p50_ns", "p50", "ns", Place::IfAny, |cell| ratio(cell.latency.as_ref().map(|it| it.p50_ns))),
    spec("p99_ns", "p99", "ns", Place::IfAny, |cell| ratio(cell.latency.as_ref().map(|it| it.p99_ns))),
    spec("p999_ns", "p99.9", "ns", Place::IfAny, |cell| ratio(cell.latency.as_ref().map(|it| it.p999_ns))),
    spec("max_ns", "longest", "ns", Place::IfAny, |cell| ratio(cell.latency.as_ref().map(|it| it.max_ns))),
    spec("instructions", "instructions", "", Place::IfAny, |cell| number(cell.counters.and_then(|it| it.instructions))),
    spec("placement_hash", "placements", "", Place::IfAny, |cell| cell.placement_hash.as_ref().map_or_else(Entry::absent, Entry::word)),
    spec("trace", "trace", "", Place::Spare, |cell| Entry::word(&cell.trace)),
    spec("strategy", "strategy", "", Place::Spare, |cell| Entry::word(&cell.strategy)),
    spec("heap", "heap", "", Place::Spare, |cell| Entry::word(&cell.heap.spec)),
    spec("heap_bytes", "heap size", "", Place::Spare, |cell| size(Some(cell.heap.bytes))),
    spec("heap_ratio", "heap", "× peak", Place::IfAny, |cell| ratio(cell.heap.ratio)),
    spec("granule_bytes", "granule", "", Place::Spare, |cell| size(Some(cell.granule_bytes))),
    spec("threads", "threads", "", Place::Spare, |cell| number(Some(cell.threads.into()))),
    spec("mode", "mode", "", Place::Spare, mode),
];
