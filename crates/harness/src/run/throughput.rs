//! Timed rounds, on the calling thread alone.

use std::time::{Duration, Instant};

use heaplab_core::Kind;
use heaplab_report::{Mode, Status, stats};

use super::budget::Budget;
use super::timer::Timer;
use super::timing::{Timing, Turn};
use super::{
    ALL_ENDS_PERCENT, Cell, ROUNDS_END_BEFORE_BRIEF_LATENCY_PERCENT,
    ROUNDS_END_BEFORE_LATENCY_PERCENT, Run,
};
use crate::plan::{LatencyPass, Rounds, RunError};
use crate::progress::Phase;
use crate::splitmix::SplitMix;

/// The most rounds that are counted where the plan leaves their number open.
const AUTO_ROUNDS: u32 = 50;

/// Fewer samples have no interval.
const ROUNDS_FOR_INTERVAL: u32 = 6;

/// The rounds that shares are reckoned for, one of them for what a round takes beside its replays: a few slow cells must
/// not cost all others their intervals. Fewer only where the budget is used up.
const WANTED_ROUNDS: u32 = ROUNDS_FOR_INTERVAL + 1;

/// Rounds end early once so large a part of the cells has an interval narrower than [`NARROW_RATIO`] of its median.
const NARROW_CELLS_PERCENT: usize = 90;
const NARROW_RATIO: f64 = 0.02;

/// A space pass takes at least so many times what a timed replay takes: it hashes and keeps figures, and shares the
/// processor with others. Reckoning with the least lets cells go only that have no chance; the first round tells more.
const SPACE_OVER_TIMED: u32 = 2;

/// No cell is let go that takes less, however little time there is.
const QUICK: Duration = Duration::from_millis(20);

/// After the first round a replay may take so many times what it might take there: it has shown that it takes less,
/// and a busy machine is no reason to let it go.
const LATER_LIMIT_FACTOR: u32 = 4;

/// How a round, or all of them, came to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// As it should.
    Orderly,
    /// The run was interrupted, or its time is used up.
    BrokenOff,
    /// Somebody took the process of the timed replays along.
    Lost,
}

