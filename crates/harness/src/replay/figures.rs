//! What a replay counts after each operation.

use heaplab_core::{Allocator, Block, Granule, Kind, Usage};
use heaplab_report::{Fragmentation, HoleClass, Series, Space, Trend};

use super::series::{Point, SeriesBuilder};
use super::shape::{Shapes, Step};
use super::watch::Moves;

/// What an operation has made of a slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    /// Index of the operation.
    pub(super) operation: u64,
    /// Requested and rounded bytes; (0, 0) for no block.
    pub(super) before: (u64, u64),
    pub(super) after: (u64, u64),
    /// Where the block was, and where it is; `None` for no block.
    pub(super) from: Option<Block>,
    pub(super) to: Option<Block>,
}

/// Live bytes, their peaks, and the measures that compare them with the end of the last block.
#[derive(Debug)]
pub(super) struct Figures {
    live_bytes: u128,
    live_requested_bytes: u128,
    peak_live_bytes: u128,
    peak_live_requested_bytes: u128,
    requested_at_peak_live: u128,
    /// The end at the earliest operation of most live bytes.
    end_at_peak_live: Option<u64>,
    /// The most that the end was after an operation, and the live bytes of the earliest such operation.
    highest_end: u64,
    live_at_highest_end: u128,
    metadata_used_bytes: Option<u64>,
    metadata_reserved_bytes: Option<u64>,
    series: SeriesBuilder,
    shapes: Shapes,
}

impl Figures {
    /// For a trace of so many operations.
    pub(super) fn new(operations: u64) -> Self {
        Self {
            live_bytes: 0,
            live_requested_bytes: 0,
            peak_live_bytes: 0,
            peak_live_requested_bytes: 0,
            requested_at_peak_live: 0,
            end_at_peak_live: None,
            highest_end: 0,
            live_at_highest_end: 0,
            metadata_used_bytes: None,
            metadata_reserved_bytes: None,
            series: SeriesBuilder::new(operations),
            shapes: Shapes::new(false, false, Granule::DEFAULT),
        }
    }

    pub(super) fn peak_live_bytes(&self) -> u64 {
        saturate(self.peak_live_bytes)
    }

    pub(super) fn peak_live_requested_bytes(&self) -> u64 {
        saturate(self.peak_live_requested_bytes)
    }

    /// The allocator has been made. Floors say nothing about places that could be believed.
    pub(super) fn begin(&mut self, kind: Kind, granule: Granule, usage: &Usage) {
        self.shapes = Shapes::new(kind != Kind::Floor, usage.holes.is_some(), granule);
    }

    /// Whether [`Change::from`] is wanted for a block that is freed.
    pub(super) const fn wants_freed(&self) -> bool {
        self.shapes.wants_freed()
    }

    /// An operation that may make fewer bytes live is about to begin.
    #[inline]
    pub(super) fn leave_peak(&mut self) {
        self.shapes.leave_peak();
    }

    /// An operation is complete.
    #[inline]
    pub(super) fn completed<A: Allocator>(
        &mut self,
        change: &Change,
        moves: &Moves,
        allocator: &A,
    ) {
        let Change { operation, before, after, from, to } = *change;
        self.live_requested_bytes =
            self.live_requested_bytes + u128::from(after.0) - u128::from(before.0);
        self.live_bytes = self.live_bytes + u128::from(after.1) - u128::from(before.1);
        self.peak_live_requested_bytes =
            self.peak_live_requested_bytes.max(self.live_requested_bytes);
        let end = allocator.end_bytes();
        let is_peak = self.live_bytes > self.peak_live_bytes;
        if is_peak {
            self.peak_live_bytes = self.live_bytes;
            self.requested_at_peak_live = self.live_requested_bytes;
            self.end_at_peak_live = end;
        }
        if let Some(end) = end
            && end > self.highest_end
        {
            self.highest_end = end;
            self.live_at_highest_end = self.live_bytes;
        }
        let is_point = self.series.wants(operation, end);
        if is_point || self.shapes.wants_metadata(operation) {
            let usage = allocator.brief_usage();
            self.note_metadata(&usage);
            if is_point {
                self.series.push(Point {
                    operation,
                    live_bytes: saturate(self.live_bytes),
                    reserved_bytes: end,
                    holes: usage.holes,
                });
            }
        }
        let step = Step {
            operation,
            before: from,
            after: to,
            live_bytes: saturate(self.live_bytes),
            live_requested_bytes: saturate(self.live_requested_bytes),
            end_bytes: end,
            is_peak,
        };
        self.shapes.step(&step, moves, allocator);
    }

