//! Drawn cases: a letter is a block, `-` is free, the new block is `A`; one character is one byte.
//!
//! A drawn heap is laid out from the left, so the rover begins behind the last block.

use heaplab_conformance::drawn::{Step, check, play};
use heaplab_next_fit::NextFit;

#[test]
fn the_search_goes_on_behind_the_last_placement_and_starts_over_at_the_end() {
    play::<NextFit>(
        "X-Y-Z-W",
        &[
            (Step::Allocate(1), "XAY-Z-W"),
            (Step::Allocate(1), "XAYBZ-W"),
            (Step::Free('A'), "X-YBZ-W"),
            (Step::Allocate(1), "X-YBZAW"),
            (Step::Allocate(1), "XCYBZAW"),
        ],
    );
}

#[test]
fn a_hole_that_begins_below_the_rover_waits_for_the_next_round() {
    // After A the rover is at 2; freeing A makes a hole from 1 to 4 that begins below it.
    play::<NextFit>(
        "X---Y-W",
        &[
            (Step::Allocate(1), "XA--Y-W"),
            (Step::Free('A'), "X---Y-W"),
            (Step::Allocate(1), "X---YAW"),
            (Step::Allocate(1), "XB--YAW"),
        ],
    );
}

#[test]
fn the_rover_stays_at_a_resize_in_place_and_follows_one_that_moves() {
    play::<NextFit>(
        "X-Y-Z--W-",
        &[(Step::Resize('X', 2), "XXY-Z--W-"), (Step::Allocate(1), "XXYAZ--W-")],
    );
    play::<NextFit>(
        "XXY-Z-W--",
        &[(Step::Resize('Y', 1), "XXY-Z-W--"), (Step::Allocate(1), "XXYAZ-W--")],
    );
    check::<NextFit>("XYZ--W--", Step::Resize('X', 2), "-YZXXW--");
}
