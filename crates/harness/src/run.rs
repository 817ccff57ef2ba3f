//! A whole run: every cell's space, then verification, then time; and the report of it all.

use std::time::{Duration, Instant, SystemTime};

use heaplab_core::{Kind, Registry, StrategyList};
use heaplab_report::{Mode, Report, Status};

use crate::HeapSize;
use crate::contestant::{Contestant, contestants};
use crate::environment::{self, Watched};
use crate::isolated::Isolated;
use crate::pin;
use crate::plan::{LatencyPass, Plan, PlannedCell, RunError};
use crate::progress::Progress;
use crate::replay::Replayed;

mod assemble;
mod bounds;
mod budget;
mod counters;
mod curves;
mod keep;
mod latency;
mod noise;
mod pool;
mod rehearsal;
mod space;
mod throughput;
mod timer;
mod timestamp;
mod timing;
mod verify;
mod warnings;
mod workload;

use budget::Budget;
use keep::Keeper;
use pool::{Purpose, Task, Terms};
use timing::Timing;
use workload::Workload;

/// When the space pass and the verification must have ended, in percent of the time budget; the timed rounds have
/// what is left, which is far more where the others end early.
const SPACE_ENDS_PERCENT: u32 = 25;
const VERIFY_ENDS_PERCENT: u32 = 55;
/// When the rehearsals of what may abort have ended.
const REHEARSAL_ENDS_PERCENT: u32 = 65;
/// Where operations are timed one by one too, the rounds leave this for it.
const ROUNDS_END_BEFORE_LATENCY_PERCENT: u32 = 80;
/// The same for the brief pass.
const ROUNDS_END_BEFORE_BRIEF_LATENCY_PERCENT: u32 = 94;
const ALL_ENDS_PERCENT: u32 = 97;

/// A cell on its way to the report.
struct Cell {
    trace: usize,
    contestant: usize,
    heap: HeapSize,
    heap_bytes: u64,
    /// One for each way in which it is timed.
    timings: Vec<Timing>,
    /// What the space pass found; `None` as long as it has not run.
    replayed: Option<Replayed>,
    verified: Option<bool>,
}

impl Cell {
    fn is_ok(&self) -> bool {
        self.replayed.as_ref().is_some_and(|it| it.outcome.status == Status::Ok)
    }

    const fn is_timed(&self) -> bool {
        !self.timings.is_empty()
    }

    /// Lets the cell go untimed, whatever the way; what is known of its space stays.
    fn fail_timings(&mut self, status: Status, message: &str) {
        self.timings.iter_mut().for_each(|timing| timing.fail(status, message.into()));
    }
}

struct Run<'a> {
    plan: &'a Plan,
    progress: &'a dyn Progress,
    keeper: &'a Keeper<'a>,
    started: Instant,
    contestants: Vec<Contestant>,
    /// The processes in which peers are replayed.
    isolated: Option<Isolated>,
    workloads: Vec<Workload>,
    cells: Vec<Cell>,
    warnings: warnings::Warnings,
    rounds: u32,
    /// What rounds took that somebody spoiled; everything may end so much later.
    spoiled: Duration,
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
    let keeper = Keeper::new(&());
    let run = Run::prepare(registry, plan, &(), &keeper)?;
    let planned = |cell: &Cell| -> Vec<PlannedCell> {
        let planned = |(mode, timing): (_, Option<&Timing>)| PlannedCell {
            trace: run.workloads[cell.trace].name.clone(),
            strategy: run.contestants[cell.contestant].name.into(),
            heap: cell.heap.to_spec(cell.heap_bytes),
            mode,
            is_timed: timing.is_some(),
        };
        cell.in_report().map(planned).collect()
    };
    Ok(run.cells.iter().flat_map(planned).collect())
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
    let to_pin = plan.pinned_cpu.filter(|_| plan.times_anything());
    // A processor that cannot be had is known before anything is measured.
    drop(pin::Pinned::to(to_pin)?);
    let created = SystemTime::now();
    let mut environment = environment::environment();
    let watched = Watched::begin();
    let keeper = Keeper::new(progress);
    let mut run = Run::prepare(registry, plan, progress, &keeper)?;
    if let Some(part) = &plan.resume
        && run.resume(part) == 0
    {
        return Err(RunError::NothingToResume);
    }
    run.begin_keeping(&timestamp::rfc3339(created), &environment);
    run.space()?;
    let mut curves = Vec::new();
    if plan.bounds {
        run.bounds()?;
        curves = run.curves()?;
    }
    if plan.passes.verify {
        run.verify()?;
    }
    run.rehearse()?;
    let pinned = pin::Pinned::to(to_pin)?;
    let mut timer = run.timer();
    if plan.passes.throughput {
        run.throughput(&mut timer)?;
    }
    match plan.passes.latency {
        LatencyPass::Off => {}
        LatencyPass::Brief => run.brief_latency(&mut timer)?,
        LatencyPass::Full => run.latency(&mut timer)?,
    }
    drop((timer, pinned));
    run.count_instructions()?;
    run.state_clock(&mut environment);
    watched.end(&mut environment);
    Ok(Report { curves, ..run.assemble(created, environment) })
}

