//! The main table, one a trace: strategies by heap sizes.

use crate::dominance;
use crate::model::{Cell, Mode, Report, Status, StrategyEntry, StrategyKind};
use crate::number::{bytes, count, significant};
use crate::table::{Block, Column, Entry, Role, Table};

use super::{Section, Selection, ratio, sections, time_text};

/// One table a trace (and mode, granule and number of threads, where a report has several).
///
/// Floors and bounds stand in a block of their own.
pub fn overview(report: &Report, selection: &Selection) -> Vec<Table> {
    let sections = sections(report, selection);
    let is_timed = |section: &&Section<'_>| section.cells.iter().any(|cell| cell.time.is_some());
    // Where everything is timed with payload alone, a table without times would say the same once more.
    let says_more = |section: &&Section<'_>| {
        is_timed(section)
            || !sections.iter().filter(is_timed).any(|other| other.trace.name == section.trace.name)
    };
    sections.iter().filter(says_more).map(|section| table(report, section)).collect()
}

fn table(report: &Report, section: &Section<'_>) -> Table {
    let layout = Layout::of(report, section);
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
struct Layout<'a> {
    /// Only where some contestant's smallest heap is not known, which tells more.
    has_high_water: bool,
    has_min_heap: bool,
    has_metadata: bool,
    has_relocations: bool,
    has_holes: bool,
    /// Only where a malloc of a shared library takes part, which has a cell without a limit alone.
    has_resident: bool,
    is_timed: bool,
    has_ranges: bool,
    /// Ids of the cells that nothing dominates in space and time; none where copies are not counted.
    undominated: Vec<&'a str>,
}

impl<'a> Layout<'a> {
    fn of(report: &'a Report, section: &Section<'a>) -> Self {
        let any = |has: &dyn Fn(&Cell) -> bool| section.cells.iter().any(|cell| has(cell));
        let names = || section.strategies.iter().map(|entry| entry.name.as_str());
        let has_min_heap = names().any(|name| section.min_heap_bytes(name).is_some());
        let points = match section.mode {
            Mode::Placement => Vec::new(),
            Mode::Payload => dominance::points(report, section.cells.iter().copied()),
        };
        let undominated = points.iter().filter(|point| point.dominated_by.is_none());
        Self {
            undominated: undominated.map(|point| point.cell.id.as_str()).collect(),
            has_high_water: section.strategies.iter().any(|entry| {
                let is_told = has_min_heap
                    && (entry.kind == StrategyKind::Floor
                        || section.min_heap_bytes(&entry.name).is_some());
                !is_told && high_water(section, &entry.name).is_some()
            }),
            has_min_heap,
            has_metadata: names().any(|name| with_metadata(section, name).is_some()),
            has_relocations: any(&|cell| cell.relocations.is_some()),
            has_holes: any(&|cell| cell.space.as_ref().is_some_and(|space| space.holes.is_some())),
            has_resident: names().any(|name| resident(section, name).is_some()),
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
        if self.has_metadata {
            columns.push(number("with_metadata_ratio", "+ metadata", "× peak"));
        }
        if self.has_relocations {
            columns.push(number("moved_ratio", "moved", moved_unit(section)));
        }
        if self.has_holes {
            columns.push(Column { role: Role::Spare, ..number("holes", "holes", "at end") });
        }
        if self.has_resident {
            columns.push(number("unlimited", "no limit", if self.is_timed { "ns/op" } else { "" }));
            columns.push(number("resident_ratio", "resident", "× peak"));
        }
        columns
    }

    fn row(&self, section: &Section<'_>, entry: &StrategyEntry) -> Vec<Entry> {
        let name = entry.name.as_str();
        let mut row = vec![Entry::word(name)];
        for heap in &section.heaps {
            row.push(
                section
                    .cell(name, &heap.spec)
                    .map_or_else(Entry::absent, |cell| self.outcome(cell)),
            );
        }
        if self.has_high_water {
            let high_water = high_water(section, name).and_then(|bytes| section.over_peak(bytes));
            row.push(Entry::figure(high_water, significant));
        }
        if self.has_min_heap {
            let least = section.min_heap_bytes(name).and_then(|bytes| section.over_peak(bytes));
            row.push(Entry::figure(least, significant));
        }
        if self.has_metadata {
            let bytes = with_metadata(section, name).and_then(|bytes| section.over_peak(bytes));
            row.push(Entry::figure(bytes, significant));
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
        if self.has_resident {
            let bytes = resident(section, name).and_then(|bytes| section.over_peak(bytes));
            let cell = section.in_unlimited(name).filter(|_| bytes.is_some());
            row.push(cell.map_or_else(Entry::absent, |cell| self.outcome(cell)));
            row.push(Entry::figure(bytes, significant));
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
            notes.push(match section.mode {
                Mode::Placement => "ns/op: placing alone, nothing is copied; median ± half of its 95 % interval; ok: completed, not timed",
                Mode::Payload => "ns/op: placing, and copying whatever moves; median ± half of its 95 % interval; ok: completed, not timed",
            });
        }
        if !self.undominated.is_empty() {
            notes.push(
                "*: nothing else here takes as few bytes, metadata included, and as little time",
            );
        }
        if self.has_ranges {
            notes.push("too few rounds for an interval (6 are needed): least to most in brackets");
        }
        if self.has_high_water {
            notes.push("high water: in a heap without limit");
        }
        if self.has_resident {
            notes.push("resident: what a process came to hold, every byte written");
        }
        if self.has_metadata {
            notes.push(match (self.has_min_heap, self.has_high_water) {
                (true, true) => "+ metadata: min heap, or else high water, and bookkeeping outside",
                (true, false) => "+ metadata: min heap and bookkeeping outside",
                (false, _) => "+ metadata: high water and bookkeeping outside",
            });
        }
        if (self.has_relocations || self.has_holes) && !section.heaps.is_empty() {
            notes.push("moved, holes: in the smallest of these heaps that the strategy completes");
        }
        vec![notes.join(" · ")].into_iter().filter(|note| !note.is_empty()).collect()
    }

    fn outcome(&self, cell: &Cell) -> Entry {
        match (&cell.time, cell.outcome.status) {
            (Some(time), Status::Ok) => {
                let mark = if self.undominated.contains(&cell.id.as_str()) { " *" } else { "" };
                Entry::figure(Some(time.median_ns_per_operation), |_| time_text(time) + mark)
            }
            (_, status) => Entry::word(status.as_str()),
        }
    }
}

/// The smallest heap, or the high-water mark where that is not known, and the bookkeeping outside of it.
fn with_metadata(section: &Section<'_>, strategy: &str) -> Option<u64> {
    let heap = section.min_heap_bytes(strategy).or_else(|| high_water(section, strategy))?;
    let cells = [section.in_smallest_completed(strategy), section.in_unlimited(strategy)];
    let metadata = |cell: &Cell| cell.space.as_ref()?.metadata_bytes;
    heap.checked_add(cells.into_iter().flatten().find_map(metadata)?)
}

fn resident(section: &Section<'_>, strategy: &str) -> Option<u64> {
    section.in_unlimited(strategy)?.space.as_ref()?.resident_bytes
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
