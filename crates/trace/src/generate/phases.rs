//! The three patterns that programs show: ramps, plateaus and peaks.

use super::emitter::{Emitter, Stop};
use super::parameters::Values;
use super::random::{Random, Sizes};

/// Sizes that a phase prefers.
const FAVORITES: usize = 8;

/// Peaks in one cycle.
const PEAKS: u64 = 8;

/// Cycles of: a ramp up to `live` blocks, a plateau there, peaks on top of it, and a descent to a
/// quarter.
///
/// Each phase prefers a few sizes of its own, so what one leaves behind fits the next one badly.
pub(super) fn phases(
    values: &Values,
    random: &mut Random,
    emitter: &mut Emitter<'_>,
) -> Result<(), Stop> {
    let live = values.get("live");
    let sizes = Sizes::log_uniform(values.get("min_size"), values.get("max_size"));
    let mut blocks = Vec::new();
    loop {
        let ramp = Phase::new(&sizes, random);
        while (blocks.len() as u64) < live {
            blocks.push(emitter.allocate(ramp.draw(random))?);
            if random.chance(33) {
                emitter.free_any(&mut blocks, random)?;
            }
        }
        let plateau = Phase::new(&sizes, random);
        for _ in 0..live {
            emitter.free_any(&mut blocks, random)?;
            blocks.push(emitter.allocate(plateau.draw(random))?);
        }
        for _ in 0..PEAKS {
            peak(live / PEAKS, &Phase::new(&sizes, random), random, emitter)?;
        }
        while blocks.len() as u64 > live / 4 {
            emitter.free_any(&mut blocks, random)?;
        }
    }
}

/// A burst of blocks that are freed together, the last one first.
fn peak(
    height: u64,
    phase: &Phase<'_>,
    random: &mut Random,
    emitter: &mut Emitter<'_>,
) -> Result<(), Stop> {
    let mut burst = Vec::new();
    for _ in 0..height {
        burst.push(emitter.allocate(phase.draw(random))?);
    }
    burst.into_iter().rev().try_for_each(|slot| emitter.free(slot))
}

struct Phase<'a> {
    sizes: &'a Sizes,
    favorites: [u64; FAVORITES],
}

impl<'a> Phase<'a> {
    fn new(sizes: &'a Sizes, random: &mut Random) -> Self {
        Self { sizes, favorites: core::array::from_fn(|_| sizes.draw(random)) }
    }

    fn draw(&self, random: &mut Random) -> u64 {
        if random.chance(75) {
            self.favorites[random.index(FAVORITES)]
        } else {
            self.sizes.draw(random)
        }
    }
}
