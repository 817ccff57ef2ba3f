//! Commands that replay a strategy which aborts or hangs: each says so and ends like any other, and nobody else is affected.
//!
//! This program is both sides: where a variable of the environment says so, it is heaplab with a registry of its own.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test program without a test harness"
)]

mod faulty;

use std::path::Path;
use std::process::{Command, ExitCode};

use faulty::{FOREIGN, Faulty, NATIVE, PEER};
use serde_json::Value;

/// Says that this process is heaplab, and what is wrong with the strategies that it has beside all others.
const AS_PROGRAM: &str = "HEAPLAB_TEST_AS_PROGRAM";

fn program(fault: &str) -> ExitCode {
    let registry = heaplab_strategies::registry();
    match fault {
        "aborts" => {
            heaplab::run(registry.with::<Faulty<false, PEER>>("aborting-peer").with::<Faulty<
                false,
                FOREIGN,
            >>(
                "aborting-strategy"
            ))
        }
        "hangs" => heaplab::run(registry.with::<Faulty<true, PEER>>("hanging-peer").with::<Faulty<
            true,
            FOREIGN,
        >>(
            "hanging-strategy",
        )),
        // Apart from the others, since without a limit they are replayed in everybody's own process.
        "ruins" => heaplab::run(registry.with::<Faulty<false, NATIVE>>("ruined-strategy")),
        _ => heaplab::run(registry.with::<Faulty<true, NATIVE>>("spinning-strategy")),
    }
}

#[derive(Debug)]
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Runs this program as heaplab in a folder.
fn run(folder: &Path, line: &str) -> Said {
    run_with("aborts", folder, line)
}

/// As [`run`], with strategies of another fault.
fn run_with(fault: &str, folder: &Path, line: &str) -> Said {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(line.split(' ')).current_dir(folder).env(AS_PROGRAM, fault);
    command.env_remove("HEAPLAB_TIMEOUT").env_remove("HEAPLAB_TIME_BUDGET");
    let output = command.env_remove("HEAPLAB_SEED").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

fn tells(said: &Said) {
    // Not the signal of the allocator, which would leave no code.
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(cfg!(not(unix)) || said.err.contains("signal 6 (SIGABRT, it aborted)"), "{said:?}");
    assert!(said.err.contains("the heap is in ruins"), "{said:?}");
}

fn a_replay_ends_in_an_outcome(folder: &Path) {
    for name in ["aborting-peer", "aborting-strategy"] {
        let said = run(folder, &format!("replay tiny.rep -s {name} --heap 64KiB --format json"));
        tells(&said);
        let answer: Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(answer["outcome"]["status"], "crashed", "{answer}");
        assert!(answer["operations_completed"].is_null(), "{answer}");
        assert_eq!(answer["peak_live_requested_bytes"], 100, "{answer}");
    }
    let before = std::fs::read_dir(folder).unwrap().count();
    tells(&run(folder, "replay tiny.rep -s aborting-peer --heap 64KiB --placements lines.csv"));
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), before, "a file was left behind");
}

/// Figures and lines of a peer are those of before.
#[cfg(feature = "peers")]
fn a_peer_that_survives_has_its_lines(folder: &Path) {
    let line = "replay tiny.rep -s range-alloc --heap 64KiB --format json";
    let without = run(folder, line);
    let with = run(folder, &format!("{line} --placements placements.csv"));
    assert_eq!((without.code, with.code), (Some(0), Some(0)), "{with:?}");
    assert_eq!(without.out, with.out);
    let lines = std::fs::read_to_string(folder.join("placements.csv")).unwrap();
    assert_eq!(lines, "op,offset,len\n0,0,64\n1,64,64\n");
}

fn a_validation_loses_one_check(folder: &Path) {
    let said = run(folder, "validate --case 1 --format json -q");
    assert_eq!(said.code, Some(1), "{said:?}");
    let rows: Value = serde_json::from_str(&said.out).unwrap();
    let rows = rows.as_array().unwrap();
    let of = |name: &str| rows.iter().filter(|row| row["subject"] == name).collect::<Vec<_>>();
    for name in ["aborting-peer", "aborting-strategy"] {
        let [row] = of(name)[..] else { panic!("{name}: {rows:?}") };
        assert_eq!(row["verdict"], "fail", "{row}");
        assert!(row.to_string().contains("the heap is in ruins"), "{row}");
    }
    let mut sound = vec!["first-fit", "compaction"];
    if cfg!(feature = "peers") {
        sound.extend(["talc", "range-alloc"]);
    }
    for name in sound {
        assert_eq!(of(name).len(), 8, "{name}");
        assert!(of(name).iter().all(|row| row["verdict"] == "pass"), "{name}");
    }
}

