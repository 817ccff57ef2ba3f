//! How long each operation took, and what the clock itself takes.

use std::hint::black_box;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2Serializer};
use heaplab_report::Latency;
use serde::{Deserialize, Serialize};

/// Digits that a value keeps: below 2,048 ns all of them, above that a value is exact to a thousandth.
const SIGNIFICANT_DIGITS: u8 = 3;

/// Pairs of readings of the clock with nothing between them, before each part.
const CLOCK_PAIRS: usize = 64;

/// A quantile is given where at least so many operations took longer.
const BEYOND_A_QUANTILE: u64 = 10;

/// The latencies of replays, as measured: the clock's own cost is still in them.
#[derive(Clone, Debug)]
pub struct Latencies {
    values: Histogram<u64>,
    clock: Histogram<u64>,
    part: Vec<u64>,
    replays: u64,
}

impl Latencies {
    /// Operations between two measurements of the clock; their times fit into the first cache.
    pub(super) const PART_OPERATIONS: usize = 2_048;

    pub(super) fn new() -> Self {
        Self { values: histogram(), clock: histogram(), part: Vec::new(), replays: 1 }
    }

    /// Reads the clock twice in a row, again and again.
    pub(super) fn measure_clock(&mut self) {
        for _ in 0..CLOCK_PAIRS {
            let started = black_box(Instant::now());
            let cost = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
            record(&mut self.clock, cost, 1);
        }
    }

    /// Where the times of a part go.
    pub(super) fn part(&mut self) -> &mut [u64] {
        self.part.resize(Self::PART_OPERATIONS, 0);
        &mut self.part
    }

    /// Keeps the times of so many operations.
    pub(super) fn keep(&mut self, operations: usize) {
        for &ns in &self.part[..operations] {
            record(&mut self.values, ns, 1);
        }
    }

    /// Takes in the latencies of another replay of the same cell.
    pub fn add(&mut self, other: &Self) {
        // Both histograms grow, so no value is out of range.
        let _ = self.values.add(&other.values);
        let _ = self.clock.add(&other.clock);
        self.replays += other.replays;
        self.part = Vec::new();
    }

    /// What two readings of the clock take with nothing between them, in ns: how often each cost was seen.
    #[must_use]
    pub const fn clock(&self) -> &Histogram<u64> {
        &self.clock
    }

    /// The quantiles and the histogram, with the cost of the clock taken off every value.
    ///
    /// The 99.99th percentile is absent unless at least ten operations of one replay lie beyond it. `None` where
    /// nothing was recorded.
    #[must_use]
    pub fn to_report(&self, clock_cost_ns: u64) -> Option<Latency> {
        let mut values = histogram();
        for step in self.values.iter_recorded() {
            let ns = step.value_iterated_to().saturating_sub(clock_cost_ns);
            record(&mut values, ns, step.count_at_value());
        }
        if values.is_empty() {
            return None;
        }
        let at = |quantile| to_f64(values.value_at_quantile(quantile));
        let operations = values.len() / self.replays.max(1);
        Some(Latency {
            histogram: encoded(&values),
            p50_ns: at(0.5),
            p90_ns: at(0.9),
            p99_ns: at(0.99),
            p999_ns: at(0.999),
            p9999_ns: (operations >= BEYOND_A_QUANTILE * 10_000).then(|| at(0.9999)),
            max_ns: to_f64(values.max()),
        })
    }
}

/// [`Latencies`] on their way from one process to another.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct EncodedLatencies {
    values: String,
    clock: String,
    replays: u64,
}

impl EncodedLatencies {
    pub(crate) fn of(latencies: &Latencies) -> Self {
        let encode = |histogram| encoded(histogram).unwrap_or_default();
        let Latencies { values, clock, replays, .. } = latencies;
        Self { values: encode(values), clock: encode(clock), replays: *replays }
    }

    /// `None` for what was never encoded.
    pub(crate) fn decode(&self) -> Option<Latencies> {
        let decode = |text: &str| {
            let bytes = STANDARD.decode(text).ok()?;
            let mut histogram: Histogram<u64> =
                Deserializer::new().deserialize(&mut bytes.as_slice()).ok()?;
            histogram.auto(true);
            Some(histogram)
        };
        let (values, clock) = (decode(&self.values)?, decode(&self.clock)?);
        Some(Latencies { values, clock, part: Vec::new(), replays: self.replays })
    }
}

