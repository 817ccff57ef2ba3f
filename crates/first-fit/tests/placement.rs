//! Drawn cases: a letter is a block, `-` is free, the new block is `A`; one character is one byte.

use heaplab_conformance::drawn::{Step, check, play, refuse};
use heaplab_core::{Config, Granule, Request, Strategy};
use heaplab_first_fit::FirstFit;

#[test]
fn the_lowest_hole_that_fits_is_taken() {
    check::<FirstFit>("X---Y--Z", Step::Allocate(2), "XAA-Y--Z");
    check::<FirstFit>("X-Y--Z-W---", Step::Allocate(2), "X-YAAZ-W---");
    check::<FirstFit>("X-Y-Z----", Step::Allocate(2), "X-Y-ZAA--");
}

#[test]
fn the_skipped_front_of_an_aligned_block_stays_a_hole() {
    check::<FirstFit>("X-----Y--", Step::AllocateAligned(2, 4), "X---AAY--");
    check::<FirstFit>("X----Y----", Step::AllocateAligned(2, 4), "X----Y--AA");
}

#[test]
fn free_coalesces_with_both_neighbors() {
    play::<FirstFit>("X-Y-Z", &[(Step::Free('Y'), "X---Z"), (Step::Allocate(3), "XAAAZ")]);
}

#[test]
fn freeing_the_last_block_gives_its_space_and_the_hole_before_it_to_the_wilderness() {
    play::<FirstFit>("X--Y---", &[(Step::Free('Y'), "X------"), (Step::Allocate(6), "XAAAAAA")]);
}

#[test]
fn a_resize_stays_in_place_where_it_can() {
    check::<FirstFit>("XXX-Y---", Step::Resize('X', 4), "XXXXY---");
    check::<FirstFit>("XXX-Y---", Step::Resize('X', 1), "X---Y---");
    check::<FirstFit>("XY------", Step::Resize('Y', 7), "XYYYYYYY");
}

#[test]
fn a_resize_that_must_move_takes_the_lowest_hole_while_the_old_block_stands() {
    check::<FirstFit>("X---YYZ-", Step::Resize('Y', 3), "XYYY--Z-");
    check::<FirstFit>("XYYZ----", Step::Resize('Y', 3), "X--ZYYY-");
    refuse::<FirstFit>("XX-YYZ-W", Step::Resize('Y', 3));
}

#[test]
fn what_fits_nowhere_is_refused_and_changes_nothing() {
    refuse::<FirstFit>("X-Y-Z-W", Step::Allocate(2));
    refuse::<FirstFit>("XXX", Step::Allocate(1));
}

/// With resizes success need not grow with the capacity: this one works in 5, 6, 7 and 9 bytes, and fails in 8.
#[test]
fn success_is_not_monotone_in_the_capacity() {
    let works = |capacity_bytes: u64| {
        let config = Config::new().with_granule(Granule::BYTE);
        let mut heap = FirstFit::new(capacity_bytes, &config).unwrap();
        let a = heap.allocate(Request::new(4)).unwrap();
        let b = heap.allocate(Request::new(1)).unwrap();
        heap.free(a).unwrap();
        let memory: &mut dyn heaplab_core::Memory = &mut ();
        let mut resize = |size| {
            heaplab_core::Allocator::resize(&mut heap, b, Request::new(size), memory).is_ok()
        };
        resize(4) && resize(5)
    };
    let outcomes = [5, 6, 7, 8, 9, 10].map(works);
    assert_eq!(outcomes, [true, true, true, false, true, true]);
}
