//! What the headline says, and what becomes of odd reports and names.

use heaplab_report::table::Format;
use heaplab_report::view::{By, Selection, headline};
use heaplab_report::{Cell, Report, Status, StrategyKind};
use insta::assert_snapshot;

use crate::example;
use crate::views::shown;

#[test]
fn a_lead_within_the_noise_is_none() {
    let mut report = example::report();
    report.measurement.noise_floor_ratio = Some(1.5);
    let sentences = headline(&report, &Selection::default());
    let text = "Fastest that fits in 1.25x: free-list and best-fit do not differ: 2.10x (95 % CI 2.10 to 2.10; noise floor 150 %).";
    assert!(sentences.iter().any(|it| it == text), "{sentences:?}");
    report.traces.push(example::trace("gcc"));
    report.cells.extend(example::cells("gcc"));
    let sentences = headline(&report, &Selection::default());
    let text = "Fastest that fits in 1.25x: on 2 of 2 traces the first two do not differ (noise floor 150 %).";
    assert!(sentences.iter().any(|it| it == text), "{sentences:?}");
}

#[test]
fn headline_of_one_trace() {
    let sentences = headline(&example::report(), &Selection::default());
    assert_snapshot!(sentences.join("\n"), @"
    Fastest that fits in 1.1x: compaction, the only one timed there.
    Fastest that fits in 1.25x: free-list, 2.10x faster than best-fit (95 % CI 2.10 to 2.10; noise floor 0.800 %).
    Smallest heap: compaction, at 1.00x; best-fit comes within 13.0 % without compaction.
    oom: 2 of 9 cells, 1 of them fragmented, not full; compaction would have served it. best-fit fails at 1.1x, operation 3 102 447: wanted 64 KiB; 3.10 MiB free in 40 112 holes, largest 48 KiB. free-list fails at 1.1x, operation 2 900 000: wanted 64 KiB; 58.6 KiB free in 12 holes, largest 48 KiB.
    invalid: 1 of 9 cells: free-list/server/64MiB: two blocks overlap.
    timeout: 1 of 9 cells: compaction/server/64MiB.
    ");
}

#[test]
fn what_completed_in_a_heap_needs_no_more_than_that() {
    let mut report = example::report();
    for cell in report.cells.iter_mut().filter(|cell| cell.strategy == "compaction") {
        if let Some(space) = &mut cell.space {
            space.min_heap_bytes = None;
        }
    }
    let sentences = headline(&report, &Selection::default());
    // The exact figure of best fit is larger than the heap in which compaction came to the end.
    let text =
        "Smallest heap: compaction, at 1.10x; best-fit comes within 2.73 % without compaction.";
    assert!(sentences.iter().any(|it| it == text), "{sentences:?}");
}

#[test]
fn a_piece_that_is_long_enough_is_no_fragmentation() {
    let mut report = example::report();
    for cell in &mut report.cells {
        if cell.outcome.status == Status::Oom {
            cell.outcome.wilderness_bytes = cell.outcome.requested_bytes;
        }
    }
    let sentences = headline(&report, &Selection::default());
    let oom = sentences.iter().find(|it| it.starts_with("oom")).unwrap();
    assert!(oom.starts_with("oom: 2 of 9 cells. best-fit fails"), "{oom}");
}

#[test]
fn headline_of_several_traces() {
    let mut report = example::report();
    for name in ["gcc", "jq"] {
        report.traces.push(example::trace(name));
        report.cells.extend(example::cells(name));
    }
    report.complete = false;
    assert_snapshot!(headline(&report, &Selection::default()).join("\n"), @"
    Interrupted: these are the cells that were finished until then.
    Fastest that fits in 1.1x: compaction on 3 of 3 traces (copies not counted; the only one timed there).
    Fastest that fits in 1.25x: free-list on 3 of 3 traces (by up to 2.10x).
    Smallest heap: compaction, at 1.00x on the worst of 3 traces; best-fit comes within 13.0 % without compaction.
    oom: 6 of 27 cells, 3 of them fragmented, not full; compaction would have served them. best-fit on server fails at 1.1x, operation 3 102 447: wanted 64 KiB; 3.10 MiB free in 40 112 holes, largest 48 KiB. best-fit on gcc fails at 1.1x, operation 3 102 447: wanted 64 KiB; 3.10 MiB free in 40 112 holes, largest 48 KiB. best-fit on jq fails at 1.1x, operation 3 102 447: wanted 64 KiB; 3.10 MiB free in 40 112 holes, largest 48 KiB.
    invalid: 3 of 27 cells: free-list/server/64MiB: two blocks overlap; free-list/gcc/64MiB: two blocks overlap; free-list/jq/64MiB: two blocks overlap.
    timeout: 3 of 27 cells: compaction/server/64MiB; compaction/gcc/64MiB; compaction/jq/64MiB.
    ");
}

#[test]
fn an_empty_report_shows_nothing_and_does_not_fail() {
    let report = Report { complete: true, ..Report::default() };
    assert!(headline(&report, &Selection::default()).is_empty());
    assert_eq!(shown(&report, None, Format::Table, 100), "no cells selected\n");
    assert_eq!(shown(&report, None, Format::Json, 100), "[]\n");
    for by in [By::Cell, By::Strategy, By::Trace] {
        for (_, format) in Format::ALL {
            shown(&report, Some(by), format, 10);
        }
    }
}

#[test]
fn globs_select() {
    let globs = |text: &str| vec![text.to_owned()];
    let report = example::report();
    let selection = Selection::new(&globs("*-{fit,list}"), &[], &globs("1.*x")).unwrap();
    let part = selection.apply(&report);
    let ids: Vec<&str> = part.cells.iter().map(|cell| cell.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "best-fit/server/1.1x",
            "best-fit/server/1.25x",
            "free-list/server/1.1x",
            "free-list/server/1.25x"
        ]
    );
    assert_eq!(part.check(), Vec::<String>::new());
    assert!(selection.without_match(&report).is_empty());

    let slip = Selection::new(&globs("bestfit"), &globs("serv*"), &[]).unwrap();
    assert_eq!(slip.without_match(&report), ["bestfit"]);
    let error = Selection::new(&globs("a["), &[], &[]).unwrap_err().to_string();
    assert_snapshot!(error, @"'a[' is no pattern: unclosed character class; missing ']'");
}

#[test]
fn hostile_names_break_no_table() {
    for name in ["<script>|*_", "\u{1b}[31m\n| x |", &"long".repeat(2_500), ""] {
        let mut report = example::report();
        report.traces[0].name = name.into();
        report.strategies.push(example::strategy(name, StrategyKind::Peer, false));
        for cell in &mut report.cells {
            cell.trace = name.into();
            cell.id = Cell::id_of(&cell.strategy, name, &cell.heap.spec, cell.mode);
        }
        let mut stranger = report.cells[1].clone();
        stranger.strategy = name.into();
        report.cells.push(stranger);
        for by in [None, Some(By::Cell), Some(By::Strategy), Some(By::Trace)] {
            let text = shown(&report, by, Format::Table, 100);
            for line in text.lines() {
                assert!(line.chars().count() <= 100, "{line}");
                assert!(!line.chars().any(char::is_control), "{line:?}");
            }
            let text = shown(&report, by, Format::Md, 100);
            assert!(!text.contains("<script>") && !text.contains('\u{1b}'), "{text}");
            let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
            let bars = |line: &str| line.replace("\\|", "").matches('|').count();
            assert!(rows.iter().all(|row| bars(row) == bars(rows[0])), "{text}");
        }
        let sentences = headline(&report, &Selection::default());
        assert!(sentences.iter().all(|it| !it.contains(['\n', '\u{1b}'])), "{sentences:?}");
    }
}
