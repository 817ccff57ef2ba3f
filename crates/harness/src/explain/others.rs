//! What other strategies, and a larger heap, make of the same operations.

use std::time::Instant;

use heaplab_core::{Policy, Strategy};
use heaplab_report::Status;
use heaplab_report::explain::{LargerHeap, Other};

use super::stage::{Halt, Stage};
use super::{ExplainError, Job};
use crate::UNLIMITED_BYTES;
use crate::panics::{Unwound, guard};

/// Replays the whole trace, and keeps the figures from when `moment` operations had completed. `operation` is the one
/// that is explained.
pub(super) fn follow<S: Strategy>(
    job: &Job<'_>,
    moment: u64,
    operation: u64,
) -> Result<Other, ExplainError> {
    let mut other = Other { strategy: job.name.into(), ..Other::default() };
    if let Some(outcome) = job.lost(job.capacity_bytes) {
        return Ok(Other { status: outcome.status, ..other });
    }
    let deadline = Instant::now().checked_add(job.patience);
    let result = guard(|| -> Result<(), ExplainError> {
        let mut stage = Stage::<S>::new(job.source, job.capacity_bytes, &job.config, deadline)?;
        let mut halt = stage.run(moment, |stage| other.operations_completed = stage.completed)?;
        if matches!(halt, Halt::Reached) {
            let usage = stage.allocator.usage();
            other.high_water_bytes = usage.high_water_bytes;
            other.used_bytes = usage.end_bytes;
            other.holes = usage.holes;
            other.largest_hole_bytes = usage.largest_hole_bytes;
            other.relocated_bytes = Some(stage.moved.bytes);
            halt = stage.run(u64::MAX, |stage| other.operations_completed = stage.completed)?;
        }
        if let Halt::Refused(..) = halt {
            other.status = Status::Oom;
        }
        Ok(())
    });
    match result {
        Ok(Ok(())) => {}
        Ok(Err(ExplainError::Broken { .. })) => other.status = Status::Invalid,
        // Another strategy may want a larger heap than this one to be made at all.
        Ok(Err(ExplainError::Config(_))) => other.status = Status::Oom,
        Ok(Err(error)) => return Err(error),
        Err(Unwound::TimeIsUp) => other.status = Status::Timeout,
        Err(Unwound::Panicked(_)) => other.status = Status::Crashed,
    }
    other.gets_past = other.operations_completed > operation;
    Ok(other)
}

/// A larger heap in which the strategy completes `until` operations; `None` where the search took too long.
pub(super) fn larger_heap<S: Strategy>(
    job: &Job<'_>,
    until: u64,
) -> Result<Option<LargerHeap>, ExplainError> {
    let deadline = Instant::now().checked_add(job.patience);
    let granule = job.config.granule.bytes();
    // The high-water mark and the number of resizes where it passes, `None` where it fails.
    let attempt = |capacity: u64| -> Result<Option<(Option<u64>, u64)>, Unfinished> {
        if job.lost(capacity).is_some() {
            return Err(Unfinished::GivenUp);
        }
        let tried = guard(|| -> Result<_, ExplainError> {
            let mut stage = Stage::<S>::new(job.source, capacity, &job.config, deadline)?;
            let passes = matches!(stage.run(until, |_| ())?, Halt::Reached);
            Ok(passes.then(|| (stage.allocator.usage().high_water_bytes, stage.resizes)))
        });
        match tried {
            // A strategy may not be able to manage a heap so large, or its time is up.
            Ok(Err(ExplainError::Config(_))) | Err(_) => Err(Unfinished::GivenUp),
            Ok(result) => result.map_err(Unfinished::Error),
        }
    };
    let capabilities = S::CAPABILITIES;
    let mut fails_bytes = job.capacity_bytes;
    let mut passes_bytes = None;
    let mut search = || -> Result<bool, Unfinished> {
        if capabilities.ignores_spare_capacity {
            let unlimited = job.config.granule.floor(UNLIMITED_BYTES.max(granule));
            let Some((Some(mark), resizes)) = attempt(unlimited)? else { return Ok(false) };
            passes_bytes = Some(mark);
            if resizes == 0 && never_spares_a_hole(capabilities.policy) {
                fails_bytes = mark.saturating_sub(granule);
                return Ok(true);
            }
        }
        while passes_bytes.is_none() {
            let Some(doubled) = fails_bytes.checked_mul(2) else { return Ok(false) };
            if attempt(doubled)?.is_some() {
                passes_bytes = Some(doubled);
            } else {
                fails_bytes = doubled;
            }
        }
        while let Some(passes) = passes_bytes
            && passes.saturating_sub(fails_bytes) > granule
        {
            let half = job.config.granule.floor(fails_bytes + (passes - fails_bytes) / 2);
            if attempt(half)?.is_some() {
                passes_bytes = Some(half);
            } else {
                fails_bytes = half;
            }
        }
        Ok(false)
    };
    let is_smallest = match search() {
        Ok(is_smallest) => is_smallest,
        Err(Unfinished::GivenUp) => false,
        Err(Unfinished::Error(error)) => return Err(error),
    };
    Ok(passes_bytes.map(|passes_bytes| LargerHeap { passes_bytes, fails_bytes, is_smallest }))
}

/// Why a search for a larger heap stopped early.
enum Unfinished {
    /// The time is up, or the strategy panicked.
    GivenUp,
    Error(ExplainError),
}

/// Whether the wilderness is taken only when no hole fits and nothing ever moves, so that without resizes the heap's size
/// changes no placement.
const fn never_spares_a_hole(policy: Option<Policy>) -> bool {
    matches!(
        policy,
        Some(
            Policy::FirstFit
                | Policy::BestFit
                | Policy::BestFitLifo
                | Policy::WorstFit
                | Policy::NextFit
                | Policy::Lifo
        )
    )
}
