//! Several reports as one: other traces, strategies or heaps beside each other, and more processes for the same cells.

use std::collections::BTreeMap;

use crate::compare::{Obstacle, obstacles};
use crate::model::{Cell, Curve, HeapMap, MergedReport, Report, Status, Time};
use crate::stats::{CONFIDENCE, median, median_interval};
use crate::view::Selection;

/// Why reports cannot become one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// There is nothing to merge.
    #[error("no report to merge")]
    Nothing,
    /// One report was given twice: its samples would count double.
    #[error(
        "report {report} is the same as report {first}, or a part of it: its samples would count twice"
    )]
    Twice {
        /// Position of the second one, from 1.
        report: usize,
        /// Position of the first.
        first: usize,
    },
    /// Times were measured in ways that cannot stand in one table.
    #[error(
        "the times of report {report} and of report 1 cannot stand beside each other: {obstacle}"
    )]
    Times {
        /// Position of the report that does not fit, from 1.
        report: usize,
        /// What is in the way.
        obstacle: Obstacle,
    },
    /// One name stands for two things.
    #[error("{kind} '{name}' of report {report} is not that of the reports before: {what}")]
    Name {
        /// `trace` or `strategy`.
        kind: &'static str,
        /// The name.
        name: String,
        /// Position of the report that does not fit, from 1.
        report: usize,
        /// What differs.
        what: String,
    },
    /// A cell was measured twice, and the exact figures differ.
    #[error("cell {id} of report {report} is not that of the reports before: {what}")]
    Cell {
        /// Its id.
        id: String,
        /// Position of the report that does not fit, from 1.
        report: usize,
        /// What differs.
        what: &'static str,
    },
}

/// Joins reports to one.
///
/// A cell that occurs in several keeps its exact figures, which must be equal, and gets the samples of all, process by
/// process ([`Time::process_rounds`]). With `keep_times` all times must come from one machine and equal builds; without
/// it, times, latencies and counters are left out, and reports of any machines can be joined.
///
/// # Errors
/// [`MergeError`]: times that cannot stand in one report, one report twice, or one name for two things.
pub fn merge(reports: &[Report], keep_times: bool) -> Result<Report, MergeError> {
    let Some(first) = reports.first() else { return Err(MergeError::Nothing) };
    check_twice(reports)?;
    for (index, report) in reports.iter().enumerate().skip(1) {
        let found = obstacles(first, report, &Selection::default()).into_iter();
        let mut found = found.filter(|it| !matches!(it, Obstacle::Traces { .. }));
        if let Some(obstacle) = found.next().filter(|_| keep_times) {
            return Err(MergeError::Times { report: index + 1, obstacle });
        }
    }
    let mut merged = Report {
        cells: Vec::new(),
        curves: Vec::new(),
        // They were claimed of runs, and what was joined is none.
        expectations: Vec::new(),
        maps: Vec::new(),
        traces: Vec::new(),
        strategies: Vec::new(),
        warnings: Vec::new(),
        merged_from: reports.iter().flat_map(sources).collect(),
        complete: reports.iter().all(|report| report.complete),
        duration_ns: reports.iter().fold(0, |sum, it| sum.saturating_add(it.duration_ns)),
        suite: first
            .suite
            .clone()
            .filter(|it| reports.iter().all(|report| report.suite.as_ref() == Some(it))),
        ..first.clone()
    };
    if let Some(earliest) = reports.iter().map(|report| &report.created_at).min() {
        merged.created_at.clone_from(earliest);
    }
    for (index, report) in reports.iter().enumerate() {
        join_subjects(&mut merged, report, index + 1)?;
    }
    join_cells(&mut merged, reports, keep_times)?;
    join_curves(&mut merged, reports);
    join_maps(&mut merged, reports);
    measurement(&mut merged, reports, keep_times);
    merged.seal();
    Ok(merged)
}

/// Each curve once.
fn join_curves(merged: &mut Report, reports: &[Report]) {
    for curve in reports.iter().flat_map(|report| &report.curves) {
        let is_same = |known: &Curve| {
            (&known.trace, &known.strategy, &known.parameter)
                == (&curve.trace, &curve.strategy, &curve.parameter)
        };
        if !merged.curves.iter().any(is_same) {
            merged.curves.push(curve.clone());
        }
    }
}

