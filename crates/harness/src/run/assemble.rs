//! The report of what was measured.

use std::time::SystemTime;

use heaplab_core::{Config, Kind, Parameter};
use heaplab_report::{
    self as report, Environment, Measurement, Mode, Report, Status, StrategyEntry, StrategyKind,
    Time, Tool, stats,
};

use super::throughput::to_f64;
use super::timestamp::rfc3339;
use super::timing::Timing;
use super::{Cell, Run};
use crate::HeapSize;
use crate::contestant::Contestant;
use crate::progress::Phase;
use crate::replay::Replayed;

/// Fewer rounds have no interval.
const ROUNDS_FOR_INTERVAL: u32 = 6;

/// Unlimited cells of a report whose series and trends stay as they were taken. What more of them there are share the
/// points of so many, since a report is read, sent and put into a page as a whole.
const WHOLE_SERIES: usize = 32;

/// No series becomes shorter, and no trend has fewer parts.
const FEWEST_POINTS: usize = 64;
const FEWEST_PARTS: usize = 8;

impl Run<'_> {
    pub(super) fn assemble(mut self, created: SystemTime, environment: Environment) -> Report {
        self.add_warnings(&environment);
        let complete =
            !self.progress.interrupted() && self.cells.iter().all(|cell| cell.replayed.is_some());
        let cells = self.report_cells();
        let warnings = std::mem::take(&mut self.warnings).finish();
        Report {
            complete,
            created_at: rfc3339(created),
            duration_ns: u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX),
            warnings,
            tool: Tool { version: env!("CARGO_PKG_VERSION").into(), ..Tool::default() },
            environment,
            measurement: self.measurement(),
            traces: self.workloads.iter().map(super::workload::Workload::entry).collect(),
            strategies: self.contestants.iter().map(strategy).collect(),
            cells,
            ..Report::default()
        }
    }

    fn add_warnings(&mut self, environment: &Environment) {
        let mut ids = Vec::new();
        for cell in self.cells.iter().filter(|cell| cell.replayed.is_some()) {
            let timed_out = |(_, timing): &(_, Option<&Timing>)| {
                outcome(cell, *timing).is_some_and(|it| it.status == Status::Timeout)
            };
            ids.extend(cell.in_report().filter(timed_out).map(|(mode, _)| self.id_in(cell, mode)));
        }
        if !ids.is_empty() {
            self.warnings.add(
                "timeout",
                "cells took longer than their share of the time budget",
                ids,
            );
        }
        if !self.plan.times_anything() {
            return;
        }
        if self.plan.passes.throughput && self.rounds < ROUNDS_FOR_INTERVAL {
            let text = format!("too few rounds for intervals: {} of at least 6", self.rounds);
            self.warnings.add("few_rounds", &text, Vec::new());
        }
        if !self.plan.passes.verify {
            self.warnings.add("unverified", "nothing was verified before it was timed", Vec::new());
        }
        self.warnings.about(environment);
    }

    fn measurement(&self) -> Measurement {
        let passes = self.plan.passes;
        let ran = [
            (true, Phase::Space),
            (passes.verify, Phase::Verify),
            (passes.throughput, Phase::Throughput),
            (self.has_timed_singly(), Phase::Latency),
            (self.plan.instructions.is_some(), Phase::Instructions),
        ];
        Measurement {
            rounds: self.rounds,
            warmup_rounds: if passes.throughput { self.plan.warmup_rounds } else { 0 },
            processes: 1,
            order: "interleaved".into(),
            order_seed: Some(self.plan.order_seed),
            pinned_cpu: self.plan.pinned_cpu.filter(|_| self.plan.times_anything()),
            passes: ran
                .iter()
                .filter(|(did_run, _)| *did_run)
                .map(|(_, phase)| phase.as_str().into())
                .collect(),
            confidence_level: stats::CONFIDENCE,
            noise_floor_ratio: self.noise_floor(),
            control: self.control(),
            bootstrap: None,
        }
    }

    fn report_cells(&self) -> Vec<report::Cell> {
        let clock_cost_ns = self.clock_cost_ns().unwrap_or(0);
        let of = |cell| {
            Cell::in_report(cell)
                .filter_map(move |(mode, timing)| self.cell(cell, mode, timing, clock_cost_ns))
        };
        self.cells.iter().flat_map(of).collect()
    }

    /// A cell with payload has the placements of its cell without, and so the same space.
    fn cell(
        &self,
        cell: &Cell,
        mode: Mode,
        timing: Option<&Timing>,
        clock_cost_ns: u64,
    ) -> Option<report::Cell> {
        let replayed = cell.replayed.as_ref()?;
        let latencies = timing.and_then(|timing| timing.latencies.as_ref());
        let instructions = timing.and_then(|timing| timing.instructions);
        Some(report::Cell {
            id: self.id_in(cell, mode),
            trace: self.workloads[cell.trace].name.clone(),
            strategy: self.contestants[cell.contestant].name.into(),
            heap: cell.heap.to_spec(cell.heap_bytes),
            granule_bytes: self.plan.granule.bytes(),
            threads: 1,
            mode,
            outcome: outcome(cell, timing)?.clone(),
            verified: cell.verified,
            space: self.space_of(cell, replayed),
            relocations: replayed.relocations,
            time: timing.and_then(|timing| self.time(cell, timing)),
            latency: latencies.and_then(|it| self.latency_of(it, clock_cost_ns)),
            counters: instructions.map(|count| report::Counters {
                instructions: Some(count),
                ..report::Counters::default()
            }),
            series: if mode == Mode::Placement { self.series(cell) } else { None },
            trends: self.trends(cell, mode, replayed),
            placement_hash: replayed.placement_hash.clone(),
        })
    }

    /// How many cells without limit there are.
    fn unlimited_cells(&self) -> usize {
        self.cells.iter().filter(|cell| cell.heap == HeapSize::Unlimited).count()
    }

    /// Whether figures that can be had from the unlimited cell are left out.
    fn is_crowded(&self) -> bool {
        self.unlimited_cells() > WHOLE_SERIES
    }

    /// The unlimited cell of the same trace and contestant.
    fn unlimited(&self, cell: &Cell) -> Option<&Replayed> {
        let is_it = |other: &&Cell| {
            (other.trace, other.contestant, other.heap)
                == (cell.trace, cell.contestant, HeapSize::Unlimited)
        };
        self.cells.iter().find(is_it)?.replayed.as_ref()
    }

    /// Whether a limited heap came to the same placements as the unlimited one.
    fn is_as_unlimited(&self, cell: &Cell, replayed: &Replayed) -> bool {
        let hash = |it: &Replayed| it.placement_hash.clone();
        cell.heap != HeapSize::Unlimited
            && hash(replayed).is_some()
            && self.unlimited(cell).and_then(hash) == hash(replayed)
    }

    /// The series of the unlimited cell, and of the timed heaps whose placements are others: one in every cell would be
    /// nine tenths of the report, and most of them the same.
    fn series(&self, cell: &Cell) -> Option<report::Series> {
        let replayed = cell.replayed.as_ref()?;
        let is_kept = cell.heap == HeapSize::Unlimited
            || (!self.is_crowded()
                && self.plan.timed_heaps.contains(&cell.heap)
                && !self.is_as_unlimited(cell, replayed));
        let mut series = replayed.series.clone().filter(|_| is_kept)?;
        let most = report::Series::MAX_POINTS as usize;
        series.thin((most * WHOLE_SERIES / self.unlimited_cells().max(1)).max(FEWEST_POINTS));
        Some(series)
    }

    /// Trends stand in the unlimited cell alone.
    fn trends(&self, cell: &Cell, mode: Mode, replayed: &Replayed) -> Vec<report::Trend> {
        if cell.heap != HeapSize::Unlimited || mode != Mode::Placement {
            return Vec::new();
        }
        let most = FEWEST_PARTS * 8;
        let parts = (most * WHOLE_SERIES / self.unlimited_cells().max(1)).max(FEWEST_PARTS);
        let mut trends = replayed.trends.clone();
        let parts = u32::try_from(parts).unwrap_or(u32::MAX);
        trends.iter_mut().for_each(|trend| trend.thin(parts));
        trends
    }

    /// Histograms beside that of the end stand in the unlimited cell alone, as the trends do; in a crowded report the
    /// shapes, too, where the placements are the same.
    fn space_of(&self, cell: &Cell, replayed: &Replayed) -> Option<report::Space> {
        let mut space = replayed.space.clone()?;
        if cell.heap != HeapSize::Unlimited {
            for shape in [&mut space.at_peak, &mut space.mean].into_iter().flatten() {
                shape.hole_histogram.clear();
            }
            if self.is_crowded() && self.is_as_unlimited(cell, replayed) {
                (space.at_peak, space.mean) = (None, None);
                space.hole_histogram.clear();
            }
        }
        Some(space)
    }

    #[expect(clippy::cast_precision_loss, reason = "no trace has 2^53 operations")]
    fn time(&self, cell: &Cell, timing: &Timing) -> Option<Time> {
        let operations = self.workloads[cell.trace].operations();
        let samples: Vec<f64> =
            to_f64(&timing.samples_ns).iter().map(|ns| ns / operations as f64).collect();
        let interval = stats::median_interval(&samples, stats::CONFIDENCE);
        Some(Time {
            samples_ns: timing.samples_ns.clone(),
            process_rounds: Vec::new(),
            operations,
            median_ns_per_operation: stats::median(&samples)?,
            ci_ns: interval.map(|it| [it.lower, it.upper]),
        })
    }
}

