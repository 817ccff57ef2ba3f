//! What the worst programs that are known make of it.

use heaplab_conformance::adversary::{Peaks, against_best_fit, perform, robson_bound, robson_peak};
use heaplab_stretch_fit::StretchFit;

#[test]
fn robsons_program_makes_it_need_the_bound_exactly() {
    for (live_bytes, largest) in [(16, 2), (16, 4), (64, 8), (256, 16), (512, 32), (1_024, 64)] {
        let bytes = robson_bound(live_bytes, largest);
        assert_eq!(
            robson_peak::<StretchFit>(live_bytes, largest),
            bytes,
            "{live_bytes}, {largest}"
        );
    }
}

/// The program counts on the low ends of holes, where this strategy's blocks need not be; one that is made for it may do worse.
#[test]
fn best_fits_worst_program_does_little() {
    let steps = against_best_fit(256, 16).unwrap_or_default();
    assert_eq!(perform::<StretchFit>(&steps), Peaks { end_bytes: 284, live_bytes: 256 });
}
