//! Where outputs go, and what they must not take the place of.

use crate::support::Folder;

const RUN: &str = "run tiny.rep --check --no-html -s first-fit --heap 2x";

#[test]
fn an_output_never_takes_the_place_of_an_input() {
    let folder = Folder::new();
    folder.answer(&format!("{RUN} --json report.json"));
    let inputs = ["tiny.rep", "suite.toml", "report.json"];
    let before = inputs.map(|name| folder.read(name));
    for (line, complaint) in [
        ("import tiny.rep -o tiny.rep", "tiny.rep is the file to import"),
        ("import tiny.rep -o ./tiny.rep", "./tiny.rep is the file to import"),
        ("export report.json --to csv -o report.json", "report.json is the report"),
        ("report report.json -o report.json", "report.json is the report"),
        ("report tiny.rep --map first-fit -o tiny.rep", "tiny.rep is the trace"),
        ("run tiny.rep --check --no-html --json tiny.rep", "tiny.rep is the trace"),
        ("run tiny.rep --check --json new.json --html tiny.rep", "tiny.rep is the trace"),
        ("run --suite suite.toml --check --json suite.toml", "suite.toml is the suite"),
        ("replay tiny.rep -s first-fit --placements tiny.rep", "tiny.rep is the trace"),
        ("min-heap tiny.rep -s first-fit --plan tiny.rep", "tiny.rep is the trace"),
    ] {
        let said = folder.run(line);
        let expected = format!(
            "error: {complaint}: it would be overwritten\n  help: name another file for the output\n"
        );
        assert_eq!(
            (said.code, said.err.as_str(), said.out.as_str()),
            (2, &*expected, ""),
            "{line}"
        );
        assert_eq!(inputs.map(|name| folder.read(name)), before, "{line}");
    }
    // A page carries its report, so it may be made anew in its place; so may a report that takes up others.
    folder.answer("report report.json -o page.html");
    folder.answer("report page.html -o page.html");
    folder.answer("merge report.json -o report.json");
    folder.answer("show page.html");
}

#[test]
fn a_folder_that_is_missing_is_named_without_temporary_files() {
    let folder = Folder::new();
    for line in ["import tiny.rep -o none/x.hlt", "generate uniform -o none/x.hlt"] {
        let said = folder.run(line);
        let expected = "error: none/x.hlt: cannot be written: there is no folder none\n";
        assert_eq!((said.code, said.err.as_str()), (4, expected), "{line}");
    }
    let said = folder.run("man tiny.rep");
    let expected = "error: tiny.rep: the manual cannot be written: this is no folder\n";
    assert_eq!((said.code, said.err.as_str()), (4, expected));
    let said = folder.run("import tiny.rep -o .");
    assert_eq!(
        (said.code, said.err.as_str()),
        (4, "error: .: cannot be written: is a directory\n")
    );
}

#[test]
#[cfg(unix)]
fn devices_and_links_stay_what_they_are() {
    let folder = Folder::new();
    let output = folder.command("generate uniform -o /dev/stdout --operations 9").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stdout.starts_with(b"\x89HLT\r\n\x1a\n"), "{output:?}");
    folder.answer(&format!("{RUN} --json report.json"));
    let said = folder.answer("merge report.json -o /dev/stdout");
    assert!(said.starts_with("{\n \"schema\": \"heaplab.report/1\""), "{said}");

    std::fs::create_dir(folder.path().join("far")).unwrap();
    for (name, line) in [
        ("trace.hlt", "import tiny.rep -o"),
        ("merged.json", "merge report.json -o"),
        ("page.html", "report report.json -o"),
        ("figures.csv", "export report.json --to csv -o"),
        ("placements.csv", "replay tiny.rep -s first-fit --placements"),
    ] {
        let (link, target) = (folder.path().join(name), folder.path().join("far").join(name));
        std::fs::write(&target, "before").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        folder.answer(&format!("{line} {name}"));
        assert!(link.is_symlink(), "{line}");
        assert_ne!(std::fs::read(&target).unwrap(), b"before", "{line}");
    }
    assert_eq!(folder.files("far").len(), 5, "no temporary file is left");
}
