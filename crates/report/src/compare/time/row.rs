//! One row: the test, the interval, and what must hold for a verdict.

use crate::compare::units::{Unit, independent, without};
use crate::compare::{Confirmation, Verdict};
use crate::model::{Cell, Mode};
use crate::stats::{
    CONFIDENCE, Interval, holm, mann_whitney, median, median_difference, median_resampled,
    signed_rank,
};

use super::LEVEL;
use super::control::{Machine, Machines, Timed};

/// What a change in time is measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// Peers of one version, timed in the same rounds: their code is the same on both sides.
    Peers,
    /// The other strategies, timed in the same rounds.
    Neighbors,
    /// The clock alone.
    Clock,
}

impl Basis {
    /// The word for scripts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Peers => "peers",
            Self::Neighbors => "neighbors",
            Self::Clock => "clock",
        }
    }
}

/// The times of one cell on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeRow {
    /// The trace, as the new report names it.
    pub trace: String,
    /// The strategy.
    pub strategy: String,
    /// The heap.
    pub heap: String,
    /// Unit of sizes and addresses.
    pub granule_bytes: u64,
    /// Whether bytes stood behind the heap.
    pub is_payload: bool,
    /// Median in the old report, in ns per operation.
    pub old_ns: f64,
    /// Median in the new one.
    pub new_ns: f64,
    /// New over old, minus one, as the clock had it.
    pub change_ratio: f64,
    /// What [`TimeRow::relative_ratio`] is relative to.
    pub basis: Basis,
    /// New over old, minus one, without what the cells of the basis had in common.
    pub relative_ratio: f64,
    /// The ends of its interval.
    pub interval: Option<[f64; 2]>,
    /// Chance of such a difference without a cause, adjusted for all rows.
    pub p_adjusted: f64,
    /// Independent samples of the old side.
    pub old_samples: usize,
    /// Independent samples of the new side.
    pub new_samples: usize,
    /// What all that amounts to.
    pub verdict: Verdict,
    /// The same without the gate for a single process's luck: what a second look is worth, since that shows the luck.
    pub suspicion: Verdict,
    /// Whether the strategy is one under study, and no peer.
    pub is_ours: bool,
    /// What became of it when it was measured again; none where it was not.
    pub confirmation: Option<Confirmation>,
}

impl TimeRow {
    /// The verdict that counts: that of the second look, where there was one.
    pub fn outcome(&self) -> Verdict {
        self.confirmation.as_ref().map_or(self.verdict, |again| again.verdict)
    }

    /// Whether it is worth a second look.
    pub fn is_suspicious(&self) -> bool {
        matches!(self.suspicion, Verdict::Better | Verdict::Worse)
    }

    /// Whether a second look showed the same; none where there was none.
    pub fn is_confirmed(&self) -> Option<bool> {
        Some(self.confirmation.as_ref()?.verdict == self.suspicion)
    }
}

/// What a change must exceed, as logarithms.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gate {
    pub(super) threshold: f64,
    pub(super) noise: Option<f64>,
    /// Where one process a side was measured: what it may owe to luck.
    pub(super) luck: Option<f64>,
    pub(super) floors: Option<f64>,
}

impl Gate {
    fn of_difference(&self) -> f64 {
        self.threshold.max(self.noise.unwrap_or(0.0)).max(self.luck.unwrap_or(0.0))
    }

    /// What the clock alone must show: more than the floors did, whose code nobody touched.
    fn of_clock(&self) -> f64 {
        self.of_difference() + self.floors.unwrap_or(0.0)
    }
}

/// A test of one row on one basis.
struct Test {
    change: f64,
    p: f64,
    samples: [usize; 2],
    differences: Differences,
}

/// What the interval is drawn from.
enum Differences {
    /// Independent samples of both sides.
    Apart(Vec<f64>, Vec<f64>),
    /// One difference a pair.
    Paired(Vec<f64>),
}

impl Differences {
    /// Thousands of resamples, so only for who asks.
    fn interval(&self) -> Option<Interval> {
        match self {
            Self::Apart(old, new) => median_difference(old, new, CONFIDENCE),
            Self::Paired(pairs) => median_resampled(pairs, CONFIDENCE),
        }
    }
}

impl Test {
    fn new(old: &[Vec<f64>], new: &[Vec<f64>], unit: Unit) -> Self {
        let (old, new) = (independent(old, unit), independent(new, unit));
        let of = |samples: &[f64]| median(samples).unwrap_or(f64::NAN);
        let samples = [old.len(), new.len()];
        if unit == Unit::Pair {
            let pairs: Vec<f64> = old.iter().zip(&new).map(|(old, new)| new - old).collect();
            let p = signed_rank(&pairs).unwrap_or(1.0);
            let change = of(&pairs);
            return Self { change, p, samples, differences: Differences::Paired(pairs) };
        }
        Self {
            change: of(&new) - of(&old),
            p: mann_whitney(&old, &new).unwrap_or(1.0),
            samples,
            differences: Differences::Apart(old, new),
        }
    }
}

