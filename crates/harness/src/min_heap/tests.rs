//! The searches against functions whose answers are known. What strategies do is tested where strategies are at hand.

use std::collections::BTreeSet;

use super::search::{Probe, search};
use super::trail::{Fork, Trail, TrailEnd};
use super::walk::{Span, walk};

const fn span(lower_bytes: u64) -> Span {
    Span { lower_bytes, upper_bytes: 1 << 20, granule_bytes: 16 }
}

fn trail(is_complete: bool, high_water_bytes: u64, forks: &[(u64, u64)]) -> Trail {
    let end = if is_complete { TrailEnd::Completed } else { TrailEnd::Refused };
    let fork = |&(below_bytes, end_bytes): &(u64, u64)| Fork { below_bytes, end_bytes };
    Trail { end, high_water_bytes, forks: forks.iter().map(fork).collect(), offsets: Vec::new() }
}

#[test]
fn without_forks_one_replay_settles_everything() {
    let found = walk(span(64), &mut |_| Ok(trail(true, 480, &[]))).unwrap();
    assert_eq!((found.smallest_bytes, found.all_from_bytes), (Some(480), Some(480)));
    assert!(found.is_smallest_exact && found.is_all_from_exact);
    assert_eq!(found.replays, 1);
}

#[test]
fn ranges_below_forks_are_replayed_from_both_ends() {
    let mut asked = Vec::new();
    let found = walk(span(64), &mut |capacity| {
        asked.push(capacity);
        Ok(match capacity {
            // Forks below 480 and below 160; what lies between is known to fail.
            1_048_576 => trail(true, 640, &[(112, 160), (400, 480)]),
            // 400 to 464: fails. 112 to 144: works, with a fork of its own at the lower end.
            464 => trail(false, 320, &[]),
            144 => trail(true, 128, &[(96, 128)]),
            112 => trail(false, 96, &[]),
            other => panic!("{other} was not to be tried"),
        })
    })
    .unwrap();
    assert_eq!((found.smallest_bytes, found.all_from_bytes), (Some(128), Some(640)));
    assert!(found.is_smallest_exact && found.is_all_from_exact);
    // 464 lies above a heap that works, so it is not tried.
    assert_eq!(asked, [1_048_576, 144, 112]);
}

#[test]
fn a_fork_at_the_edge_extends_what_works_downwards() {
    let found = walk(span(64), &mut |capacity| {
        Ok(match capacity {
            1_048_576 => trail(true, 640, &[(320, 640)]),
            624 => trail(true, 400, &[(320, 400)]),
            384 => trail(false, 320, &[]),
            other => panic!("{other} was not to be tried"),
        })
    })
    .unwrap();
    assert_eq!((found.smallest_bytes, found.all_from_bytes), (Some(400), Some(400)));
    assert!(found.is_smallest_exact && found.is_all_from_exact);
}

#[test]
fn what_the_time_did_not_suffice_for_is_not_called_exact() {
    let found = walk(span(64), &mut |capacity| {
        let mut late = trail(false, 0, &[]);
        late.end = TrailEnd::Late;
        Ok(if capacity == 1 << 20 { trail(true, 640, &[(320, 640)]) } else { late })
    })
    .unwrap();
    assert_eq!((found.smallest_bytes, found.all_from_bytes), (Some(640), Some(640)));
    assert!(!found.is_smallest_exact && !found.is_all_from_exact);
}

/// Searches where exactly these heaps work, and says how often it looked.
fn probe(lower: u64, works: impl Fn(u64) -> bool) -> (Option<u64>, Option<u64>, bool, usize) {
    let mut asked = BTreeSet::new();
    let found = search(span(lower), false, &mut |bytes| {
        assert!(bytes % 16 == 0 && bytes >= lower && asked.insert(bytes), "{bytes}");
        Ok(if works(bytes) { Probe::Works } else { Probe::Fails })
    })
    .unwrap();
    assert_eq!(usize::try_from(found.replays), Ok(asked.len()));
    assert!(!found.is_all_from_exact);
    (found.smallest_bytes, found.all_from_bytes, found.is_smallest_exact, asked.len())
}

