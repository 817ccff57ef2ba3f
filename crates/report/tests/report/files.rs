//! Reports in files: what is written is read again, and what cannot be read is named.

use std::path::Path;

use heaplab_report::{
    Known, Report, Status, Time, Warning, metrics, parse, read, to_json, write_atomically,
};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::example;

fn read_value(value: &Value) -> Result<Report, String> {
    parse(Path::new("r.json"), value.to_string().as_bytes()).map_err(|error| error.to_string())
}

fn error_of(text: &str) -> String {
    parse(Path::new("r.json"), text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn what_is_written_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/r.json");
    let report = example::report();
    write_atomically(&path, &report).unwrap();
    assert_eq!(read(&path).unwrap(), report);
    let names: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(names.len(), 1, "no temporary file is left: {names:?}");
}

#[test]
fn a_report_keeps_its_id_through_a_file() {
    let report = example::report();
    let again = parse(Path::new("r.json"), to_json(&report).unwrap().as_bytes()).unwrap();
    assert_eq!(again.content_id(), report.id);
    let mut changed = report.clone();
    changed.cells[0].threads = 2;
    assert_ne!(changed.content_id(), report.id);
}

#[test]
fn the_stable_part_of_a_machine_ignores_its_state() {
    let environment = example::report().environment;
    let mut later = environment.clone();
    later.load_before = Known::Value(7.0);
    later.cpu.turbo = Known::Value(true);
    assert_eq!(later.stable_id(), environment.id);
    later.cpu.physical_cores = Known::Value(64);
    assert_ne!(later.stable_id(), environment.id);
}

#[test]
fn a_file_has_one_cell_a_line() {
    let text = to_json(&example::report()).unwrap();
    let report = example::report();
    for cell in &report.cells {
        let start = format!("\"id\": \"{}\"", cell.id);
        assert_eq!(text.lines().filter(|line| line.contains(&start)).count(), 1);
    }
    assert!(text.lines().count() < 200, "{text}");
    assert!(text.ends_with("}\n"));
}

/// Values from a fixed stream (splitmix64): integers of every length, any finite float, odd names.
#[test]
fn any_values_survive_a_file() {
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB)
    };
    for _ in 0..500 {
        let mut report = example::report();
        let shift = next() % 64;
        report.duration_ns = next() >> shift;
        report.measurement.order_seed = Some(next());
        report.cells[0].outcome.free_bytes = Some(next() >> shift);
        report.environment.cpu.max_hz = Known::Value(next() >> shift);
        report.cells[1].series.as_mut().unwrap().live_bytes[0] = next() >> shift;
        report.cells[1].heap.ratio = Some(f64::from_bits(next())).filter(|it| it.is_finite());
        report.traces[0].name = String::from_utf8_lossy(&next().to_be_bytes()).into_owned();
        report.seal();
        let text = to_json(&report).unwrap();
        let again = parse(Path::new("r.json"), text.as_bytes()).unwrap();
        assert_eq!(again, report, "{text}");
        assert_eq!(again.content_id(), report.id);
    }
}

#[test]
fn unknown_fields_are_ignored() {
    let mut value = serde_json::to_value(example::report()).unwrap();
    value["future"] = json!({"a": [1]});
    value["cells"][0]["outcome"]["future"] = json!(null);
    value["environment"]["cpu"]["future"] = json!("x");
    assert_eq!(read_value(&value).unwrap(), example::report());
}

#[test]
fn absent_is_not_zero() {
    let value = serde_json::to_value(example::report()).unwrap();
    let timed_out = &value["cells"][10];
    assert_eq!(timed_out["outcome"], json!({"status": "timeout"}));
    for key in ["space", "relocations", "time", "latency", "counters", "series", "placement_hash"] {
        assert!(timed_out.get(key).is_none(), "{key}");
    }
    assert!(!value.to_string().contains("null,"), "nothing is written as null");
    assert_eq!(read_value(&value).unwrap().cells[10].time, None);
}

