//! Once its tables have grown, no strategy asks the program's allocator for anything.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

use heaplab_core::{Config, Entry, Handle, Request, Strategy, Visitor};

/// Counts what the program asks its allocator for.
struct Counting;

static CALLS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise is ours.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        CALLS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the pointer came from `System` with this layout, and the caller's promise is ours.
        unsafe { System.realloc(pointer, layout, new_size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        CALLS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the pointer came from `System` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const LIVE: usize = 2_000;
const OPERATIONS: usize = 40_000;

/// Blocks that come, are resized and go at random, the same ones each time; all are gone in the end.
///
/// Steele, Lea and Flood's `SplitMix64` draws.
fn turnover<S: Strategy>(name: &str, allocator: &mut S, handles: &mut [Option<Handle>]) {
    let mut state = 7_u64;
    let mut draw = |below: u64| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % below
    };
    for _ in 0..OPERATIONS {
        let slot = usize::try_from(draw(LIVE as u64)).unwrap();
        let size = 1 + (draw(1 << 12) >> draw(12));
        let align = if draw(10) == 0 { 256 } else { 1 };
        let request = Request { size, align };
        match handles[slot] {
            None => handles[slot] = Some(allocator.allocate(request, &mut ()).unwrap()),
            Some(handle) if draw(4) == 0 => {
                allocator
                    .resize(handle, request, &mut ())
                    .unwrap_or_else(|e| panic!("{name}: {e}"));
            }
            Some(handle) => {
                allocator.free(handle, &mut ()).unwrap();
                handles[slot] = None;
            }
        }
    }
    for handle in handles.iter_mut().filter_map(Option::take) {
        allocator.free(handle, &mut ()).unwrap();
    }
}

struct Judge(Vec<(&'static str, u64, u64)>);

impl Visitor for Judge {
    fn visit<S: Strategy>(&mut self, entry: Entry) {
        let mut handles = vec![None; LIVE];
        // Enough for any of them, and little enough that those that slide have to.
        let mut allocator = S::new(8 << 20, &Config::new()).unwrap();
        let mut calls = [(); 2].map(|()| {
            let before = CALLS.load(Ordering::Relaxed);
            turnover(entry.name, &mut allocator, &mut handles);
            CALLS.load(Ordering::Relaxed) - before
        });
        let [cold, warm] = calls.each_mut().map(|calls| *calls);
        self.0.push((entry.name, cold, warm));
    }
}

#[test]
fn no_strategy_allocates_once_it_is_warm() {
    let mut judge = Judge(Vec::new());
    heaplab_strategies::registry().visit_all(&mut judge);
    assert!(judge.0.len() > 10);
    for (name, cold, warm) in judge.0 {
        // The first turn shows that growing tables are noticed.
        assert!(cold > 0, "{name} grew without being seen");
        assert_eq!(warm, 0, "{name} allocated in its second turn");
    }
}
