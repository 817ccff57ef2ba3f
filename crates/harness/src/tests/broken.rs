use std::time::Duration;

use heaplab_core::Strategy;
use heaplab_report::Status;

use super::strategies::{
    FORGETS_BYTES, FirstFit, LIES, LOSES_BYTES, MISALIGNS, MISPLACES_BYTES, MOVES_FOR_EVER,
    OVERLAPS, PANICS, SLIDES, SOUND,
};
use super::{busy_trace, verified};
use crate::{ReplayRequest, replay};

/// The status and the message of a verified replay.
fn judged<S: Strategy>() -> (Status, String) {
    let replayed = verified::<S>(&busy_trace(5_000, 1), "unlimited");
    assert_eq!(replayed.verified == Some(true), replayed.outcome.status == Status::Ok);
    assert_eq!(replayed.space.is_some(), replayed.outcome.status == Status::Ok);
    (replayed.outcome.status, replayed.outcome.message.unwrap_or_default())
}

#[test]
fn sound_strategies_are_verified() {
    assert_eq!(judged::<FirstFit<SOUND>>(), (Status::Ok, String::new()));
    assert_eq!(judged::<FirstFit<SLIDES>>(), (Status::Ok, String::new()));
}

#[test]
fn every_broken_strategy_is_found_out() {
    let expectations = [
        (judged::<FirstFit<OVERLAPS>>(), "overlap slot"),
        (judged::<FirstFit<FORGETS_BYTES>>(), "relocations left it at"),
        (judged::<FirstFit<MISPLACES_BYTES>>(), "relocations left it at"),
        (judged::<FirstFit<LOSES_BYTES>>(), "bytes were relocated from"),
        (judged::<FirstFit<MISALIGNS>>(), "is not aligned to 64"),
        (judged::<FirstFit<LIES>>(), "usage: holes is"),
    ];
    for ((status, message), expected) in expectations {
        assert_eq!(status, Status::Invalid, "{expected}");
        assert!(message.contains(expected), "{message}: expected {expected}");
    }
}

#[test]
fn a_panic_is_an_outcome_with_its_message_and_operation() {
    let replayed = verified::<FirstFit<PANICS>>(&busy_trace(1_000, 2), "unlimited");
    assert_eq!(replayed.outcome.status, Status::Crashed);
    assert_eq!((replayed.outcome.operation, replayed.operations), (Some(29), 29));
    let message = replayed.outcome.message.unwrap();
    assert!(message.starts_with("panicked at ") && message.ends_with(": the tables are in ruins"));
}

#[test]
fn endless_relocation_runs_out_of_time() {
    let trace = busy_trace(1_000, 3);
    let mut request = ReplayRequest::new(trace.as_ref());
    request.deadline = Some(Duration::from_millis(20));
    let replayed = replay::<FirstFit<MOVES_FOR_EVER>>(&request, &mut ()).unwrap();
    assert_eq!(replayed.outcome.status, Status::Timeout);
    assert_eq!(replayed.outcome.operation, Some(29));
}

#[test]
fn a_deadline_in_the_past_is_noticed_at_once() {
    let trace = busy_trace(1_000, 3);
    let mut request = ReplayRequest::new(trace.as_ref());
    request.deadline = Some(Duration::ZERO);
    let replayed = replay::<FirstFit<SOUND>>(&request, &mut ()).unwrap();
    assert_eq!((replayed.outcome.status, replayed.operations), (Status::Timeout, 0));
}

#[test]
fn blocks_beyond_the_buffers_limit_are_not_called_verified() {
    let trace = busy_trace(1_000, 3);
    let mut request = ReplayRequest::new(trace.as_ref());
    request.verify = true;
    request.payload_limit_bytes = 100;
    let replayed = replay::<FirstFit<SOUND>>(&request, &mut ()).unwrap();
    assert_eq!((replayed.outcome.status, replayed.verified), (Status::Ok, Some(false)));
}
