//! Live and used bytes over the operations so far, in bounded memory.

/// The most points that are kept; a point then stands for more operations.
const POINTS: usize = 1_024;

/// The largest figures among a few operations in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Point {
    /// Bytes of all live blocks.
    pub(crate) live_bytes: u64,
    /// End of the last block.
    pub(crate) end_bytes: u64,
}

impl Point {
    fn max(self, other: Self) -> Self {
        Self {
            live_bytes: self.live_bytes.max(other.live_bytes),
            end_bytes: self.end_bytes.max(other.end_bytes),
        }
    }
}

/// A series whose points are merged by pairs whenever there are too many: maxima survive.
#[derive(Clone, Debug)]
pub(crate) struct History {
    points: Vec<Point>,
    /// Operations to a point.
    stride: u64,
    /// Operations in the last point.
    filled: u64,
}

impl History {
    pub(crate) const fn new() -> Self {
        Self { points: Vec::new(), stride: 1, filled: 1 }
    }

    /// Adds the figures after one more operation.
    pub(crate) fn push(&mut self, point: Point) {
        match self.points.last_mut() {
            Some(last) if self.filled < self.stride => {
                *last = last.max(point);
                self.filled += 1;
            }
            _ => {
                if self.points.len() == POINTS {
                    let pairs = self.points.chunks(2);
                    self.points = pairs.map(|pair| pair[0].max(pair[pair.len() - 1])).collect();
                    self.stride *= 2;
                }
                self.points.push(point);
                self.filled = 1;
            }
        }
    }

    /// The series in so many columns: maxima where there are more points than columns, fewer columns where there are
    /// fewer points.
    pub(crate) fn columns(&self, count: usize) -> Vec<Point> {
        let count = count.min(self.points.len());
        let start = |column: usize| column * self.points.len() / count;
        (0..count)
            .map(|column| {
                let points = &self.points[start(column)..start(column + 1)];
                points.iter().fold(Point::default(), |max, &point| max.max(point))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maxima_survive_in_bounded_memory() {
        let mut history = History::new();
        for index in 0..1_000_000_u64 {
            let live_bytes = if index == 777_777 { 5_000 } else { index % 7 };
            history.push(Point { live_bytes, end_bytes: live_bytes + 1 });
        }
        assert!(history.points.len() <= POINTS);
        let columns = history.columns(40);
        assert_eq!(columns.len(), 40);
        let highest = (0..40).max_by_key(|&at| columns[at].live_bytes);
        assert_eq!(highest, Some(777_777 * 40 / 1_000_000));
        assert_eq!(columns[highest.unwrap()], Point { live_bytes: 5_000, end_bytes: 5_001 });
    }

    #[test]
    fn few_points_are_columns_each() {
        let mut history = History::new();
        assert_eq!(history.columns(10), []);
        let point = Point { live_bytes: 1, end_bytes: 2 };
        history.push(point);
        assert_eq!(history.columns(10), [point]);
    }
}
