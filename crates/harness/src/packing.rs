//! Plans that know the whole trace and never move a block: how small a heap could be in hindsight.
//!
//! Placing pieces with known beginnings and ends so that the highest end is as low as possible is dynamic storage
//! allocation, which is NP-hard (Garey and Johnson 1979, problem SR2), so [`pack`] tries several heuristics and keeps the
//! best plan: each greedy order of the literature (largest first, largest area first, longest-lived first, most contended
//! first, as compared by Sekiyama et al. 2018 and used in `TelaMalloc`, Maas et al. 2023), placed one by one at the lowest
//! offset that is free over the buffer's whole time; then the best plan's buffers once more in the order of their offsets,
//! which is never worse; then, for few buffers, a search among orders that lets those go earlier which were in the way
//! (squeaky-wheel optimization, Joslin and Clements 1999).
//!
//! What strategies made of the trace takes part as a plan too, unless they move blocks.
//!
//! The plan is an upper bound for what is possible without moving blocks, and peak live is the lower bound: where they meet,
//! the plan is optimal. A strategy that moves blocks may do with less than any plan, and a resize, here an end and a
//! beginning at one instant, costs a strategy both places for a moment.
//!
//! ```
//! use std::time::Duration;
//! use heaplab_harness::packing::{Buffer, Effort, pack};
//! let buffer = |lower, upper, len| Buffer { lower, upper, len, align: 1 };
//! let buffers = vec![buffer(0, 3, 4), buffer(1, 9, 4), buffer(4, 9, 4)];
//! let packing = pack(buffers, Vec::new(), &Effort::new(Duration::from_secs(1))).expect("three buffers can be placed");
//! assert_eq!((packing.bytes(), packing.lower_bound_bytes()), (8, 8));
//! packing.check()?;
//! # Ok::<(), String>(())
//! ```

use std::io::{self, Write};
use std::time::{Duration, Instant};

use crate::splitmix::SplitMix;

mod buffers;
mod improve;
mod lowest_fit;
mod order;
#[cfg(test)]
mod tests;
mod verify;

pub use buffers::{Buffer, buffers_of};
use improve::{Ordered, improve};
use lowest_fit::{Broken, Item, List, LowestFit, Tree, place_all};
use order::{Order, contention};

/// More buffers than this are not packed at all: the tree would take gigabytes.
pub const MOST_BUFFERS: usize = 2_000_000;

/// Up to so many buffers, a search among orders follows the heuristics.
const MOST_SEARCHED: usize = 2_000;

/// Up to so many buffers the list is quicker than the tree.
const MOST_LISTED: usize = 600;

/// The head of a plan as `MiniMalloc` reads and writes them; times are indices of operations, the upper one exclusive.
pub const CSV_HEADER: &str = "id,lower,upper,size,offset";

/// How much may be spent on a plan.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// When to stop. The first heuristic is always given the time that it needs to end or to be late.
    pub time: Duration,
    /// The most that the search may do, in looks at a placed buffer, of which there are some hundred million in a second.
    /// Where the time suffices for them, the same number gives the same plan on every machine.
    pub looks: u64,
    /// Seed of the search.
    pub seed: u64,
}

impl Effort {
    /// So much time, and a search of a few seconds.
    #[must_use]
    pub const fn new(time: Duration) -> Self {
        Self { time, looks: 3_000_000_000, seed: 1 }
    }
}

/// A plan to start from: one offset for each buffer, and where they come from.
#[derive(Clone, Debug)]
pub struct Known {
    /// Where the plan comes from, in words.
    pub method: String,
    /// The offsets in the order in which the buffers begin.
    pub offsets: Vec<u64>,
}

/// A plan: an offset for each buffer.
#[derive(Clone, Debug)]
pub struct Packing {
    buffers: Vec<Buffer>,
    offsets: Vec<u64>,
    bytes: u64,
    lower_bound_bytes: u64,
    method: String,
    tried: Vec<Tried>,
}

