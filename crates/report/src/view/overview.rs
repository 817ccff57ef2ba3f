//! The main table, one a trace: strategies by heap sizes.

use crate::model::{Cell, Mode, Report, Status, StrategyEntry, StrategyKind};
use crate::number::{bytes, count, significant};
use crate::table::{Block, Column, Entry, Role, Table};

use super::{Section, Selection, ratio, sections, time_text};

/// One table a trace (and mode, granule and number of threads, where a report has several).
///
/// Floors and bounds stand in a block of their own.
pub fn overview(report: &Report, selection: &Selection) -> Vec<Table> {
    sections(report, selection).iter().map(table).collect()
}

fn table(section: &Section<'_>) -> Table {
    let layout = Layout::of(section);
    let block = |label: Option<&str>, kind| Block {
        label: label.map(str::to_owned),
        rows: section
            .strategies
            .iter()
            .filter(|entry| entry.kind == kind)
            .map(|entry| layout.row(section, entry))
            .collect(),
    };
    let mut floors = block(Some("floors and bounds"), StrategyKind::Floor);
    floors.rows.extend(layout.bounds(section));
    Table {
        title: section.trace.name.clone(),
        subtitle: subtitle(section),
        columns: layout.columns(section),
        blocks: vec![
            block(None, StrategyKind::Strategy),
            block(Some("published allocators"), StrategyKind::Peer),
            floors,
        ],
        footnotes: layout.footnotes(section),
    }
}

fn subtitle(section: &Section<'_>) -> String {
    let trace = section.trace;
    let mut parts = vec![
        format!("{} operations", count(trace.operations.total())),
        format!("peak live {}", bytes(trace.peak_live_bytes)),
        format!("{} blocks", count(trace.peak_live_blocks)),
    ];
    if section.granule_bytes != 16 {
        parts.push(format!("granule {}", bytes(section.granule_bytes)));
    }
    if section.threads > 1 {
        parts.push(format!("{} threads", section.threads));
    }
    if section.mode == Mode::Payload {
        parts.push("with payload".into());
    }
    let prefix: String = trace.hash.chars().take(8).collect();
    if !prefix.is_empty() {
        parts.push(format!("hash {prefix}…"));
    }
    parts.join(" · ")
}

/// Which columns the section has figures for.
#[expect(clippy::struct_excessive_bools, reason = "one switch a column, set in one place")]
struct Layout {
    has_high_water: bool,
    has_min_heap: bool,
    has_relocations: bool,
    has_holes: bool,
    is_timed: bool,
    has_ranges: bool,
}

impl Layout {
    fn of(section: &Section<'_>) -> Self {
        let any = |has: &dyn Fn(&Cell) -> bool| section.cells.iter().any(|cell| has(cell));
        let names = || section.strategies.iter().map(|entry| entry.name.as_str());
        Self {
            has_high_water: names().any(|name| high_water(section, name).is_some()),
            has_min_heap: names().any(|name| section.min_heap_bytes(name).is_some()),
            has_relocations: any(&|cell| cell.relocations.is_some()),
            has_holes: any(&|cell| cell.space.as_ref().is_some_and(|space| space.holes.is_some())),
            is_timed: any(&|cell| cell.time.is_some()),
            has_ranges: any(&|cell| cell.time.as_ref().is_some_and(|time| time.ci_ns.is_none())),
        }
    }

    fn columns(&self, section: &Section<'_>) -> Vec<Column> {
        let number = |key: &str, heading: &str, unit: &str| Column {
            key: key.into(),
            heading: heading.into(),
            unit: unit.into(),
            is_number: true,
            ..Column::default()
        };
        let mut columns = vec![Column {
            key: "strategy".into(),
            heading: "strategy".into(),
            role: Role::Name,
            ..Column::default()
        }];
        for heap in &section.heaps {
            let is_timed =
                section.cells.iter().any(|cell| cell.heap.spec == heap.spec && cell.time.is_some());
            columns.push(number(&heap.spec, &heap.spec, if is_timed { "ns/op" } else { "" }));
        }
        if self.has_high_water {
            columns.push(number("high_water_ratio", "high water", "× peak"));
        }
        if self.has_min_heap {
            columns.push(number("min_heap_ratio", "min heap", "× peak"));
        }
        if self.has_relocations {
            columns.push(number("moved_ratio", "moved", moved_unit(section)));
        }
        if self.has_holes {
            columns.push(number("holes", "holes", "at end"));
        }
        columns
    }

