use std::collections::BTreeSet;

use heaplab_report::compare::{Again, Options as How, TimeRow, compare, confirm};
use heaplab_report::view::Selection;
use heaplab_report::{
    Cell, HeapSpec, Mode, Outcome, Space, Status, StrategyEntry, StrategyKind, Time, TraceEntry,
};

use super::*;

/// A report of so many workloads, each with so many strategies; `slower` is by how much strategy 0 is.
fn report(traces: usize, strategies: usize, slower: f64) -> Report {
    let mut report = Report { complete: true, ..Report::default() };
    report.created_at = "2026-01-01T00:00:00Z".into();
    report.command = vec!["heaplab".into(), "run".into(), "a b.hlt".into()];
    report.tool.git_commit = Some("4f2a1c9ffff".into());
    report.measurement.noise_floor_ratio = Some(0.01);
    for strategy in 0..strategies {
        report.strategies.push(StrategyEntry {
            name: format!("s{strategy}"),
            kind: StrategyKind::Strategy,
            ..StrategyEntry::default()
        });
    }
    for trace in 0..traces {
        let name = format!("t{trace}");
        report.traces.push(TraceEntry {
            name: name.clone(),
            hash: format!("{trace:064x}"),
            peak_live_bytes: 4096,
            ..TraceEntry::default()
        });
        for strategy in 0..strategies {
            let factor = if strategy == 0 { slower } else { 1.0 };
            report.cells.push(cell(&name, &format!("s{strategy}"), factor));
        }
    }
    report.seal();
    report
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers")]
fn cell(trace: &str, strategy: &str, factor: f64) -> Cell {
    let samples_ns: Vec<u64> =
        (0..12).map(|round| (factor * f64::from(40_000 + round * 31)) as u64).collect();
    Cell {
        id: Cell::id_of(strategy, trace, "2x", Mode::Placement),
        trace: trace.into(),
        strategy: strategy.into(),
        heap: HeapSpec { bytes: 8192, ratio: Some(2.0), spec: "2x".into() },
        granule_bytes: 16,
        threads: 1,
        outcome: Outcome { status: Status::Ok, ..Outcome::default() },
        space: Some(Space { high_water_bytes: Some((factor * 4096.0) as u64), ..Space::default() }),
        time: Some(Time {
            samples_ns,
            operations: 1000,
            median_ns_per_operation: factor * 40.2,
            ..Time::default()
        }),
        ..Cell::default()
    }
}

fn page(old: &Report, new: &Report) -> String {
    let how = How { force: true, ..How::default() };
    let comparison = compare(old, new, &Selection::default(), &how);
    drawn(old, new, &comparison)
}

fn drawn(old: &Report, new: &Report, comparison: &Comparison) -> String {
    let (old_name, new_name) = ("old.json", "new.json");
    render_comparison(&Compared { old, new, old_name, new_name, comparison }, &Options::default())
}

fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    page.split(&format!(" {attribute}=\"")).skip(1).filter_map(|it| it.split('"').next()).collect()
}

#[test]
fn the_answer_stands_in_words_and_at_each_row() {
    let page = page(&report(2, 4, 1.0), &report(2, 4, 1.5));
    assert!(page.contains(">4 figures became worse, nothing better</h1>"), "two times, two sizes");
    assert!(page.contains("Slower: </b>s0 on "), "{page}");
    let words = |word: &str| page.matches(&format!(">{word}</text>")).count();
    assert_eq!((words("worse"), words("cannot be told apart")), (2, 6));
    // Every difference to the last byte, and what it is between.
    assert!(page.contains("+2048 B"));
    for shade in ["shade0", "shade1", "shade2"] {
        assert!(page.contains(&format!("class=\"f {shade}\"")), "{shade}");
    }
    for name in ["luck of a single process ±20.0 %", "threshold ±2.0 %", "noise floor ±1.0 %"] {
        assert!(page.contains(name), "{name}");
    }
    assert!(page.contains("run &#39;a b.hlt&#39;") || page.contains("run 'a b.hlt'"));
}

#[test]
fn what_differs_stands_before_what_does_not() {
    let mut old = report(1, 6, 1.0);
    // The last of them is the one that changes.
    old.cells.rotate_left(1);
    let mut new = report(1, 6, 1.5);
    new.cells.rotate_left(1);
    let page = page(&old, &new);
    let (_, table) = page.split_once("Times on t0").unwrap();
    let rows: Vec<&str> = values(table, "data-s").into_iter().take(6).collect();
    assert_eq!(rows[0], "0", "{rows:?}");
}

#[test]
fn a_report_beside_itself_and_one_without_times_are_pages_too() {
    let one = report(1, 3, 1.0);
    let same = page(&one, &one);
    assert!(same.contains(">Both are the same report</h1>"));
    let mut untimed = report(1, 3, 1.0);
    untimed.cells.iter_mut().for_each(|cell| cell.time = None);
    untimed.created_at = "2026-01-02T00:00:00Z".into();
    untimed.seal();
    let half = page(&one, &untimed);
    assert!(half.contains(">No difference that can be told from noise</h1>"));
    assert!(!half.contains(" id=\"time\"") && half.contains(" id=\"space\""));
    let nothing = page(&Report::default(), &Report::default());
    assert!(nothing.starts_with("<!DOCTYPE html>") && nothing.ends_with("</html>"));
}

