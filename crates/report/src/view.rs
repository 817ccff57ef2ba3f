//! What of a report is shown, and how: pure functions from the report to tables and sentences.

use std::cmp::Ordering;

use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::model::{
    Cell, ControlCell, HeapSpec, Mode, Report, Status, StrategyEntry, StrategyKind, TraceEntry,
};
use crate::table::{Format, Style, Table};

mod cells;
mod curve;
mod headline;
mod one_cell;
mod overview;
mod strategies;
mod traces;

pub use cells::by_cell;
pub use curve::curves;
pub use headline::headline;
pub use one_cell::one_cell;
pub use overview::overview;
pub use strategies::by_strategy;
pub use traces::by_trace;

/// What a row of the table stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// One row a cell, with every figure.
    Cell,
    /// One row a strategy, over all traces.
    Strategy,
    /// One row a trace, over all strategies.
    Trace,
    /// One table a trace, one row a timed heap of a contestant, by rising space: the space-time curve.
    Curve,
}

/// Shows the selected part of a report.
///
/// Without `by` people get one table a trace, strategies by heap sizes. Scripts get one row a cell
/// instead, since a column a heap size would change its name from report to report.
pub fn show(
    report: &Report,
    selection: &Selection,
    by: Option<By>,
    format: Format,
    style: Style,
) -> String {
    let machine = matches!(format, Format::Csv | Format::Json);
    let tables = match by {
        Some(By::Strategy) => vec![by_strategy(report, selection)],
        Some(By::Trace) => vec![by_trace(report, selection)],
        Some(By::Curve) if machine => vec![curve::every_point(report, selection)],
        Some(By::Curve) => curves(report, selection),
        None if !machine => overview(report, selection),
        Some(By::Cell) | None => vec![by_cell(report, selection)],
    };
    if tables.is_empty() {
        return "no cells selected\n".into();
    }
    let texts: Vec<String> =
        tables.iter().map(|table: &Table| table.render(format, style)).collect();
    texts.join("\n")
}

/// Which cells are shown: globs over strategies, traces and heaps; no globs let everything through.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    strategies: Globs,
    traces: Globs,
    heaps: Globs,
}

/// A pattern that is no glob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{pattern}' is no pattern: {reason}")]
pub struct BadPattern {
    /// The pattern as given.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}

#[derive(Debug, Clone, Default)]
struct Globs {
    patterns: Vec<Glob>,
    set: GlobSet,
}

impl Globs {
    fn new(patterns: &[String]) -> Result<Self, BadPattern> {
        let mut globs = Vec::new();
        let mut builder = GlobSetBuilder::new();
        for pattern in patterns {
            let glob = Glob::new(pattern).map_err(|error| BadPattern {
                pattern: pattern.clone(),
                reason: error.kind().to_string(),
            })?;
            builder.add(glob.clone());
            globs.push(glob);
        }
        let set = builder.build().map_err(|error| BadPattern {
            pattern: patterns.join(","),
            reason: error.kind().to_string(),
        })?;
        Ok(Self { patterns: globs, set })
    }

    fn lets_through(&self, name: &str) -> bool {
        self.patterns.is_empty() || self.set.is_match(name)
    }

    fn without_match<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = &'a str> {
        self.patterns
            .iter()
            .filter(|glob| {
                let matcher = glob.compile_matcher();
                !names.iter().any(|name| matcher.is_match(name))
            })
            .map(Glob::glob)
    }
}

impl Selection {
    /// Cells whose strategy, trace and heap (as asked for: `1.25x`) each match one of the globs.
    ///
    /// # Errors
    /// [`BadPattern`] for the first pattern that is no glob.
    pub fn new(
        strategies: &[String],
        traces: &[String],
        heaps: &[String],
    ) -> Result<Self, BadPattern> {
        Ok(Self {
            strategies: Globs::new(strategies)?,
            traces: Globs::new(traces)?,
            heaps: Globs::new(heaps)?,
        })
    }

    /// Patterns that match nothing in the report: most likely a slip of the pen.
    pub fn without_match(&self, report: &Report) -> Vec<String> {
        let strategies: Vec<&str> = report.strategies.iter().map(|it| it.name.as_str()).collect();
        let traces: Vec<&str> = report.traces.iter().map(|it| it.name.as_str()).collect();
        let heaps: Vec<&str> = report.cells.iter().map(|it| it.heap.spec.as_str()).collect();
        self.strategies
            .without_match(&strategies)
            .chain(self.traces.without_match(&traces))
            .chain(self.heaps.without_match(&heaps))
            .map(str::to_owned)
            .collect()
    }

