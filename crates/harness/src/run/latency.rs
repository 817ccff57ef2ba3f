//! The latency pass: the clock is read around each operation.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use heaplab_report::{Environment, Known, Latency, Mode};

use super::timer::{Missed, Timer};
use super::timing::Turn;
use super::{ALL_ENDS_PERCENT, Run};
use crate::plan::{LatencyPass, RunError};
use crate::progress::Phase;
use crate::splitmix::SplitMix;
use crate::timed::Latencies;

/// Replays of each cell whose latencies are joined; fewer where the budget is used up, but one for each.
const REPLAYS: u32 = 3;

/// A replay may take so long at least, even where nothing is left of the budget.
const SHORTEST_LIMIT: Duration = Duration::from_secs(2);

/// In a brief pass, what takes longer without a clock around each operation is left out.
const BRIEF_LIMIT: Duration = Duration::from_millis(100);

/// A clock around each operation may make a replay so many times as long.
const BRIEF_LIMIT_FACTOR: u32 = 8;

impl Run<'_> {
    /// Cells take turns as in the timed rounds. One that takes longer than its share has no latencies.
    pub(super) fn latency(&mut self, timer: &mut Timer) -> Result<(), RunError> {
        let mut turns = self.turns();
        self.progress.begin(Phase::Latency, u64::from(REPLAYS) * turns.len() as u64);
        let budget = self.budget(ALL_ENDS_PERCENT);
        let mut random = SplitMix::new(self.plan.order_seed);
        let mut longest_round = Duration::ZERO;
        for round in 0..REPLAYS {
            let started = Instant::now();
            if round > 0 && budget.left() < longest_round {
                break;
            }
            for turn in self.shuffled(&turns, &mut random) {
                if self.progress.interrupted() {
                    return Ok(());
                }
                let share = budget.left() / u32::try_from(turns.len()).unwrap_or(u32::MAX).max(1);
                if self.timing(turn).failure.is_some() {
                    continue;
                }
                timer.set_limit(budget.limited(share.max(SHORTEST_LIMIT)));
                timer.record_latencies();
                match (self.replay_timed(turn, timer), timer.take_latencies()) {
                    (Ok(_), Some(latencies)) => self.timing_mut(turn).keep(latencies),
                    (Ok(_), None) => {}
                    (Err(Missed::Late(_)), _) => turns.retain(|other| *other != turn),
                    (Err(missed), _) => {
                        self.fail_timed(turn, missed, timer)?;
                        turns.retain(|&turn| self.timing(turn).failure.is_none());
                    }
                }
            }
            longest_round = longest_round.max(started.elapsed());
        }
        Ok(())
    }

    /// One replay of each trace and contestant, in the largest heap in which it is timed: what the tails look like, at the
    /// cost of less than a round.
    pub(super) fn brief_latency(&mut self, timer: &mut Timer) -> Result<(), RunError> {
        let turns = self.brief_turns();
        self.progress.begin(Phase::Latency, turns.len() as u64);
        let budget = self.budget(ALL_ENDS_PERCENT);
        let mut random = SplitMix::new(self.plan.order_seed);
        timer.set_limit(BRIEF_LIMIT * BRIEF_LIMIT_FACTOR);
        for turn in self.shuffled(&turns, &mut random) {
            if budget.left().is_zero() || self.progress.interrupted() {
                break;
            }
            if self.timing(turn).failure.is_some() {
                continue;
            }
            timer.record_latencies();
            match (self.replay_timed(turn, timer), timer.take_latencies()) {
                (Ok(_), Some(latencies)) => self.timing_mut(turn).keep(latencies),
                (Ok(_), None) | (Err(Missed::Late(_)), _) => {}
                (Err(missed), _) => {
                    self.fail_timed(turn, missed, timer)?;
                }
            }
        }
        Ok(())
    }

    /// What is timed in the largest heap without bytes, but for what takes long.
    fn brief_turns(&self) -> Vec<Turn> {
        let mut largest: BTreeMap<(usize, usize), Turn> = BTreeMap::new();
        for turn in self.timeable() {
            let cell = &self.cells[turn.cell];
            if self.timing(turn).mode != Mode::Placement {
                continue;
            }
            let kept = largest.entry((cell.trace, cell.contestant)).or_insert(turn);
            if self.cells[kept.cell].heap_bytes < cell.heap_bytes {
                *kept = turn;
            }
        }
        let takes = |turn| match self.last_sample(turn) {
            Duration::ZERO => self.least_duration(turn),
            sample => sample,
        };
        largest.into_values().filter(|&turn| takes(turn) <= BRIEF_LIMIT).collect()
    }

    /// Whether operations were timed one by one, be it those of a single cell.
    pub(super) fn has_timed_singly(&self) -> bool {
        let mut timings = self.cells.iter().flat_map(|cell| &cell.timings);
        match self.plan.passes.latency {
            LatencyPass::Off => false,
            LatencyPass::Brief => timings.any(|timing| timing.latencies.is_some()),
            LatencyPass::Full => true,
        }
    }

    /// What a cell's latencies come to in the report. Those of a brief pass are many and of one replay each, so the
    /// quantiles stand for them.
    pub(super) fn latency_of(&self, latencies: &Latencies, clock_cost_ns: u64) -> Option<Latency> {
        let mut latency = latencies.to_report(clock_cost_ns)?;
        if self.plan.passes.latency == LatencyPass::Brief {
            latency.histogram = None;
        }
        Some(latency)
    }

    /// The cost of the clock that is taken off every latency, in ns: the median over all measurements between the
    /// operations of all cells.
    pub(super) fn clock_cost_ns(&self) -> Option<u64> {
        let latencies = self.cells.iter().flat_map(|cell| &cell.timings);
        let mut all: Option<hdrhistogram::Histogram<u64>> = None;
        for clock in latencies.filter_map(|it| it.latencies.as_ref()).map(Latencies::clock) {
            let all = all.get_or_insert_with(crate::timed::histogram);
            // Both histograms grow, so no value is out of range.
            let _ = all.add(clock);
        }
        all.filter(|it| !it.is_empty()).map(|it| it.value_at_quantile(0.5))
    }

    /// States what was taken off, where the latency pass has measured it.
    pub(super) fn state_clock(&self, environment: &mut Environment) {
        if let Some(cost) = self.clock_cost_ns().and_then(|ns| u32::try_from(ns).ok()) {
            environment.clock.cost_ns = Known::Value(f64::from(cost));
        }
    }
}
