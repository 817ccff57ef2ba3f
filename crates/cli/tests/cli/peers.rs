//! Published allocators beside our strategies, and mallocs of shared libraries.

use serde_json::Value;

use crate::support::Folder;

#[test]
fn peers_are_listed_and_marked() {
    let folder = Folder::new();
    let rows = folder.json("list strategies --format json");
    let kinds: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["name"].as_str().unwrap(), row["kind"].as_str().unwrap()))
        .collect();
    for entry in heaplab_peers::registry().entries() {
        assert!(kinds.contains(&(entry.name, "peer")), "{}", entry.name);
    }
    assert!(kinds.contains(&("best-fit", "strategy")) && kinds.contains(&("null", "floor")));
    // Ours, then peers, then floors.
    assert!(kinds.is_sorted_by_key(|(_, kind)| {
        ["strategy", "peer", "floor"].iter().position(|it| it == kind)
    }));
}

#[test]
fn every_peer_has_verified_cells_in_the_heaps_that_it_can_manage() {
    let folder = Folder::new();
    let names: Vec<_> = heaplab_peers::registry().entries().iter().map(|it| it.name).collect();
    let line = format!("run tiny.rep --check --heap 64KiB -s {} --json r.json", names.join(","));
    let said = folder.run(&line);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("published allocators"), "{said:?}");
    let report: Value = serde_json::from_str(&folder.read("r.json")).unwrap();
    let validator = jsonschema::validator_for(&heaplab_report::Report::schema()).unwrap();
    assert!(validator.is_valid(&report));
    let cells = report["cells"].as_array().unwrap();
    for name in names {
        let id = format!("{name}/tiny/64KiB");
        let cell = cells.iter().find(|cell| cell["id"] == id.as_str()).unwrap();
        assert_eq!((&cell["outcome"]["status"], &cell["verified"]), (&"ok".into(), &true.into()));
        assert!(cell["space"]["holes"].is_null(), "{cell}");
    }
    assert!(cells.iter().all(|cell| cell["id"] != "talc/tiny/unlimited"));
    assert!(cells.iter().any(|cell| cell["id"] == "range-alloc/tiny/unlimited"));
}

#[test]
fn a_peer_needs_a_heap() {
    let folder = Folder::new();
    let said = folder.run("replay tiny.rep -s talc");
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("exceeds the largest that the allocator can manage"), "{said:?}");
    assert!(said.err.ends_with("help: give it a heap, such as --heap 1.5x\n"), "{said:?}");
    assert_eq!(folder.run("replay tiny.rep -s talc --heap 64KiB --verify").code, 0);
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn a_malloc_is_timed_and_its_memory_measured() {
    let folder = Folder::new();
    let line = "run tiny.rep -s best-fit --malloc libc.so.6 --heap 2x --rounds 2 --json r.json";
    let said = folder.run(line);
    assert_eq!(said.code, 0, "{said:?}");
    let report: Value = serde_json::from_str(&folder.read("r.json")).unwrap();
    let of_malloc: Vec<_> = report["cells"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|cell| cell["strategy"] == "libc")
        .collect();
    let [cell] = of_malloc.as_slice() else { panic!("{of_malloc:?}") };
    assert_eq!(
        (&cell["id"], &cell["outcome"]["status"]),
        (&"libc/tiny/unlimited".into(), &"ok".into())
    );
    assert_eq!(cell["time"]["samples_ns"].as_array().map(Vec::len), Some(2), "{cell}");
    assert!(cell["space"]["high_water_bytes"].is_null(), "{cell}");
    assert!(cell["placement_hash"].is_null(), "addresses differ from run to run: {cell}");
    if !cell["space"]["resident_bytes"].is_null() {
        assert!(said.out.contains("resident"), "{said:?}");
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn what_is_no_malloc_is_refused() {
    let folder = Folder::new();
    folder.write("prose.so", "no library");
    for (library, expected) in [
        (
            "libm.so.6",
            "error: libm.so.6: has no function 'malloc' of its own, so it is no malloc\n",
        ),
        ("libno-such.so.1", "error: libno-such.so.1: cannot be loaded: "),
        ("./prose.so", "error: ./prose.so: cannot be loaded: "),
    ] {
        let said = folder.run(&format!("run tiny.rep --malloc {library}"));
        assert_eq!(said.code, 3, "{library}: {said:?}");
        assert!(said.err.starts_with(expected), "{library}: {said:?}");
        assert!(said.err.contains("help: "), "{library}: {said:?}");
    }
}

#[test]
fn a_search_among_peers_alone_says_which_of_them_does_with_least() {
    let folder = Folder::new();
    let said = folder.run("min-heap tiny.rep -s range-alloc,buddy");
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("Smallest heap: range-alloc at"), "{}", said.out);
    assert!(!said.out.contains("No heap was found"), "{}", said.out);
    // Nobody can look into a peer.
    assert!(!said.err.contains("heaplab explain"), "{}", said.err);
    let both = folder.answer("min-heap tiny.rep -s best-fit,range-alloc");
    assert!(both.contains("Smallest heap: best-fit at 160 bytes"), "{both}");
}
