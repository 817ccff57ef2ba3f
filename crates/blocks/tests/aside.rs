//! A hole that waits beside an index changes no choice.

use heaplab_blocks::{Fits, LatestAside, ShortestFit};
use heaplab_core::{Allocator as _, Granule, Handle, Request};
use proptest::prelude::*;

const CAPACITY_BYTES: u64 = 4 << 20;

/// Small sizes that meet again and again, and some whose holes are no longer of an exact class.
fn size() -> impl Strategy<Value = u64> {
    prop_oneof![12 => 1_u64..200, 3 => 1_u64..3_000, 1 => 60_000_u64..200_000]
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Allocate(Request),
    /// One of the live blocks, counted from the latest.
    Free(usize),
    Resize(usize, Request),
}

fn request() -> impl Strategy<Value = Request> {
    let align = prop_oneof![6 => Just(1_u64), 1 => Just(32), 1 => Just(64), 1 => Just(4_096)];
    (size(), align).prop_map(|(size, align)| Request::aligned(size, align))
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => request().prop_map(Step::Allocate),
        4 => (0_usize..40).prop_map(Step::Free),
        1 => (0_usize..40, request()).prop_map(|(at, request)| Step::Resize(at, request)),
    ]
}

proptest! {
    #[test]
    fn the_latest_hole_aside_changes_no_placement(steps in prop::collection::vec(step(), 1..400)) {
        let mut plain = Fits::<ShortestFit>::with_capacity(CAPACITY_BYTES, Granule::DEFAULT).unwrap();
        let mut aside =
            Fits::<LatestAside<ShortestFit>>::with_capacity(CAPACITY_BYTES, Granule::DEFAULT).unwrap();
        let mut live: Vec<(Handle, Handle)> = Vec::new();
        for step in steps {
            match step {
                Step::Allocate(request) => {
                    let placed = (plain.allocate(request), aside.allocate(request));
                    match placed {
                        (Ok(a), Ok(b)) => live.push((a, b)),
                        (a, b) => prop_assert_eq!(a.is_err(), b.is_err()),
                    }
                }
                Step::Free(at) if at < live.len() => {
                    let (a, b) = live.remove(live.len() - 1 - at);
                    plain.free(a).unwrap();
                    aside.free(b).unwrap();
                }
                Step::Resize(at, request) if at < live.len() => {
                    let (a, b) = live[live.len() - 1 - at];
                    let resized = plain.resize(a, request, &mut ()).is_ok();
                    prop_assert_eq!(resized, aside.resize(b, request, &mut ()).is_ok());
                }
                Step::Free(_) | Step::Resize(..) => {}
            }
            for &(a, b) in &live {
                prop_assert_eq!(plain.block(a), aside.block(b));
            }
            prop_assert_eq!(plain.usage().largest_hole_bytes, aside.usage().largest_hole_bytes);
        }
        aside.check_invariants().unwrap();
    }
}
