//! Fewer points, for reports of many cells: extremes survive.

use super::{Band, Series, Trend};

impl Series {
    /// Keeps at most `points` points, at least two: the points are cut into runs of equally many, and of each run
    /// those with the lowest and the highest end stay, in their order.
    ///
    /// Where the ends are not known, live bytes take their place. O(n).
    pub fn thin(&mut self, points: usize) {
        let had = self.operation_index.len();
        let runs = (points / 2).max(1);
        if had <= runs * 2 {
            return;
        }
        let heights =
            if self.reserved_bytes.len() == had { &self.reserved_bytes } else { &self.live_bytes };
        let height = |at: &usize| heights.get(*at).copied().unwrap_or(0);
        let mut kept = Vec::with_capacity(runs * 2);
        for run in 0..runs {
            let places = run * had / runs..(run + 1) * had / runs;
            let lowest = places.clone().min_by_key(height);
            let highest = places.rev().max_by_key(height);
            let both = lowest.zip(highest).map(|(low, high)| [low.min(high), low.max(high)]);
            kept.extend(both.into_iter().flatten());
        }
        kept.dedup();
        for list in [
            &mut self.operation_index,
            &mut self.live_bytes,
            &mut self.reserved_bytes,
            &mut self.holes,
        ] {
            *list = kept.iter().filter_map(|&at| list.get(at).copied()).collect();
        }
        self.points = u32::try_from(self.operation_index.len()).unwrap_or(u32::MAX);
    }
}

impl Trend {
    /// Joins parts two by two until there are at most `parts`, at least one. O(n).
    pub fn thin(&mut self, parts: u32) {
        while self.parts > parts.max(1) && self.part <= u64::MAX / 2 {
            self.part *= 2;
            self.parts = self.parts.div_ceil(2);
            self.bands.iter_mut().for_each(Band::join_pairs);
        }
    }
}

impl Band {
    fn join_pairs(&mut self) {
        let joined = |values: &[f64], of: fn(f64, f64) -> f64| {
            values.chunks(2).filter_map(|pair| pair.iter().copied().reduce(of)).collect()
        };
        self.low = joined(&self.low, f64::min);
        self.high = joined(&self.high, f64::max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(ends: &[u64]) -> Series {
        let count = ends.len() as u64;
        Series {
            x: "operation".into(),
            points: u32::try_from(count).unwrap(),
            operation_index: (0..count).map(|at| at * 10).collect(),
            live_bytes: vec![7; ends.len()],
            reserved_bytes: ends.to_vec(),
            holes: Vec::new(),
        }
    }

    #[test]
    fn a_thinned_series_keeps_a_spike_and_a_dip() {
        let mut ends: Vec<u64> = (0..500).map(|at| 1_000 + at % 3).collect();
        (ends[123], ends[321]) = (9_000, 2);
        let mut thinned = series(&ends);
        thinned.thin(64);
        assert_eq!((thinned.points, thinned.operation_index.len()), (64, 64));
        assert_eq!(thinned.live_bytes.len(), 64);
        assert!(thinned.holes.is_empty() && thinned.operation_index.is_sorted());
        let at = |operation| thinned.operation_index.iter().position(|&it| it == operation);
        assert_eq!(at(1_230).map(|at| thinned.reserved_bytes[at]), Some(9_000));
        assert_eq!(at(3_210).map(|at| thinned.reserved_bytes[at]), Some(2));
    }

    #[test]
    fn what_is_short_enough_stays_as_it_is() {
        let whole = series(&[1, 2, 3, 4]);
        let mut thinned = whole.clone();
        thinned.thin(4);
        assert_eq!(thinned, whole);
        thinned.thin(0);
        assert_eq!(thinned.reserved_bytes, [1, 4]);
    }

    #[test]
    fn parts_of_a_trend_are_joined_to_their_extremes() {
        let band = Band {
            name: "holes".into(),
            low: vec![1.0, 2.0, 3.0, 0.5, 9.0],
            high: vec![1.0, 4.0, 3.0, 3.0, 9.5],
        };
        let mut trend = Trend { x: "operation".into(), part: 8, parts: 5, bands: vec![band] };
        trend.thin(2);
        assert_eq!((trend.part, trend.parts), (32, 2));
        assert_eq!(trend.bands[0].low, [0.5, 9.0]);
        assert_eq!(trend.bands[0].high, [4.0, 9.5]);
        trend.thin(0);
        assert_eq!((trend.part, trend.parts), (64, 1));
    }
}
