use super::*;
use crate::explain::stage::Placed;

fn drawn(blocks: &[(u64, u64)], extent: u64, granule: u64) -> Vec<u64> {
    let blocks: Vec<_> =
        blocks.iter().map(|&(offset, len)| Placed { offset, len, slot: 0 }).collect();
    map(&Layout { blocks: &blocks, capacity_bytes: extent }, extent, granule).live_bytes
}

#[test]
fn a_small_heap_has_a_column_for_each_granule() {
    assert_eq!(drawn(&[(0, 1), (2, 1), (4, 1)], 5, 1), [1, 0, 1, 0, 1]);
    assert_eq!(drawn(&[(16, 32)], 64, 16), [0, 16, 16, 0]);
    assert_eq!(drawn(&[], 0, 1), Vec::<u64>::new());
}

#[test]
fn columns_share_blocks_that_lie_in_several() {
    let columns = drawn(&[(10, 100), (127, 2), (130, 511)], 641, 1);
    assert_eq!(columns.len(), 64);
    assert_eq!(columns.iter().sum::<u64>(), 613);
    // Columns begin at 0, 10, 20, 30, and from the 64th part on a byte later.
    assert_eq!(columns[..3], [0, 10, 10]);
    assert_eq!(columns[63], 11);
    let whole = drawn(&[(0, 1 << 62)], 1 << 62, 16);
    assert!(whole.iter().all(|&live| live == 1 << 56));
}

#[test]
fn the_picture_counts_holes_and_wilderness() {
    let blocks: Vec<_> =
        [(3, 5), (10, 1), (15, 1)].map(|(offset, len)| Placed { offset, len, slot: 0 }).into();
    let layout = Layout { blocks: &blocks, capacity_bytes: 20 };
    let scene = Scene {
        is_unlimited: false,
        granule_bytes: 1,
        peak_live_bytes: 9,
        wanted: Some(Wanted { len: Some(4), align: 8, resizing: None }),
        blocks: Blocks { live: &|_| None, sites: &[], now: 0 },
    };
    let limited = picture(&layout, scene);
    assert_eq!((limited.live_bytes, limited.live_blocks, limited.used_bytes), (7, 3, 16));
    assert_eq!((limited.holes, limited.hole_bytes, limited.largest_hole_bytes), (3, 9, 4));
    assert_eq!((limited.wilderness_bytes, limited.free_bytes), (Some(4), Some(13)));
    // From 0, from 8 and from 16 on there are 3, 2 and 4 bytes.
    assert_eq!(limited.largest_fit_bytes, Some(4));
    let classes: Vec<_> =
        limited.hole_histogram.iter().map(|it| (it.from_bytes, it.holes, it.bytes)).collect();
    assert_eq!(classes, [(2, 2, 5), (4, 1, 4)]);
    let unlimited = picture(&layout, Scene { is_unlimited: true, wanted: None, ..scene });
    assert_eq!((unlimited.wilderness_bytes, unlimited.free_bytes), (None, None));
    assert_eq!((unlimited.map.extent_bytes, unlimited.largest_fit_bytes), (16, None));
}
