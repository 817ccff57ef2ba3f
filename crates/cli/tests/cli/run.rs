//! `run` and `show` on tiny traces.

use serde_json::Value;

use crate::support::Folder;

fn report(folder: &Folder, line: &str) -> Value {
    let said = folder.run(&format!("{line} --json report.json"));
    assert_eq!(said.code, 0, "{said:?}");
    serde_json::from_str(&folder.read("report.json")).unwrap()
}

/// What may differ between two runs of one plan.
fn without_circumstances(mut report: Value) -> Value {
    let fields = report.as_object_mut().unwrap();
    for name in ["id", "created_at", "duration_ns", "environment", "warnings", "command"] {
        fields.remove(name);
    }
    report
}

#[test]
fn two_space_runs_are_equal_but_for_the_clock() {
    let folder = Folder::new();
    let line = "run tiny.rep --passes space";
    let first = report(&folder, line);
    assert_eq!(without_circumstances(report(&folder, line)), without_circumstances(first.clone()));
    assert_eq!(first["complete"], true);
    assert!(first["id"].as_str().is_some_and(|id| id.len() == 64));
    let validator = jsonschema::validator_for(&heaplab_report::Report::schema()).unwrap();
    assert!(validator.is_valid(&first));
    let parsed = heaplab_report::read(folder.path().join("report.json")).unwrap();
    assert_eq!(parsed.check(), Vec::<String>::new());
}

#[test]
fn the_default_report_is_dated_and_has_a_latest_copy() {
    let folder = Folder::new();
    let said = folder.run("run tiny.rep --check --heap 1.0x,2x -s best-fit,compaction");
    assert_eq!(said.code, 0, "{said:?}");
    let files = folder.files("results/local");
    assert_eq!(files.len(), 4, "{files:?}");
    assert_eq!(files[..2], ["latest.html", "latest.json"]);
    assert!(files[3].starts_with("tiny-2") && files[3].ends_with(".json"), "{files:?}");
    let dated = format!("results/local/{}", files[3]);
    let page = dated.replace(".json", ".html");
    assert_eq!(folder.read(&dated), folder.read("results/local/latest.json"));
    assert_eq!(folder.read(&page), folder.read("results/local/latest.html"));
    let written =
        format!("written: {dated}, results/local/latest.json, {page}, results/local/latest.html\n");
    assert!(said.err.contains(&written), "{said:?}");
    let oom = format!("next: heaplab explain {dated} best-fit tiny --heap 1.0x\n");
    assert!(said.err.ends_with(&oom), "{said:?}");
    assert!(said.out.contains("oom"), "{said:?}");
    // The latest report is shown without being named.
    assert_eq!(folder.answer("show"), said.out);
}

#[test]
fn a_timed_run_has_samples_where_they_were_asked_for() {
    let folder = Folder::new();
    let line = "run tiny.rep -s first-fit --heap 1.5x,2x --timed 2x --rounds 2 --seed 5";
    let report = report(&folder, line);
    assert_eq!(report["measurement"]["order_seed"], 5);
    for cell in report["cells"].as_array().unwrap() {
        let is_timed = cell["heap"]["spec"] == "2x";
        let samples = cell["time"]["samples_ns"].as_array().map_or(0, Vec::len);
        assert_eq!(samples, if is_timed { 2 } else { 0 }, "{cell}");
    }
}

#[test]
fn variables_are_weaker_than_flags() {
    let folder = Folder::new();
    for line in ["run tiny.rep --check --json r.json", "run tiny.rep --heap 2x --json r.json"] {
        let mut command = folder.command(line);
        command.env("HEAPLAB_ROUNDS", "1").env("HEAPLAB_HEAP", "1.5x");
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{line}: {output:?}");
        let report: Value = serde_json::from_str(&folder.read("r.json")).unwrap();
        let specs: Vec<_> =
            report["cells"].as_array().unwrap().iter().map(|it| &it["heap"]["spec"]).collect();
        let wanted = if line.contains("2x") { "2x" } else { "1.5x" };
        assert!(specs.iter().all(|spec| *spec == wanted || *spec == "unlimited"), "{specs:?}");
    }
}

#[test]
fn without_a_command_the_default_suite_is_run() {
    let folder = Folder::new();
    let mut command = folder.command("--format json -q");
    command.env("HEAPLAB_PASSES", "space").env("HEAPLAB_HEAP", "64KiB");
    let output = command.env("HEAPLAB_TIME_BUDGET", "3s").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let rows: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(rows[0]["heap"] == "64KiB" && rows[0]["trace"] == "gcc", "{}", rows[0]);
    assert!(
        folder.read("results/local/latest.json").contains("\"name\": \"default\"")
            || folder.read("results/local/latest.json").contains("\"name\":\"default\"")
    );
}

#[test]
fn traces_of_one_name_stay_apart() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("more")).unwrap();
    folder.write("more/tiny.rep", "a 0 16\nf 0\n");
    let report = report(&folder, "run tiny.rep more/tiny.rep --passes space -s best-fit");
    let names: Vec<_> = report["traces"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["tiny", "tiny-2"]);
}

