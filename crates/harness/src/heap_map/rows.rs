//! The second replay of a map: the heap is looked at where the first one said.

use heaplab_core::Strategy;

use super::grid::{Cover, Grid};
use super::survey::Survey;
use super::window::Recorder;
use super::{HeapMapError, Job};
use crate::explain::ExplainError;
use crate::explain::stage::{Halt, Stage};

pub(super) fn stage<'a, S: Strategy>(job: &Job<'a>) -> Result<Stage<'a, S>, ExplainError> {
    Stage::new(job.source, job.capacity_bytes, &job.config, job.deadline)
}

/// Draws every row, and records every operation where a window is wanted.
pub(super) fn record<S: Strategy>(
    job: &Job<'_>,
    survey: &Survey,
    extent_bytes: u64,
    mut window: Option<&mut Recorder>,
) -> Result<Grid, HeapMapError> {
    let mut stage = stage::<S>(job)?;
    let mut grid = Grid::new(extent_bytes, job.config.granule.bytes(), survey);
    stage.run(job.shown.start, |_| ())?;
    if let Some(window) = &mut window {
        window.begin(job, &mut stage, survey)?;
    }
    for &row in &survey.rows {
        while stage.completed <= row {
            let until = if window.is_some() { stage.completed + 1 } else { row + 1 };
            if !matches!(stage.run(until, |_| ())?, Halt::Reached) {
                let message = "a second replay ends before the first one did".into();
                let operation = stage.completed;
                return Err(ExplainError::Broken { operation, message }.into());
            }
            if let Some(window) = &mut window {
                window.step(job, &mut stage, survey)?;
            }
        }
        let mut cover = Cover::new(&grid);
        for (_, live, block) in stage.all_live() {
            cover.add(&grid, block, live);
        }
        let end = stage.allocator.end_bytes().unwrap_or(0);
        grid.push(&cover, survey, end, stage.live_bytes, survey.compacted.contains(&row));
    }
    Ok(grid)
}
