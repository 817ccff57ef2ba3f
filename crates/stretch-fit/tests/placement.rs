//! Drawn cases: a letter is a block, `-` is free, the new block is `A`; one character is one byte.

use heaplab_conformance::drawn::{Step, check, play, refuse};
use heaplab_stretch_fit::StretchFit;

#[test]
fn the_shortest_hole_that_fits_is_taken_and_of_equal_ones_the_lowest() {
    check::<StretchFit>("X-----Y--Z--W", Step::Allocate(2), "X-----YAAZ--W");
    check::<StretchFit>("X--Y-----Z", Step::Allocate(3), "X--YAAA--Z");
}

#[test]
fn a_block_is_placed_beside_the_older_neighbor() {
    // Drawn blocks are older to the left.
    check::<StretchFit>("X----Y", Step::Allocate(2), "XAA--Y");
    check::<StretchFit>("----Y", Step::Allocate(2), "AA--Y");
    // A was placed after Y.
    play::<StretchFit>(
        "X-----Y",
        &[
            (Step::Allocate(1), "XA----Y"),
            (Step::Allocate(2), "XA--BBY"),
            (Step::Free('B'), "XA----Y"),
            (Step::Free('A'), "X-----Y"),
        ],
    );
}

#[test]
fn beside_the_upper_neighbor_a_block_has_the_highest_suitable_address() {
    play::<StretchFit>(
        "X------Y",
        &[
            (Step::Allocate(1), "XA-----Y"),
            (Step::AllocateAligned(2, 2), "XA--BB-Y"),
            (Step::Resize('B', 3), "XA--BBBY"),
        ],
    );
}

#[test]
fn a_resize_that_moves_takes_its_age_along() {
    // X is the oldest, wherever it stands.
    play::<StretchFit>(
        "XY------Z",
        &[
            (Step::ResizeAligned('X', 3, 4), "-Y--XXX-Z"),
            (Step::Allocate(1), "AY--XXX-Z"),
            (Step::Allocate(1), "AY--XXXBZ"),
            (Step::Allocate(1), "AY-CXXXBZ"),
        ],
    );
}

#[test]
fn a_block_stretches_over_the_holes_at_both_its_sides() {
    check::<StretchFit>("V---YYZ", Step::Resize('Y', 5), "VYYYYYZ");
    check::<StretchFit>("V---YYZ", Step::Resize('Y', 4), "VYYYY-Z");
    check::<StretchFit>("V--YY-Z", Step::Resize('Y', 5), "VYYYYYZ");
    check::<StretchFit>("V--YY-Z", Step::Resize('Y', 4), "VYYYY-Z");
    check::<StretchFit>("--YYZ", Step::Resize('Y', 3), "YYY-Z");
    refuse::<StretchFit>("V--YYZ", Step::Resize('Y', 5));
    refuse::<StretchFit>("VV-YYZ", Step::Resize('Y', 4));
    refuse::<StretchFit>("VVYYZ", Step::Resize('Y', 3));
}

#[test]
fn the_last_block_stretches_where_the_heap_ends() {
    check::<StretchFit>("V--YYY--", Step::Resize('Y', 7), "VYYYYYYY");
    check::<StretchFit>("V--YYY", Step::Resize('Y', 4), "VYYYY-");
    check::<StretchFit>("V--YYY--", Step::Resize('Y', 5), "V--YYYYY");
}

#[test]
fn staying_and_a_hole_that_fits_come_before_a_stretch_and_the_wilderness_behind_it() {
    check::<StretchFit>("V---YY--Z", Step::Resize('Y', 4), "V---YYYYZ");
    check::<StretchFit>("V---YYZ----W", Step::Resize('Y', 4), "V-----ZYYYYW");
    check::<StretchFit>("V---YYZ-----", Step::Resize('Y', 4), "VYYYY-Z-----");
    check::<StretchFit>("V-YYZ-----", Step::Resize('Y', 4), "V---ZYYYY-");
}

#[test]
fn a_stretched_block_has_its_alignment_and_what_is_skipped_stays_a_hole() {
    check::<StretchFit>("V-----YYZ", Step::ResizeAligned('Y', 4, 4), "V---YYYYZ");
    check::<StretchFit>("V---YYZ", Step::ResizeAligned('Y', 3, 2), "V-YYY-Z");
    refuse::<StretchFit>("V----YYZ", Step::ResizeAligned('Y', 5, 4));
    // Shorter at another alignment: it is placed anew.
    check::<StretchFit>("V--YYZ--", Step::ResizeAligned('Y', 1, 2), "V-Y--Z--");
}

#[test]
fn what_a_stretch_leaves_is_found_again() {
    play::<StretchFit>(
        "V---YYZ---",
        &[
            (Step::Resize('Y', 4), "VYYYY-Z---"),
            (Step::Allocate(1), "VYYYYAZ---"),
            (Step::Free('Y'), "V----AZ---"),
            (Step::Allocate(4), "VBBBBAZ---"),
        ],
    );
}

/// Best fit would place Y behind X, and end at 18.
#[test]
fn two_blocks_that_grow_in_turns_take_back_what_they_left() {
    play::<StretchFit>(
        "XXXXYYYY----------",
        &[
            (Step::Resize('X', 5), "----YYYYXXXXX-----"),
            (Step::Resize('Y', 5), "YYYYY---XXXXX-----"),
            (Step::Resize('X', 6), "YYYYY---XXXXXX----"),
            (Step::Resize('Y', 6), "YYYYYY--XXXXXX----"),
        ],
    );
}
