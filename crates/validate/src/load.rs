//! Random loads of the classical simulations, drawn with integers alone.
//!
//! Arrivals are Poisson and every block lives on average as long as every other, so that the number of
//! live blocks fluctuates around a mean, the *load*.
//! Only the order of arrivals and departures matters to a heap: of all events, the next is an arrival with
//! probability `load / (load + live)`, which needs no clock and no logarithm.

use std::collections::VecDeque;

use heaplab_core::{AllocError, Allocator, Block, Handle, InvalidHandle, Request};
use heaplab_trace::generate::Random;

/// Sizes of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sizes {
    /// All of this size.
    Constant(u64),
    /// From 1 to this, each equally likely.
    Uniform(u64),
    /// Exponential with this mean, rounded up.
    Exponential(u64),
    /// One of two exponentials: in so many of 100 cases the first mean, else the second.
    Hyperexponential { percent: u64, often: u64, seldom: u64 },
}

impl Sizes {
    pub(crate) fn draw(self, random: &mut Random) -> u64 {
        match self {
            Self::Constant(size) => size,
            Self::Uniform(most) => random.range(1, most),
            Self::Exponential(mean) => exponential(mean, random),
            Self::Hyperexponential { percent, often, seldom } => {
                let mean = if random.chance(percent) { often } else { seldom };
                exponential(mean, random)
            }
        }
    }
}

/// An exponential variate with this mean, rounded up to at least 1, by comparisons of uniform ones alone.
///
/// Source: von Neumann, "Various Techniques Used in Connection with Random Digits", 1951.
fn exponential(mean: u64, random: &mut Random) -> u64 {
    const UNIT: u64 = 1 << 32;
    let mut whole = 0_u64;
    loop {
        let first = random.below(UNIT);
        let mut last = first;
        let mut is_odd = true;
        loop {
            let next = random.below(UNIT);
            if next >= last {
                break;
            }
            last = next;
            is_odd = !is_odd;
        }
        // A falling run of odd length accepts its first number as the fraction.
        if is_odd {
            let product =
                u128::from(mean) * (u128::from(whole) * u128::from(UNIT) + u128::from(first));
            return u64::try_from(product >> 32).unwrap_or(u64::MAX - 1) + 1;
        }
        whole += 1;
    }
}

/// Who departs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Departures {
    /// Any block, each equally likely: lifetimes are exponential, without memory.
    Memoryless,
    /// The oldest.
    Fifo,
}

/// A load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// Blocks live on average.
    pub(crate) live: u64,
    pub(crate) sizes: Sizes,
    pub(crate) departures: Departures,
    /// Arrivals before the first look.
    pub(crate) warm_up: u64,
    /// Arrivals that are looked at.
    pub(crate) arrivals: u64,
}

/// Means over the arrivals looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Means {
    /// Holes divided by live blocks.
    pub(crate) holes_per_block: f64,
    /// The end of the last block divided by live bytes.
    pub(crate) heap_ratio: f64,
    /// The share of arrivals that did not fill a hole exactly.
    pub(crate) remainder_probability: f64,
    /// Mean end of the last block over mean live bytes.
    pub(crate) ratio_of_means: f64,
}

impl Means {
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            holes_per_block: self.holes_per_block + other.holes_per_block,
            heap_ratio: self.heap_ratio + other.heap_ratio,
            remainder_probability: self.remainder_probability + other.remainder_probability,
            ratio_of_means: self.ratio_of_means + other.ratio_of_means,
        }
    }

    pub(crate) fn divided_by(self, count: f64) -> Self {
        Self {
            holes_per_block: self.holes_per_block / count,
            heap_ratio: self.heap_ratio / count,
            remainder_probability: self.remainder_probability / count,
            ratio_of_means: self.ratio_of_means / count,
        }
    }
}

