//! `compare --confirm`: suspicious times, measured again by processes of both builds.

use crate::reports::{folder, slow_down};
use crate::support::{Folder, Said};

/// Writes a report that lies ready to where a run would write its own, and says what it was asked.
const READY: &str = "ready=$1; echo \"$@\" >> asked.txt\n\
    while [ $# -gt 0 ]; do [ \"$1\" = --json ] && cp \"$ready\" \"$2\"; shift; done\n";

fn confirm(folder: &Folder, line: &str, commands: &[&str]) -> Said {
    let mut command = folder.command(line);
    for confirm in commands {
        command.args(["--confirm", confirm]);
    }
    command.output().unwrap().into()
}

/// First fit slower by 40 %, which is suspicious.
fn suspicious() -> Folder {
    let folder = folder(|report| slow_down(report, "first-fit", 1.4));
    folder.write("ready.sh", READY);
    folder
}

#[test]
fn what_is_there_again_is_confirmed() {
    let folder = suspicious();
    let line = "compare old.json new.json --html c.html";
    let said = confirm(&folder, line, &["sh ready.sh old.json", "sh 'ready.sh' new.json"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.out.contains("WORSE, confirmed"), "{}", said.out);
    assert!(said.out.ends_with(
        "1 regression; 447 exact figures are equal, the suspicious time was confirmed, 2 of 3 times cannot be told apart.\n"
    ), "{}", said.out);
    assert!(said.err.starts_with("confirming 1 time: 8 processes a side, in turns, 16 in all\n"));
    assert!(said.err.contains("confirming  16 of 16 processes, 0 s left\n"), "{}", said.err);
    assert!(folder.read("c.html").contains(">worse, confirmed</text>"));
    // Each process is one of its own, sides take turns, and each goes first as often as the other.
    let asked = folder.read("asked.txt");
    let sides: Vec<&str> = asked.lines().filter_map(|it| it.split(' ').next()).collect();
    assert_eq!(sides.len(), 16);
    assert_eq!(sides[..4], ["old.json", "new.json", "new.json", "old.json"]);
    let first = asked.lines().next().unwrap();
    assert!(first.contains(" -s first-fit --heap 2x --timed 2x "), "{first}");
}

#[test]
fn what_is_not_there_again_is_no_regression() {
    let folder = suspicious();
    let both = ["sh ready.sh old.json"; 2];
    let said = confirm(&folder, "compare old.json new.json", &both);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("worse, not confirmed"), "{}", said.out);
    let quiet = confirm(&folder, "compare old.json new.json -q --format json", &both);
    assert_eq!((quiet.code, quiet.err.as_str()), (0, ""));
    let rows: serde_json::Value = serde_json::from_str(&quiet.out).unwrap();
    let row = rows.as_array().unwrap().iter().find(|row| row["verdict"] == "worse").unwrap();
    assert_eq!((&row["outcome"], &row["is_confirmed"]), (&"same".into(), &false.into()));
    // Where nothing is suspicious nothing is started.
    std::fs::remove_file(folder.path().join("asked.txt")).unwrap();
    let said = confirm(&folder, "compare new.json old.json -s best-fit", &both);
    assert_eq!(said.code, 0);
    assert!(said.err.contains("there is nothing to confirm"), "{said:?}");
    assert!(!folder.path().join("asked.txt").exists());
}

#[test]
fn the_same_program_twice_refutes_a_report_that_was_tampered_with() {
    let folder = Folder::new();
    folder.answer(
        "run tiny.rep --passes throughput --rounds 8 --heap 2x -s first-fit,best-fit --json old.json --no-maps -q",
    );
    let mut report = heaplab_report::read(folder.path().join("old.json")).unwrap();
    let of_first_fit = report.cells.iter_mut().filter(|cell| cell.strategy == "first-fit");
    for ns in of_first_fit.filter_map(|it| it.time.as_mut()).flat_map(|it| &mut it.samples_ns) {
        *ns *= 9;
    }
    report.seal();
    heaplab_report::write_atomically(folder.path().join("new.json"), &report).unwrap();
    // Far from what a busy machine does by itself.
    let line = "compare old.json new.json --threshold 200%";
    assert_eq!(folder.run(line).code, 1);
    let program = env!("CARGO_BIN_EXE_heaplab");
    let said = confirm(&folder, line, &[program, program]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("worse, not confirmed"), "{}", said.out);
}

