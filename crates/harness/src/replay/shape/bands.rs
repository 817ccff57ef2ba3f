//! Measures over the course of a trace, as the lowest and the highest value in each part of it.

use heaplab_report::{Band, Trend};

use super::summary::round_to;

/// More parts are joined two by two. Small, since many cells of a report hold two trends of a dozen bands each.
const MAX_PARTS: usize = 64;

const _: () = assert!(MAX_PARTS <= Trend::MAX_PARTS as usize, "more than the format allows");

/// Digits of a value in a band.
const DIGITS: i32 = 3;

/// Lowest and highest of each of `N` values.
#[derive(Clone, Copy, Debug)]
struct Extremes<const N: usize> {
    low: [f64; N],
    high: [f64; N],
}

impl<const N: usize> Extremes<N> {
    const NONE: Self = Self { low: [f64::INFINITY; N], high: [f64::NEG_INFINITY; N] };

    // Comparisons instead of `min` and `max`: the values are numbers, and these become one instruction for several.
    #[inline]
    fn join(&mut self, low: &[f64; N], high: &[f64; N]) {
        for at in 0..N {
            self.low[at] = if low[at] < self.low[at] { low[at] } else { self.low[at] };
            self.high[at] = if high[at] > self.high[at] { high[at] } else { self.high[at] };
        }
    }
}

/// One axis, cut into parts of equal length, a power of two that grows with the trace.
#[derive(Debug)]
struct Axis<const N: usize> {
    shift: u32,
    parts: Vec<Extremes<N>>,
}

impl<const N: usize> Axis<N> {
    /// The first place behind the last part.
    const fn end(&self) -> u64 {
        (self.parts.len() as u64).saturating_mul(1 << self.shift)
    }

    fn close(&mut self, extremes: &Extremes<N>) {
        if let Some(last) = self.parts.last_mut() {
            last.join(&extremes.low, &extremes.high);
        }
    }

    /// Makes the part that holds `x` the last one. Parts that are jumped over hold the state behind the jump.
    fn advance(&mut self, x: u64, values: &[f64; N]) {
        while x >> self.shift >= MAX_PARTS as u64 {
            let join = |pair: &[Extremes<N>]| {
                pair.iter().fold(Extremes::NONE, |mut joined, part| {
                    joined.join(&part.low, &part.high);
                    joined
                })
            };
            self.parts = self.parts.chunks(2).map(join).collect();
            self.shift += 1;
        }
        while self.parts.len() as u64 <= x >> self.shift {
            self.parts.push(Extremes { low: *values, high: *values });
        }
    }

    fn trend(&self, x: &str, names: [Option<&str>; N]) -> Trend {
        let band = |(at, name): (usize, Option<&str>)| {
            name.map(|name| Band {
                name: name.into(),
                low: self.parts.iter().map(|part| round_to(DIGITS, part.low[at])).collect(),
                high: self.parts.iter().map(|part| round_to(DIGITS, part.high[at])).collect(),
            })
        };
        Trend {
            x: x.into(),
            part: 1 << self.shift,
            parts: u32::try_from(self.parts.len()).unwrap_or(u32::MAX),
            bands: names.into_iter().enumerate().filter_map(band).collect(),
        }
    }
}

/// Bands of `N` measures over operations and over allocated bytes.
#[derive(Debug)]
pub(super) struct Bands<const N: usize> {
    /// Since the last part of either axis began.
    current: Extremes<N>,
    by_operation: Axis<N>,
    by_bytes: Axis<N>,
    next_operation: u64,
    next_bytes: u64,
}

impl<const N: usize> Bands<N> {
    pub(super) const fn new() -> Self {
        Self {
            current: Extremes::NONE,
            by_operation: Axis { shift: 0, parts: Vec::new() },
            by_bytes: Axis { shift: 0, parts: Vec::new() },
            next_operation: 0,
            next_bytes: 0,
        }
    }

    /// Whether the next state begins a part of either axis.
    #[inline]
    pub(super) const fn begins_part(&self, operation: u64, allocated_bytes: u64) -> bool {
        operation >= self.next_operation || allocated_bytes >= self.next_bytes
    }

