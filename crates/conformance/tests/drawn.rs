//! Pictures are laid out, changed and compared as they say.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

#[path = "teeth/simple.rs"]
mod simple;

use heaplab_conformance::drawn::{Step, check, play, refuse};
use simple::{Simple, flaw};

type FirstFit = Simple<{ flaw::NONE }>;
type Compaction = Simple<{ flaw::NONE }, true>;

#[test]
fn every_kind_of_step_can_be_drawn() {
    check::<FirstFit>("XX--X--", Step::Allocate(2), "XXAAX--");
    check::<FirstFit>("X--X---", Step::AllocateAligned(1, 2), "X-AX---");
    check::<FirstFit>("XXYYZ--", Step::Free('Y'), "XX--Z--");
    check::<FirstFit>("XXYYZ--", Step::Resize('Y', 1), "XXY-Z--");
    check::<FirstFit>("X-Z----", Step::ResizeAligned('Z', 1, 4), "X---Z--");
    refuse::<FirstFit>("X-X-X--", Step::Allocate(3));
}

#[test]
fn new_blocks_get_the_next_free_letter() {
    play::<FirstFit>("B-C-", &[(Step::Allocate(1), "BAC-"), (Step::Allocate(1), "BACD")]);
}

#[test]
fn the_five_byte_story_can_be_drawn() {
    let steps =
        [(Step::Free('W'), "V-XYZ"), (Step::Free('Y'), "V-X-Z"), (Step::Allocate(2), "VXZAA")];
    play::<Compaction>("VWXYZ", &steps);
}

#[test]
#[should_panic(expected = "expected  XXAAX--")]
fn a_wrong_picture_is_shown_beside_the_right_one() {
    check::<Simple<{ flaw::OFF_BY_ONE_GRANULE }>>("XX---X-", Step::Allocate(1), "XXAAX--");
}

#[test]
#[should_panic(expected = "more than one block is called 'X'")]
fn a_step_must_name_one_block() {
    check::<FirstFit>("X-X", Step::Free('X'), "--X");
}
