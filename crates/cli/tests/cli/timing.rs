//! Timed runs: modes, the noise floor, latencies, instructions, the curve; and whether the machine is fit for them.

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::Folder;

fn report(folder: &Folder, line: &str) -> Value {
    let said = folder.run(&format!("{line} --json report.json"));
    assert_eq!(said.code, 0, "{said:?}");
    let report = heaplab_report::read(folder.path().join("report.json")).unwrap();
    assert_eq!(report.check(), Vec::<String>::new());
    serde_json::from_str(&folder.read("report.json")).unwrap()
}

fn cells(report: &Value) -> &Vec<Value> {
    report["cells"].as_array().unwrap()
}

fn cell<'a>(report: &'a Value, id: &str) -> &'a Value {
    cells(report).iter().find(|cell| cell["id"] == id).unwrap_or_else(|| panic!("no cell {id}"))
}

#[test]
fn the_two_modes_have_cells_of_their_own() {
    let folder = Folder::new();
    let line = "run tiny.rep -s first-fit,compaction --heap 2x --rounds 2 --mode both";
    let both = report(&folder, line);
    let (alone, copied) =
        (cell(&both, "compaction/tiny/2x"), cell(&both, "compaction/tiny/2x/payload"));
    assert_eq!((&alone["mode"], &copied["mode"]), (&"placement".into(), &"payload".into()));
    for it in [alone, copied] {
        assert_eq!(it["time"]["samples_ns"].as_array().unwrap().len(), 2, "{it}");
    }
    assert_eq!(alone["placement_hash"], copied["placement_hash"]);
    assert_eq!(alone["relocations"], copied["relocations"]);
    // An unlimited heap has no bytes behind it.
    assert!(cells(&both).iter().all(|it| it["id"] != "compaction/tiny/unlimited/payload"));
    // Two tables, never one.
    let text = folder.answer("show report.json");
    assert_eq!(text.matches("\ntiny ").count() + usize::from(text.starts_with("tiny ")), 2);
    assert!(text.contains("with payload") && text.contains("nothing is copied"), "{text}");

    let payload = report(&folder, "run tiny.rep -s first-fit --heap 2x --rounds 2 --mode payload");
    assert!(cell(&payload, "first-fit/tiny/2x").get("time").is_none());
    assert!(cell(&payload, "first-fit/tiny/2x/payload").get("time").is_some());
}

#[test]
fn one_strategy_takes_part_twice_and_its_spread_is_the_noise_floor() {
    let folder = Folder::new();
    let line = "run tiny.rep -s first-fit,best-fit --heap 2x,3x --timed 2x,3x --rounds 3";
    let report = report(&folder, line);
    let measurement = &report["measurement"];
    assert_eq!(measurement["control"]["strategy"], "first-fit");
    let listed = measurement["control"]["cells"].as_array().unwrap();
    assert_eq!(listed.len(), 2);
    let ns = |samples: &Value| -> Vec<f64> {
        let samples = samples.as_array().unwrap().iter();
        samples.map(|it| f64::from(u32::try_from(it.as_u64().unwrap()).unwrap())).collect()
    };
    let mut ratios = Vec::new();
    for second in listed {
        let heap = second["heap"].as_str().unwrap();
        let first = ns(&cell(&report, &format!("first-fit/tiny/{heap}"))["time"]["samples_ns"]);
        let second = ns(&second["samples_ns"]);
        assert_eq!((first.len(), second.len()), (3, 3));
        let mut by_round: Vec<f64> = first.iter().zip(second).map(|(a, b)| a / b).collect();
        by_round.sort_by(f64::total_cmp);
        ratios.push(by_round[1].max(1.0 / by_round[1]) - 1.0);
    }
    let floor = measurement["noise_floor_ratio"].as_f64().unwrap();
    let (least, most) = (ratios[0].min(ratios[1]), ratios[0].max(ratios[1]));
    assert!((floor - (least + 0.9 * (most - least))).abs() < 1e-9, "{floor} {ratios:?}");
}

#[test]
fn latencies_are_quantiles_of_a_histogram() {
    let folder = Folder::new();
    let report = report(&folder, "run tiny.rep -s best-fit --heap 2x --passes space,latency");
    let latency = &cell(&report, "best-fit/tiny/2x")["latency"];
    let at = |name: &str| latency[name].as_f64().unwrap();
    assert!(at("p50_ns") <= at("p99_ns") && at("p99_ns") <= at("max_ns"), "{latency}");
    assert!(latency.get("p9999_ns").is_none(), "ten operations have no such quantile");
    // A V2 histogram begins with the bytes 1C 84 93 13.
    assert!(latency["histogram"].as_str().unwrap().starts_with("HISTE"), "{latency}");
    assert!(report["environment"]["clock"]["cost_ns"].as_f64().is_some());
    assert!(cell(&report, "best-fit/tiny/2x").get("time").is_none());
    let text = folder.answer("show report.json --cell best-fit/tiny/2x");
    assert!(text.contains("latency") && text.contains("p99.9"), "{text}");
}

