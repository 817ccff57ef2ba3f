//! Reports side by side, ranked, joined and handed on.

use heaplab_report::{Report, Time};
use insta::assert_snapshot;

use crate::support::{Folder, Said};

/// Two reports of one run, timed by hand so that every figure is known; `new` is the old one with `change`.
pub(crate) fn folder(change: impl FnOnce(&mut Report)) -> Folder {
    let folder = Folder::new();
    folder.answer(
        "run tiny.rep --passes space --heap 2x,3x -s first-fit,best-fit,free-list --json old.json",
    );
    let mut report = heaplab_report::read(folder.path().join("old.json")).unwrap();
    report.created_at = "2026-01-10T08:30:00Z".into();
    report.environment = heaplab_report::Environment { id: "m".into(), ..Default::default() };
    report.tool.git_commit = Some("4f2a1c9ffff".into());
    report.tool.rustc = Some("rustc 1.89.0".into());
    for (index, cell) in report.cells.iter_mut().enumerate() {
        if cell.heap.spec == "2x" && cell.outcome.status == heaplab_report::Status::Ok {
            cell.time = Some(time(1000 * (index as u64 + 1), 1.0));
        }
    }
    report.seal();
    heaplab_report::write_atomically(folder.path().join("old.json"), &report).unwrap();
    report.created_at = "2026-01-11T08:30:00Z".into();
    report.tool.git_commit = Some("77b0e02".into());
    change(&mut report);
    report.seal();
    heaplab_report::write_atomically(folder.path().join("new.json"), &report).unwrap();
    folder
}

/// Ten rounds within 1 % of each other.
fn time(level: u64, factor: f64) -> Time {
    let offsets = [0, 3, 7, 2, 9, 4, 1, 8, 5, 6];
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers")]
    let sample = |offset: u64| ((level * (1000 + offset)) as f64 * factor) as u64;
    let samples_ns: Vec<u64> = offsets.map(sample).into();
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let median = (sample(4) + sample(5)) as f64 / 2.0 / 1000.0;
    Time { samples_ns, operations: 1000, median_ns_per_operation: median, ..Time::default() }
}

pub(crate) fn slow_down(report: &mut Report, strategy: &str, factor: f64) {
    for (index, cell) in report.cells.iter_mut().enumerate() {
        if cell.strategy == strategy && cell.time.is_some() {
            cell.time = Some(time(1000 * (index as u64 + 1), factor));
        }
    }
}

fn all(said: &Said) -> String {
    format!("{}---\n{}[exit {}]", said.out, said.err, said.code)
}

#[test]
fn a_report_compared_with_itself_is_silent() {
    let folder = folder(|_| ());
    std::fs::copy(folder.path().join("old.json"), folder.path().join("copy.json")).unwrap();
    let said = folder.run("compare old.json copy.json");
    assert_eq!((said.code, said.out.as_str()), (0, ""));
    let rows = folder.json("compare old.json old.json --format json");
    assert!(rows.as_array().unwrap().iter().all(|row| row["verdict"] == "same"), "{rows}");
    assert_eq!(folder.run("compare old.json copy.json -q").err, "");
}

#[test]
fn a_slowdown_is_a_regression() {
    let folder = folder(|report| slow_down(report, "first-fit", 1.4));
    assert_snapshot!("compare-slower", all(&folder.run("compare old.json new.json")));
    let markdown = folder.run("compare old.json new.json --format md -q");
    assert_snapshot!("compare-slower-md", all(&markdown));
    let rows = folder.run("compare old.json new.json --format json -q");
    let value: serde_json::Value = serde_json::from_str(&rows.out).unwrap();
    let worse = value.as_array().unwrap().iter().filter(|row| row["verdict"] == "worse");
    assert_eq!((rows.code, worse.count()), (1, 1));
    // Beyond the threshold only, and faster is no regression.
    assert_eq!(folder.run("compare old.json new.json --threshold 50% -q").code, 0);
    assert_eq!(folder.run("compare new.json old.json -q").code, 0);
    assert_eq!(folder.run("compare old.json new.json --only space").code, 0);
    assert_eq!(folder.run("compare old.json new.json -s best-fit,free-list -q").code, 0);
}

#[test]
fn a_comparison_is_a_page_too() {
    let folder = folder(|report| slow_down(report, "first-fit", 1.4));
    let said = folder.run("compare old.json new.json --html pages/c.html");
    assert_eq!(said.code, 1, "the page changes nothing about the answer");
    assert!(said.err.ends_with("written: pages/c.html\n"), "{said:?}");
    let page = folder.read("pages/c.html");
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains(">worse</text>"));
    // The same report twice is a page as well, and without words nothing is said.
    let said = folder.run("compare old.json old.json --html same.html -q");
    assert_eq!((said.code, said.out + &said.err), (0, String::new()));
    assert!(folder.read("same.html").contains("Both are the same report"));
    for (line, code, text) in [
        ("compare old.json new.json --html old.json", 2, "would take the place of what it is made"),
        ("compare old.json new.json --html ./new.json", 2, "would take the place"),
        ("compare old.json new.json --html old.json/c.html", 4, "cannot be written"),
        ("show pages/c.html", 3, "pages/c.html: the page of a comparison, which carries no report"),
    ] {
        let said = folder.run(line);
        assert_eq!((said.code, said.out.as_str()), (code, ""), "{line}: {said:?}");
        assert!(said.err.contains(text), "{line}: {said:?}");
    }
    heaplab_report::read(folder.path().join("old.json")).unwrap();
}

