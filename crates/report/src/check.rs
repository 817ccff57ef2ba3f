//! What a report must satisfy beyond its types.

use std::cell::Cell as Flag;
use std::collections::HashSet;
use std::io;

use serde::Serialize as _;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

use crate::model::{Band, Cell, Report, SCHEMA, Series, Status, TraceEntry, Trend};

impl Report {
    /// Every contradiction inside the report, in words; empty for a sound one.
    ///
    /// Found are names that lead nowhere or occur twice, counts that do not fit each other,
    /// figures that a failed cell cannot have, and numbers that are not finite.
    /// O(n log n) in the size of the report.
    pub fn check(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.schema != SCHEMA {
            problems.push(format!("schema: expected {SCHEMA:?}, found {:?}", self.schema));
        }
        unique(&mut problems, "metrics", self.metrics.iter().map(|metric| &metric.name));
        unique(&mut problems, "traces", self.traces.iter().map(|trace| &trace.name));
        unique(&mut problems, "strategies", self.strategies.iter().map(|entry| &entry.name));
        let cells = unique(&mut problems, "cells", self.cells.iter().map(|cell| &cell.id));
        for warning in &self.warnings {
            for id in warning.cells.iter().filter(|id| !cells.contains(id.as_str())) {
                problems.push(format!("warnings: {}: no cell has the id {id:?}", warning.code));
            }
        }
        if let Some(control) = &self.measurement.control {
            if self.strategy(&control.strategy).is_none() {
                problems.push(format!("control: no strategy is named {:?}", control.strategy));
            }
            for second in &control.cells {
                let id = Cell::id_of(&control.strategy, &second.trace, &second.heap, second.mode);
                if !cells.contains(id.as_str()) {
                    problems.push(format!("control: no cell has the id {id:?}"));
                }
            }
        }
        let measurement = &self.measurement;
        if !(0.0..1.0).contains(&measurement.confidence_level) {
            let level = measurement.confidence_level;
            problems.push(format!("measurement: confidence of {level}, expected 0 to 1"));
        }
        if let Some(noise) = measurement.noise_floor_ratio.filter(|it| !(0.0..1e6).contains(it)) {
            problems
                .push(format!("measurement: noise floor ratio of {noise:e}, expected 0 to 1e6"));
        }
        for cell in &self.cells {
            let trace = self.trace(&cell.trace);
            let mut found = Vec::new();
            if trace.is_none() {
                found.push(format!("no trace is named {:?}", cell.trace));
            }
            if self.strategy(&cell.strategy).is_none() {
                found.push(format!("no strategy is named {:?}", cell.strategy));
            }
            check_outcome(cell, trace, &mut found);
            check_figures(cell, &mut found);
            problems.extend(found.into_iter().map(|text| format!("cells: {}: {text}", cell.id)));
        }
        self.check_curves(&mut problems);
        self.check_maps(&mut problems);
        problems.extend(self.not_finite());
        problems
    }

    fn check_curves(&self, problems: &mut Vec<String>) {
        for curve in &self.curves {
            let name = format!("{}/{}/{}", curve.strategy, curve.trace, curve.parameter);
            if self.trace(&curve.trace).is_none() {
                problems.push(format!("curves: {name}: no trace is named {:?}", curve.trace));
            }
            if self.strategy(&curve.strategy).is_none() {
                problems.push(format!("curves: {name}: no strategy is named {:?}", curve.strategy));
            }
        }
    }

    fn check_maps(&self, problems: &mut Vec<String>) {
        for map in &self.maps {
            let name = format!("{}/{}/{}", map.strategy, map.trace, map.heap.spec);
            if self.trace(&map.trace).is_none() {
                problems.push(format!("maps: {name}: no trace is named {:?}", map.trace));
            }
            if self.strategy(&map.strategy).is_none() {
                problems.push(format!("maps: {name}: no strategy is named {:?}", map.strategy));
            }
            problems.extend(map.problem().map(|text| format!("maps: {name}: {text}")));
        }
    }

    /// Paths of numbers that JSON cannot hold: NaN and the infinities.
    pub(crate) fn not_finite(&self) -> Vec<String> {
        // Nearly always there are none, and a pass that keeps nothing can tell.
        let has_null = Flag::new(false);
        let written = self.serialize(&mut Serializer::with_formatter(io::sink(), Nulls(&has_null)));
        if written.is_ok() && !has_null.get() {
            return Vec::new();
        }
        let mut problems = Vec::new();
        match serde_json::to_value(self) {
            // No type of the report writes `null` on purpose, so each one stands for such a number.
            Ok(value) => find_null(&value, &mut String::new(), &mut problems),
            Err(error) => problems.push(format!("cannot be written as JSON: {error}")),
        }
        problems
    }
}

/// Tells whether JSON would hold a `null`.
struct Nulls<'a>(&'a Flag<bool>);

impl Formatter for Nulls<'_> {
    fn write_null<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.0.set(true);
        Ok(())
    }
}

