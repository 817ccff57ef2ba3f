//! Drawn cases: a letter is a block, `-` is free, the new block is `A`; one character is one byte.

use heaplab_conformance::drawn::{Step, check, refuse};
use heaplab_worst_fit::WorstFit;

#[test]
fn the_longest_hole_is_taken_and_of_equal_ones_the_lowest() {
    check::<WorstFit>("X--Y----Z---W", Step::Allocate(2), "X--YAA--Z---W");
    check::<WorstFit>("X--Y---Z---W", Step::Allocate(1), "X--YA--Z---W");
}

#[test]
fn where_the_longest_does_not_suit_the_alignment_the_longest_that_does_is_taken() {
    check::<WorstFit>("XXXXX---YYYY---ZZ-W", Step::AllocateAligned(3, 4), "XXXXX---YYYYAAAZZ-W");
}

#[test]
fn the_wilderness_is_taken_last() {
    check::<WorstFit>("X--Y------", Step::Allocate(2), "XAAY------");
    refuse::<WorstFit>("X--Y-", Step::Allocate(3));
}