#[test]
fn a_threshold_is_found_to_the_granule() {
    for threshold in [1_616, 1_600, 2_000 / 16 * 16, 16_000, 1_600 * 63] {
        let (smallest, all_from, is_exact, asked) = probe(1_600, |bytes| bytes >= threshold);
        assert_eq!((smallest, all_from), (Some(threshold), Some(threshold)));
        assert_eq!(is_exact, threshold == 1_600);
        assert!(asked < 57, "{asked}");
    }
    assert_eq!(probe(1_600, |_| false).0, None);
    assert_eq!(probe(1_600, |bytes| bytes >= 1_600 * 65).0, None, "beyond the largest multiple");
}

#[test]
fn failures_above_what_works_are_found_where_they_are_probed() {
    // Works from 4,000 on, but not from 4,000 + 64 to below 4,160.
    let (smallest, all_from, ..) =
        probe(1_600, |bytes| bytes >= 4_000 && !(4_064..4_160).contains(&bytes));
    assert_eq!((smallest, all_from), (Some(4_000), Some(4_160)));
}

#[test]
fn the_edge_above_a_failure_is_sought_from_below() {
    // 3,392 is the first size that is tried and works; 1/4 above it, the largest probed by then fails.
    let works = |bytes| (3_392..3_504).contains(&bytes) || bytes >= 5_008;
    let mut largest = 0;
    let found = search(span(1_600), false, &mut |bytes| {
        largest = largest.max(bytes);
        Ok(if works(bytes) { Probe::Works } else { Probe::Fails })
    })
    .unwrap();
    assert_eq!((found.smallest_bytes, found.all_from_bytes), (Some(3_392), Some(5_008)));
    assert!(largest <= 8 * 1_600, "{largest}");
    // Where nothing above works either, that is not known, and nothing beyond the largest multiple is tried.
    let (smallest, all_from, ..) = probe(1_600, |bytes| (3_392..3_504).contains(&bytes));
    assert_eq!((smallest, all_from), (Some(3_392), None));
}

#[test]
fn success_that_comes_and_goes_is_looked_at_evenly() {
    // Pages of 4 KiB, of which every third serves, from 400,000 on all: as good-memory's heaps do.
    let works =
        |bytes: u64| bytes >= 400_000 || bytes >= 300_000 && (bytes / 4_096).is_multiple_of(3);
    let first = (300_000..).step_by(16).find(|&bytes| works(bytes)).unwrap();
    let (smallest, all_from, ..) = probe(100_000, works);
    assert_eq!((smallest, all_from), (Some(first), Some(400_000)));
}

#[test]
fn a_success_below_what_bisection_found_is_followed() {
    // A gap that bisection jumps over: 5 granules below the edge it works again.
    let (smallest, ..) = probe(1_600, |bytes| bytes >= 8_000 || bytes == 8_000 - 5 * 16);
    assert_eq!(smallest, Some(8_000 - 5 * 16));
}

#[test]
fn a_promise_of_the_lower_bound_is_confirmed_by_one_probe() {
    let found = search(span(1_600), true, &mut |bytes| {
        assert_eq!(bytes, 1_600);
        Ok(Probe::Works)
    })
    .unwrap();
    assert_eq!((found.smallest_bytes, found.all_from_bytes), (Some(1_600), Some(1_600)));
    assert!(found.is_smallest_exact && found.is_all_from_exact);
    // A promise that is broken is worth nothing.
    let found = search(span(1_600), true, &mut |bytes| {
        Ok(if bytes >= 3_200 { Probe::Works } else { Probe::Fails })
    })
    .unwrap();
    assert_eq!(found.smallest_bytes, Some(3_200));
    assert!(!found.is_smallest_exact && !found.is_all_from_exact);
}
