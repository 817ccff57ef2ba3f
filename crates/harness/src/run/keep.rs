//! What a run that is killed leaves behind, and how the next one takes it up.
//!
//! Kept are the figures that are the same in every process: space, placements, verdicts and bounds. Times are not, since
//! all rounds of a report belong to one process.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use heaplab_report::{self as report, Measurement, Mode, Outcome, Report, Status, Tool};

use super::assemble::strategy;
use super::pool::{Purpose, Task};
use super::workload::Workload;
use super::{Cell, Run};
use crate::HeapSize;
use crate::progress::Progress;
use crate::replay::Replayed;

/// The shortest time between two partial reports.
const LEAST_INTERVAL: Duration = Duration::from_millis(200);

/// Keeping a report may take one part in so many of the time.
const SHARE: u32 = 20;

/// Offers partial reports while untimed replays go on.
pub(super) struct Keeper<'a> {
    progress: &'a dyn Progress,
    kept: RefCell<Option<Kept>>,
}

struct Kept {
    report: Report,
    cells: BTreeMap<usize, report::Cell>,
    due: Instant,
}

impl<'a> Keeper<'a> {
    pub(super) const fn new(progress: &'a dyn Progress) -> Self {
        Self { progress, kept: RefCell::new(None) }
    }

    /// Notes the figures of a replay that has come to an end.
    pub(super) fn returned(&self, task: &Task, replayed: &Replayed) {
        if replayed.outcome.status == Status::Timeout {
            return;
        }
        let Some(kept) = &mut *self.kept.borrow_mut() else { return };
        if task.purpose == Purpose::Verify {
            if let Some(cell) = kept.cells.get_mut(&task.cell)
                && replayed.verified == Some(true)
            {
                cell.verified = Some(true);
            }
        } else if let Some(skeleton) = &task.skeleton {
            kept.cells.insert(task.cell, filled(skeleton, replayed));
        }
        self.offer(kept);
    }

    /// Notes a strategy's smallest heap beside its unlimited cell.
    pub(super) fn smallest_heap(&self, cell: usize, bytes: u64) {
        let Some(kept) = &mut *self.kept.borrow_mut() else { return };
        let space = kept.cells.get_mut(&cell).and_then(|cell| cell.space.as_mut());
        space.into_iter().for_each(|space| space.min_heap_bytes = Some(bytes));
        self.offer(kept);
    }

    /// Notes the traces, whose bounds are known now.
    pub(super) fn traces(&self, workloads: &[Workload]) {
        let Some(kept) = &mut *self.kept.borrow_mut() else { return };
        kept.report.traces = workloads.iter().map(Workload::entry).collect();
        kept.due = Instant::now();
        self.offer(kept);
    }

    /// Hands a partial report out, if it is time.
    fn offer(&self, kept: &mut Kept) {
        let now = Instant::now();
        if now < kept.due || kept.cells.is_empty() {
            return;
        }
        kept.report.cells = kept.cells.values().cloned().collect();
        self.progress.keep(&kept.report);
        kept.due = Instant::now() + (now.elapsed() * SHARE).max(LEAST_INTERVAL);
    }
}

/// The cell of a report with the figures of its replay.
fn filled(skeleton: &report::Cell, replayed: &Replayed) -> report::Cell {
    report::Cell {
        outcome: replayed.outcome.clone(),
        space: replayed.space.clone(),
        relocations: replayed.relocations,
        // The skeleton says whether there will be any use for them.
        series: skeleton.series.as_ref().and(replayed.series.clone()),
        trends: if skeleton.heap.spec == HeapSize::Unlimited.to_string() {
            replayed.trends.clone()
        } else {
            Vec::new()
        },
        placement_hash: replayed.placement_hash.clone(),
        ..skeleton.clone()
    }
}

