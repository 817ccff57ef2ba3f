//! Drawn cases: a letter is a block, `-` is free, the new block is `A`; one character is one byte.

use heaplab_conformance::drawn::{Step, check, refuse};
use lean_fit::LeanFit;

#[test]
fn the_hole_that_leaves_least_over_is_taken() {
    check::<LeanFit>("X-----Y--Z", Step::Allocate(2), "X-----YAAZ");
    check::<LeanFit>("X--Y-----Z", Step::Allocate(3), "X--YAAA--Z");
}

#[test]
fn remainders_of_about_one_length_leave_the_lowest() {
    // Remainders of three and two bytes: both are two doublings long.
    check::<LeanFit>("X----Y---Z", Step::Allocate(1), "XA---Y---Z");
}

#[test]
fn the_wilderness_is_taken_last() {
    check::<LeanFit>("X--Y----", Step::Allocate(2), "XAAY----");
    check::<LeanFit>("X--Y----", Step::Allocate(3), "X--YAAA-");
    refuse::<LeanFit>("X--Y-", Step::Allocate(3));
}
