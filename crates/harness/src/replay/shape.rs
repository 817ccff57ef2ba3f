//! The measures of fragmentation, exact after every operation, without a walk.
//!
//! Holes are followed from the placements that the replay sees anyway. A contestant that does not know its holes has no
//! measures over them: the headers between its blocks would count as free.

use heaplab_core::{Allocator, Block, Granule, Piece};
use heaplab_report::HeapShape;

use super::watch::Moves;

mod bands;
mod bounds;
mod holes;
mod pages;
mod summary;
mod totals;

use bands::Bands;
use holes::{Holes, Overlap};
use pages::Pages;
use totals::Classes;

/// What is followed, at its place in the lists of values.
const EXTERNAL: usize = 0;
const INTERNAL: usize = 1;
const BEYOND_LARGEST: usize = 2;
const ROOT_SQUARE: usize = 3;
/// The first of three each, by size.
const UNUSABLE: usize = 4;
const FRAGMENTATION: usize = 7;
const LIVE_PAGES: usize = 10;
const METADATA: usize = 11;
const VALUES: usize = 12;

/// The values by name, in the order above.
const NAMES: [&str; VALUES] = [
    "external_ratio",
    "internal_ratio",
    "beyond_largest_ratio",
    "root_square_ratio",
    "for_256_bytes.unusable_index",
    "for_4096_bytes.unusable_index",
    "for_65536_bytes.unusable_index",
    "for_256_bytes.fragmentation_index",
    "for_4096_bytes.fragmentation_index",
    "for_65536_bytes.fragmentation_index",
    "live_pages",
    "metadata_bytes",
];

/// What the fragmentation index says of a size that a hole would serve.
const SERVED: f64 = -1.0;

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
    /// Used over live bytes, minus one; 0 without either.
    pub(super) external_ratio: f64,
    /// Whether more bytes are live than ever before.
    pub(super) is_peak: bool,
}

/// The state at the peak.
#[derive(Clone, Debug)]
struct Peak {
    values: [f64; VALUES],
    holes: u64,
    hole_bytes: u64,
    largest_hole_bytes: u64,
    classes: Option<Classes>,
}

/// Everything that is followed.
#[derive(Debug)]
pub(super) struct Shapes {
    /// `None` where the contestant does not know its holes, or placed blocks over each other.
    holes: Option<Holes>,
    pages: Option<Pages>,
    values: [f64; VALUES],
    sums: [f64; VALUES],
    bands: Bands<VALUES>,
    operations: u64,
    allocated_bytes: u64,
    ends_known: bool,
    internal_sum: f64,
    internal_count: u64,
    /// Operations after which no hole would serve a size.
    unserved: [u64; 3],
    holes_sum: u128,
    hole_bytes_sum: u128,
    largest_hole_bytes_sum: u128,
    peak: Option<Peak>,
    /// The state is that of the peak, and not yet in `peak`.
    is_at_peak: bool,
    metadata_known: bool,
}