impl Run<'_> {
    /// Rounds of everything that may be timed. All times are of one process: where that is lost, the rounds of the others
    /// begin anew in the next.
    pub(super) fn throughput(&mut self, timer: &mut Timer) -> Result<(), RunError> {
        let turns = self.turns();
        loop {
            let started = Instant::now();
            let timed = turns.iter().copied().filter(|&turn| self.timing(turn).failure.is_none());
            let timed = timed.collect();
            if self.rounds(timed, timer)? != Ended::Lost {
                break;
            }
            self.spoiled += started.elapsed();
            self.rounds = 0;
            self.cells.iter_mut().for_each(Cell::forget_samples);
        }
        for timing in self.cells.iter_mut().flat_map(|cell| &mut cell.timings) {
            timing.samples_ns.truncate(self.rounds as usize);
            timing.control_ns.truncate(self.rounds as usize);
        }
        Ok(())
    }

    /// Rounds for as long as none is lost.
    fn rounds(&mut self, mut timed: Vec<Turn>, timer: &mut Timer) -> Result<Ended, RunError> {
        let (counted, is_fixed) = match self.plan.rounds {
            Rounds::Auto => (AUTO_ROUNDS, false),
            Rounds::Fixed(rounds) => (rounds, true),
        };
        let warmup = self.plan.warmup_rounds;
        let budget = self.budget(self.rounds_end_percent());
        let limit = budget.limited(budget.left() / (warmup + WANTED_ROUNDS)).max(QUICK);
        self.drop_slow(&mut timed, warmup + WANTED_ROUNDS, budget, &Self::least_duration);
        timed.extend(self.controls(&timed));
        timed.sort_unstable();
        self.progress.begin(Phase::Throughput, u64::from(warmup + counted) * timed.len() as u64);
        let mut random = SplitMix::new(self.plan.order_seed);
        let mut longest_round = Duration::ZERO;
        for round in 0..warmup + counted {
            let started = Instant::now();
            let is_enough = self.rounds > 0 && budget.left() < longest_round;
            if timed.is_empty() || !is_fixed && (is_enough || self.is_settled(&timed)) {
                break;
            }
            let must_end = (self.rounds > 0 && !is_fixed).then_some(budget);
            timer.set_limit(limit * if round == 0 { 1 } else { LATER_LIMIT_FACTOR });
            let ended = self.round(&mut timed, must_end, &mut random, timer)?;
            if ended != Ended::Orderly {
                // A round that was broken off counts for nobody: samples are compared round by round.
                return Ok(ended);
            }
            if round == 0 {
                self.drop_slow(&mut timed, WANTED_ROUNDS, budget, &Self::last_sample);
            }
            self.rounds += 1;
            if round < warmup {
                self.rounds = 0;
                timed.iter().for_each(|&turn| self.samples(turn).clear());
            }
            longest_round = longest_round.max(started.elapsed());
        }
        Ok(Ended::Orderly)
    }

    const fn rounds_end_percent(&self) -> u32 {
        match self.plan.passes.latency {
            LatencyPass::Off => ALL_ENDS_PERCENT,
            LatencyPass::Brief => ROUNDS_END_BEFORE_BRIEF_LATENCY_PERCENT,
            LatencyPass::Full => ROUNDS_END_BEFORE_LATENCY_PERCENT,
        }
    }

    /// Everything that may be timed, each once, in the order of the report; for want of memory some may not.
    pub(super) fn turns(&mut self) -> Vec<Turn> {
        let (turns, too_large): (Vec<Turn>, Vec<Turn>) =
            self.verified_turns().into_iter().partition(|&turn| self.has_memory_for(turn));
        for turn in too_large {
            let text = "no memory for the bytes behind the heap, so it is not timed with payload";
            self.warnings.add("no_payload", text, vec![self.id_of(turn)]);
        }
        turns
    }

    /// The same, without a word of those that are left out.
    pub(super) fn timeable(&self) -> Vec<Turn> {
        self.verified_turns().into_iter().filter(|&turn| self.has_memory_for(turn)).collect()
    }

    fn verified_turns(&self) -> Vec<Turn> {
        let of = |(cell, it): (usize, &Cell)| {
            (0..it.timings.len()).map(move |timing| Turn { cell, timing, is_control: false })
        };
        let turns = self.cells.iter().enumerate().flat_map(of);
        turns.filter(|&turn| self.may_be_timed(turn)).collect()
    }

    fn has_memory_for(&self, turn: Turn) -> bool {
        self.timing(turn).mode != Mode::Payload
            || self.cells[turn.cell].heap_bytes <= self.payload_limit_bytes
    }

    fn may_be_timed(&self, turn: Turn) -> bool {
        let cell = &self.cells[turn.cell];
        // What owns its memory cannot be verified in ours.
        let is_trusted = self.is_floor(cell)
            || !self.is_confined(cell)
            || !self.plan.passes.verify
            || cell.verified == Some(true);
        let has_operations = self.workloads[cell.trace].operations() > 0;
        cell.is_ok() && is_trusted && has_operations && self.timing(turn).failure.is_none()
    }

    pub(super) fn timing(&self, turn: Turn) -> &Timing {
        &self.cells[turn.cell].timings[turn.timing]
    }

    pub(super) fn timing_mut(&mut self, turn: Turn) -> &mut Timing {
        &mut self.cells[turn.cell].timings[turn.timing]
    }

    fn samples(&mut self, turn: Turn) -> &mut Vec<u64> {
        self.timing_mut(turn).samples(turn.is_control)
    }

    pub(super) fn id_of(&self, turn: Turn) -> String {
        self.id_in(&self.cells[turn.cell], self.timing(turn).mode)
    }

    /// Lets cells go until so many rounds fit into what is left, those that cost most first; but no floor, and none
    /// that takes no more than an equal part.
    fn drop_slow(
        &mut self,
        timed: &mut Vec<Turn>,
        rounds: u32,
        budget: Budget,
        cost: &dyn Fn(&Self, Turn) -> Duration,
    ) {
        let round = budget.left() / rounds;
        let equal = (round / u32::try_from(timed.len()).unwrap_or(u32::MAX).max(1)).max(QUICK);
        let mut costs: Vec<(Duration, Turn)> =
            timed.iter().map(|&turn| (cost(self, turn), turn)).collect();
        costs.sort_unstable_by(|one, other| other.cmp(one));
        let mut sum: Duration = costs.iter().map(|&(cost, _)| cost).sum();
        for (cost, turn) in costs {
            let is_beyond = sum > round && cost > equal || cost > budget.limited(cost);
            if is_beyond && !self.is_floor(&self.cells[turn.cell]) && timed.contains(&turn) {
                sum -= cost;
                self.time_out(turn, cost);
                // A second listing says nothing without the first.
                timed.retain(|other| (other.cell, other.timing) != (turn.cell, turn.timing));
            }
        }
    }

    /// What a timed replay takes at least, as far as the space pass can tell.
    pub(super) fn least_duration(&self, turn: Turn) -> Duration {
        self.replay_duration(turn.cell) / SPACE_OVER_TIMED
    }

    pub(super) fn last_sample(&self, turn: Turn) -> Duration {
        let timing = self.timing(turn);
        let samples = if turn.is_control { &timing.control_ns } else { &timing.samples_ns };
        samples.last().map_or(Duration::ZERO, |&ns| Duration::from_nanos(ns))
    }

    pub(super) fn time_out(&mut self, turn: Turn, cost: Duration) {
        let text = format!("untimed: one replay takes {cost:.1?}, longer than its share of time");
        self.timing_mut(turn).fail(Status::Timeout, text);
    }

    /// Times every cell once, in a new order, unless the run is interrupted or `must_end` is used up.
    fn round(
        &mut self,
        timed: &mut Vec<Turn>,
        must_end: Option<Budget>,
        random: &mut SplitMix,
        timer: &mut Timer,
    ) -> Result<Ended, RunError> {
        for turn in self.shuffled(timed, random) {
            let is_over = must_end.is_some_and(|budget| budget.left().is_zero());
            if is_over || self.progress.interrupted() {
                return Ok(Ended::BrokenOff);
            }
            if self.timing(turn).failure.is_some() {
                // Its other listing failed in this round.
                continue;
            }
            match self.replay_timed(turn, timer) {
                Ok(ns) => self.samples(turn).push(ns),
                Err(missed) => {
                    if self.fail_timed(turn, missed, timer)? {
                        return Ok(Ended::Lost);
                    }
                    timed.retain(|other| (other.cell, other.timing) != (turn.cell, turn.timing));
                }
            }
        }
        Ok(Ended::Orderly)
    }

    /// The turns of a round: the traces in a new order, and the cells of a trace in a new order next to each other,
    /// so that all of them meet its operations equally warm.
    pub(super) fn shuffled(&self, turns: &[Turn], random: &mut SplitMix) -> Vec<Turn> {
        let mut traces: Vec<usize> = (0..self.workloads.len()).collect();
        random.shuffle(&mut traces);
        let mut shuffled = Vec::with_capacity(turns.len());
        for trace in traces {
            let of_trace = |turn: &Turn| self.cells[turn.cell].trace == trace;
            let mut of_trace: Vec<Turn> = turns.iter().copied().filter(of_trace).collect();
            random.shuffle(&mut of_trace);
            shuffled.extend(of_trace);
        }
        shuffled
    }

    /// Whether more rounds would not narrow much any more.
    fn is_settled(&self, timed: &[Turn]) -> bool {
        if self.rounds < ROUNDS_FOR_INTERVAL {
            return false;
        }
        let is_narrow = |turn: &&Turn| is_narrow(&self.timing(**turn).samples_ns);
        timed.iter().filter(is_narrow).count() * 100 >= timed.len() * NARROW_CELLS_PERCENT
    }

    /// Whether the contestant of a turn is one of the strategies under study.
    pub(super) fn is_strategy(&self, turn: Turn) -> bool {
        let contestant = self.cells[turn.cell].contestant;
        self.contestants[contestant].capabilities.kind == Kind::Strategy
    }
}

fn is_narrow(samples_ns: &[u64]) -> bool {
    let samples = to_f64(samples_ns);
    let (median, interval) =
        (stats::median(&samples), stats::median_interval(&samples, stats::CONFIDENCE));
    match (median, interval) {
        (Some(median), Some(interval)) => interval.upper - interval.lower < median * NARROW_RATIO,
        _ => false,
    }
}

/// Samples as the statistics take them.
#[expect(clippy::cast_precision_loss, reason = "no sample lasts 2^53 ns, which is 104 days")]
pub(super) fn to_f64(samples_ns: &[u64]) -> Vec<f64> {
    samples_ns.iter().map(|&ns| ns as f64).collect()
}

#[cfg(test)]
mod tests;
