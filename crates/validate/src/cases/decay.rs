//! Case 9: the waste of first fit under blocks of one size, as the load grows.

use heaplab_core::Policy;

use super::mean_over_seeds;
use crate::Options;
use crate::contestants::{Contestant, with_policy};
use crate::load::{Departures, Load, Sizes};
use crate::result::{Check, Demand, Obstacle, Point};

/// Blocks live on average, the share by which the mean heap exceeds them, and how far ours may be off.
const PUBLISHED: &[(u64, f64, f64)] =
    &[(100, 0.111, 0.02), (400, 0.059, 0.02), (1600, 0.046, 0.02), (6400, 0.022, 0.01)];

pub(crate) fn run(contestants: &[Contestant], _options: &Options) -> Vec<Check> {
    with_policy(contestants, Policy::FirstFit).map(check).collect()
}

fn check(contestant: &Contestant) -> Check {
    let quantity = "mean heap / mean live - 1";
    let mut points = Vec::new();
    let mut ours: Vec<f64> = Vec::new();
    for &(live, published, tolerance) in PUBLISHED {
        let load = Load {
            live,
            sizes: Sizes::Constant(1),
            departures: Departures::Memoryless,
            warm_up: 10 * live,
            arrivals: 100 * live.max(1_000),
        };
        match mean_over_seeds(contestant, &load) {
            Ok(means) => {
                let waste = means.ratio_of_means - 1.0;
                let at = format!("load {live}");
                points.push(Point::new(at, published, Demand::Within(tolerance), waste));
                ours.push(waste);
            }
            Err(reason) => {
                let broken = Obstacle::Broken(reason);
                return Check::without_figures(contestant.name(), quantity, broken);
            }
        }
    }
    let rises = ours.windows(2).filter(|pair| pair[1] >= pair[0]).count();
    points.push(Point::new("rises", 0_u64, Demand::Equal, rises as u64));
    Check::new(contestant.name(), quantity, points)
}
