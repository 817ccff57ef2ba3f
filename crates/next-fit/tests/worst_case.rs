//! The worst that is known of next fit.

use heaplab_conformance::adversary::{against_best_fit, check_robson_bound, perform};
use heaplab_next_fit::NextFit;

#[test]
fn robsons_program_makes_it_need_the_bound_exactly() {
    check_robson_bound::<NextFit>();
}

#[test]
fn best_fits_worst_program() {
    let steps = against_best_fit(256, 16).unwrap_or_default();
    assert_eq!(perform::<NextFit>(&steps).end_bytes, 2_856);
}
