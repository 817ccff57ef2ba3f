//! Help texts, lists, schemas and completions.

use heaplab::Exit;
use insta::assert_snapshot;

use crate::support::Folder;

const COMMANDS: [&str; 20] = [
    "run",
    "report",
    "show",
    "list",
    "inspect",
    "import",
    "generate",
    "replay",
    "explain",
    "validate",
    "new-strategy",
    "schema",
    "completions",
    "man",
    "doctor",
    "compare",
    "rank",
    "merge",
    "export",
    "watch",
];

#[test]
fn every_help_text_is_as_agreed() {
    let folder = Folder::new();
    assert_snapshot!("help", folder.answer("--help"));
    assert_snapshot!("help-short", folder.answer("-h"));
    for command in COMMANDS {
        assert_snapshot!(format!("help-{command}"), folder.answer(&format!("{command} --help")));
    }
}

#[test]
fn every_exit_code_stands_in_every_long_help() {
    let folder = Folder::new();
    for command in COMMANDS {
        let help = folder.answer(&format!("{command} --help"));
        for exit in Exit::ALL {
            let line = format!("\n  {:<3}  {}\n", exit.code(), exit.meaning());
            assert!(help.contains(&line), "{command}: {line}");
        }
    }
}

#[test]
fn lists_are_tables_for_people_and_data_for_programs() {
    let folder = Folder::new();
    for (what, known) in [
        ("strategies", "best-fit"),
        ("suites", "default"),
        ("importers", "valgrind"),
        ("generators", "uniform"),
        ("metrics", "space.high_water_bytes"),
    ] {
        let table = folder.answer(&format!("list {what}"));
        assert!(table.contains(known), "{what}: {table}");
        assert!(table.lines().all(|line| line.trim_end() == line), "{what}: {table}");
        let rows = folder.json(&format!("list {what} --format json"));
        let text = rows.to_string();
        assert!(rows.as_array().is_some_and(|rows| !rows.is_empty()), "{what}: {text}");
        assert!(text.contains(known), "{what}: {text}");
        let csv = folder.answer(&format!("list {what} --format csv"));
        let fields = csv.lines().next().map(|head| head.split(',').count());
        assert!(fields.is_some_and(|fields| fields > 3), "{what}: {csv}");
        let markdown = folder.answer(&format!("list {what} --format md"));
        assert!(markdown.contains("|"), "{what}: {markdown}");
    }
}

#[test]
fn every_strategy_of_the_registry_is_listed() {
    let folder = Folder::new();
    let rows = folder.json("list strategies --format json");
    let listed: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["name"].as_str()).collect();
    for entry in heaplab_strategies::registry().entries() {
        assert!(listed.contains(&Some(entry.name)), "{}", entry.name);
    }
    assert!(listed.contains(&Some("null")) && listed.contains(&Some("bump")));
}

#[test]
fn schemas_are_schemas() {
    let folder = Folder::new();
    let report = folder.json("schema report");
    assert_eq!(report, heaplab_report::Report::schema());
    let suite = folder.json("schema suite");
    let validator = jsonschema::validator_for(&suite).unwrap();
    for text in [folder.read("suite.toml"), default_suite()] {
        let value: serde_json::Value = toml::from_str(&text).unwrap();
        let problems: Vec<_> = validator.iter_errors(&value).map(|it| it.to_string()).collect();
        assert!(problems.is_empty(), "{problems:?}");
    }
    let wrong: serde_json::Value =
        toml::from_str("schema = \"heaplab.suite/1\"\nname = \"s\"\ntrace = []\nrums = 1").unwrap();
    assert!(!validator.is_valid(&wrong));
}

fn default_suite() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../suites/default.toml");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = folder.answer(&format!("completions {shell}"));
        for command in COMMANDS {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    folder.answer("man manual");
    let pages = folder.files("manual");
    assert!(pages.contains(&"heaplab.1".to_owned()), "{pages:?}");
    for command in COMMANDS {
        assert!(pages.contains(&format!("heaplab-{command}.1")), "{command}: {pages:?}");
    }
    assert!(folder.read("manual/heaplab-run.1").contains("Exit codes"));
}

#[test]
fn the_version_is_one_line() {
    let version = Folder::new().answer("--version");
    assert_eq!(version, format!("heaplab {}\n", env!("CARGO_PKG_VERSION")));
}
