//! A run that ends anywhere leaves a report that another one takes up; together they find what one finds.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use heaplab_core::{Registry, StrategyList};
use heaplab_report::{Environment, Report, Status};

use super::strategies::{FORGETS_BYTES, FirstFit, PANICS, SLIDES, SOUND};
use super::{busy_trace, trace};
use crate::{Passes, Plan, Progress, Rounds, RunError, TraceInput, run};

fn registry() -> Registry<impl StrategyList> {
    Registry::new()
        .with::<FirstFit<SOUND>>("first")
        .with::<FirstFit<SLIDES>>("slides")
        .with::<FirstFit<PANICS>>("panics")
        .with::<FirstFit<FORGETS_BYTES>>("forgets")
}

fn plan() -> Plan {
    let input = |name: &str, source: Arc<heaplab_trace::Trace>| TraceInput {
        name: name.into(),
        source,
        question: None,
    };
    let mut plan = Plan::new(vec![
        input("busy", busy_trace(4_000, 4)),
        input("small", trace("+0 9, +1 9, -0, =1 40")),
    ]);
    plan.passes = Passes { throughput: false, ..Passes::default() };
    plan.time_budget = Duration::from_secs(60);
    plan.jobs = 2;
    plan
}

/// Keeps every partial report, and ends the run after so many looks at whether to go on.
struct Keeping {
    looks_left: Cell<u32>,
    kept: RefCell<Vec<Report>>,
    units: Cell<u64>,
}

impl Keeping {
    fn until(looks: u32) -> Self {
        Self { looks_left: Cell::new(looks), kept: RefCell::default(), units: Cell::new(0) }
    }
}

impl Progress for Keeping {
    fn doing(&self, _what: &str) {
        self.units.set(self.units.get() + 1);
    }

    fn interrupted(&self) -> bool {
        self.looks_left.set(self.looks_left.get().saturating_sub(1));
        self.looks_left.get() == 0
    }

    fn keeps(&self) -> bool {
        true
    }

    fn keep(&self, partial: &Report) {
        self.kept.borrow_mut().push(partial.clone());
    }
}

/// What must be the same, however many runs it took.
fn text(mut report: Report) -> String {
    report.created_at = String::new();
    report.duration_ns = 0;
    report.environment = Environment::default();
    report.warnings.retain(|warning| warning.code != "resumed");
    serde_json::to_string_pretty(&report).unwrap()
}

#[test]
fn wherever_a_run_ends_the_next_takes_it_up() {
    let whole = Keeping::until(u32::MAX);
    let expected = text(run(&registry(), &plan(), &whole).unwrap());
    let mut parts = 0;
    for looks in [5, 12, 25, 40, 60, 80] {
        let keeping = Keeping::until(looks);
        let ended = run(&registry(), &plan(), &keeping).unwrap();
        for part in keeping.kept.into_inner().into_iter().chain([ended]) {
            assert_eq!(part.check(), Vec::<String>::new());
            if part.cells.is_empty() || part.complete {
                continue;
            }
            parts += 1;
            // As a file would bring it.
            let json = heaplab_report::to_json(&part).unwrap();
            let mut plan = plan();
            plan.resume = Some(Arc::new(serde_json::from_str(&json).unwrap()));
            let again = Keeping::until(u32::MAX);
            let resumed = run(&registry(), &plan, &again).unwrap();
            assert!(resumed.complete && resumed.warnings.iter().any(|it| it.code == "resumed"));
            assert!(again.units.get() < whole.units.get(), "nothing was spared");
            assert_eq!(text(resumed), expected, "after {looks} looks");
        }
    }
    assert!(parts > 6, "{parts} parts");
}

#[test]
fn times_are_measured_anew() {
    let mut timed = plan();
    timed.passes.throughput = true;
    timed.rounds = Rounds::Fixed(2);
    let keeping = Keeping::until(u32::MAX);
    let report = run(&registry(), &timed, &keeping).unwrap();
    let part = keeping.kept.into_inner().pop().unwrap();
    assert!(!part.complete && part.cells.iter().all(|cell| cell.time.is_none()));
    timed.resume = Some(Arc::new(part));
    let resumed = run(&registry(), &timed, &()).unwrap();
    for (cell, before) in resumed.cells.iter().zip(&report.cells) {
        assert_eq!(cell.id, before.id);
        assert_eq!(cell.time.is_some(), before.time.is_some(), "{}", cell.id);
    }
    assert_eq!(resumed.cell("panics/busy/2x").unwrap().outcome.status, Status::Crashed);
}

#[test]
fn nothing_is_taken_from_a_report_of_something_else() {
    let report = run(&registry(), &plan(), &()).unwrap();
    let refused = |plan: &Plan| {
        let error = run(&registry(), plan, &()).unwrap_err();
        assert!(matches!(error, RunError::NothingToResume), "{error}");
    };
    let resuming = |report: &Report| Plan { resume: Some(Arc::new(report.clone())), ..plan() };
    // Another granule, another trace of the same name, another version of the strategies, of the tool.
    let mut other = resuming(&report);
    other.granule = heaplab_core::Granule::BYTE;
    refused(&other);
    let mut other = resuming(&report);
    other.traces.truncate(1);
    other.traces[0].source = busy_trace(4_000, 5);
    refused(&other);
    let mut altered = report.clone();
    altered.strategies.iter_mut().for_each(|strategy| strategy.version = "0".into());
    refused(&resuming(&altered));
    let mut altered = report;
    altered.tool.version = "0.0.0".into();
    refused(&resuming(&altered));
}
