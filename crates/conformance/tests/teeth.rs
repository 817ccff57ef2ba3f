//! A judge that has never failed is not trusted: every flaw is found, and called what it is.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail as tests do")]

#[path = "teeth/simple.rs"]
mod simple;

use heaplab_conformance::kit::{self, Verdict};
use heaplab_conformance::{Checked, Config, Fault, Op, fuzz, judge};
use heaplab_core::{Allocator, Granule, InvalidHandle, Request, Strategy};
use simple::{Simple, flaw};

/// The first fault of random operations.
fn fault_of<S: Strategy>() -> Fault {
    fault_in(kit::random_operations::<S>(&Config::new()))
}

fn fault_in(verdict: Verdict) -> Fault {
    *verdict.expect_err("a flaw must be found").finding.fault
}

macro_rules! found {
    ($fault:expr, $($expected:tt)+) => {
        let fault: Fault = $fault;
        assert!(matches!(&fault, $($expected)+), "found something else: {fault} ({fault:?})");
    };
}

#[test]
fn a_free_that_forgets_the_left_neighbor_is_found() {
    found!(
        fault_of::<Simple<{ flaw::FORGETS_LEFT }>>(),
        Fault::AdjacentHoles { .. } | Fault::HoleAtTheEnd { .. }
    );
}

#[test]
fn a_free_that_forgets_the_right_neighbor_is_found() {
    found!(fault_of::<Simple<{ flaw::FORGETS_RIGHT }>>(), Fault::AdjacentHoles { .. });
}

#[test]
fn an_overlap_is_found() {
    found!(fault_of::<Simple<{ flaw::OVERLAPS }>>(), Fault::PiecesOverlap { .. });
}

#[test]
fn a_block_one_granule_off_is_found() {
    found!(fault_of::<Simple<{ flaw::OFF_BY_ONE_GRANULE }>>(), Fault::WrongPlacement { .. });
}

#[test]
fn a_wrong_choice_among_equals_is_found() {
    found!(fault_of::<Simple<{ flaw::WRONG_TIE }>>(), Fault::WrongPlacement { .. });
}

#[test]
fn a_failed_resize_that_leaks_is_found() {
    found!(
        fault_of::<Simple<{ flaw::LEAKS_ON_FAILED_RESIZE }>>(),
        Fault::HandleLeadsElsewhere { .. } | Fault::ChangedOnRefusal { .. }
    );
}

#[test]
fn an_accepted_stale_handle_is_found() {
    found!(
        fault_of::<Simple<{ flaw::ACCEPTS_STALE }>>(),
        Fault::StaleAccepted(_) | Fault::ForeignAccepted(_)
    );
}

#[test]
fn an_accepted_foreign_handle_is_found() {
    type Flawed = Simple<{ flaw::ACCEPTS_FOREIGN }>;
    found!(fault_of::<Flawed>(), Fault::ForeignAccepted("block"));
    let verdict = kit::foreign_handles::<Flawed>(&Config::new());
    found!(
        fault_in(verdict),
        Fault::ForeignAccepted(_)
            | Fault::WrongInvalidHandle { expected: InvalidHandle::Foreign, .. }
    );
}

#[test]
fn a_lost_last_hole_is_found() {
    found!(fault_of::<Simple<{ flaw::LOSES_LAST_HOLE }>>(), Fault::PiecesDoNotTouch { .. });
}

#[test]
fn a_wrong_figure_is_found() {
    found!(
        fault_of::<Simple<{ flaw::WRONG_USAGE }>>(),
        Fault::WrongUsage { figure: "largest_hole_bytes", .. }
    );
}

#[test]
fn a_slide_to_where_no_bytes_went_is_found() {
    found!(
        fault_of::<Simple<{ flaw::CORRUPTS_SLIDE }, true>>(),
        Fault::Lost { .. } | Fault::UnexpectedRefusal { .. }
    );
    found!(
        fault_of::<Simple<{ flaw::CORRUPTS_SLIDE }, true, false>>(),
        Fault::Lost { .. } | Fault::PiecesDoNotTouch { .. }
    );
}

#[test]
fn a_slide_that_overwrites_a_block_is_found() {
    found!(
        fault_of::<Simple<{ flaw::SLIDES_BACKWARDS }, true>>(),
        Fault::Overwritten { .. } | Fault::WrongRelocations { .. }
    );
}

#[test]
fn a_relocation_of_the_wrong_length_is_found() {
    found!(
        fault_of::<Simple<{ flaw::WRONG_RELOCATION_LENGTH }, true>>(),
        Fault::BadRelocation { .. }
    );
}

