//! Strategies that may abort or hang, judged somewhere else.

use std::fmt;
use std::rc::Rc;

use heaplab_core::Kind;

use crate::Case;
use crate::contestants::Contestant;
use crate::result::{Check, Obstacle};

/// What is asked of a case and a strategy's name.
type Judge = dyn Fn(&'static Case, &str) -> Result<Vec<Check>, String>;

/// Has a strategy judged where its end is not ours.
#[derive(Clone)]
pub struct Apart(Rc<Judge>);

impl Apart {
    /// Calls `judge` with a case and the name of a strategy; it returns what [`judge`](crate::judge()) found there, or
    /// what became of whoever was to find it.
    pub fn new(
        judge: impl Fn(&'static Case, &str) -> Result<Vec<Check>, String> + 'static,
    ) -> Self {
        Self(Rc::new(judge))
    }

    /// The checks of a case about one contestant; none where it takes no part.
    pub(crate) fn ask(&self, case: &'static Case, contestant: &Contestant) -> Vec<Check> {
        if contestant.entry.capabilities.kind == Kind::Peer && !case.has_peers {
            return Vec::new();
        }
        let judged = (self.0)(case, contestant.name());
        judged.unwrap_or_else(|reason| {
            let obstacle = Obstacle::Broken(reason);
            vec![Check::without_figures(contestant.name(), "what became of it", obstacle)]
        })
    }
}

impl fmt::Debug for Apart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Apart")
    }
}
