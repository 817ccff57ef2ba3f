//! The laboratory proves itself: strategies held against published results.
//!
//! A *case* takes a theorem, an exhaustive search or a classical simulation whose outcome is published,
//! repeats it with the strategies of a registry, and puts our figures beside the published ones.
//! All cases are deterministic: random loads come from fixed seeds, and integers alone decide what is
//! drawn.
//! What each case means, where its figures come from and why its tolerance is what it is stands in
//! `docs/VALIDATION.md`.
//!
//! ```
//! use heaplab_validate::{Options, Verdict, cases, run};
//!
//! let registry = heaplab_strategies::registry();
//! let options = Options { cases: vec![6], ..Options::default() };
//! let results = run(&registry, &options, &mut |_| true);
//! assert_eq!(results[0].verdict(), Verdict::Passed);
//! assert!(cases().iter().any(|case| case.number == 10));
//! ```
//!
//! The lower bounds are games against the allocator; [`adaptive`] drives a strategy live and records the
//! trace that comes of it, and [`Robson`] is the best known of these opponents.

#![forbid(unsafe_code)]

pub mod adaptive;
mod apart;
mod case;
mod cases;
mod contestants;
mod exhaustive;
mod linear;
mod load;
mod result;
mod robson;

use std::path::PathBuf;
use std::time::Instant;

use heaplab_core::{Registry, StrategyList};

pub use apart::{Apart, Question};
pub use case::{Case, cases};
use contestants::Contestant;
pub use exhaustive::{Exhaustive, Watch};
pub use result::{CaseResult, Check, Demand, Figure, Obstacle, Point, Verdict};
pub use robson::Robson;

/// What to validate, and with which files.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Numbers of the cases; all when empty. Numbers that no case has are passed over.
    pub cases: Vec<u32>,
    /// The folder with MiniMalloc's challenging instances, `A.1048576.csv` and so on.
    pub minimalloc: Option<PathBuf>,
    /// How far cases 2 and 3 go beyond what is published, over more strategies; `None` for the published tables.
    pub exhaustive: Option<Exhaustive>,
    /// Who judges what may abort or hang; without it, that is judged here like all others.
    pub apart: Option<Apart>,
}

impl Options {
    /// The cases asked for, in the order of their numbers.
    pub fn selected(&self) -> impl Iterator<Item = &'static Case> {
        let is_wanted = |number| self.cases.is_empty() || self.cases.contains(&number);
        cases().iter().filter(move |case| is_wanted(case.number))
    }
}

/// Runs the cases asked for, in the order of their numbers.
///
/// `begin` is called before each case and says whether to go on; results so far are returned when it
/// says no.
/// A strategy that panics fails its check and not the run; so does one that aborts or hangs, where [`Options::apart`] is
/// given.
pub fn run<L: StrategyList>(
    registry: &Registry<L>,
    options: &Options,
    begin: &mut dyn FnMut(&'static Case) -> bool,
) -> Vec<CaseResult> {
    let contestants = contestants::contestants(registry);
    run_all(&contestants, options, begin)
}

fn run_all(
    contestants: &[Contestant],
    options: &Options,
    begin: &mut dyn FnMut(&'static Case) -> bool,
) -> Vec<CaseResult> {
    let is_apart =
        |contestant: &Contestant| options.apart.as_ref().is_some_and(|it| it.judges(contestant));
    let (others, here): (Vec<_>, Vec<_>) = contestants.iter().copied().partition(is_apart);
    let checks = |case| judge_all(case, &here, &others, options);
    options
        .selected()
        .take_while(|case| begin(case))
        .map(|case| CaseResult { case, checks: checks(case) })
        .collect()
}

/// The checks of one case, those of `others` from somewhere else; of a limited time they have equal parts.
fn judge_all(
    case: &'static Case,
    here: &[Contestant],
    others: &[Contestant],
    options: &Options,
) -> Vec<Check> {
    let started = Instant::now();
    let budget = options.exhaustive.as_ref().and_then(|exhaustive| exhaustive.budget);
    let left = || budget.map(|budget| budget.saturating_sub(started.elapsed()));
    let others = case.judges.groups(here, others);
    let mut waiting = others.len() + here.len();
    let mut found = Vec::new();
    if let Some(apart) = &options.apart {
        for group in others {
            let part = left().map(|left| left / u32::try_from(waiting).unwrap_or(u32::MAX));
            found.extend(apart.ask(case, &group, part));
            waiting -= 1;
        }
    }
    let mut options = options.clone();
    if let Some(exhaustive) = &mut options.exhaustive {
        exhaustive.budget = left();
    }
    let mut checks = (case.run)(here, &options);
    checks.extend(found);
    checks
}

/// What one strategy of a registry comes to in one case: all of the case's checks that are about it alone; or about two
/// together, whose names stand in `strategy` with a comma between them.
///
/// This is what a process does that another one started for [`Options::apart`].
pub fn judge<L: StrategyList>(
    registry: &Registry<L>,
    options: &Options,
    case: &'static Case,
    strategy: &str,
) -> Vec<Check> {
    let contestants = contestants::contestants(registry);
    let names: Vec<_> = strategy.split(',').collect();
    let wanted: Vec<_> = contestants.into_iter().filter(|it| names.contains(&it.name())).collect();
    let mut checks = (case.run)(&wanted, options);
    checks.retain(|check| check.subject == names.join(" / "));
    checks
}
