//! A long trace is replayed in memory for its live blocks, not for its operations.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use heaplab_harness::{ReplayRequest, floor, replay};
use heaplab_report::Status;
use heaplab_trace::{
    CHUNK_OPERATIONS, ChunkReader, Counts, Operation, OperationSource, Summary, TraceError,
    TraceInfo,
};

/// Counts the bytes that the test holds, and the most that it ever held.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(held, Ordering::Relaxed);
        // SAFETY: the caller's promise is ours.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the pointer came from `System` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const OPERATIONS: u64 = 10_000_000;
const LIVE: u64 = 1_000;

/// Ten million operations that exist one chunk at a time: a window of blocks, the oldest freed for each new one.
struct Window {
    info: TraceInfo,
    summary: Summary,
}

struct WindowReader(u64);

impl OperationSource for Window {
    fn info(&self) -> &TraceInfo {
        &self.info
    }

    fn summary(&self) -> &Summary {
        &self.summary
    }

    fn open(&self) -> Result<Box<dyn ChunkReader + '_>, TraceError> {
        Ok(Box::new(WindowReader(0)))
    }
}

impl ChunkReader for WindowReader {
    fn next_chunk(&mut self, chunk: &mut Vec<Operation>) -> Result<bool, TraceError> {
        chunk.clear();
        while chunk.len() < CHUNK_OPERATIONS && self.0 < OPERATIONS {
            // The first round fills the window; then each slot is freed and filled in turn.
            let step = self.0;
            let turn = if step < LIVE { step } else { (step - LIVE) / 2 };
            let slot = u32::try_from(turn % LIVE).unwrap_or(u32::MAX);
            let frees = step >= LIVE && (step - LIVE).is_multiple_of(2);
            chunk.push(if frees {
                Operation::Free { slot }
            } else {
                Operation::Allocate { slot, size: step % 500, align: 1 }
            });
            self.0 += 1;
        }
        Ok(!chunk.is_empty())
    }
}

#[test]
fn ten_million_operations_take_memory_for_one_chunk() {
    let counts = Counts { allocate: OPERATIONS, ..Counts::default() };
    let trace = Window {
        info: TraceInfo::named("window"),
        summary: Summary { operations: counts, ..Summary::default() },
    };
    let before = HELD.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let replayed = replay::<floor::Bump>(&ReplayRequest::new(&trace), &mut ()).unwrap();
    assert_eq!((replayed.outcome.status, replayed.operations), (Status::Ok, OPERATIONS));
    let most = MOST.load(Ordering::Relaxed) - before;
    // A chunk of 24 bytes an operation is 1.5 MiB; the operations themselves would be 240 MB.
    assert!(most < 4 << 20, "{most} bytes at once");
}
