//! The measures of fragmentation, exact after every operation, without a walk.
//!
//! Holes are followed from the placements that the replay sees anyway. A contestant that does not know its holes has no
//! measures over them: the headers between its blocks would count as free.

use heaplab_core::{Allocator, Block, Granule, Piece};

use super::watch::Moves;

mod bands;
mod bounds;
mod holes;
mod pages;
mod state;
mod summary;
mod totals;

use bands::Bands;
use holes::{Holes, Overlap};
use pages::Pages;
use state::{Counts, State, VALUES};
use totals::Classes;

/// So many states are kept before they are measured: in a row, the processor works on several at once.
const BATCH: usize = 64;

/// What an operation that completed has done, and the heap behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// Index of the operation.
    pub(super) operation: u64,
    /// Where the block was, and where it is; `None` for none, or where the strategy does not say.
    pub(super) before: Option<Block>,
    pub(super) after: Option<Block>,
    pub(super) live_bytes: u64,
    pub(super) live_requested_bytes: u64,
    pub(super) end_bytes: Option<u64>,
    /// Whether more bytes are live than ever before.
    pub(super) is_peak: bool,
}

/// The state at the peak.
#[derive(Clone, Debug, Default)]
struct Peak {
    state: State,
    metadata_bytes: f64,
    classes: Classes,
}

/// Everything that is followed.
///
/// Invariant: `sums`, `bands` and the other sums hold the states of all operations but the first `pending` of `states`.
#[derive(Debug)]
pub(super) struct Shapes {
    /// `None` where the contestant does not know its holes, or placed blocks over each other.
    holes: Option<Holes>,
    pages: Option<Pages>,
    states: Box<[State; BATCH]>,
    pending: usize,
    /// The place of the latest state, measured or not.
    latest: usize,
    /// Room for the measures of `states`.
    rows: Box<[[f64; VALUES]; BATCH]>,
    metadata_bytes: Option<f64>,
    sums: [f64; VALUES],
    bands: Bands<VALUES>,
    operations: u64,
    allocated_bytes: u64,
    ends_known: bool,
    counts: Counts,
    peak: Option<Box<Peak>>,
    /// The latest state is that of the peak, and not yet in `peak`.
    is_at_peak: bool,
}

impl Shapes {
    /// For a contestant that tells where its blocks are, or not, and that knows its holes, or not.
    pub(super) fn new(has_places: bool, knows_holes: bool, granule: Granule) -> Self {
        Self {
            holes: (has_places && knows_holes).then(|| Holes::new(granule)),
            pages: has_places.then(Pages::default),
            states: Box::new([State::default(); BATCH]),
            pending: 0,
            latest: 0,
            rows: Box::new([[0.0; VALUES]; BATCH]),
            metadata_bytes: None,
            sums: [0.0; VALUES],
            bands: Bands::new(),
            operations: 0,
            allocated_bytes: 0,
            ends_known: true,
            counts: Counts::default(),
            peak: None,
            is_at_peak: false,
        }
    }

    /// Whether [`Step::before`] is wanted for a block that is freed.
    pub(super) const fn wants_freed(&self) -> bool {
        self.holes.is_some()
    }

    /// Whether the bookkeeping's size is wanted for the next step: it begins a part of a trend.
    #[inline]
    pub(super) const fn wants_metadata(&self, operation: u64) -> bool {
        self.bands.begins_part(operation, self.allocated_bytes)
    }

    /// The bytes of bookkeeping in use from the next step on.
    #[expect(clippy::cast_precision_loss, reason = "three digits are kept")]
    pub(super) fn set_metadata(&mut self, bytes: u64) {
        self.measure();
        self.metadata_bytes = Some(bytes as f64);
    }

    /// Before an operation that may make fewer bytes live: keeps the state if it is that of the peak.
    #[inline]
    pub(super) fn leave_peak(&mut self) {
        if self.is_at_peak {
            self.keep_peak();
        }
    }

    #[inline]
    pub(super) fn step<A: Allocator>(&mut self, step: &Step, moves: &Moves, allocator: &A) {
        self.cover(step, moves);
        self.follow(step, moves, allocator);
        self.count(step);
    }

    #[inline]
    fn cover(&mut self, step: &Step, moves: &Moves) {
        let Some(pages) = &mut self.pages else { return };
        if let Some(block) = step.after {
            pages.cover(block);
        }
        for step in moves.kept() {
            pages.cover(Block { offset: step.to, len: step.len });
        }
    }

