//! The worst that is known of first fit.

use heaplab_conformance::adversary::{
    Peaks, against_best_fit, best_fit_bound, perform, robson_bound, robson_peak,
};
use heaplab_first_fit::FirstFit;

/// What no sequence of requests can make first fit exceed, in bytes: `M (1 + 1/2 + … + 1/n) / ln 2`, by Robson (Knuth,
/// TAOCP 1, section 2.5, exercise 43).
#[expect(clippy::cast_precision_loss, reason = "figures of these tests stay far below 2^53")]
fn most(live_bytes: u64, largest: u64) -> f64 {
    let harmonic: f64 = (1..=largest).map(|size| 1.0 / size as f64).sum();
    live_bytes as f64 * harmonic / core::f64::consts::LN_2
}

#[expect(clippy::cast_precision_loss, reason = "figures of these tests stay far below 2^53")]
fn is_within(end_bytes: u64, live_bytes: u64, largest: u64) -> bool {
    end_bytes as f64 <= most(live_bytes, largest)
}

#[test]
fn robsons_program_makes_it_need_the_bound_exactly() {
    for (live_bytes, largest, bytes) in [
        (16, 2, 23),
        (16, 4, 29),
        (64, 4, 125),
        (64, 8, 153),
        (256, 8, 633),
        (256, 16, 753),
        (512, 32, 1_761),
        (1_024, 64, 4_033),
    ] {
        assert_eq!(robson_bound(live_bytes, largest), bytes);
        assert_eq!(robson_peak::<FirstFit>(live_bytes, largest), bytes, "{live_bytes}, {largest}");
        assert!(is_within(bytes, live_bytes, largest));
    }
}

/// What ruins best fit leaves first fit far below its own worst, which is far below best fit's.
#[test]
fn what_makes_best_fit_need_eleven_times_the_live_bytes_does_little_here() {
    let steps = against_best_fit(256, 16).unwrap_or_default();
    let peaks = perform::<FirstFit>(&steps);
    assert_eq!(peaks, Peaks { end_bytes: 298, live_bytes: 256 });
    assert!(is_within(peaks.end_bytes, 256, 16));
    assert!(!is_within(best_fit_bound(256, 16).unwrap_or(0), 256, 16));
}
