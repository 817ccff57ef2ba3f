//! What the worst programs that are known make of it.

use heaplab_conformance::adversary::{Peaks, against_best_fit, check_robson_bound, perform};
use heaplab_stretch_fit::StretchFit;

#[test]
fn robsons_program_makes_it_need_the_bound_exactly() {
    check_robson_bound::<StretchFit>();
}

/// The program counts on the low ends of holes, where this strategy's blocks need not be; one that is made for it may do worse.
#[test]
fn best_fits_worst_program_does_little() {
    let steps = against_best_fit(256, 16).unwrap_or_default();
    assert_eq!(perform::<StretchFit>(&steps), Peaks { end_bytes: 284, live_bytes: 256 });
}
