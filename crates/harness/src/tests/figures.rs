use std::io;

use heaplab_core::{Block, Config, Granule};
use heaplab_report::{Fragmentation, HoleClass, Outcome, Relocations, Status};

use super::strategies::{FirstFit, SLIDES, SOUND};
use super::{busy_trace, trace, verified};
use crate::{HeapSize, Observer, ReplayError, ReplayRequest, replay};

#[derive(Default)]
struct Notes(Vec<String>);

impl Observer for Notes {
    fn placed(&mut self, operation: u64, block: Block) -> io::Result<()> {
        self.0.push(format!("{operation}: {} {}", block.offset, block.len));
        Ok(())
    }

    fn relocated(&mut self, operation: u64, from: u64, to: u64, len: u64) -> io::Result<()> {
        self.0.push(format!("{operation}: {from} -> {to} {len}"));
        Ok(())
    }
}

#[test]
fn the_measures_of_johnstone_and_wilson_are_as_computed_by_hand() {
    // Live and end after each: 4 4, 6 6, 10 10, 6 10, 2 6, 7 11.
    let trace = trace("+0 4, +1 2, +2 4, -0, -2, +0 5");
    let space = verified::<FirstFit<SOUND>>(&trace, "unlimited").space.unwrap();
    let found = space.fragmentation.unwrap();
    let expected = Fragmentation {
        jw1: Some((4.0 / 6.0 + 4.0 / 2.0 + 4.0 / 7.0) / 6.0),
        jw2: Some(0.0),
        jw3: Some(4.0 / 7.0),
        jw4: Some(0.1),
    };
    let close = |found: Option<f64>, expected: Option<f64>| {
        (found.unwrap() - expected.unwrap()).abs() < 1e-12
    };
    assert!(close(found.jw1, expected.jw1), "{found:?}");
    assert!(close(found.jw2, expected.jw2), "{found:?}");
    assert!(close(found.jw3, expected.jw3), "{found:?}");
    assert!(close(found.jw4, expected.jw4), "{found:?}");
    assert_eq!((space.holes, space.largest_hole_bytes), (Some(1), Some(4)));
    assert_eq!(space.hole_histogram, [HoleClass { from_bytes: 4, holes: 1, bytes: 4 }]);
}

#[test]
fn a_moving_resize_counts_once_in_the_peak_and_twice_in_the_high_water_mark() {
    let replayed = verified::<FirstFit<SOUND>>(&trace("+0 4, +1 4, =0 8"), "unlimited");
    assert_eq!((replayed.peak_live_bytes, replayed.high_water_bytes()), (12, Some(16)));
    let moved = Relocations { blocks: 1, bytes: 4, compaction_bytes: 0, compactions: Some(0) };
    assert_eq!(replayed.relocations, Some(moved));
}

#[test]
fn observers_see_old_lengths_and_final_places() {
    let trace = trace("+0 4, +1 8, +2 2, -0, =1 3");
    let mut request = ReplayRequest::new(trace.as_ref());
    request.config = Config::new().with_granule(Granule::BYTE);
    request.verify = true;
    let mut notes = Notes::default();
    let replayed = replay::<FirstFit<SLIDES>>(&request, &mut notes).unwrap();
    // The free slides blocks 1 and 2; the shrinking resize takes 3 bytes behind them, and slides everything again.
    let expected = [
        "0: 0 4",
        "1: 4 8",
        "2: 12 2",
        "3: 4 -> 0 8",
        "3: 12 -> 8 2",
        "4: 0 -> 10 8",
        "4: 8 -> 0 2",
        "4: 10 -> 2 3",
        "4: 2 3",
    ];
    assert_eq!(notes.0, expected);
    let moved = replayed.relocations.unwrap();
    assert_eq!((moved.blocks, moved.bytes, moved.compaction_bytes), (5, 23, 15));
}

#[test]
fn a_fragmented_heap_is_told_from_a_full_one() {
    let fragmented = verified::<FirstFit<SOUND>>(&trace("+0 4, +1 2, +2 4, -0, +3 5"), "12");
    assert_eq!(
        fragmented.outcome,
        Outcome {
            status: Status::Oom,
            operation: Some(4),
            requested_bytes: Some(5),
            free_bytes: Some(6),
            largest_hole_bytes: Some(4),
            wilderness_bytes: Some(2),
            holes: Some(1),
            message: Some(
                "fragmented, not full: 5 bytes requested, 6 free in 1 holes and the wilderness, \
                 the longest piece 4"
                    .into()
            ),
        }
    );
    assert_eq!((fragmented.operations, fragmented.verified), (4, Some(true)));
    let full = verified::<FirstFit<SOUND>>(&trace("+0 4, +1 6, +2 4"), "12");
    assert_eq!(full.outcome.message.as_deref(), Some("full: 4 bytes requested, 2 free"));
    let too_large = verified::<FirstFit<SOUND>>(&trace("+0 13"), "12").outcome;
    assert_eq!((too_large.status, too_large.requested_bytes), (Status::Oom, Some(13)));
    let absurd = verified::<FirstFit<SOUND>>(&trace("+0 18446744073709551615"), "unlimited");
    assert_eq!(absurd.outcome.status, Status::Oom);
}

#[test]
fn ratios_are_multiples_of_the_rounded_peak() {
    let trace = trace("+0 17, +1 1");
    let mut request = ReplayRequest::new(trace.as_ref());
    request.heap = "1.1x".parse().unwrap();
    let replayed = replay::<FirstFit<SOUND>>(&request, &mut ()).unwrap();
    assert_eq!((replayed.peak_live_bytes, replayed.peak_live_requested_bytes), (48, 18));
    assert_eq!(replayed.heap_bytes, 64);
    request.heap = HeapSize::Bytes(15);
    let error = replay::<FirstFit<SOUND>>(&request, &mut ()).unwrap_err();
    assert!(matches!(error, ReplayError::Config(_)), "{error}");
}

#[test]
fn verification_changes_nothing_that_is_measured() {
    let trace = busy_trace(20_000, 9);
    let mut request = ReplayRequest::new(trace.as_ref());
    let mut plain = replay::<FirstFit<SLIDES>>(&request, &mut ()).unwrap();
    request.verify = true;
    let verified = replay::<FirstFit<SLIDES>>(&request, &mut ()).unwrap();
    assert_eq!((plain.verified, verified.verified), (None, Some(true)));
    (plain.verified, plain.duration) = (verified.verified, verified.duration);
    assert_eq!(plain, verified);
}

#[test]
fn an_observer_that_fails_ends_the_replay() {
    struct Full;
    impl Observer for Full {
        fn relocated(&mut self, _: u64, _: u64, _: u64, _: u64) -> io::Result<()> {
            Err(io::Error::other("disk full"))
        }
    }
    let trace = busy_trace(1_000, 1);
    let error = replay::<FirstFit<SLIDES>>(&ReplayRequest::new(trace.as_ref()), &mut Full);
    assert_eq!(error.unwrap_err().to_string(), "cannot record the replay: disk full");
}
