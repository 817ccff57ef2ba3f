//! Heap maps of small replays, drawn by hand.

use std::collections::BTreeMap;

use heaplab_core::{Granule, Registry, StrategyList};
use heaplab_report::map::{Steps, layers};
use heaplab_report::{HeapMap, MapLayer, MapRows};
use heaplab_trace::{
    Operation, OperationSource, Origin, Sink as _, Trace, TraceBuilder, TraceInfo,
};

use super::strategies::{FirstFit, PANICS, SLIDES, SOUND};
use super::{busy_trace, trace};
use crate::{HeapMapError, HeapSize, MapRequest, heap_map};

const FIVE_BYTES: &str = "+0 1, +1 1, +2 1, +3 1, +4 1, -1, -3, +1 2, -0";

fn registry() -> Registry<impl StrategyList> {
    Registry::new()
        .with::<FirstFit<SOUND>>("first-fit")
        .with::<FirstFit<SLIDES>>("slides")
        .with::<FirstFit<PANICS>>("panics")
        .with::<crate::floor::Bump>("bump")
}

fn request<'a>(source: &'a dyn OperationSource, heap: &str) -> MapRequest<'a> {
    let mut request = MapRequest::new(source);
    request.heap = heap.parse::<HeapSize>().unwrap();
    request.granule = Granule::BYTE;
    request
}

fn map(strategy: &str, request: &MapRequest<'_>) -> HeapMap {
    let map = heap_map(&registry(), strategy, request).unwrap();
    assert_eq!(map.problem(), None);
    map
}

/// `X` full, `x` partly live, `-` hole, `.` wilderness.
fn drawn(map: &HeapMap) -> Vec<String> {
    let layers = layers(map).unwrap();
    let columns = map.rows.columns as usize;
    let fill = map.layer(&layers, MapLayer::Fill).unwrap();
    let sign = |row: usize, column: usize, fill: u8| match fill {
        MapRows::FULL => 'X',
        1.. => 'x',
        0 if (column as u64) * map.extent_bytes < map.rows.end_bytes[row] * columns as u64 => '-',
        0 => '.',
    };
    let row = |(row, bytes): (usize, &[u8])| -> String {
        bytes.iter().enumerate().map(|(column, fill)| sign(row, column, *fill)).collect()
    };
    fill.chunks(columns).enumerate().map(row).collect()
}

#[test]
fn the_five_bytes_end_in_two_holes_that_are_too_small() {
    let trace = trace(FIVE_BYTES);
    let map = map("first-fit", &request(&*trace, "5"));
    let expected = ["X....", "XX...", "XXX..", "XXXX.", "XXXXX", "X-XXX", "X-X-X"];
    assert_eq!(drawn(&map), expected);
    let failure = map.failure.unwrap();
    assert_eq!((failure.operation, failure.requested_bytes, failure.free_bytes), (7, 2, 2));
    assert_eq!((failure.holes, failure.largest_hole_bytes), (2, 1));
    assert_eq!((failure.hole_offset_bytes, failure.hole_bytes), (vec![1, 3], vec![1, 1]));
    let high_water = map.high_water.unwrap();
    assert_eq!((high_water.operation, high_water.bytes), (4, 5));
    assert_eq!((map.from_operation, map.to_operation, map.extent_bytes), (0, 9, 5));
    assert_eq!(map.rows.reduction, "every operation is a row, 5 columns of equally many bytes");
}

#[test]
fn a_slide_is_drawn_and_counted() {
    let trace = trace(FIVE_BYTES);
    let map = map("slides", &request(&*trace, "5"));
    let last = drawn(&map).split_off(5);
    assert_eq!(last, ["XXXX.", "XXX..", "XXXXX", "XXXX."], "it slides at every free");
    assert_eq!((map.compactions, map.relocated_bytes, map.failure.is_none()), (3, 8, true));
    assert_eq!(map.rows.compacted_rows, [5, 6, 8]);
}

