use super::{fewer_heads_than, median, median_interval, paired_ratios, quantile};

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-12
}

fn one_to(n: u32) -> Vec<f64> {
    (1..=n).rev().map(f64::from).collect()
}

#[test]
fn median_of_odd_and_even_counts() {
    assert_eq!(median(&[5.0, 1.0, 3.0]), Some(3.0));
    assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
    assert_eq!(median(&[7.0]), Some(7.0));
    assert_eq!(median(&[]), None);
    assert_eq!(median(&[1.0, f64::NAN]), None);
}

#[test]
fn quantile_interpolates_between_order_statistics() {
    let samples = [10.0, 20.0, 30.0, 40.0];
    assert_eq!(quantile(&samples, 0.0), Some(10.0));
    assert_eq!(quantile(&samples, 1.0), Some(40.0));
    // Position 3 x 0.25 = 0.75: three quarters of the way from 10 to 20.
    assert_eq!(quantile(&samples, 0.25), Some(17.5));
    assert_eq!(quantile(&samples, 1.5), None);
}

#[test]
fn five_samples_are_too_few_for_95_percent() {
    assert_eq!(median_interval(&one_to(5), 0.95), None);
    assert!(median_interval(&one_to(5), 0.9).is_some());
}

/// The ranks of the published tables for the sign test: n, k, confidence.
#[test]
fn intervals_use_the_known_ranks() {
    for (n, k, confidence) in [
        (6, 1, 1.0 - 2.0 / 64.0),
        (7, 1, 1.0 - 2.0 / 128.0),
        (8, 1, 1.0 - 2.0 / 256.0),
        (9, 2, 1.0 - 2.0 * 10.0 / 512.0),
        (10, 2, 1.0 - 2.0 * 11.0 / 1024.0),
        (20, 6, 1.0 - 2.0 * 21_700.0 / 1_048_576.0),
    ] {
        let interval = median_interval(&one_to(n), 0.95).unwrap();
        assert!(close(interval.confidence, confidence), "n = {n}: {}", interval.confidence);
        assert!(close(interval.lower, f64::from(k)), "n = {n}: {}", interval.lower);
        assert!(close(interval.upper, f64::from(n + 1 - k)), "n = {n}: {}", interval.upper);
    }
}

#[test]
fn a_fair_coin_stays_fair_at_many_throws() {
    let below_half = fewer_heads_than(1000, 1999);
    assert!((below_half - 0.5).abs() < 1e-9, "{below_half}");
}

#[test]
fn ratios_pair_the_rounds() {
    assert_eq!(paired_ratios(&[4.0, 9.0], &[2.0, 3.0]), Some(vec![2.0, 3.0]));
    assert_eq!(paired_ratios(&[4.0], &[2.0, 3.0]), None);
    assert_eq!(paired_ratios(&[4.0], &[0.0]), None);
}