    /// Whether the cell is shown.
    pub fn has_cell(&self, cell: &Cell) -> bool {
        self.has_strategy(&cell.strategy)
            && self.has_trace(&cell.trace)
            && self.heaps.lets_through(&cell.heap.spec)
    }

    /// The report with the selected cells, and the traces and strategies that they name; its id is made anew.
    pub fn apply(&self, report: &Report) -> Report {
        let mut part = report.clone();
        part.cells.retain(|cell| self.has_cell(cell));
        part.traces.retain(|trace| self.has_trace(&trace.name));
        part.strategies.retain(|strategy| self.has_strategy(&strategy.name));
        if let Some(control) = &mut part.measurement.control {
            let name = control.strategy.clone();
            let id = |it: &ControlCell| Cell::id_of(&name, &it.trace, &it.heap, it.mode);
            control.cells.retain(|it| part.cells.iter().any(|cell| cell.id == id(it)));
            if control.cells.is_empty() {
                part.measurement.control = None;
            }
        }
        for warning in &mut part.warnings {
            warning.cells.retain(|id| part.cells.iter().any(|cell| cell.id == *id));
        }
        part.seal();
        part
    }

    pub(crate) fn has_strategy(&self, name: &str) -> bool {
        self.strategies.lets_through(name)
    }

    pub(crate) fn has_trace(&self, name: &str) -> bool {
        self.traces.lets_through(name)
    }
}

/// The cells that stand in one table: one trace, measured in one way.
#[derive(Debug)]
struct Section<'a> {
    trace: &'a TraceEntry,
    mode: Mode,
    granule_bytes: u64,
    threads: u32,
    strategies: Vec<&'a StrategyEntry>,
    cells: Vec<&'a Cell>,
    /// Cells of the same strategies and trace in the other mode: their placements, and so their space, are the same.
    twins: Vec<&'a Cell>,
    /// The heaps with a limit, smallest first.
    heaps: Vec<&'a HeapSpec>,
}

/// The selected cells by trace and way of measuring, in the report's order. O(cells x sections).
fn sections<'a>(report: &'a Report, selection: &Selection) -> Vec<Section<'a>> {
    let mut sections: Vec<Section<'a>> = Vec::new();
    for trace in &report.traces {
        let first = sections.len();
        for cell in report.cells.iter().filter(|cell| cell.trace == trace.name) {
            // The unlimited heap is no size to choose, but the columns beside the sizes need it.
            let wanted = selection.has_cell(cell)
                || (cell.heap.is_unlimited()
                    && selection.has_strategy(&cell.strategy)
                    && selection.has_trace(&cell.trace));
            if !wanted {
                continue;
            }
            let same = |section: &&mut Section<'_>| {
                (section.mode, section.granule_bytes, section.threads)
                    == (cell.mode, cell.granule_bytes, cell.threads)
            };
            if let Some(section) = sections[first..].iter_mut().find(same) {
                section.cells.push(cell);
            } else {
                sections.push(Section::new(trace, cell));
            }
        }
    }
    for section in &mut sections {
        section.complete(report);
    }
    sections
}

impl<'a> Section<'a> {
    fn new(trace: &'a TraceEntry, cell: &'a Cell) -> Self {
        Self {
            trace,
            mode: cell.mode,
            granule_bytes: cell.granule_bytes,
            threads: cell.threads,
            strategies: Vec::new(),
            cells: vec![cell],
            twins: Vec::new(),
            heaps: Vec::new(),
        }
    }

    fn complete(&mut self, report: &'a Report) {
        self.strategies = report
            .strategies
            .iter()
            .filter(|entry| self.cells.iter().any(|cell| cell.strategy == entry.name))
            .collect();
        let is_twin = |cell: &&Cell| {
            (&cell.trace, cell.granule_bytes, cell.threads)
                == (&self.trace.name, self.granule_bytes, self.threads)
                && cell.mode != self.mode
        };
        self.twins = report.cells.iter().filter(is_twin).collect();
        for cell in &self.cells {
            let heap = &cell.heap;
            if !heap.is_unlimited() && self.heaps.iter().all(|known| known.spec != heap.spec) {
                self.heaps.push(heap);
            }
        }
        self.heaps.sort_by_key(|heap| heap.bytes);
    }