#[test]
fn large_integers_are_strings_and_both_forms_are_read() {
    let mut value = serde_json::to_value(example::report()).unwrap();
    assert_eq!(value["measurement"]["order_seed"], json!(0xDEAD_BEEF_DEAD_BEEF_u64.to_string()));
    assert_eq!(value["cells"][3]["heap"]["bytes"], json!((1_u64 << 62).to_string()));
    value["measurement"]["order_seed"] = json!(0xDEAD_BEEF_DEAD_BEEF_u64);
    value["duration_ns"] = json!("61000000000");
    assert_eq!(read_value(&value).unwrap(), example::report());
    for (ns, written) in [
        ((1_u64 << 53) - 1, json!(9_007_199_254_740_991_u64)),
        (1 << 53, json!("9007199254740992")),
    ] {
        let report = Report { duration_ns: ns, ..Report::default() };
        assert_eq!(serde_json::to_value(&report).unwrap()["duration_ns"], written);
    }
    for wrong in [json!("+5"), json!("1e3"), json!(-1), json!(1.5), json!("18446744073709551616")] {
        value["duration_ns"] = wrong;
        assert!(read_value(&value).is_err(), "{}", value["duration_ns"]);
    }
}

#[test]
fn what_is_unknown_says_so() {
    let value = serde_json::to_value(example::report()).unwrap();
    assert_eq!(value["environment"]["libc"], "unknown");
    assert_eq!(value["environment"]["cpu"]["base_hz"], "unknown");
    assert_eq!(value["environment"]["cpu"]["max_hz"], 4_200_000_000_u64);
    let read = read_value(&value).unwrap();
    assert_eq!(read.environment.libc, Known::Unknown);
    assert_eq!(read.environment.cpu.max_hz, Known::Value(4_200_000_000));
}

