//! The first replay of a map: which operations are to be drawn.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::ops::Range;

use heaplab_core::{AllocError, Strategy};
use heaplab_report::{MapFailure, MapPoint, MapRows, number};
use heaplab_trace::Operation;

use super::origins::{Origins, Tally};
use super::{HeapMapError, Job};
use crate::explain::stage::{Halt, Stage, Step};

/// The trace is cut into so many parts; each gives two rows.
const PARTS: u64 = 104;
/// So many compactions are drawn, each with the heap before and after it.
const COMPACTIONS: usize = 16;
/// So many holes of a failure are named.
const HOLES: usize = 32;

/// What the first replay found out.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// The operations after which the heap is drawn, ascending.
    pub(super) rows: Vec<u64>,
    pub(super) high_water: Option<MapPoint>,
    /// Highest end of anything that was shown, blocks that moved on during an operation among them.
    pub(super) highest_bytes: u64,
    pub(super) failure: Option<MapFailure>,
    pub(super) compactions: u64,
    pub(super) relocated_bytes: u64,
    pub(super) threads: Origins,
    pub(super) sites: Origins,
    /// Operations whose compactions are drawn.
    pub(super) compacted: BTreeSet<u64>,
    /// Operations that are shown and completed.
    completed: u64,
}

impl Survey {
    /// How the rows were chosen, for people.
    pub(super) fn reduction(&self, rows: &MapRows, shown: &Range<u64>) -> String {
        let all = shown.end - shown.start;
        let drawn = self.rows.len();
        let columns = rows.columns;
        let across = format!("{columns} columns of equally many bytes");
        if u64::try_from(drawn) == Ok(self.completed) {
            return format!("every operation is a row, {across}");
        }
        let mut text = format!(
            "{drawn} of {} states, {across}: of each {PARTS}th of {} operations the heap when its last block ended \
             lowest and highest",
            number::exact(self.completed),
            number::exact(all)
        );
        match (self.compactions, self.compacted.len()) {
            (0, _) => {}
            (all, drawn) if u64::try_from(drawn) == Ok(all) => {
                text.push_str(", and before and after each compaction");
            }
            (all, drawn) => text.push_str(&format!(
                ", and before and after the largest {drawn} of {all} compactions"
            )),
        }
        text
    }
}

pub(super) fn survey<S: Strategy>(job: &Job<'_>) -> Result<Survey, HeapMapError> {
    let mut stage = super::rows::stage::<S>(job)?;
    let from = job.shown.start;
    let mut tallies = (Tally::default(), Tally::default());
    let mut tally = |step: Option<Step>| {
        if let Some(Step { operation: Operation::Allocate { size, .. }, origin, .. }) = step {
            tallies.0.add(origin.thread, size);
            tallies.1.add(origin.site, size);
        }
    };
    // What lives when the window begins has been allocated before.
    if let Halt::Refused(step, _) = stage.run(from, |stage| tally(stage.last))? {
        return Err(HeapMapError::RefusedBefore { operation: step.index, from });
    }
    stage.moved.log = Some(Vec::new());
    let moved_before = stage.moved.bytes;
    let mut survey = Survey::default();
    let mut parts = Parts::new(job.shown.clone());
    let mut largest = Largest::default();
    survey.highest_bytes = stage.allocator.end_bytes().unwrap_or(0);
    while stage.completed < job.shown.end {
        let index = stage.completed;
        let bytes_before = stage.moved.bytes;
        match stage.run(index + 1, |_| ())? {
            Halt::Reached => {}
            Halt::End => break,
            Halt::Refused(step, error) => {
                survey.failure = Some(failure(&stage, step, &error)?);
                break;
            }
        }
        tally(stage.last);
        let end = stage.allocator.end_bytes().unwrap_or(0);
        if survey.high_water.is_none_or(|it| end > it.bytes) {
            survey.high_water = Some(MapPoint { operation: index, bytes: end });
        }
        survey.highest_bytes = survey.highest_bytes.max(end);
        parts.push(index, end);
        if stage.moved.bytes > bytes_before {
            let highest = stage.moved.log.iter().flatten().map(|it| it.to.saturating_add(it.len));
            survey.highest_bytes = survey.highest_bytes.max(highest.max().unwrap_or(0));
            if is_compaction(&stage) {
                survey.compactions += 1;
                largest.push(stage.moved.bytes - bytes_before, index);
            }
            stage.moved.log.iter_mut().for_each(Vec::clear);
        }
    }
    survey.completed = stage.completed - from;
    if survey.completed == 0 {
        return Err(HeapMapError::RefusedBefore { operation: from, from });
    }
    survey.relocated_bytes = stage.moved.bytes - moved_before;
    survey.compacted = largest.finish();
    let mut rows = parts.finish();
    rows.extend(survey.high_water.map(|it| it.operation));
    rows.extend([from, stage.completed - 1]);
    for &index in &survey.compacted {
        rows.extend([index.saturating_sub(1).max(from), index]);
    }
    survey.rows = rows.into_iter().collect();
    let (threads, sites) = tallies;
    (survey.threads, survey.sites) = (threads.finish(), sites.finish());
    Ok(survey)
}