#[test]
fn a_suite_decides_what_no_flag_decides() {
    let folder = Folder::new();
    let said = folder.run("run --suite suite.toml --heap 3x --json report.json");
    assert_eq!(said.code, 0, "{said:?}");
    let report: Value = serde_json::from_str(&folder.read("report.json")).unwrap();
    assert_eq!(report["suite"]["name"], "sample");
    assert_eq!(report["traces"][0]["question"], "does every command work");
    assert_eq!(report["traces"][1]["name"], "churn");
    let specs: Vec<_> = report["cells"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["heap"]["spec"].as_str().unwrap())
        .collect();
    assert!(specs.contains(&"3x") && !specs.contains(&"2x"), "{specs:?}");
    let strategies = report["strategies"].to_string();
    assert!(strategies.contains("best-fit") && !strategies.contains("free-list"), "{strategies}");
}

#[test]
fn filters_work_alike_on_run_and_show() {
    let folder = Folder::new();
    let run = report(&folder, "run --suite suite.toml -t ti* -s best-fit");
    assert_eq!(run["traces"].as_array().unwrap().len(), 1);
    let said = folder.run("run --suite suite.toml --json report.json");
    assert_eq!(said.code, 0, "{said:?}");
    let rows = folder.json("show report.json -t ti* -s best-fit --by cell --format json");
    let rows = rows.as_array().unwrap();
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| row["trace"] == "tiny" && row["strategy"] == "best-fit"));
}

#[test]
fn show_prints_every_view() {
    let folder = Folder::new();
    report(&folder, "run tiny.rep --check -s best-fit,compaction --heap 1.0x,2x");
    for by in ["cell", "strategy", "trace"] {
        for format in ["table", "csv", "md"] {
            let text = folder.answer(&format!("show report.json --by {by} --format {format}"));
            assert!(text.contains("best-fit") || by == "trace", "{by} {format}: {text}");
        }
    }
    let cell = folder.json("show report.json --cell best-fit/tiny/1.0x --format json");
    assert_eq!(cell["outcome"]["status"], "oom");
    assert!(folder.answer("show report.json --cell best-fit/tiny/1.0x").contains("oom"));
    let said = folder.run("show report.json --cell bestfit/tiny/1.0x");
    assert_eq!(said.code, 2);
    assert_eq!(
        said.err,
        "error: report.json: no cell 'bestfit/tiny/1.0x'; did you mean 'best-fit/tiny/1.0x'?\n  help: heaplab show report.json --by cell lists them\n"
    );
}

#[test]
fn a_dry_run_measures_and_writes_nothing() {
    let folder = Folder::new();
    let mut command = folder.command("run --suite suite.toml --rounds 3 --dry-run -v");
    command.env("HEAPLAB_SEED", "9");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let err = String::from_utf8(output.stderr).unwrap();
    for line in [
        "rounds       3  (flag)\n",
        "seed         9  (environment)\n",
        "heap         1.0x,2x  (suite)\n",
        "granule      16  (default)\n",
    ] {
        assert!(err.contains(line), "{line}: {err}");
    }
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.contains("tiny") && out.contains("churn") && out.contains("cells;"), "{out}");
    assert_eq!(folder.files("results"), Vec::<String>::new());
    let rows = folder.json("run --suite suite.toml --dry-run --format json");
    assert_eq!(rows[0]["trace"], "tiny");
    assert_eq!(rows[0]["operations"], 10);
}

#[test]
fn a_report_does_not_tell_whose_home_it_was_made_in() {
    let folder = Folder::new();
    let home = folder.path().canonicalize().unwrap();
    let line = format!("run {}/tiny.rep --passes space -s best-fit --json r.json", home.display());
    let output = folder.command(&line).env("HOME", &home).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = folder.read("r.json");
    assert!(!text.contains(home.to_str().unwrap()), "{text}");
    assert!(text.contains("~/tiny.rep"), "{text}");
}

#[test]
fn a_budget_of_moves_has_a_curve() {
    let folder = Folder::new();
    let line = "run tiny.rep --passes space -s best-fit,compaction-budgeted";
    let report = report(&folder, line);
    let curves = report["curves"].as_array().unwrap();
    assert_eq!(curves.len(), 1, "best fit moves nothing of its own accord");
    let named = ["strategy", "parameter"].map(|field| curves[0][field].as_str().unwrap());
    assert_eq!(named, ["compaction-budgeted", "c"]);
    let points = curves[0]["points"].as_array().unwrap();
    let of = |field: &str| points.iter().map(|it| it[field].as_u64().unwrap()).collect::<Vec<_>>();
    let (values, heaps) = (of("value"), of("heap_bytes"));
    assert!(!values.is_empty() && values.is_sorted() && values.ends_with(&[64]), "{values:?}");
    let peak = report["traces"][0]["peak_live_bytes"].as_u64().unwrap();
    assert!(heaps.is_sorted() && heaps[0] >= peak, "{heaps:?} over {peak}");
}
