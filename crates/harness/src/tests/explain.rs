//! Explanations of small replays, each with an answer worked out by hand.

use heaplab_core::{Granule, Registry, StrategyList};
use heaplab_report::Status;
use heaplab_report::explain::{Cause, Explanation, OperationKind};
use heaplab_trace::{
    Operation, OperationSource, Origin, Sink as _, Trace, TraceBuilder, TraceInfo,
};

use super::strategies::{FirstFit, OVERLAPS, PANICS, SLIDES, SLOW, SOUND};
use super::{busy_trace, trace};
use crate::{ExplainError, ExplainRequest, HeapSize, explain};

fn registry() -> Registry<impl StrategyList> {
    Registry::new()
        .with::<FirstFit<SOUND>>("first-fit")
        .with::<FirstFit<SLIDES>>("slides")
        .with::<crate::floor::Bump>("bump")
}

fn explained(
    source: &dyn OperationSource,
    heap: &str,
    granule: u64,
) -> Result<Explanation, ExplainError> {
    let mut request = ExplainRequest::new(source);
    request.heap = heap.parse::<HeapSize>().unwrap();
    request.granule = Granule::new(granule).unwrap();
    explain(&registry(), "first-fit", &request, &|_| ())
}

#[test]
fn the_five_bytes_are_fragmented() {
    let trace = trace("+0 1, +1 1, +2 1, +3 1, +4 1, -1, -3, +1 2, -0");
    let it = explained(&*trace, "5", 1).unwrap();
    assert_eq!((it.cause, it.outcome.status), (Some(Cause::Fragmented), Status::Oom));
    assert_eq!((it.moment.operation, it.moment.is_after, it.operations_completed), (7, false, 7));
    let picture = &it.picture;
    assert_eq!(picture.map.live_bytes, [1, 0, 1, 0, 1]);
    assert_eq!((picture.free_bytes, picture.holes, picture.largest_hole_bytes), (Some(2), 2, 1));
    let pin = &picture.pins.largest[0];
    assert_eq!((pin.offset_bytes, pin.gain_bytes, pin.blocks[0].age_operations), (2, 2, 5));
    let clearing = it.remedies.clearing.unwrap();
    assert_eq!((clearing.offset_bytes, clearing.live_bytes), (0, 1));
    let slide = it.remedies.compaction;
    assert_eq!((slide.relocated_bytes, slide.request_fits), (2, Some(true)));
    let larger = it.remedies.larger_heap.unwrap();
    assert_eq!((larger.passes_bytes, larger.fails_bytes), (7, 5 + 1));
    let [slides] = &it.remedies.others[..] else { panic!("{:?}", it.remedies.others) };
    assert_eq!((slides.strategy.as_str(), slides.gets_past), ("slides", true));
    assert_eq!(
        (slides.status, slides.used_bytes, slides.relocated_bytes),
        (Status::Ok, Some(3), Some(4))
    );
}

#[test]
fn a_full_heap_and_a_request_too_large_are_told_apart() {
    let full = explained(&*trace("+0 3, +1 3"), "5", 1).unwrap();
    assert_eq!(full.cause, Some(Cause::Full));
    let large = explained(&*trace("+0 3, +1 6"), "5", 1).unwrap();
    assert_eq!((large.cause, large.remedies.clearing), (Some(Cause::TooLarge), None));
    let at_once = explained(&*trace("+0 6"), "5", 1).unwrap();
    assert_eq!(
        (at_once.cause, at_once.waste, at_once.picture.live_blocks),
        (Some(Cause::TooLarge), None, 0)
    );
}

#[test]
fn an_alignment_that_no_hole_meets_is_not_called_fragmentation() {
    let operations = vec![
        Operation::Allocate { slot: 0, size: 16, align: 1 },
        Operation::Allocate { slot: 1, size: 48, align: 64 },
    ];
    let trace = Trace::from_operations(TraceInfo::named("aligned"), operations).unwrap();
    let it = explained(&trace, "96", 16).unwrap();
    assert_eq!((it.cause, it.picture.free_bytes), (Some(Cause::Misaligned), Some(80)));
    assert_eq!(it.picture.largest_fit_bytes, Some(32));
    assert_eq!(it.remedies.compaction.request_fits, Some(false));
}

#[test]
fn a_resize_may_lack_room_for_a_second_copy_alone() {
    let it = explained(&*trace("+0 4, +1 1, +2 1, -2, =0 5"), "8", 1).unwrap();
    assert_eq!(it.cause, Some(Cause::NoRoomToMove));
    assert_eq!((it.moment.kind, it.moment.old_bytes), (OperationKind::Resize, Some(4)));
    let clearing = it.remedies.clearing.unwrap();
    assert_eq!((clearing.is_growth, clearing.live_bytes, clearing.stretch_bytes), (true, 1, 1));
    assert_eq!(it.remedies.compaction.request_fits, Some(true));
}

