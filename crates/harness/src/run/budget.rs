//! How the time of a run is shared out.

use std::time::{Duration, Instant};

/// A first try may take so many times what would be left for each if all remaining ones took equally long: most take
/// far less, and what they leave is there for the others.
const FIRST_TRY_FACTOR: u32 = 4;

/// The bounds of a first try. A cell that is quick on an idle machine is still done within the lower one on a busy
/// one; a cell that needs more than the upper one can wait until all quick ones are done.
const SHORTEST_FIRST_TRY: Duration = Duration::from_millis(100);
const LONGEST_FIRST_TRY: Duration = Duration::from_millis(500);

/// The lower bound once the whole run should have ended.
const SHORTEST_TRY: Duration = Duration::from_millis(20);

/// A later try gets at most so many times what the one before had, so that what the first of the slow cells take is
/// in proportion to what they need, and all tries before the last cost a third of it.
const LATER_TRY_FACTOR: u32 = 4;

/// The time of one phase.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    end: Instant,
    /// When the whole run should have ended.
    run_end: Instant,
    cell_timeout: Option<Duration>,
}

impl Budget {
    pub(super) const fn new(
        end: Instant,
        run_end: Instant,
        cell_timeout: Option<Duration>,
    ) -> Self {
        Self { end, run_end, cell_timeout }
    }

    /// What is left until the phase should end.
    pub(super) fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    /// What each of `remaining` cells may take if all take as long as they may, when `jobs` of them run at once.
    fn fair(&self, remaining: usize, jobs: usize) -> Duration {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).max(1);
        self.left() / count(remaining) * count(jobs).min(count(remaining))
    }

    /// What the next of `remaining` cells that have not been tried yet may take.
    pub(super) fn first_try(&self, remaining: usize, jobs: usize) -> Duration {
        let is_over = Instant::now() >= self.run_end;
        let shortest = if is_over { SHORTEST_TRY } else { SHORTEST_FIRST_TRY };
        let share = self.fair(remaining, jobs).saturating_mul(FIRST_TRY_FACTOR);
        self.limited(share.min(LONGEST_FIRST_TRY).max(shortest))
    }

    /// What each of `remaining` cells may take that have been tried for `had` in vain; `None` where another try
    /// would be hardly longer.
    pub(super) fn later_try(
        &self,
        had: Duration,
        remaining: usize,
        jobs: usize,
    ) -> Option<Duration> {
        let share = self.fair(remaining, jobs).min(had.saturating_mul(LATER_TRY_FACTOR));
        let share = self.limited(share);
        (share >= had + had / 2).then_some(share)
    }

    /// The share, or what the user grants a cell where that is less.
    pub(super) fn limited(&self, share: Duration) -> Duration {
        self.cell_timeout.map_or(share, |timeout| share.min(timeout))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn budget(left: Duration, cell_timeout: Option<Duration>) -> Budget {
        let now = Instant::now();
        Budget::new(now + left, now + left + Duration::from_secs(3_600), cell_timeout)
    }

    #[test]
    fn first_tries_are_a_multiple_of_the_fair_share_within_bounds() {
        let plenty = budget(Duration::from_secs(3_600), None);
        assert_eq!(plenty.first_try(10, 2), LONGEST_FIRST_TRY);
        // 3,600 s for 72,000 cells are 50 ms each.
        let share = plenty.first_try(72_000, 1);
        assert!(ms(190) < share && share <= ms(200), "{share:?}");
        assert_eq!(plenty.first_try(10_000_000, 2), SHORTEST_FIRST_TRY);
        assert_eq!(budget(Duration::ZERO, None).first_try(5, 2), SHORTEST_FIRST_TRY);
        let now = Instant::now();
        assert_eq!(Budget::new(now, now, None).first_try(5, 2), SHORTEST_TRY);
        assert_eq!(budget(ms(1), Some(ms(5))).first_try(1, 1), ms(5));
    }

    #[test]
    fn later_tries_grow_until_nothing_is_left_for_them() {
        let budget = budget(Duration::from_secs(3_600), None);
        assert_eq!(budget.later_try(ms(500), 100, 2), Some(ms(2_000)));
        // 3,600 s for 1,000 cells two at a time are 7.2 s each.
        let last = budget.later_try(ms(4_000), 1_000, 2).unwrap();
        assert!(ms(7_000) < last && last <= ms(7_200), "{last:?}");
        assert_eq!(budget.later_try(ms(6_000), 1_000, 2), None);
    }

    #[test]
    fn no_try_is_longer_than_what_is_left_or_granted() {
        let alone = budget(Duration::from_secs(10), None).later_try(ms(9_000), 1, 4);
        assert_eq!(alone, None);
        let short = budget(Duration::from_secs(10), None).later_try(ms(5_000), 1, 4).unwrap();
        assert!(short <= Duration::from_secs(10));
        let granted = budget(Duration::from_secs(3_600), Some(ms(700)));
        assert_eq!(granted.later_try(ms(400), 1, 1), Some(ms(700)));
        assert_eq!(granted.later_try(ms(700), 1, 1), None);
    }
}
