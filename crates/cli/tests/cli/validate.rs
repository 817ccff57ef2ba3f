//! `heaplab validate`: cases chosen by number or name, figures for people and for programs, files that are absent.

use insta::assert_snapshot;

use crate::support::Folder;

#[test]
fn a_case_ends_in_a_table_and_a_sentence() {
    let said = Folder::new().run("validate --case size-classes --no-progress");
    assert_eq!(said.code, 0, "{said:?}");
    let (figures, overview) = said.out.split_once("source: ").unwrap();
    assert!(figures.starts_with("6 size-classes   what rounding"), "{figures}");
    assert!(figures.contains("664908 bytes of 699050, empty"), "{figures}");
    assert!(overview.contains("1 case passes: "), "{overview}");
    assert!(!said.out.contains('!') && !said.out.contains("FAIL"), "{}", said.out);
}

#[test]
fn every_figure_is_a_row_for_programs() {
    let folder = Folder::new();
    let rows = folder.json("validate --case 1,6 --format json -q");
    let rows = rows.as_array().unwrap();
    let find = |subject: &str, at: &str| {
        let is_it = |row: &&serde_json::Value| row["subject"] == subject && row["at"] == at;
        rows.iter().find(is_it).unwrap_or_else(|| panic!("{subject} at {at}"))
    };
    let first_fit = find("first-fit", "256,16");
    assert_eq!((&first_fit["published"], &first_fit["ours"]), (&753.into(), &753.into()));
    assert_eq!((&first_fit["demand"], &first_fit["verdict"]), (&"equal".into(), &"pass".into()));
    assert!(first_fit["source"].as_str().unwrap().starts_with("Robson"));
    assert_eq!(find("compaction", "256,16")["ours"], 256);
    assert_eq!(find("rounding up", "3274752, 3 bits")["ours"], 3_407_872);
    let csv = folder.answer("validate --case 6 --format csv -q");
    assert!(csv.starts_with("case,name,subject,quantity,at,published,demand,limit,ours,"), "{csv}");
    assert!(folder.answer("validate --case 6 --format md -q").contains("| published |"));
}

#[test]
fn files_that_are_absent_are_skipped_and_said() {
    let said = Folder::new().run("validate --case 4");
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("skipped"), "{}", said.out);
    assert!(said.err.contains("next: heaplab validate --case 4 --minimalloc DIR"), "{}", said.err);
}

#[test]
fn a_wrong_folder_and_a_broken_instance_are_bad_input() {
    let folder = Folder::new();
    let said = folder.run("validate --minimalloc nowhere");
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.err.contains("nowhere: cannot be read: "), "{}", said.err);
    assert_eq!(folder.run("validate --minimalloc tiny.rep").code, 3);
    folder.write("A.1048576.csv", "id,lower,upper,size\n0,3,1,10\n");
    let said = folder.run("validate --case 4 --minimalloc .");
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.err.contains("A.1048576.csv:2: the buffer ends at 1"), "{}", said.err);
}

#[test]
fn unknown_cases_are_wrong_usage() {
    let said = Folder::new().run("validate --case robsen");
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("no case 'robsen'; did you mean 'robson'?"), "{}", said.err);
    assert!(said.err.contains("help: heaplab validate --list"), "{}", said.err);
}

#[test]
fn the_list_says_what_is_claimed() {
    assert_snapshot!("validate-list", Folder::new().answer("validate --list"));
}
