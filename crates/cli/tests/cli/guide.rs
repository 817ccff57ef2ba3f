//! The guide's commands are run as they stand, and print what stands below them.

#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Folder, plain};

/// Names of one length: somebody may have a strategy of the guide's name already.
const NAMES: (&str, &str) = ("my-fit", "zz-fit");

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/GUIDE.md")
}

/// What a line of a shell prints to its standard output.
fn output(folder: &Folder, line: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_heaplab")).parent().unwrap().to_owned();
    let others = std::env::var_os("PATH").unwrap();
    let path = std::iter::once(program).chain(std::env::split_paths(&others));
    let mut shell = Command::new("sh");
    plain(&mut shell);
    let line = line.replace(NAMES.0, NAMES.1);
    shell.args(["-c", &line]).env("PATH", std::env::join_paths(path).unwrap());
    let output = shell.current_dir(folder.path()).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{line}: {err}");
    let text = String::from_utf8(output.stdout).unwrap().replace(NAMES.1, NAMES.0);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// The guide with what its commands print now.
fn rewritten(guide: &str, folder: &Folder) -> (String, u32) {
    let (mut text, mut commands) = (String::new(), 0);
    let mut is_console = false;
    for line in guide.lines() {
        match line {
            "```console" => is_console = true,
            "```" => is_console = false,
            _ => {}
        }
        let command = line.strip_prefix("$ ").filter(|_| is_console);
        // What stands below a command was printed once; what is printed now takes its place.
        if !is_console || command.is_some() || line == "```console" {
            text.push_str(line);
            text.push('\n');
        }
        if let Some(command) = command {
            commands += 1;
            let printed = output(folder, command);
            if !printed.is_empty() {
                text.push_str(&printed);
                text.push('\n');
            }
        }
    }
    (text, commands)
}

#[test]
fn every_command_of_the_guide_prints_what_stands_there() {
    let folder = Folder::new();
    for path in ["crates/strategies/Cargo.toml", "crates/strategies/src/lib.rs"] {
        let to = folder.path().join(path);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
        std::fs::copy(from, to).unwrap();
    }
    let guide = std::fs::read_to_string(path()).unwrap();
    let (now, commands) = rewritten(&guide, &folder);
    assert!(commands >= 8, "{commands} commands");
    if std::env::var_os("HEAPLAB_UPDATE").is_some() {
        std::fs::write(path(), now).unwrap();
    } else {
        assert_eq!(guide, now, "HEAPLAB_UPDATE=1 writes the guide anew");
    }
}
