//! Heap maps in reports, and `report --map`.

use heaplab_report::map::Steps;

use crate::support::Folder;

fn folder() -> Folder {
    let folder = Folder::new();
    folder.answer("generate log-uniform -o app.hlt --operations 600 --set live=40 --seed 1");
    folder
}

#[test]
fn a_run_draws_the_telling_cells_unless_told_not_to() {
    let folder = folder();
    let run = "run app.hlt --passes space --heap 1.25x,2x";
    folder.answer(&format!("{run} --json drawn.json"));
    let report = heaplab_report::read(folder.path().join("drawn.json")).unwrap();
    assert!((2..=3).contains(&report.maps.len()), "{} maps", report.maps.len());
    assert!(report.maps.iter().all(|map| map.heap.spec == "1.25x" && map.steps.is_none()));
    assert_eq!(report.check(), Vec::<String>::new());
    folder.answer(&format!("{run} --no-maps --json bare.json"));
    let bare = heaplab_report::read(folder.path().join("bare.json")).unwrap();
    assert_eq!(bare.maps, []);
}

#[test]
fn a_window_of_two_strategies_becomes_a_page_that_carries_it() {
    let folder = folder();
    folder.answer("report app.hlt --map first-fit,compaction --window 100..104 -o window.html");
    let page = folder.read("window.html");
    assert!(page.contains("operations 100 to 104") && page.contains("data:image/png;base64,"));
    let report = heaplab_report::read(folder.path().join("window.html")).unwrap();
    let [first, second] = &report.maps[..] else { panic!("{} maps", report.maps.len()) };
    assert_eq!((first.strategy.as_str(), second.strategy.as_str()), ("first-fit", "compaction"));
    for map in &report.maps {
        let steps = Steps::unpack(map, map.steps.as_ref().unwrap()).unwrap();
        assert_eq!(steps.operations.kind.len(), 5);
    }
    folder.answer("report app.hlt --map best-fit --heap unlimited");
    assert!(folder.read("app.html").contains("a heap without limit"));
}

#[test]
fn what_cannot_be_drawn_is_wrong_usage() {
    let folder = folder();
    folder.answer("run app.hlt --passes space --heap 2x --no-maps --no-html --json report.json");
    for (line, code, words) in [
        (
            "report app.hlt --map first-fit --window 5..600",
            2,
            "goes beyond the trace, whose operations are 0..599",
        ),
        ("report app.hlt --map first-fit --window 7..5", 2, "ends before it begins"),
        ("report app.hlt --map first-fit --window x", 2, "expected operations from..to"),
        ("report app.hlt --window 1..2", 2, "--map"),
        ("report app.hlt --map bump", 2, "is a floor"),
        ("report app.hlt --map frist-fit", 2, "first-fit"),
        ("report report.json --map first-fit", 2, "report.json is a report"),
        ("report --map first-fit", 2, "--map draws one trace"),
        ("report absent --map first-fit", 3, "absent: no such file"),
        ("report app.hlt --map first-fit --heap 0.2x --window 500..599", 2, "is refused before"),
    ] {
        let said = folder.run(line);
        assert_eq!(said.code, code, "{line}: {said:#?}");
        assert!(said.err.contains(words), "{line}: {said:#?}");
        assert_eq!(said.out, "");
    }
    assert!(!folder.path().join("app.html").exists());
}
