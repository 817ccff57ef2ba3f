//! Timed rounds, on the calling thread alone.

use std::time::{Duration, Instant};

use heaplab_report::{Status, stats};

use super::budget::Budget;
use super::{ALL_ENDS_PERCENT, Cell, Run};
use crate::plan::{Rounds, RunError};
use crate::progress::Phase;
use crate::splitmix::SplitMix;
use crate::timed::{TimedError, TimedRoom};

/// The most rounds that are counted where the plan leaves their number open.
const AUTO_ROUNDS: u32 = 12;

/// The rounds that shares are reckoned for; fewer only where the budget is used up.
const WANTED_ROUNDS: u32 = 3;

/// Fewer samples have no interval.
const ROUNDS_FOR_INTERVAL: u32 = 6;

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

impl Run<'_> {
    pub(super) fn throughput(&mut self) -> Result<(), RunError> {
        let mut timed: Vec<usize> =
            (0..self.cells.len()).filter(|&index| self.may_be_timed(&self.cells[index])).collect();
        let (counted, is_fixed) = match self.plan.rounds {
            Rounds::Auto => (AUTO_ROUNDS, false),
            Rounds::Fixed(rounds) => (rounds, true),
        };
        let warmup = self.plan.warmup_rounds;
        self.progress.begin(Phase::Throughput, u64::from(warmup + counted) * timed.len() as u64);
        let budget = self.budget(ALL_ENDS_PERCENT);
        let limit = budget.limited(budget.left() / (warmup + WANTED_ROUNDS)).max(QUICK);
        let expected = |run: &Self, index| run.replay_duration(index) / SPACE_OVER_TIMED;
        self.drop_slow(&mut timed, warmup + WANTED_ROUNDS, budget, &expected);
        let mut random = SplitMix::new(self.plan.order_seed);
        let mut room = TimedRoom::default();
        let mut longest_round = Duration::ZERO;
        for round in 0..warmup + counted {
            let started = Instant::now();
            let is_enough = self.rounds > 0 && budget.left() < longest_round;
            if timed.is_empty() || !is_fixed && (is_enough || self.is_settled(&timed)) {
                break;
            }
            let must_end = (self.rounds > 0 && !is_fixed).then_some(budget);
            room.set_limit(limit * if round == 0 { 1 } else { LATER_LIMIT_FACTOR });
            if !self.round(&mut timed, must_end, &mut random, &mut room)? {
                // A round that was broken off counts for nobody: samples are compared round by round.
                break;
            }
            if round == 0 {
                self.drop_slow(&mut timed, WANTED_ROUNDS, budget, &Self::last_sample);
            }
            self.rounds += 1;
            if round < warmup {
                self.rounds = 0;
                timed.iter().for_each(|&index| self.cells[index].samples_ns.clear());
            }
            longest_round = longest_round.max(started.elapsed());
        }
        for cell in &mut self.cells {
            cell.samples_ns.truncate(self.rounds as usize);
        }
        Ok(())
    }

    fn may_be_timed(&self, cell: &Cell) -> bool {
        let is_trusted =
            self.is_floor(cell) || !self.plan.passes.verify || cell.verified == Some(true);
        cell.is_timed && cell.is_ok() && is_trusted && self.workloads[cell.trace].operations() > 0
    }

    /// Lets cells go until so many rounds fit into what is left, those that cost most first; but no floor, and none
    /// that takes no more than an equal part.
    fn drop_slow(
        &mut self,
        timed: &mut Vec<usize>,
        rounds: u32,
        budget: Budget,
        cost: &dyn Fn(&Self, usize) -> Duration,
    ) {
        let round = budget.left() / rounds;
        let equal = (round / u32::try_from(timed.len()).unwrap_or(u32::MAX).max(1)).max(QUICK);
        let mut costs: Vec<(Duration, usize)> =
            timed.iter().map(|&index| (cost(self, index), index)).collect();
        costs.sort_unstable_by(|one, other| other.cmp(one));
        let mut sum: Duration = costs.iter().map(|&(cost, _)| cost).sum();
        for (cost, index) in costs {
            let is_beyond = sum > round && cost > equal || cost > budget.limited(cost);
            if is_beyond && !self.is_floor(&self.cells[index]) {
                sum -= cost;
                self.time_out(index, cost);
                timed.retain(|&other| other != index);
            }
        }
    }

    fn last_sample(&self, index: usize) -> Duration {
        self.cells[index].samples_ns.last().map_or(Duration::ZERO, |&ns| Duration::from_nanos(ns))
    }

    fn time_out(&mut self, index: usize, cost: Duration) {
        let text = format!("untimed: one replay takes {cost:.1?}, longer than its share of time");
        self.cells[index].fail(Status::Timeout, text);
    }

    /// Times every cell once, in a new order; `false` if the run was interrupted, or `must_end` is used up.
    ///
    /// The cells of a trace stand next to each other, so that all of them meet its operations equally warm.
    fn round(
        &mut self,
        timed: &mut Vec<usize>,
        must_end: Option<Budget>,
        random: &mut SplitMix,
        room: &mut TimedRoom,
    ) -> Result<bool, RunError> {
        let mut traces: Vec<usize> = (0..self.workloads.len()).collect();
        random.shuffle(&mut traces);
        let mut slow = Vec::new();
        for trace in traces {
            let mut cells: Vec<usize> =
                timed.iter().copied().filter(|&index| self.cells[index].trace == trace).collect();
            random.shuffle(&mut cells);
            for index in cells {
                let is_over = must_end.is_some_and(|budget| budget.left().is_zero());
                if is_over || self.progress.interrupted() {
                    return Ok(false);
                }
                self.progress.doing(&self.id(&self.cells[index]));
                if !self.sample(index, room)? {
                    slow.push(index);
                }
                self.progress.advance(1);
            }
        }
        timed.retain(|index| !slow.contains(index));
        Ok(true)
    }

    /// Times one cell once; `false` if it is not to be timed any more.
    fn sample(&mut self, index: usize, room: &mut TimedRoom) -> Result<bool, RunError> {
        let cell = &self.cells[index];
        let contestant = &self.contestants[cell.contestant];
        let source = self.workloads[cell.trace].source.as_ref();
        match (contestant.time)(source, cell.heap_bytes, &contestant.config, room) {
            Ok(ns) => {
                self.cells[index].samples_ns.push(ns);
                Ok(true)
            }
            Err(TimedError::Late { duration }) => {
                self.time_out(index, duration);
                Ok(false)
            }
            Err(TimedError::Trace(error)) => Err(RunError::Trace(error)),
            Err(TimedError::Panicked(message)) => {
                self.cells[index].fail(Status::Crashed, message);
                Ok(false)
            }
            Err(error) => {
                let text = format!("a timed replay went another way than the one before: {error}");
                self.cells[index].fail(Status::Invalid, text);
                Ok(false)
            }
        }
    }

    /// Whether more rounds would not narrow much any more.
    fn is_settled(&self, timed: &[usize]) -> bool {
        if self.rounds < ROUNDS_FOR_INTERVAL {
            return false;
        }
        let narrow =
            timed.iter().filter(|&&index| is_narrow(&self.cells[index].samples_ns)).count();
        narrow * 100 >= timed.len() * NARROW_CELLS_PERCENT
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
mod tests {
    use std::sync::Arc;

    use heaplab_core::Registry;
    use heaplab_trace::{Operation, Trace, TraceInfo};

    use super::*;
    use crate::floor::{Bump, Null};
    use crate::{Plan, TraceInput};

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// The floors of one trace in ten heaps, without the unlimited one, and what each is said to cost.
    fn left_over(
        costs: [Duration; 10],
        cell_timeout: Option<Duration>,
        as_floors: bool,
    ) -> Vec<usize> {
        let operations = vec![Operation::Allocate { slot: 0, size: 1, align: 1 }];
        let source = Arc::new(Trace::from_operations(TraceInfo::named("t"), operations).unwrap());
        let mut plan = Plan::new(vec![TraceInput { name: "t".into(), source, question: None }]);
        plan.timed_heaps = (1..=5).map(|heap| format!("{heap}x").parse().unwrap()).collect();
        plan.heaps = plan.timed_heaps.clone();
        let registry = Registry::new().with::<Null>("one").with::<Bump>("other");
        plan.floors = false;
        let mut run = Run::prepare(&registry, &plan, &()).unwrap();
        if !as_floors {
            run.contestants
                .iter_mut()
                .for_each(|it| it.capabilities.kind = heaplab_core::Kind::Peer);
        }
        let mut timed: Vec<usize> =
            (0..run.cells.len()).filter(|&index| run.cells[index].is_timed).collect();
        let places = timed.clone();
        let place = |index: usize| places.iter().position(|&other| other == index).unwrap();
        let end = Instant::now() + seconds(1_000);
        let budget = Budget::new(end, end, cell_timeout);
        run.drop_slow(&mut timed, 10, budget, &|_, index| costs[place(index)]);
        timed.into_iter().map(place).collect()
    }

    #[test]
    fn the_slowest_cells_are_let_go_until_the_rest_fits() {
        // Ten rounds of 100 s each hold all of these, however unequal they are.
        let mut costs = [seconds(1); 10];
        costs[3] = seconds(80);
        assert_eq!(left_over(costs, None, false).len(), 10);
        costs[5] = seconds(50);
        assert_eq!(left_over(costs, None, false), [0, 1, 2, 4, 5, 6, 7, 8, 9]);
        // A cell that takes less than an equal part stays, whatever the others do.
        costs = [seconds(1_000); 10];
        costs[7] = seconds(9);
        assert_eq!(left_over(costs, None, false), [7]);
    }

    #[test]
    fn floors_are_never_let_go_and_cells_beyond_the_timeout_always() {
        assert_eq!(left_over([seconds(1_000); 10], None, true).len(), 10);
        let mut costs = [seconds(1); 10];
        costs[0] = seconds(3);
        assert_eq!(left_over(costs, Some(seconds(2)), false).len(), 9);
    }
}
