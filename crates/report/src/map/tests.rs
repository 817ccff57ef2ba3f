//! Maps that are packed and unpacked, and data that no map can have.

use super::{BlockColumns, MapError, OperationColumns, Steps, layers, pack, pack_rows};
use crate::model::{HeapMap, MapFailure, MapLayer, MapRows};

/// What is broken, and the words that must be said of it.
type Case<T> = (fn(&mut T), &'static str);

fn sample() -> HeapMap {
    let fill = [8, 0, 8, 0, 8, 8, 8, 0];
    let size = [1, 0, 2, 0, 1, 1, 2, 0];
    HeapMap {
        extent_bytes: 4,
        granule_bytes: 1,
        to_operation: 2,
        rows: MapRows {
            columns: 4,
            operation_index: vec![0, 1],
            end_bytes: vec![3, 3],
            live_bytes: vec![2, 3],
            layers: vec![MapLayer::Fill, MapLayer::Size],
            data: pack_rows(&[&fill, &size], 4),
            ..MapRows::default()
        },
        ..HeapMap::default()
    }
}

fn windowed() -> (HeapMap, Steps) {
    let steps = Steps {
        before: BlockColumns {
            slot: vec![0],
            size: vec![1],
            offset: vec![0],
            len: vec![1],
            born: vec![0],
            ..BlockColumns::default()
        },
        operations: OperationColumns {
            kind: vec![0, 2],
            slot: vec![1, 0],
            size: vec![2, 0],
            offset: vec![1, 0],
            len: vec![2, 0],
            ..OperationColumns::default()
        },
        ..Steps::default()
    };
    (HeapMap { steps: Some(steps.pack()), ..sample() }, steps)
}

#[test]
fn what_is_packed_is_unpacked() {
    let map = sample();
    let found = layers(&map).unwrap();
    assert_eq!(found, [vec![8, 0, 8, 0, 8, 8, 8, 0], vec![1, 0, 2, 0, 1, 1, 2, 0]]);
    assert_eq!(map.layer(&found, MapLayer::Size), Some(&found[1][..]));
    assert_eq!(map.layer(&found, MapLayer::Site), None);
    let (map, steps) = windowed();
    assert_eq!(Steps::unpack(&map, map.steps.as_ref().unwrap()), Ok(steps));
    assert_eq!(map.problem(), None);
}

#[test]
fn hostile_rows_are_refused() {
    let broken = |change: fn(&mut HeapMap)| {
        let mut map = sample();
        change(&mut map);
        map.problem().unwrap()
    };
    let cases: [Case<HeapMap>; 13] = [
        (|map| map.rows.data = "?".into(), "no base64"),
        (|map| map.rows.data = "AAAA".into(), "cannot be decompressed"),
        (|map| map.rows.data.truncate(8), "cannot be decompressed"),
        (|map| map.rows.data = pack(&[0; 15]), "expected 16, found 15"),
        (|map| map.rows.data = pack(&vec![0; 1 << 26]), "expected 16, found 17"),
        (|map| map.rows.data = pack(&[9; 16]), "layer fill holds 9, at most 8"),
        (|map| map.rows.columns = 1 << 31, "columns: expected 1 to 512"),
        (|map| map.rows.operation_index = vec![1, 0], "not in the order"),
        (|map| map.rows.operation_index[1] = 2, "a row shows operation 2, but the map goes from 0"),
        (|map| map.rows.end_bytes[0] = 5, "a row ends at 5 bytes"),
        (|map| map.rows.layers = vec![MapLayer::Fill; 2], "occurs twice"),
        (|map| map.rows.layers = vec![MapLayer::Size], "first layer is not `fill`"),
        (|map| map.rows.compacted_rows = vec![2], "row 2 of 2 is called compacted"),
    ];
    for (change, expected) in cases {
        let text = broken(change);
        assert!(text.contains(expected), "{text:?} says nothing of {expected:?}");
    }
    let mut long = sample();
    long.rows.operation_index = vec![0; 1_000];
    long.rows.end_bytes = vec![0; 1_000];
    long.rows.live_bytes = vec![0; 1_000];
    assert!(matches!(layers(&long), Err(MapError::Length { what: "rows", .. })));
}

#[test]
fn hostile_windows_are_refused() {
    let broken = |change: fn(&mut Steps)| {
        let (mut map, mut steps) = windowed();
        change(&mut steps);
        map.steps = Some(steps.pack());
        map.problem().unwrap()
    };
    let cases: [Case<Steps>; 10] = [
        (|steps| steps.operations.size.truncate(1), "expected 2, found 1"),
        (|steps| steps.before.born.clear(), "expected 1, found 0"),
        (|steps| steps.operations.kind[0] = 3, "neither allocates nor resizes nor frees"),
        (|steps| steps.operations.offset[0] = 3, "outside the map"),
        (|steps| steps.operations.offset[0] = u64::MAX, "outside the map"),
        (|steps| steps.operations.slot[0] = 0, "slot 0 is allocated twice"),
        (|steps| steps.operations.slot[1] = 9, "slot 9 is used while it is empty"),
        (|steps| steps.before.thread = vec![1], "has no name"),
        (
            |steps| {
                steps.moves.step = vec![2];
                steps.moves.slot = vec![1];
                steps.moves.to = vec![0];
            },
            "not in the order of the operations",
        ),
        (
            |steps| {
                steps.fates.slot = vec![0];
                steps.fates.freed = vec![0];
            },
            "slot 0 is used while it is empty",
        ),
    ];
    for (change, expected) in cases {
        let text = broken(change);
        assert!(text.contains(expected), "{text:?} says nothing of {expected:?}");
    }
    let (mut map, _) = windowed();
    map.failure = Some(MapFailure { operation: 1, ..MapFailure::default() });
    assert!(map.problem().unwrap().contains("expected 1, found 2"));
    let (mut map, _) = windowed();
    map.steps.as_mut().unwrap().data = pack(b"{\"before\": 3}");
    assert!(map.problem().unwrap().contains("no window"));
}
