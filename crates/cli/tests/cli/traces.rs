//! `inspect`, `import` and `generate`.

use insta::assert_snapshot;

use crate::support::Folder;

#[test]
fn inspect_describes_a_trace() {
    let folder = Folder::new();
    assert_snapshot!("inspect", folder.answer("inspect tiny.rep"));
    assert_snapshot!("inspect-csv", folder.answer("inspect tiny.rep --format csv"));
    assert_snapshot!("inspect-json", folder.answer("inspect tiny.rep --format json"));
}

#[test]
fn import_keeps_the_operations_and_says_where_they_came_from() {
    let folder = Folder::new();
    let said = folder.run("import tiny.rep -o tiny.hlt --name sample");
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(said.err, "next: heaplab run tiny.hlt\n");
    let imported = folder.json("inspect tiny.hlt --format json");
    let original = folder.json("inspect tiny.rep --format json");
    assert_eq!(imported["hash"], original["hash"]);
    assert_eq!(imported["peak_live_bytes"], 144);
    assert_eq!(imported["name"], "sample");
    assert_eq!(imported["source"]["format"], "rep");
}

#[test]
fn a_process_of_a_log_can_be_chosen() {
    let folder = Folder::new();
    let said = folder.run("import two-processes.log -o a.hlt --from valgrind --pid 4711");
    assert_eq!(said.code, 0, "{said:?}");
    let chosen = folder.json("inspect a.hlt --format json");
    assert_eq!(chosen["operations"]["allocate"], 2);
    let most = folder.run("import two-processes.log -o b.hlt");
    assert!(most.err.contains("warning: two-processes.log: "), "{most:?}");
    let most = folder.json("inspect b.hlt --format json");
    assert_eq!(most["operations"]["allocate"], 3);
}

#[test]
fn a_process_is_not_chosen_where_there_is_one() {
    let folder = Folder::new();
    folder.answer("import tiny.rep -o tiny.hlt");
    for line in ["inspect tiny.rep", "inspect tiny.hlt", "import tiny.rep -o a.hlt", "inspect gcc"]
    {
        let said = folder.run(&format!("{line} --pid 4711"));
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{line}: {said:?}");
        assert!(said.err.contains("--pid"), "{line}: {said:?}");
    }
    assert!(!folder.path().join("a.hlt").exists());
}

#[test]
fn nothing_is_set_twice() {
    let folder = Folder::new();
    for line in [
        "generate uniform -o a.hlt --set operations=4 --set seed=1 --set operations=5",
        "generate uniform -o a.hlt --operations 4 --set operations=5",
        "run tiny.rep --set compaction-budgeted.c=2 --set compaction-budgeted.c=4",
        "replay tiny.rep -s compaction-budgeted --set c=2 --set c=4",
    ] {
        let said = folder.run(line);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{line}: {said:?}");
        assert!(said.err.contains("given"), "{line}: {said:?}");
    }
    assert!(!folder.path().join("a.hlt").exists());
}

#[test]
fn a_trace_of_heaplab_is_not_imported_again() {
    let folder = Folder::new();
    folder.answer("import tiny.rep -o tiny.hlt");
    let said = folder.run("import tiny.hlt -o again.hlt");
    assert_eq!(said.code, 2);
    assert_eq!(
        said.err,
        "error: tiny.hlt: is a trace of heaplab already\n  help: heaplab inspect tiny.hlt describes it\n"
    );
}

#[test]
fn a_seed_means_the_same_trace() {
    let folder = Folder::new();
    let hash = |line: &str| {
        folder.answer(&format!("generate uniform -o g.hlt --operations 500 {line}"));
        folder.json("inspect g.hlt --format json")["hash"].clone()
    };
    let first = hash("--seed 7 --set live=30");
    assert_eq!(hash("--set seed=7 --set live=30"), first);
    assert_ne!(hash("--seed 8 --set live=30"), first);
}

#[test]
fn a_failed_import_leaves_nothing_behind() {
    let folder = Folder::new();
    let before = folder.files("");
    assert_eq!(folder.run("import broken.rep -o x.hlt").code, 3);
    assert_eq!(folder.files(""), before);
}

#[test]
fn traces_of_the_default_suite_go_by_their_names_everywhere() {
    let folder = Folder::new();
    for line in [
        "inspect jq --format json",
        "replay jq -s best-fit --format json",
        "min-heap jq -s compaction --format csv",
        "explain jq -s best-fit --heap 1.0x --format json",
        "run jq -s best-fit --heap 2x --check --json report.json --format csv",
    ] {
        assert!(folder.answer(line).contains("jq"), "{line}");
    }
    // A file of that name comes first.
    folder.write("jq", "a 0 16\n");
    assert!(folder.answer("replay jq -s best-fit --format json").contains("\"operations\": 1"));
    let said = folder.run("inspect sqlte");
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.err.contains("did you mean 'sqlite'?"), "{said:?}");
}
