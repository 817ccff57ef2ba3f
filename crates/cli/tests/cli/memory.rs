//! Memory stays in proportion to the input.
#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::process::Command;

use zip::write::SimpleFileOptions;

use crate::support::{Folder, Said, plain};

/// More than a trace in memory may have, in an archive of a megabyte at most.
const ROUNDS: usize = 3_000_000;

/// An archive whose one text has two operations for each round on a block that is dead at once.
fn packed(folder: &Folder) {
    let part = "1: malloc 0x10 16\n1: free 0x10\n".repeat(10_000);
    let file = std::fs::File::create(folder.path().join("packed.zip")).unwrap();
    let mut archive = zip::ZipWriter::new(file);
    archive.start_file("t.txt", SimpleFileOptions::default()).unwrap();
    for _ in 0..ROUNDS / 10_000 {
        archive.write_all(part.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    assert!(folder.path().join("packed.zip").metadata().unwrap().len() < 2_000_000);
}

/// Runs a line in an address space of so many KiB, with a folder of its own for temporary files.
fn run_within(folder: &Folder, kibibytes: u32, line: &str) -> Said {
    let temporary = folder.path().join("temporary");
    std::fs::create_dir_all(&temporary).unwrap();
    let mut command = Command::new("sh");
    let script = format!("ulimit -v {kibibytes}; exec \"$0\" {line}");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_heaplab")]);
    command.current_dir(folder.path()).env("TMPDIR", temporary);
    plain(&mut command);
    command.output().unwrap().into()
}

#[test]
fn a_small_archive_of_many_operations_takes_little_memory() {
    let folder = Folder::new();
    packed(&folder);
    let said = run_within(&folder, 100_000, "inspect packed.zip --format json");
    assert_eq!(said.code, 0, "{said:?}");
    let inspected: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(inspected["operations"]["allocate"], ROUNDS);
    assert_eq!(inspected["peak_live_bytes"], 16);
    let line = "replay packed.zip -s first-fit --format json";
    let said = run_within(&folder, 400_000, line);
    assert_eq!(said.code, 0, "{said:?}");
    let replayed: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(replayed["trace"]["hash"], inspected["hash"], "{replayed}");
    assert!(folder.files("temporary").is_empty(), "nothing is left behind");
}
