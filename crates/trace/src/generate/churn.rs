//! A steady number of live blocks: one freed and one allocated in turn, or as a coin decides.

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

/// Fills up to `live` blocks, then tosses a coin at each step: heads frees a random block, tails allocates another.
///
/// The number of blocks stays within a tenth of `live`. Of two operations in turn a processor learns which one comes
/// next; of a coin it cannot.
pub(super) fn random_walk(
    values: &Values,
    random: &mut Random,
    emitter: &mut Emitter<'_>,
) -> Result<(), Stop> {
    let sizes = Sizes::log_uniform(values.get("min_size"), values.get("max_size"));
    let live = values.get("live");
    let reach = (live / 10).max(1);
    let mut blocks = Vec::new();
    for _ in 0..live {
        blocks.push(emitter.allocate(sizes.draw(random))?);
    }
    loop {
        let frees = random.chance(50);
        let count = blocks.len() as u64;
        if count >= live + reach || (frees && count > live - reach) {
            emitter.free_any(&mut blocks, random)?;
        } else {
            blocks.push(emitter.allocate(sizes.draw(random))?);
        }
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
