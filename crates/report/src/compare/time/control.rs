//! What the machine did between two measurements, as seen by what the change cannot have touched.

use crate::compare::matching::Pair;
use crate::compare::units::log_samples;
use crate::model::StrategyKind;
use crate::stats::median;

/// A cell that was timed on both sides.
#[derive(Debug)]
pub(super) struct Timed<'a> {
    pub(super) pair: &'a Pair<'a>,
    /// Logarithms of the samples, by process.
    pub(super) old: Vec<Vec<f64>>,
    pub(super) new: Vec<Vec<f64>>,
}

impl<'a> Timed<'a> {
    pub(super) fn new(pair: &'a Pair<'a>) -> Option<Self> {
        let (old, new) = (pair.old.time.as_ref()?, pair.new.time.as_ref()?);
        let timed = Self { pair, old: log_samples(old), new: log_samples(new) };
        (timed.old_median().is_some() && timed.new_median().is_some()).then_some(timed)
    }

    /// Median over all rounds, as a logarithm.
    pub(super) fn old_median(&self) -> Option<f64> {
        median(&self.old.concat())
    }

    pub(super) fn new_median(&self) -> Option<f64> {
        median(&self.new.concat())
    }

    /// The logarithm of new over old.
    pub(super) fn change(&self) -> Option<f64> {
        self.old_median().zip(self.new_median()).map(|(old, new)| new - old)
    }

    /// Its usual level, whatever side it is measured on.
    pub(super) fn level(&self) -> f64 {
        self.old_median().zip(self.new_median()).map_or(0.0, |(old, new)| f64::midpoint(old, new))
    }
}

/// How the floors changed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Floors {
    /// The median change, a logarithm.
    pub(super) middle: f64,
    /// The largest one in either direction, without sign.
    pub(super) largest: f64,
}

/// None without floors.
pub(super) fn floors(timed: &[Timed<'_>]) -> Option<Floors> {
    let changes: Vec<f64> = timed
        .iter()
        .filter(|it| it.pair.kind() == StrategyKind::Floor)
        .filter_map(Timed::change)
        .collect();
    let largest = changes.iter().map(|change| change.abs()).reduce(f64::max)?;
    Some(Floors { middle: median(&changes)?, largest })
}

/// What `it` is measured beside: cells of the same trace, timed in the same rounds.
#[derive(Debug)]
pub(super) struct Neighbors<'b, 'a> {
    pub(super) cells: Vec<&'b Timed<'a>>,
    /// Whether the change cannot have touched them.
    pub(super) are_untouched: bool,
}

/// Fewer of them would make one's own luck everybody's.
const FEWEST: usize = 2;

impl<'b, 'a> Neighbors<'b, 'a> {
    /// Peers that are the same on both sides, if there are enough; else the other strategies. None with too few.
    pub(super) fn of(it: &Timed<'_>, timed: &'b [Timed<'a>]) -> Option<Self> {
        let same = |other: &&Timed<'_>| {
            let (one, two) = (it.pair.new, other.pair.new);
            (&one.trace, one.mode, one.granule_bytes, one.threads)
                == (&two.trace, two.mode, two.granule_bytes, two.threads)
                && one.strategy != two.strategy
                && (it.old.len(), it.new.len()) == (other.old.len(), other.new.len())
        };
        let count = |cells: &[&Timed<'_>]| {
            let mut names: Vec<&str> =
                cells.iter().map(|it| it.pair.new.strategy.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            names.len()
        };
        let peers: Vec<&Timed<'_>> =
            timed.iter().filter(same).filter(|it| it.pair.is_untouched_peer()).collect();
        if count(&peers) >= FEWEST {
            return Some(Self { cells: peers, are_untouched: true });
        }
        let others: Vec<&Timed<'_>> =
            timed.iter().filter(same).filter(|it| it.pair.kind() != StrategyKind::Floor).collect();
        (count(&others) >= FEWEST).then_some(Self { cells: others, are_untouched: false })
    }
}
