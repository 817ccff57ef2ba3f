//! Timed runs: modes, the second listing, latencies.

use std::time::Duration;

use heaplab_core::{Registry, StrategyList};
use heaplab_report::{Mode, Report, Status};

use super::busy_trace;
use super::strategies::{FirstFit, SLIDES, SLOW, SOUND};
use crate::{LatencyPass, Passes, Plan, Rounds, TraceInput, plan_cells, run};

fn registry() -> Registry<impl StrategyList> {
    Registry::new().with::<FirstFit<SOUND>>("first").with::<FirstFit<SLIDES>>("slides")
}

fn plan() -> Plan {
    let source = busy_trace(8_000, 4);
    let mut plan = Plan::new(vec![TraceInput { name: "busy".into(), source, question: None }]);
    plan.heaps = ["1.25x", "2x", "3x"].map(|heap| heap.parse().unwrap()).into();
    plan.rounds = Rounds::Fixed(1);
    plan.time_budget = Duration::from_secs(120);
    plan.jobs = 2;
    plan
}

fn ran(plan: &Plan) -> Report {
    let report = run(&registry(), plan, &()).unwrap();
    assert_eq!(report.check(), Vec::<String>::new());
    report
}

#[test]
fn cells_with_payload_stand_beside_those_without() {
    let plan = Plan { modes: vec![Mode::Placement, Mode::Payload], ..plan() };
    let report = ran(&plan);
    for heap in ["1.25x", "2x"] {
        let alone = report.cell(&format!("slides/busy/{heap}")).unwrap();
        let copied = report.cell(&format!("slides/busy/{heap}/payload")).unwrap();
        assert!(alone.time.is_some() && copied.time.is_some(), "{:?}", copied.outcome);
        assert_eq!((alone.mode, copied.mode), (Mode::Placement, Mode::Payload));
        assert_eq!(alone.space, copied.space);
        assert_eq!(alone.placement_hash, copied.placement_hash);
        assert!(copied.series.is_none() && copied.trends.is_empty());
        assert!(report.cell(&format!("null/busy/{heap}/payload")).unwrap().time.is_some());
    }
    assert!(report.cell("slides/busy/3x/payload").is_none(), "it is not timed");
    assert!(report.cell("slides/busy/unlimited/payload").is_none(), "no bytes are that many");
    let planned = plan_cells(&registry(), &plan).unwrap();
    assert_eq!(planned.len(), report.cells.len());
    for (planned, cell) in planned.iter().zip(&report.cells) {
        assert_eq!((&planned.heap, planned.mode), (&cell.heap, cell.mode));
        assert_eq!(planned.is_timed, cell.time.is_some(), "{}", cell.id);
    }
}

#[test]
fn payload_alone_leaves_the_cells_without_it_untimed() {
    let report = ran(&Plan { modes: vec![Mode::Payload], ..plan() });
    assert!(report.cell("first/busy/2x").unwrap().time.is_none());
    assert!(report.cell("first/busy/2x/payload").unwrap().time.is_some());
    // A buffer that would be too large is no reason to fail.
    let plan = Plan { modes: vec![Mode::Payload], payload_limit_bytes: 0, ..plan() };
    let passes = Passes { verify: false, ..plan.passes };
    let report = ran(&Plan { passes, ..plan });
    let cell = report.cell("first/busy/2x/payload").unwrap();
    assert!(cell.time.is_none() && cell.outcome.status == Status::Ok);
    assert!(report.warnings.iter().any(|warning| warning.code == "no_payload"));
}

#[test]
fn the_first_strategy_that_is_timed_is_listed_twice() {
    let report = ran(&Plan { rounds: Rounds::Fixed(3), ..plan() });
    let control = report.measurement.control.as_ref().unwrap();
    assert_eq!(control.strategy, "first");
    let heaps: Vec<_> = control.cells.iter().map(|cell| cell.heap.as_str()).collect();
    assert_eq!(heaps, ["1.25x", "2x"]);
    assert!(control.cells.iter().all(|cell| cell.samples_ns.len() == 3));
    assert!(report.measurement.noise_floor_ratio.is_some_and(|ratio| ratio >= 0.0));
    // The floors differ from nobody by noise alone: without strategies nothing is listed twice.
    let floors = run(&Registry::new(), &plan(), &()).unwrap();
    assert_eq!(floors.measurement.control, None);
    assert_eq!(floors.measurement.noise_floor_ratio, None);
}

#[test]
fn latencies_are_recorded_without_rounds_too() {
    let passes = Passes { throughput: false, verify: true, latency: LatencyPass::Full };
    let report = ran(&Plan { passes, ..plan() });
    let cell = report.cell("first/busy/2x").unwrap();
    let latency = cell.latency.as_ref().unwrap();
    assert!(cell.time.is_none() && latency.histogram.is_some());
    assert!(latency.p50_ns <= latency.p999_ns && latency.p999_ns <= latency.max_ns);
    assert_eq!(latency.p9999_ns, None, "8,000 operations are too few");
    assert!(report.cell("first/busy/3x").unwrap().latency.is_none());
    let cost = report.environment.clock.cost_ns.value().copied().unwrap();
    assert!(cost >= 0.0 && cost.fract() < 1e-9, "{cost}");
    assert!(report.measurement.passes.contains(&"latency".into()));
}

#[test]
fn a_brief_pass_looks_once_at_the_largest_timed_heap() {
    let registry = || registry().with::<FirstFit<SLOW>>("slow");
    let mut plan = plan();
    plan.traces[0].source = busy_trace(400, 4);
    plan.passes.latency = LatencyPass::Brief;
    let report = run(&registry(), &plan, &()).unwrap();
    assert_eq!(report.check(), Vec::<String>::new());
    let latency = |id: &str| report.cell(id).unwrap().latency.as_ref();
    let of_largest = latency("first/busy/2x").unwrap();
    assert!(of_largest.p50_ns <= of_largest.max_ns && of_largest.histogram.is_none());
    assert!(latency("null/busy/2x").is_some());
    assert!(latency("first/busy/1.25x").is_none());
    // 400 operations of a millisecond each: timed, and too slow for this.
    assert!(report.cell("slow/busy/2x").unwrap().time.is_some());
    assert!(latency("slow/busy/2x").is_none());
    assert!(report.measurement.passes.contains(&"latency".into()));
    assert!(report.environment.clock.cost_ns.value().is_some());
    // Nothing that is asked only with bytes behind the heap has a place in it.
    plan.modes = vec![Mode::Payload];
    let report = run(&registry(), &plan, &()).unwrap();
    assert!(report.cells.iter().all(|cell| cell.latency.is_none()));
    assert!(!report.measurement.passes.contains(&"latency".into()));
}

#[test]
fn a_slow_strategy_has_long_latencies() {
    let registry = registry().with::<FirstFit<SLOW>>("slow");
    let mut plan = Plan { rounds: Rounds::Fixed(1), ..plan() };
    plan.traces[0].source = busy_trace(100, 4);
    plan.cell_timeout = Some(Duration::from_secs(20));
    plan.passes.latency = LatencyPass::Full;
    let report = run(&registry, &plan, &()).unwrap();
    assert_eq!(report.check(), Vec::<String>::new());
    let cell = report.cell("slow/busy/2x").unwrap();
    // 100 operations of a millisecond each: slow, but within any share.
    assert!(cell.latency.as_ref().is_some_and(|it| it.p50_ns > 500_000.0), "{:?}", cell.outcome);
}
