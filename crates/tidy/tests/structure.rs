//! The shape of the workspace: who depends on whom, and what each crate promises.
#![expect(clippy::unwrap_used, reason = "a repository that cannot be read has failed its checks")]

use std::collections::BTreeSet;
use std::fs;

use heaplab_tidy::{packages, root};

/// Which crates of the workspace a crate may depend on. ARCHITECTURE.md prints the same list.
const EDGES: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("suites", &[]),
    ("trace", &[]),
    ("report", &[]),
    ("blocks", &["core"]),
    ("conformance", &["core"]),
    ("peers", &["core"]),
    ("foreign", &["core"]),
    ("harness", &["core", "report", "trace"]),
    ("validate", &["core", "trace"]),
    ("page", &["report"]),
    ("watch", &["core", "trace"]),
    (
        "cli",
        &[
            "core",
            "harness",
            "page",
            "peers",
            "report",
            "strategies",
            "suites",
            "trace",
            "validate",
            "watch",
        ],
    ),
];

/// Crates that are no strategy and may use what they like of the workspace.
const OUTSIDE: &[&str] = &["benches", "fuzz", "tidy", "strategies"];

/// The folder of a crate below `crates/`.
fn short(folder: &str) -> &str {
    folder.rsplit('/').next().unwrap_or(folder)
}

/// Folders of the crates that are strategies: all that the others are not.
fn strategies() -> BTreeSet<String> {
    let known: BTreeSet<&str> =
        EDGES.iter().map(|(name, _)| *name).chain(OUTSIDE.iter().copied()).collect();
    packages()
        .unwrap()
        .values()
        .map(|package| short(&package.folder).to_owned())
        .filter(|folder| !known.contains(folder.as_str()))
        .collect()
}

#[test]
fn folders_are_named_as_their_packages() {
    for (name, package) in packages().unwrap() {
        let expected = match short(&package.folder) {
            "cli" => "heaplab".to_owned(),
            folder => format!("heaplab-{folder}"),
        };
        assert_eq!(name, expected, "{}", package.folder);
    }
}

#[test]
fn dependencies_point_one_way() {
    let packages = packages().unwrap();
    let folder = |name: &str| short(&packages[name].folder).to_owned();
    for package in packages.values() {
        let from = short(&package.folder);
        let to: BTreeSet<String> = package.dependencies.iter().map(|name| folder(name)).collect();
        let allowed: BTreeSet<String> = match EDGES.iter().find(|(name, _)| *name == from) {
            Some((_, allowed)) => allowed.iter().map(|&name| name.into()).collect(),
            None if OUTSIDE.contains(&from) => continue,
            // A strategy knows the contract and the mechanism, never its siblings.
            None => ["core", "blocks"].map(String::from).into(),
        };
        assert!(to.is_subset(&allowed), "{from} depends on {to:?}, allowed are {allowed:?}");
    }
}

#[test]
fn architecture_prints_the_allowed_edges() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for (from, to) in EDGES {
        let to = if to.is_empty() { "nothing".to_owned() } else { to.join(", ") };
        let line = format!("| `{from}` | {to} |");
        assert!(text.contains(&line), "ARCHITECTURE.md lacks the line {line:?}");
    }
}

#[test]
fn crates_for_bare_metal_are_free_of_std_and_of_unsafe_code() {
    let folders = strategies();
    for folder in ["core", "blocks"].into_iter().chain(folders.iter().map(String::as_str)) {
        let lib = fs::read_to_string(root().join(format!("crates/{folder}/src/lib.rs"))).unwrap();
        for attribute in ["#![no_std]", "#![forbid(unsafe_code)]"] {
            assert!(lib.contains(attribute), "crates/{folder}/src/lib.rs lacks {attribute}");
        }
    }
}

#[test]
fn every_strategy_crate_is_registered_and_judged() {
    let packages = packages().unwrap();
    let registered: BTreeSet<String> = packages["heaplab-strategies"]
        .dependencies
        .iter()
        .filter(|name| *name != "heaplab-core")
        .map(|name| short(&packages[name].folder).to_owned())
        .collect();
    assert_eq!(registered, strategies());
    let registry = fs::read_to_string(root().join("crates/strategies/src/lib.rs")).unwrap();
    for folder in strategies() {
        let package = format!("heaplab_{}::", folder.replace('-', "_"));
        assert!(registry.contains(&package), "crates/strategies registers nothing of {folder}");
        let judged =
            fs::read_to_string(root().join(format!("crates/{folder}/tests/conformance.rs")));
        assert!(
            judged.is_ok_and(|text| text.contains("conformance!(")),
            "crates/{folder}/tests/conformance.rs does not call the conformance macro"
        );
    }
}
