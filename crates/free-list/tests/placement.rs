//! Drawn cases: a letter is a block, `-` is free, the new block is `A`; one character is one byte.
//!
//! In a drawn heap the rightmost hole is the most recently made.

use heaplab_conformance::drawn::{Step, check, play, refuse};
use heaplab_core::{AllocError, Config, Granule, Request, Strategy as _};
use heaplab_free_list::{FreeList, FreeListLifo};

#[test]
fn the_newest_hole_that_fits_is_taken() {
    check::<FreeListLifo>("X--Y--Z-W", Step::Allocate(2), "X--YAAZ-W");
    play::<FreeListLifo>(
        "X--YYZ--W",
        &[(Step::Free('Y'), "X----Z--W"), (Step::Allocate(1), "XA---Z--W")],
    );
}

#[test]
fn a_remainder_keeps_its_place_in_the_list() {
    // Newest first: the holes at 7, 4 and 1. What is left of the one at 4 stays before the one at 1.
    play::<FreeListLifo>(
        "V--W--X-Y",
        &[
            (Step::Allocate(2), "V--WAAX-Y"),
            (Step::Allocate(1), "V--WAAXBY"),
            (Step::Allocate(1), "VC-WAAXBY"),
        ],
    );
    play::<FreeListLifo>(
        "V--W---X-Y",
        &[
            (Step::Allocate(2), "V--WAA-X-Y"),
            (Step::Allocate(1), "V--WAA-XBY"),
            (Step::Allocate(1), "V--WAACXBY"),
        ],
    );
}

#[test]
fn a_hole_that_grew_counts_as_new() {
    play::<FreeListLifo>(
        "V-WX--Y",
        &[(Step::Free('W'), "V--X--Y"), (Step::Allocate(2), "VAAX--Y")],
    );
}

#[test]
fn the_segregated_list_takes_a_hole_of_the_lowest_class_that_holds_the_block() {
    check::<FreeList>("X----Y--Z---W", Step::Allocate(2), "X----YAAZ---W");
    // Below 32 granules a class is one length, and its newest hole is taken.
    check::<FreeList>("X--Y--Z", Step::Allocate(2), "X--YAAZ");
    refuse::<FreeList>("X--Y--Z", Step::Allocate(3));
}

#[test]
fn when_the_wilderness_is_full_a_hole_of_the_own_class_is_looked_at() {
    // 65 and 64 granules share a class, so a search for 65 skips the hole of 65 until nothing else is left.
    let hole = "-".repeat(65);
    let block = "A".repeat(65);
    check::<FreeList>(&format!("X{hole}Y"), Step::Allocate(65), &format!("X{block}Y"));
    let wilderness = "-".repeat(65);
    check::<FreeList>(
        &format!("X{hole}Y{wilderness}"),
        Step::Allocate(65),
        &format!("X{hole}Y{block}"),
    );
}

#[test]
fn near_the_top_of_64_bits_no_hole_is_taken_for_a_longer_one() {
    let config = Config::new().with_granule(Granule::BYTE);
    let mut heap = FreeList::new(u64::MAX, &config).unwrap();
    let long = Request::new(u64::MAX - (1 << 58) + 2);
    let first = heap.allocate(long).unwrap();
    let _behind = heap.allocate(Request::new(16)).unwrap();
    heap.free(first).unwrap();
    // Of the hole's class, but longer than the hole.
    let longer = Request::new(long.size + 100);
    assert!(matches!(heap.allocate(longer), Err(AllocError::OutOfMemory(_))));
    assert!(heap.allocate(long).is_ok());
}