#[test]
fn columns_tell_age_and_size_of_the_block_that_covers_most() {
    let trace = trace("+0 3, +1 1, +2 600, -1, +1 2000");
    let map = map("first-fit", &request(&*trace, "unlimited"));
    assert_eq!((map.extent_bytes, map.rows.columns), (2_604, 512));
    let layers = layers(&map).unwrap();
    let row = |kind, row: usize| -> Vec<u8> {
        map.layer(&layers, kind).unwrap()[row * 512..][..3].to_vec()
    };
    // Columns of 5 bytes: the first holds blocks of 3 and 1 bytes and the first byte of that of 600.
    assert_eq!(row(MapLayer::Fill, 2), [8, 8, 8]);
    assert_eq!(row(MapLayer::Born, 2), [1, 3, 3]);
    assert_eq!(row(MapLayer::Size, 2), [2, 10, 10]);
    assert_eq!(row(MapLayer::Fill, 3), [7, 8, 8], "a single free byte is not lost");
    assert_eq!(map.rows.layers, [MapLayer::Fill, MapLayer::Born, MapLayer::Size]);
}

#[test]
fn a_spike_and_a_dip_survive_and_the_size_does_not_grow() {
    let long = |operations: u64| {
        let mut steps = vec![Operation::Allocate { slot: 0, size: 1_000, align: 1 }];
        let spike = operations / 4 * 2 + 1;
        while (steps.len() as u64) < operations {
            let size = if steps.len() as u64 == spike { 5_000 } else { 10 };
            steps.push(Operation::Allocate { slot: 1, size, align: 1 });
            steps.push(Operation::Free { slot: 1 });
        }
        let info = TraceInfo::named("long");
        (Trace::from_operations(info, steps).unwrap(), spike)
    };
    let mut sizes = Vec::new();
    for operations in [2_001, 200_001] {
        let (trace, spike) = long(operations);
        let map = map("first-fit", &request(&trace, "unlimited"));
        assert!(map.rows.operation_index.len() <= MapRows::MAX_ROWS);
        assert!(map.rows.operation_index.contains(&spike));
        let high_water = map.high_water.unwrap();
        assert_eq!((high_water.operation, high_water.bytes), (spike, 6_000));
        assert!(map.rows.reduction.contains("lowest and highest"), "{}", map.rows.reduction);
        sizes.push(map.rows.data.len());
    }
    assert!(sizes[1] < sizes[0] * 2, "{sizes:?}");
}

#[test]
fn wide_rows_are_joined_until_they_fit() {
    let trace = busy_trace(3_000, 7);
    let mut wanted = request(&*trace, "unlimited");
    let full = map("first-fit", &wanted);
    wanted.packed_bytes = full.rows.data.len() * 2 / 3;
    let joined = map("first-fit", &wanted);
    assert!(joined.rows.columns < full.rows.columns && joined.rows.columns >= 64);
    assert!(joined.rows.data.len() <= wanted.packed_bytes);
    assert!(joined.rows.reduction.contains(&format!("{} columns", joined.rows.columns)));
    assert_eq!(joined.rows.operation_index, full.rows.operation_index);
}

/// Plays a window on its own and holds every block against the rows.
fn played(map: &HeapMap) -> BTreeMap<u32, (u64, u64)> {
    let steps = Steps::unpack(map, map.steps.as_ref().unwrap()).unwrap();
    let before = &steps.before;
    let mut blocks: BTreeMap<u32, (u64, u64)> = (0..before.slot.len())
        .map(|at| (before.slot[at], (before.offset[at], before.len[at])))
        .collect();
    let mut moved = 0;
    for at in 0..steps.operations.kind.len() {
        let operations = &steps.operations;
        let slot = operations.slot[at];
        if operations.kind[at] == 2 {
            blocks.remove(&slot);
        }
        while steps.moves.step.get(moved).is_some_and(|step| *step as usize == at) {
            blocks.get_mut(&steps.moves.slot[moved]).unwrap().0 = steps.moves.to[moved];
            moved += 1;
        }
        if operations.kind[at] != 2 {
            blocks.insert(slot, (operations.offset[at], operations.len[at]));
        }
        let mut places: Vec<(u64, u64)> = blocks.values().copied().collect();
        places.sort_unstable();
        assert!(places.windows(2).all(|pair| pair[0].0 + pair[0].1 <= pair[1].0), "step {at}");
        let index = map.from_operation + at as u64;
        let row = map.rows.operation_index.iter().position(|row| *row == index);
        if let Some(row) = row {
            let live: u64 = blocks.values().map(|(_, len)| len).sum();
            let end = places.last().map_or(0, |(offset, len)| offset + len);
            assert_eq!((map.rows.live_bytes[row], map.rows.end_bytes[row]), (live, end));
        }
    }
    blocks
}

