//! Cases from seeds, as many as there is time for.

use core::ops::Range;

use heaplab_core::{Config, Granule, Request, Strategy};

use crate::kit::{Failure, fail_shortly, judge_case_checking};
use crate::random::Random;
use crate::{Case, Op};

/// How many operations a case has.
const OPERATIONS: usize = 1_000;

/// The largest heap in granules, as a power of two: small, so that heaps are full and holes are few, and the judge is
/// quick.
const MOST_DOUBLINGS: u64 = 8;

/// In seven of eight cases heaps are walked once in so many operations; placements, relocations and contents are
/// compared at each. In the eighth case they are walked after each.
const CHECK_INTERVAL: usize = 16;

/// Judges the cases of these seeds; returns how many operations there were.
///
/// The same seeds mean the same cases, on every machine. `0..8` is a slice of moments for a property test, and
/// `n..n + 1_000_000` a long run, which can be shared out among threads.
///
/// # Errors
///
/// The [`Failure`] of the first case that fails, shrunk.
pub fn fuzz<S: Strategy>(seeds: Range<u64>, config: &Config) -> Result<u64, Box<Failure>> {
    let mut operations = 0;
    for seed in seeds {
        let case = fuzz_case(seed);
        operations += case.operations.len() as u64;
        let interval = if seed.is_multiple_of(8) { 1 } else { CHECK_INTERVAL };
        if let Err(failure) = judge_case_checking::<S>(&case, config, interval) {
            // Checked at every operation it fails at the latest where it did; if it does not, the failure stands as it is.
            return Err(match fail_shortly::<S>(case, config) {
                Err(short) if !short.case.operations.is_empty() => short,
                _ => failure,
            });
        }
    }
    Ok(operations)
}

/// The case of a seed.
#[must_use]
pub fn fuzz_case(seed: u64) -> Case {
    let mut random = Random::new(seed);
    let granule =
        [Granule::BYTE, Granule::DEFAULT, Granule::new(64).unwrap_or_default()][random.index(3)];
    let g = granule.bytes();
    let doublings = 1 + random.below(MOST_DOUBLINGS);
    let granules = random.log_uniform(1 << doublings);
    let capacity_bytes = granules * g + random.below(g);
    // Each case has a mood: how large its blocks are, and how seldom alignments are asked for.
    let longest = (granules >> random.below(6)).max(1) * g;
    let is_aligned = random.below(3) == 0;
    let operations = (0..OPERATIONS).map(|_| {
        let index = random.index(1 << 16);
        let size = match random.below(64) {
            0 => 0,
            1 => hostile(&mut random, capacity_bytes, g),
            _ => random.log_uniform(longest),
        };
        let align = match random.below(16) {
            0..6 if is_aligned => 1 << random.below(13),
            6 if is_aligned => [0, 3, 1 << 40, 1 << 63][random.index(4)],
            _ => 1,
        };
        let request = Request::aligned(size, align);
        match random.below(100) {
            0..45 => Op::Allocate(request),
            45..75 => Op::Free(index),
            75..95 => Op::Resize(index, request),
            95..98 => Op::Stale(index),
            _ => Op::Foreign(index),
        }
    });
    Case { capacity_bytes, granule, operations: operations.collect() }
}

/// A size at an edge.
fn hostile(random: &mut Random, capacity_bytes: u64, granule_bytes: u64) -> u64 {
    let top = i64::MAX.unsigned_abs();
    let sizes = [
        granule_bytes - 1,
        granule_bytes,
        granule_bytes + 1,
        capacity_bytes - 1,
        capacity_bytes,
        capacity_bytes + 1,
        top,
        top + 1,
        u64::MAX - granule_bytes,
        u64::MAX,
    ];
    sizes[random.index(sizes.len())]
}
