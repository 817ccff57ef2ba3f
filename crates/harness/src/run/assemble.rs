//! The report of what was measured.

use std::time::SystemTime;

use heaplab_core::{Config, Kind, Parameter};
use heaplab_report::{
    self as report, Environment, Measurement, Mode, Report, Status, StrategyEntry, StrategyKind,
    Time, Tool, stats,
};

use super::throughput::to_f64;
use super::timestamp::rfc3339;
use super::{Cell, Run};
use crate::HeapSize;
use crate::contestant::Contestant;
use crate::progress::Phase;

/// Fewer rounds have no interval.
const ROUNDS_FOR_INTERVAL: u32 = 6;

impl Run<'_> {
    pub(super) fn assemble(mut self, created: SystemTime, environment: Environment) -> Report {
        self.add_warnings(&environment);
        let complete =
            !self.progress.interrupted() && self.cells.iter().all(|cell| cell.replayed.is_some());
        let cells = self.cells.iter().filter_map(|cell| self.cell(cell)).collect();
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
        let timed_out = |cell: &&Cell| {
            cell.replayed.as_ref().is_some_and(|it| it.outcome.status == Status::Timeout)
        };
        let ids: Vec<String> =
            self.cells.iter().filter(timed_out).map(|cell| self.id(cell)).collect();
        if !ids.is_empty() {
            self.warnings.add(
                "timeout",
                "cells took longer than their share of the time budget",
                ids,
            );
        }
        if !self.plan.passes.throughput {
            return;
        }
        if self.rounds < ROUNDS_FOR_INTERVAL {
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
        ];
        Measurement {
            rounds: self.rounds,
            warmup_rounds: if passes.throughput { self.plan.warmup_rounds } else { 0 },
            processes: 1,
            order: "interleaved".into(),
            order_seed: Some(self.plan.order_seed),
            pinned_cpu: None,
            passes: ran
                .iter()
                .filter(|(did_run, _)| *did_run)
                .map(|(_, phase)| phase.as_str().into())
                .collect(),
            confidence_level: stats::CONFIDENCE,
            noise_floor_ratio: None,
            bootstrap: None,
        }
    }

    fn cell(&self, cell: &Cell) -> Option<report::Cell> {
        let replayed = cell.replayed.as_ref()?;
        Some(report::Cell {
            id: self.id(cell),
            trace: self.workloads[cell.trace].name.clone(),
            strategy: self.contestants[cell.contestant].name.into(),
            heap: cell.heap.to_spec(cell.heap_bytes),
            granule_bytes: self.plan.granule.bytes(),
            threads: 1,
            mode: Mode::Placement,
            outcome: replayed.outcome.clone(),
            verified: cell.verified,
            space: replayed.space.clone(),
            relocations: replayed.relocations,
            time: self.time(cell),
            latency: None,
            counters: None,
            series: self.series(cell),
            placement_hash: replayed.placement_hash.clone(),
        })
    }

    /// The series of the unlimited cell, and of the timed heaps whose placements are others: one in every cell would be
    /// nine tenths of the report, and most of them the same.
    fn series(&self, cell: &Cell) -> Option<report::Series> {
        let replayed = cell.replayed.as_ref()?;
        let is_unlimited = |other: &&Cell| {
            (other.trace, other.contestant, other.heap)
                == (cell.trace, cell.contestant, HeapSize::Unlimited)
        };
        let unlimited = self.cells.iter().find(is_unlimited)?.replayed.as_ref();
        let is_other = || {
            unlimited.is_none_or(|unlimited| unlimited.placement_hash != replayed.placement_hash)
        };
        let is_kept = cell.heap == HeapSize::Unlimited
            || (self.plan.timed_heaps.contains(&cell.heap) && is_other());
        if is_kept { replayed.series.clone() } else { None }
    }

    #[expect(clippy::cast_precision_loss, reason = "no trace has 2^53 operations")]
    fn time(&self, cell: &Cell) -> Option<Time> {
        let operations = self.workloads[cell.trace].operations();
        let samples: Vec<f64> =
            to_f64(&cell.samples_ns).iter().map(|ns| ns / operations as f64).collect();
        let interval = stats::median_interval(&samples, stats::CONFIDENCE);
        Some(Time {
            samples_ns: cell.samples_ns.clone(),
            operations,
            median_ns_per_operation: stats::median(&samples)?,
            ci_ns: interval.map(|it| [it.lower, it.upper]),
        })
    }
}

fn strategy(contestant: &Contestant) -> StrategyEntry {
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
