//! Files that are something else than what they are taken for, and values that are none.

use std::io::Write as _;

use crate::support::Folder;

const RUN: &str = "run tiny.rep --check --no-html -s first-fit,best-fit --heap 2x";

fn with_report() -> Folder {
    let folder = Folder::new();
    folder.answer(&format!("{RUN} --json report.json"));
    folder.answer("report report.json -o page.html");
    folder.answer("import tiny.rep -o tiny.hlt");
    folder
}

/// The exit code and the whole complaint of a line that answers nothing.
fn complaint(folder: &Folder, line: &str) -> (i32, String) {
    let said = folder.run(line);
    assert_eq!(said.out, "", "{line}");
    (said.code, said.err)
}

#[test]
fn a_report_is_no_trace_and_a_trace_no_report() {
    let folder = with_report();
    for command in ["inspect", "run", "watch", "min-heap", "replay -s best-fit", "import -o x.hlt"]
    {
        for file in ["report.json", "page.html"] {
            let expected = format!(
                "error: {file}: a report, expected a trace\n  help: heaplab show {file} prints it\n"
            );
            assert_eq!(
                complaint(&folder, &format!("{command} {file}")),
                (3, expected),
                "{command}"
            );
        }
    }
    for command in
        ["show", "rank", "report", "export --to csv", "compare report.json", "run --resume"]
    {
        for file in ["tiny.rep", "tiny.hlt"] {
            let expected = format!(
                "error: {file}: a trace, expected a report\n  help: heaplab run {file} makes a report of it, heaplab inspect describes it\n"
            );
            assert_eq!(
                complaint(&folder, &format!("{command} {file}")),
                (3, expected),
                "{command}"
            );
        }
    }
}

