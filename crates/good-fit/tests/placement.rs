//! Drawn cases: a letter is a block, `-` is free, the new block is `A`; one character is one byte.
//!
//! In a drawn heap the rightmost hole is the most recently made.
#![expect(clippy::unwrap_used, reason = "a heap that cannot be made has failed its test")]

use heaplab_conformance::drawn::{Step, check, play, refuse};
use heaplab_core::{AllocError, Config, Granule, Request, Strategy};
use heaplab_good_fit::{HalfFit, Tlsf};

#[test]
fn the_newest_hole_of_the_lowest_list_that_surely_holds_is_taken() {
    // Below 32 granules a list of TLSF is one length.
    check::<Tlsf>("X--Y---Z--V----W", Step::Allocate(2), "X--Y---ZAAV----W");
    check::<Tlsf>("X----Y---Z-----W", Step::Allocate(3), "X----YAAAZ-----W");
    // Half fit lists 4 to 7 together, and the newest of them is the one of 6.
    check::<HalfFit>("X----Y------Z---W", Step::Allocate(4), "X----YAAAA--Z---W");
    check::<HalfFit>("X----Y------Z---W", Step::Allocate(3), "X----YAAA---Z---W");
}

#[test]
fn holes_of_the_own_class_are_passed_over() {
    // 5 may be too long for one of 4 to 7, so a search begins at 8.
    refuse::<HalfFit>("X-------Y", Step::Allocate(5));
    check::<HalfFit>("X-------Y-----", Step::Allocate(5), "X-------YAAAAA");
    check::<HalfFit>("X-------Y", Step::Allocate(4), "XAAAA---Y");
    check::<Tlsf>("X-------Y", Step::Allocate(5), "XAAAAA--Y");
}

#[test]
fn remainders_are_listed_under_their_own_length() {
    play::<Tlsf>(
        "V------W-X---Y",
        &[(Step::Allocate(4), "VAAAA--W-X---Y"), (Step::Allocate(2), "VAAAABBW-X---Y")],
    );
}

/// A heap whose one hole has `hole` bytes, between its start and a block at its end.
fn refuses<S: Strategy>(hole: u64, size: u64, config: &Config) -> bool {
    let config = config.clone().with_granule(Granule::BYTE);
    let mut heap = S::new(hole + 1, &config).unwrap();
    let low = heap.allocate(Request::new(hole), &mut ()).unwrap();
    heap.allocate(Request::new(1), &mut ()).unwrap();
    heap.free(low, &mut ()).unwrap();
    match heap.allocate(Request::new(size), &mut ()) {
        Ok(_) => false,
        Err(AllocError::OutOfMemory(shortage)) => {
            assert_eq!(shortage.largest_hole_bytes, Some(hole));
            true
        }
        Err(error) => panic!("{error}"),
    }
}

/// Published: `OffsetAllocator`'s issue 14, with 8 lists an octave; 699,050 is listed under 655,360, and the search for
/// 664,908 begins at 720,896.
#[test]
fn a_hole_that_would_fit_is_refused() {
    let lists = |sli| Config::new().with_parameter("sli", sli);
    assert!(refuses::<Tlsf>(699_050, 664_908, &lists(3)));
    assert!(!refuses::<Tlsf>(699_050, 655_360, &lists(3)));
    assert!(!refuses::<Tlsf>(720_896, 664_908, &lists(3)));
    // With 16 lists an octave the hole is listed under 688,128, where the search begins.
    assert!(!refuses::<Tlsf>(699_050, 664_908, &lists(4)));
    assert!(refuses::<HalfFit>(699_050, 664_908, &Config::new()));
}

/// The worst that a list can do: a hole one short of twice the request, and half fit refuses; TLSF within 1/2^sli.
#[test]
fn half_fit_refuses_up_to_half_of_a_hole() {
    let config = Config::new();
    let octave = 1 << 20;
    assert!(refuses::<HalfFit>(2 * octave - 1, octave + 1, &config));
    assert!(!refuses::<HalfFit>(2 * octave - 1, octave, &config));
    let part = octave / 16;
    assert!(refuses::<Tlsf>(octave + part - 1, octave + 1, &config));
    assert!(!refuses::<Tlsf>(octave + part, octave + 1, &config));
}
