//! What, beside the layout, a strategy's next choice depends on.

use heaplab_core::{Block, Policy};

use crate::cases::layout::{CELLS, Layout, blocks, toggle};
use crate::exhaustive::Halt;

/// What a policy remembers beside the layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum History {
    /// Nothing.
    Nothing,
    /// Where the search begins.
    Rover,
    /// The order in which holes were made.
    Order,
}

/// Bits for a hole's start in [`State::history`]; 0 stands for none.
const START_BITS: u32 = 6;
/// As many starts have room.
const MOST_HOLES: usize = (u64::BITS / START_BITS) as usize;

/// A layout, and what the policy remembers beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub(super) struct State {
    pub(super) layout: Layout,
    /// The rover, or the starts of all holes, plus one, the newest lowest.
    pub(super) history: u64,
}

impl History {
    /// What a policy remembers; `None` where that is not known.
    pub(super) const fn of(policy: Option<Policy>) -> Option<Self> {
        match policy {
            Some(Policy::FirstFit | Policy::BestFit | Policy::WorstFit) => Some(Self::Nothing),
            Some(Policy::NextFit) => Some(Self::Rover),
            Some(Policy::Lifo) => Some(Self::Order),
            _ => None,
        }
    }

    /// The state after a block has been freed.
    pub(super) fn freed(self, state: State, block: Block) -> State {
        let layout = toggle(state.layout, block);
        let history = match self {
            Self::Nothing => 0,
            // Behind the last block all rovers are one: no hole begins there before a search has set it anew.
            Self::Rover => state.history.min(end(layout)),
            Self::Order => {
                let hole = hole_around(layout, block);
                let is_within = |start: &u64| (hole.offset..hole.end()).contains(start);
                let mut order = state.order();
                order.retain(|start| !is_within(start));
                if hole.end() < end(layout) {
                    order.insert(0, hole.offset);
                }
                encode(&order)
            }
        };
        State { layout, history }
    }

    /// The state after a block has been placed.
    pub(super) fn placed(self, state: State, block: Block) -> Result<State, Halt> {
        let layout = toggle(state.layout, block);
        let history = match self {
            Self::Nothing => 0,
            Self::Rover => block.end(),
            Self::Order => {
                let mut order = state.order();
                // A remainder keeps its hole's place; the wilderness has none.
                if let Some(index) = order.iter().position(|&start| start == block.offset) {
                    let is_filled = layout >> block.end() & 1 == 1;
                    if is_filled {
                        order.remove(index);
                    } else {
                        order[index] = block.end();
                    }
                }
                if order.len() > MOST_HOLES {
                    return Err(Halt::Words(CELLS));
                }
                encode(&order)
            }
        };
        Ok(State { layout, history })
    }
}

impl State {
    /// Starts of the holes, the newest first.
    pub(super) fn order(self) -> Vec<u64> {
        let mut rest = self.history;
        std::iter::from_fn(|| {
            let start = rest & ((1 << START_BITS) - 1);
            rest >>= START_BITS;
            start.checked_sub(1)
        })
        .collect()
    }
}

fn encode(order: &[u64]) -> u64 {
    order.iter().rev().fold(0, |sum, start| sum << START_BITS | (start + 1))
}

/// The end of the last block.
fn end(layout: Layout) -> u64 {
    blocks(layout).last().map_or(0, |block| block.end())
}

/// The hole that covers a place where no block is any more; it may reach into the wilderness.
fn hole_around(layout: Layout, place: Block) -> Block {
    let below = blocks(layout).take_while(|block| block.end() <= place.offset).last();
    let above = blocks(layout).find(|block| block.offset >= place.end());
    let offset = below.map_or(0, |block| block.end());
    Block { offset, len: above.map_or(CELLS, |block| block.offset) - offset }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(offset: u64, len: u64) -> Block {
        Block { offset, len }
    }

    #[test]
    fn holes_keep_the_order_in_which_they_were_made() {
        let history = History::Order;
        let mut state = State::default();
        for (offset, len) in [(0, 2), (2, 1), (3, 2), (5, 1), (6, 1)] {
            state = history.placed(state, block(offset, len)).unwrap();
        }
        state = history.freed(state, block(0, 2));
        state = history.freed(state, block(3, 2));
        assert_eq!(state.order(), [3, 0]);
        // The remainder stays where the hole was, and a filled hole is gone.
        state = history.placed(state, block(0, 1)).unwrap();
        assert_eq!(state.order(), [3, 1]);
        state = history.placed(state, block(3, 2)).unwrap();
        assert_eq!(state.order(), [1]);
        // What coalesces counts as new, and what reaches the end is no hole.
        state = history.freed(state, block(2, 1));
        assert_eq!(state.order(), [1]);
        state = history.freed(state, block(5, 1));
        assert_eq!(state.order(), [5, 1]);
        state = history.freed(state, block(6, 1));
        assert_eq!(state.order(), [1]);
    }

    #[test]
    fn rovers_behind_the_last_block_are_one() {
        let history = History::Rover;
        let state = history.placed(State::default(), block(0, 2)).unwrap();
        let state = history.placed(state, block(2, 3)).unwrap();
        assert_eq!(state.history, 5);
        assert_eq!(history.freed(state, block(2, 3)).history, 2);
        assert_eq!(history.freed(state, block(0, 2)).history, 5);
    }
}
