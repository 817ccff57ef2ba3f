//! Copies of this checkout, and commands in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a build of the command line needs.
const PARTS: &[&str] = &["Cargo.toml", "Cargo.lock", "crates", "benches", "suites"];

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Every file below `folder` by its path, with its bytes.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(
                    path.strip_prefix(folder).unwrap().to_owned(),
                    fs::read(&path).unwrap(),
                );
            }
        }
    }
    files
}

/// Makes `copy` an image of this checkout. Files that are equal already are left alone, so that little is built when
/// the tests run again.
pub(crate) fn copy_to(copy: &Path) {
    let mut wanted = BTreeMap::new();
    for part in PARTS {
        let path = root().join(part);
        if path.is_dir() {
            let inside = files(&path).into_iter();
            wanted.extend(inside.map(|(name, bytes)| (Path::new(part).join(name), bytes)));
        } else {
            wanted.insert(PathBuf::from(part), fs::read(path).unwrap());
        }
    }
    fs::create_dir_all(copy).unwrap();
    let there = files(copy);
    for name in there.keys().filter(|name| !wanted.contains_key(*name)) {
        fs::remove_file(copy.join(name)).unwrap();
    }
    let crates = fs::read_dir(copy.join("crates")).into_iter().flatten();
    for folder in crates.map(|entry| entry.unwrap().file_name()) {
        if !root().join("crates").join(&folder).exists() {
            fs::remove_dir_all(copy.join("crates").join(folder)).unwrap();
        }
    }
    for (name, bytes) in wanted.iter().filter(|(name, bytes)| there.get(*name) != Some(*bytes)) {
        fs::create_dir_all(copy.join(name).parent().unwrap()).unwrap();
        fs::write(copy.join(name), bytes).unwrap();
    }
}

/// Runs a program that must succeed, and returns what it says.
pub(crate) fn must(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", said(&output));
    said(&output)
}

/// Standard output and standard error.
pub(crate) fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// The program under test in a folder.
pub(crate) fn heaplab(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heaplab"));
    command.args(line.split_whitespace()).current_dir(folder).env("LC_ALL", "C.UTF-8");
    command
}
