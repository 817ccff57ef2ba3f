//! What the worst programs that are known make of size classes; what rounding alone can do stands in `placement.rs`.

use heaplab_conformance::adversary::{against_best_fit, perform, robson_bound, robson_peaks};
use heaplab_size_classes::{Buddy, Segregated};

const INSTANCES: [(u64, u64); 4] = [(16, 4), (64, 8), (256, 16), (512, 32)];

/// Sizes of Robson's program are powers of two, so buddies round no block up; each size has pages of its own.
#[test]
fn robsons_program_makes_them_need_no_less_than_the_bound() {
    let bounds = INSTANCES.map(|(live_bytes, largest)| robson_bound(live_bytes, largest));
    assert_eq!(bounds, [29, 153, 753, 1_761]);
    assert_eq!(robson_peaks::<Buddy, 4>(INSTANCES), [32, 160, 768, 1_792]);
    assert_eq!(robson_peaks::<Segregated, 4>(INSTANCES), [241, 1_009, 4_081, 8_448]);
}

/// Buddies are not ruined by it; pages are, by the few sizes that each have a page of their own.
#[test]
fn best_fits_worst_program() {
    let steps = against_best_fit(256, 16).unwrap_or_default();
    assert_eq!(perform::<Buddy>(&steps).end_bytes, 268);
    assert_eq!(perform::<Segregated>(&steps).end_bytes, 3_281);
}
