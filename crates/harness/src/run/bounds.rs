//! Bounds beside the cells: the smallest heap of each strategy where it can be known exactly, and the best plan known.

use std::sync::Arc;
use std::time::{Duration, Instant};

use heaplab_core::Kind;

use super::Run;
use super::workload::Workload;
use crate::HeapSize;
use crate::min_heap::{
    Certainty, ISOLATED_GRACE, Job, MinHeap, PlanSought, Sought, pack_trace, perform,
};
use crate::packing::Effort;
use crate::plan::RunError;
use crate::progress::Phase;

/// When the searches and then the plans must have ended, in percent of the time budget. What was not begun by then is left
/// out.
const HEAPS_END_PERCENT: u32 = 31;
const PLANS_END_PERCENT: u32 = 36;

/// The search for a better plan ends after about a second: more is the business of a search of its own.
const EFFORT: Effort = Effort { time: Duration::from_secs(10), looks: 400_000_000, seed: 1 };

/// What is not done so long after its share ended is left behind.
const GRACE: Duration = Duration::from_secs(14);

impl Run<'_> {
    /// Fills in what stands beside the unlimited cells: their strategies' smallest heaps, where one is exact, and the plan of
    /// each trace.
    pub(super) fn bounds(&mut self) -> Result<(), RunError> {
        let heaps = self.exact_heaps()?;
        let end = self.phase_end(PLANS_END_PERCENT);
        // A run that takes another one up knows some already.
        let unknown = |workload: &Workload| workload.offline_packing_bytes.is_none();
        let traces = self.workloads.iter().enumerate().filter(|(_, it)| unknown(it));
        let jobs = traces.map(|(trace, workload)| {
            let of_trace = heaps.iter().filter(|(cell, _)| self.cells[*cell].trace == trace);
            let sought = PlanSought {
                source: Arc::clone(&workload.source),
                granule: self.plan.granule,
                heaps: of_trace
                    .map(|&(cell, bytes)| {
                        (self.contestants[self.cells[cell].contestant].clone(), bytes)
                    })
                    .collect(),
                isolated: self.isolated.clone(),
            };
            let work = move |deadline: Instant| {
                let left = deadline.saturating_duration_since(Instant::now());
                pack_trace(&sought, &Effort { time: EFFORT.time.min(left), ..EFFORT })
            };
            let label = format!("plan/{}/bound", workload.name);
            Job { label, grace: GRACE, work: Box::new(work) }
        });
        let jobs: Vec<_> = jobs.collect();
        self.progress.begin(Phase::Packing, jobs.len() as u64);
        let results = perform(jobs, self.plan.jobs, end, Duration::ZERO, self.progress)?;
        let traces = self.workloads.iter_mut().filter(|workload| unknown(workload));
        for (workload, result) in traces.zip(results) {
            let packing = result.transpose()?.flatten();
            workload.offline_packing_bytes = packing.map(|packing| packing.bytes());
        }
        self.keeper.traces(&self.workloads);
        Ok(())
    }

    /// The unlimited cells whose strategies' smallest heaps are known exactly, with those.
    fn exact_heaps(&mut self) -> Result<Vec<(usize, u64)>, RunError> {
        let cells: Vec<usize> = (0..self.cells.len())
            .filter(|&index| {
                let cell = &self.cells[index];
                let kind = self.contestants[cell.contestant].capabilities.kind;
                cell.heap == HeapSize::Unlimited && kind == Kind::Strategy && cell.is_ok()
            })
            .collect();
        let known_heap = |&index: &usize| {
            let space = self.cells[index].replayed.as_ref()?.space.as_ref()?;
            Some((index, space.min_heap_bytes?))
        };
        let mut known: Vec<(usize, u64)> = cells.iter().filter_map(known_heap).collect();
        let cells: Vec<usize> =
            cells.into_iter().filter(|index| known_heap(index).is_none()).collect();
        let jobs = cells.iter().map(|&index| {
            let cell = &self.cells[index];
            let workload = &self.workloads[cell.trace];
            let sought = Sought {
                contestant: self.contestants[cell.contestant].clone(),
                isolated: self.processes_for(cell.contestant),
                source: Arc::clone(&workload.source),
                lower_bound_bytes: workload.peak_live_bytes.max(self.plan.granule.bytes()),
                timeout: None,
            };
            let grace = if sought.isolated.is_some() { ISOLATED_GRACE } else { GRACE };
            let work = move |deadline| sought.seek_exact(deadline);
            Job { label: self.id(cell), grace, work: Box::new(work) }
        });
        let jobs: Vec<_> = jobs.collect();
        self.progress.begin(Phase::MinHeap, jobs.len() as u64);
        let end = self.phase_end(HEAPS_END_PERCENT);
        let results = perform(jobs, self.plan.jobs, end, Duration::ZERO, self.progress)?;
        for (index, result) in cells.into_iter().zip(results) {
            let Some(MinHeap { smallest_bytes: Some(bytes), smallest_certainty, .. }) =
                result.transpose()?
            else {
                continue;
            };
            let space = self.cells[index].replayed.as_mut().and_then(|it| it.space.as_mut());
            if let Some(space) = space
                && smallest_certainty == Certainty::Exact
            {
                space.min_heap_bytes = Some(bytes);
                known.push((index, bytes));
                self.keeper.smallest_heap(index, bytes);
            }
        }
        known.sort_unstable();
        Ok(known)
    }

    pub(super) fn phase_end(&self, percent: u32) -> Instant {
        self.started + self.plan.time_budget.min(Duration::from_secs(1 << 30)) * percent / 100
    }
}