    /// States after operations, none of which begins a part, or the first of which has just begun one.
    #[inline]
    pub(super) fn push(&mut self, states: &[[f64; N]]) {
        let mut current = self.current;
        for values in states {
            current.join(values, values);
        }
        self.current = current;
    }

    /// The state after an operation that begins a part of either axis.
    #[cold]
    pub(super) fn begin_part(&mut self, operation: u64, allocated_bytes: u64, values: &[f64; N]) {
        self.close();
        self.by_operation.advance(operation, values);
        self.by_bytes.advance(allocated_bytes, values);
        self.next_operation = self.by_operation.end();
        self.next_bytes = self.by_bytes.end();
        self.current = Extremes { low: *values, high: *values };
    }

    /// The trends of the measures that have a name; none without operations.
    pub(super) fn finish(&mut self, names: [Option<&str>; N]) -> Vec<Trend> {
        self.close();
        if self.by_operation.parts.is_empty() || names.iter().all(Option::is_none) {
            return Vec::new();
        }
        vec![
            self.by_operation.trend("operation", names),
            self.by_bytes.trend("allocated_bytes", names),
        ]
    }

    fn close(&mut self) {
        let current = std::mem::replace(&mut self.current, Extremes::NONE);
        self.by_operation.close(&current);
        self.by_bytes.close(&current);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bands(states: impl Iterator<Item = (u64, u64, f64)>) -> Vec<Trend> {
        let mut bands = Bands::new();
        for (operation, bytes, value) in states {
            if bands.begins_part(operation, bytes) {
                bands.begin_part(operation, bytes, &[value]);
            } else {
                bands.push(&[[value]]);
            }
        }
        bands.finish([Some("it")])
    }

    #[test]
    fn a_short_trace_keeps_every_state() {
        let trends = bands([(0, 1, 5.0), (1, 1, 7.0), (2, 3, 6.0)].into_iter());
        let [operations, bytes] = &trends[..] else { panic!("two axes") };
        assert_eq!((operations.part, operations.parts), (1, 3));
        assert_eq!(operations.bands[0].low, [5.0, 7.0, 6.0]);
        assert_eq!(operations.bands[0].high, [5.0, 7.0, 6.0]);
        // Nothing was at 0 bytes; what is jumped over holds the state behind the jump.
        assert_eq!((bytes.x.as_str(), bytes.part, bytes.parts), ("allocated_bytes", 1, 4));
        assert_eq!(bytes.bands[0].low, [5.0, 5.0, 6.0, 6.0]);
        assert_eq!(bytes.bands[0].high, [5.0, 7.0, 6.0, 6.0]);
    }

    #[test]
    fn a_single_spike_and_a_single_dip_survive_at_their_places() {
        let value = |operation| match operation {
            765_432 => 50.0,
            500_001 => -3.0,
            _ => 1.0,
        };
        let trends = bands((0..1_000_000).map(|it| (it, it * 100, value(it))));
        for (trend, scale) in trends.iter().zip([1, 100]) {
            assert!((32..=64).contains(&trend.parts), "{} parts", trend.parts);
            assert_eq!(u64::from(trend.parts), (999_999 * scale / trend.part) + 1);
            let band = &trend.bands[0];
            let place = |operation: u64| usize::try_from(operation * scale / trend.part).unwrap();
            for part in 0..trend.parts as usize {
                let high = if part == place(765_432) { 50.0 } else { 1.0 };
                let low = if part == place(500_001) { -3.0 } else { 1.0 };
                assert_eq!((band.low[part], band.high[part]), (low, high), "part {part}");
            }
        }
    }

    #[test]
    fn one_huge_allocation_makes_no_more_parts() {
        let trends = bands([(0, u64::MAX, 1.0), (1, u64::MAX, 2.0)].into_iter());
        assert_eq!((trends[1].part, trends[1].parts), (1 << 58, 64));
        assert_eq!(Some(trends[1].bands[0].high[63]), Some(2.0));
    }
}