/// A test whose p-value has been adjusted for all rows.
struct Adjusted<'a> {
    test: &'a Test,
    p: f64,
    /// `None` as well where it decides nothing and nobody sees it.
    interval: Option<Interval>,
}

impl<'a> Adjusted<'a> {
    fn new(test: &'a Test, p: f64, is_shown: bool) -> Self {
        let is_wanted = is_shown || p < LEVEL;
        Self { test, p, interval: is_wanted.then(|| test.differences.interval()).flatten() }
    }

    /// Whether it is significant and its whole interval lies beyond the gate.
    fn verdict(&self, gate: f64) -> Verdict {
        match self.interval {
            Some(interval) if self.p < LEVEL && interval.lower > gate => Verdict::Worse,
            Some(interval) if self.p < LEVEL && interval.upper < -gate => Verdict::Better,
            _ => Verdict::Same,
        }
    }
}

/// Both tests of all rows: by the clock, and beside the neighbors where there are any.
pub(super) fn judge<'a>(
    tested: &[&Timed<'a>],
    timed: &[Timed<'a>],
    unit: Unit,
    gate: &Gate,
) -> Vec<TimeRow> {
    let by_clock: Vec<Test> = tested.iter().map(|it| Test::new(&it.old, &it.new, unit)).collect();
    let mut machines = Machines::new(timed);
    let beside: Vec<(Basis, Option<Test>)> = tested
        .iter()
        .map(|it| match machines.beside(it) {
            None => (Basis::Clock, None),
            Some(machine) => {
                let basis = if machine.is_untouched { Basis::Peers } else { Basis::Neighbors };
                (basis, Some(beside(it, &machine, unit)))
            }
        })
        .collect();
    let clock_p = holm(&by_clock.iter().map(|test| test.p).collect::<Vec<_>>());
    let p = |index: usize| beside[index].1.as_ref().map_or(by_clock[index].p, |test| test.p);
    let shown_p = holm(&(0..tested.len()).map(p).collect::<Vec<_>>());
    let without_luck = Gate { luck: None, ..*gate };
    (0..tested.len())
        .map(|index| {
            let (basis, relative) = (beside[index].0, beside[index].1.as_ref());
            let relative = relative.map(|test| Adjusted::new(test, shown_p[index], true));
            let clock = Adjusted::new(&by_clock[index], clock_p[index], relative.is_none());
            let both = Both { basis, clock, relative };
            let verdicts = [both.verdict(gate), both.verdict(&without_luck)];
            row(tested[index], &both, shown_p[index], verdicts)
        })
        .collect()
}

/// Both tests of a row, and what they amount to.
struct Both<'a> {
    basis: Basis,
    clock: Adjusted<'a>,
    relative: Option<Adjusted<'a>>,
}

impl Both<'_> {
    fn verdict(&self, gate: &Gate) -> Verdict {
        let of_clock = self.clock.verdict(gate.of_clock());
        match (self.basis, &self.relative) {
            (Basis::Peers, Some(relative)) => relative.verdict(gate.of_difference()),
            (Basis::Neighbors, Some(relative)) => {
                let verdict = relative.verdict(gate.of_difference());
                let verdict =
                    if agrees(self.clock.test, verdict, gate) { verdict } else { Verdict::Same };
                if verdict == Verdict::Same { of_clock } else { verdict }
            }
            _ => of_clock,
        }
    }
}

/// Whether the clock points the same way: a strategy whose neighbors became faster is not slower for that.
fn agrees(clock: &Test, verdict: Verdict, gate: &Gate) -> bool {
    match verdict {
        Verdict::Worse => clock.change > gate.threshold,
        Verdict::Better => clock.change < -gate.threshold,
        _ => true,
    }
}

fn beside(it: &Timed<'_>, machine: &Machine, unit: Unit) -> Test {
    Test::new(&without(&it.old, &machine.old), &without(&it.new, &machine.new), unit)
}

fn row(
    it: &Timed<'_>,
    both: &Both<'_>,
    p_adjusted: f64,
    [verdict, suspicion]: [Verdict; 2],
) -> TimeRow {
    let Adjusted { test, interval, .. } = both.relative.as_ref().unwrap_or(&both.clock);
    let median_ns =
        |cell: &Cell| cell.time.as_ref().map_or(f64::NAN, |time| time.median_ns_per_operation);
    TimeRow {
        trace: it.pair.new.trace.clone(),
        strategy: it.pair.new.strategy.clone(),
        heap: it.pair.new.heap.spec.clone(),
        granule_bytes: it.pair.new.granule_bytes,
        is_payload: it.pair.new.mode == Mode::Payload,
        old_ns: median_ns(it.pair.old),
        new_ns: median_ns(it.pair.new),
        change_ratio: it.change().unwrap_or(0.0).exp_m1(),
        basis: both.basis,
        relative_ratio: test.change.exp_m1(),
        interval: interval.map(|it| [it.lower.exp_m1(), it.upper.exp_m1()]),
        p_adjusted,
        old_samples: test.samples[0],
        new_samples: test.samples[1],
        verdict,
        suspicion,
        is_ours: it.pair.is_ours(),
        confirmation: None,
    }
}
