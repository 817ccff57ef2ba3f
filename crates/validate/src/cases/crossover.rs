//! Case 8: best fit against first fit as sizes vary more and more.

use heaplab_core::Policy;

use super::mean_over_seeds;
use crate::Options;
use crate::contestants::{Contestant, with_policy};
use crate::load::{Departures, Load, Sizes};
use crate::result::{Check, Demand, Obstacle, Point};

struct Row {
    name: &'static str,
    sizes: Sizes,
    first_fit: f64,
    best_fit: f64,
    /// What is claimed of best fit's heap over first fit's.
    order: Demand,
}

/// By rising coefficient of variation.
const ROWS: &[Row] = &[
    Row {
        name: "uniform sizes, cv 0.58",
        sizes: Sizes::Uniform(1000),
        first_fit: 1.190,
        best_fit: 1.165,
        order: Demand::Below(1.0),
    },
    Row {
        name: "exponential sizes, cv 1",
        sizes: Sizes::Exponential(200),
        first_fit: 1.223,
        best_fit: 1.210,
        order: Demand::Within(0.03),
    },
    // Nine of ten with mean 50 and one with mean 1550: mean 200, coefficient of variation 3.3.
    Row {
        name: "hyperexponential sizes, cv 3",
        sizes: Sizes::Hyperexponential { percent: 90, often: 50, seldom: 1550 },
        first_fit: 1.356,
        best_fit: 1.494,
        order: Demand::Above(1.0),
    },
];

pub(crate) fn run(contestants: &[Contestant], _options: &Options) -> Vec<Check> {
    let mut checks = Vec::new();
    for first in with_policy(contestants, Policy::FirstFit) {
        for best in with_policy(contestants, Policy::BestFit) {
            checks.extend(ROWS.iter().map(|row| check(first, best, row)));
        }
    }
    checks
}

fn check(first: &Contestant, best: &Contestant, row: &Row) -> Check {
    let subject = format!("{} / {}", best.name(), first.name());
    let load = Load {
        live: 400,
        sizes: row.sizes,
        departures: Departures::Memoryless,
        warm_up: 4_000,
        arrivals: 16_000,
    };
    let ratio = |contestant| mean_over_seeds(contestant, &load).map(|means| means.heap_ratio);
    match (ratio(first), ratio(best)) {
        (Ok(first_fit), Ok(best_fit)) => {
            let points = vec![
                Point::new("first fit", row.first_fit, Demand::Shown, first_fit),
                Point::new("best fit", row.best_fit, Demand::Shown, best_fit),
                Point::new(
                    "best/first",
                    row.best_fit / row.first_fit,
                    row.order,
                    best_fit / first_fit,
                ),
            ];
            Check::new(subject, row.name, points)
        }
        (Err(reason), _) | (_, Err(reason)) => {
            Check::without_figures(subject, row.name, Obstacle::Broken(reason))
        }
    }
}
