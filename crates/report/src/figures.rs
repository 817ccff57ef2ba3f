//! The figures of a cell by the names that `metrics[]` gives them.

use serde_json::Value;

use crate::model::{Cell, Metric, Report};

/// The figures of one cell, ready to be looked up.
#[derive(Debug)]
pub(crate) struct Figures(Value);

impl Figures {
    /// Everything but what is no single figure.
    pub(crate) fn of(cell: &Cell) -> Self {
        let mut plain = cell.clone();
        plain.series = None;
        plain.trends = Vec::new();
        if let Some(time) = &mut plain.time {
            time.samples_ns = Vec::new();
        }
        if let Some(latency) = &mut plain.latency {
            latency.histogram = None;
        }
        Self(serde_json::to_value(plain).unwrap_or_default())
    }

    /// The number at the end of a path such as `space.high_water_bytes`; none where it was not measured.
    pub(crate) fn get(&self, path: &str) -> Option<Figure> {
        let mut place = &self.0;
        for key in path.split('.') {
            place = place.get(key)?;
        }
        match place {
            Value::Number(number) => match number.as_u64() {
                Some(whole) => Some(Figure::Whole(whole)),
                None => number.as_f64().map(Figure::Broken),
            },
            // Integers from 2^53 on.
            Value::String(digits) => digits.parse().ok().map(Figure::Whole),
            _ => None,
        }
    }
}

/// A number of a report, with all its digits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Figure {
    /// A count, a size, a duration.
    Whole(u64),
    /// A ratio or a mean.
    Broken(f64),
}

impl Figure {
    /// The nearest number of double precision.
    #[expect(clippy::cast_precision_loss, reason = "for ratios, which are shown with three digits")]
    pub(crate) fn to_f64(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Broken(number) => number,
        }
    }

    /// As it stands in a file for scripts.
    pub(crate) fn to_value(self) -> Value {
        match self {
            Self::Whole(whole) => whole.into(),
            Self::Broken(number) => number.into(),
        }
    }
}

/// The metrics of both reports that are exact in both, in the order of the first.
pub(crate) fn exact_in_both<'a>(one: &'a Report, other: &Report) -> Vec<&'a Metric> {
    let is_exact = |metric: &&Metric| {
        metric.exact && other.metrics.iter().any(|it| it.name == metric.name && it.exact)
    };
    one.metrics.iter().filter(is_exact).collect()
}
