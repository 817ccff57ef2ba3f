//! One long run against the oracle, with many live blocks.

use heaplab_core::{Config, Granule, Request, Strategy};

use crate::random::Random;
use crate::{Fault, Finding, Judge, Op};

/// How many blocks are live at a time, as far as they fit.
const LIVE_BLOCKS: usize = 2_000;

/// Performs `operations` random operations with up to 2,000 live blocks of log-uniform sizes.
///
/// Placements and relocations are compared at each operation, whole heaps now and then. The run alternates between
/// growing and shrinking populations, and the sizes are such that a heap of `capacity_bytes` is at times too small.
///
/// # Errors
///
/// The first [`Finding`].
pub fn differential<S: Strategy>(
    seed: u64,
    operations: usize,
    capacity_bytes: u64,
    granule: Granule,
) -> Result<(), Finding> {
    differential_with::<S>(seed, operations, capacity_bytes, &Config::new().with_granule(granule))
}

/// [`differential`] for a configuration with parameters.
///
/// # Errors
///
/// The first [`Finding`].
pub fn differential_with<S: Strategy>(
    seed: u64,
    operations: usize,
    capacity_bytes: u64,
    config: &Config,
) -> Result<(), Finding> {
    let mut random = Random::new(seed);
    let mut judge = Judge::<S>::new(capacity_bytes, config)
        .map_err(|error| Finding {
            operation_index: 0,
            operation: None,
            fault: Box::new(Fault::WrongConfiguration(format!("cannot be made: {error}"))),
            before: String::new(),
            after: String::new(),
        })?
        .checking_every((operations / 64).max(1));
    // Log-uniform lengths up to this have a mean of about an eighth of it, so the heap is now and then full.
    let longest = (capacity_bytes / LIVE_BLOCKS as u64).saturating_mul(10).max(1);
    let mut fills = true;
    for _ in 0..operations {
        let live = judge.live_blocks();
        fills = if fills { live < LIVE_BLOCKS } else { live < LIVE_BLOCKS / 2 };
        let request = Request::new(random.log_uniform(longest));
        let choice = random.below(100);
        let allocations = if fills { 60 } else { 35 };
        let index = random.index(live.max(1));
        judge.step(match choice {
            _ if choice < allocations => Op::Allocate(request),
            85..=96 => Op::Resize(index, request),
            97 => Op::Allocate(Request::aligned(request.size, 4 << random.below(10))),
            98 => Op::Stale(index),
            _ => Op::Free(index),
        })?;
    }
    judge.finish()
}
