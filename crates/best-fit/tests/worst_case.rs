//! The worst that is known of best fit.

use heaplab_best_fit::{BestFit, BestFitLifo};
use heaplab_conformance::adversary::{
    Peaks, against_best_fit, best_fit_bound, perform, robson_bound, robson_peak,
};
use heaplab_core::Strategy;

fn needs_robsons_bound<S: Strategy>() {
    for (live_bytes, largest) in [(16, 2), (16, 4), (64, 8), (256, 16), (512, 32), (1_024, 64)] {
        let bytes = robson_bound(live_bytes, largest);
        assert_eq!(robson_peak::<S>(live_bytes, largest), bytes, "{live_bytes}, {largest}");
    }
}

#[test]
fn robsons_program_makes_it_need_the_bound_exactly() {
    needs_robsons_bound::<BestFit>();
    needs_robsons_bound::<BestFitLifo>();
}

/// Holes of which each is one byte too short for the next request: the heap grows with the product of live bytes and the
/// largest block, where first fit's grows with the logarithm of the latter.
fn needs_many_times_the_live_bytes<S: Strategy>() {
    for (live_bytes, largest, bytes) in
        [(24, 6, 48), (64, 8, 264), (256, 16, 2_856), (256, 32, 4_200), (512, 32, 11_880)]
    {
        assert_eq!(best_fit_bound(live_bytes, largest), Some(bytes));
        let steps = against_best_fit(live_bytes, largest).unwrap_or_default();
        let expected = Peaks { end_bytes: bytes, live_bytes };
        assert_eq!(perform::<S>(&steps), expected, "{live_bytes}, {largest}");
    }
}

#[test]
fn the_heap_can_grow_with_the_product_of_live_bytes_and_largest_block() {
    needs_many_times_the_live_bytes::<BestFit>();
    needs_many_times_the_live_bytes::<BestFitLifo>();
}