#[test]
fn an_ignored_alignment_is_found() {
    let verdict = kit::aligned_operations::<Simple<{ flaw::IGNORES_ALIGNMENT }>>(&Config::new());
    found!(fault_in(verdict), Fault::Misaligned { .. });
}

#[test]
fn a_refusal_that_changes_a_figure_is_found() {
    found!(
        fault_of::<Simple<{ flaw::MARKS_ON_REFUSAL }>>(),
        Fault::ChangedOnRefusal { what: "the usage figures" }
    );
}

#[test]
fn a_refusal_that_changes_hidden_state_is_found() {
    found!(
        fault_of::<Simple<{ flaw::REMEMBERS_REFUSALS }, false, false>>(),
        Fault::Nondeterministic { .. }
    );
    found!(fault_of::<Simple<{ flaw::REMEMBERS_REFUSALS }>>(), Fault::WrongPlacement { .. });
}

#[test]
fn a_hole_in_the_place_of_wilderness_is_found() {
    found!(fault_of::<Simple<{ flaw::KEEPS_LAST_HOLE }>>(), Fault::HoleAtTheEnd { .. });
}

#[test]
fn a_forgotten_copy_is_found() {
    found!(fault_of::<Simple<{ flaw::FORGETS_COPY }>>(), Fault::WrongRelocations { .. });
    found!(
        fault_of::<Simple<{ flaw::FORGETS_COPY }, false, false>>(),
        Fault::WrongRelocations { .. }
    );
}

#[test]
fn an_allocator_that_differs_from_its_twin_is_found() {
    type Flawed = Simple<{ flaw::DIFFERS }, false, false>;
    found!(fault_of::<Flawed>(), Fault::Nondeterministic { .. });
}

#[test]
fn a_panic_is_found() {
    let verdict = kit::hostile_requests::<Simple<{ flaw::PANICS_AT_THE_TOP }>>(&Config::new());
    found!(fault_in(verdict), Fault::Panicked(message) if message.contains("overflow"));
}

#[test]
fn an_untrue_error_is_found() {
    found!(fault_of::<Simple<{ flaw::LIES_IN_ERRORS }>>(), Fault::UntrueError { .. });
}

#[test]
fn a_handle_issued_twice_is_found() {
    found!(
        fault_of::<Simple<{ flaw::REUSES_HANDLES }>>(),
        Fault::HandleReused(_) | Fault::WrongInvalidHandle { .. }
    );
}

#[test]
fn a_heap_that_is_too_small_and_made_all_the_same_is_found() {
    let verdict = kit::wrong_configurations::<Simple<{ flaw::MAKES_TINY_HEAPS }>>(&Config::new());
    found!(fault_in(verdict), Fault::WrongConfiguration(_));
}

#[test]
fn a_refusal_without_need_is_found() {
    found!(
        fault_of::<Simple<{ flaw::REFUSES_WILDERNESS }, false, false>>(),
        Fault::UnexpectedRefusal { expected: None, .. }
    );
    found!(
        fault_of::<Simple<{ flaw::REFUSES_WILDERNESS }>>(),
        Fault::UnexpectedRefusal { expected: Some(_), .. }
    );
}

#[test]
fn a_block_that_is_too_short_is_found() {
    found!(
        fault_of::<Simple<{ flaw::ROUNDS_DOWN }>>(),
        Fault::WrongLength { .. } | Fault::UnexpectedSuccess { .. }
    );
}

#[test]
fn a_handle_that_comes_back_after_many_reuses_is_found() {
    type Flawed = Simple<{ flaw::WRAPS_TAGS }>;
    kit::random_operations::<Flawed>(&Config::new()).expect("too few reuses to see it");
    let failure = kit::stale_handles::<Flawed>(&Config::new()).expect_err("the flaw must be found");
    found!(*failure.finding.fault, Fault::HandleReused(_));
}

#[test]
fn a_resize_that_forgets_its_alignment_is_found() {
    type Flawed = Simple<{ flaw::FORGETS_NEW_ALIGNMENT }, true>;
    found!(
        fault_in(kit::aligned_operations::<Flawed>(&Config::new())),
        Fault::WrongRelocations { .. }
            | Fault::Misaligned { .. }
            | Fault::WrongPlacement { .. }
            | Fault::UnexpectedRefusal { .. }
            | Fault::UnexpectedSuccess { .. }
    );
}

#[test]
fn a_shrink_that_keeps_its_tail_is_found() {
    found!(fault_of::<Simple<{ flaw::KEEPS_TAIL }>>(), Fault::WrongLength { .. });
}

