//! Case 7: the fifty-percent rule, and the load under which it fails.
//!
//! If nothing remembers anything, a block is followed by a hole as often as not: with `p` the probability that a
//! request leaves a remainder, holes are `p/2` times blocks.
//! Where the oldest block goes first, neighbors go together, and their holes coalesce.

use heaplab_core::Policy;

use super::mean_over_seeds;
use crate::Options;
use crate::contestants::{Contestant, with_policy};
use crate::load::{Departures, Load, Sizes};
use crate::result::{Check, Demand, Obstacle, Point};

/// Distance from `p/2` within which the rule holds.
const TOLERANCE: f64 = 0.02;

/// Holes per block that a load without coalescence would never come near.
const FIFO_LIMIT: f64 = 0.05;

struct Row {
    name: &'static str,
    sizes: Sizes,
    departures: Departures,
    /// Policy, holes per block, half the probability of a remainder.
    published: &'static [(Policy, f64, f64)],
}

const ROWS: &[Row] = &[
    Row {
        name: "uniform sizes",
        sizes: Sizes::Uniform(1000),
        departures: Departures::Memoryless,
        published: &[
            (Policy::FirstFit, 0.492, 0.494),
            (Policy::BestFit, 0.450, 0.453),
            (Policy::WorstFit, 0.500, 0.500),
        ],
    },
    Row {
        name: "exponential sizes",
        sizes: Sizes::Exponential(200),
        departures: Departures::Memoryless,
        published: &[
            (Policy::FirstFit, 0.472, 0.475),
            (Policy::BestFit, 0.386, 0.391),
            (Policy::WorstFit, 0.497, 0.500),
        ],
    },
    Row {
        name: "uniform sizes, oldest first",
        sizes: Sizes::Uniform(1000),
        departures: Departures::Fifo,
        published: &[(Policy::FirstFit, 0.012, 0.500), (Policy::BestFit, 0.014, 0.498)],
    },
];

pub(crate) fn run(contestants: &[Contestant], _options: &Options) -> Vec<Check> {
    let mut checks = Vec::new();
    for row in ROWS {
        for &(policy, holes, half) in row.published {
            for contestant in with_policy(contestants, policy) {
                checks.push(check(contestant, row, holes, half));
            }
        }
    }
    checks
}

fn check(contestant: &Contestant, row: &Row, holes: f64, half: f64) -> Check {
    let load = Load {
        live: 400,
        sizes: row.sizes,
        departures: row.departures,
        warm_up: 4_000,
        arrivals: 16_000,
    };
    let means = match mean_over_seeds(contestant, &load) {
        Ok(means) => means,
        Err(reason) => {
            return Check::without_figures(contestant.name(), row.name, Obstacle::Broken(reason));
        }
    };
    let (our_holes, our_half) = (means.holes_per_block, means.remainder_probability / 2.0);
    let points = match row.departures {
        Departures::Memoryless => vec![
            Point::new("holes/blocks", holes, Demand::Within(TOLERANCE), our_holes),
            Point::new("p/2", half, Demand::Within(TOLERANCE), our_half),
            Point::new(
                "distance",
                (holes - half).abs(),
                Demand::Below(TOLERANCE),
                (our_holes - our_half).abs(),
            ),
        ],
        Departures::Fifo => vec![
            Point::new("holes/blocks", holes, Demand::Below(FIFO_LIMIT), our_holes),
            Point::new("p/2", half, Demand::Within(TOLERANCE), our_half),
        ],
    };
    Check::new(contestant.name(), row.name, points)
}
