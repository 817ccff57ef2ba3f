//! What a parameter buys: the smallest heaps of strategies that move blocks, value by value.

use std::sync::Arc;
use std::time::{Duration, Instant};

use heaplab_core::{Kind, Parameter};
use heaplab_report::{Curve, CurvePoint};
use heaplab_trace::TraceError;

use super::Run;
use crate::HeapSize;
use crate::min_heap::{ISOLATED_GRACE, Job, Sought, perform};
use crate::plan::RunError;
use crate::progress::Phase;

/// When the curves must have ended, in percent of the time budget. What was not begun by then is left out.
const CURVES_END_PERCENT: u32 = 39;

/// Values beside the default, as powers of two that divide and multiply it.
const HALVINGS: u32 = 2;
const DOUBLINGS: u32 = 3;

/// Heaps are told apart to this part of what lies between peak live and the mark without a limit.
const STEPS: u64 = 16;

/// What is not done so long after its share ended is left behind.
const GRACE: Duration = Duration::from_secs(5);

/// One curve to be.
struct Wanted {
    trace: usize,
    sought: Sought,
    parameter: Parameter,
    /// The mark in a heap without limit: in so many bytes the trace completes whatever the value.
    high_water_bytes: u64,
}

impl Run<'_> {
    /// The curves over the first parameter of each strategy that moves blocks of its own accord.
    pub(super) fn curves(&self) -> Result<Vec<Curve>, RunError> {
        let wanted: Vec<Wanted> = (0..self.cells.len()).filter_map(|it| self.wanted(it)).collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let names = wanted.iter().map(|it| {
            (it.sought.contestant.name, it.parameter.name, self.workloads[it.trace].name.clone())
        });
        let names: Vec<_> = names.collect();
        let jobs = wanted.into_iter().zip(&names).map(|(wanted, (strategy, parameter, trace))| {
            let label = format!("{strategy}.{parameter}/{trace}");
            let grace = if wanted.sought.isolated.is_some() { ISOLATED_GRACE } else { GRACE };
            Job { label, grace, work: Box::new(move |deadline| wanted.points(deadline)) }
        });
        let jobs: Vec<_> = jobs.collect();
        self.progress.begin(Phase::MinHeap, jobs.len() as u64);
        let end = self.phase_end(CURVES_END_PERCENT);
        let results = perform(jobs, self.plan.jobs, end, Duration::ZERO, self.progress)?;
        let mut curves = Vec::new();
        for ((strategy, parameter, trace), points) in names.into_iter().zip(results) {
            let Some(points) = points.transpose()?.flatten() else { continue };
            let (strategy, parameter) = (strategy.into(), parameter.into());
            curves.push(Curve { strategy, trace, parameter, points });
        }
        Ok(curves)
    }

    /// The curve that goes with an unlimited cell.
    fn wanted(&self, index: usize) -> Option<Wanted> {
        let cell = &self.cells[index];
        let contestant = &self.contestants[cell.contestant];
        let capabilities = &contestant.capabilities;
        let moves = capabilities.kind == Kind::Strategy && capabilities.relocates;
        let parameter = *capabilities.parameters.first().filter(|_| moves)?;
        let space = cell.replayed.as_ref().filter(|_| cell.is_ok())?.space.as_ref()?;
        let workload = &self.workloads[cell.trace];
        (cell.heap == HeapSize::Unlimited).then_some(Wanted {
            trace: cell.trace,
            sought: Sought {
                contestant: contestant.clone(),
                isolated: self.processes_for(cell.contestant),
                source: Arc::clone(&workload.source),
                lower_bound_bytes: workload.peak_live_bytes.max(self.plan.granule.bytes()),
                timeout: None,
            },
            parameter,
            high_water_bytes: space.high_water_bytes?,
        })
    }
}

impl Wanted {
    /// The points by rising value; `None` where time runs out.
    ///
    /// They are found by falling value: each heap is looked for below the one before, and where peak live itself
    /// suffices smaller values have nothing to gain.
    fn points(mut self, deadline: Instant) -> Result<Option<Vec<CurvePoint>>, TraceError> {
        let lower_bytes = self.sought.lower_bound_bytes;
        let mut upper_bytes = self.high_water_bytes.max(lower_bytes);
        let step_bytes = (upper_bytes - lower_bytes) / STEPS;
        let config = self.sought.contestant.config.clone();
        let mut points = Vec::new();
        for value in values(&self.parameter).into_iter().rev() {
            self.sought.contestant.config =
                config.clone().with_parameter(self.parameter.name, value);
            let found = self.sought.narrowed(lower_bytes, upper_bytes, step_bytes, deadline)?;
            let Some(heap_bytes) = found else { return Ok(None) };
            // Where more is allowed the heap before should do too, but only this replay shows that it does.
            let moved = self.sought.compaction_bytes(heap_bytes, deadline)?;
            let Some(compaction_bytes) = moved else { return Ok(None) };
            points.push(CurvePoint { value, heap_bytes, compaction_bytes });
            upper_bytes = heap_bytes;
            if heap_bytes == lower_bytes {
                break;
            }
        }
        points.reverse();
        Ok(Some(points))
    }
}

/// The default, and values around it that the parameter allows.
fn values(parameter: &Parameter) -> Vec<u64> {
    let Parameter { default, min, max, .. } = *parameter;
    let below = (1..=HALVINGS).rev().map(|shift| default >> shift);
    let above = (0..=DOUBLINGS).map(|shift| default.saturating_mul(1 << shift));
    let mut values: Vec<u64> = below.chain(above).map(|it| it.clamp(min, max)).collect();
    values.dedup();
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lie_around_the_default_and_within_the_bounds() {
        let parameter = |default, min, max| Parameter {
            name: "c",
            unit: "",
            default,
            min,
            max,
            description: "",
        };
        assert_eq!(values(&parameter(8, 1, 1 << 20)), [2, 4, 8, 16, 32, 64]);
        assert_eq!(values(&parameter(2, 1, 9)), [1, 2, 4, 8, 9]);
        assert_eq!(values(&parameter(0, 0, 0)), [0]);
    }
}