#[test]
fn commands_that_do_not_do_are_told_apart() {
    let folder = suspicious();
    folder.answer("run two-processes.log --passes space --json other.json");
    let mut report = heaplab_report::read(folder.path().join("old.json")).unwrap();
    report.cells.iter_mut().for_each(|it| it.placement_hash = Some("0".repeat(64)));
    heaplab_report::write_atomically(folder.path().join("placed.json"), &report).unwrap();
    report = heaplab_report::read(folder.path().join("old.json")).unwrap();
    report.tool.profile = Some("strange".into());
    heaplab_report::write_atomically(folder.path().join("built.json"), &report).unwrap();
    report = heaplab_report::read(folder.path().join("old.json")).unwrap();
    report.cells.iter_mut().for_each(|it| it.time = None);
    heaplab_report::write_atomically(folder.path().join("untimed.json"), &report).unwrap();
    let ready = "sh ready.sh old.json";
    for (commands, code, text) in [
        (vec![ready], 2, "--confirm needs two commands, the build of OLD and that of NEW; found 1"),
        (vec![ready, ready, ready], 2, "found 3"),
        (vec![ready, " "], 2, "' ' is no command"),
        (vec![ready, "sh 'x"], 2, "a quote is not closed"),
        (vec!["no/such/heaplab", ready], 3, "--confirm: no/such/heaplab cannot be started"),
        (
            vec![ready, "sh -c 'echo broken >&2; exit 3'"],
            3,
            "a process of the new side ended with exit status: 3",
        ),
        (vec![ready, "sh -c 'echo broken >&2; exit 3'"], 3, "\n  broken\n"),
        (vec!["true", ready], 3, "a process of the old side wrote no report: true"),
        (vec!["sh ready.sh other.json", ready], 5, "replayed other operations than the old report"),
        (vec!["sh ready.sh placed.json", ready], 5, "places blocks otherwise than the old report"),
        (vec![ready, "sh ready.sh untimed.json"], 3, "has no time for first-fit in 2x on tiny: ok"),
        (vec![ready, "sh ready.sh built.json"], 5, "is another build than that of the new report"),
    ] {
        let said = confirm(&folder, "compare old.json new.json --no-progress", &commands);
        assert_eq!((said.code, said.out.as_str()), (code, ""), "{commands:?}: {said:?}");
        assert!(said.err.contains(text), "{commands:?}: {said:?}");
    }
    let said = folder.run("compare old.json new.json --confirm-trace tiny.rep");
    assert_eq!(said.code, 2, "{said:?}");
}

#[test]
fn a_trace_is_found_by_what_it_holds_or_asked_for() {
    let folder = suspicious();
    std::fs::rename(folder.path().join("tiny.rep"), folder.path().join("elsewhere.rep")).unwrap();
    let both = ["sh ready.sh old.json", "sh ready.sh new.json"];
    let said = confirm(&folder, "compare old.json new.json", &both);
    assert_eq!((said.code, said.out.as_str()), (3, ""));
    assert!(said.err.contains("--confirm: the trace 'tiny' is not found"), "{said:?}");
    assert!(said.err.contains("help: name its file: --confirm-trace FILE"), "{said:?}");
    let line = "compare old.json new.json --confirm-trace";
    let said = confirm(&folder, &format!("{line} elsewhere.rep"), &both);
    assert_eq!(said.code, 1, "{said:?}");
    // A file that holds something else is named, with what it holds.
    let said = confirm(&folder, &format!("{line} two-processes.log"), &both);
    assert_eq!(said.code, 3, "{said:?}");
}
