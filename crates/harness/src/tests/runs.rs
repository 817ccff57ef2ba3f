use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use heaplab_core::{Registry, StrategyList};
use heaplab_report::{Environment, Report, Status};

use super::strategies::{FICKLE, FORGETS_BYTES, FirstFit, HANGS, PANICS, SLIDES, SOUND};
use super::{busy_trace, trace};
use crate::{Passes, Plan, Progress, Rounds, RunError, TraceInput, plan_cells, run};

fn registry() -> Registry<impl StrategyList> {
    Registry::new().with::<FirstFit<SOUND>>("first").with::<FirstFit<SLIDES>>("slides")
}

fn plan(throughput: bool) -> Plan {
    let input = |name: &str, source: Arc<heaplab_trace::Trace>| TraceInput {
        name: name.into(),
        source,
        question: None,
    };
    let traces =
        vec![input("busy", busy_trace(8_000, 4)), input("small", trace("+0 9, +1 9, -0, =1 40"))];
    let mut plan = Plan::new(traces);
    plan.passes = Passes { throughput, ..Passes::default() };
    plan.time_budget = Duration::from_secs(60);
    plan.jobs = 2;
    plan
}

fn status(report: &Report, id: &str) -> Status {
    report.cell(id).unwrap_or_else(|| panic!("no cell {id}")).outcome.status
}

/// The report as text, without what differs from run to run.
fn text(mut report: Report) -> String {
    report.created_at = String::new();
    report.duration_ns = 0;
    report.environment = Environment::default();
    serde_json::to_string_pretty(&report).unwrap()
}

#[test]
fn two_runs_without_a_clock_give_the_same_report() {
    let once = run(&registry(), &plan(false), &()).unwrap();
    assert_eq!(once.check(), Vec::<String>::new());
    assert!(once.complete);
    // Two traces, two strategies in seven heaps; the floors stay in the unlimited one.
    assert_eq!(once.cells.len(), 2 * (2 * 7 + 2));
    assert!(once.cells.iter().all(|cell| cell.time.is_none()));
    let again = run(&registry(), &plan(false), &()).unwrap();
    assert_eq!(text(once), text(again));
}

#[test]
fn bounds_are_sought_unless_another_process_does() {
    let mut plan = plan(false);
    let known = |report: &Report| {
        let cells = report.cells.iter().filter_map(|cell| cell.space.as_ref()?.min_heap_bytes);
        let plans = report.traces.iter().filter_map(|it| it.bounds?.offline_packing_bytes);
        (cells.count() > 0, plans.count() > 0)
    };
    assert_eq!(known(&run(&registry(), &plan, &()).unwrap()), (true, true));
    plan.bounds = false;
    assert_eq!(known(&run(&registry(), &plan, &()).unwrap()), (false, false));
}

#[test]
fn cells_above_the_high_water_mark_are_copies_of_the_unlimited_one() {
    let report = run(&registry(), &plan(false), &()).unwrap();
    let unlimited = report.cell("first/busy/unlimited").unwrap();
    let large = report.cell("first/busy/3x").unwrap();
    assert_eq!(unlimited.placement_hash, large.placement_hash);
    // The smallest heap and the holes by length stand in the unlimited cell alone.
    let common = |cell: &heaplab_report::Cell| {
        let mut space = cell.space.clone().unwrap();
        space.min_heap_bytes = None;
        let shapes = [&mut space.at_peak, &mut space.mean];
        shapes.into_iter().flatten().for_each(|shape| shape.hole_histogram.clear());
        space
    };
    assert_eq!(common(unlimited), common(large));
    // The same series is not told twice.
    assert!(unlimited.series.is_some() && large.series.is_none());
    assert_eq!((large.verified, unlimited.verified), (Some(true), Some(true)));
    assert_eq!(report.cell("null/busy/unlimited").unwrap().verified, None);
    let tight = report.cell("first/busy/1.0x").unwrap();
    assert_eq!((tight.outcome.status, tight.verified), (Status::Oom, None));
}

#[test]
fn a_timed_run_holds_samples_of_every_contestant() {
    let mut plan = plan(true);
    plan.rounds = Rounds::Fixed(6);
    let report = run(&registry(), &plan, &()).unwrap();
    assert_eq!(report.check(), Vec::<String>::new());
    assert_eq!((report.measurement.rounds, report.measurement.warmup_rounds), (6, 1));
    for id in ["slides/busy/2x", "null/busy/1.25x", "bump/busy/2x", "first/small/2x"] {
        let cell = report.cell(id).unwrap();
        let time = cell.time.as_ref().unwrap_or_else(|| panic!("{id}: {:?}", cell.outcome));
        assert_eq!(time.samples_ns.len(), 6, "{id}");
        assert!(time.ci_ns.is_some() && time.median_ns_per_operation > 0.0, "{id}");
    }
    assert!(report.cell("first/busy/3x").unwrap().time.is_none());
}

