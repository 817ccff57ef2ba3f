//! The loops inside the clock.

use std::time::Instant;

use heaplab_core::{Allocator, Handle, Memory, Request};
use heaplab_trace::Operation;

/// The timed loop; stops at the first operation that is refused and returns its index.
///
/// It is a function of its own under this name in every build, so that instructions can be counted in it alone.
#[inline(never)]
pub(super) fn perform<A: Allocator, M: Memory>(
    allocator: &mut A,
    slots: &mut [Option<Handle>],
    operations: &[Operation],
    memory: &mut M,
) -> Result<(), usize> {
    for (index, operation) in operations.iter().enumerate() {
        if !step(allocator, slots, operation, memory) {
            return Err(index);
        }
    }
    Ok(())
}

/// The same with the clock read before and behind each operation; `took_ns` is at least as long as `operations`.
#[inline(never)]
pub(super) fn perform_clocked<A: Allocator, M: Memory>(
    allocator: &mut A,
    slots: &mut [Option<Handle>],
    operations: &[Operation],
    memory: &mut M,
    took_ns: &mut [u64],
) -> Result<(), usize> {
    for (index, (operation, took_ns)) in operations.iter().zip(took_ns).enumerate() {
        let started = Instant::now();
        let done = step(allocator, slots, operation, memory);
        *took_ns = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        if !done {
            return Err(index);
        }
    }
    Ok(())
}

/// One operation: dispatch, slot table, strategy. `false` if it was refused.
#[inline(always)]
fn step<A: Allocator, M: Memory>(
    allocator: &mut A,
    slots: &mut [Option<Handle>],
    operation: &Operation,
    memory: &mut M,
) -> bool {
    match *operation {
        Operation::Allocate { slot, size, align } => {
            match allocator.allocate(Request { size, align }, memory) {
                Ok(handle) => {
                    slots[slot as usize] = Some(handle);
                    true
                }
                Err(_) => false,
            }
        }
        Operation::Resize { slot, size, align } => match slots[slot as usize] {
            Some(handle) => allocator.resize(handle, Request { size, align }, memory).is_ok(),
            None => false,
        },
        Operation::Free { slot } => match slots[slot as usize].take() {
            Some(handle) => allocator.free(handle, memory).is_ok(),
            None => false,
        },
    }
}
