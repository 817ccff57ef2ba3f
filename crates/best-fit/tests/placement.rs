//! Drawn cases: a letter is a block, `-` is free, the new block is `A`; one character is one byte.

use heaplab_best_fit::{BestFit, BestFitLifo};
use heaplab_conformance::drawn::{Step, check, play, refuse};
use heaplab_core::{Allocator as _, Config, Granule, Request, Strategy as _};

#[test]
fn the_shortest_hole_that_fits_is_taken() {
    check::<BestFit>("X----Y--Z---W", Step::Allocate(2), "X----YAAZ---W");
    check::<BestFit>("X----Y---Z---W", Step::Allocate(2), "X----YAA-Z---W");
    check::<BestFit>("X-Y--Z-----", Step::Allocate(3), "X-Y--ZAAA--");
}

#[test]
fn of_equal_holes_the_lowest_is_taken() {
    check::<BestFit>("X--Y--Z--W", Step::Allocate(2), "XAAY--Z--W");
    play::<BestFit>(
        "U--V--W--X",
        &[(Step::Allocate(1), "UA-V--W--X"), (Step::Allocate(2), "UA-VBBW--X")],
    );
}

#[test]
fn an_alignment_is_met_in_the_shortest_hole_where_it_can_be() {
    // The hole of two at 5 holds no address that is a multiple of 4; the one of three at 8 begins with one.
    check::<BestFit>("XXXXX--Y---Z-----W", Step::AllocateAligned(2, 4), "XXXXX--YAA-Z-----W");
    check::<BestFit>("XXXXX-----Y", Step::AllocateAligned(2, 4), "XXXXX---AAY");
}

#[test]
fn a_resize_that_must_move_takes_the_shortest_hole() {
    check::<BestFit>("X----Y---ZZW", Step::Resize('Z', 3), "X----YZZZ--W");
    refuse::<BestFit>("XX-YYZ--W", Step::Resize('Y', 3));
}

#[test]
fn the_wilderness_is_taken_last() {
    check::<BestFit>("X------Y--", Step::Allocate(2), "XAA----Y--");
}

#[test]
fn of_equal_holes_the_newest_is_taken() {
    play::<BestFitLifo>(
        "U--VWWX--Y",
        &[(Step::Free('W'), "U--V--X--Y"), (Step::Allocate(2), "U--VAAX--Y")],
    );
    // What is left of a longer hole is new, though the hole was old.
    play::<BestFitLifo>(
        "U---VWX-Y",
        &[
            (Step::Free('W'), "U---V-X-Y"),
            (Step::Allocate(2), "UAA-V-X-Y"),
            (Step::Allocate(1), "UAABV-X-Y"),
        ],
    );
}

#[test]
fn of_equal_long_holes_the_newest_is_taken() {
    // Beyond the exact classes: with a granule of one byte, from 4,096 bytes on.
    let config = Config::new().with_granule(Granule::BYTE);
    let mut heap = BestFitLifo::new(1 << 20, &config).unwrap();
    let sizes = [5_000, 5_010, 5_000, 5_000, 4_990, 5_000];
    let mut place = |size| heap.allocate(Request::new(size)).unwrap();
    let blocks: Vec<_> = sizes.map(|size| (place(size), place(1))).into();
    let offsets: Vec<_> =
        blocks.iter().map(|(block, _)| heap.block(*block).unwrap().offset).collect();
    for freed in [3, 1, 0, 4, 5, 2] {
        heap.free(blocks[freed].0).unwrap();
    }
    for expected in [2, 5, 0, 3, 1] {
        let block = heap.allocate(Request::new(5_000)).unwrap();
        assert_eq!(heap.block(block).unwrap().offset, offsets[expected]);
        heap.check_invariants().unwrap();
    }
}