/// Each map once: equal cells have equal maps.
fn join_maps(merged: &mut Report, reports: &[Report]) {
    for map in reports.iter().flat_map(|report| &report.maps) {
        let is_same = |known: &HeapMap| {
            (&known.trace, &known.strategy, &known.heap) == (&map.trace, &map.strategy, &map.heap)
                && (known.from_operation, known.to_operation, known.steps.is_some())
                    == (map.from_operation, map.to_operation, map.steps.is_some())
        };
        if !merged.maps.iter().any(is_same) {
            merged.maps.push(map.clone());
        }
    }
}

/// The runs behind a report: itself, or those it was merged from.
fn sources(report: &Report) -> Vec<MergedReport> {
    if !report.merged_from.is_empty() {
        return report.merged_from.clone();
    }
    vec![MergedReport {
        id: report.id.clone(),
        created_at: report.created_at.clone(),
        environment_id: report.environment.id.clone(),
    }]
}

fn check_twice(reports: &[Report]) -> Result<(), MergeError> {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (index, report) in reports.iter().enumerate() {
        for source in sources(report).into_iter().filter(|it| !it.id.is_empty()) {
            if let Some(first) = known.insert(source.id, index + 1) {
                return Err(MergeError::Twice { report: index + 1, first });
            }
        }
    }
    Ok(())
}

fn join_subjects(merged: &mut Report, report: &Report, number: usize) -> Result<(), MergeError> {
    let differs = |kind, name: &str, what: &str| MergeError::Name {
        kind,
        name: name.into(),
        report: number,
        what: what.into(),
    };
    for trace in &report.traces {
        match merged.traces.iter_mut().find(|known| known.name == trace.name) {
            Some(known) if known.hash != trace.hash => {
                return Err(differs("trace", &trace.name, "it holds other operations"));
            }
            // What one run found out about a trace, such as a better bound, holds for all.
            Some(known) => known.bounds = known.bounds.or(trace.bounds),
            None => merged.traces.push(trace.clone()),
        }
    }
    for entry in &report.strategies {
        match merged.strategies.iter().find(|known| known.name == entry.name) {
            Some(known) if known.parameters != entry.parameters => {
                return Err(differs("strategy", &entry.name, "it has other parameters"));
            }
            Some(known) if known.version != entry.version => {
                let what = format!("version {} and not {}", entry.version, known.version);
                return Err(differs("strategy", &entry.name, &what));
            }
            Some(_) => {}
            None => merged.strategies.push(entry.clone()),
        }
    }
    for metric in &report.metrics {
        if merged.metrics.iter().all(|known| known.name != metric.name) {
            merged.metrics.push(metric.clone());
        }
    }
    for warning in &report.warnings {
        let same = |known: &&mut crate::Warning| {
            (&known.code, &known.text) == (&warning.code, &warning.text)
        };
        match merged.warnings.iter_mut().find(same) {
            // None named means all of its report; of several reports it is still more than a few.
            Some(known) if known.cells.is_empty() || warning.cells.is_empty() => {
                known.cells.clear();
            }
            Some(known) => {
                for id in &warning.cells {
                    if !known.cells.contains(id) {
                        known.cells.push(id.clone());
                    }
                }
            }
            None => merged.warnings.push(warning.clone()),
        }
    }
    Ok(())
}

/// The same cell of several reports; its samples by source.
#[derive(Debug)]
struct Joined {
    cell: Cell,
    samples: Vec<Vec<u64>>,
    operations: Option<u64>,
}

fn join_cells(merged: &mut Report, reports: &[Report], keep_times: bool) -> Result<(), MergeError> {
    let mut order: Vec<Joined> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut before = 0;
    let all = merged.merged_from.len();
    for (number, report) in reports.iter().enumerate() {
        let own = sources(report).len();
        for cell in &report.cells {
            let index = *known.entry(cell.id.clone()).or_insert(order.len());
            if index == order.len() {
                let cell = cell.clone();
                order.push(Joined { cell, samples: vec![Vec::new(); all], operations: None });
            }
            order[index].add(cell, before, own).map_err(|what| MergeError::Cell {
                id: cell.id.clone(),
                report: number + 1,
                what,
            })?;
        }
        before += own;
    }
    let position = |names: &[&str], name: &str| names.iter().position(|known| *known == name);
    let traces: Vec<&str> = merged.traces.iter().map(|it| it.name.as_str()).collect();
    let strategies: Vec<&str> = merged.strategies.iter().map(|it| it.name.as_str()).collect();
    order.sort_by_cached_key(|it| {
        (position(&traces, &it.cell.trace), position(&strategies, &it.cell.strategy))
    });
    merged.cells = order.into_iter().map(|it| it.finish(keep_times)).collect();
    Ok(())
}