    fn row(&self, section: &Section<'_>, entry: &StrategyEntry) -> Vec<Entry> {
        let name = entry.name.as_str();
        let mut row = vec![Entry::word(name)];
        for heap in &section.heaps {
            row.push(section.cell(name, &heap.spec).map_or_else(Entry::absent, outcome));
        }
        if self.has_high_water {
            let high_water = high_water(section, name).and_then(|bytes| section.over_peak(bytes));
            row.push(Entry::figure(high_water, significant));
        }
        if self.has_min_heap {
            let least = section.min_heap_bytes(name).and_then(|bytes| section.over_peak(bytes));
            row.push(Entry::figure(least, significant));
        }
        let smallest = section.in_smallest_completed(name);
        if self.has_relocations {
            let moved = smallest.and_then(|cell| moved(section, cell));
            row.push(Entry::figure(moved, |moved| {
                if moved == 0.0 { "0".into() } else { significant(moved) }
            }));
        }
        if self.has_holes {
            let holes = smallest.and_then(|cell| cell.space.as_ref()?.holes);
            row.push(Entry::figure(holes, count));
        }
        row
    }

    /// What no strategy beats, in the column of the smallest heap, or else of the high-water mark.
    fn bounds(&self, section: &Section<'_>) -> Vec<Vec<Entry>> {
        if !self.has_min_heap && !self.has_high_water {
            return Vec::new();
        }
        let column =
            1 + section.heaps.len() + usize::from(self.has_high_water && self.has_min_heap);
        let width = self.columns(section).len();
        let row = |name: &str, sign: &str, bytes: u64| {
            let mut row = vec![Entry { text: String::new(), ..Entry::default() }; width];
            row[0] = Entry::word(name);
            row[column] =
                Entry::figure(section.over_peak(bytes), |it| format!("{sign} {}", significant(it)));
            row
        };
        let bounds = section.trace.bounds;
        let packing = bounds.and_then(|bounds| bounds.offline_packing_bytes);
        let peak = bounds.map_or(section.trace.peak_live_bytes, |bounds| bounds.peak_live_bytes);
        packing
            .map(|bytes| row("offline packing", "≤", bytes))
            .into_iter()
            .chain([row("peak live (bound)", "≥", peak)])
            .collect()
    }

    fn footnotes(&self, section: &Section<'_>) -> Vec<String> {
        let mut notes: Vec<&str> = Vec::new();
        if self.is_timed {
            notes.push("ns/op: placing alone, nothing is copied; median ± half of its 95 % interval; ok: completed, not timed");
        }
        if self.has_ranges {
            notes.push("too few rounds for an interval (6 are needed): least to most in brackets");
        }
        if self.has_high_water {
            notes.push("high water: in a heap without limit");
        }
        if (self.has_relocations || self.has_holes) && !section.heaps.is_empty() {
            notes.push("moved, holes: in the smallest of these heaps that the strategy completes");
        }
        vec![notes.join(" · ")].into_iter().filter(|note| !note.is_empty()).collect()
    }
}

fn outcome(cell: &Cell) -> Entry {
    match (&cell.time, cell.outcome.status) {
        (Some(time), Status::Ok) => {
            Entry::figure(Some(time.median_ns_per_operation), |_| time_text(time))
        }
        (_, status) => Entry::word(status.as_str()),
    }
}

fn high_water(section: &Section<'_>, strategy: &str) -> Option<u64> {
    let cell = section.in_unlimited(strategy).filter(|cell| cell.outcome.status == Status::Ok)?;
    cell.space.as_ref()?.high_water_bytes
}

fn moved_unit(section: &Section<'_>) -> &'static str {
    if section.trace.allocated_bytes.is_some() { "× allocated" } else { "× peak" }
}

fn moved(section: &Section<'_>, cell: &Cell) -> Option<f64> {
    let trace = section.trace;
    ratio(cell.relocations?.bytes, trace.allocated_bytes.unwrap_or(trace.peak_live_bytes))
}