fn find_null(value: &Value, path: &mut String, problems: &mut Vec<String>) {
    let len = path.len();
    match value {
        Value::Null => problems.push(format!("{path}: not a finite number")),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push_str(&format!("[{index}]"));
                find_null(item, path, problems);
                path.truncate(len);
            }
        }
        Value::Object(fields) => {
            for (key, item) in fields {
                if len > 0 {
                    path.push('.');
                }
                path.push_str(key);
                find_null(item, path, problems);
                path.truncate(len);
            }
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn unique<'a>(
    problems: &mut Vec<String>,
    list: &str,
    names: impl Iterator<Item = &'a String>,
) -> HashSet<&'a str> {
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(name.as_str()) {
            problems.push(format!("{list}: {name:?} occurs twice"));
        }
    }
    seen
}

fn check_outcome(cell: &Cell, trace: Option<&TraceEntry>, found: &mut Vec<String>) {
    let outcome = &cell.outcome;
    if outcome.status == Status::Ok && outcome.operation.is_some() {
        found.push("outcome: an operation failed, but the status is ok".into());
    }
    if let (Some(operation), Some(trace)) = (outcome.operation, trace) {
        let total = trace.operations.total();
        if operation >= total {
            found.push(format!("outcome: operation {operation} of a trace of {total} operations"));
        }
    }
    for (name, part) in
        [("largest hole", outcome.largest_hole_bytes), ("wilderness", outcome.wilderness_bytes)]
    {
        if let (Some(part), Some(free)) = (part, outcome.free_bytes)
            && part > free
        {
            found.push(format!("outcome: {name} of {part} bytes, but {free} bytes free"));
        }
    }
    let failed = outcome.status != Status::Ok;
    if failed && (cell.time.is_some() || cell.latency.is_some()) {
        found.push(format!("timed, but its outcome is {}", outcome.status.as_str()));
    }
}

fn check_figures(cell: &Cell, found: &mut Vec<String>) {
    if !cell.granule_bytes.is_power_of_two() {
        found.push(format!("granule of {} bytes is no power of two", cell.granule_bytes));
    }
    if let Some(high_water) = cell.space.as_ref().and_then(|space| space.high_water_bytes)
        && high_water > cell.heap.bytes
    {
        found.push(format!(
            "high-water mark of {high_water} bytes in a heap of {} bytes",
            cell.heap.bytes
        ));
    }
    if let Some(moved) = &cell.relocations
        && moved.compaction_bytes > moved.bytes
    {
        found.push(format!(
            "compaction moved {} bytes of {} moved",
            moved.compaction_bytes, moved.bytes
        ));
    }
    if let Some(time) = &cell.time {
        if time.samples_ns.is_empty() || time.operations == 0 {
            found.push("time: no samples or no operations".into());
        }
        let by_process: u64 = time.process_rounds.iter().copied().map(u64::from).sum();
        let samples = time.samples_ns.len();
        if !time.process_rounds.is_empty() && usize::try_from(by_process) != Ok(samples) {
            found.push(format!("time: {samples} samples, but the processes took {by_process}"));
        }
        let median = time.median_ns_per_operation;
        if median < 0.0 {
            found.push(format!("time: median of {median} ns an operation is below 0"));
        }
        if let Some([lower, upper]) = time.ci_ns
            && (lower > median || median > upper)
        {
            found.push(format!("time: median {median} outside its interval {lower} to {upper}"));
        }
    }
    if let Some(series) = &cell.series {
        check_series(series, found);
    }
    for trend in &cell.trends {
        check_trend(trend, found);
    }
}

fn check_series(series: &Series, found: &mut Vec<String>) {
    let points = usize::try_from(series.points).unwrap_or(usize::MAX);
    if series.points > Series::MAX_POINTS {
        found.push(format!("series: {points} points, at most {} are allowed", Series::MAX_POINTS));
    }
    if series.operation_index.len() != points {
        found.push(format!(
            "series: {} operation indexes for {points} points",
            series.operation_index.len()
        ));
    }
    for (name, values) in [
        ("live_bytes", &series.live_bytes),
        ("reserved_bytes", &series.reserved_bytes),
        ("holes", &series.holes),
    ] {
        if !values.is_empty() && values.len() != points {
            found.push(format!("series: {} {name} for {points} points", values.len()));
        }
    }
}

fn check_trend(trend: &Trend, found: &mut Vec<String>) {
    let parts = usize::try_from(trend.parts).unwrap_or(usize::MAX);
    if trend.parts > Trend::MAX_PARTS {
        found.push(format!("trends: {parts} parts, at most {} are allowed", Trend::MAX_PARTS));
    }
    for Band { name, low, high } in &trend.bands {
        if low.len() != parts || high.len() != parts {
            let (low, high) = (low.len(), high.len());
            found.push(format!("trends: {low} and {high} values of {name} for {parts} parts"));
        } else if low.iter().zip(high).any(|(low, high)| low > high) {
            found.push(format!("trends: the lowest {name} of a part is above its highest"));
        }
    }
}
