//! Two reports side by side: what is better, what is worse, and what only looks so.
//!
//! Space is compared by equality, on any machine: exact figures are the same wherever the same code runs, so any
//! difference is real. Times are compared by tests of significance, and only where the reports were measured by equal
//! builds on one machine. `docs/METHODOLOGY.md` says what is tested against what, and why.

use crate::model::{Better, Report};
use crate::view::Selection;

mod confirm;
mod matching;
mod obstacles;
mod space;
mod time;
mod units;
mod view;

pub use confirm::{Again, Confirmation, confirm, processes_to_confirm};
pub(crate) use matching::{Key, Keys};
pub use obstacles::{Obstacle, machine, obstacles};
pub use space::{Changed, OutcomeChange, SpaceRow};
pub use time::{Basis, InstructionRow, LEVEL, PROCESS_LUCK_RATIO, Power, TimeRow, Times};
pub use units::Unit;
pub use view::{how_confirmed, how_judged, how_relative, notes, show, summary};

/// What is compared, and from when on a difference in time counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Which part; both where none is named.
    pub only: Option<Only>,
    /// Changes in time up to this one do not matter, whatever their significance: 0.02 is 2 %.
    pub threshold_ratio: f64,
    /// Tests every timed cell, instead of one for each trace and strategy.
    pub all_heaps: bool,
    /// Compares times even where there are [`obstacles`].
    pub force: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { only: None, threshold_ratio: 0.02, all_heaps: false, force: false }
    }
}

/// One half of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Only {
    /// Exact figures and outcomes.
    Space,
    /// Times and instructions.
    Time,
}

/// What a difference means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// An improvement.
    Better,
    /// A regression.
    Worse,
    /// Another figure, neither better nor worse.
    Differs,
    /// No difference that can be told from noise.
    Same,
}

impl Verdict {
    /// The word in tables; `~` where nothing can be told.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "WORSE",
            Self::Differs => "differs",
            Self::Same => "~",
        }
    }

    /// Its place in lists: regressions first, what is the same last.
    pub fn gravity(self) -> u8 {
        match self {
            Self::Worse => 0,
            Self::Better => 1,
            Self::Differs => 2,
            Self::Same => 3,
        }
    }

    /// What it means that a figure has become larger or smaller.
    fn of_change(better: Better, grew: bool) -> Self {
        match (better, grew) {
            (Better::None, _) => Self::Differs,
            (Better::Smaller, true) | (Better::Bigger, false) => Self::Worse,
            (Better::Smaller, false) | (Better::Bigger, true) => Self::Better,
        }
    }
}

/// What two reports have and have not in common.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Whether both are the same report.
    pub is_same: bool,
    /// What kept the times from being comparable; with [`Options::force`] they were compared all the same.
    pub obstacles: Vec<Obstacle>,
    /// Number of cells that both have.
    pub cells: usize,
    /// Number of traces that both have.
    pub traces: usize,
    /// Cells whose replay ends in another way.
    pub outcomes: Vec<OutcomeChange>,
    /// Exact figures that differ; none where only times were asked for.
    pub space: Vec<SpaceRow>,
    /// Number of exact figures that are equal.
    pub equal_figures: usize,
    /// The times; none where they were not to be compared, or are in neither or only one of the reports.
    pub times: Option<Times>,
    /// Cells that only the old report has, by strategy: its name and how many.
    pub only_in_old: Vec<(String, usize)>,
    /// Cells that only the new report has.
    pub only_in_new: Vec<(String, usize)>,
}

/// How many differences there are, by what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Regressions of strategies.
    pub regressions: usize,
    /// Improvements of strategies.
    pub improvements: usize,
    /// Anything else: differences without a direction, and those of peers and floors.
    pub others: usize,
}

impl Comparison {
    /// Whether something of ours became worse.
    pub fn has_regression(&self) -> bool {
        self.tally().regressions > 0
    }

    /// Counts the differences. Peers and floors are not under test, so theirs count among the others.
    pub fn tally(&self) -> Tally {
        let space = self.space.iter().map(|row| (row.verdict, row.is_ours));
        let outcomes = self.outcomes.iter().map(|row| (row.verdict, row.is_ours));
        let times = self.times.iter().flat_map(|times| {
            let instructions = times.instructions.iter().map(|row| (row.verdict, row.is_ours));
            times.rows.iter().map(|row| (row.outcome(), row.is_ours)).chain(instructions)
        });
        let mut tally = Tally::default();
        for (verdict, is_ours) in outcomes.chain(space).chain(times) {
            match verdict {
                Verdict::Worse if is_ours => tally.regressions += 1,
                Verdict::Better if is_ours => tally.improvements += 1,
                Verdict::Same => {}
                _ => tally.others += 1,
            }
        }
        tally
    }
}

/// Compares the selected cells of two reports.
///
/// Times are left out where there are [`obstacles`], unless forced.
pub fn compare(old: &Report, new: &Report, selection: &Selection, options: &Options) -> Comparison {
    let matched = matching::Matched::new(old, new, selection);
    let obstacles = obstacles(old, new, selection);
    let mut comparison = Comparison {
        // The ids alone say nothing of a report that was changed after it was written.
        is_same: !old.id.is_empty() && old == new,
        cells: matched.pairs.len(),
        traces: matched.traces(),
        outcomes: Vec::new(),
        space: Vec::new(),
        equal_figures: 0,
        times: None,
        only_in_old: matched.only_in_old.clone(),
        only_in_new: matched.only_in_new.clone(),
        obstacles,
    };
    if options.only != Some(Only::Time) {
        comparison.outcomes = space::outcomes(&matched);
        (comparison.space, comparison.equal_figures) = space::rows(old, new, &matched);
    }
    if options.only != Some(Only::Space) && (comparison.obstacles.is_empty() || options.force) {
        comparison.times = time::times(&matched, options);
    }
    comparison
}