fn what_is_looked_at_is_an_error(folder: &Path) {
    for line in [
        "explain tiny.rep -s aborting-strategy",
        "watch tiny.rep -s aborting-strategy --plain",
        "report tiny.rep --map aborting-strategy -o map.html",
    ] {
        let said = run(folder, line);
        tells(&said);
        assert!(said.err.starts_with("error: aborting-strategy: its process "), "{line}: {said:?}");
        assert!(said.err.contains("help: "), "{line}: {said:?}");
        assert_eq!(said.out, "", "{line}");
    }
    let said = run(folder, "explain tiny.rep -s best-fit --heap 1x --format json");
    assert_eq!(said.code, Some(0), "{said:?}");
    let answer: Value = serde_json::from_str(&said.out).unwrap();
    let others = answer["explanations"][0]["remedies"]["others"].as_array().unwrap();
    let status = |name: &str| {
        let other = others.iter().find(|other| other["strategy"] == name);
        other.map(|other| other["status"].as_str().unwrap_or("ok").to_owned())
    };
    assert_eq!(status("aborting-strategy").as_deref(), Some("crashed"), "{others:?}");
    assert!(status("first-fit").is_some_and(|status| status != "crashed"), "{others:?}");
}

/// The status of the outcome that a replay prints.
fn replayed(fault: &str, folder: &Path, line: &str) -> Value {
    let said = run_with(fault, folder, &format!("replay tiny.rep {line} --format json"));
    assert_eq!(said.code, Some(0), "{said:?}");
    serde_json::from_str(&said.out).unwrap()
}

fn what_hangs_in_a_replay_is_an_outcome(folder: &Path) {
    for (fault, name) in
        [("hangs", "hanging-peer"), ("hangs", "hanging-strategy"), ("spins", "spinning-strategy")]
    {
        let answer = replayed(fault, folder, &format!("-s {name} --heap 64KiB --timeout 300ms"));
        assert_eq!(answer["outcome"]["status"], "timeout", "{answer}");
        assert!(answer["operations_completed"].is_null(), "{answer}");
    }
    // What is only given a limit has the figures that it has without.
    let with = replayed("hangs", folder, "-s first-fit --heap 64KiB --timeout 60s");
    assert_eq!(with, replayed("hangs", folder, "-s first-fit --heap 64KiB"));
}

fn what_hangs_while_it_is_looked_at_is_an_error(folder: &Path) {
    for (fault, line) in [
        ("hangs", "explain tiny.rep -s hanging-strategy --patience 300ms"),
        ("hangs", "explain tiny.rep -s hanging-strategy --timeout 300ms"),
        ("spins", "explain tiny.rep -s spinning-strategy --timeout 300ms"),
        ("hangs", "watch tiny.rep -s hanging-strategy --plain --timeout 300ms"),
        ("spins", "watch tiny.rep -s spinning-strategy --plain --timeout 300ms"),
        ("hangs", "report tiny.rep --map hanging-strategy --timeout 300ms -o map.html"),
        ("spins", "report tiny.rep --map spinning-strategy --timeout 300ms -o map.html"),
    ] {
        let said = run_with(fault, folder, line);
        assert_eq!(said.code, Some(1), "{line}: {said:?}");
        assert!(said.err.contains("-strategy: timeout: an operation did not return"), "{said:?}");
        assert!(said.err.contains("help: a longer --"), "{line}: {said:?}");
        assert_eq!(said.out, "", "{line}");
        assert!(!folder.join("map.html").exists(), "{line}");
    }
    for (fault, name, limit) in [
        ("hangs", "hanging-strategy", ""),
        // Nothing says of it that it may hang, but a limit is for everybody.
        ("spins", "spinning-strategy", " --timeout 20s"),
    ] {
        let line =
            format!("explain tiny.rep -s best-fit --heap 1x --patience 300ms{limit} --format json");
        let said = run_with(fault, folder, &line);
        assert_eq!(said.code, Some(0), "{said:?}");
        let answer: Value = serde_json::from_str(&said.out).unwrap();
        let others = answer["explanations"][0]["remedies"]["others"].as_array().unwrap();
        let is_it = |other: &&Value| other["strategy"] == name;
        assert_eq!(others.iter().find(is_it).unwrap()["status"], "timeout", "{others:?}");
        let sound =
            |other: &Value| other["strategy"] == "first-fit" && other["status"] != "timeout";
        assert!(others.iter().any(sound), "{others:?}");
    }
}