/// What one heuristic came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Its name, in words.
    pub method: String,
    /// The highest end of its plan; absent where it was broken off, no better than another or out of time.
    pub bytes: Option<u64>,
}

impl Packing {
    /// The highest end of a buffer: the heap that the plan takes.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The most bytes that stand at one instant: no plan is smaller.
    #[must_use]
    pub const fn lower_bound_bytes(&self) -> u64 {
        self.lower_bound_bytes
    }

    /// The heuristic that the plan comes from, in words.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Everything that was tried, in order.
    #[must_use]
    pub fn tried(&self) -> &[Tried] {
        &self.tried
    }

    /// The buffers with their offsets, in the order in which they begin.
    pub fn placements(&self) -> impl Iterator<Item = (&Buffer, u64)> {
        self.buffers.iter().zip(self.offsets.iter().copied())
    }

    /// Checks the plan by a way that shares nothing with those in which plans are made.
    ///
    /// # Errors
    ///
    /// The first contradiction, in words.
    pub fn check(&self) -> Result<(), String> {
        verify::check(&self.buffers, &self.offsets, self.bytes)
    }

    /// Writes a line for each buffer, in the form of [`CSV_HEADER`].
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn write_rows(&self, output: &mut dyn Write) -> io::Result<()> {
        for (id, (buffer, offset)) in self.placements().enumerate() {
            writeln!(output, "{id},{},{},{},{offset}", buffer.lower, buffer.upper, buffer.len)?;
        }
        Ok(())
    }
}

/// Packs the buffers, which must be in the order in which they begin, each at an instant of its own.
///
/// What is known already takes part: it is kept if it is the best, and improved. Plans that are none are passed over.
///
/// `None` for more than [`MOST_BUFFERS`], where sizes exceed 64 bits, and where no plan is known and no heuristic ended
/// in time.
#[must_use]
pub fn pack(buffers: Vec<Buffer>, known: Vec<Known>, effort: &Effort) -> Option<Packing> {
    let deadline = Instant::now().checked_add(effort.time);
    let mut is_over = || deadline.is_some_and(|deadline| Instant::now() >= deadline);
    if buffers.len() > MOST_BUFFERS {
        return None;
    }
    let items = items_of(&buffers);
    let goal_bytes = lower_bound(&items);
    let mut packer = Packer::new(&items, goal_bytes);
    for known in known {
        if verify::check(&buffers, &known.offsets, u64::MAX).is_ok() {
            packer.accept(known);
        }
    }
    packer.greedy(&mut is_over);
    packer.by_offset(&mut is_over);
    if items.len() <= MOST_SEARCHED {
        packer.search(effort, &mut is_over);
        packer.by_offset(&mut is_over);
    }
    let Packer { best, method, tried, .. } = packer;
    let Ordered { offsets, bytes, .. } = best?;
    Some(Packing { buffers, offsets, bytes, lower_bound_bytes: goal_bytes, method, tried })
}

struct Packer<'a> {
    items: &'a [Item],
    engine: Box<dyn LowestFit>,
    goal_bytes: u64,
    best: Option<Ordered>,
    method: String,
    tried: Vec<Tried>,
}

impl<'a> Packer<'a> {
    fn new(items: &'a [Item], goal_bytes: u64) -> Self {
        let engine: Box<dyn LowestFit> = if items.len() <= MOST_LISTED {
            Box::new(List::default())
        } else {
            Box::new(Tree::new(items.len()))
        };
        let (best, method, tried) = (None, String::new(), Vec::new());
        Self { items, engine, goal_bytes, best, method, tried }
    }

    /// Whether no better plan can be found.
    fn is_optimal(&self) -> bool {
        self.best.as_ref().is_some_and(|best| best.bytes == self.goal_bytes)
    }

