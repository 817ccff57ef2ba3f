//! The searches: every state that can be reached from the empty heap.

use std::collections::HashSet;

use foldhash::fast::FixedState;
use heaplab_core::Block;

use super::history::{History, State};
use super::stage::Stage;
use crate::cases::layout::{CELLS, Layout, blocks, live_words, toggle};
use crate::contestants::{Contestant, UNLIMITED_BYTES};
use crate::exhaustive::{Halt, Meter};

/// How many live words at most, and how many words the largest block has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) max_live: u64,
    pub(super) largest: u64,
}

impl Bounds {
    /// The largest request that a layout leaves room for.
    fn largest_now(self, layout: Layout) -> u64 {
        self.largest.min(self.max_live - live_words(layout))
    }
}

/// The highest end of a block over all sequences of requests, for strategies that never move blocks.
pub(super) fn worst_peak(
    contestant: &Contestant,
    history: History,
    bounds: Bounds,
    meter: &Meter<'_>,
) -> Result<u64, Halt> {
    run(contestant, UNLIMITED_BYTES, |mut stage| {
        let mut found = Found::default();
        let mut worst = 0;
        found.reach(State::default());
        while let Some(state) = found.next(contestant, bounds, meter)? {
            blocks(state.layout).for_each(|block| found.reach(history.freed(state, block)));
            let mut is_set_up = false;
            for size in 1..=bounds.largest_now(state.layout) {
                if !is_set_up {
                    stage.set_up(history, state)?;
                }
                let (block, handle) = stage.place(size)?;
                worst = worst.max(block.end());
                found.reach(history.placed(state, block)?);
                // Where the layout is all that counts, freeing what was just placed undoes it.
                stage.free(handle)?;
                is_set_up = history == History::Nothing;
                if !is_set_up {
                    stage.clear()?;
                }
            }
            stage.clear()?;
        }
        Ok(worst)
    })
}

/// The highest end of a block in a heap of just the live words, for strategies that move blocks so that every request is
/// served there; a refusal breaks off.
pub(super) fn served_in_full(
    contestant: &Contestant,
    bounds: Bounds,
    meter: &Meter<'_>,
) -> Result<u64, Halt> {
    run(contestant, bounds.max_live, |mut stage| {
        let mut found = Found::default();
        let mut worst = 0;
        found.reach(State::default());
        while let Some(state) = found.next(contestant, bounds, meter)? {
            let frees = blocks(state.layout).count();
            let sizes = usize::try_from(bounds.largest_now(state.layout)).unwrap_or(usize::MAX);
            for action in 0..frees + sizes {
                stage.set_up(History::Nothing, state)?;
                if let Some(size) = action.checked_sub(frees) {
                    let (_, handle) = stage.place(size as u64 + 1)?;
                    stage.keep(handle);
                } else {
                    stage.free_kept(action)?;
                }
                // Anything may have moved.
                let after: Vec<Block> =
                    stage.blocks().into_iter().map(|(block, _)| block).collect();
                worst = after.last().map_or(worst, |last| worst.max(last.end()));
                if worst > CELLS {
                    return Err(Halt::Words(CELLS));
                }
                found.reach(State { layout: after.into_iter().fold(0, toggle), history: 0 });
                stage.clear()?;
            }
        }
        Ok(worst)
    })
}

fn run(
    contestant: &Contestant,
    capacity: u64,
    mut search: impl FnMut(Stage<'_>) -> Result<u64, Halt>,
) -> Result<u64, Halt> {
    contestant
        .run(capacity, |allocator| search(Stage::new(allocator)))
        .map_err(|failure| Halt::Broken(failure.to_string()))
        .and_then(|found| found)
}

/// States that were met, and those of them that wait.
#[derive(Default)]
struct Found {
    seen: HashSet<State, FixedState>,
    waiting: Vec<State>,
}

impl Found {
    fn reach(&mut self, state: State) {
        if self.seen.insert(state) {
            self.waiting.push(state);
        }
    }

    fn next(
        &mut self,
        contestant: &Contestant,
        Bounds { max_live, largest }: Bounds,
        meter: &Meter<'_>,
    ) -> Result<Option<State>, Halt> {
        let states = self.seen.len();
        let name = contestant.name();
        meter.check(states, &|| format!("{name}, M={max_live}, n={largest}: {states} states"))?;
        Ok(self.waiting.pop())
    }
}
