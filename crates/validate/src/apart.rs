//! Strategies that may abort or hang, judged somewhere else.

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use crate::Case;
use crate::contestants::Contestant;
use crate::result::{Check, Obstacle};

/// What is asked of somebody else.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Question<'a> {
    /// The case.
    pub case: &'static Case,
    /// The name of the strategy that is to be judged; two with a comma between them where a case holds two against each
    /// other.
    pub strategy: &'a str,
    /// The time that a search may take which goes beyond what is published; `None` for all other cases, and where there
    /// is no limit.
    pub budget: Option<Duration>,
}

type Judge = dyn Fn(&Question<'_>) -> Result<Vec<Check>, Obstacle>;

/// Has a strategy judged where its end is not ours.
#[derive(Clone)]
pub struct Apart {
    judge: Rc<Judge>,
    is_for_everybody: bool,
}

impl Apart {
    /// Calls `judge`, which returns what [`judge`](crate::judge()) found there, or what became of whoever was to find it.
    pub fn new(judge: impl Fn(&Question<'_>) -> Result<Vec<Check>, Obstacle> + 'static) -> Self {
        Self { judge: Rc::new(judge), is_for_everybody: false }
    }

    /// Not only for those that may abort or hang by what they declare, but for all.
    #[must_use]
    pub fn for_everybody(self) -> Self {
        Self { is_for_everybody: true, ..self }
    }

    /// Whether it is to judge this one.
    pub(crate) fn judges(&self, contestant: &Contestant) -> bool {
        self.is_for_everybody || contestant.entry.capabilities.needs_own_process()
    }

    /// The checks of a case about one contestant, or about several together.
    pub(crate) fn ask(
        &self,
        case: &'static Case,
        contestants: &[&Contestant],
        budget: Option<Duration>,
    ) -> Vec<Check> {
        let names: Vec<_> = contestants.iter().map(|it| it.name()).collect();
        let strategy = &names.join(",");
        (self.judge)(&Question { case, strategy, budget }).unwrap_or_else(|obstacle| {
            vec![Check::without_figures(names.join(" / "), "what became of it", obstacle)]
        })
    }
}

impl fmt::Debug for Apart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Apart")
    }
}
