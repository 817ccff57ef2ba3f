//! `explain`: what people read about a failure, and what programs do.

use crate::support::Folder;

/// Five blocks of a byte, two of them freed, and two bytes wanted.
const FIVE_BYTES: &str = "a 0 1\na 1 1\na 2 1\na 3 1\na 4 1\nf 1\nf 3\na 5 2\n";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("five.rep", FIVE_BYTES);
    folder
}

#[test]
fn the_first_sentence_says_why() {
    let folder = folder();
    let text = folder.answer("explain five.rep -s first-fit --heap 5 --granule 1");
    assert!(text.contains("fragmented, not full"), "{text}");
    assert!(text.contains("\n  X-X-X\n  ^^\n"), "{text}");
    for words in [
        "What pins free space: 1 block of 1 byte (33 % of what is live)",
        "  - Compaction: sliding everything together moves 2 bytes in 2 blocks",
        "  - A larger heap: 7 bytes, 2 more than this one, are the smallest",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn a_replay_that_completes_shows_its_waste() {
    let folder = folder();
    let text = folder.answer("explain tiny.rep -s best-fit --heap unlimited");
    assert!(text.starts_with("best-fit completes all 10 operations"), "{text}");
    let line = text.replace('\n', " ");
    assert!(line.contains("wastes most after operation 5: 80 bytes lie in holes"), "{text}");
    let wasteless = folder.answer("explain five.rep -s compaction-eager --granule 1 --heap 1x");
    assert!(wasteless.replace('\n', " ").contains("never wastes a byte"), "{wasteless}");
}

#[test]
fn every_cause_has_words_of_its_own() {
    let folder = folder();
    folder.write("large.rep", "a 0 100\n");
    folder.write("full.rep", "a 0 32\na 1 48\n");
    folder.write("grow.rep", "a 0 64\na 1 16\nr 0 80\n");
    for (line, words) in [
        ("large.rep --heap 64", "the request is too large"),
        ("full.rep --heap 64", "the heap is full"),
        ("grow.rep --heap 112", "can neither grow where it stands nor move"),
        ("five.rep --heap 5 --granule 1", "fragmented, not full"),
    ] {
        let text = folder.answer(&format!("explain {line} -s best-fit"));
        let sentence = text.split("\n\n").next().unwrap().replace('\n', " ");
        assert!(sentence.contains(words), "{line}: {text}");
    }
}

#[test]
fn programs_get_the_same_figures() {
    let folder = folder();
    let answer =
        folder.json("explain five.rep -s first-fit,worst-fit --heap 5 --granule 1 --format json");
    let schema = folder.json("schema explain");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator.iter_errors(&answer).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!(answer["schema"], "heaplab.explain/1");
    let it = &answer["explanations"][0];
    assert_eq!((&it["cause"], &it["moment"]["operation"]), (&"fragmented".into(), &7.into()));
    assert_eq!(it["picture"]["map"]["live_bytes"], serde_json::json!([1, 0, 1, 0, 1]));
    assert_eq!(it["remedies"]["clearing"]["live_bytes"], 1);
    assert_eq!(it["remedies"]["compaction"]["relocated_bytes"], 2);
    // The high-water mark in a heap without limit: the block of two lands behind the five.
    let larger = serde_json::json!({ "passes_bytes": 7, "fails_bytes": 6, "is_smallest": true });
    assert_eq!(it["remedies"]["larger_heap"], larger);
    let others = it["remedies"]["others"].as_array().unwrap();
    let compaction = others.iter().find(|other| other["strategy"] == "compaction").unwrap();
    assert_eq!((&compaction["gets_past"], &compaction["status"]), (&true.into(), &"ok".into()));
    assert_eq!(answer["explanations"][1]["strategy"], "worst-fit");
}

#[test]
fn what_one_asks_twice_is_answered_the_same() {
    let folder = folder();
    let line = "explain five.rep -s *fit --heap 5 --granule 1 --format json";
    assert_eq!(folder.answer(line), folder.answer(line));
}

#[test]
fn a_trace_of_the_default_suite_goes_by_its_name() {
    let folder = folder();
    let text = folder.answer("explain make -s worst-fit --heap 1.0x -q");
    assert!(text.starts_with("worst-fit completes all 76 816 operations of make"), "{text}");
}

#[test]
fn a_cell_of_a_report_is_found_again() {
    let folder = folder();
    folder.answer("run five.rep -s *-fit --granule 1 --heap 5,6,7 --passes space --json r.json");
    let text = folder.answer("explain r.json first-fit five");
    // Of the heaps in which it failed, the largest.
    assert!(text.contains("in a heap of 6 bytes"), "{text}");
    let text = folder.answer("explain r.json first-fit five --heap 5");
    assert!(text.contains("in a heap of 5 bytes"), "{text}");
    std::fs::rename(folder.path().join("five.rep"), folder.path().join("elsewhere.rep")).unwrap();
    let said = folder.run("explain r.json first-fit five");
    assert_eq!((said.code, said.out.as_str()), (3, ""));
    assert!(said.err.contains("--trace-file FILE says where it lies"), "{}", said.err);
    folder.answer("explain r.json first-fit five --trace-file elsewhere.rep");
    let said = folder.run("explain r.json first-fit five --trace-file tiny.rep");
    assert_eq!(said.code, 3);
    assert!(said.err.contains("this is not the trace 'five' of the report"), "{}", said.err);
}

#[test]
fn signs_are_ascii_where_the_locale_is() {
    let folder = Folder::new();
    folder.answer("generate uniform -o app.hlt --operations 5000");
    for format in ["table", "md"] {
        let line = format!("explain app.hlt -s worst-fit --heap 1.0x --format {format}");
        let unicode = folder.answer(&line);
        assert!(unicode.contains('█'), "{unicode}");
        let output = folder.command(&line).env("LC_ALL", "C").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(format == "md" || text.is_ascii(), "{text}");
        let drawn = text.lines().find(|line| line.contains("XX"));
        assert!(drawn.is_some_and(str::is_ascii), "{text}");
    }
}

#[test]
fn bad_wishes_are_named() {
    let folder = folder();
    folder.write("empty.hlt", "");
    folder.answer("run five.rep --granule 1 --heap 5 --passes space --json r.json -s first-fit");
    for (line, code, words) in [
        ("explain five.rep -s bestfit", 2, "did you mean 'best-fit'?"),
        ("explain five.rep -s null", 2, "is a floor"),
        ("explain five.rep -s best-fit --heap 0", 2, "smaller than one granule of 16 bytes"),
        ("explain five.rep -s best-fit --heap many", 2, "heap size 'many'"),
        ("explain five.rep -s best-fit --set best-fit.c=1", 2, "no parameter of best-fit 'c'"),
        ("explain five.rep -s best-fit --format csv", 2, "no rows that csv could hold"),
        ("explain five.rep", 2, "--strategy"),
        ("explain absent.rep -s best-fit", 3, "no such file, and no trace of the default suite"),
        ("explain pearl -s best-fit", 3, "did you mean 'perl'?"),
        ("explain r.json -s best-fit", 2, "r.json is a report"),
        ("explain r.json first-fit", 2, "required"),
        ("explain r.json first-fit fife", 2, "did you mean 'five'?"),
        ("explain r.json frist-fit five", 2, "did you mean 'first-fit'?"),
        ("explain five.rep first-fit five", 3, "heaplab explain TRACE -s STRATEGY"),
        ("explain empty.hlt -s best-fit", 3, "empty.hlt"),
    ] {
        let said = folder.run(line);
        assert_eq!((said.code, said.out.as_str()), (code, ""), "{line}: {said:?}");
        assert!(said.err.contains(words), "{line}: {}", said.err);
        assert!(!said.err.contains("panicked"), "{line}: {}", said.err);
    }
}
