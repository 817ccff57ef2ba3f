//! Case 2: the worst that any sequence of requests can do, by exhaustive search.
//!
//! A state is a layout: which cells of the heap are live and where blocks begin.
//! From each state every block can be freed and, while the live words allow it, a block of every size can
//! be requested; the search visits every state that can be reached from the empty heap.
//! What a strategy does with a request is asked of the strategy itself.
//! It is brought into a layout by having all pieces, blocks and holes, allocated in address order and the
//! holes freed.
//! That is sound for first, best and worst fit because their choice depends on the layout alone, not on the
//! way there; the layout is read back from the strategy, so a strategy that coalesces wrongly is found out.

use std::collections::HashSet;

use foldhash::fast::FixedState;
use heaplab_core::{Allocator, Block, Handle, Piece, Policy, Request};

use super::layout::{CELLS, Layout, blocks, live_words, toggle};
use crate::Options;
use crate::contestants::{Contestant, UNLIMITED_BYTES, with_policy};
use crate::result::{Check, Demand, Obstacle, Point};

/// Worst peaks by policy and largest block from 2 to 6 words, for 6 to 9 live words.
const PUBLISHED: &[(Policy, [[u64; 4]; 5])] = &[
    (
        Policy::FirstFit,
        [[9, 11, 12, 14], [10, 13, 15, 17], [10, 13, 16, 18], [10, 13, 16, 19], [10, 13, 16, 19]],
    ),
    (
        Policy::BestFit,
        [[9, 11, 13, 14], [10, 13, 16, 17], [11, 14, 17, 19], [11, 15, 18, 20], [11, 15, 18, 21]],
    ),
    (
        Policy::WorstFit,
        [[9, 11, 13, 15], [10, 13, 16, 18], [10, 13, 17, 19], [10, 13, 17, 20], [10, 13, 17, 20]],
    ),
];

/// What the best of all allocators needs, by largest block from 2 words, for 4 to 8 live words.
const OPTIMUM: &[[u64; 5]] = &[[5, 7, 8, 10, 11], [6, 7, 9, 11, 13], [6, 8, 9, 12, 14]];

/// Live words at most: two rows where only the optimum is known, and those of [`PUBLISHED`].
const MAX_LIVE: [u64; 6] = [4, 5, 6, 7, 8, 9];

/// Rows of [`MAX_LIVE`] before those of [`PUBLISHED`].
const UNPUBLISHED: usize = 2;

pub(crate) fn run(contestants: &[Contestant], _options: &Options) -> Vec<Check> {
    let mut checks = Vec::new();
    for (index, largest) in (2_u64..=6).enumerate() {
        for &(policy, published) in PUBLISHED {
            let of_policy = with_policy(contestants, policy);
            let optimum = OPTIMUM.get(index).copied();
            checks.extend(of_policy.map(|it| check(it, largest, published[index], optimum)));
        }
    }
    checks
}

fn check(
    contestant: &Contestant,
    largest: u64,
    published: [u64; 4],
    optimum: Option<[u64; 5]>,
) -> Check {
    let quantity = format!("worst peak in words, n={largest}");
    let mut check = Check::new(contestant.name(), quantity, Vec::new());
    for (index, max_live) in MAX_LIVE.into_iter().enumerate() {
        // A policy's own figure is a stricter demand than the optimum, which lies below it.
        let known = match (index.checked_sub(UNPUBLISHED), optimum) {
            (Some(index), _) => (published[index], Demand::Equal),
            (None, Some(optimum)) => (optimum[index], Demand::AtLeast),
            (None, None) => continue,
        };
        let at = format!("M={max_live}");
        let worst = contestant
            .run(UNLIMITED_BYTES, |allocator| worst_peak(allocator, max_live, largest))
            .map_err(|failure| failure.to_string())
            .and_then(|worst| worst);
        match worst {
            Ok(worst) => check.points.push(Point::new(at, known.0, known.1, worst)),
            Err(reason) => {
                check.obstacle = Some(Obstacle::Broken(format!("{at}: {reason}")));
                break;
            }
        }
    }
    check
}

