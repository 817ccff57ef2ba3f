//! What the machine did between two measurements, as seen by what the change cannot have touched.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::compare::matching::Pair;
use crate::compare::units::{common, log_samples};
use crate::model::{Mode, StrategyKind};
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

/// What the machine did in each round, as the cells show that are measured beside one.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) old: Vec<Vec<f64>>,
    pub(super) new: Vec<Vec<f64>>,
    /// Whether the change cannot have touched the cells that show it.
    pub(super) is_untouched: bool,
}

/// Cells that were timed in the same rounds: one trace, measured in one way, by as many processes.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Way<'a> {
    trace: &'a str,
    mode: Mode,
    granule_bytes: u64,
    threads: u32,
    processes: [usize; 2],
}

impl<'a> Way<'a> {
    fn of(it: &Timed<'a>) -> Self {
        let cell = it.pair.new;
        Self {
            trace: &cell.trace,
            mode: cell.mode,
            granule_bytes: cell.granule_bytes,
            threads: cell.threads,
            processes: [it.old.len(), it.new.len()],
        }
    }
}

/// Who is measured: all cells of one strategy have the same neighbors. And in how many rounds each process did it.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Place<'a> {
    way: Way<'a>,
    strategy: &'a str,
    rounds: [Vec<usize>; 2],
}

/// Finds what the machine did beside each cell, once for all cells to which it is the same.
#[derive(Debug)]
pub(super) struct Machines<'b, 'a> {
    timed: HashMap<Way<'a>, Vec<&'b Timed<'a>>>,
    known: HashMap<Place<'a>, Option<Rc<Machine>>>,
}

/// Fewer neighbors would make one's own luck everybody's.
const FEWEST: usize = 2;

impl<'b, 'a> Machines<'b, 'a> {
    pub(super) fn new(all: &'b [Timed<'a>]) -> Self {
        let mut timed: HashMap<Way<'a>, Vec<&'b Timed<'a>>> = HashMap::new();
        for it in all {
            timed.entry(Way::of(it)).or_default().push(it);
        }
        Self { timed, known: HashMap::new() }
    }

    /// By the peers that are the same on both sides, if there are enough of them; else by the other strategies. None
    /// with too few.
    pub(super) fn beside(&mut self, it: &Timed<'a>) -> Option<Rc<Machine>> {
        let rounds = |side: &[Vec<f64>]| side.iter().map(Vec::len).collect();
        let place = Place {
            way: Way::of(it),
            strategy: &it.pair.new.strategy,
            rounds: [rounds(&it.old), rounds(&it.new)],
        };
        let timed = self.timed.get(&place.way).map(Vec::as_slice).unwrap_or_default();
        let found = |place: &Place<'a>| machine(place, timed).map(Rc::new);
        match self.known.entry(place) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(vacant) => {
                let machine = found(vacant.key());
                vacant.insert(machine).clone()
            }
        }
    }
}

fn machine(place: &Place<'_>, timed: &[&Timed<'_>]) -> Option<Machine> {
    let others = || timed.iter().filter(|it| it.pair.new.strategy != place.strategy).copied();
    let are_enough = |cells: &[&Timed<'_>]| {
        let names: HashSet<&str> = cells.iter().map(|it| it.pair.new.strategy.as_str()).collect();
        names.len() >= FEWEST
    };
    let peers: Vec<&Timed<'_>> = others().filter(|it| it.pair.is_untouched_peer()).collect();
    let is_untouched = are_enough(&peers);
    let cells = if is_untouched {
        peers
    } else {
        others().filter(|it| it.pair.kind() != StrategyKind::Floor).collect()
    };
    if !is_untouched && !are_enough(&cells) {
        return None;
    }
    let levels: Vec<f64> = cells.iter().map(|it| it.level()).collect();
    let old: Vec<&[Vec<f64>]> = cells.iter().map(|it| it.old.as_slice()).collect();
    let new: Vec<&[Vec<f64>]> = cells.iter().map(|it| it.new.as_slice()).collect();
    let [old_rounds, new_rounds] = &place.rounds;
    Some(Machine {
        old: common(old_rounds, &old, &levels),
        new: common(new_rounds, &new, &levels),
        is_untouched,
    })
}
