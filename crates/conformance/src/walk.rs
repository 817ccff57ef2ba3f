//! Recounting: what a walk must look like, and what usage figures must say about it.

use heaplab_core::{Allocator, Piece, Usage};

use crate::Fault;

/// Walks an allocator and checks everything that needs no knowledge of what was asked of it.
///
/// Pieces start at 0, touch, lie within the capacity and consist of granules; no two holes are neighbors; the last
/// piece is a block; the handle of every block leads to it; the figures of `usage()` are those of the walk, where
/// they are known; `check_invariants()` agrees. An allocator whose [`Usage::holes`] are unknown shows its blocks alone,
/// with gaps between them.
///
/// # Errors
///
/// The first [`Fault`].
pub fn check_walk<A: Allocator + ?Sized>(allocator: &A) -> Result<Vec<Piece>, Fault> {
    let pieces = pieces_of(allocator);
    let usage = allocator.usage();
    check_shape(allocator, &pieces, usage.holes.is_some())?;
    check_usage(&pieces, allocator.capacity_bytes(), &usage)?;
    // What is said in brief is the same; only what would cost a walk may be left out.
    let brief = allocator.brief_usage();
    let left_out = Usage {
        holes: brief.holes.and(usage.holes),
        largest_hole_bytes: brief.largest_hole_bytes.and(usage.largest_hole_bytes),
        ..usage
    };
    check_usage(&pieces, allocator.capacity_bytes(), &brief)?;
    if brief != left_out {
        return Err(Fault::BrokenInvariant(format!("in brief {brief:?}, else {usage:?}")));
    }
    allocator.check_invariants().map_err(Fault::BrokenInvariant)?;
    Ok(pieces)
}

/// The pieces in the order in which the allocator walks them.
pub(crate) fn pieces_of<A: Allocator + ?Sized>(allocator: &A) -> Vec<Piece> {
    let mut pieces = Vec::new();
    allocator.walk(&mut |piece| pieces.push(piece));
    pieces
}

fn check_shape<A: Allocator + ?Sized>(
    allocator: &A,
    pieces: &[Piece],
    shows_holes: bool,
) -> Result<(), Fault> {
    let (capacity_bytes, granule) = (allocator.capacity_bytes(), allocator.granule());
    let mut end = 0;
    let mut previous_was_hole = false;
    for piece in pieces.iter().copied() {
        let (offset, len) = (piece.offset(), piece.len());
        if offset < end {
            return Err(Fault::PiecesOverlap { end, piece });
        }
        if offset > end && shows_holes {
            return Err(Fault::PiecesDoNotTouch { expected_offset: end, piece });
        }
        if len == 0 || !granule.divides(offset) || !granule.divides(len) {
            return Err(Fault::NotGranular(piece));
        }
        end = match offset.checked_add(len) {
            Some(end) if end <= capacity_bytes => end,
            _ => return Err(Fault::OutOfRange { offset, len, capacity_bytes }),
        };
        match piece {
            Piece::Hole(_) if previous_was_hole => return Err(Fault::AdjacentHoles { offset }),
            Piece::Hole(_) => previous_was_hole = true,
            Piece::Block(walked, handle) => {
                previous_was_hole = false;
                let found = allocator.block(handle);
                if found != Some(walked) {
                    return Err(Fault::HandleLeadsElsewhere { handle, walked, found });
                }
            }
        }
    }
    match pieces.last() {
        Some(Piece::Hole(hole)) => Err(Fault::HoleAtTheEnd { offset: hole.offset }),
        _ => Ok(()),
    }
}

/// Checks usage figures against a walk whose shape is right.
fn check_usage(pieces: &[Piece], capacity_bytes: u64, usage: &Usage) -> Result<(), Fault> {
    let lengths = |of_holes: bool| {
        let wanted = move |piece: &&Piece| matches!(piece, Piece::Hole(_)) == of_holes;
        pieces.iter().filter(wanted).map(Piece::len)
    };
    let count = |of_holes: bool| lengths(of_holes).map(|_| 1).sum::<u64>();
    let end = pieces.last().map_or(0, |piece| piece.offset() + piece.len());
    let figures = [
        ("live_bytes", lengths(false).sum(), Some(usage.live_bytes)),
        ("live_blocks", count(false), Some(usage.live_blocks)),
        ("holes", count(true), usage.holes),
        ("largest_hole_bytes", lengths(true).max().unwrap_or(0), usage.largest_hole_bytes),
        ("wilderness_bytes", capacity_bytes - end, usage.wilderness_bytes),
        ("end_bytes", end, usage.end_bytes),
    ];
    for (figure, expected, found) in figures {
        if found.is_some_and(|found| found != expected) {
            return Err(Fault::WrongUsage { figure, expected, found });
        }
    }
    if usage.high_water_bytes.is_some_and(|mark| mark < end || mark > capacity_bytes) {
        let found = usage.high_water_bytes;
        return Err(Fault::WrongUsage { figure: "high_water_bytes", expected: end, found });
    }
    if let (Some(used), Some(reserved)) = (usage.metadata_used_bytes, usage.metadata_reserved_bytes)
        && used > reserved
    {
        let found = Some(used);
        return Err(Fault::WrongUsage { figure: "metadata_used_bytes", expected: reserved, found });
    }
    Ok(())
}
