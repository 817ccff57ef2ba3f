//! The heap over time, thinned so that extremes survive.

use heaplab_report::Series;

/// Two points each.
const BUCKETS: u64 = Series::MAX_POINTS as u64 / 2;

/// A change of the end that is smaller than this share of the highest end so far makes no new extreme: a chart of 512
/// points cannot show it, and figures that may cost a walk are asked for at extremes only.
const RESOLUTION: u64 = 256;

/// The state after an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) operation: u64,
    pub(super) live_bytes: u64,
    pub(super) reserved_bytes: Option<u64>,
    pub(super) holes: Option<u64>,
}

/// Cuts the trace into 256 buckets of equally many operations, and keeps the lowest and the highest end of each, in
/// the order in which they occurred. An extreme is exact to one part in 256 of the highest end so far.
#[derive(Debug)]
pub(super) struct SeriesBuilder {
    operations: u64,
    bucket: u64,
    next_bucket_at: u64,
    lower_bound: u64,
    upper_bound: u64,
    highest: u64,
    lowest_point: Option<Point>,
    highest_point: Option<Point>,
    points: Vec<Point>,
}

impl SeriesBuilder {
    /// For a trace of so many operations.
    pub(super) const fn new(operations: u64) -> Self {
        Self {
            operations,
            bucket: 0,
            next_bucket_at: 0,
            lower_bound: 0,
            upper_bound: 0,
            highest: 0,
            lowest_point: None,
            highest_point: None,
            points: Vec::new(),
        }
    }

    /// Whether the state after `operation`, with the last block ending at `end`, is to be handed to
    /// [`SeriesBuilder::push`].
    #[inline]
    pub(super) const fn wants(&self, operation: u64, end: Option<u64>) -> bool {
        if operation >= self.next_bucket_at {
            return true;
        }
        match end {
            Some(end) => end < self.lower_bound || end > self.upper_bound,
            None => false,
        }
    }

    pub(super) fn push(&mut self, point: Point) {
        let is_first = point.operation >= self.next_bucket_at;
        if is_first {
            self.close_bucket();
            // The first operation of a bucket b is the rounded-up b-th part of all.
            while point.operation >= self.next_bucket_at {
                self.bucket += 1;
                let at = (u128::from(self.operations) * u128::from(self.bucket))
                    .div_ceil(u128::from(BUCKETS));
                self.next_bucket_at = if self.bucket > BUCKETS {
                    u64::MAX
                } else {
                    u64::try_from(at).unwrap_or(u64::MAX)
                };
            }
        }
        let end = point.reserved_bytes.unwrap_or(0);
        self.highest = self.highest.max(end);
        let step = self.highest / RESOLUTION;
        if is_first || end < self.lower_bound {
            self.lowest_point = Some(point);
            self.lower_bound = end.saturating_sub(step);
        }
        if is_first || end > self.upper_bound {
            self.highest_point = Some(point);
            self.upper_bound = end.saturating_add(step);
        }
    }

    pub(super) fn finish(&mut self) -> Option<Series> {
        self.close_bucket();
        if self.points.is_empty() {
            return None;
        }
        // A list is whole or empty: one unknown value makes it unknown.
        let all = |value: fn(&Point) -> Option<u64>| {
            self.points.iter().map(value).collect::<Option<Vec<u64>>>().unwrap_or_default()
        };
        Some(Series {
            x: "operation".into(),
            points: u32::try_from(self.points.len()).unwrap_or(u32::MAX),
            operation_index: self.points.iter().map(|point| point.operation).collect(),
            live_bytes: self.points.iter().map(|point| point.live_bytes).collect(),
            reserved_bytes: all(|point| point.reserved_bytes),
            holes: all(|point| point.holes),
        })
    }

    fn close_bucket(&mut self) {
        let extremes = [self.lowest_point.take(), self.highest_point.take()];
        let mut extremes: Vec<Point> = extremes.into_iter().flatten().collect();
        extremes.sort_by_key(|point| point.operation);
        extremes.dedup();
        self.points.append(&mut extremes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(operations: u64, end: impl Fn(u64) -> u64) -> (Series, u64) {
        let mut builder = SeriesBuilder::new(operations);
        let mut asked = 0;
        for operation in 0..operations {
            let reserved_bytes = Some(end(operation));
            if builder.wants(operation, reserved_bytes) {
                asked += 1;
                let holes = Some(operation);
                builder.push(Point { operation, live_bytes: 1, reserved_bytes, holes });
            }
        }
        (builder.finish().unwrap(), asked)
    }

    #[test]
    fn a_short_trace_keeps_every_point() {
        let (series, _) = series(200, |operation| operation % 3);
        assert_eq!(series.operation_index, (0..200).collect::<Vec<_>>());
        assert_eq!(series.points, 200);
    }

    #[test]
    fn a_single_spike_and_a_single_dip_survive() {
        let end = |operation| match operation {
            765_432 => 5_000_000,
            500_001 => 3,
            _ => 1_000_000 + operation % 7,
        };
        let (series, asked) = series(1_000_000, end);
        assert!(series.points <= Series::MAX_POINTS);
        let at = |operation| series.operation_index.iter().position(|&index| index == operation);
        for operation in [765_432, 500_001] {
            let at = at(operation).unwrap();
            assert_eq!(series.reserved_bytes[at], end(operation));
            assert_eq!(series.holes[at], operation);
        }
        assert!(series.operation_index.is_sorted());
        assert!(asked < 1_000, "{asked} states asked for");
    }

    #[test]
    fn steady_growth_asks_for_few_states() {
        let (series, asked) = series(1_000_000, |operation| operation * 16);
        assert_eq!(series.points, 512);
        assert!(asked < 4_000, "{asked} states asked for");
    }
}