/// Whether a block other than the operation's own moved.
fn is_compaction<S: Strategy>(stage: &Stage<'_, S>) -> bool {
    let log = stage.moved.log.as_deref().unwrap_or_default();
    match (stage.last.map(|step| step.operation), log) {
        (Some(Operation::Resize { slot, .. }), [only]) => {
            stage.block(slot).is_none_or(|block| block.offset != only.to)
        }
        _ => !log.is_empty(),
    }
}

/// The heap at the moment of a refusal.
fn failure<S: Strategy>(
    stage: &Stage<'_, S>,
    step: Step,
    error: &AllocError,
) -> Result<MapFailure, HeapMapError> {
    let placed = stage.placed()?;
    let mut end = 0;
    let mut holes = Vec::new();
    for block in &placed {
        if block.offset > end {
            holes.push((block.offset - end, Reverse(end)));
        }
        end = block.end();
    }
    let live: u64 = placed.iter().map(|block| block.len).sum();
    holes.sort_unstable_by_key(|&hole| Reverse(hole));
    let size = match step.operation {
        Operation::Allocate { size, .. } | Operation::Resize { size, .. } => size,
        Operation::Free { .. } => 0,
    };
    let capacity = stage.allocator.capacity_bytes();
    debug_assert!(!matches!(error, AllocError::InvalidHandle(_)), "refusals are requests");
    Ok(MapFailure {
        operation: step.index,
        requested_bytes: stage.granule.length_of(size).unwrap_or(size),
        free_bytes: capacity.saturating_sub(live),
        holes: u64::try_from(holes.len()).unwrap_or(u64::MAX),
        largest_hole_bytes: holes.first().map_or(0, |hole| hole.0),
        hole_offset_bytes: holes.iter().take(HOLES).map(|hole| hole.1.0).collect(),
        hole_bytes: holes.iter().take(HOLES).map(|hole| hole.0).collect(),
    })
}

/// The lowest and the highest end of each part of the trace.
struct Parts {
    shown: Range<u64>,
    part: u64,
    /// Operation and end.
    lowest: Option<(u64, u64)>,
    highest: Option<(u64, u64)>,
    last: Option<u64>,
    rows: BTreeSet<u64>,
}

impl Parts {
    const fn new(shown: Range<u64>) -> Self {
        Self { shown, part: 0, lowest: None, highest: None, last: None, rows: BTreeSet::new() }
    }

    fn push(&mut self, index: u64, end: u64) {
        let (done, all) = (index - self.shown.start, self.shown.end - self.shown.start);
        if all <= 2 * PARTS {
            self.rows.insert(index);
            return;
        }
        let part = u128::from(done) * u128::from(PARTS) / u128::from(all);
        if part != u128::from(self.part) {
            self.close();
            self.part = u64::try_from(part).unwrap_or(u64::MAX);
        }
        if self.lowest.is_none_or(|(_, lowest)| end < lowest) {
            self.lowest = Some((index, end));
        }
        if self.highest.is_none_or(|(_, highest)| end > highest) {
            self.highest = Some((index, end));
        }
        self.last = Some(index);
    }

    fn close(&mut self) {
        let (lowest, highest, last) = (self.lowest.take(), self.highest.take(), self.last.take());
        // Two rows always, so that the maps of several strategies stay in step.
        let is_flat = lowest.map(|it| it.0) == highest.map(|it| it.0);
        self.rows.extend(lowest.map(|it| it.0));
        self.rows.extend(if is_flat { last } else { highest.map(|it| it.0) });
    }

    fn finish(mut self) -> BTreeSet<u64> {
        self.close();
        self.rows
    }
}

/// The compactions that moved most.
#[derive(Default)]
struct Largest {
    /// The smallest of them on top.
    heap: BinaryHeap<Reverse<(u64, Reverse<u64>)>>,
}

impl Largest {
    fn push(&mut self, bytes: u64, index: u64) {
        self.heap.push(Reverse((bytes, Reverse(index))));
        if self.heap.len() > COMPACTIONS {
            self.heap.pop();
        }
    }

    fn finish(self) -> BTreeSet<u64> {
        self.heap.into_iter().map(|Reverse((_, Reverse(index)))| index).collect()
    }
}