/// Why a load could not be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LoadError {
    #[error("it refused a request: {0}")]
    Refused(#[from] AllocError),
    #[error("it refused a handle: {0}")]
    Handle(#[from] InvalidHandle),
    #[error("it does not tell its holes and the end of its last block")]
    Silent,
}

impl Load {
    /// Carries the load out for one seed.
    pub(crate) fn run(&self, allocator: &mut dyn Allocator, seed: u64) -> Result<Means, LoadError> {
        let mut random = Random::new(seed);
        let mut blocks = Blocks::new(self.departures);
        let mut sums = Sums::default();
        let mut arrived = 0;
        while arrived < self.warm_up + self.arrivals {
            let live = blocks.len();
            // The heap is filled to the load at first: the way there is no part of the equilibrium.
            let is_filling = arrived < self.live;
            if is_filling || random.below(self.live + live) < self.live {
                let holes_before = usage(allocator)?.holes;
                let size = self.sizes.draw(&mut random);
                let handle = allocator.allocate(Request::new(size), &mut ())?;
                let Block { len, .. } = allocator.block(handle).ok_or(InvalidHandle::Stale)?;
                blocks.push(handle, len);
                arrived += 1;
                if arrived > self.warm_up {
                    sums.add(holes_before, usage(allocator)?, &blocks);
                }
            } else if let Some(handle) = blocks.depart(&mut random) {
                allocator.free(handle, &mut ())?;
            }
        }
        Ok(sums.means())
    }
}

/// What the heap looks like, as far as a load needs it.
#[derive(Clone, Copy, Debug)]
struct Look {
    holes: u64,
    end: u64,
}

fn usage(allocator: &dyn Allocator) -> Result<Look, LoadError> {
    let usage = allocator.usage();
    let holes = usage.holes.ok_or(LoadError::Silent)?;
    Ok(Look { holes, end: usage.end_bytes.ok_or(LoadError::Silent)? })
}

/// The live blocks in the order of their departure, as far as there is one.
#[derive(Debug)]
struct Blocks {
    departures: Departures,
    blocks: VecDeque<(Handle, u64)>,
    bytes: u64,
}

impl Blocks {
    const fn new(departures: Departures) -> Self {
        Self { departures, blocks: VecDeque::new(), bytes: 0 }
    }

    fn len(&self) -> u64 {
        self.blocks.len() as u64
    }

    fn push(&mut self, handle: Handle, len: u64) {
        self.blocks.push_back((handle, len));
        self.bytes += len;
    }

    fn depart(&mut self, random: &mut Random) -> Option<Handle> {
        let (handle, len) = match self.departures {
            Departures::Fifo => self.blocks.pop_front()?,
            Departures::Memoryless if self.blocks.is_empty() => return None,
            Departures::Memoryless => {
                self.blocks.swap_remove_back(random.index(self.blocks.len()))?
            }
        };
        self.bytes -= len;
        Some(handle)
    }
}

#[derive(Debug, Default)]
struct Sums {
    arrivals: u64,
    with_remainder: u64,
    holes_per_block: f64,
    heap_ratio: f64,
    end: u64,
    live: u64,
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts and bytes of these loads stay far below 2^53"
)]
impl Sums {
    fn add(&mut self, holes_before: u64, after: Look, blocks: &Blocks) {
        self.arrivals += 1;
        // A hole that is filled exactly is gone; one that leaves a remainder is still one, and a block in the
        // wilderness always leaves some.
        self.with_remainder += u64::from(after.holes >= holes_before);
        self.holes_per_block += after.holes as f64 / blocks.len() as f64;
        self.heap_ratio += after.end as f64 / blocks.bytes as f64;
        self.end += after.end;
        self.live += blocks.bytes;
    }

    fn means(&self) -> Means {
        let arrivals = self.arrivals as f64;
        Means {
            holes_per_block: self.holes_per_block / arrivals,
            heap_ratio: self.heap_ratio / arrivals,
            remainder_probability: self.with_remainder as f64 / arrivals,
            ratio_of_means: self.end as f64 / self.live as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and coefficient of variation of many draws.
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn moments(sizes: Sizes) -> (f64, f64) {
        let mut random = Random::new(11);
        let drawn: Vec<f64> = (0..100_000).map(|_| sizes.draw(&mut random) as f64).collect();
        let count = drawn.len() as f64;
        let mean = drawn.iter().sum::<f64>() / count;
        let variance = drawn.iter().map(|size| (size - mean).powi(2)).sum::<f64>() / count;
        (mean, variance.sqrt() / mean)
    }

    #[test]
    fn sizes_have_the_mean_and_the_variation_that_they_stand_for() {
        for (sizes, mean, cv) in [
            (Sizes::Constant(1), 1.0, 0.0),
            (Sizes::Uniform(1000), 500.5, 0.577),
            (Sizes::Exponential(200), 200.5, 1.0),
            (Sizes::Hyperexponential { percent: 90, often: 50, seldom: 1550 }, 200.5, 3.3),
        ] {
            let (our_mean, our_cv) = moments(sizes);
            assert!((our_mean / mean - 1.0).abs() < 0.02, "{sizes:?}: mean {our_mean}");
            assert!((our_cv - cv).abs() < 0.1, "{sizes:?}: coefficient of variation {our_cv}");
        }
    }

    #[test]
    fn exponential_draws_fall_off_as_they_must() {
        let mut random = Random::new(5);
        let above = |limit: u64, random: &mut Random| {
            (0..20_000).filter(|_| exponential(1000, random) > limit).count()
        };
        // e^-1 = 0.3679 and e^-3 = 0.0498 of 20,000.
        assert!((7_100..7_600).contains(&above(1000, &mut random)));
        assert!((900..1_100).contains(&above(3000, &mut random)));
    }

    #[test]
    fn the_number_of_live_blocks_keeps_to_the_load() {
        let contestants = crate::contestants::contestants(&heaplab_strategies::registry());
        let load = Load {
            live: 50,
            sizes: Sizes::Constant(1),
            departures: Departures::Memoryless,
            warm_up: 500,
            arrivals: 5_000,
        };
        let mut live = 0;
        let means = contestants[0]
            .run(1 << 30, |allocator| {
                let means = load.run(allocator, 1).unwrap();
                live = allocator.usage().live_blocks;
                means
            })
            .unwrap();
        assert!((20..90).contains(&live), "{live}");
        assert!(means.heap_ratio > 1.0 && means.heap_ratio < 1.5, "{means:?}");
        // Blocks of one size fill holes or fall into the wilderness; a hole that is filled is often gone.
        assert!(means.remainder_probability < 0.9, "{means:?}");
    }

    #[test]
    fn the_oldest_departs_first() {
        let mut blocks = Blocks::new(Departures::Fifo);
        let handle = |tag| Handle::from_parts(1, tag).unwrap();
        (0..3).for_each(|tag| blocks.push(handle(tag), 2));
        let mut random = Random::new(1);
        assert_eq!(blocks.depart(&mut random), Some(handle(0)));
        assert_eq!((blocks.depart(&mut random), blocks.bytes), (Some(handle(1)), 2));
    }
}