impl<'a> Run<'a> {
    fn prepare<L: StrategyList>(
        registry: &Registry<L>,
        plan: &'a Plan,
        progress: &'a dyn Progress,
        keeper: &'a Keeper<'a>,
    ) -> Result<Self, RunError> {
        let started = Instant::now();
        let contestants = contestants(registry, plan)?;
        let workloads = workload::workloads(plan)?;
        let mut cells = Vec::new();
        for (trace, workload) in workloads.iter().enumerate() {
            for (contestant, entry) in contestants.iter().enumerate() {
                let is_floor = entry.capabilities.kind == Kind::Floor;
                for heap in plan.all_heaps() {
                    // What knows no limits is timed without one.
                    let modes = if !entry.capabilities.is_confined && plan.times_anything() {
                        vec![Mode::Placement]
                    } else {
                        plan.timed_modes(heap)
                    };
                    let timings: Vec<Timing> = modes.into_iter().map(Timing::new).collect();
                    if is_floor && timings.is_empty() && heap != HeapSize::Unlimited {
                        continue;
                    }
                    let peak_live_bytes = workload.peak_live_bytes;
                    let heap_bytes =
                        heap.resolve(peak_live_bytes, plan.granule).ok_or_else(|| {
                            let trace = workload.name.clone();
                            RunError::HeapTooLarge { trace, heap, peak_live_bytes }
                        })?;
                    if !entry.takes_part_in(heap, heap_bytes) {
                        continue;
                    }
                    cells.push(Cell {
                        trace,
                        contestant,
                        heap,
                        heap_bytes,
                        timings,
                        replayed: None,
                        verified: None,
                    });
                }
            }
        }
        let shares = 2 * plan.jobs.max(1) as u64;
        let available = environment::available_bytes().map(|bytes| bytes / shares);
        Ok(Self {
            plan,
            progress,
            keeper,
            started,
            contestants,
            isolated: plan.isolation.clone().map(Isolated::new),
            workloads,
            cells,
            warnings: warnings::Warnings::default(),
            rounds: 0,
            spoiled: Duration::ZERO,
            payload_limit_bytes: available.unwrap_or(u64::MAX).min(plan.payload_limit_bytes),
        })
    }

    fn is_floor(&self, cell: &Cell) -> bool {
        self.contestants[cell.contestant].capabilities.kind == Kind::Floor
    }

    /// Whether it has offsets that could be verified; what has none has been checked while its memory was measured.
    fn is_confined(&self, cell: &Cell) -> bool {
        self.contestants[cell.contestant].capabilities.is_confined
    }

    fn id(&self, cell: &Cell) -> String {
        self.id_in(cell, Mode::Placement)
    }

    fn id_in(&self, cell: &Cell, mode: Mode) -> String {
        let (strategy, trace) =
            (self.contestants[cell.contestant].name, &self.workloads[cell.trace].name);
        heaplab_report::Cell::id_of(strategy, trace, &cell.heap.to_string(), mode)
    }

    fn task(&self, index: usize, purpose: Purpose) -> Task {
        let cell = &self.cells[index];
        let contestant = &self.contestants[cell.contestant];
        Task {
            label: self.id(cell),
            cell: index,
            skeleton: (self.progress.keeps()
                && matches!(purpose, Purpose::Space | Purpose::Resident))
            .then(|| Box::new(self.skeleton(cell))),
            source: std::sync::Arc::clone(&self.workloads[cell.trace].source),
            name: contestant.name,
            replay: contestant.replay,
            isolated: self.processes_for(cell.contestant),
            purpose,
            heap_bytes: cell.heap_bytes,
            config: contestant.config.clone(),
            estimate: self.replay_duration(index),
            payload_limit_bytes: self.payload_limit_bytes,
        }
    }

    /// The processes in which a contestant is replayed untimed; in ours without.
    fn processes_for(&self, contestant: usize) -> Option<Isolated> {
        self.isolated.clone().filter(|_| self.is_apart(contestant))
    }

    /// Whether a contestant is not let near this process: what may abort or hang, and where there is a limit of time, all
    /// that is to keep to it, whatever it declares.
    fn is_apart(&self, contestant: usize) -> bool {
        let capabilities = &self.contestants[contestant].capabilities;
        let is_limited = self.plan.cell_timeout.is_some() && capabilities.kind != Kind::Floor;
        capabilities.needs_own_process() || is_limited
    }

    /// How long the space pass took for the cell; zero before it.
    fn replay_duration(&self, index: usize) -> Duration {
        self.cells[index].replayed.as_ref().map_or(Duration::ZERO, |it| it.duration)
    }

    fn terms(&self, percent: u32) -> Terms<'a> {
        let (budget, keeper) = (self.budget(percent), self.keeper);
        Terms { jobs: self.plan.jobs, budget, progress: self.progress, keeper }
    }

    /// The time of a phase that must have ended after so many percent of the whole.
    fn budget(&self, percent: u32) -> Budget {
        let whole = self.plan.time_budget.min(Duration::from_secs(1 << 30));
        let end = |percent| self.started + self.spoiled + whole * percent / 100;
        Budget::new(end(percent), end(ALL_ENDS_PERCENT), self.plan.cell_timeout)
    }
}