/// The highest end of a block over all sequences of requests with at most `max_live` words live and blocks of up to
/// `largest` words.
fn worst_peak(allocator: &mut dyn Allocator, max_live: u64, largest: u64) -> Result<u64, String> {
    let mut seen: HashSet<Layout, FixedState> = HashSet::default();
    let mut waiting: Vec<Layout> = vec![0];
    seen.insert(0);
    let mut worst = 0;
    let mut heap = Stage { allocator, handles: Vec::new() };
    while let Some(layout) = waiting.pop() {
        let live = live_words(layout);
        let mut reach = |next: Layout| {
            if seen.insert(next) {
                waiting.push(next);
            }
        };
        blocks(layout).for_each(|block| reach(toggle(layout, block)));
        let largest = largest.min(max_live - live);
        if largest == 0 {
            continue;
        }
        heap.set_up(layout)?;
        for size in 1..=largest {
            let block = heap.place(size)?;
            if block.end() > CELLS {
                return Err(format!("a block ends at {}, beyond {CELLS} words", block.end()));
            }
            worst = worst.max(block.end());
            reach(toggle(layout, block));
        }
        heap.clear()?;
    }
    Ok(worst)
}

/// An allocator that is put into one layout after the other.
struct Stage<'a> {
    allocator: &'a mut dyn Allocator,
    handles: Vec<Handle>,
}

impl Stage<'_> {
    /// Brings the empty heap into a layout.
    fn set_up(&mut self, layout: Layout) -> Result<(), String> {
        let mut end = 0;
        let mut holes = Vec::new();
        for block in blocks(layout) {
            if block.offset > end {
                holes.push(self.allocate(block.offset - end)?);
            }
            let handle = self.allocate(block.len)?;
            self.handles.push(handle);
            end = block.end();
        }
        for hole in holes {
            self.free(hole)?;
        }
        self.is_in(layout).then_some(()).ok_or_else(|| {
            format!("pieces allocated in address order do not stand so: {}", self.map())
        })
    }

    /// Whether the strategy says that its blocks are those of the layout, its holes maximal.
    fn is_in(&self, layout: Layout) -> bool {
        let mut wanted = blocks(layout);
        let mut after_hole = false;
        let mut is_in = true;
        self.allocator.walk(&mut |piece| match piece {
            Piece::Block(block, _) => {
                is_in &= wanted.next() == Some(block);
                after_hole = false;
            }
            Piece::Hole(_) => {
                is_in &= !after_hole;
                after_hole = true;
            }
        });
        is_in && wanted.next().is_none()
    }

    fn map(&self) -> String {
        let mut map = String::new();
        self.allocator.walk(&mut |piece| {
            let sign = if matches!(piece, Piece::Block(..)) { 'X' } else { '-' };
            map.extend((0..piece.len().min(2 * CELLS)).map(|_| sign));
        });
        map
    }

    /// Where a request goes; the heap is as before afterwards.
    fn place(&mut self, size: u64) -> Result<Block, String> {
        let handle = self.allocate(size)?;
        let block = self.allocator.block(handle).ok_or("a fresh handle leads nowhere")?;
        self.free(handle)?;
        Ok(block)
    }

    fn clear(&mut self) -> Result<(), String> {
        while let Some(handle) = self.handles.pop() {
            self.free(handle)?;
        }
        Ok(())
    }

    fn allocate(&mut self, size: u64) -> Result<Handle, String> {
        let request = Request::new(size);
        self.allocator.allocate(request, &mut ()).map_err(|error| error.to_string())
    }

    fn free(&mut self, handle: Handle) -> Result<(), String> {
        self.allocator.free(handle, &mut ()).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_figures_lie_above_the_optimum() {
        for (policy, published) in PUBLISHED {
            for (row, optimum) in published.iter().zip(OPTIMUM) {
                let above =
                    row.iter().zip(&optimum[UNPUBLISHED..]).all(|(ours, best)| ours >= best);
                assert!(above, "{policy:?}: {row:?}, {optimum:?}");
            }
        }
    }
}