fn a_run_with_a_limit_loses_nobody_else(folder: &Path) {
    for (fault, name, status, code) in
        [("spins", "spinning-strategy", "timeout", 0), ("ruins", "ruined-strategy", "crashed", 1)]
    {
        let line = format!(
            "run tiny.rep -s first-fit,compaction,{name} --heap 2x --rounds 2 --timeout 300ms --no-html --json r.json"
        );
        let said = run_with(fault, folder, &line);
        assert_eq!(said.code, Some(code), "{said:?}");
        let report = std::fs::read_to_string(folder.join("r.json")).unwrap();
        let report: Value = serde_json::from_str(&report).unwrap();
        let cells = report["cells"].as_array().unwrap();
        let cell = |id: String| cells.iter().find(|cell| cell["id"] == *id).unwrap();
        let lost = cell(format!("{name}/tiny/2x"));
        assert_eq!(lost["outcome"]["status"], status, "{lost}");
        for sound in ["first-fit", "compaction", "null"] {
            let cell = cell(format!("{sound}/tiny/2x"));
            assert_eq!(cell["outcome"]["status"], "ok", "{cell}");
            assert_eq!(cell["time"]["samples_ns"].as_array().map(Vec::len), Some(2), "{cell}");
        }
        // No thread was left behind.
        assert!(!report["warnings"].to_string().contains("hung"), "{}", report["warnings"]);
    }
}

/// What a search for smallest heaps says of each strategy.
fn smallest_heaps(fault: &str, folder: &Path, line: &str, code: i32) -> Vec<Value> {
    let said = run_with(fault, folder, &format!("min-heap tiny.rep {line} --format json -q"));
    assert_eq!(said.code, Some(code), "{said:?}");
    let answer: Value = serde_json::from_str(&said.out).unwrap();
    answer["traces"][0]["strategies"].as_array().unwrap_or_else(|| panic!("{answer}")).clone()
}

fn a_search_for_the_smallest_heap_goes_on_without_what_hangs(folder: &Path) {
    let line = "-s first-fit,hanging-* --time-budget 2s";
    let found = smallest_heaps("hangs", folder, line, 0);
    assert_eq!(found.len(), 3, "{found:?}");
    for strategy in found {
        let is_sound = strategy["strategy"] == "first-fit";
        assert_eq!(strategy["min_heap_bytes"].is_null(), !is_sound, "{strategy}");
    }
    for (fault, line) in [
        ("hangs", "-s hanging-*,first-fit --timeout 300ms"),
        // Nothing says of it that it may hang, but a limit is for everybody.
        ("spins", "-s spinning-strategy,first-fit --timeout 300ms"),
    ] {
        for strategy in smallest_heaps(fault, folder, line, 0) {
            if strategy["strategy"] == "first-fit" {
                assert_eq!(strategy["min_heap_certainty"], "exact", "{strategy}");
            } else {
                assert!(strategy["min_heap_bytes"].is_null(), "{strategy}");
                let problem = "timeout: an operation did not return";
                assert_eq!(strategy["problem"], problem, "{strategy}");
            }
        }
    }
    let said = run_with("spins", folder, "min-heap tiny.rep -s spin*,first-fit --timeout 300ms");
    assert!(said.out.contains("spinning-strategy: timeout: an operation did not"), "{said:?}");
    // What is only given a limit has the figures that it has without.
    let sound = "-s first-fit,best-fit,next-fit,compaction*,stretch-fit";
    assert_eq!(
        smallest_heaps("hangs", folder, &format!("{sound} --timeout 60s"), 0),
        smallest_heaps("hangs", folder, sound, 0)
    );
}