impl Run<'_> {
    /// Begins to keep what becomes known, if anybody wants to have it.
    pub(super) fn begin_keeping(&self, created_at: &str, environment: &report::Environment) {
        if !self.progress.keeps() {
            return;
        }
        let passes = if self.plan.passes.verify { &["space", "verify"][..] } else { &["space"] };
        let report = Report {
            complete: false,
            created_at: created_at.into(),
            tool: Tool { version: env!("CARGO_PKG_VERSION").into(), ..Tool::default() },
            environment: environment.clone(),
            measurement: Measurement {
                processes: 1,
                order: "interleaved".into(),
                order_seed: Some(self.plan.order_seed),
                passes: passes.iter().map(|&pass| pass.into()).collect(),
                confidence_level: report::stats::CONFIDENCE,
                ..Measurement::default()
            },
            traces: self.workloads.iter().map(Workload::entry).collect(),
            strategies: self.contestants.iter().map(strategy).collect(),
            ..Report::default()
        };
        let known = self.cells.iter().enumerate().filter_map(|(index, cell)| {
            let replayed = cell.replayed.as_ref()?;
            let mut filled = filled(&self.skeleton(cell), replayed);
            filled.verified = cell.verified;
            Some((index, filled))
        });
        let cells = known.collect();
        let due = Instant::now();
        self.keeper.kept.replace(Some(Kept { report, cells, due }));
    }

    /// What is known of a cell before it is replayed. Where it has a place for a series, one is kept.
    pub(super) fn skeleton(&self, cell: &Cell) -> report::Cell {
        let has_series =
            cell.heap == HeapSize::Unlimited || self.plan.timed_heaps.contains(&cell.heap);
        report::Cell {
            id: self.id(cell),
            trace: self.workloads[cell.trace].name.clone(),
            strategy: self.contestants[cell.contestant].name.into(),
            heap: cell.heap.to_spec(cell.heap_bytes),
            granule_bytes: self.plan.granule.bytes(),
            threads: 1,
            mode: Mode::Placement,
            series: has_series.then(report::Series::default),
            ..report::Cell::default()
        }
    }

    /// Takes over what an unfinished run has found; returns how many cells there were to take.
    pub(super) fn resume(&mut self, part: &Report) -> usize {
        let mut taken = 0;
        if part.tool.version != env!("CARGO_PKG_VERSION") {
            return taken;
        }
        for index in 0..self.cells.len() {
            let Some((replayed, verified)) = self.found_in(part, &self.cells[index]) else {
                continue;
            };
            self.cells[index].replayed = Some(replayed);
            self.cells[index].verified = verified;
            taken += 1;
        }
        for workload in &mut self.workloads {
            let entry = part.traces.iter().find(|entry| entry.name == workload.name);
            let same = entry.filter(|entry| entry.hash == workload.source.summary().hash);
            let bounds = same.and_then(|entry| entry.bounds.as_ref());
            workload.offline_packing_bytes = bounds
                .filter(|bounds| bounds.peak_live_bytes == workload.peak_live_bytes)
                .and_then(|bounds| bounds.offline_packing_bytes);
        }
        if taken > 0 {
            let text = format!("figures of {taken} cells were taken from an unfinished run");
            self.warnings.add("resumed", &text, Vec::new());
        }
        taken
    }

    /// The figures of a cell in a report, if they are of the same trace, strategy, heap and granule, and can be relied on.
    fn found_in(&self, part: &Report, cell: &Cell) -> Option<(Replayed, Option<bool>)> {
        if !self.is_confined(cell) {
            return None;
        }
        let workload = &self.workloads[cell.trace];
        let contestant = &self.contestants[cell.contestant];
        let is_same_trace = part.traces.iter().any(|entry| {
            (&entry.name, &entry.hash) == (&workload.name, &workload.source.summary().hash)
        });
        let is_same_strategy = part.strategy(contestant.name) == Some(&strategy(contestant));
        let found = part.cell(&self.id(cell))?;
        let is_same_heap = (found.heap.bytes, found.granule_bytes)
            == (cell.heap.to_spec(cell.heap_bytes).bytes, self.plan.granule.bytes());
        if !(is_same_trace && is_same_strategy && is_same_heap) {
            return None;
        }
        let has_figures = found.space.is_some();
        let outcome = match found.outcome.status {
            // It is timed anew, and may do better.
            Status::Timeout if !has_figures => return None,
            // Its space was measured, so it is a timed replay that went wrong.
            Status::Timeout | Status::Crashed | Status::Invalid if has_figures => {
                Outcome::default()
            }
            _ => found.outcome.clone(),
        };
        let replayed = Replayed {
            heap_bytes: cell.heap_bytes,
            outcome,
            space: found.space.clone(),
            relocations: found.relocations,
            series: found.series.clone(),
            trends: found.trends.clone(),
            placement_hash: found.placement_hash.clone(),
            ..Replayed::default()
        };
        // What was not verified for want of time gets another chance.
        let is_kept = |verified: &bool| *verified || !has_figures;
        Some((replayed, found.verified.filter(is_kept)))
    }
}