/// As reports hold it.
fn encoded(histogram: &Histogram<u64>) -> Option<String> {
    let mut bytes = Vec::new();
    V2Serializer::new().serialize(histogram, &mut bytes).ok()?;
    Some(STANDARD.encode(&bytes))
}

#[expect(clippy::expect_used, reason = "the number of digits is a constant that is allowed")]
pub(crate) fn histogram() -> Histogram<u64> {
    let mut histogram = Histogram::new(SIGNIFICANT_DIGITS).expect("0 to 5 digits are allowed");
    histogram.auto(true);
    histogram
}

/// Counts a value. The histogram grows to hold it; one of centuries, which it cannot hold, is kept as the longest.
fn record(histogram: &mut Histogram<u64>, ns: u64, count: u64) {
    if histogram.record_n(ns, count).is_err() {
        histogram.saturating_record_n(ns, count);
    }
}

#[expect(clippy::cast_precision_loss, reason = "no operation takes 2^53 ns, which is 104 days")]
const fn to_f64(ns: u64) -> f64 {
    ns as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = u64>) -> Latencies {
        let mut latencies = Latencies::new();
        for value in values {
            latencies.part()[0] = value;
            latencies.keep(1);
        }
        latencies
    }

    #[test]
    fn the_histogram_decodes_to_the_quantiles_that_are_told() {
        let latency = of((1..=100_000).map(|it| it + 25)).to_report(25).unwrap();
        let bytes = STANDARD.decode(latency.histogram.as_ref().unwrap()).unwrap();
        let decoded: Histogram<u64> = Deserializer::new().deserialize(&mut &bytes[..]).unwrap();
        assert_eq!(decoded.len(), 100_000);
        for (quantile, told) in [
            (0.5, latency.p50_ns),
            (0.9, latency.p90_ns),
            (0.99, latency.p99_ns),
            (0.999, latency.p999_ns),
            (0.9999, latency.p9999_ns.unwrap()),
            (1.0, latency.max_ns),
        ] {
            assert!((to_f64(decoded.value_at_quantile(quantile)) - told).abs() < 1e-9);
            // The values are 1 to 100,000, kept to a thousandth.
            let exact = quantile * 100_000.0;
            assert!((told - exact).abs() <= exact * 0.002, "{quantile}: {told}");
        }
    }

    #[test]
    fn the_cost_of_the_clock_is_taken_off_but_nothing_becomes_negative() {
        let latency = of([10, 30, 30, 30, 2_000]).to_report(25).unwrap();
        assert!((latency.p50_ns - 5.0).abs() < 1e-9 && (latency.max_ns - 1_975.0).abs() < 1e-9);
        let bytes = STANDARD.decode(latency.histogram.unwrap()).unwrap();
        let decoded: Histogram<u64> = Deserializer::new().deserialize(&mut &bytes[..]).unwrap();
        assert_eq!([decoded.count_at(0), decoded.count_at(5), decoded.count_at(1_975)], [1, 3, 1]);
    }

    #[test]
    fn nothing_is_lost_between_processes() {
        let mut latencies = of((0..5_000).map(|it| it * it));
        latencies.measure_clock();
        latencies.add(&of([7, 1 << 40]));
        let mut back = EncodedLatencies::of(&latencies).decode().unwrap();
        assert_eq!((&back.values, &back.clock), (&latencies.values, &latencies.clock));
        assert_eq!(back.replays, 2);
        // It still grows.
        back.add(&of([1 << 50]));
        assert_eq!(back.values.len(), 5_003);
    }

    #[test]
    fn the_last_quantile_needs_operations_beyond_it() {
        assert_eq!(of(0..99_999).to_report(0).unwrap().p9999_ns, None);
        let mut twice = of(0..99_999);
        twice.add(&of(0..99_999));
        assert_eq!(twice.to_report(0).unwrap().p9999_ns, None, "the same operations again");
        assert!(of(0..100_000).to_report(0).unwrap().p9999_ns.is_some());
        assert_eq!(Latencies::new().to_report(0), None);
    }

    #[test]
    fn the_clock_is_measured_before_each_part() {
        let mut latencies = Latencies::new();
        latencies.measure_clock();
        latencies.measure_clock();
        assert_eq!(latencies.clock().len(), 2 * CLOCK_PAIRS as u64);
    }
}