#[test]
fn a_cell_that_fails_now_is_a_regression() {
    let folder = folder(|report| {
        let cell = report.cells.iter_mut().find(|cell| cell.heap.spec == "3x").unwrap();
        cell.outcome.status = heaplab_report::Status::Oom;
    });
    let said = folder.run("compare old.json new.json --only space");
    assert_snapshot!("compare-failing", all(&said));
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let other = folder(|report| {
        report.environment.id = "other".into();
        report.tool.rustc = Some("rustc 1.90.0".into());
    });
    assert_snapshot!("compare-machines", all(&other.run("compare old.json new.json")));
    assert_eq!(other.run("compare old.json new.json --only space").code, 0);
    let forced = other.run("compare old.json new.json --force");
    assert_eq!(forced.code, 0);
    assert!(forced.err.contains("times are compared all the same"), "{}", forced.err);
    other.answer("generate uniform -o u.hlt --operations 100");
    other.answer("run u.hlt --passes space --heap 2x -s best-fit --json u.json");
    assert_snapshot!("compare-nothing", all(&other.run("compare old.json u.json")));
    assert_snapshot!("compare-untimed", all(&other.run("compare u.json u.json --only time -q")));
    other.write("newer.json", "{\"schema\": \"heaplab.report/2\"}");
    other.write("cut.json", "{\"schema\": \"heaplab.report/1\",");
    for line in ["compare old.json newer.json", "compare old.json cut.json", "rank absent.json"] {
        let said = other.run(line);
        assert_eq!((said.code, said.out.as_str()), (3, ""), "{line}: {}", said.err);
    }
    for line in ["compare old.json new.json --threshold 2", "compare old.json new.json -s nothing"]
    {
        assert_eq!(other.run(line).code, 2, "{line}");
    }
}

#[test]
fn ranks_say_what_they_are_over() {
    let folder = folder(|_| ());
    assert_snapshot!("rank", all(&folder.run("rank old.json")));
    let rows = folder.json("rank old.json new.json --format json -q");
    assert_eq!(rows.as_array().unwrap().len(), 3);
    assert_eq!(folder.run("rank old.json -s null").code, 2);
}

#[test]
fn merged_reports_are_reports() {
    let folder = folder(|_| ());
    folder.answer("merge old.json new.json -o both.json");
    let both = heaplab_report::read(folder.path().join("both.json")).unwrap();
    assert_eq!(both.check(), Vec::<String>::new());
    assert_eq!((both.merged_from.len(), both.measurement.processes), (2, 2));
    folder.answer("show both.json");
    let twice = folder.run("merge old.json both.json -o x.json");
    assert_snapshot!("merge-twice", all(&twice));
    assert_eq!(folder.run("merge old.json new.json -o absent/x/y.json").code, 0);
    assert_eq!(folder.run("merge old.json new.json -o .").code, 4);
}

#[test]
fn exports_go_to_files_or_standard_output() {
    let folder = folder(|_| ());
    let gab = folder.json("export old.json --to gab --only time -q");
    assert_eq!(gab.as_array().unwrap().len(), 3, "one timed heap for each strategy");
    folder.answer("export old.json --to bmf -o bmf.json");
    let bmf: serde_json::Value = serde_json::from_str(&folder.read("bmf.json")).unwrap();
    assert!(bmf["best-fit/tiny/2x"]["latency"]["value"].is_number(), "{bmf}");
    let csv = folder.answer("export old.json --to csv");
    assert!(csv.starts_with("id,trace,trace_hash,strategy,kind,version,heap,"), "{csv}");
    assert!(folder.answer("export old.json --to openmetrics").ends_with("# EOF\n"));
    assert_eq!(folder.run("export old.json --to bmf --better bigger").code, 2);
    assert_eq!(folder.run("export old.json --to csv -o absent/x.csv").code, 4);
}

#[test]
fn a_cell_is_named_by_its_id_alone() {
    let folder = Folder::new();
    for other in ["-s best-fit", "-t tiny", "--by cell"] {
        let said = folder.run(&format!("show --cell best-fit/tiny/2x {other}"));
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{other}: {said:?}");
        assert!(said.err.contains("cannot be used with"), "{other}: {said:?}");
    }
}
