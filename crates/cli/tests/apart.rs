//! Commands that replay a strategy which aborts: each says so and ends like any other, and nobody else is affected.
//!
//! This program is both sides: where a variable of the environment says so, it is heaplab with a registry of its own.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test program without a test harness"
)]

use std::path::Path;
use std::process::{Command, ExitCode};

use heaplab_core::{
    AllocError, Allocator, Block, Capabilities, Config, ConfigError, Granule, Handle,
    InvalidHandle, Kind, Memory, Piece, Registry, Request, Strategy, StrategyList, Usage,
};
use serde_json::Value;

/// Says that this process is heaplab.
const AS_PROGRAM: &str = "HEAPLAB_TEST_AS_PROGRAM";

/// Aborts at the first request: a peer, or a strategy in a language that can do that.
struct Aborts<const IS_PEER: bool> {
    capacity: u64,
    granule: Granule,
}

impl<const IS_PEER: bool> Strategy for Aborts<IS_PEER> {
    const CAPABILITIES: Capabilities = Capabilities {
        kind: if IS_PEER { Kind::Peer } else { Kind::Strategy },
        may_abort: !IS_PEER,
        ..Capabilities::DEFAULT
    };

    fn new(capacity: u64, config: &Config) -> Result<Self, ConfigError> {
        let capacity = config.check(capacity, &Self::CAPABILITIES)?;
        Ok(Self { capacity, granule: config.granule })
    }
}

impl<const IS_PEER: bool> Allocator for Aborts<IS_PEER> {
    fn allocate(&mut self, _: Request, _: &mut dyn Memory) -> Result<Handle, AllocError> {
        eprintln!("the heap is in ruins");
        std::process::abort();
    }

    fn free(&mut self, _: Handle, _: &mut dyn Memory) -> Result<(), InvalidHandle> {
        Ok(())
    }

    fn resize(&mut self, _: Handle, _: Request, _: &mut dyn Memory) -> Result<(), AllocError> {
        Ok(())
    }

    fn block(&self, _: Handle) -> Option<Block> {
        None
    }

    fn walk(&self, _: &mut dyn FnMut(Piece)) {}

    fn usage(&self) -> Usage {
        Usage::default()
    }

    fn capacity_bytes(&self) -> u64 {
        self.capacity
    }

    fn granule(&self) -> Granule {
        self.granule
    }
}

fn registry() -> Registry<impl StrategyList> {
    heaplab_strategies::registry()
        .with::<Aborts<true>>("aborting-peer")
        .with::<Aborts<false>>("aborting-strategy")
}

#[derive(Debug)]
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Runs this program as heaplab in a folder.
fn run(folder: &Path, line: &str) -> Said {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(line.split(' ')).current_dir(folder).env(AS_PROGRAM, "1");
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

type Test = (&'static str, fn(&Path));

fn main() -> ExitCode {
    if std::env::var_os(AS_PROGRAM).is_some() {
        return heaplab::run(registry());
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
    ];
    for (name, test) in tests {
        test(folder.path());
        println!("test {name} ... ok");
    }
    ExitCode::SUCCESS
}