#[test]
fn what_is_compressed_or_cut_off_is_called_so() {
    let folder = with_report();
    std::fs::write(folder.path().join("t.rep.gz"), b"\x1f\x8b\x08\0\0\0\0\0\0\x03").unwrap();
    let expected = "error: t.rep.gz: compressed with gzip, expected a trace as it is\n  help: gzip -dc t.rep.gz > TRACE, and name that file\n";
    assert_eq!(complaint(&folder, "inspect t.rep.gz"), (3, expected.into()));
    let whole = std::fs::read(folder.path().join("tiny.hlt")).unwrap();
    for len in [8, 20, whole.len() / 2, whole.len() - 1] {
        std::fs::write(folder.path().join("cut.hlt"), &whole[..len]).unwrap();
        let (code, said) = complaint(&folder, "inspect cut.hlt");
        assert!(said.ends_with("help: was it cut off while being recorded or copied?\n"), "{said}");
        assert_eq!(code, 3);
    }
    folder.write("empty", "");
    let expected = "error: empty: an empty file, expected a report\n";
    assert_eq!(complaint(&folder, "show empty"), (3, expected.into()));
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_file() {
    let folder = with_report();
    folder.write("mark.json", &format!("\u{feff}{}", folder.read("report.json")));
    assert_eq!(folder.answer("show mark.json -q"), folder.answer("show report.json -q"));
    folder.write("mark.rep", &format!("\u{feff}{}", folder.read("tiny.rep")));
    let hash = |file| folder.json(&format!("inspect {file} --format json -q"))["hash"].clone();
    assert_eq!(hash("mark.rep"), hash("tiny.rep"));
}

#[test]
#[cfg(unix)]
fn pipes_are_refused_where_a_file_is_read_twice() {
    let folder = with_report();
    let trace = std::fs::read(folder.path().join("tiny.hlt")).unwrap();
    let to_file = "  help: write it to a file first, and name that\n";
    for command in ["inspect", "run", "import -o x.hlt", "min-heap", "replay -s best-fit"] {
        let expected =
            format!("error: standard input cannot be read as a trace: it is read twice\n{to_file}");
        assert_eq!(complaint(&folder, &format!("{command} -")), (3, expected), "{command}");
        let mut command = folder.command(&format!("{command} /dev/stdin"));
        let mut child = command
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // It may have ended without reading.
        let _ = child.stdin.take().unwrap().write_all(&trace);
        let said: crate::support::Said = child.wait_with_output().unwrap().into();
        let expected = format!(
            "error: /dev/stdin: a pipe cannot be read as a trace: it is read twice\n{to_file}"
        );
        assert_eq!((said.code, said.err), (3, expected));
    }
    let (code, said) = complaint(&folder, "show -");
    assert!(said.ends_with("help: /dev/stdin is the name of standard input\n"), "{said}");
    assert_eq!(code, 3);
    // A report is read once, from front to back.
    let report = std::fs::File::open(folder.path().join("report.json")).unwrap();
    let mut command = folder.command("show /dev/stdin -q");
    let said: crate::support::Said = command.stdin(report).output().unwrap().into();
    assert_eq!((said.code, said.out), (0, folder.answer("show report.json -q")));
    // What has no end is known by its start.
    let (code, said) = complaint(&folder, "show /dev/zero");
    assert!(said.starts_with("error: /dev/zero:1:1: expected a report in JSON"), "{said}");
    assert_eq!(code, 3);
}

#[test]
fn a_report_that_was_changed_is_not_the_same_any_more() {
    let folder = with_report();
    let text = folder.read("report.json");
    let at = text.find("\"high_water_bytes\": ").unwrap() + "\"high_water_bytes\": ".len();
    folder.write("changed.json", &format!("{}1{}", &text[..at], &text[at..]));
    let said = folder.run("compare report.json changed.json");
    assert_eq!(said.code, 1, "{said:?}");
    assert!(
        said.err.contains("warning: changed.json: its id is not that of its content"),
        "{said:?}"
    );
    assert!(said.out.contains("WORSE"), "{said:?}");
    let said = folder.run("merge page.html changed.json -o both.json");
    assert_eq!(said.code, 5, "{said:?}");
    let said = folder.run("rank report.json page.html report.json --format csv");
    assert_eq!(said.out, folder.answer("rank report.json --format csv"));
    assert!(said.err.contains("page.html: the same report as one before it; it counts once"));
}

#[test]
fn many_contradictions_are_counted() {
    let folder = Folder::new();
    folder.answer("run tiny.rep --check --no-html --json report.json");
    let mut report: serde_json::Value = serde_json::from_str(&folder.read("report.json")).unwrap();
    report["traces"] = serde_json::json!([]);
    report["id"] = serde_json::json!("");
    folder.write("report.json", &report.to_string());
    let said = folder.run("show report.json");
    assert_eq!(said.err.matches("no trace is named \"tiny\"").count(), 10, "{said:?}");
    assert_eq!(said.err.matches("more such contradictions").count(), 1, "{said:?}");
}

#[test]
fn an_export_of_nothing_says_so() {
    let folder = with_report();
    for form in ["gab", "bmf", "openmetrics"] {
        let said = folder.run(&format!("export report.json --only time --to {form}"));
        assert_eq!(said.code, 0);
        let expected =
            "warning: report.json: it has no figure of what was asked for; nothing was handed on\n";
        assert_eq!(said.err, expected, "{form}");
    }
}

#[test]
fn numbers_say_their_range() {
    let folder = Folder::new();
    for (line, from, to) in [
        ("run tiny.rep --processes", 1, 64),
        ("run tiny.rep --seed", 0, u64::MAX),
        ("generate uniform -o x.hlt --operations", 0, u64::MAX),
        ("min-heap tiny.rep --jobs", 1, 1024),
        ("watch tiny.rep --every", 1, u64::MAX),
        ("inspect tiny.rep --pid", 0, u64::from(u32::MAX)),
    ] {
        for bad in ["-1", "1.5", "many", "99999999999999999999999"] {
            let (code, said) = complaint(&folder, &format!("{line}={bad}"));
            let expected = format!("expected a whole number from {from} to {to}, found '{bad}'");
            assert!(said.contains(&expected), "{line}={bad}: {said}");
            assert_eq!(code, 2);
        }
    }
}

#[test]
fn a_trace_without_operations_cannot_be_drawn() {
    let folder = Folder::new();
    folder.answer("generate uniform -o none.hlt --operations 0");
    let expected = "error: none.hlt: the trace has no operations: nothing to draw\n";
    let said = complaint(&folder, "report none.hlt --map first-fit -o x.html");
    assert_eq!(said, (3, expected.into()));
}

#[test]
#[cfg(target_os = "linux")]
fn help_that_cannot_be_written_is_an_error() {
    let folder = Folder::new();
    for line in ["--help", "run --help", "--version"] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = folder.command(line).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(4), "{line}: {output:?}");
    }
}