    #[inline]
    fn follow<A: Allocator>(&mut self, step: &Step, moves: &Moves, allocator: &A) {
        let Some(holes) = &mut self.holes else { return };
        holes.set_time(step.operation);
        let followed = if moves.is_compaction() {
            if step.end_bytes == Some(step.live_bytes) {
                holes.fill(step.live_bytes);
                if let Some(pages) = &mut self.pages {
                    pages.cover(Block { offset: 0, len: step.live_bytes });
                }
                Ok(())
            } else {
                look_again(holes, self.pages.as_mut(), moves, step, allocator)
            }
        } else {
            change(holes, step.before, step.after)
        };
        // What the contestant says itself must agree: a tiling without overlaps, headers and secrets.
        let agrees = step.end_bytes == Some(holes.end())
            && holes.end() == step.live_bytes + holes.totals().bytes;
        if followed.is_err() || !agrees {
            self.holes = None;
        }
    }

    /// Keeps the state, to be measured with others.
    #[inline]
    fn count(&mut self, step: &Step) {
        let before = step.before.map_or(0, |block| block.len);
        let after = step.after.map_or(0, |block| block.len);
        self.allocated_bytes = self.allocated_bytes.saturating_add(after.saturating_sub(before));
        self.ends_known &= step.end_bytes.is_some();
        self.is_at_peak |= step.is_peak;
        let begins_part = self.bands.begins_part(step.operation, self.allocated_bytes);
        if begins_part || self.pending == BATCH {
            self.measure();
        }
        self.latest = self.pending;
        let state = &mut self.states[self.latest];
        state.live_bytes = step.live_bytes;
        state.live_requested_bytes = step.live_requested_bytes;
        state.end_bytes = step.end_bytes.unwrap_or(step.live_bytes);
        if let Some(holes) = &mut self.holes {
            holes.tell(state);
        }
        self.pending += 1;
        self.operations += 1;
        if begins_part {
            let values = state.measure(self.metadata_bytes.unwrap_or(0.0));
            self.bands.begin_part(step.operation, self.allocated_bytes, &values);
        }
    }

    /// Measures the states that wait for it.
    #[inline(never)]
    fn measure(&mut self) {
        let metadata_bytes = self.metadata_bytes.unwrap_or(0.0);
        let (states, rows) = (&self.states[..self.pending], &mut self.rows[..self.pending]);
        for (row, state) in rows.iter_mut().zip(states) {
            *row = state.measure(metadata_bytes);
        }
        let mut sums = self.sums;
        for row in &*rows {
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += value;
            }
        }
        self.sums = sums;
        self.bands.push(rows);
        let mut counts = self.counts;
        for state in states {
            counts.add(state);
        }
        self.counts = counts;
        self.pending = 0;
    }

    fn keep_peak(&mut self) {
        self.is_at_peak = false;
        let peak = self.peak.get_or_insert_default();
        peak.state = self.states[self.latest];
        peak.metadata_bytes = self.metadata_bytes.unwrap_or(0.0);
        if let Some(holes) = &self.holes {
            peak.classes = holes.totals().classes;
        }
    }
}

/// Follows an operation that moved no block but its own.
#[inline]
fn change(holes: &mut Holes, before: Option<Block>, after: Option<Block>) -> Result<(), Overlap> {
    let (Some(before), Some(after)) = (before, after) else {
        if let Some(block) = before {
            holes.give(block);
        }
        return after.map_or(Ok(()), |block| holes.take(block));
    };
    if before.offset == after.offset {
        if after.len > before.len {
            let len = after.len - before.len;
            return holes.take(Block { offset: before.end(), len });
        }
        if after.len < before.len {
            holes.give(Block { offset: after.end(), len: before.len - after.len });
        }
        return Ok(());
    }
    if after.offset < before.end() && before.offset < after.end() {
        holes.give(before);
        return holes.take(after);
    }
    holes.take(after)?;
    holes.give(before);
    Ok(())
}

/// Follows an operation that slid other blocks: move by move where they are few, else by a walk, which then costs about
/// as much as the moves did.
#[cold]
fn look_again<A: Allocator>(
    holes: &mut Holes,
    mut pages: Option<&mut Pages>,
    moves: &Moves,
    step: &Step,
    allocator: &A,
) -> Result<(), Overlap> {
    let is_resize = step.before.is_some() && step.after.is_some();
    if moves.are_all_kept() && !is_resize {
        if let Some(block) = step.before {
            holes.give(block);
        }
        for step in moves.kept() {
            holes.give(Block { offset: step.from, len: step.len });
            holes.take(Block { offset: step.to, len: step.len })?;
        }
        return step.after.map_or(Ok(()), |block| holes.take(block));
    }
    holes.fill(step.end_bytes.ok_or(Overlap)?);
    allocator.walk(&mut |piece| match piece {
        Piece::Hole(hole) => holes.add(hole.offset, hole.len),
        Piece::Block(block, _) => {
            if let Some(pages) = &mut pages {
                pages.cover(block);
            }
        }
    });
    Ok(())
}
