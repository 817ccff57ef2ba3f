use super::{
    fewer_heads_than, holm, mann_whitney, median, median_interval, paired_ratios, quantile,
    samples_needed, signed_rank, smallest_mann_whitney, smallest_signed_rank,
};

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

/// Table 1 of Mann and Whitney (1947): P(U <= u) for n = m = 5, doubled.
#[test]
fn mann_whitney_agrees_with_the_published_table() {
    let x = [1.0, 2.0, 3.0, 4.0, 5.0];
    for (y, u, one_sided) in [
        ([6.0, 7.0, 8.0, 9.0, 10.0], 0, 1.0 / 252.0),
        ([4.5, 7.0, 8.0, 9.0, 10.0], 1, 2.0 / 252.0),
        ([3.5, 7.0, 8.0, 9.0, 10.0], 2, 4.0 / 252.0),
        ([3.5, 4.5, 8.0, 9.0, 10.0], 3, 7.0 / 252.0),
    ] {
        let p = mann_whitney(&x, &y).unwrap();
        assert!(close(p, 2.0 * one_sided), "U = {u}: {p}");
        assert_eq!(mann_whitney(&y, &x), Some(p), "the sides are equal");
    }
}

/// The example of `SciPy`'s `mannwhitneyu`, ages at which diabetes was found: exact two-sided p = 1/9.
#[test]
fn mann_whitney_agrees_with_scipy() {
    let (men, women) = ([19.0, 22.0, 16.0, 29.0, 24.0], [20.0, 11.0, 17.0, 12.0]);
    assert!(close(mann_whitney(&men, &women).unwrap(), 1.0 / 9.0));
    assert_eq!(mann_whitney(&[1.0, 3.0, 5.0, 7.0, 9.0], &[2.0, 4.0, 6.0, 8.0, 10.0]), {
        // U = 10: 2 x 87 of 252 subsets lie as far out.
        Some(174.0 / 252.0)
    });
}

#[test]
fn mann_whitney_takes_ties_and_many_samples() {
    assert_eq!(mann_whitney(&[1.0; 4], &[1.0; 6]), Some(1.0));
    assert_eq!(mann_whitney(&[1.0; 30], &[1.0; 30]), Some(1.0));
    // Ranks 1.5, 1.5, 3, 4: the two equal ones on one side are 1 of 6 subsets at each end.
    assert!(close(mann_whitney(&[1.0, 1.0], &[2.0, 3.0]).unwrap(), 2.0 / 6.0));
    let many: Vec<f64> = (0..50).map(f64::from).collect();
    let later: Vec<f64> = many.iter().map(|it| it + 30.0).collect();
    assert!(mann_whitney(&many, &later).unwrap() < 1e-6);
    let (near, next) =
        (mann_whitney(&one_to(20), &one_to(20)), mann_whitney(&one_to(21), &one_to(21)));
    assert!((near.unwrap() - next.unwrap()).abs() < 0.02, "{near:?} {next:?}");
    assert_eq!(mann_whitney(&[], &many), None);
    assert_eq!(mann_whitney(&[f64::NAN], &many), None);
}

/// Table of critical values of Wilcoxon (1945): for n = 10 the sum 8 has a two-sided p of 0.048828125.
#[test]
fn signed_rank_agrees_with_the_published_table() {
    let with_negative = |ranks: &[u32]| -> Vec<f64> {
        (1..=10).map(|n| if ranks.contains(&n) { -f64::from(n) } else { f64::from(n) }).collect()
    };
    for (negative, p) in [
        (&[][..], 2.0 / 1024.0),
        (&[8][..], 50.0 / 1024.0),
        (&[1, 9][..], 86.0 / 1024.0),
        (&[1, 2, 3, 4, 8, 9][..], 1.0),
    ] {
        let seen = signed_rank(&with_negative(negative)).unwrap();
        assert!(close(seen, p), "{negative:?}: {}", seen * 1024.0);
    }
    assert_eq!(signed_rank(&[0.0, 0.0]), Some(1.0));
    assert_eq!(signed_rank(&[]), None);
    let many: Vec<f64> = (1..=60).map(f64::from).collect();
    assert!(signed_rank(&many).unwrap() < 1e-9);
}

/// Three tests, worked by hand: 0.001 x 3, 0.012 x 2, 0.025 x 1.
#[test]
fn holm_adjusts_in_steps() {
    let adjusted = holm(&[0.012, 0.001, 0.025]);
    for (seen, expected) in adjusted.iter().zip([0.024, 0.003, 0.025]) {
        assert!(close(*seen, expected), "{adjusted:?}");
    }
    assert_eq!(holm(&[]), Vec::<f64>::new());
    assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
}

#[test]
fn few_samples_cannot_reach_a_small_p() {
    for (n, p) in [(5, 0.0079), (6, 0.0022), (7, 0.00058), (8, 0.000155)] {
        let least = smallest_mann_whitney(n, n);
        assert!((least - p).abs() < p * 0.02, "{n}: {least}");
    }
    let needed = |rows: f64| samples_needed(0.05 / rows, |n| smallest_mann_whitney(n, n));
    assert_eq!((needed(1.0), needed(72.0), needed(720.0)), (4, 7, 9));
    assert!(close(smallest_signed_rank(6), 0.03125));
    assert_eq!(samples_needed(0.05 / 6.0, smallest_signed_rank), 8);
}
