//! The page: made by `run` and by `report`, and read by whatever reads reports.

use crate::support::Folder;

const RUN: &str = "run tiny.rep --check --heap 1.0x,2x -s best-fit,compaction -q";

#[test]
fn every_command_that_reads_a_report_reads_its_page() {
    let folder = Folder::new();
    folder.answer(&format!("{RUN} --json r.json"));
    assert!(folder.read("r.html").starts_with("<!DOCTYPE html>"));
    for line in ["show F", "show F --by cell --format json", "export F --to bmf", "rank F"] {
        let of = |file: &str| folder.answer(&line.replace('F', file));
        assert_eq!(of("r.html"), of("r.json"), "{line}");
    }
    assert_eq!(folder.run("compare r.json r.html").code, 0);
    let twice = folder.run("merge r.json r.html -o m.json");
    assert_eq!(twice.code, 5, "it is the same report: {twice:?}");
}

#[test]
fn the_page_goes_where_it_is_asked_for() {
    let folder = Folder::new();
    let said = folder.run(&format!("{RUN} --json a.json --html pages/p.html").replace(" -q", ""));
    assert!(said.err.contains("written: a.json, pages/p.html\n"), "{said:?}");
    folder.answer(&format!("{RUN} --json b.json --no-html"));
    assert!(!folder.path().join("b.html").exists());
    let said = folder.run("report a.json");
    assert_eq!((said.code, said.err.as_str()), (0, "written: a.html\n"));
    assert_eq!(folder.read("a.html"), folder.read("pages/p.html"));
    let again = folder.run("report a.html -o again.html -q");
    assert_eq!((again.code, again.out + &again.err), (0, String::new()));
    assert_eq!(folder.read("again.html"), folder.read("a.html"));
}

#[test]
fn several_reports_are_joined_or_stand_one_after_the_other() {
    let folder = Folder::new();
    folder.answer(&format!("{RUN} --json a.json --no-html"));
    folder.answer("run tiny.rep --check --heap 3x -s best-fit -q --json b.json --no-html");
    let said = folder.run("report a.json b.json -o joined.html");
    assert_eq!((said.code, said.err.as_str()), (0, "written: joined.html\n"));
    assert!(folder.answer("show joined.html --by cell").contains("3x"));
    let said = folder.run("report a.json a.json -o both.html");
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.starts_with("the reports stand one after the other: "), "{said:?}");
    let said = folder.run("show both.html");
    assert_eq!(said.code, 3);
    assert!(said.err.contains("both.html: a page of 2 reports, expected one"), "{said:?}");
}

#[test]
fn bad_pages_and_places_are_told_apart() {
    let folder = Folder::new();
    folder.answer(&format!("{RUN} --json r.json"));
    let page = folder.read("r.html");
    folder.write("cut.html", &page[..page.len() / 2]);
    let at = page.find("data-heaplab-report").unwrap() + 200;
    folder.write("cut-later.html", &page[..at]);
    folder.write("foreign.html", "<!doctype html><title>x</title><p>hello</html>");
    folder.write("cut.json", &folder.read("r.json")[..300]);
    folder.write(
        "broken.html",
        &page.replace("data-heaplab-report=\"plain\"", "data-heaplab-report=\"deflate\""),
    );
    for (line, code, text) in [
        ("show cut.html", 3, "cut.html: the page ends before the report in it does"),
        ("show cut-later.html", 3, "cut-later.html: the page ends before the report in it does"),
        ("report foreign.html -o x.html", 3, "foreign.html: HTML, but no page of heaplab"),
        ("report cut.json", 3, "the file ends in the middle of the report"),
        ("show broken.html", 3, "broken.html: compressed, but cannot be decompressed"),
        ("report none.json", 3, "none.json: cannot be read"),
        ("report", 3, "help: name a report, or make one with: heaplab run"),
        ("report r.html", 2, "r.html: the page would take the place of what it is made from"),
        ("report r.json -o r.json/x.html", 4, "cannot be written"),
        ("report r.json -o .", 4, "cannot be written"),
        ("run tiny.rep --check --html r.json/x.html", 4, "cannot be written"),
        ("run tiny.rep --check --json a.html", 2, "the same file"),
        ("run tiny.rep --check --html a --no-html", 2, "cannot be used with"),
    ] {
        let said = folder.run(line);
        assert_eq!(said.code, code, "{line}: {said:?}");
        assert!(said.err.contains(text), "{line}: {said:?}");
        assert_eq!(said.out, "", "{line}");
    }
}
