//! What the worst programs that are known make of free lists.

use heaplab_conformance::adversary::{against_best_fit, perform, robson_bound, robson_peaks};
use heaplab_free_list::{FreeList, FreeListLifo};

const INSTANCES: [(u64, u64); 4] = [(16, 4), (64, 8), (256, 16), (512, 32)];

#[test]
fn robsons_program_makes_them_need_no_less_than_the_bound() {
    let bounds = INSTANCES.map(|(live_bytes, largest)| robson_bound(live_bytes, largest));
    assert_eq!(bounds, [29, 153, 753, 1_761]);
    assert_eq!(robson_peaks::<FreeListLifo, 4>(INSTANCES), bounds);
    assert_eq!(robson_peaks::<FreeList, 4>(INSTANCES), bounds);
}

/// Neither needs the shortest hole for it: all but one are too short for what is asked.
#[test]
fn best_fits_worst_program() {
    let steps = against_best_fit(256, 16).unwrap_or_default();
    let ends = [perform::<FreeList>(&steps).end_bytes, perform::<FreeListLifo>(&steps).end_bytes];
    assert_eq!(ends, [2_856, 2_856]);
}