    fn of(&self, strategy: &str) -> impl Iterator<Item = &'a Cell> {
        self.cells.iter().copied().filter(move |cell| cell.strategy == strategy)
    }

    fn cell(&self, strategy: &str, heap: &str) -> Option<&'a Cell> {
        self.of(strategy).find(|cell| cell.heap.spec == heap)
    }

    fn in_unlimited(&self, strategy: &str) -> Option<&'a Cell> {
        self.cell(strategy, HeapSpec::UNLIMITED).or_else(|| {
            let is_it = |cell: &&Cell| cell.strategy == strategy && cell.heap.is_unlimited();
            self.twins.iter().copied().find(is_it)
        })
    }

    /// The smallest heap of the run in which the strategy completed the trace.
    fn in_smallest_completed(&self, strategy: &str) -> Option<&'a Cell> {
        self.of(strategy)
            .filter(|cell| cell.outcome.status == Status::Ok && !cell.heap.is_unlimited())
            .min_by_key(|cell| cell.heap.bytes)
            .or_else(|| self.in_unlimited(strategy))
    }

    /// The smallest heap that the strategy can do with, in bytes, if some cell says so.
    fn min_heap_bytes(&self, strategy: &str) -> Option<u64> {
        let twins = self.twins.iter().copied().filter(|cell| cell.strategy == strategy);
        self.of(strategy).chain(twins).find_map(|cell| cell.space.as_ref()?.min_heap_bytes)
    }

    /// In each timed heap, the part of the time that is the contestant's own: what remains without the time of the
    /// quickest floor in the same heap, which is that of the replay itself.
    fn policy_shares(&self, strategy: &str) -> Vec<f64> {
        let ns = |cell: &Cell| {
            let time = cell.time.as_ref().filter(|_| cell.outcome.status == Status::Ok)?;
            Some(time.median_ns_per_operation).filter(|&ns| ns > 0.0)
        };
        let floors = || self.strategies.iter().filter(|entry| entry.kind == StrategyKind::Floor);
        let share = |cell: &Cell| {
            let floor = floors()
                .filter_map(|floor| ns(self.cell(&floor.name, &cell.heap.spec)?))
                .reduce(f64::min)?;
            Some((1.0 - floor / ns(cell)?).max(0.0))
        };
        self.of(strategy).filter_map(share).collect()
    }

    /// Bytes as a multiple of the trace's peak of live bytes.
    fn over_peak(&self, bytes: u64) -> Option<f64> {
        ratio(bytes, self.trace.peak_live_bytes)
    }

    /// Who can win: everyone but the floors.
    fn contestants(&self) -> impl Iterator<Item = &'a StrategyEntry> {
        self.strategies.iter().copied().filter(|entry| entry.kind != StrategyKind::Floor)
    }

    /// Contestants that were timed in that heap, fastest first.
    fn ranking(&self, heap: &str) -> Vec<(&'a StrategyEntry, f64)> {
        let mut ranking: Vec<_> = self
            .contestants()
            .filter_map(|entry| {
                let cell = self.cell(&entry.name, heap)?;
                let time = cell.time.as_ref().filter(|_| cell.outcome.status == Status::Ok)?;
                Some((entry, time.median_ns_per_operation))
            })
            .collect();
        ranking.sort_by(|a, b| a.1.partial_cmp(&b.1).unwrap_or(Ordering::Equal));
        ranking
    }
}

#[expect(clippy::cast_precision_loss, reason = "a ratio is shown with three digits")]
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Nanoseconds per operation of each round.
#[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
fn samples_per_operation(time: &crate::model::Time) -> Vec<f64> {
    let operations = time.operations.max(1) as f64;
    time.samples_ns.iter().map(|&sample| sample as f64 / operations).collect()
}

/// `median ±half` of a cell's time, or the range where the rounds were too few for an interval.
fn time_text(time: &crate::model::Time) -> String {
    let median = time.median_ns_per_operation;
    let places = crate::number::decimals(median);
    let show = |value| crate::number::fixed(value, places);
    if let Some([lower, upper]) = time.ci_ns {
        return format!("{} ±{}", show(median), show((upper - lower) / 2.0));
    }
    let samples = samples_per_operation(time);
    let least = samples.iter().copied().fold(f64::INFINITY, f64::min);
    let most = samples.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if least < most {
        format!("{} ({} to {})", show(median), show(least), show(most))
    } else {
        show(median)
    }
}
