//! Which cells of a run get a map.

use std::sync::Arc;
use std::time::{Duration, Instant};

use heaplab_core::{Registry, StrategyList};
use heaplab_report::{Cell, HeapSpec, Mode, Report, Status, StrategyKind, Warning};

use super::{Candidate, MapRequest, find};
use crate::HeapSize;
use crate::min_heap::jobs::{self, perform};
use crate::plan::{Plan, RunError};
use crate::progress::{Phase, Progress};

/// The heap, as a multiple of peak live, in which strategies differ most visibly.
const TELLING_RATIO: f64 = 1.25;
/// The packed rows of one map in a run.
const PACKED_BYTES: usize = 24 << 10;
/// The packed rows of all maps of a run together: a page should stay small.
const ALL_PACKED_BYTES: usize = 800 << 10;
/// A map that takes longer than its share is given up after so long.
const GRACE: Duration = Duration::from_secs(2);
/// What a map may take at least.
const SHORTEST: Duration = Duration::from_millis(500);

/// A cell that is worth a map.
#[derive(Clone, Debug, PartialEq)]
pub struct MapChoice {
    /// Name of the trace.
    pub trace: String,
    /// Name of the strategy.
    pub strategy: String,
    /// The heap.
    pub heap: HeapSpec,
}

/// For each trace up to three strategies, in the limited heap nearest to 1.25 times peak live: the one that packs best
/// without moving anything, the one that does worst, and the one whose compaction moved least.
///
/// Best is the lowest high-water mark in an unlimited heap; worst is who failed first, or else the highest mark. Floors
/// and peers keep no blocks that could be drawn.
#[must_use]
pub fn choose_maps(report: &Report) -> Vec<MapChoice> {
    report.traces.iter().flat_map(|trace| of_trace(report, &trace.name)).collect()
}

fn of_trace(report: &Report, trace: &str) -> Vec<MapChoice> {
    let drawable = |cell: &&Cell| {
        let kind = report.strategy(&cell.strategy).map(|entry| entry.kind);
        cell.trace == trace && cell.mode == Mode::Placement && kind == Some(StrategyKind::Strategy)
    };
    let cells: Vec<&Cell> = report.cells.iter().filter(drawable).collect();
    let Some(heap) = telling_heap(&cells) else { return Vec::new() };
    let mark = |cell: &Cell| {
        let unlimited =
            cells.iter().find(|it| it.strategy == cell.strategy && it.heap.is_unlimited());
        let space = unlimited.copied().unwrap_or(cell).space.as_ref();
        space.and_then(|space| space.high_water_bytes).unwrap_or(u64::MAX)
    };
    let moves = |cell: &Cell| report.strategy(&cell.strategy).is_some_and(|entry| entry.moves);
    let in_heap = || cells.iter().copied().filter(|cell| cell.heap == heap);
    let completed = || in_heap().filter(|cell| cell.outcome.status == Status::Ok);
    // The first of equals, so that the order of the registry decides.
    let best = completed().filter(|cell| !moves(cell)).min_by_key(|cell| mark(cell));
    let failed = in_heap()
        .filter(|cell| cell.outcome.status == Status::Oom)
        .min_by_key(|cell| cell.outcome.operation.unwrap_or(u64::MAX));
    let worst = failed.or_else(|| {
        completed().filter(|cell| !moves(cell)).max_by_key(|cell| (mark(cell), moves(cell)))
    });
    let moved = |cell: &Cell| cell.relocations.as_ref().map_or(0, |it| it.compaction_bytes);
    let mover = completed().filter(|cell| moved(cell) > 0).min_by_key(|cell| moved(cell));
    let mut chosen: Vec<&Cell> = Vec::new();
    for cell in [best, worst, mover].into_iter().flatten() {
        let is_same = |known: &&Cell| {
            known.strategy == cell.strategy
                || (known.placement_hash.is_some() && known.placement_hash == cell.placement_hash)
        };
        if !chosen.iter().any(is_same) {
            chosen.push(cell);
        }
    }
    let choice = |cell: &Cell| MapChoice {
        trace: trace.into(),
        strategy: cell.strategy.clone(),
        heap: cell.heap.clone(),
    };
    chosen.into_iter().map(choice).collect()
}

/// The heap nearest to the telling one; the unlimited one where there is no other.
fn telling_heap(cells: &[&Cell]) -> Option<HeapSpec> {
    let distance = |heap: &HeapSpec| match heap.ratio {
        Some(ratio) => (ratio - TELLING_RATIO).abs(),
        None if heap.is_unlimited() => f64::MAX,
        None => f64::MAX / 2.0,
    };
    let nearest = cells.iter().min_by(|a, b| distance(&a.heap).total_cmp(&distance(&b.heap)));
    nearest.map(|cell| cell.heap.clone())
}

/// Draws the maps that [`choose_maps`] names and puts them into the report of a run of this plan. What takes longer than a
/// tenth of the plan's time budget is left out, and a warning says so.
///
/// # Errors
///
/// [`RunError::Thread`] alone; a map that cannot be drawn is left out.
pub fn add_maps<L: StrategyList>(
    registry: &Registry<L>,
    plan: &Plan,
    report: &mut Report,
    progress: &dyn Progress,
) -> Result<(), RunError> {
    let choices = choose_maps(report);
    let packed_bytes = PACKED_BYTES.min(ALL_PACKED_BYTES / choices.len().max(1));
    let mut jobs = Vec::new();
    let mut names = Vec::new();
    for choice in choices {
        let input = plan.traces.iter().find(|input| input.name == choice.trace);
        let candidate = find(registry, &choice.strategy, plan.granule, &plan.parameters);
        let (Some(input), Some(candidate), Ok(heap)) =
            (input, candidate, choice.heap.spec.parse::<HeapSize>())
        else {
            continue;
        };
        names.push(choice.trace.clone());
        jobs.push(job(candidate, Arc::clone(&input.source), heap, plan, packed_bytes));
    }
    if jobs.is_empty() {
        return Ok(());
    }
    progress.begin(Phase::Maps, jobs.len() as u64);
    let all = jobs.len();
    let end = Instant::now() + plan.time_budget / 10;
    let maps = perform(jobs, plan.jobs, end, SHORTEST, progress)?;
    for (map, trace) in maps.into_iter().zip(names) {
        report.maps.extend(map.flatten().map(|map| heaplab_report::HeapMap { trace, ..map }));
    }
    let missing = all - report.maps.len();
    if missing > 0 {
        let text =
            format!("{missing} of {all} heap maps took longer than their share of the time budget");
        report.warnings.push(Warning { code: "maps".into(), text, cells: Vec::new() });
    }
    Ok(())
}

fn job(
    candidate: Candidate,
    source: Arc<dyn heaplab_trace::OperationSource>,
    heap: HeapSize,
    plan: &Plan,
    packed_bytes: usize,
) -> jobs::Job<Option<heaplab_report::HeapMap>> {
    let granule = plan.granule;
    let label = format!("{}/{}", candidate.name, source.info().name);
    let work = move |deadline: Instant| {
        let mut request = MapRequest::new(&*source);
        request.heap = heap;
        request.granule = granule;
        request.packed_bytes = packed_bytes;
        request.patience = Some(deadline.saturating_duration_since(Instant::now()));
        candidate.draw(&request).ok()
    };
    jobs::Job { label, grace: GRACE, work: Box::new(work) }
}
