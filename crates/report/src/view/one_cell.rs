//! One cell in full.

use crate::model::{Cell, Latency, Outcome, Relocations, Series, Space, Status, Time};
use crate::number::{bytes, count, exact, fixed, significant};
use crate::table::{Block, Column, Entry, Role, Table};

use super::{headline, samples_per_operation};

mod shape;

/// Everything that is known about one cell, a line each; what was not measured has no line.
///
/// For scripts the cell itself, as JSON, says the same in the report's own fields.
pub fn one_cell(cell: &Cell) -> Table {
    let mut lines = Lines::default();
    lines.add("outcome", outcome(&cell.outcome));
    let heap = &cell.heap;
    let ratio =
        heap.ratio.map_or_else(String::new, |it| format!(", {} × peak live", significant(it)));
    lines.add("heap", format!("{} ({}{ratio})", heap.spec, bytes(heap.bytes)));
    lines.add("granule", bytes(cell.granule_bytes));
    if let Some(time) = &cell.time {
        add_time(&mut lines, time);
    }
    if let Some(latency) = &cell.latency {
        lines.add("latency", latency_text(latency));
    }
    if let Some(space) = &cell.space {
        add_space(&mut lines, space);
        add_shapes(&mut lines, space);
    }
    if let Some(moved) = &cell.relocations {
        lines.add("moved", moved_text(moved));
    }
    if let Some(counters) = &cell.counters {
        for (name, value) in [
            ("instructions", counters.instructions),
            ("cycles", counters.cycles),
            ("cache misses", counters.cache_misses),
            ("branch misses", counters.branch_misses),
            ("page faults", counters.page_faults),
        ] {
            lines.add_some(name, value.map(count));
        }
    }
    if let Some(series) = &cell.series {
        add_series(&mut lines, series);
    }
    shape::add_trends(&mut lines, &cell.trends);
    if let Some(verified) = cell.verified {
        lines.add("contents verified", if verified { "yes" } else { "no" });
    }
    lines.add_some("placements", cell.placement_hash.clone());
    lines.into_table(cell)
}

#[derive(Default)]
struct Lines(Vec<Vec<Entry>>);

impl Lines {
    fn add(&mut self, name: &str, text: impl Into<String>) {
        self.0.push(vec![Entry::word(name), Entry::word(text)]);
    }

    fn add_some(&mut self, name: &str, text: Option<String>) {
        if let Some(text) = text {
            self.add(name, text);
        }
    }

    fn into_table(self, cell: &Cell) -> Table {
        let column = |key: &str| Column { key: key.into(), role: Role::Name, ..Column::default() };
        Table {
            title: cell.id.clone(),
            columns: vec![column("figure"), Column { role: Role::Sentences, ..column("value") }],
            blocks: vec![Block { label: None, rows: self.0 }],
            ..Table::default()
        }
    }
}

fn outcome(outcome: &Outcome) -> String {
    let mut text = outcome.status.as_str().to_owned();
    if let Some(operation) = outcome.operation {
        text.push_str(&format!(" at operation {}", exact(operation)));
    }
    if outcome.status == Status::Oom {
        text.push_str(&format!(": {}", headline::shortage(outcome)));
    }
    if let Some(message) = &outcome.message {
        text.push_str(&format!(": {message}"));
    }
    text
}

fn add_time(lines: &mut Lines, time: &Time) {
    let median = time.median_ns_per_operation;
    let places = crate::number::decimals(median);
    let interval = time.ci_ns.map_or_else(
        || ", too few rounds for an interval".into(),
        |[lower, upper]| {
            format!(", 95 % interval {} to {}", fixed(lower, places), fixed(upper, places))
        },
    );
    lines.add("time", format!("{} ns/operation{interval}", fixed(median, places)));
    let mut samples = samples_per_operation(time);
    samples.sort_by(f64::total_cmp);
    let texts: Vec<String> = samples.iter().map(|&sample| fixed(sample, places)).collect();
    lines.add(&format!("{} rounds", samples.len()), texts.join(" "));
}

fn latency_text(latency: &Latency) -> String {
    let mut parts = vec![
        format!("p50 {}", significant(latency.p50_ns)),
        format!("p90 {}", significant(latency.p90_ns)),
        format!("p99 {}", significant(latency.p99_ns)),
        format!("p99.9 {}", significant(latency.p999_ns)),
    ];
    parts.extend(latency.p9999_ns.map(|it| format!("p99.99 {}", significant(it))));
    parts.push(format!("max {} ns", significant(latency.max_ns)));
    parts.join("  ")
}

fn add_space(lines: &mut Lines, space: &Space) {
    lines.add_some("high-water mark", space.high_water_bytes.map(bytes));
    lines.add_some("min heap", space.min_heap_bytes.map(bytes));
    lines.add_some(
        "metadata",
        space.metadata_bytes.map(|used| match space.metadata_reserved_bytes {
            Some(reserved) => format!("{} used, {} reserved", bytes(used), bytes(reserved)),
            None => bytes(used),
        }),
    );
    lines.add_some("pages touched", space.touched_pages.map(shape::pages));
    if let Some(measures) = &space.fragmentation {
        let parts: Vec<String> = [measures.jw1, measures.jw2, measures.jw3, measures.jw4]
            .iter()
            .zip(1..)
            .filter_map(|(measure, number)| Some(format!("#{number} {}", significant((*measure)?))))
            .collect();
        lines.add("fragmentation", format!("{} (Johnstone and Wilson)", parts.join("  ")));
    }
    lines.add_some("internal fragmentation", space.internal_ratio.map(significant));
    lines.add_some(
        "holes at end",
        space.holes.map(|holes| match space.largest_hole_bytes {
            Some(largest) if holes > 0 => format!("{}, largest {}", exact(holes), bytes(largest)),
            _ => exact(holes),
        }),
    );
    if let Some(most) = space.hole_histogram.iter().map(|class| class.holes).max() {
        for class in &space.hole_histogram {
            let length = usize::try_from(class.holes.saturating_mul(20).div_ceil(most.max(1)));
            let bar = "▇".repeat(length.unwrap_or(20).min(20));
            lines.add(
                &format!("  from {}", bytes(class.from_bytes)),
                format!("{bar} {}", count(class.holes)),
            );
        }
    }
}

fn add_shapes(lines: &mut Lines, space: &Space) {
    for (when, shape) in [("at the peak", &space.at_peak), ("on average", &space.mean)] {
        if let Some(shape) = shape {
            shape::add(lines, when, shape);
        }
    }
}

fn moved_text(moved: &Relocations) -> String {
    let compactions = moved
        .compactions
        .map_or_else(String::new, |number| format!(" in {} compactions", exact(number)));
    format!(
        "{} in {} blocks, {} of them by compaction{compactions}",
        bytes(moved.bytes),
        exact(moved.blocks),
        bytes(moved.compaction_bytes)
    )
}

fn add_series(lines: &mut Lines, series: &Series) {
    for (name, values) in [
        ("live over time", &series.live_bytes),
        ("reserved over time", &series.reserved_bytes),
        ("holes over time", &series.holes),
    ] {
        if !values.is_empty() {
            lines.add(name, spark_line(values));
        }
    }
}

/// At most 40 bars; each stands for the largest value of its share of the points.
fn spark_line(values: &[u64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = values.iter().copied().max().unwrap_or(0).max(1);
    values
        .chunks(values.len().div_ceil(40).max(1))
        .map(|share| {
            let value = share.iter().copied().max().unwrap_or(0);
            let level = u128::from(value) * 7 / u128::from(most);
            BARS[usize::try_from(level).unwrap_or(7)]
        })
        .collect()
}
