//! The files of the repository: sizes, links, and names that still exist.
#![expect(clippy::unwrap_used, reason = "a repository that cannot be read has failed its checks")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use heaplab_tidy::{files, root};

/// Above this a source file needs a reason, which stands in [`LONG`].
const MOST_LINES: usize = 400;

/// Source files that are longer, and why.
const LONG: &[(&str, &str)] = &[(
    "crates/conformance/tests/teeth/simple.rs",
    "one allocator that other tests break by a switch, in one piece so that they can include it",
)];

/// Above this a file does not belong into the repository.
const MOST_BYTES: u64 = 4 << 20;

const TEXT_FOLDERS: &[&str] = &["crates", "benches", "docs", "examples", "suites", "results"];

fn documents() -> Vec<PathBuf> {
    let mut documents: Vec<PathBuf> =
        TEXT_FOLDERS.iter().flat_map(|folder| files(folder, &[".md"]).unwrap()).collect();
    for entry in fs::read_dir(root()).unwrap() {
        let name = entry.unwrap().file_name();
        if Path::new(&name).extension().is_some_and(|extension| extension == "md") {
            documents.push(name.into());
        }
    }
    documents
}

#[test]
fn source_files_stay_small() {
    let folders = ["crates", "benches", "examples"];
    for path in folders.iter().flat_map(|folder| files(folder, &[".rs", ".c", ".h"]).unwrap()) {
        let lines = fs::read_to_string(root().join(&path)).unwrap().lines().count();
        let excused = LONG.iter().any(|(long, _)| Path::new(long) == path);
        assert!(
            lines <= MOST_LINES || excused,
            "{} has {lines} lines, more than {MOST_LINES}: split it, or state the reason in LONG",
            path.display()
        );
    }
}

#[test]
fn long_files_on_the_list_exist_and_are_long() {
    for (path, reason) in LONG {
        let lines = fs::read_to_string(root().join(path)).unwrap().lines().count();
        assert!(lines > MOST_LINES && !reason.is_empty(), "{path} needs no excuse");
    }
}

#[test]
fn no_file_is_large() {
    for folder in TEXT_FOLDERS {
        for path in files(folder, &[""]).unwrap() {
            let bytes = fs::metadata(root().join(&path)).unwrap().len();
            assert!(bytes <= MOST_BYTES, "{} has {bytes} bytes", path.display());
        }
    }
}

/// The targets of `[text](target)` in a document, without fragments.
fn links(text: &str) -> Vec<String> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .map(|target| target.split('#').next().unwrap_or_default().to_owned())
        .filter(|target| !target.is_empty() && !target.contains("://") && !target.contains(' '))
        .collect()
}

#[test]
fn links_in_documents_lead_somewhere() {
    for document in documents() {
        let text = fs::read_to_string(root().join(&document)).unwrap();
        let folder = document.parent().unwrap_or(Path::new(""));
        for link in links(&text) {
            let target = root().join(folder).join(&link);
            assert!(
                target.exists(),
                "{} links to {link}, which does not exist",
                document.display()
            );
        }
    }
}

#[test]
fn files_named_in_documents_exist() {
    let known: BTreeSet<String> = TEXT_FOLDERS
        .iter()
        .chain(&[".ci"])
        .flat_map(|folder| files(folder, &[""]).unwrap())
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    for document in documents() {
        let text = fs::read_to_string(root().join(&document)).unwrap();
        for quoted in text.split('`').skip(1).step_by(2) {
            let is_path =
                TEXT_FOLDERS.iter().any(|folder| quoted.starts_with(&format!("{folder}/")));
            if !is_path || quoted.contains(['*', ' ', '<', '{', '…', '$']) || quoted.contains("my-")
            {
                continue;
            }
            let path = quoted.trim_end_matches('/');
            let exists = known.contains(path)
                || known.iter().any(|file| file.starts_with(&format!("{path}/")))
                || path.starts_with("results/local");
            assert!(exists, "{} names {quoted}, which does not exist", document.display());
        }
    }
}

#[test]
fn sources_name_no_place_of_one_machine() {
    let endings = &[".rs", ".md", ".toml", ".sh", ".json", "run"];
    for folder in TEXT_FOLDERS.iter().chain(&[".ci"]) {
        for path in files(folder, endings).unwrap() {
            let text = fs::read_to_string(root().join(&path)).unwrap();
            for place in ["/home/", "/root/", concat!("/wo", "rk/")] {
                let is_this_check = path.ends_with("tests/files.rs");
                assert!(is_this_check || !text.contains(place), "{} names {place}", path.display());
            }
        }
    }
}
