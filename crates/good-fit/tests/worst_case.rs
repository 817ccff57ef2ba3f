//! What the worst programs that are known make of good fits; what rounding alone can do stands in `placement.rs`.

use heaplab_conformance::adversary::{against_best_fit, perform, robson_bound, robson_peaks};
use heaplab_good_fit::{HalfFit, Tlsf};

const INSTANCES: [(u64, u64); 4] = [(16, 4), (64, 8), (256, 16), (512, 32)];

#[test]
fn robsons_program_makes_them_need_no_less_than_the_bound() {
    let bounds = INSTANCES.map(|(live_bytes, largest)| robson_bound(live_bytes, largest));
    assert_eq!(bounds, [29, 153, 753, 1_761]);
    assert_eq!(robson_peaks::<Tlsf, 4>(INSTANCES), bounds);
    assert_eq!(robson_peaks::<HalfFit, 4>(INSTANCES), bounds);
}

/// Short lengths have a list each, so TLSF falls for it as best fit does; half fit passes over the holes that it is made of.
#[test]
fn best_fits_worst_program() {
    let steps = against_best_fit(256, 16).unwrap_or_default();
    let ends = [perform::<Tlsf>(&steps).end_bytes, perform::<HalfFit>(&steps).end_bytes];
    assert_eq!(ends, [2_856, 467]);
}
