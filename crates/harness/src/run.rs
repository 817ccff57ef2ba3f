//! A whole run: every cell's space, then verification, then time; and the report of it all.

use std::time::{Duration, Instant, SystemTime};

use heaplab_core::{Kind, Registry, StrategyList};
use heaplab_report::{Report, Status};

use crate::HeapSize;
use crate::contestant::{Contestant, contestants};
use crate::environment::{self, Watched};
use crate::plan::{Plan, PlannedCell, RunError};
use crate::progress::Progress;
use crate::replay::Replayed;

mod assemble;
mod budget;
mod pool;
mod space;
mod throughput;
mod timestamp;
mod verify;
mod warnings;
mod workload;

use budget::Budget;
use pool::{Task, Terms};
use workload::Workload;

/// When the space pass and the verification must have ended, in percent of the time budget; the timed rounds have
/// what is left, which is far more where the others end early.
const SPACE_ENDS_PERCENT: u32 = 30;
const VERIFY_ENDS_PERCENT: u32 = 60;
const ALL_ENDS_PERCENT: u32 = 97;

/// A cell on its way to the report.
struct Cell {
    trace: usize,
    contestant: usize,
    heap: HeapSize,
    heap_bytes: u64,
    is_timed: bool,
    /// What the space pass found; `None` as long as it has not run.
    replayed: Option<Replayed>,
    verified: Option<bool>,
    samples_ns: Vec<u64>,
}

impl Cell {
    fn is_ok(&self) -> bool {
        self.replayed.as_ref().is_some_and(|it| it.outcome.status == Status::Ok)
    }

    /// Replaces the outcome of the cell; what was measured stays.
    fn fail(&mut self, status: Status, message: String) {
        if let Some(replayed) = &mut self.replayed {
            replayed.outcome = crate::replay::failed(status, None, message);
        }
        self.samples_ns.clear();
    }
}

struct Run<'a> {
    plan: &'a Plan,
    progress: &'a dyn Progress,
    started: Instant,
    contestants: Vec<Contestant>,
    workloads: Vec<Workload>,
    cells: Vec<Cell>,
    warnings: warnings::Warnings,
    rounds: u32,
    /// The most bytes of each verification; all that run at once must fit into half of the free memory.
    payload_limit_bytes: u64,
}

/// The cells that [`run`] would measure, in the order of the report.
///
/// Reads every trace once, for the peak of its live bytes.
///
/// # Errors
///
/// [`RunError`], for plans that cannot be run.
pub fn plan_cells<L: StrategyList>(
    registry: &Registry<L>,
    plan: &Plan,
) -> Result<Vec<PlannedCell>, RunError> {
    let run = Run::prepare(registry, plan, &())?;
    let planned = |cell: &Cell| PlannedCell {
        trace: run.workloads[cell.trace].name.clone(),
        strategy: run.contestants[cell.contestant].name.into(),
        heap: cell.heap.to_spec(cell.heap_bytes),
        is_timed: cell.is_timed,
    };
    Ok(run.cells.iter().map(planned).collect())
}

/// Measures every cell of a plan and returns the report.
///
/// Everything in the report but times, dates, the environment, and timeouts is the same for the same plan, always.
/// Left to the caller: the command line, the suite, the build of the tool beyond its version, and sealing the id.
///
/// # Errors
///
/// [`RunError`], for plans that cannot be run and traces that cannot be read; what goes wrong inside a cell is the
/// cell's outcome.
pub fn run<L: StrategyList>(
    registry: &Registry<L>,
    plan: &Plan,
    progress: &dyn Progress,
) -> Result<Report, RunError> {
    let created = SystemTime::now();
    let mut environment = environment::environment();
    let watched = Watched::begin();
    let mut run = Run::prepare(registry, plan, progress)?;
    run.space()?;
    if plan.passes.verify {
        run.verify()?;
    }
    if plan.passes.throughput {
        run.throughput()?;
    }
    watched.end(&mut environment);
    Ok(run.assemble(created, environment))
}

impl<'a> Run<'a> {
    fn prepare<L: StrategyList>(
        registry: &Registry<L>,
        plan: &'a Plan,
        progress: &'a dyn Progress,
    ) -> Result<Self, RunError> {
        let started = Instant::now();
        let contestants = contestants(registry, plan)?;
        let workloads = workload::workloads(plan)?;
        let mut cells = Vec::new();
        for (trace, workload) in workloads.iter().enumerate() {
            for (contestant, entry) in contestants.iter().enumerate() {
                let is_floor = entry.capabilities.kind == Kind::Floor;
                for heap in plan.all_heaps() {
                    let is_timed = plan.is_timed(heap);
                    if is_floor && !is_timed && heap != HeapSize::Unlimited {
                        continue;
                    }
                    let peak_live_bytes = workload.peak_live_bytes;
                    let heap_bytes =
                        heap.resolve(peak_live_bytes, plan.granule).ok_or_else(|| {
                            let trace = workload.name.clone();
                            RunError::HeapTooLarge { trace, heap, peak_live_bytes }
                        })?;
                    cells.push(Cell {
                        trace,
                        contestant,
                        heap,
                        heap_bytes,
                        is_timed,
                        replayed: None,
                        verified: None,
                        samples_ns: Vec::new(),
                    });
                }
            }
        }
        let shares = 2 * plan.jobs.max(1) as u64;
        let available = environment::available_bytes().map(|bytes| bytes / shares);
        Ok(Self {
            plan,
            progress,
            started,
            contestants,
            workloads,
            cells,
            warnings: warnings::Warnings::default(),
            rounds: 0,
            payload_limit_bytes: available.unwrap_or(u64::MAX).min(plan.payload_limit_bytes),
        })
    }

    fn is_floor(&self, cell: &Cell) -> bool {
        self.contestants[cell.contestant].capabilities.kind == Kind::Floor
    }

    fn id(&self, cell: &Cell) -> String {
        let (strategy, trace) =
            (self.contestants[cell.contestant].name, &self.workloads[cell.trace].name);
        heaplab_report::Cell::id_of(
            strategy,
            trace,
            &cell.heap.to_string(),
            heaplab_report::Mode::Placement,
        )
    }

    fn task(&self, index: usize, verify: bool) -> Task {
        let cell = &self.cells[index];
        let contestant = &self.contestants[cell.contestant];
        Task {
            label: self.id(cell),
            source: std::sync::Arc::clone(&self.workloads[cell.trace].source),
            replay: contestant.replay,
            heap_bytes: cell.heap_bytes,
            config: contestant.config.clone(),
            verify,
            estimate: self.replay_duration(index),
            payload_limit_bytes: self.payload_limit_bytes,
        }
    }

    /// How long the space pass took for the cell; zero before it.
    fn replay_duration(&self, index: usize) -> Duration {
        self.cells[index].replayed.as_ref().map_or(Duration::ZERO, |it| it.duration)
    }

    fn terms(&self, percent: u32) -> Terms<'a> {
        Terms { jobs: self.plan.jobs, budget: self.budget(percent), progress: self.progress }
    }

    /// The time of a phase that must have ended after so many percent of the whole.
    fn budget(&self, percent: u32) -> Budget {
        let whole = self.plan.time_budget.min(Duration::from_secs(1 << 30));
        let end = |percent| self.started + whole * percent / 100;
        Budget::new(end(percent), end(ALL_ENDS_PERCENT), self.plan.cell_timeout)
    }
}