impl Shapes {
    /// For a contestant that tells where its blocks are, or not, and that knows its holes, or not.
    pub(super) fn new(has_places: bool, knows_holes: bool, granule: Granule) -> Self {
        Self {
            holes: (has_places && knows_holes).then(|| Holes::new(granule)),
            pages: has_places.then(Pages::default),
            values: [0.0; VALUES],
            sums: [0.0; VALUES],
            bands: Bands::new(),
            operations: 0,
            allocated_bytes: 0,
            ends_known: true,
            internal_sum: 0.0,
            internal_count: 0,
            unserved: [0; 3],
            holes_sum: 0,
            hole_bytes_sum: 0,
            largest_hole_bytes_sum: 0,
            peak: None,
            is_at_peak: false,
            metadata_known: false,
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

    /// The bytes of bookkeeping in use now.
    #[expect(clippy::cast_precision_loss, reason = "three digits are kept")]
    pub(super) fn set_metadata(&mut self, bytes: u64) {
        self.values[METADATA] = bytes as f64;
        self.metadata_known = true;
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

    fn cover(&mut self, step: &Step, moves: &Moves) {
        let Some(pages) = &mut self.pages else { return };
        if let Some(block) = step.after {
            pages.cover(block);
        }
        for step in moves.kept() {
            pages.cover(Block { offset: step.to, len: step.len });
        }
    }

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
            return;
        }
        self.measure();
    }

    /// The measures over the holes, after they changed.
    fn measure(&mut self) {
        let Some(holes) = &mut self.holes else { return };
        self.values[LIVE_PAGES] = double(holes.live_pages());
        if !holes.has_changed() {
            return;
        }
        let largest = holes.largest_bytes();
        let totals = holes.totals();
        if totals.count == 0 {
            self.values[BEYOND_LARGEST..LIVE_PAGES].fill(0.0);
            return;
        }
        let free = double(totals.bytes);
        // With a single hole the root may differ from the sum by rounding.
        let root = if totals.count == 1 { free } else { root(totals.squares) };
        let mut lost = [double(totals.bytes - largest), free - root, 0.0, 0.0, 0.0];
        for (lost, &usable) in
            lost[UNUSABLE - BEYOND_LARGEST..].iter_mut().zip(&totals.usable_bytes)
        {
            *lost = double(totals.bytes - usable);
        }
        // Side by side, so that one instruction divides several.
        for (value, lost) in self.values[BEYOND_LARGEST..FRAGMENTATION].iter_mut().zip(lost) {
            *value = lost / free;
        }
        for (at, &usable) in totals.usable_bytes.iter().enumerate() {
            self.values[FRAGMENTATION + at] = if usable > 0 {
                SERVED
            } else {
                let size = double(HeapShape::SIZES_BYTES[at]);
                1.0 - (1.0 + free / size) / double(totals.count)
            };
        }
    }

    fn count(&mut self, step: &Step) {
        let before = step.before.map_or(0, |block| block.len);
        let after = step.after.map_or(0, |block| block.len);
        self.allocated_bytes = self.allocated_bytes.saturating_add(after.saturating_sub(before));
        self.ends_known &= step.end_bytes.is_some();
        self.values[EXTERNAL] = step.external_ratio;
        self.values[INTERNAL] = if step.live_requested_bytes > 0 {
            let requested = double(step.live_requested_bytes);
            self.internal_count += 1;
            (double(step.live_bytes) - requested) / requested
        } else {
            0.0
        };
        self.internal_sum += self.values[INTERNAL];
        if let Some(holes) = &mut self.holes {
            let largest = holes.largest_bytes();
            let totals = holes.totals();
            self.holes_sum += u128::from(totals.count);
            self.hole_bytes_sum += u128::from(totals.bytes);
            self.largest_hole_bytes_sum += u128::from(largest);
            for (unserved, usable) in self.unserved.iter_mut().zip(totals.usable_bytes) {
                *unserved += u64::from(usable == 0);
            }
        }
        for (sum, value) in self.sums.iter_mut().zip(&self.values) {
            *sum += value;
        }
        self.bands.push(step.operation, self.allocated_bytes, &self.values);
        self.operations += 1;
        self.is_at_peak |= step.is_peak;
    }

    fn keep_peak(&mut self) {
        self.is_at_peak = false;
        let mut peak = Peak {
            values: self.values,
            holes: 0,
            hole_bytes: 0,
            largest_hole_bytes: 0,
            classes: None,
        };
        if let Some(holes) = &mut self.holes {
            peak.largest_hole_bytes = holes.largest_bytes();
            peak.holes = holes.totals().count;
            peak.hole_bytes = holes.totals().bytes;
            peak.classes = Some(holes.totals().classes);
        }
        self.peak = Some(peak);
    }
}

/// Follows an operation that moved no block but its own.
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

/// The square root, as a double.
#[expect(clippy::cast_precision_loss, reason = "a ratio needs no more digits than a double has")]
fn root(squares: u128) -> f64 {
    // Most sums fit into a word, and turning two words into a double is a call.
    u64::try_from(squares).map_or_else(|_| squares as f64, double).sqrt()
}

/// The same number, or the nearest.
#[inline]
#[expect(clippy::cast_precision_loss, reason = "a ratio needs no more digits than a double has")]
pub(super) fn double(number: u64) -> f64 {
    // One instruction; one that knows no signs is several.
    i64::try_from(number).map_or_else(|_| number as f64, |number| number as f64)
}
