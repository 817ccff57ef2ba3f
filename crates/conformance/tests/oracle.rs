//! The oracle itself, by hand: every rule with a heap small enough to see it.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use heaplab_conformance::{Effect, Oracle, Relocation};
use heaplab_core::{AllocError, Granule, Policy, Request, Shortage};

/// A heap of bytes with blocks named by their letters; `-` is free and freed from the left.
fn drawn(policy: Policy, picture: &str) -> Oracle {
    let mut oracle = Oracle::new(policy, picture.len() as u64, Granule::BYTE);
    let mut holes = Vec::new();
    for run in picture.trim_end_matches('-').as_bytes().chunk_by(|one, next| one == next) {
        let id = if run[0] == b'-' { 1_000 + holes.len() as u64 } else { u64::from(run[0]) };
        oracle.allocate(id, Request::new(run.len() as u64)).unwrap();
        if run[0] == b'-' {
            holes.push(id);
        }
    }
    for hole in holes {
        oracle.free(hole).unwrap();
    }
    oracle
}

fn picture(oracle: &Oracle, capacity: usize) -> String {
    let mut picture = vec!['-'; capacity];
    for (id, block) in oracle.blocks() {
        let range = usize::try_from(block.offset).unwrap()..usize::try_from(block.end()).unwrap();
        picture[range].fill(char::from(u8::try_from(id).unwrap()));
    }
    picture.into_iter().collect()
}

/// Allocates a block `n`.
fn allocate(policy: Policy, before: &str, len: u64) -> String {
    let mut oracle = drawn(policy, before);
    oracle.allocate(u64::from(b'n'), Request::new(len)).unwrap();
    picture(&oracle, before.len())
}

fn resize(policy: Policy, before: &str, name: u8, request: Request) -> (String, Effect) {
    let mut oracle = drawn(policy, before);
    let effect = oracle.resize(u64::from(name), request).unwrap();
    (picture(&oracle, before.len()), effect)
}

#[test]
fn each_fit_chooses_its_hole() {
    let before = "a--b----c--d----e--";
    assert_eq!(allocate(Policy::FirstFit, before, 2), "annb----c--d----e--");
    assert_eq!(allocate(Policy::FirstFit, before, 3), "a--bnnn-c--d----e--");
    assert_eq!(allocate(Policy::BestFit, before, 1), "an-b----c--d----e--");
    assert_eq!(allocate(Policy::WorstFit, before, 1), "a--bn---c--d----e--");
    // The rover stands behind e, so the search starts over.
    assert_eq!(allocate(Policy::NextFit, before, 3), "a--bnnn-c--d----e--");
    // Freed from the left, so the rightmost is the most recent.
    assert_eq!(allocate(Policy::Lifo, before, 1), "a--b----c--dn---e--");
    assert_eq!(allocate(Policy::CompactOnDemand, before, 1), "a--b----c--d----en-");
    assert_eq!(allocate(Policy::CompactFit, before, 4), "a--bnnnnc--d----e--");
}

#[test]
fn wilderness_is_taken_only_when_no_hole_fits() {
    for policy in [Policy::FirstFit, Policy::BestFit, Policy::WorstFit, Policy::NextFit] {
        assert_eq!(allocate(policy, "a--b----", 2), "annb----", "{policy:?}");
        assert_eq!(allocate(policy, "a--b----", 3), "a--bnnn-", "{policy:?}");
    }
}

#[test]
fn next_fit_goes_on_where_it_stopped() {
    let mut oracle = drawn(Policy::NextFit, "a--b--c--d-");
    let mut place = |name: u8| oracle.allocate(u64::from(name), Request::new(1)).unwrap().block;
    let offsets = [place(b'p'), place(b'q'), place(b'r'), place(b's')].map(|block| block.offset);
    assert_eq!(offsets, [1, 2, 4, 5]);
}

#[test]
fn a_hole_with_the_rover_inside_starts_below_it() {
    let mut oracle = drawn(Policy::NextFit, "abcd--");
    oracle.allocate(u64::from(b'e'), Request::new(2)).unwrap();
    for name in *b"abcd" {
        oracle.free(u64::from(name)).unwrap();
    }
    oracle.allocate(u64::from(b'p'), Request::new(2)).unwrap();
    oracle.free(u64::from(b'p')).unwrap();
    // The hole is `----` with the rover at 2.
    let block = oracle.allocate(u64::from(b'q'), Request::new(1)).unwrap().block;
    assert_eq!(block.offset, 0);
}