/// How the cell ended in the way in which it is timed there.
fn outcome<'a>(cell: &'a Cell, timing: Option<&'a Timing>) -> Option<&'a report::Outcome> {
    let failure = timing.and_then(|timing| timing.failure.as_ref());
    failure.filter(|_| cell.is_ok()).or(cell.replayed.as_ref().map(|it| &it.outcome))
}

pub(super) fn strategy(contestant: &Contestant) -> StrategyEntry {
    let capabilities = &contestant.capabilities;
    let value = |parameter: &Parameter, config: &Config| {
        // The values have been checked when the run was prepared.
        config.value(parameter).unwrap_or(parameter.default)
    };
    StrategyEntry {
        name: contestant.name.into(),
        crate_name: capabilities.package.into(),
        version: capabilities.version.into(),
        kind: match capabilities.kind {
            Kind::Strategy => StrategyKind::Strategy,
            Kind::Floor => StrategyKind::Floor,
            Kind::Peer => StrategyKind::Peer,
        },
        parameters: capabilities
            .parameters
            .iter()
            .map(|it| (it.name.into(), value(it, &contestant.config).into()))
            .collect(),
        description: capabilities.description.into(),
        source: (!capabilities.source.is_empty()).then(|| capabilities.source.into()),
        moves: capabilities.relocates,
        thread_safe: false,
    }
}
