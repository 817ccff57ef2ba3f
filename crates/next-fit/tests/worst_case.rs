//! The worst that is known of next fit.

use heaplab_conformance::adversary::{against_best_fit, perform, robson_bound, robson_peak};
use heaplab_next_fit::NextFit;

#[test]
fn robsons_program_makes_it_need_the_bound_exactly() {
    for (live_bytes, largest) in [(16, 2), (16, 4), (64, 8), (256, 16), (512, 32), (1_024, 64)] {
        let bytes = robson_bound(live_bytes, largest);
        assert_eq!(robson_peak::<NextFit>(live_bytes, largest), bytes, "{live_bytes}, {largest}");
    }
}

#[test]
fn best_fits_worst_program() {
    let steps = against_best_fit(256, 16).unwrap_or_default();
    assert_eq!(perform::<NextFit>(&steps).end_bytes, 2_856);
}
