//! Claims about a run.

use heaplab_report::expect::{self, Claim, check, is_metric, metric_names};
use heaplab_report::{Expectation, Report, Status, StrategyKind};

use crate::example;

fn claim(strategy: &str, heap: Option<&str>, metric: &str, limits: [Option<f64>; 2]) -> Claim {
    Claim {
        strategy: strategy.into(),
        trace: "*".into(),
        heap: heap.map(Into::into),
        metric: metric.into(),
        min: limits[0],
        max: limits[1],
    }
}

/// A trace with a peak of 1,000 bytes; best fit needs 1,070 and first fit 1,250, `bump` 9,000.
fn report() -> Report {
    let mut report = example::report();
    let trace = report.traces[0].name.clone();
    report.traces[0].peak_live_bytes = 1000;
    let cell = report.cells.iter().find(|it| it.outcome.status == Status::Ok).unwrap().clone();
    report.cells.clear();
    report.strategies.truncate(1);
    let entry = report.strategies[0].clone();
    report.strategies.clear();
    for (name, kind, bytes) in [
        ("best-fit", StrategyKind::Strategy, 1070),
        ("first-fit", StrategyKind::Strategy, 1250),
        ("bump", StrategyKind::Floor, 9000),
    ] {
        let mut entry = entry.clone();
        (entry.name, entry.kind) = (name.into(), kind);
        report.strategies.push(entry);
        for spec in ["1.25x", "unlimited"] {
            let mut cell = cell.clone();
            cell.id = format!("{name}/{trace}/{spec}");
            (cell.trace, cell.strategy) = (trace.clone(), name.into());
            cell.heap.spec = spec.into();
            cell.latency = None;
            let space = cell.space.as_mut().unwrap();
            space.high_water_bytes = Some(bytes);
            space.min_heap_bytes = (spec == "unlimited").then_some(bytes);
            report.cells.push(cell);
        }
    }
    report
}

fn held(report: &Report, claim: Claim) -> Expectation {
    check(report, &[claim]).unwrap().remove(0)
}

#[test]
fn limits_hold_at_the_limit_and_not_beyond() {
    let report = report();
    let of = |strategy, min, max| {
        let claim = claim(strategy, None, "min_heap_ratio", [min, max]);
        let held = held(&report, claim);
        (held.is_kept, held.cells, held.broken.len())
    };
    assert_eq!(of("best-fit", None, Some(1.07)), (true, 1, 0));
    assert_eq!(of("best-fit", None, Some(1.069)), (false, 1, 1));
    assert_eq!(of("best-fit", Some(1.07), None), (true, 1, 0));
    assert_eq!(of("best-fit", Some(1.08), None), (false, 1, 1));
    // A floor is nobody's strategy unless it is meant; globs join the others.
    assert_eq!(of("*", None, Some(1.25)), (true, 2, 0));
    assert_eq!(of("*", None, Some(1.1)), (false, 2, 1));
    assert_eq!(of("bump", None, Some(1.25)), (false, 1, 1));
    let bytes = claim("*-fit", Some("1.25x"), "space.high_water_bytes", [None, Some(1250.0)]);
    assert!(held(&report, bytes).is_kept);
}

#[test]
fn a_cell_that_does_not_complete_breaks_a_claim_about_its_heap_alone() {
    let mut report = report();
    let failed = report.cells.iter_mut().find(|it| it.id.ends_with("best-fit/server/1.25x"));
    failed.unwrap().outcome.status = Status::Oom;
    let limits = [None, Some(1.1)];
    let anywhere = held(&report, claim("best-fit", None, "high_water_ratio", limits));
    assert_eq!((anywhere.is_kept, anywhere.cells), (true, 1));
    let there = held(&report, claim("best-fit", Some("1.25x"), "high_water_ratio", limits));
    assert_eq!((there.is_kept, there.cells, there.broken[0].value), (false, 1, None));
    let nothing = held(&report, claim("best-fit", None, "latency.p99_ns", [None, Some(1e9)]));
    assert_eq!((nothing.is_kept, nothing.cells), (false, 0));
    report.expectations = vec![anywhere, there, nothing];
    assert_eq!(
        expect::broken(&report),
        [
            "Claim broken: high_water_ratio of best-fit on * in 1.25x is at most 1.1: best-fit/server/1.25x is oom (1 of 1 cells)",
            "Claim broken: latency.p99_ns of best-fit on * is at most 1000000000: no completed cell that it is about has such a figure",
        ]
    );
    assert_eq!(expect::kept(&report).unwrap(), "Claims: 1 of 3 of the suite are kept.");
    report.seal();
    let text = heaplab_report::to_json(&report).unwrap();
    assert_eq!(heaplab_report::parse("r.json".as_ref(), text.as_bytes()).unwrap(), report);
}

#[test]
fn every_metric_can_be_claimed_by_its_whole_name_and_by_an_end_that_is_unique() {
    for name in metric_names() {
        assert!(is_metric(&name), "{name}");
    }
    assert!(is_metric("jw3") && is_metric("high_water_ratio") && is_metric("space.min_heap_ratio"));
    for wrong in ["", "space", "ratio", "min_heap", "high_water_bytes_ratio"] {
        assert!(!is_metric(wrong), "{wrong}");
    }
    assert!(check(&report(), &[claim("[", None, "jw1", [None, None])]).is_err());
}
