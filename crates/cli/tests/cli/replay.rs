//! `replay`: the interface that other programs rely on, against placements worked out by hand.

use serde_json::{Value, json};

use crate::support::Folder;

fn replay(folder: &Folder, options: &str) -> (Value, String, String) {
    let line = format!(
        "replay tiny.rep --granule 16 --placements p.csv --relocations r.csv --format json {options}"
    );
    (folder.json(&line), folder.read("p.csv"), folder.read("r.csv"))
}

/// The fields that other programs read.
fn figures(answer: &Value) -> Value {
    json!([
        answer["peak_live_requested_bytes"],
        answer["peak_live_bytes"],
        answer["high_water_bytes"],
        answer["relocations"],
        answer["relocated_bytes"],
        answer["compaction_relocated_bytes"],
        answer["outcome"]["status"],
    ])
}

#[test]
fn first_fit_takes_the_lowest_hole_and_grows_in_place() {
    let folder = Folder::new();
    let (answer, placements, relocations) =
        replay(&folder, "--strategy first-fit --heap unlimited");
    assert_eq!(
        placements,
        "op,offset,len\n0,0,48\n1,48,16\n2,64,32\n3,96,16\n6,0,32\n7,48,48\n9,96,64\n"
    );
    assert_eq!(relocations, "op,from,to,len\n");
    assert_eq!(figures(&answer), json!([124, 144, 160, 0, 0, 0, "ok"]));
}

#[test]
fn best_fit_takes_the_shortest_hole_and_moves_to_grow() {
    let folder = Folder::new();
    let (answer, placements, relocations) = replay(&folder, "-s best-fit --heap 2x");
    assert_eq!(
        placements,
        "op,offset,len\n0,0,48\n1,48,16\n2,64,32\n3,96,16\n6,64,32\n7,0,48\n9,96,64\n"
    );
    assert_eq!(relocations, "op,from,to,len\n7,48,0,16\n");
    assert_eq!(figures(&answer), json!([124, 144, 160, 1, 16, 0, "ok"]));
    assert_eq!(answer["heap"], json!({ "bytes": 288, "ratio": 2.0, "spec": "2x" }));
}

#[test]
fn compaction_slides_when_the_end_is_reached() {
    let folder = Folder::new();
    let (answer, placements, relocations) = replay(&folder, "-s compaction --heap 1.0x");
    assert_eq!(
        placements,
        "op,offset,len\n0,0,48\n1,48,16\n2,64,32\n3,96,16\n6,112,32\n7,48,48\n9,80,64\n"
    );
    assert_eq!(relocations, "op,from,to,len\n9,48,0,48\n9,112,48,32\n");
    assert_eq!(figures(&answer), json!([124, 144, 144, 2, 80, 80, "ok"]));
}

#[test]
fn running_out_of_memory_is_an_answer() {
    let folder = Folder::new();
    let (answer, placements, relocations) = replay(&folder, "-s best-fit --heap 144");
    // The ninth operation asks for 64 bytes; a hole of 16 and a wilderness of 48 are free.
    assert_eq!(placements, "op,offset,len\n0,0,48\n1,48,16\n2,64,32\n3,96,16\n6,64,32\n7,0,48\n");
    assert_eq!(relocations, "op,from,to,len\n7,48,0,16\n");
    let outcome = &answer["outcome"];
    assert_eq!(outcome["status"], "oom");
    assert_eq!(outcome["operation"], 9);
    assert_eq!(outcome["requested_bytes"], 64);
    assert_eq!(outcome["free_bytes"], 64);
    assert_eq!(outcome["largest_hole_bytes"], 16);
    assert_eq!(outcome["wilderness_bytes"], 48);
    assert_eq!(answer["operations_completed"], 9);
    // Peak live is the trace's, the high-water mark that of what fitted.
    assert_eq!(figures(&answer), json!([124, 144, 112, 1, 16, 0, "oom"]));
}

#[test]
fn a_granule_of_one_rounds_nothing() {
    let folder = Folder::new();
    let line = "replay tiny.rep -s first-fit --granule 1 --placements p.csv --format json";
    let answer = folder.json(line);
    assert_eq!(answer["peak_live_bytes"], answer["peak_live_requested_bytes"]);
    assert!(folder.read("p.csv").contains("\n6,0,20\n"));
}

#[test]
fn parameters_floors_and_verification_are_at_hand() {
    let folder = Folder::new();
    folder.answer("replay tiny.rep -s compaction-budgeted --set c=4 --heap 1.5x");
    folder.answer("replay tiny.rep -s bump");
    let answer = folder.json("replay tiny.rep -s compaction --heap 144 --verify --format json");
    assert_eq!(answer["verified"], true);
}

#[test]
fn the_same_replay_gives_the_same_bytes() {
    let folder = Folder::new();
    let first = replay(&folder, "-s compaction-fit --heap 1.1x");
    assert_eq!(replay(&folder, "-s compaction-fit --heap 1.1x"), first);
}

#[test]
fn other_formats_name_the_same_figures() {
    let folder = Folder::new();
    let csv = folder.answer("replay tiny.rep -s first-fit --format csv");
    assert!(csv.starts_with("figure,value\ntrace,tiny\n"), "{csv}");
    assert!(csv.contains("\nhigh_water_bytes,160\n"), "{csv}");
    let table = folder.answer("replay tiny.rep -s best-fit --heap 144");
    assert!(table.contains("outcome") && table.contains("oom"), "{table}");
}

#[test]
fn unfinished_files_are_not_left_behind() {
    let folder = Folder::new();
    let mut damaged = {
        folder.answer("import tiny.rep -o tiny.hlt");
        std::fs::read(folder.path().join("tiny.hlt")).unwrap()
    };
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x55;
    std::fs::write(folder.path().join("tiny.hlt"), damaged).unwrap();
    folder.write("p.csv", "what stood there before\n");
    let said = folder.run("replay tiny.hlt -s first-fit --placements p.csv");
    assert_eq!((said.code, said.out.as_str()), (3, ""), "{said:?}");
    assert_eq!(folder.read("p.csv"), "what stood there before\n");
    assert!(folder.files("").iter().all(|name| !name.starts_with(".heaplab")));
}