#[test]
fn every_wrong_figure_is_found() {
    found!(
        fault_of::<Simple<{ flaw::WRONG_WILDERNESS }>>(),
        Fault::WrongUsage { figure: "wilderness_bytes", .. }
    );
    for fault in [
        fault_of::<Simple<{ flaw::LOW_WATER }>>(),
        fault_of::<Simple<{ flaw::LOW_WATER }, false, false>>(),
    ] {
        found!(fault, Fault::WrongUsage { figure: "high_water_bytes", .. });
    }
    found!(
        fault_of::<Simple<{ flaw::COUNTS_COPIES }>>(),
        Fault::WrongUsage { figure: "compaction_relocated_bytes", .. }
    );
}

#[test]
fn what_the_validator_of_a_strategy_says_is_heard() {
    found!(
        fault_of::<Simple<{ flaw::BROKEN_INSIDE }>>(),
        Fault::BrokenInvariant(text) if text == "the second hole is not in the list"
    );
}

#[test]
fn a_block_beyond_the_capacity_is_found() {
    found!(
        fault_of::<Simple<{ flaw::BEYOND_CAPACITY }, false, false>>(),
        Fault::OutOfRange { .. } | Fault::UnexpectedSuccess { .. }
    );
}

#[test]
fn a_skipped_front_that_is_lost_is_found() {
    type Flawed = Simple<{ flaw::LOSES_SKIPPED_FRONT }>;
    let verdict = kit::aligned_operations::<Flawed>(&Config::new());
    found!(fault_in(verdict), Fault::PiecesDoNotTouch { .. });
}

#[test]
fn long_runs_find_a_wrong_choice_too() {
    let verdict = kit::long_runs::<Simple<{ flaw::WRONG_TIE }>>(&Config::new());
    found!(fault_in(verdict), Fault::WrongPlacement { .. });
}

#[test]
fn failing_cases_are_shrunk_and_drawn() {
    let verdict = kit::random_operations::<Simple<{ flaw::WRONG_TIE }>>(&Config::new());
    let failure = verdict.expect_err("the flaw must be found");
    // Two holes, kept apart by two blocks, and the allocation that chooses the wrong one.
    assert!(failure.case.operations.len() <= 8, "not shrunk:\n{failure}");
    assert!(failure.to_string().contains("  before  "), "not drawn:\n{failure}");
}

#[test]
fn findings_name_operation_and_pictures() {
    let one = || Op::Allocate(Request::new(1));
    let operations = [one(), one(), one(), one(), one(), Op::Free(1), Op::Free(2), one()];
    let config = Config::new().with_granule(Granule::BYTE);
    let finding = judge::<Simple<{ flaw::WRONG_TIE }>>(&operations, 7, &config)
        .expect_err("the flaw must be found");
    let expected = "operation 7, allocate 1: block is at [3, 4), expected [1, 2)\n  \
                    before  X-X-X--\n  after   X-XXX--";
    assert_eq!(finding.to_string(), expected);
}

#[test]
#[should_panic(expected = "after free: two holes meet at 1")]
fn a_checked_allocator_panics_at_the_fault() {
    let config = Config::new().with_granule(Granule::BYTE);
    let mut heap = Checked::<Simple<{ flaw::FORGETS_LEFT }>>::new(8, &config).unwrap();
    let [first, second, _third] =
        [(); 3].map(|()| heap.allocate(Request::new(1), &mut ()).unwrap());
    heap.free(first, &mut ()).unwrap();
    heap.free(second, &mut ()).unwrap();
}

#[test]
fn a_checked_correct_allocator_passes() {
    let checked = kit::random_operations::<Checked<Simple<{ flaw::NONE }>>>(&Config::new());
    checked.expect("nothing is wrong with it");
}

#[test]
fn fuzzing_finds_flaws_and_shrinks_them() {
    let fuzzed = fuzz::<Simple<{ flaw::NONE }, true>>(0..40, &Config::new());
    assert_eq!(fuzzed.expect("nothing is wrong with it"), 40_000);
    for failure in [
        fuzz::<Simple<{ flaw::WRONG_TIE }>>(0..40, &Config::new()),
        fuzz::<Simple<{ flaw::FORGETS_LEFT }>>(0..40, &Config::new()),
        fuzz::<Simple<{ flaw::MARKS_ON_REFUSAL }>>(0..40, &Config::new()),
        fuzz::<Simple<{ flaw::IGNORES_ALIGNMENT }>>(0..40, &Config::new()),
        fuzz::<Simple<{ flaw::PANICS_AT_THE_TOP }>>(0..40, &Config::new()),
    ] {
        let failure = failure.expect_err("the flaw must be found");
        assert!(failure.case.operations.len() <= 12, "not shrunk:\n{failure}");
    }
}
