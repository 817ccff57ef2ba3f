//! How a replay ended, in the report's terms.

use heaplab_core::{AllocError, Allocator, Granule, Request};
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
