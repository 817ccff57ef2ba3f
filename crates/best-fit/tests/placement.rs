//! Drawn cases: a letter is a block, `-` is free, the new block is `A`; one character is one byte.

use heaplab_best_fit::BestFit;
use heaplab_conformance::drawn::{Step, check, play, refuse};

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
