//! One module a case.

pub(crate) mod buddies;
pub(crate) mod crossover;
pub(crate) mod decay;
pub(crate) mod fifty_percent;
mod layout;
pub(crate) mod minimalloc;
pub(crate) mod partial_compaction;
pub(crate) mod robson;
pub(crate) mod size_classes;
pub(crate) mod store_game;
pub(crate) mod worst_case;

use crate::contestants::{Contestant, UNLIMITED_BYTES};
use crate::load::{Load, Means};

/// Seeds over which random loads are averaged.
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

/// The means of a load over all seeds.
fn mean_over_seeds(contestant: &Contestant, load: &Load) -> Result<Means, String> {
    let mut sum = Means::default();
    for seed in SEEDS {
        let means = contestant
            .run(UNLIMITED_BYTES, |allocator| load.run(allocator, seed))
            .map_err(|failure| failure.to_string())?
            .map_err(|error| error.to_string())?;
        sum = sum.plus(means);
    }
    // A handful of seeds.
    Ok(sum.divided_by(f64::from(u32::try_from(SEEDS.len()).unwrap_or(1))))
}
