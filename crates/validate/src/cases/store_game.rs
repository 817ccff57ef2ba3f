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

use super::layout::{CELLS, Layout, blocks, live_words, toggle};
use crate::Options;
use crate::contestants::Contestant;
use crate::exhaustive::{Exhaustive, Halt, Meter};
use crate::result::{Check, Demand, Obstacle, Point};

/// Sizes that the program may request; for which live words the optimum is searched by default, and what is known of it,
/// from [`FIRST_LIVE`] live words on.
type Row = (&'static [u64], u64, &'static [u64]);

/// Live words of the first known figure of all rows but the first.
const FIRST_LIVE: u64 = 4;

const ROWS: &[Row] = &[
    // Knuth's formula covers blocks of one and two words.
    (&[1, 2], 9, &[]),
    (&[1, 2, 4], 7, &[5, 7, 9, 12, 13]),
    (&[1, 2, 3], 7, &[6, 7, 9, 11, 13]),
    (&[1, 2, 3, 4], 7, &[6, 8, 9, 12, 14]),
];

/// Further sizes of which one figure is known, too long for the default.
const FURTHER: &[Row] = &[(&[1, 2, 4, 8], 0, &[])];

pub(crate) fn run(_contestants: &[Contestant], options: &Options) -> Vec<Check> {
    let published = Exhaustive::default();
    let limits = options.exhaustive.as_ref();
    let meter = Meter::new(limits.unwrap_or(&published));
    let further = if limits.is_some() { FURTHER } else { &[] };
    let mut games: Vec<Game> = ROWS.iter().chain(further).map(Game::new).collect();
    let most = |game: &Game| limits.map_or(game.row.1, |limits| limits.max_live);
    let largest_live = games.iter().map(most).max().unwrap_or(0);
    // Few live words first, so that time runs out over the largest.
    for live in 2..=largest_live {
        for game in &mut games {
            let is_wanted = game.first_live() <= live && live <= most(game);
            if is_wanted && game.check.obstacle.is_none() {
                game.play(live, &meter);
            }
        }
    }
    games.into_iter().map(|game| game.check).collect()
}

/// One row of the table.
struct Game {
    row: Row,
    check: Check,
    /// The optimum for fewer live words: more live words never need less.
    least: u64,
}

impl Game {
    fn new(row: &Row) -> Self {
        let sizes: Vec<_> = row.0.iter().map(ToString::to_string).collect();
        let subject = format!("sizes {}", sizes.join(", "));
        Self {
            row: *row,
            check: Check::new(subject, "smallest heap in words", Vec::new()),
            least: 0,
        }
    }

    /// The fewest live words that are worth a look.
    fn first_live(&self) -> u64 {
        if self.is_of_formula() {
            2
        } else {
            FIRST_LIVE.max(self.row.0.iter().copied().max().unwrap_or(0))
        }
    }

    fn is_of_formula(&self) -> bool {
        self.row.0 == [1, 2]
    }

    /// What is known of the optimum.
    fn known(&self, live: u64) -> Option<(u64, Demand)> {
        if self.is_of_formula() {
            return Some(((3 * live - 1) / 2, Demand::Equal));
        }
        let index = live.checked_sub(FIRST_LIVE).and_then(|index| usize::try_from(index).ok());
        if let Some(&figure) = index.and_then(|index| self.row.2.get(index)) {
            return Some((figure, Demand::Equal));
        }
        // For powers of two Robson's formula is exact where the live words are a multiple of the largest.
        let largest = self.row.0.iter().copied().max().unwrap_or(1);
        let is_exact =
            self.row.0.iter().all(|size| size.is_power_of_two()) && live.is_multiple_of(largest);
        let largest_power = 1_u64 << largest.ilog2();
        (live >= largest).then(|| {
            let bound = live + live * u64::from(largest_power.ilog2()) / 2 + 1 - largest_power;
            (bound, if is_exact { Demand::Equal } else { Demand::AtLeast })
        })
    }