    fn accept(&mut self, known: Known) {
        let Known { method, offsets } = known;
        let ends = self.items.iter().zip(&offsets).map(|(item, offset)| offset + item.len);
        let bytes = ends.max().unwrap_or(0);
        self.tried.push(Tried { method: method.clone(), bytes: Some(bytes) });
        if self.best.as_ref().is_none_or(|best| bytes < best.bytes) {
            let order = by_offset(&offsets);
            self.best = Some(Ordered { order, offsets, bytes });
            self.method = method;
        }
    }

    fn greedy(&mut self, is_over: &mut dyn FnMut() -> bool) {
        let contention = contention(self.items);
        for order in Order::ALL {
            if !self.is_optimal() {
                self.attempt(order.of(self.items, &contention), order.as_str(), is_over);
            }
        }
    }

    /// Places the best plan's items again in the order of their offsets, as long as that makes it better.
    ///
    /// It never makes it worse: whatever lies below an item in the plan is placed before it and no higher than there, so
    /// the item's place in the plan is still free.
    fn by_offset(&mut self, is_over: &mut dyn FnMut() -> bool) {
        while let Some(best) = &self.best
            && !self.is_optimal()
        {
            let before = best.bytes;
            let order = by_offset(&best.offsets);
            self.attempt(order, "the best plan again, lowest first", is_over);
            if self.best.as_ref().is_none_or(|best| best.bytes >= before) {
                break;
            }
        }
    }

    fn search(&mut self, effort: &Effort, is_over: &mut dyn FnMut() -> bool) {
        let (false, Some(best)) = (self.is_optimal(), &mut self.best) else { return };
        let align = self.items.iter().map(|item| item.align).min().unwrap_or(1);
        let mut effort_left = improve::Effort {
            goal_bytes: self.goal_bytes,
            granule_bytes: align,
            looks: effort.looks,
            is_over,
        };
        let before = best.bytes;
        let orders = improve(self.items, best, &mut effort_left, &mut SplitMix::new(effort.seed));
        let (method, bytes) = (format!("search among {orders} orders"), Some(best.bytes));
        if best.bytes < before {
            self.method.clone_from(&method);
        }
        self.tried.push(Tried { method, bytes });
    }

    fn attempt(&mut self, order: Vec<u32>, method: &str, is_over: &mut dyn FnMut() -> bool) {
        // What is not better need not be finished, but with few buffers the figure is worth the moment.
        let is_quick = self.items.len() <= MOST_LISTED;
        let best = self.best.as_ref().filter(|_| !is_quick);
        let limit_bytes = best.map_or(u64::MAX, |best| best.bytes);
        let mut offsets = vec![0; self.items.len()];
        let result =
            place_all(self.engine.as_mut(), self.items, &order, limit_bytes, &mut offsets, is_over);
        let method = method.to_owned();
        match result {
            Ok(bytes) => {
                if self.best.as_ref().is_none_or(|best| bytes < best.bytes) {
                    self.best = Some(Ordered { order, offsets, bytes });
                    self.method.clone_from(&method);
                }
                self.tried.push(Tried { method, bytes: Some(bytes) });
            }
            Err(Broken::AtLimit(_) | Broken::Late) => {
                self.tried.push(Tried { method, bytes: None });
            }
        }
    }
}

/// The indices of offsets, the lowest first, ties in order of time.
fn by_offset(offsets: &[u64]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..).take(offsets.len()).collect();
    order.sort_by_key(|&index| offsets[index as usize]);
    order
}

/// The items of buffers that are in the order in which they begin.
fn items_of(buffers: &[Buffer]) -> Vec<Item> {
    let number = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    let item = |(index, buffer): (usize, &Buffer)| Item {
        lower: number(index),
        upper: number(buffers.partition_point(|other| other.lower < buffer.upper)),
        len: buffer.len,
        align: buffer.align,
    };
    buffers.iter().enumerate().map(item).collect()
}

/// The most bytes that stand at one beginning.
fn lower_bound(items: &[Item]) -> u64 {
    contention(items).into_iter().max().unwrap_or(0)
}