#[test]
fn lifo_keeps_the_position_of_a_remainder_and_moves_a_coalesced_hole_to_the_front() {
    let mut oracle = drawn(Policy::Lifo, "a---b--c---d");
    // Most recent first: 8, 5, 1.
    let mut place = |len| oracle.allocate(len + 100, Request::new(len)).unwrap().block.offset;
    assert_eq!(place(2), 8);
    assert_eq!(place(1), 10, "the remainder keeps the front");
    let mut oracle = drawn(Policy::Lifo, "a---bx-c---d");
    oracle.free(u64::from(b'x')).unwrap();
    assert_eq!(oracle.allocate(1, Request::new(1)).unwrap().block.offset, 5);
}

#[test]
fn a_skipped_front_stays_a_hole() {
    let mut oracle = drawn(Policy::FirstFit, "a-------b---------");
    oracle.allocate(u64::from(b'n'), Request::aligned(2, 4)).unwrap();
    // In the wilderness too.
    oracle.allocate(u64::from(b'm'), Request::aligned(2, 8)).unwrap();
    oracle.allocate(u64::from(b'o'), Request::new(5)).unwrap();
    assert_eq!(picture(&oracle, 18), "a---nn--booooo--mm");
}

#[test]
fn resizes_stay_where_they_can() {
    for (request, after) in [(3, "abbbc--"), (1, "ab--c--"), (2, "abb-c--")] {
        let (picture, effect) = resize(Policy::FirstFit, "abb-c--", b'b', Request::new(request));
        assert_eq!((picture.as_str(), effect.relocations.len()), (after, 0));
    }
    let (picture, effect) = resize(Policy::FirstFit, "abb-c----", b'b', Request::new(4));
    assert_eq!(picture, "a---cbbbb");
    assert_eq!(effect.relocations, [Relocation { from: 1, to: 5, len: 2 }]);
    assert_eq!(effect.compaction_bytes, 0);
}

#[test]
fn compaction_tries_one_thing_after_the_other() {
    // A new block at the end.
    let (picture, _) = resize(Policy::CompactOnDemand, "ab-c---", b'a', Request::new(2));
    assert_eq!(picture, "-b-caa-");
    // A slide, then a new block at the end.
    let (picture, effect) = resize(Policy::CompactOnDemand, "-ab--c-", b'a', Request::new(2));
    assert_eq!(picture, "-bcaa--");
    assert_eq!(effect.relocations.len(), 4);
    assert_eq!(effect.compaction_bytes, 3);
    // A slide, then everything behind moves up.
    let (picture, effect) = resize(Policy::CompactOnDemand, "aab-c", b'a', Request::new(3));
    assert_eq!(picture, "aaabc");
    let moves = [(4, 3, 1), (3, 4, 1), (2, 3, 1)];
    let moves = moves.map(|(from, to, len)| Relocation { from, to, len });
    assert_eq!(effect.relocations, moves);
    assert_eq!(effect.compaction_bytes, 3);
}

#[test]
fn eager_compaction_leaves_no_holes() {
    let mut oracle = drawn(Policy::CompactEager, "aabbccdd");
    let effect = oracle.free(u64::from(b'b')).unwrap();
    assert_eq!(picture(&oracle, 8), "aaccdd--");
    assert_eq!((effect.relocations.len(), effect.compaction_bytes), (2, 4));
    let effect = oracle.resize(u64::from(b'a'), Request::new(1)).unwrap();
    assert_eq!(picture(&oracle, 8), "accdd---");
    assert_eq!(effect.relocations.len(), 2);
}

#[test]
fn refusals_carry_facts_and_change_nothing() {
    let mut oracle = drawn(Policy::BestFit, "a--b-c-");
    let refusal = oracle.allocate(9, Request::new(4)).unwrap_err();
    let shortage = Shortage {
        requested_bytes: 4,
        free_bytes: 4,
        largest_hole_bytes: Some(2),
        wilderness_bytes: Some(1),
    };
    assert_eq!(refusal, AllocError::OutOfMemory(shortage));
    assert_eq!(
        oracle.allocate(9, Request::new(8)),
        Err(AllocError::TooLarge { requested_bytes: 8, capacity_bytes: 7 })
    );
    assert_eq!(
        oracle.resize(u64::from(b'a'), Request::aligned(1, 3)),
        Err(AllocError::InvalidAlignment { align: 3 })
    );
    assert_eq!(picture(&oracle, 7), "a--b-c-");
}

#[test]
fn success_need_not_be_monotone_in_the_capacity() {
    let succeeds = |capacity| {
        let mut oracle = Oracle::new(Policy::FirstFit, capacity, Granule::BYTE);
        oracle.allocate(0, Request::new(4)).is_ok()
            && oracle.allocate(1, Request::new(1)).is_ok()
            && oracle.free(0).is_ok()
            && oracle.resize(1, Request::new(4)).is_ok()
            && oracle.resize(1, Request::new(5)).is_ok()
    };
    let capacities: Vec<u64> = (4..10).filter(|capacity| succeeds(*capacity)).collect();
    assert_eq!(capacities, [5, 6, 7, 9]);
}
