//! A steady number of live blocks, one freed and one allocated in turn.

use std::collections::VecDeque;

use super::emitter::{Emitter, Stop};
use super::parameters::Values;
use super::random::{Random, Sizes};

pub(super) fn uniform(
    values: &Values,
    random: &mut Random,
    emitter: &mut Emitter<'_>,
) -> Result<(), Stop> {
    let sizes = Sizes::uniform(values.get("min_size"), values.get("max_size"));
    steady(values.get("live"), &sizes, random, emitter)
}

pub(super) fn log_uniform(
    values: &Values,
    random: &mut Random,
    emitter: &mut Emitter<'_>,
) -> Result<(), Stop> {
    let sizes = Sizes::log_uniform(values.get("min_size"), values.get("max_size"));
    steady(values.get("live"), &sizes, random, emitter)
}

/// Fills up to `live` blocks, then frees a random one and allocates another, until all is done.
pub(super) fn steady(
    live: u64,
    sizes: &Sizes,
    random: &mut Random,
    emitter: &mut Emitter<'_>,
) -> Result<(), Stop> {
    let mut blocks = Vec::new();
    for _ in 0..live {
        blocks.push(emitter.allocate(sizes.draw(random))?);
    }
    loop {
        emitter.free_any(&mut blocks, random)?;
        blocks.push(emitter.allocate(sizes.draw(random))?);
    }
}

/// As [`steady`], but the oldest block is freed.
pub(super) fn fifo(
    values: &Values,
    random: &mut Random,
    emitter: &mut Emitter<'_>,
) -> Result<(), Stop> {
    let sizes = Sizes::log_uniform(values.get("min_size"), values.get("max_size"));
    let mut blocks = VecDeque::new();
    for _ in 0..values.get("live") {
        blocks.push_back(emitter.allocate(sizes.draw(random))?);
    }
    loop {
        if let Some(oldest) = blocks.pop_front() {
            emitter.free(oldest)?;
        }
        blocks.push_back(emitter.allocate(sizes.draw(random))?);
    }
}
