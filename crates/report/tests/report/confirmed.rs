//! Times that were measured again: what is left of a suspicion.

use heaplab_report::compare::{
    Again, Comparison, Options, Verdict, compare, confirm, processes_to_confirm, show, summary,
};
use heaplab_report::table::{Format, Style};
use heaplab_report::view::Selection;
use insta::assert_snapshot;

use crate::timed::Run;

/// First fit slower by half on both traces, so that both are suspicious.
fn suspicious() -> Comparison {
    let old = Run::default().report();
    let slowed = vec![("first-fit", 1.5)];
    let new = Run { seed: 2, slowed, created_at: "2026-01-11T08:30:00Z".into(), ..Run::default() };
    let comparison = compare(&old, &new.report(), &Selection::default(), &Options::default());
    assert_eq!(comparison.tally().regressions, 2);
    comparison
}

/// Eight figures around a level, none of them equal to another.
fn figures(level: f64) -> Vec<f64> {
    [0.0, 0.004, -0.003, 0.002, -0.001, 0.003, -0.002, 0.001].map(|off| level * (1.0 + off)).into()
}

/// The comparison after its suspicious rows turned out to be changed by these factors.
fn after(factors: [f64; 2]) -> Comparison {
    let mut comparison = suspicious();
    let times = comparison.times.as_mut().unwrap();
    let rows = (0..times.rows.len()).filter(|&row| times.rows[row].is_suspicious());
    let again: Vec<Again> = rows
        .zip(factors)
        .map(|(row, factor)| Again { row, old_ns: figures(50.0), new_ns: figures(50.0 * factor) })
        .collect();
    assert_eq!(again.len(), 2);
    confirm(times, &again);
    comparison
}

fn text(comparison: &Comparison, format: Format) -> String {
    show(comparison, false, format, Style { width: 120, ascii: false })
}

#[test]
fn what_is_not_there_again_counts_for_nothing() {
    let comparison = after([1.3, 1.0]);
    assert_eq!(comparison.tally().regressions, 1);
    assert!(
        summary(&comparison).starts_with("1 regression; 1 of 2 suspicious times were confirmed,")
    );
    assert_snapshot!("confirmed", text(&comparison, Format::Table));
    assert_snapshot!("confirmed-md", text(&comparison, Format::Md));
    let neither = after([1.0, 1.0]);
    assert!(!neither.has_regression());
    assert!(
        summary(&neither).starts_with("No difference; 0 of 2 suspicious times were confirmed,")
    );
}

#[test]
fn the_second_look_decides_whatever_the_first_one_said() {
    let comparison = after([0.7, 1.3]);
    let tally = comparison.tally();
    assert_eq!((tally.regressions, tally.improvements), (1, 1));
    let rows = &comparison.times.as_ref().unwrap().rows;
    let again: Vec<_> = rows.iter().filter(|row| row.is_suspicious()).collect();
    assert_eq!(
        again.iter().map(|row| row.outcome()).collect::<Vec<_>>(),
        [Verdict::Better, Verdict::Worse]
    );
    assert_eq!(
        again.iter().map(|row| row.is_confirmed()).collect::<Vec<_>>(),
        [Some(false), Some(true)]
    );
    assert!(rows.iter().all(|row| row.is_suspicious() || row.is_confirmed().is_none()));
}

#[test]
fn what_is_certain_and_small_is_not_confirmed() {
    // No figure of one side reaches those of the other, and still it is less than 2 %.
    let comparison = after([1.015, 1.3]);
    let rows = &comparison.times.as_ref().unwrap().rows;
    let small = rows.iter().find(|row| row.is_suspicious()).unwrap();
    let again = small.confirmation.as_ref().unwrap();
    assert!(again.p_adjusted < 0.001, "{again:?}");
    assert_eq!(small.outcome(), Verdict::Same);
}

#[test]
fn the_p_value_is_that_of_the_figures_adjusted_for_the_rows_looked_at() {
    let comparison = after([1.3, 1.3]);
    let rows = &comparison.times.as_ref().unwrap().rows;
    for row in rows.iter().filter(|row| row.is_suspicious()) {
        let again = row.confirmation.as_ref().unwrap();
        // Eight above eight: 2 of 12 870 ways, and two rows.
        assert!((again.p_adjusted - 2.0 * 2.0 / 12_870.0).abs() < 1e-12, "{again:?}");
        assert!((again.change_ratio - 0.3).abs() < 1e-9 && again.processes == [8, 8]);
    }
    assert_eq!(processes_to_confirm(0), 8);
}

#[test]
fn scripts_learn_both_verdicts() {
    let rows: serde_json::Value =
        serde_json::from_str(&text(&after([1.3, 1.0]), Format::Json)).unwrap();
    let of = |key: &str| -> Vec<&serde_json::Value> {
        let rows = rows.as_array().unwrap().iter();
        rows.filter(|row| row["verdict"] == "worse").map(|row| &row[key]).collect()
    };
    assert_eq!(of("outcome"), ["worse", "same"]);
    assert_eq!(of("is_confirmed"), [true, false]);
    assert!(of("again_change_ratio")[0].as_f64().is_some_and(|it| (it - 0.3).abs() < 1e-9));
    // Who did not ask for a second look sees the columns that there always were.
    let csv = text(&suspicious(), Format::Csv);
    assert!(csv.lines().next().unwrap().ends_with(",basis,cells"), "{csv}");
    let csv = text(&after([1.3, 1.0]), Format::Csv);
    assert!(csv.lines().next().unwrap().ends_with(",again_p_adjusted"), "{csv}");
}
