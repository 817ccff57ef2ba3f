//! Times: what is tested, against what, and when a difference is believed.

use std::collections::HashMap;

use crate::model::{Cell, Mode, StrategyKind};
use crate::stats::{samples_needed, smallest_mann_whitney, smallest_signed_rank};

use super::Options;
use super::matching::Matched;
use super::units::Unit;

mod control;
mod instructions;
mod row;

pub use instructions::InstructionRow;
pub use row::{Basis, TimeRow};

/// The chance of even one false alarm that the tests of one comparison are asked to stay below.
pub const LEVEL: f64 = 0.05;

/// What one process may be slower or faster than another of the same program, by where its tables happen to lie.
///
/// A process's rounds share its luck, so no number of them shows it. In 40 processes of one program on a quiet machine of
/// two cores, most cells stayed within 6 %, and in one process two cells were 15 % slower. With one process a side a
/// smaller difference is believed of nobody; several processes a side show their spread themselves.
pub const PROCESS_LUCK_RATIO: f64 = 0.2;

/// The times of two reports.
#[derive(Debug, Clone, PartialEq)]
pub struct Times {
    /// The cells tested, in the report's order.
    pub rows: Vec<TimeRow>,
    /// Instructions of the cells that were counted on both sides, where they differ by more than the tolerance.
    pub instructions: Vec<InstructionRow>,
    /// What the tests can tell.
    pub power: Power,
    /// Spread between two listings of one strategy in one run, the larger of the two reports'; none where neither has
    /// such a control.
    pub noise_floor_ratio: Option<f64>,
    /// How much slower or faster the code ran that the change cannot have touched, floors above all: new over old
    /// minus one; none without such cells.
    pub drift_ratio: Option<f64>,
    /// The largest change of a floor, in either direction: what a change of everything at once must exceed.
    pub floor_change_ratio: Option<f64>,
    /// Changes up to this one do not matter.
    pub threshold_ratio: f64,
}

impl Times {
    /// What a single process may owe to luck, which a difference must exceed besides; none where several measured.
    pub fn luck_ratio(&self) -> Option<f64> {
        (self.power.unit == Unit::Round).then_some(PROCESS_LUCK_RATIO)
    }
}

/// How small a p-value the samples can reach, and how small it has to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Power {
    /// What was counted as one independent sample.
    pub unit: Unit,
    /// Rows tested.
    pub rows: usize,
    /// Samples of the old side, the fewest of any row.
    pub old: usize,
    /// Samples of the new side, the fewest of any row.
    pub new: usize,
    /// Samples a side with which Holm's first threshold can be reached.
    pub needed: usize,
}

impl Power {
    /// Whether a difference could be told at all.
    pub fn suffices(&self) -> bool {
        smallest(self.unit, self.old, self.new) <= level(self.rows)
    }
}

fn smallest(unit: Unit, old: usize, new: usize) -> f64 {
    match unit {
        Unit::Round | Unit::Process => smallest_mann_whitney(old, new),
        Unit::Pair => smallest_signed_rank(old.min(new)),
    }
}

/// Holm's threshold for the smallest of so many p-values.
#[expect(clippy::cast_precision_loss, reason = "no report has 2^53 rows")]
fn level(rows: usize) -> f64 {
    LEVEL / rows.max(1) as f64
}

/// The times of the matched cells; none where no cell was timed on both sides.
pub(super) fn times(matched: &Matched<'_>, options: &Options) -> Option<Times> {
    let timed: Vec<control::Timed<'_>> =
        matched.pairs.iter().filter_map(control::Timed::new).collect();
    if timed.is_empty() {
        return None;
    }
    let unit = unit(matched, &timed);
    let tested = tested(&timed, options.all_heaps);
    let noise_floor_ratio = [matched.old, matched.new]
        .iter()
        .filter_map(|report| report.measurement.noise_floor_ratio)
        .reduce(f64::max);
    let floors = control::floors(&timed);
    let gate = row::Gate {
        threshold: options.threshold_ratio.ln_1p(),
        noise: noise_floor_ratio.map(f64::ln_1p),
        luck: (unit == Unit::Round).then(|| PROCESS_LUCK_RATIO.ln_1p()),
        floors: floors.map(|it| it.largest),
    };
    let rows = row::judge(&tested, &timed, unit, &gate);
    let fewest = |of: fn(&TimeRow) -> usize| rows.iter().map(of).min().unwrap_or(0);
    let power = Power {
        unit,
        rows: rows.len(),
        old: fewest(|row| row.old_samples),
        new: fewest(|row| row.new_samples),
        needed: samples_needed(level(rows.len()), |n| smallest(unit, n, n)),
    };
    Some(Times {
        instructions: instructions::rows(matched),
        rows,
        power,
        noise_floor_ratio,
        drift_ratio: floors.map(|it| it.middle.exp_m1()),
        floor_change_ratio: floors.map(|it| it.largest.exp_m1()),
        threshold_ratio: options.threshold_ratio,
    })
}

/// Rounds, unless a side was merged from several processes; pairs, where those took turns.
fn unit(matched: &Matched<'_>, timed: &[control::Timed<'_>]) -> Unit {
    let is_several =
        |processes: &[Vec<f64>]| processes.iter().filter(|rounds| !rounds.is_empty()).count() > 1;
    if !timed.iter().any(|it| is_several(&it.old) || is_several(&it.new)) {
        return Unit::Round;
    }
    let starts = |report: &crate::model::Report| -> Vec<String> {
        report.merged_from.iter().map(|it| it.created_at.clone()).collect()
    };
    let (old, new) = (starts(matched.old), starts(matched.new));
    let is_whole = |it: &control::Timed<'_>| {
        (it.old.len(), it.new.len()) == (old.len(), new.len())
            && it.old.iter().chain(&it.new).all(|rounds| !rounds.is_empty())
    };
    if take_turns(&old, &new) && timed.iter().all(is_whole) { Unit::Pair } else { Unit::Process }
}

/// Whether each pair of processes had ended before the next one began.
fn take_turns(old: &[String], new: &[String]) -> bool {
    let first = |index: usize| old[index].as_str().min(new[index].as_str());
    let last = |index: usize| old[index].as_str().max(new[index].as_str());
    old.len() == new.len()
        && old.len() > 1
        && (1..old.len()).all(|index| last(index - 1) <= first(index))
        && first(0) < first(old.len() - 1)
}

/// One cell for each trace and strategy, the one with the smallest heap; or all of them. Floors and the peers that are
/// the same on both sides show what the machine did, and are not tested.
fn tested<'a, 'b>(timed: &'b [control::Timed<'a>], all_heaps: bool) -> Vec<&'b control::Timed<'a>> {
    let is_tested = |it: &&control::Timed<'_>| {
        it.pair.kind() != StrategyKind::Floor && !it.pair.is_untouched_peer()
    };
    let rank = |cell: &Cell| (cell.mode == Mode::Payload, cell.heap.bytes);
    if all_heaps {
        return timed.iter().filter(is_tested).collect();
    }
    let mut chosen: Vec<&control::Timed<'_>> = Vec::new();
    let mut known: HashMap<(&str, &str), usize> = HashMap::new();
    for it in timed.iter().filter(is_tested) {
        let (cell, next) = (it.pair.new, chosen.len());
        let index = *known.entry((&cell.trace, &cell.strategy)).or_insert(next);
        if index == next {
            chosen.push(it);
        } else if rank(cell) < rank(chosen[index].pair.new) {
            chosen[index] = it;
        }
    }
    chosen
}