impl Joined {
    fn add(&mut self, cell: &Cell, before: usize, own: usize) -> Result<(), &'static str> {
        let known = &mut self.cell;
        if (known.granule_bytes, known.threads, known.heap.bytes)
            != (cell.granule_bytes, cell.threads, cell.heap.bytes)
        {
            return Err("another granule, number of threads, or heap");
        }
        if let (Some(one), Some(other)) = (&known.placement_hash, &cell.placement_hash)
            && one != other
        {
            return Err("other placements");
        }
        let high_water = |cell: &Cell| cell.space.as_ref().and_then(|it| it.high_water_bytes);
        if known.placement_hash.is_some()
            && known.placement_hash == cell.placement_hash
            && high_water(known).zip(high_water(cell)).is_some_and(|(one, other)| one != other)
        {
            return Err("another high-water mark, though the placements are the same");
        }
        if known.outcome.status == Status::Timeout && cell.outcome.status != Status::Timeout {
            // Whoever had the time knows how it ends; what was timed already stays.
            *known = cell.clone();
        } else if cell.outcome.status != Status::Timeout
            && known.outcome.status != cell.outcome.status
        {
            return Err("another outcome");
        }
        known.verified = known.verified.or(cell.verified);
        if known.latency.is_none() {
            known.latency.clone_from(&cell.latency);
        }
        known.counters = known.counters.or(cell.counters);
        let Some(time) = &cell.time else { return Ok(()) };
        if self.operations.replace(time.operations).is_some_and(|known| known != time.operations) {
            return Err("another number of operations");
        }
        let mut rest = time.samples_ns.as_slice();
        let whole = [u32::try_from(rest.len()).unwrap_or(u32::MAX)];
        let parts = if own == 1 { &whole[..] } else { &time.process_rounds };
        for (process, &rounds) in parts.iter().enumerate().take(own) {
            let (samples, others) = rest.split_at((rounds as usize).min(rest.len()));
            self.samples[before + process] = samples.to_vec();
            rest = others;
        }
        Ok(())
    }

    fn finish(mut self, keep_times: bool) -> Cell {
        self.cell.time = None;
        if !keep_times {
            self.cell.latency = None;
            self.cell.counters = None;
        } else if let Some(operations) = self.operations {
            self.cell.time = pooled(&self.samples, operations);
        }
        self.cell
    }
}

#[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
fn pooled(by_process: &[Vec<u64>], operations: u64) -> Option<Time> {
    let samples_ns = by_process.concat();
    let per_operation: Vec<f64> =
        samples_ns.iter().map(|&ns| ns as f64 / operations.max(1) as f64).collect();
    let rounds = |samples: &Vec<u64>| u32::try_from(samples.len()).unwrap_or(u32::MAX);
    Some(Time {
        process_rounds: if by_process.len() > 1 {
            by_process.iter().map(rounds).collect()
        } else {
            Vec::new()
        },
        operations,
        median_ns_per_operation: median(&per_operation)?,
        ci_ns: median_interval(&per_operation, CONFIDENCE).map(|it| [it.lower, it.upper]),
        samples_ns,
    })
}

fn measurement(merged: &mut Report, reports: &[Report], keep_times: bool) {
    let times = merged.cells.iter().filter_map(|cell| cell.time.as_ref());
    let most = times.map(|time| time.samples_ns.len()).max().unwrap_or(0);
    let measurement = &mut merged.measurement;
    measurement.rounds = u32::try_from(most).unwrap_or(u32::MAX);
    measurement.processes =
        reports.iter().fold(0, |sum, it| sum.saturating_add(it.measurement.processes.max(1)));
    // A run's own noise: the usual one stands for all, as each run now counts as one sample.
    let floors: Vec<f64> =
        reports.iter().filter_map(|it| it.measurement.noise_floor_ratio).collect();
    measurement.noise_floor_ratio =
        median(&floors).filter(|_| keep_times && floors.len() == reports.len());
    if reports.len() > 1 {
        measurement.control = None;
    }
    for pass in reports.iter().flat_map(|it| &it.measurement.passes) {
        if !measurement.passes.contains(pass) {
            measurement.passes.push(pass.clone());
        }
    }
    if !keep_times {
        measurement.passes.retain(|pass| pass == "space" || pass == "verify");
    }
}
