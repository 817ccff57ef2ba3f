//! Runs that were cut off, and taken up.

use serde_json::Value;

use crate::support::Folder;

const LINE: &str = "run --suite suite.toml --check";

/// A report of a whole run, and one as if the run had been killed halfway.
fn whole_and_part(folder: &Folder) -> Value {
    folder.answer(&format!("{LINE} --json whole.json"));
    let whole: Value = serde_json::from_str(&folder.read("whole.json")).unwrap();
    let mut part = whole.clone();
    part["complete"] = false.into();
    let cells = part["cells"].as_array_mut().unwrap();
    cells.truncate(cells.len() / 2);
    cells
        .iter_mut()
        .step_by(2)
        .for_each(|cell| drop(cell.as_object_mut().unwrap().remove("verified")));
    folder.write("part.json", &part.to_string());
    whole
}

#[test]
fn a_run_that_was_cut_off_is_taken_up() {
    let folder = Folder::new();
    let whole = whole_and_part(&folder);
    let said = folder.run(&format!("{LINE} --resume part.json --json again.json"));
    assert_eq!(said.code, 0, "{said:?}");
    let again: Value = serde_json::from_str(&folder.read("again.json")).unwrap();
    assert_eq!((&again["cells"], &again["traces"]), (&whole["cells"], &whole["traces"]));
    assert_eq!(again["complete"], true);
    let half = whole["cells"].as_array().unwrap().len() / 2;
    let text = format!("figures of {half} cells were taken from an unfinished run");
    assert!(again["warnings"].as_array().unwrap().iter().any(|it| it["text"] == text.as_str()));
    // Nothing is left of what was kept on the way.
    assert!(!folder.files(".").contains(&"again.part.json".to_owned()));
}

#[test]
fn what_cannot_be_taken_up_is_refused() {
    let folder = Folder::new();
    whole_and_part(&folder);
    for (line, exit, words) in [
        (
            "run tiny.rep --check --resume whole.json",
            2,
            "whole.json: the report is complete; there is nothing to resume",
        ),
        (
            "run server.rep --check --resume part.json",
            2,
            "part.json: the report to resume holds no cell of this run, with its traces, strategies, versions and granule\n  help: it was left behind by: heaplab run --suite suite.toml --check --json whole.json",
        ),
        ("run tiny.rep --resume absent.json", 3, "absent.json"),
        ("run tiny.rep --resume tiny.rep", 3, "tiny.rep"),
    ] {
        folder.write("server.rep", "a 0 16\nf 0\n");
        let said = folder.run(&format!("{line} --json r.json"));
        assert_eq!(said.code, exit, "{line}: {said:?}");
        assert!(said.err.contains(words), "{line}: {said:?}");
        assert!(!folder.files(".").contains(&"r.json".to_owned()));
    }
}
