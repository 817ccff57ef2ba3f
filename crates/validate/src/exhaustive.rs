//! How far exhaustive searches go, and what stops them.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How far the searches of cases 2 and 3 go when they are asked to go further than the published tables.
#[derive(Clone, Debug)]
pub struct Exhaustive {
    /// Live words at most, from 4 to [`Exhaustive::MOST_LIVE`].
    pub max_live: u64,
    /// Words of the largest block, from 2 to [`Exhaustive::LARGEST`].
    pub max_size: u64,
    /// States that one search may hold, each of about 50 bytes; beyond them it gives up.
    pub max_states: usize,
    /// Time for each of the two cases; `None` for as long as it takes.
    pub budget: Option<Duration>,
    /// Who hears of each step.
    pub watch: Option<Watch>,
}

impl Exhaustive {
    /// The most live words that a search can be asked for: layouts have 32 cells.
    pub const MOST_LIVE: u64 = 16;
    /// The largest block that a search can be asked for.
    pub const LARGEST: u64 = 16;
}

impl Default for Exhaustive {
    /// The published tables: up to 9 live words, blocks of up to 6, about half a gigabyte.
    fn default() -> Self {
        Self { max_live: 9, max_size: 6, max_states: 10_000_000, budget: None, watch: None }
    }
}

/// Hears what a search is at, and says whether it is to go on.
#[derive(Clone)]
pub struct Watch(Rc<dyn Fn(&str) -> bool>);

impl Watch {
    /// Calls `hear` several times a second with what is being searched.
    pub fn new(hear: impl Fn(&str) -> bool + 'static) -> Self {
        Self(Rc::new(hear))
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

/// Why a search did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Halt {
    #[error("the time given is used up")]
    Time,
    #[error("more than {0} states")]
    States(usize),
    #[error("the layouts do not fit the {0} words that a search can hold")]
    Words(u64),
    #[error("interrupted")]
    Interrupted,
    /// The strategy is at fault.
    #[error("{0}")]
    Broken(String),
}

impl Halt {
    /// Whether nothing larger need be tried either, by anybody.
    pub(crate) const fn is_final(&self) -> bool {
        matches!(self, Self::Time | Self::Interrupted)
    }
}

/// How often a search looks at the clock, in states.
const LOOK_EVERY: usize = 2_048;

/// Counts states and time of the searches of one case.
pub(crate) struct Meter<'a> {
    limits: &'a Exhaustive,
    deadline: Option<Instant>,
    looks: Cell<usize>,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(limits: &'a Exhaustive) -> Self {
        let deadline = limits.budget.and_then(|budget| Instant::now().checked_add(budget));
        Self { limits, deadline, looks: Cell::new(0) }
    }

    /// Whether a search that is at `what` and holds so many states may go on.
    pub(crate) fn check(&self, states: usize, what: &dyn Fn() -> String) -> Result<(), Halt> {
        if states > self.limits.max_states {
            return Err(Halt::States(self.limits.max_states));
        }
        let looks = self.looks.get();
        self.looks.set(looks.wrapping_add(1));
        if !looks.is_multiple_of(LOOK_EVERY) {
            return Ok(());
        }
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(Halt::Time);
        }
        match &self.limits.watch {
            Some(Watch(hear)) if !hear(&what()) => Err(Halt::Interrupted),
            _ => Ok(()),
        }
    }
}