#[test]
fn a_replay_that_succeeds_shows_where_most_is_wasted() {
    // After the second free, 1 of 12 bytes is live; after the third, none.
    let it = explained(&*trace("+0 10, +1 1, +2 1, -0, -1, +0 3, -0, -2"), "unlimited", 1).unwrap();
    assert_eq!((it.cause, it.outcome.status), (None, Status::Ok));
    let waste = it.waste.unwrap();
    assert_eq!((waste.most.operation, waste.most.wasted_bytes()), (4, 11));
    assert_eq!((waste.worst_ratio.operation, waste.worst_ratio.used_bytes), (4, 12));
    assert_eq!((it.moment.operation, it.moment.is_after), (4, true));
    assert_eq!((it.picture.hole_bytes, it.picture.map.extent_bytes), (11, 12));
    assert_eq!((it.remedies.clearing, it.remedies.larger_heap), (None, None));
    let tight = explained(&*trace("+0 4, +1 4"), "1x", 1).unwrap();
    assert_eq!((tight.moment.operation, tight.waste.unwrap().most.wasted_bytes()), (1, 0));
}

#[test]
fn origins_reach_the_blocks_that_pin() {
    let mut builder = TraceBuilder::new(TraceInfo::named("origins"));
    builder.info_mut().sites = vec!["main.c:7".into()];
    for (slot, size) in [(0, 8), (1, 1), (2, 8)] {
        let origin =
            Origin { thread: Some(slot), time_ns: Some(9), site: (slot == 1).then_some(0) };
        builder.push(Operation::Allocate { slot, size, align: 1 }, origin).unwrap();
    }
    for slot in [0, 2] {
        builder.push(Operation::Free { slot }, Origin::default()).unwrap();
    }
    let late = Origin { thread: Some(5), time_ns: Some(11), site: None };
    builder.push(Operation::Allocate { slot: 2, size: 9, align: 1 }, late).unwrap();
    let it = explained(&builder.finish(), "17", 1).unwrap();
    assert_eq!(
        (it.moment.thread, it.moment.time_ns, it.moment.call_site),
        (Some(5), Some(11), None)
    );
    let block = &it.picture.pins.largest[0].blocks[0];
    assert_eq!((block.thread, block.call_site.as_deref()), (Some(1), Some("main.c:7")));
}

#[test]
fn what_cannot_be_explained_is_an_error() {
    let empty = Trace::from_operations(TraceInfo::named("empty"), Vec::new()).unwrap();
    assert!(matches!(explained(&empty, "1x", 16), Err(ExplainError::EmptyTrace)));
    assert!(matches!(explained(&*trace("+0 1"), "0", 16), Err(ExplainError::Config(_))));
    let huge = trace("+0 9223372036854775808");
    assert!(matches!(explained(&*huge, "3x", 16), Err(ExplainError::HeapTooLarge { .. })));
    let busy = busy_trace(100, 1);
    let broken =
        Registry::new().with::<FirstFit<PANICS>>("panics").with::<FirstFit<OVERLAPS>>("overlaps");
    let request = ExplainRequest::new(&*busy);
    let error = explain(&broken, "panics", &request, &|_| ()).unwrap_err();
    assert!(matches!(error, ExplainError::Broken { .. }) && error.to_string().contains("ruins"));
    for floor in ["bump", "none"] {
        let error = explain(&registry(), floor, &request, &|_| ()).unwrap_err();
        assert!(matches!(error, ExplainError::UnknownStrategy { .. }), "{error}");
    }
}

#[test]
fn others_that_panic_or_take_too_long_do_not_spoil_it() {
    let busy = busy_trace(2_000, 1);
    let others = Registry::new()
        .with::<FirstFit<SOUND>>("first-fit")
        .with::<FirstFit<PANICS>>("panics")
        .with::<FirstFit<SLOW>>("slow");
    let mut request = ExplainRequest::new(&*busy);
    request.patience = std::time::Duration::from_millis(100);
    let it = explain(&others, "first-fit", &request, &|_| ()).unwrap();
    let statuses: Vec<_> = it.remedies.others.iter().map(|other| other.status).collect();
    assert_eq!(statuses, [Status::Crashed, Status::Timeout]);
}

#[test]
fn the_explanation_agrees_with_the_replay() {
    let busy = busy_trace(20_000, 3);
    for heap in ["0.9x", "1.0x", "1.05x", "2x"] {
        let mut request = crate::ReplayRequest::new(&*busy);
        request.heap = heap.parse().unwrap();
        let replayed = crate::replay::<FirstFit<SOUND>>(&request, &mut ()).unwrap();
        let it = explained(&*busy, heap, 16).unwrap();
        let facts = |outcome: &heaplab_report::Outcome| {
            let free = (outcome.free_bytes, outcome.largest_hole_bytes, outcome.wilderness_bytes);
            (outcome.status, outcome.operation, outcome.requested_bytes, free, outcome.holes)
        };
        assert_eq!(facts(&it.outcome), facts(&replayed.outcome), "{heap}");
        assert_eq!(it.operations_completed, replayed.operations);
        if let Some(larger) = it.remedies.larger_heap {
            request.heap = HeapSize::Bytes(larger.passes_bytes);
            let replayed = crate::replay::<FirstFit<SOUND>>(&request, &mut ()).unwrap();
            assert!(replayed.operations > it.moment.operation);
            request.heap = HeapSize::Bytes(larger.fails_bytes);
            let replayed = crate::replay::<FirstFit<SOUND>>(&request, &mut ()).unwrap();
            assert!(replayed.operations <= it.moment.operation);
        }
    }
}