#[test]
fn every_link_has_its_anchor_and_every_anchor_is_there_once() {
    let page = page(&report(3, 4, 1.0), &report(3, 4, 1.5));
    let ids = values(&page, "id");
    let known: BTreeSet<_> = ids.iter().copied().collect();
    assert_eq!(known.len(), ids.len(), "an id stands twice");
    for link in values(&page, "href") {
        let anchor = link.strip_prefix('#').unwrap_or_else(|| panic!("{link} leads out"));
        assert!(known.contains(anchor), "{link} leads nowhere");
    }
    for id in values(&page, "aria-labelledby").iter().flat_map(|it| it.split(' ')) {
        assert!(known.contains(id), "{id} labels something and is missing");
    }
    assert!(!page.contains(" style=\""), "the policy forbids styles of elements");
    let (body, _) = page.rsplit_once("<script>").unwrap();
    for outside in ["http://", "https://", "@import", "url(", "data-heaplab-report"] {
        assert!(!body.contains(outside), "{outside}");
    }
}

#[test]
fn names_from_strangers_stay_text() {
    for hostile in ["<script>alert(1)</script>", "\"' onload=\"x", "]]>\u{202E}\u{7}\n\t"] {
        let mut old = report(1, 3, 1.0);
        let rename = |report: &mut Report| {
            report.strategies[0].name = hostile.into();
            report.traces[0].name = hostile.into();
            report.tool.version = hostile.into();
            report.cells.iter_mut().for_each(|cell| cell.trace = hostile.into());
            report.cells[0].strategy = hostile.into();
        };
        let mut new = report(1, 3, 1.5);
        rename(&mut old);
        rename(&mut new);
        new.strategies.push(StrategyEntry { name: format!("{hostile}2"), ..Default::default() });
        new.cells.push(cell(hostile, &format!("{hostile}2"), 1.0));
        let comparison = compare(&old, &new, &Selection::default(), &How::default());
        let compared = Compared {
            old: &old,
            new: &new,
            old_name: hostile,
            new_name: hostile,
            comparison: &comparison,
        };
        let page = render_comparison(&compared, &Options::default());
        assert!(!page.contains("<script>alert") && !page.contains(" onload=\"x"), "{hostile}");
        assert!(!page.contains('\u{202E}') && !page.contains('\u{7}'), "{hostile}");
        assert_eq!(page.matches("<script").count(), 1, "{hostile}");
    }
}

#[test]
fn thousands_of_rows_stay_a_page_and_what_is_left_out_is_said() {
    let (old, new) = (report(40, 2, 1.0), report(40, 2, 1.5));
    let mut comparison = compare(&old, &new, &Selection::default(), &How::default());
    // As if there were a hundred strategies: comparing so many takes minutes, showing them is what is looked at.
    let times = comparison.times.as_mut().unwrap();
    let same: Vec<_> = times.rows.iter().filter(|row| row.strategy == "s1").cloned().collect();
    for number in 2..100 {
        times.rows.extend(same.iter().cloned().map(|row| TimeRow {
            strategy: format!("a-strategy-with-a-long-name-{number}"),
            ..row
        }));
    }
    let spaces = comparison.space.clone();
    for _ in 0..99 {
        comparison.space.extend(spaces.iter().cloned());
    }
    let page = drawn(&old, &new, &comparison);
    assert!(page.len() < 3 << 20, "{} bytes", page.len());
    assert!(page.contains("2800 of 4000 rows are left out"));
    assert!(page.contains("3000 of 4000 rows are left out"), "of the exact figures");
    // No workload is without its place, and none loses the row that differs.
    assert_eq!(page.matches(">worse</text>").count(), 40);
}

#[test]
fn a_second_look_stands_beside_the_first() {
    let (old, new) = (report(2, 4, 1.0), report(2, 4, 1.5));
    let mut comparison = compare(&old, &new, &Selection::default(), &How::default());
    let times = comparison.times.as_mut().unwrap();
    let rows = (0..times.rows.len()).filter(|&row| times.rows[row].is_suspicious());
    let again: Vec<Again> = rows
        .zip([50.0, 40.0])
        .map(|(row, level)| {
            let figures = |level: f64| (0..8).map(|at| level + f64::from(at) / 100.0).collect();
            Again { row, old_ns: figures(40.0), new_ns: figures(level) }
        })
        .collect();
    confirm(times, &again);
    let page = drawn(&old, &new, &comparison);
    assert!(page.contains(">3 figures became worse, nothing better</h1>"), "one time, two sizes");
    for text in [
        ">worse, confirmed</text>",
        ">worse, not confirmed</text>",
        "Not confirmed: </b>s0 on t1",
        "; measured again +25.0 % (",
        "Rings: measured again, 8 fresh processes a side",
    ] {
        assert!(page.contains(text), "{text}");
    }
}
