//! How much memory a thread holds, and the most that it held: an allocator that counts.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator, with a count for each thread. A program that wants to know makes it its own:
///
/// ```
/// #[global_allocator]
/// static ALLOCATOR: heaplab_fuzz::memory::Counting = heaplab_fuzz::memory::Counting;
///
/// let (text, most_bytes) = heaplab_fuzz::memory::most_bytes(|| vec![0_u8; 1 << 20].len());
/// assert!(text == 1 << 20 && most_bytes >= 1 << 20);
/// ```
#[derive(Debug)]
pub struct Counting;

fn count(change: isize) {
    // While a thread ends there is nobody to count for.
    let _ = HELD.try_with(|held| {
        held.set(held.get() + change);
        let _ = MOST.try_with(|most| most.set(most.get().max(held.get())));
    });
}

// SAFETY: Every call is passed on to the system's allocator unchanged; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        // SAFETY: The caller's promise is ours.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-layout.size().cast_signed());
        // SAFETY: The pointer came from `System` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// The most bytes that this thread held at once during a call, beyond what it held before; 0 without [`Counting`].
pub fn most_bytes<T>(call: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.get();
    MOST.set(before);
    let result = call();
    (result, (MOST.get() - before).max(0).unsigned_abs())
}
