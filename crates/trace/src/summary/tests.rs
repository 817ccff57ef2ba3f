use super::*;

#[test]
fn every_figure_of_a_small_trace() {
    let mut builder = SummaryBuilder::new();
    let thread = |thread| Origin { thread: Some(thread), ..Origin::default() };
    builder.push(Operation::Allocate { slot: 0, size: 100, align: 1 }, thread(0)).unwrap();
    builder.push(Operation::Allocate { slot: 1, size: 0, align: 64 }, thread(2)).unwrap();
    builder.push(Operation::Resize { slot: 0, size: 150, align: 1 }, thread(1)).unwrap();
    builder.push(Operation::Free { slot: 1 }, thread(0)).unwrap();
    builder.push(Operation::Allocate { slot: 1, size: 100, align: 2 }, thread(0)).unwrap();
    builder.push(Operation::Free { slot: 0 }, Origin::default()).unwrap();
    assert_eq!(builder.operation_index(), 6);
    let summary = builder.finish();
    assert_eq!(summary.operations, Counts { allocate: 3, resize: 1, free: 2 });
    assert!((summary.operations.resize_ratio() - 1.0 / 6.0).abs() < 1e-12);
    assert_eq!(summary.peak_live_requested_bytes, 250);
    assert_eq!(summary.peak_live_index, 4);
    assert_eq!(summary.peak_live_blocks, 2);
    assert_eq!((summary.end_live_blocks, summary.end_live_requested_bytes), (1, 100));
    assert_eq!((summary.max_request_bytes, summary.max_align_bytes), (150, 64));
    assert_eq!((summary.zero_size_requests, summary.aligned_requests), (1, 2));
    assert_eq!((summary.distinct_sizes, summary.slots, summary.threads), (3, 2, Some(3)));
    assert_eq!(summary.lifetimes.classes().collect::<Vec<_>>(), [(2, 3, 1), (4, 7, 1)]);
    assert_eq!(summary.sizes.total(), 4);
    assert_eq!(summary.hash.len(), 64);
}

#[test]
fn hash_ignores_origins_and_sees_operations() {
    let operation = |size| Operation::Allocate { slot: 0, size, align: 1 };
    let mut with_origin = SummaryBuilder::new();
    let origin = Origin { thread: Some(4), time_ns: Some(9), site: Some(0) };
    with_origin.push(operation(8), origin).unwrap();
    let hash = with_origin.finish().hash;
    assert_eq!(hash, Summary::of(&[operation(8)]).unwrap().hash);
    assert_ne!(hash, Summary::of(&[operation(9)]).unwrap().hash);
}

#[test]
fn distinct_sizes_survive_cache_conflicts() {
    let entries = SIZE_CACHE_ENTRIES as u64;
    let mut builder = SummaryBuilder::new();
    let sizes = [0, 1, entries, 2 * entries, 0, entries + 1, 1, entries, 0, u64::MAX];
    for (slot, size) in (0..).zip(sizes) {
        builder.push(Operation::Allocate { slot, size, align: 1 }, Origin::default()).unwrap();
    }
    assert_eq!(builder.finish().distinct_sizes, 6);
}

#[test]
fn sums_beyond_64_bits_saturate_and_recover() {
    let allocate = |slot| Operation::Allocate { slot, size: u64::MAX, align: 1 << 63 };
    let operations = [allocate(0), allocate(1), Operation::Free { slot: 0 }];
    let summary = Summary::of(&operations).unwrap();
    assert_eq!(summary.peak_live_requested_bytes, u64::MAX);
    assert_eq!(summary.end_live_requested_bytes, u64::MAX);
    assert_eq!(summary.peak_live_index, 1);
}

#[test]
fn summary_survives_json() {
    let summary = Summary::of(&[Operation::Allocate { slot: 0, size: 7, align: 1 }]).unwrap();
    let json = serde_json::to_string(&summary).unwrap();
    assert_eq!(serde_json::from_str::<Summary>(&json).unwrap(), summary);
}