#[test]
fn broken_strategies_end_in_their_outcomes_and_the_others_go_on() {
    let registry = registry()
        .with::<FirstFit<PANICS>>("panics")
        .with::<FirstFit<FORGETS_BYTES>>("forgets")
        .with::<FirstFit<FICKLE>>("fickle");
    let mut plan = plan(true);
    plan.rounds = Rounds::Fixed(1);
    let report = run(&registry, &plan, &()).unwrap();
    assert_eq!(report.check(), Vec::<String>::new());
    assert_eq!(status(&report, "panics/busy/2x"), Status::Crashed);
    assert_eq!(status(&report, "forgets/busy/2x"), Status::Invalid);
    let forgets = report.cell("forgets/busy/2x").unwrap();
    assert!(forgets.time.is_none() && forgets.space.is_none());
    assert_eq!(forgets.verified, Some(false));
    assert_eq!(status(&report, "fickle/small/unlimited"), Status::Invalid);
    assert_eq!(status(&report, "slides/busy/2x"), Status::Ok);
    assert!(report.cell("slides/busy/2x").unwrap().time.is_some());
}

#[test]
fn a_strategy_that_hangs_times_out_and_the_others_go_on() {
    let mut plan = plan(false);
    plan.cell_timeout = Some(Duration::from_millis(200));
    plan.heaps = vec!["2x".parse().unwrap()];
    plan.traces.truncate(1);
    let report = run(&registry().with::<FirstFit<HANGS>>("hangs"), &plan, &()).unwrap();
    assert_eq!(status(&report, "hangs/busy/unlimited"), Status::Timeout);
    assert_eq!(status(&report, "slides/busy/2x"), Status::Ok);
    assert!(report.warnings.iter().any(|warning| warning.code == "hung"));
    assert_eq!(report.check(), Vec::<String>::new());
}

#[test]
fn an_interrupted_run_reports_what_it_has() {
    struct Impatient(Cell<u32>);
    impl Progress for Impatient {
        fn interrupted(&self) -> bool {
            self.0.set(self.0.get() + 1);
            self.0.get() > 6
        }
    }
    let report = run(&registry(), &plan(true), &Impatient(Cell::new(0))).unwrap();
    assert!(!report.complete);
    assert!(report.cells.len() < 40 && report.cells.iter().all(|cell| cell.time.is_none()));
    assert_eq!(report.check(), Vec::<String>::new());
}

#[test]
fn no_time_at_all_still_gives_a_sound_report() {
    let mut plan = plan(true);
    plan.time_budget = Duration::ZERO;
    let report = run(&registry(), &plan, &()).unwrap();
    assert_eq!(report.check(), Vec::<String>::new());
}

#[test]
fn plans_that_cannot_be_run_are_refused() {
    let refused = |change: &dyn Fn(&mut Plan)| {
        let mut plan = plan(false);
        change(&mut plan);
        plan_cells(&registry(), &plan).unwrap_err()
    };
    let unknown = refused(&|plan| plan.strategies = vec!["frist".into()]);
    assert_eq!(unknown.to_string(), "no strategy is named 'frist'; known are first, slides");
    let parameter = refused(&|plan| {
        plan.parameters = vec![crate::ParameterSetting {
            strategy: "first".into(),
            parameter: "c".into(),
            value: 8,
        }];
    });
    assert_eq!(parameter.to_string(), "first: parameter 'c' is not known");
    let twice = refused(&|plan| plan.traces[1].name = "busy".into());
    assert!(matches!(twice, RunError::DuplicateTrace { .. }));
    let huge = refused(&|plan| plan.heaps = vec!["18446744073709551615x".parse().unwrap()]);
    assert!(matches!(huge, RunError::HeapTooLarge { .. }));
    let named_like_a_floor = Registry::new().with::<FirstFit<SOUND>>("bump");
    let error = plan_cells(&named_like_a_floor, &plan(false)).unwrap_err();
    assert_eq!(error.to_string(), "two strategies are named 'bump'");
}

#[test]
fn the_planned_cells_are_those_of_the_report() {
    let plan = plan(true);
    let planned = plan_cells(&registry(), &plan).unwrap();
    let report = run(&registry(), &Plan { rounds: Rounds::Fixed(1), ..plan }, &()).unwrap();
    assert_eq!(planned.len(), report.cells.len());
    for (planned, cell) in planned.iter().zip(&report.cells) {
        assert_eq!(
            (&planned.trace, &planned.strategy, &planned.heap),
            (&cell.trace, &cell.strategy, &cell.heap)
        );
        assert!(planned.is_timed || cell.time.is_none());
    }
}
