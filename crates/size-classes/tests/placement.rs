//! Drawn cases: a letter is a block, `-` is not, the new block is `A`; one character is one byte. And the worst that
//! rounding does.
#![expect(clippy::unwrap_used, reason = "a heap that cannot be made has failed its test")]

use heaplab_conformance::drawn::{Step, check, play, refuse};
use heaplab_core::{Allocator, Config, Granule, Request, Strategy};
use heaplab_size_classes::{Buddy, Segregated};

fn new<S: Strategy>(capacity: u64) -> S {
    S::new(capacity, &Config::new().with_granule(Granule::BYTE)).unwrap()
}

#[test]
fn a_buddy_is_halved_until_it_is_as_long_as_the_rounded_block() {
    check::<Buddy>("--------", Step::Allocate(2), "AA------");
    play::<Buddy>("--------", &[(Step::Allocate(3), "AAA-----"), (Step::Allocate(3), "AAA-BBB-")]);
    // The rest of a buddy is nobody's.
    refuse::<Buddy>("XXXXYYY-", Step::Allocate(1));
    refuse::<Buddy>("--------", Step::Allocate(9));
}

#[test]
fn halves_are_joined_and_neighbors_that_are_none_are_not() {
    play::<Buddy>(
        "WWXXYYZZ",
        &[
            (Step::Free('X'), "WW--YYZZ"),
            (Step::Free('Y'), "WW----ZZ"),
            (Step::Allocate(2), "WW--AAZZ"),
        ],
    );
    check::<Buddy>("WWXX----", Step::Allocate(4), "WWXXAAAA");
}

#[test]
fn resizes_use_the_buddy_and_its_other_half() {
    play::<Buddy>(
        "--------",
        &[
            (Step::Allocate(2), "AA------"),
            (Step::Allocate(4), "AA--BBBB"),
            (Step::Resize('A', 3), "AAA-BBBB"),
            (Step::Resize('A', 4), "AAAABBBB"),
        ],
    );
    play::<Buddy>(
        "XXXXYYYY",
        &[(Step::Resize('X', 1), "X---YYYY"), (Step::Allocate(2), "X-AAYYYY")],
    );
}

/// The worst of rounding: one byte more than a power of two, and the heap must be twice the live bytes.
#[test]
fn buddies_need_up_to_twice_the_live_bytes() {
    let mut heap = new::<Buddy>(1 << 20);
    let served = (0..).take_while(|_| heap.allocate(Request::new(257), &mut ()).is_ok()).count();
    assert_eq!(served, (1 << 20) / 512);
    assert_eq!(heap.usage().live_bytes, 2_048 * 257);
}

/// When the mix of sizes changes, one cell keeps its whole page from the new size: a heap that is nearly empty is full.
#[test]
fn pages_that_keep_one_cell_serve_no_other_size() {
    let mut heap = Segregated::new(64 * 4_096, &Config::new()).unwrap();
    let cells: Vec<_> =
        (0..64 * 256).map(|_| heap.allocate(Request::new(16), &mut ()).unwrap()).collect();
    assert!(heap.allocate(Request::new(16), &mut ()).is_err());
    for (number, cell) in cells.into_iter().enumerate() {
        if !number.is_multiple_of(256) {
            heap.free(cell, &mut ()).unwrap();
        }
    }
    assert_eq!(heap.usage().live_bytes, 64 * 16);
    assert!(heap.allocate(Request::new(32), &mut ()).is_err());
    assert!(heap.allocate(Request::new(16), &mut ()).is_ok());
}

#[test]
fn an_empty_page_serves_any_size() {
    let mut heap = Segregated::new(4_096, &Config::new()).unwrap();
    let small = heap.allocate(Request::new(16), &mut ()).unwrap();
    assert!(heap.allocate(Request::new(2_000), &mut ()).is_err());
    heap.free(small, &mut ()).unwrap();
    assert!(heap.allocate(Request::new(2_000), &mut ()).is_ok());
}
