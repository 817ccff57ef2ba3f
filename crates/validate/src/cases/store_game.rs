//! Case 3: what the best of all allocators needs, by solving the game between it and the program.
//!
//! The program frees blocks and requests new ones as it likes, within the live words; the allocator puts each block into any
//! room there is and never moves it.
//! In a heap of `S` words a layout is safe for the allocator if whatever the program does next leads to a safe layout,
//! or can be made to.
//! The safe layouts are found by striking out those that are not until none is left to strike; the heap suffices if the
//! empty layout is among them.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use heaplab_core::Block;

use super::layout::{Layout, blocks, live_words, toggle};
use crate::Options;
use crate::contestants::Contestant;
use crate::result::{Check, Demand, Point};

/// Live words at most, and the optimum.
type Row = (u64, u64);

/// Sizes that the program may request, and what is known of them.
const PUBLISHED: &[(&[u64], &[Row])] = &[
    (&[1, 2, 4], &[(4, 5), (5, 7), (6, 9), (7, 12)]),
    (&[1, 2, 3], &[(4, 6), (5, 7), (6, 9), (7, 11)]),
    (&[1, 2, 3, 4], &[(4, 6), (5, 8), (6, 9), (7, 12)]),
];

pub(crate) fn run(_contestants: &[Contestant], _options: &Options) -> Vec<Check> {
    // Knuth's formula covers blocks of one and two words.
    let formula = (2..=9).map(|live| (live, (3 * live - 1) / 2));
    let mut checks = vec![check(&[1, 2], formula)];
    checks.extend(PUBLISHED.iter().map(|(sizes, rows)| check(sizes, rows.iter().copied())));
    checks
}

fn check(sizes: &[u64], rows: impl Iterator<Item = Row>) -> Check {
    let points = rows.map(|(live, published)| {
        Point::new(format!("M={live}"), published, Demand::Equal, optimum(sizes, live))
    });
    let sizes: Vec<_> = sizes.iter().map(ToString::to_string).collect();
    Check::new(format!("sizes {}", sizes.join(", ")), "smallest heap in words", points.collect())
}

/// The smallest heap in which an allocator can serve every program.
fn optimum(sizes: &[u64], live: u64) -> u64 {
    (live..).find(|&words| suffices(sizes, live, words)).unwrap_or(u64::MAX)
}

/// Whether the allocator can go on for ever in a heap of so many words.
fn suffices(sizes: &[u64], live: u64, words: u64) -> bool {
    let mut layouts = Vec::new();
    tile(sizes, live, words, 0, 0, &mut layouts);
    let mut safe: HashMap<Layout, bool, FixedState> =
        layouts.iter().map(|&layout| (layout, true)).collect();
    loop {
        let before = layouts.len();
        layouts.retain(|&layout| {
            let stays = is_safe(layout, sizes, live, words, &safe);
            if !stays {
                safe.insert(layout, false);
            }
            stays
        });
        if !safe[&0] {
            return false;
        }
        if layouts.len() == before {
            return true;
        }
    }
}

/// All layouts in which the blocks from `offset` on are still to be placed.
fn tile(
    sizes: &[u64],
    live: u64,
    words: u64,
    offset: u64,
    layout: Layout,
    layouts: &mut Vec<Layout>,
) {
    if offset >= words {
        layouts.push(layout);
        return;
    }
    tile(sizes, live, words, offset + 1, layout, layouts);
    for &len in sizes.iter().filter(|&&len| len <= live && offset + len <= words) {
        let block = Block { offset, len };
        tile(sizes, live - len, words, offset + len, toggle(layout, block), layouts);
    }
}

/// Whether every free, and for every request some placement, leads to a layout not yet struck out.
fn is_safe(
    layout: Layout,
    sizes: &[u64],
    live: u64,
    words: u64,
    safe: &HashMap<Layout, bool, FixedState>,
) -> bool {
    let is_safe = |next: Layout| safe.get(&next).copied().unwrap_or(false);
    let cells = layout & 0xffff_ffff;
    let can_be_placed = |&len: &u64| {
        let fits = |offset: &u64| cells >> offset & ((1 << len) - 1) == 0;
        (0..=words - len).filter(fits).any(|offset| is_safe(toggle(layout, Block { offset, len })))
    };
    let room = live - live_words(layout);
    blocks(layout).all(|block| is_safe(toggle(layout, block)))
        && sizes.iter().filter(|&&len| len <= room).all(can_be_placed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_are_all_there_once() {
        let mut layouts = Vec::new();
        tile(&[1, 2], 3, 3, 0, 0, &mut layouts);
        // ---, X--, -X-, --X, XX-, X-X, -XX, XXX of single words; 22-, -22, 22X, X22.
        assert_eq!(layouts.len(), 12);
        layouts.sort_unstable();
        layouts.dedup();
        assert_eq!(layouts.len(), 12);
    }

    #[test]
    fn single_words_need_no_more_than_themselves() {
        assert_eq!(optimum(&[1], 5), 5);
        assert_eq!(optimum(&[1, 2], 2), 2);
        assert_eq!(optimum(&[1, 2], 3), 4);
    }
}