#[test]
fn other_files_are_told_apart() {
    let text = to_json(&example::report()).unwrap();
    assert_snapshot!(error_of(&text[..text.len() / 2]), @"r.json:134:64: the file ends in the middle of the report; was it cut off while being copied?");
    assert_snapshot!(error_of(""), @"r.json: an empty file, expected a report");
    assert_snapshot!(error_of("{\n  \"schema\": heaplab\n}"), @r#"r.json:2:13: expected a report in JSON, found "heaplab": expected value"#);
    assert_snapshot!(error_of("[1, 2]"), @r#"r.json: JSON, but no report of heaplab: expected "schema": "heaplab.report/1", found no object"#);
    assert_snapshot!(error_of("{\"results\": []}"), @r#"r.json: JSON, but no report of heaplab: expected "schema": "heaplab.report/1", found no such key"#);
    assert_snapshot!(error_of("{\"schema\": \"else/1\"}"), @r#"r.json: JSON, but no report of heaplab: expected "schema": "heaplab.report/1", found "else/1""#);
    assert_snapshot!(error_of("{\"schema\": \"heaplab.report/2\", \"cells\": {}}"), @r#"r.json: expected a report of version "heaplab.report/1", found "heaplab.report/2"; a newer heaplab wrote it and can read it"#);
    assert_snapshot!(error_of(&text.replace("\"threads\": 1,", "\"threads\": \"one\",")), @r#"r.json:138:172: cells[0].threads: invalid type: string "one", expected u32"#);
    assert_snapshot!(error_of("{\"schema\": \"heaplab.report/1\"}"), @"r.json:1:30: the report: missing field `id`");
    let missing = read("no/such/report.json").unwrap_err().to_string();
    assert_snapshot!(missing, @"no/such/report.json: cannot be read");
}

/// One raw block in a frame, as the format's specification has it: made by hand, decoded by the library.
#[test]
fn compressed_reports_are_read_whatever_their_name() {
    let json = to_json(&Report { complete: true, ..Report::default() }).unwrap();
    let len = u32::try_from(json.len()).unwrap();
    assert!(len < 1 << 16);
    let mut file = vec![0x28, 0xB5, 0x2F, 0xFD];
    file.push(0b1010_0000); // single segment, four bytes of content size, no checksum
    file.extend(len.to_le_bytes());
    file.extend(&((len << 3) | 1).to_le_bytes()[..3]); // last block, raw
    file.extend(json.as_bytes());
    let folder = tempfile::tempdir().unwrap();
    for name in ["r.json.zst", "r.json"] {
        let path = folder.path().join(name);
        std::fs::write(&path, &file).unwrap();
        assert!(read(&path).unwrap().complete);
    }
    let path = folder.path().join("broken.json.zst");
    std::fs::write(&path, &file[..file.len() - 5]).unwrap();
    let error = read(&path).unwrap_err().to_string();
    assert!(error.contains("broken.json.zst") && error.contains("decompress"), "{error}");
}

#[test]
fn a_number_that_is_none_is_never_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.json");
    std::fs::write(&path, "old").unwrap();
    let mut report = example::report();
    report.cells[1].time = Some(Time {
        samples_ns: vec![1],
        process_rounds: Vec::new(),
        operations: 1,
        median_ns_per_operation: f64::NAN,
        ci_ns: None,
    });
    let error = write_atomically(&path, &report).unwrap_err().to_string();
    assert!(
        error.contains("r.json") && error.contains("cells[1].time.median_ns_per_operation"),
        "{error}"
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
}

#[test]
fn a_folder_that_is_a_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let error =
        write_atomically(folder.path().join("file/r.json"), &example::report()).unwrap_err();
    assert!(error.to_string().contains("file/r.json"), "{error}");
}

#[test]
fn a_sound_report_has_no_contradictions() {
    assert_eq!(example::report().check(), Vec::<String>::new());
    assert_eq!(Report::default().check(), Vec::<String>::new());
}

#[test]
fn figures_that_cannot_be_are_found() {
    let mut report = example::report();
    report.measurement.confidence_level = 7.5;
    report.measurement.noise_floor_ratio = Some(-3.0);
    let time = report.cells[8].time.as_mut().unwrap();
    (time.median_ns_per_operation, time.ci_ns) = (-1.0, None);
    assert_snapshot!(report.check().join("\n"), @r"
    measurement: confidence of 7.5, expected 0 to 1
    measurement: noise floor ratio of -3e0, expected 0 to 1e6
    cells: compaction/server/1.1x: time: median of -1 ns an operation is below 0
    ");
}

#[test]
fn contradictions_are_found() {
    let mut report = example::report();
    report.schema = "heaplab.report/9".into();
    report.traces.push(report.traces[0].clone());
    report.warnings.push(Warning {
        code: "w".into(),
        cells: vec!["gone".into()],
        ..Warning::default()
    });
    report.cells[0].strategy = "none".into();
    report.cells[0].outcome.operation = Some(u64::MAX);
    report.cells[0].outcome.largest_hole_bytes = Some(u64::MAX);
    report.cells[1].granule_bytes = 12;
    report.cells[1].outcome.status = Status::Oom;
    report.cells[1].series.as_mut().unwrap().holes.pop();
    report.cells[1].trends[0].bands[0].low.pop();
    report.cells[1].trends[1].bands[1].low[2] = 2.0;
    report.cells[2].space.as_mut().unwrap().high_water_bytes = Some(u64::MAX);
    report.cells[6].outcome.operation = None;
    report.cells[7].space.as_mut().unwrap().internal_ratio = Some(f64::INFINITY);
    report.cells[8].time.as_mut().unwrap().ci_ns = Some([1.0, 2.0]);
    report.cells[8].relocations.as_mut().unwrap().compaction_bytes = u64::MAX;
    assert_snapshot!(report.check().join("\n"), @r#"
    schema: expected "heaplab.report/1", found "heaplab.report/9"
    traces: "server" occurs twice
    warnings: w: no cell has the id "gone"
    cells: best-fit/server/1.1x: no strategy is named "none"
    cells: best-fit/server/1.1x: outcome: operation 18446744073709551615 of a trace of 4210000 operations
    cells: best-fit/server/1.1x: outcome: largest hole of 18446744073709551615 bytes, but 3250000 bytes free
    cells: best-fit/server/1.25x: timed, but its outcome is oom
    cells: best-fit/server/1.25x: granule of 12 bytes is no power of two
    cells: best-fit/server/1.25x: series: 4 holes for 5 points
    cells: best-fit/server/1.25x: trends: 3 and 4 values of external_ratio for 4 parts
    cells: best-fit/server/1.25x: trends: the lowest beyond_largest_ratio of a part is above its highest
    cells: best-fit/server/64MiB: high-water mark of 18446744073709551615 bytes in a heap of 67108864 bytes
    cells: compaction/server/1.1x: compaction moved 18446744073709551615 bytes of 240333696 moved
    cells: compaction/server/1.1x: time: median 974 outside its interval 1 to 2
    cells[7].space.internal_ratio: not a finite number
    "#);
}

#[test]
fn metrics_name_fields_that_exist() {
    let schema = Report::schema();
    let mut names: Vec<String> = Vec::new();
    for metric in metrics() {
        let mut place = &schema["$defs"]["Cell"];
        for key in metric.name.split('.') {
            place = &place["properties"][key];
            assert!(place.is_object(), "{}", metric.name);
            if let Some(target) = place["$ref"].as_str() {
                place = schema.pointer(target.trim_start_matches('#')).unwrap();
            }
        }
        assert!(!names.contains(&metric.name), "{} occurs twice", metric.name);
        names.push(metric.name);
    }
}