    /// Takes the size of the bookkeeping into the maxima. Done at the points of the series, at the ends of chunks
    /// and at the end, not after each operation.
    pub(super) fn note_metadata(&mut self, usage: &Usage) {
        self.metadata_used_bytes = self.metadata_used_bytes.max(usage.metadata_used_bytes);
        if let Some(bytes) = usage.metadata_used_bytes {
            self.shapes.set_metadata(bytes);
        }
        self.metadata_reserved_bytes =
            self.metadata_reserved_bytes.max(usage.metadata_reserved_bytes);
    }

    /// The figures of the whole replay, with the allocator as it is at its end.
    pub(super) fn finish<A: Allocator>(
        &mut self,
        allocator: &A,
        usage: &Usage,
    ) -> (Space, Option<Series>, Vec<Trend>) {
        let known_holes = usage.holes.is_some();
        let peaks = self.fragmentation_at_peaks();
        let shapes = self.shapes.finish();
        let space = Space {
            high_water_bytes: usage.high_water_bytes,
            metadata_bytes: self.metadata_used_bytes,
            metadata_reserved_bytes: self.metadata_reserved_bytes,
            fragmentation: shapes
                .mean_external_ratio
                .map(|mean| Fragmentation { jw1: Some(mean), ..peaks }),
            internal_ratio: excess(self.peak_live_bytes, self.requested_at_peak_live),
            holes: usage.holes,
            largest_hole_bytes: usage.largest_hole_bytes,
            hole_histogram: if known_holes { hole_classes(allocator) } else { Vec::new() },
            touched_pages: shapes.touched_pages,
            at_peak: shapes.at_peak,
            mean: shapes.mean,
            ..Space::default()
        };
        (space, self.series.finish(), shapes.trends)
    }

    /// Three of Johnstone and Wilson's four measures: all but the average.
    fn fragmentation_at_peaks(&self) -> Fragmentation {
        let at_peak = self.end_at_peak_live.map(u128::from);
        Fragmentation {
            jw1: None,
            jw2: at_peak.and_then(|end| excess(end, self.peak_live_bytes)),
            jw3: excess(u128::from(self.highest_end), self.live_at_highest_end),
            jw4: excess(u128::from(self.highest_end), self.peak_live_bytes),
        }
    }
}

/// `whole` over `part`, minus one; `None` for a part of 0.
#[expect(clippy::cast_precision_loss, reason = "a ratio needs no more digits than a double has")]
fn excess(whole: u128, part: u128) -> Option<f64> {
    (part > 0).then(|| (whole as f64 - part as f64) / part as f64)
}

/// The holes by powers of two, shortest first.
fn hole_classes<A: Allocator>(allocator: &A) -> Vec<HoleClass> {
    let mut classes = [(0_u64, 0_u64); 64];
    allocator.walk(&mut |piece| {
        if let heaplab_core::Piece::Hole(hole) = piece
            && let Some(class) = hole.len.checked_ilog2()
        {
            let (holes, bytes) = &mut classes[class as usize];
            *holes += 1;
            *bytes += hole.len;
        }
    });
    (0..64)
        .zip(classes)
        .filter(|&(_, (holes, _))| holes > 0)
        .map(|(class, (holes, bytes))| HoleClass { from_bytes: 1 << class, holes, bytes })
        .collect()
}

fn saturate(bytes: u128) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
