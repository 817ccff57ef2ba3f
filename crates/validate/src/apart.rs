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
    /// The name of the strategy that is to be judged.
    pub strategy: &'a str,
    /// The time that a search may take which goes beyond what is published; `None` for all other cases, and where there
    /// is no limit.
    pub budget: Option<Duration>,
}

type Judge = dyn Fn(&Question<'_>) -> Result<Vec<Check>, Obstacle>;

/// Has a strategy judged where its end is not ours.
#[derive(Clone)]
pub struct Apart(Rc<Judge>);

impl Apart {
    /// Calls `judge`, which returns what [`judge`](crate::judge()) found there, or what became of whoever was to find it.
    pub fn new(judge: impl Fn(&Question<'_>) -> Result<Vec<Check>, Obstacle> + 'static) -> Self {
        Self(Rc::new(judge))
    }

    /// The checks of a case about one contestant.
    pub(crate) fn ask(
        &self,
        case: &'static Case,
        contestant: &Contestant,
        budget: Option<Duration>,
    ) -> Vec<Check> {
        let strategy = contestant.name();
        (self.0)(&Question { case, strategy, budget }).unwrap_or_else(|obstacle| {
            vec![Check::without_figures(strategy, "what became of it", obstacle)]
        })
    }
}

impl fmt::Debug for Apart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Apart")
    }
}
