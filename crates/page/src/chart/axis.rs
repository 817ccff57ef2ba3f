//! Axes: where a value stands, and which values are named.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

/// How values become places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    Linear,
    Log,
    /// Logarithm of what a ratio has above 1; all up to [`LEAST_EXCESS`] stand at the left end.
    Excess,
    /// Places are names: 0, 1, 2 from the top.
    Rows,
}

/// Smallest excess that an axis tells from none.
const LEAST_EXCESS: f64 = 0.0005;

/// One axis of a chart.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    pub(crate) scale: Scale,
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// How a value is written at a tick.
    pub(crate) word: fn(f64) -> String,
    /// Names at given values, instead of ticks.
    pub(crate) names: Vec<(f64, String)>,
    /// Room for the words, of a vertical axis.
    pub(crate) label_width: i32,
    /// Whether round values are those of binary units.
    pub(crate) is_binary: bool,
}

impl Axis {
    /// An axis over all values, with a little room at the ends.
    pub(crate) fn over(
        scale: Scale,
        values: impl IntoIterator<Item = f64>,
        word: fn(f64) -> String,
    ) -> Self {
        let usable = |value: &f64| value.is_finite() && (scale != Scale::Log || *value > 0.0);
        let (from, to) = values
            .into_iter()
            .filter(usable)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(from, to), it| (from.min(it), to.max(it)));
        let (from, to) = if from <= to { (from, to) } else { (1.0, 2.0) };
        let (from, to) = match scale {
            Scale::Linear => (from, if to > from { to + (to - from) * 0.04 } else { from + 1.0 }),
            Scale::Log => (from / 1.15, to * 1.15),
            Scale::Excess => (1.0, (to.max(1.01) - 1.0) * 1.3 + 1.0),
            Scale::Rows => (from - 0.6, to + 0.6),
        };
        Self { scale, from, to, word, names: Vec::new(), label_width: 52, is_binary: false }
    }

    pub(crate) fn named(mut self, names: Vec<(f64, String)>) -> Self {
        self.names = names;
        self
    }

    /// With ticks that are round in binary units.
    pub(crate) fn binary(self) -> Self {
        Self { is_binary: true, ..self }
    }

    pub(crate) fn place(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => value,
            Scale::Rows => -value,
            Scale::Log => value.max(f64::MIN_POSITIVE).log10(),
            Scale::Excess => (value - 1.0).max(LEAST_EXCESS).log10(),
        }
    }

    /// Both ends as places, ascending.
    pub(crate) fn ends(&self) -> [f64; 2] {
        let (a, b) = (self.place(self.from), self.place(self.to));
        [a.min(b), a.max(b)]
    }

    /// The values at which something is written.
    pub(super) fn ticks(&self) -> Vec<f64> {
        if !self.names.is_empty() {
            return self.names.iter().map(|(value, _)| *value).collect();
        }
        match self.scale {
            Scale::Linear if self.is_binary => {
                let mut unit = 1.0;
                while self.to / unit >= 1024.0 {
                    unit *= 1024.0;
                }
                let ticks = linear(self.from / unit, self.to / unit);
                ticks.into_iter().map(|tick| tick * unit).collect()
            }
            Scale::Linear | Scale::Rows => linear(self.from, self.to),
            Scale::Log => logarithmic(self.from, self.to),
            Scale::Excess => [0.0, 0.001, 0.01, 0.1, 1.0, 10.0, 100.0]
                .into_iter()
                .map(|excess| 1.0 + excess)
                .filter(|value| *value <= self.to)
                .collect(),
        }
    }

    /// The word for the tick at a place.
    pub(super) fn word_at(&self, place: f64, ticks: &[f64]) -> String {
        let far = |value: &f64| (self.place(*value) - place).abs();
        let nearest = ticks.iter().copied().min_by(|a, b| far(a).total_cmp(&far(b)));
        let Some(value) = nearest else { return String::new() };
        let same = |it: &&(f64, String)| (it.0 - value).abs() < 1e-9;
        match self.names.iter().find(same) {
            Some((_, name)) => name.clone(),
            None => (self.word)(value),
        }
    }
}

/// An axis as plotters sees it: places on a straight line, and those that are named.
#[derive(Debug, Clone)]
pub(super) struct Places {
    pub(super) ends: [f64; 2],
    pub(super) ticks: Vec<f64>,
}

impl Ranged for Places {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    #[expect(clippy::cast_possible_truncation, reason = "between the limits, or just beside them")]
    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let [from, to] = self.ends;
        let share = ((value - from) / (to - from)).clamp(-1.0, 2.0);
        let (left, right) = (f64::from(limit.0), f64::from(limit.1));
        (left + (right - left) * share).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _hint: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        let [from, to] = self.ends;
        from..to
    }
}

impl ValueFormatter<f64> for Places {}

/// About four round values in the range.
fn linear(from: f64, to: f64) -> Vec<f64> {
    let rough = (to - from) / 4.0;
    if !(rough.is_finite() && rough > 0.0) {
        return vec![from];
    }
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough)
        .unwrap_or(rough);
    let first = (from / step).ceil();
    (0..12)
        .map(|index| (first + f64::from(index)) * step)
        .take_while(|value| *value <= to * (1.0 + 1e-9))
        .collect()
}

/// Powers of ten, with 2 and 5 between them where there is room, and more where the range is narrow.
fn logarithmic(from: f64, to: f64) -> Vec<f64> {
    let decades = (to / from).log10();
    let factors: &[f64] = match decades {
        d if d > 3.5 => &[1.0],
        d if d > 1.2 => &[1.0, 2.0, 5.0],
        d if d > 0.5 => &[1.0, 1.5, 2.0, 3.0, 5.0, 7.0],
        _ => return linear(from, to),
    };
    let first = from.log10().floor();
    let mut ticks = Vec::new();
    for power in 0..40 {
        for factor in factors {
            let value = factor * 10_f64.powf(first + f64::from(power));
            if value > to {
                return ticks;
            }
            if value >= from {
                ticks.push(value);
            }
        }
    }
    ticks
}