fn a_search_for_the_smallest_heap_goes_on_without_what_aborts(folder: &Path) {
    for strategy in smallest_heaps("aborts", folder, "-s first-fit,aborting-*", 1) {
        let is_sound = strategy["strategy"] == "first-fit";
        assert_eq!(strategy["min_heap_bytes"].is_null(), !is_sound, "{strategy}");
        let problem = strategy["problem"].as_str().unwrap_or_default();
        assert_eq!(problem.contains("the heap is in ruins"), !is_sound, "{strategy}");
    }
}

fn a_validation_and_a_search_lose_what_hangs_and_what_aborts(folder: &Path) {
    let search = "validate --exhaustive --case 2 --max-live 5 --max-size 2 --budget 60s";
    for (fault, line, name, reason) in [
        ("hangs", "validate --case 1", "hanging-peer", "timeout: it did not return within 3 s"),
        ("hangs", "validate --case 1", "hanging-strategy", "timeout: it did not return within "),
        // Nothing says of it that it may hang, but a limit is for everybody.
        ("spins", "validate --case 1", "spinning-strategy", "timeout: it did not return within "),
        ("aborts", "validate --case 1", "aborting-peer", "crashed: its process "),
        ("aborts", search, "aborting-strategy", "crashed: its process "),
    ] {
        // Long enough for what does not hang, which is judged under the same limit.
        let said = run_with(fault, folder, &format!("{line} --timeout 3s --format json -q"));
        assert_eq!(said.code, Some(1), "{said:?}");
        let rows: Value = serde_json::from_str(&said.out).unwrap();
        let of = |name: &str| {
            let rows = rows.as_array().unwrap().iter();
            rows.filter(|row| row["subject"] == name).collect::<Vec<_>>()
        };
        let [row] = of(name)[..] else { panic!("{name}: {rows:?}") };
        assert_eq!(row["verdict"], "fail", "{row}");
        assert!(row["reason"].as_str().unwrap().starts_with(reason), "{row}");
        let sound = of("first-fit");
        assert!(sound.len() > 1 && sound.iter().all(|row| row["verdict"] == "pass"), "{sound:?}");
    }
    // Two that are held against each other are judged together, wherever that is.
    let pairs = |line: &str| {
        let said = run_with("aborts", folder, &format!("validate --case 8{line} --format json -q"));
        let mut rows: Vec<Value> = serde_json::from_str(&said.out).unwrap();
        rows.sort_by_key(ToString::to_string);
        rows
    };
    assert_eq!(pairs(" --timeout 60s"), pairs(""));
    // An equal part of the time, and none of the others'.
    let line = "validate --exhaustive --case 2 --max-live 4 --max-size 2 --budget 3s";
    let said = run_with("hangs", folder, &format!("{line} --timeout 300ms --format json -q"));
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("timeout: it did not return within "), "{said:?}");
}

type Test = (&'static str, fn(&Path));

fn main() -> ExitCode {
    if let Ok(fault) = std::env::var(AS_PROGRAM) {
        return program(&fault);
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tiny.rep"), "100\n2\n4\n1\na 0 50\na 1 50\nf 0\nf 1\n")
        .unwrap();
    let tests: &[Test] = &[
        ("a_replay_ends_in_an_outcome", a_replay_ends_in_an_outcome),
        #[cfg(feature = "peers")]
        ("a_peer_that_survives_has_its_lines", a_peer_that_survives_has_its_lines),
        ("a_validation_loses_one_check", a_validation_loses_one_check),
        ("what_is_looked_at_is_an_error", what_is_looked_at_is_an_error),
        ("what_hangs_in_a_replay_is_an_outcome", what_hangs_in_a_replay_is_an_outcome),
        (
            "what_hangs_while_it_is_looked_at_is_an_error",
            what_hangs_while_it_is_looked_at_is_an_error,
        ),
        ("a_run_with_a_limit_loses_nobody_else", a_run_with_a_limit_loses_nobody_else),
        (
            "a_search_for_the_smallest_heap_goes_on_without_what_hangs",
            a_search_for_the_smallest_heap_goes_on_without_what_hangs,
        ),
        (
            "a_search_for_the_smallest_heap_goes_on_without_what_aborts",
            a_search_for_the_smallest_heap_goes_on_without_what_aborts,
        ),
        (
            "a_validation_and_a_search_lose_what_hangs_and_what_aborts",
            a_validation_and_a_search_lose_what_hangs_and_what_aborts,
        ),
    ];
    for (name, test) in tests {
        test(folder.path());
        println!("test {name} ... ok");
    }
    ExitCode::SUCCESS
}
