//! The moment that tells most of one strategy's replay.

use heaplab_core::{AllocError, Strategy};
use heaplab_report::explain::{Cause, Moment, OperationKind, Picture, Remedies, Waste, WasteAt};
use heaplab_report::{Outcome, Status};
use heaplab_trace::Operation;

use super::layout::{Layout, Wanted};
use super::picture::{Scene, picture};
use super::pins::{Blocks, site_name};
use super::stage::{Halt, Live, Stage, Step};
use super::{ExplainError, Job};
use crate::panics::{Unwound, guard};

/// What looking into one strategy has brought up.
pub(super) struct Found {
    pub(super) outcome: Outcome,
    pub(super) cause: Option<Cause>,
    pub(super) completed: u64,
    pub(super) waste: Option<Waste>,
    pub(super) moment: Moment,
    pub(super) picture: Picture,
    /// Those that need no further replay.
    pub(super) remedies: Remedies,
}

/// Replays to the moment that tells most, and describes it.
pub(super) fn look<S: Strategy>(job: &Job<'_>) -> Result<Found, ExplainError> {
    if let Some(outcome) = job.lost(job.capacity_bytes) {
        let Outcome { status, message, .. } = outcome;
        return Err(ExplainError::Lost { status, message: message.unwrap_or_default() });
    }
    match guard(|| look_unguarded::<S>(job)) {
        Ok(result) => result,
        Err(Unwound::Panicked(message)) => Err(ExplainError::Broken { operation: 0, message }),
        Err(Unwound::TimeIsUp) => unreachable!("a replay without a deadline is never late"),
    }
}

fn look_unguarded<S: Strategy>(job: &Job<'_>) -> Result<Found, ExplainError> {
    let stage = || Stage::<S>::new(job.source, job.capacity_bytes, &job.config, None);
    let mut first = stage()?;
    let mut waste: Option<Waste> = None;
    let mut peak = (0, 0);
    let halt = first.run(u64::MAX, |stage| {
        if stage.live_bytes > peak.0 {
            peak = (stage.live_bytes, stage.completed);
        }
        note_waste(stage, &mut waste);
    })?;
    let completed = first.completed;
    if let Halt::Refused(step, error) = halt {
        return describe(job, &first, waste, completed, step, Some(error));
    }
    drop(first);
    // Where nothing was ever wasted, the moment of most live bytes shows it best.
    let until = match waste {
        Some(waste) if waste.most.wasted_bytes() > 0 => waste.most.operation + 1,
        _ if peak.1 > 0 => peak.1,
        _ => return Err(ExplainError::EmptyTrace),
    };
    let mut second = stage()?;
    second.run(until, |_| ())?;
    let step = second.last.ok_or(ExplainError::EmptyTrace)?;
    describe(job, &second, waste, completed, step, None)
}

/// Takes the state after an operation into the figures of waste.
fn note_waste<S: Strategy>(stage: &Stage<'_, S>, waste: &mut Option<Waste>) {
    let (Some(used_bytes), live_bytes @ 1..) = (stage.allocator.end_bytes(), stage.live_bytes)
    else {
        return;
    };
    let now = WasteAt { operation: stage.completed - 1, used_bytes, live_bytes };
    let waste = waste.get_or_insert(Waste { most: now, worst_ratio: now });
    if now.wasted_bytes() > waste.most.wasted_bytes() {
        waste.most = now;
    }
    let product = |used: u64, live: u64| u128::from(used) * u128::from(live);
    let worst = waste.worst_ratio;
    if product(used_bytes, worst.live_bytes) > product(worst.used_bytes, live_bytes) {
        waste.worst_ratio = now;
    }
}

fn describe<S: Strategy>(
    job: &Job<'_>,
    stage: &Stage<'_, S>,
    waste: Option<Waste>,
    completed: u64,
    step: Step,
    refusal: Option<AllocError>,
) -> Result<Found, ExplainError> {
    let blocks = stage.placed()?;
    let capacity_bytes = stage.allocator.capacity_bytes();
    let layout = Layout { blocks: &blocks, capacity_bytes };
    let slot = step.operation.slot();
    let request = request_of(step.operation);
    let wanted = request.filter(|_| refusal.is_some()).map(|(size, align)| Wanted {
        len: job.config.granule.length_of(size),
        align,
        resizing: blocks.iter().position(|block| block.slot == slot),
    });
    let old_bytes = wanted.and_then(|wanted| wanted.resizing).map(|at| blocks[at].len);
    let sites = &job.source.info().sites;
    let live = |slot: u32| -> Option<Live> { stage.live(slot).copied() };
    let scene = Scene {
        is_unlimited: job.is_unlimited,
        granule_bytes: job.config.granule.bytes(),
        peak_live_bytes: stage.peak_live_bytes,
        wanted,
        blocks: Blocks { live: &live, sites, now: step.index },
    };
    let picture = picture(&layout, scene);
    let cause = wanted.map(|wanted| match refusal {
        Some(AllocError::OutOfMetadata { .. }) => Cause::OutOfMetadata,
        _ => layout.cause(wanted),
    });
    let outcome = match refusal {
        None => Outcome::default(),
        Some(error) => Outcome {
            status: Status::Oom,
            operation: Some(step.index),
            requested_bytes: wanted.and_then(|wanted| wanted.len),
            free_bytes: Some(capacity_bytes - picture.live_bytes),
            largest_hole_bytes: Some(picture.largest_hole_bytes),
            wilderness_bytes: Some(capacity_bytes - picture.used_bytes),
            holes: Some(picture.holes),
            message: Some(error.to_string()),
        },
    };
    let align = |slot: u32| live(slot).map_or(1, |live| live.align);
    Ok(Found {
        outcome,
        cause,
        completed,
        waste,
        moment: moment(job, step, old_bytes, refusal.is_none()),
        picture,
        remedies: Remedies {
            clearing: wanted.and_then(|wanted| layout.clearing(wanted)),
            compaction: layout.slide(wanted, align),
            high_water_bytes: stage.allocator.usage().high_water_bytes,
            relocated_bytes: Some(stage.moved.bytes),
            ..Remedies::default()
        },
    })
}

fn request_of(operation: Operation) -> Option<(u64, u64)> {
    match operation {
        Operation::Allocate { size, align, .. } | Operation::Resize { size, align, .. } => {
            Some((size, align))
        }
        Operation::Free { .. } => None,
    }
}

/// What the trace knows of an operation.
fn moment(job: &Job<'_>, step: Step, old_bytes: Option<u64>, is_after: bool) -> Moment {
    let request = request_of(step.operation);
    let sites = &job.source.info().sites;
    Moment {
        operation: step.index,
        is_after,
        kind: match step.operation {
            Operation::Allocate { .. } => OperationKind::Allocate,
            Operation::Resize { .. } => OperationKind::Resize,
            Operation::Free { .. } => OperationKind::Free,
        },
        slot: step.operation.slot(),
        requested_bytes: request.map(|(size, _)| size),
        rounded_bytes: request.and_then(|(size, _)| job.config.granule.length_of(size)),
        align_bytes: request.map(|(_, align)| align),
        old_bytes,
        thread: step.origin.thread,
        time_ns: step.origin.time_ns,
        call_site: step.origin.site.map(|site| site_name(sites, site)),
    }
}
