//! How a replay ended, in the report's terms.

use heaplab_core::{AllocError, Allocator, Granule, Piece, Request, Usage, align_up};
use heaplab_report::{Outcome, Status};

/// An outcome that needs no more than a reason.
pub(crate) fn failed(status: Status, operation: Option<u64>, message: String) -> Outcome {
    Outcome { status, operation, message: Some(message), ..Outcome::default() }
}

/// The outcome of a replay whose operation was refused, with the heap as it was left.
pub(super) fn refused<A: Allocator>(
    operation: u64,
    request: Request,
    error: &AllocError,
    allocator: &A,
    granule: Granule,
) -> Outcome {
    match error {
        AllocError::OutOfMemory(_) | AllocError::TooLarge { .. } => {}
        AllocError::OutOfMetadata { .. } => {
            return failed(Status::Oom, Some(operation), error.to_string());
        }
        // Traces hold valid requests for live slots only.
        _ => {
            return failed(
                Status::Invalid,
                Some(operation),
                format!("a valid request was refused: {error}"),
            );
        }
    }
    let usage = allocator.usage();
    let capacity = allocator.capacity_bytes();
    let requested = granule.length_of(request.size).unwrap_or(request.size);
    let free = capacity.saturating_sub(usage.live_bytes);
    let largest = usage.largest_hole_bytes;
    let message = if requested > capacity {
        format!("too large: {requested} bytes can never fit into a heap of {capacity}")
    } else if free < requested {
        format!("full: {requested} bytes requested, {free} free")
    } else if let Some(reason) = beyond_fragmentation(request.align, requested, allocator, &usage) {
        format!("{reason}: {requested} bytes requested, {free} free")
    } else {
        let holes = usage
            .holes
            .map_or(String::new(), |holes| format!(" in {holes} holes and the wilderness"));
        let largest = largest.max(usage.wilderness_bytes);
        let largest = largest.map_or(String::new(), |bytes| format!(", the longest piece {bytes}"));
        format!("fragmented, not full: {requested} bytes requested, {free} free{holes}{largest}")
    };
    Outcome {
        status: Status::Oom,
        operation: Some(operation),
        requested_bytes: Some(requested),
        free_bytes: Some(free),
        largest_hole_bytes: largest,
        wilderness_bytes: usage.wilderness_bytes,
        holes: usage.holes,
        message: Some(message),
    }
}

/// Why a request was refused although a free piece is long enough; `None` where none is, or where that is not known.
fn beyond_fragmentation<A: Allocator>(
    align: u64,
    requested: u64,
    allocator: &A,
    usage: &Usage,
) -> Option<String> {
    let longest = usage.largest_hole_bytes.max(usage.wilderness_bytes)?;
    if longest < requested {
        return None;
    }
    let from_aligned =
        |start: u64, end: u64| align_up(start, align).map_or(0, |start| end.saturating_sub(start));
    let mut fits = usage.end_bytes.map_or(0, |end| from_aligned(end, allocator.capacity_bytes()));
    allocator.walk(&mut |piece| {
        if let Piece::Hole(hole) = piece {
            fits = fits.max(from_aligned(hole.offset, hole.offset + hole.len));
        }
    });
    Some(if fits < requested {
        format!(
            "misaligned, neither full nor fragmented: the longest free piece has {longest}, but from a multiple of \
             {align} on none has more than {fits}"
        )
    } else {
        format!("not found, though a free piece would hold {fits}")
    })
}
