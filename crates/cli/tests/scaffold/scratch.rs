//! From scratch: a copy of this checkout, one command, and the new strategy is judged, listed and reported.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::checkout::{copy_to, files, heaplab, must};

/// Cargo in the copy. What is built once for the tests of this checkout is not built again: the copy shares their
/// target folder.
///
/// Cargo names what it builds after the path inside a workspace, so the copy's crates need another profile, or they
/// would take the places of ours. Theirs is the quickest to build, as they run for moments.
fn cargo(copy: &Path, line: &str) -> Command {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let is_ours = std::env::var("CARGO_PROFILE_DEV_OPT_LEVEL").is_ok_and(|level| level == "0");
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(line.split_whitespace())
        .arg("--offline")
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", if is_ours { "1" } else { "0" });
    command
}

/// Gives the copy's program another name, or it would replace the one that other tests run.
fn rename_program(copy: &Path) {
    let manifest = copy.join("crates/cli/Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let program = "[[bin]]\nname = \"heaplab-of-the-copy\"\npath = \"src/main.rs\"\n";
    fs::write(manifest, format!("{text}\n{program}")).unwrap();
}

#[test]
fn a_new_strategy_is_built_judged_and_reported_at_once() {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-strategy");
    copy_to(&copy);
    let before = files(&copy);
    must(&mut heaplab(&copy, "new-strategy probe-fit"));

    let tested = must(&mut cargo(&copy, "test --package heaplab-probe-fit"));
    let passed = "test conformance::random_operations_obey_the_contract ... ok";
    assert!(tested.contains(passed), "{tested}");

    rename_program(&copy);
    must(&mut cargo(&copy, "build --package heaplab --bin heaplab-of-the-copy"));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let program = target.join("debug/heaplab-of-the-copy");
    let folder = tempfile::tempdir().unwrap();
    let trace = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tiny.rep");
    let mut run = Command::new(&program);
    run.arg("run").arg(&trace).args(["--rounds", "1", "--json", "report.json"]);
    let table = must(run.current_dir(folder.path()));
    assert!(table.lines().any(|line| line.starts_with("probe-fit ")), "{table}");
    let report = heaplab_report::read(folder.path().join("report.json")).unwrap();
    assert_eq!(report.check(), Vec::<String>::new());
    let entry = report.strategy("probe-fit").unwrap();
    assert_eq!(entry.crate_name, "heaplab-probe-fit");
    let cell = report.cell("probe-fit/tiny/2x").unwrap();
    assert!(cell.verified == Some(true) && cell.time.is_some(), "{cell:?}");

    fs::write(copy.join("crates/cli/Cargo.toml"), &before[Path::new("crates/cli/Cargo.toml")])
        .unwrap();
    must(&mut heaplab(&copy, "new-strategy probe-fit --remove"));
    // What cargo noted in the lock file it takes out again at the next build.
    let mut after = files(&copy);
    after.insert("Cargo.lock".into(), before[Path::new("Cargo.lock")].clone());
    assert!(after == before, "something is left behind");
}