#[test]
fn a_window_holds_every_operation_and_what_became_of_its_blocks() {
    let trace = trace(FIVE_BYTES);
    let mut wanted = request(&*trace, "5");
    wanted.window = Some(5..8);
    let map = map("slides", &wanted);
    assert_eq!(played(&map), [(0, (0, 1)), (1, (3, 2)), (2, (1, 1)), (4, (2, 1))].into());
    let steps = Steps::unpack(&map, map.steps.as_ref().unwrap()).unwrap();
    assert_eq!(steps.before.born, [0, 1, 2, 3, 4]);
    assert_eq!(steps.operations.kind, [2, 2, 0]);
    assert_eq!((steps.moves.step, steps.moves.slot), (vec![0, 0, 0, 1], vec![2, 3, 4, 4]));
    assert_eq!((steps.fates.slot, steps.fates.freed), (vec![0, 1, 2, 4], vec![9, 0, 0, 0]));
}

#[test]
fn windows_of_a_busy_trace_play_back_to_the_heap_that_was() {
    let trace = busy_trace(3_000, 3);
    for strategy in ["first-fit", "slides"] {
        for window in [0..3_000, 1_200..1_700, 2_999..3_000] {
            let mut wanted = request(&*trace, "unlimited");
            wanted.window = Some(window);
            played(&map(strategy, &wanted));
        }
    }
}

#[test]
fn a_window_ends_where_a_request_is_refused() {
    let trace = trace(FIVE_BYTES);
    let mut wanted = request(&*trace, "5");
    wanted.window = Some(2..9);
    let map = map("first-fit", &wanted);
    assert_eq!(map.steps.as_ref().unwrap().operations, 5);
    assert_eq!(played(&map).len(), 3);
}

#[test]
fn threads_and_call_sites_are_told_apart() {
    let mut builder =
        TraceBuilder::new(TraceInfo { sites: vec!["parse".into()], ..TraceInfo::named("t") });
    for slot in 0..9 {
        let origin = Origin { thread: Some(slot), site: Some(slot), time_ns: None };
        let size = 100 - u64::from(slot);
        builder.push(Operation::Allocate { slot, size, align: 1 }, origin).unwrap();
    }
    let trace = builder.finish();
    let map = map("first-fit", &request(&trace, "unlimited"));
    assert_eq!(map.threads, ["0", "1", "2", "3", "4", "5", "6", "all others"]);
    assert_eq!(map.sites[..2], ["parse", "call site 1"]);
    let layers = layers(&map).unwrap();
    let threads = map.layer(&layers, MapLayer::Thread).unwrap();
    assert_eq!(threads.iter().rev().take(1).next(), Some(&8));
}

#[test]
fn what_cannot_be_drawn_is_an_error() {
    let trace = trace(FIVE_BYTES);
    let error = |strategy: &str, heap: &str, window: Option<std::ops::Range<u64>>| {
        let mut wanted = request(&*trace, heap);
        wanted.window = window;
        heap_map(&registry(), strategy, &wanted).unwrap_err()
    };
    let text = "the window 8..10 goes beyond the trace, whose operations are 0..9";
    assert_eq!(error("first-fit", "9", Some(8..10)).to_string(), text);
    assert_eq!(
        error("first-fit", "9", Some(3..3)).to_string(),
        "the window 3..3 holds no operation"
    );
    let refused = error("first-fit", "5", Some(8..9));
    assert!(matches!(refused, HeapMapError::RefusedBefore { operation: 7, from: 8 }), "{refused}");
    let refused = error("first-fit", "5", Some(7..9));
    assert!(matches!(refused, HeapMapError::RefusedBefore { operation: 7, from: 7 }), "{refused}");
    assert!(error("bump", "9", None).to_string().contains("no strategy 'bump'"));
    let busy = busy_trace(3_000, 1);
    let broken = heap_map(&registry(), "panics", &request(&*busy, "unlimited")).unwrap_err();
    assert!(broken.to_string().contains("the tables are in ruins"), "{broken}");
}