#[test]
fn a_curve_marks_what_nothing_dominates() {
    let folder = Folder::new();
    let report = report(&folder, "run tiny.rep -s best-fit,compaction --curve --rounds 1");
    let heaps: Vec<_> = cells(&report)
        .iter()
        .filter(|it| it["strategy"] == "compaction" && it["mode"] == "payload")
        .map(|it| it["heap"]["spec"].as_str().unwrap())
        .collect();
    assert_eq!(heaps, ["1.0x", "1.05x", "1.1x", "1.25x", "1.5x", "2x", "2.5x", "3x"]);
    let rows = folder.json("show report.json --by curve --format json");
    let rows = rows.as_array().unwrap();
    let best = rows.iter().filter(|row| row.get("dominated_by").is_none()).count();
    assert!(best > 0 && rows.iter().all(|row| row["total_bytes"].is_u64()), "{rows:?}");
    // The tables mark the same cells.
    let text = folder.answer("show report.json");
    let in_the_footnote = text.matches(" *:").count();
    assert_eq!(text.matches(" *").count() - in_the_footnote, best, "{text}");
    // Nothing is timed without copies, so there is one table.
    assert!(!text.contains("nothing is copied") && text.matches("10 operations").count() == 1);
    let curve = folder.answer("show report.json --by curve");
    assert!(curve.contains(&format!("{best} of {} cells that nothing dominates", rows.len())));
}

#[test]
fn instructions_repeat_exactly() {
    if heaplab_harness::instructions::valgrind().is_err() {
        eprintln!("skipped: there is no valgrind");
        return;
    }
    let folder = Folder::new();
    let count = || {
        let line = "run tiny.rep --passes space,verify --instructions -s first-fit,compaction --heap 2x --mode both";
        let report = report(&folder, line);
        let of = |id: &str| cell(&report, id)["counters"]["instructions"].as_u64().unwrap();
        ["first-fit/tiny/2x", "compaction/tiny/2x", "compaction/tiny/2x/payload", "null/tiny/2x"]
            .map(of)
    };
    let counts = count();
    assert_eq!(counts, count());
    let [first_fit, _, _, null] = counts;
    assert!(null > 0 && null < first_fit, "{counts:?}");
}

#[test]
fn instructions_need_valgrind() {
    let folder = Folder::new();
    let mut command = folder.command("run tiny.rep --instructions");
    let output = command.env("PATH", folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @"
    error: --instructions: valgrind cannot be started: No such file or directory (os error 2)
      help: install valgrind, or leave --instructions out
    ");
}

#[test]
fn a_processor_that_is_not_there_cannot_be_pinned_to() {
    let folder = Folder::new();
    let said = folder.run("run tiny.rep -s best-fit --heap 2x --rounds 1 --pin=100000");
    assert_eq!(said.code, 2, "{said:?}");
    let error = "error: cannot pin the timed replays to processor 100000: this process may use ";
    assert!(said.err.contains(error), "{said:?}");
    assert!(!said.err.contains("best-fit"), "before anything is replayed: {said:?}");
    let pinned = report(&folder, "run tiny.rep -s best-fit --heap 2x --rounds 1 --pin");
    assert!(pinned["measurement"]["pinned_cpu"].is_u64());
}

#[test]
fn nothing_that_is_about_time_stands_beside_check() {
    let folder = Folder::new();
    for flag in ["--mode payload", "--pin", "--rounds 3"] {
        let said = folder.run(&format!("run tiny.rep --check {flag}"));
        assert_eq!(said.code, 2, "{flag}: {said:?}");
        assert!(said.err.contains("has no meaning beside --check"), "{said:?}");
    }
    assert_eq!(folder.run("run tiny.rep --check --curve").code, 2);
    assert_eq!(folder.run("run tiny.rep --mode both-of-them").code, 2);
}

#[test]
fn the_doctor_says_of_each_thing_whether_it_is_fit() {
    let folder = Folder::new();
    let said = folder.run("doctor --format json");
    let rows: Value = serde_json::from_str(&said.out).unwrap();
    let rows = rows.as_array().unwrap();
    let is_bad = rows.iter().any(|row| row["fitness"] == "bad");
    assert_eq!(said.code, i32::from(is_bad), "{said:?}");
    assert!(said.err.contains(if is_bad { "Not fit to time on" } else { "Fit to time on" }));
    let names: Vec<_> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_snapshot!(names.join(", "), @"build, steadiness, load, governor, turbo, SMT, virtualized, affinity, container, clock source, clock resolution, clock cost, huge pages, ASLR, NUMA, preload, perf counters, valgrind");
    // Foreign code in the process is never fit.
    let mut command = folder.command("doctor");
    let output = command.env("GLIBC_TUNABLES", "glibc.malloc.tcache_count=7").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("GLIBC_TUNABLES set") && text.contains("env -u GLIBC_TUNABLES"),
        "{text}"
    );
}

#[test]
fn several_processes_make_one_report() {
    let folder = Folder::new();
    let line = "run tiny.rep -s first-fit,best-fit --heap 2x --rounds 2 --processes 3";
    let said = folder.run(&format!("{line} --json three.json"));
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.contains("rounds 2 in each of 3 processes"), "{said:?}");
    let report = heaplab_report::read(folder.path().join("three.json")).unwrap();
    assert_eq!(report.check(), Vec::<String>::new());
    assert!(report.complete);
    assert_eq!((report.measurement.processes, report.merged_from.len()), (3, 3));
    assert!(report.command.contains(&"--processes".to_owned()), "{:?}", report.command);
    let timed: Vec<_> = report.cells.iter().filter_map(|cell| cell.time.as_ref()).collect();
    assert!(timed.len() >= 4, "both strategies and both floors");
    assert!(timed.iter().all(|time| time.process_rounds == [2, 2, 2]));
    assert!(report.cells.iter().any(|cell| cell.verified == Some(true)));
    // Nothing is timed, so one process is enough; and none is no number of processes.
    let said = folder.run("run tiny.rep -s first-fit --passes space --processes 3 --json one.json");
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(heaplab_report::read(folder.path().join("one.json")).unwrap().merged_from.len(), 0);
    assert_eq!(folder.run("run tiny.rep --processes 0").code, 2);
    assert_eq!(folder.run("run tiny.rep --check --processes 3").code, 2);
}