    fn play(&mut self, live: u64, meter: &Meter<'_>) {
        let at = format!("M={live}");
        match optimum(self.row.0, live, self.least, meter) {
            Ok(words) => {
                self.least = words;
                self.check.points.push(match self.known(live) {
                    Some((known, demand)) => Point::new(at, known, demand, words),
                    None => {
                        Point { published: None, ..Point::new(at, words, Demand::Shown, words) }
                    }
                });
            }
            Err(halt) => {
                let reason = format!("stopped before {at}: {halt}");
                self.check.obstacle = Some(Obstacle::Skipped(reason));
            }
        }
    }
}

/// The smallest heap, of at least `least` words, in which an allocator can serve every program.
fn optimum(sizes: &[u64], live: u64, least: u64, meter: &Meter<'_>) -> Result<u64, Halt> {
    for words in live.max(least)..=CELLS {
        if suffices(sizes, live, words, meter)? {
            return Ok(words);
        }
    }
    Err(Halt::Words(CELLS))
}

/// Whether the allocator can go on for ever in a heap of so many words.
fn suffices(sizes: &[u64], live: u64, words: u64, meter: &Meter<'_>) -> Result<bool, Halt> {
    let mut layouts = Vec::new();
    let game = Rules { sizes, words, meter };
    game.tile(live, 0, 0, &mut layouts)?;
    let mut safe: HashMap<Layout, bool, FixedState> =
        layouts.iter().map(|&layout| (layout, true)).collect();
    loop {
        let before = layouts.len();
        let mut halt = Ok(());
        layouts.retain(|&layout| {
            if halt.is_err() {
                return true;
            }
            halt = game.look(live, before);
            let stays = is_safe(layout, sizes, live, words, &safe);
            if !stays {
                safe.insert(layout, false);
            }
            stays
        });
        halt?;
        if !safe[&0] {
            return Ok(false);
        }
        if layouts.len() == before {
            return Ok(true);
        }
    }
}

/// What a game is played with.
struct Rules<'a> {
    sizes: &'a [u64],
    words: u64,
    meter: &'a Meter<'a>,
}

impl Rules<'_> {
    fn look(&self, live: u64, layouts: usize) -> Result<(), Halt> {
        let Self { sizes, words, meter } = self;
        let largest = sizes.iter().max().copied().unwrap_or(0);
        meter.check(layouts, &|| {
            format!("sizes up to {largest}, M={live}, {words} words: {layouts} layouts")
        })
    }

    /// All layouts in which the blocks from `offset` on are still to be placed, `live` words of them at most.
    fn tile(
        &self,
        live: u64,
        offset: u64,
        layout: Layout,
        layouts: &mut Vec<Layout>,
    ) -> Result<(), Halt> {
        if offset >= self.words {
            layouts.push(layout);
            return self.look(live, layouts.len());
        }
        self.tile(live, offset + 1, layout, layouts)?;
        for &len in self.sizes.iter().filter(|&&len| len <= live && offset + len <= self.words) {
            let block = Block { offset, len };
            self.tile(live - len, offset + len, toggle(layout, block), layouts)?;
        }
        Ok(())
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
        let limits = Exhaustive::default();
        let rules = Rules { sizes: &[1, 2], words: 3, meter: &Meter::new(&limits) };
        rules.tile(3, 0, 0, &mut layouts).unwrap();
        // ---, X--, -X-, --X, XX-, X-X, -XX, XXX of single words; 22-, -22, 22X, X22.
        assert_eq!(layouts.len(), 12);
        layouts.sort_unstable();
        layouts.dedup();
        assert_eq!(layouts.len(), 12);
    }

    #[test]
    fn single_words_need_no_more_than_themselves() {
        let limits = Exhaustive::default();
        let optimum = |sizes: &[u64], live| optimum(sizes, live, 0, &Meter::new(&limits));
        assert_eq!(optimum(&[1], 5), Ok(5));
        assert_eq!(optimum(&[1, 2], 2), Ok(2));
        assert_eq!(optimum(&[1, 2], 3), Ok(4));
    }

    #[test]
    fn a_game_that_may_hold_few_layouts_stops() {
        let limits = Exhaustive { max_states: 100, ..Exhaustive::default() };
        assert_eq!(optimum(&[1, 2], 6, 0, &Meter::new(&limits)), Err(Halt::States(100)));
    }
}
