//! Real traces give the figures that were measured on them; skipped where they are absent.

use heaplab_trace::import::{ImportOptions, ImportReport, import_file};

use crate::support::{Measure, shared};

fn import(path: &str) -> Option<(ImportReport, Measure)> {
    let path = shared(path)?;
    let mut measure = Measure::default();
    match import_file(&path, &ImportOptions::default(), &mut measure) {
        Ok(report) => Some((report, measure)),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn wee_alloc_traces() {
    for (name, allocate, free, peak_bytes, peak_blocks, zero, live) in [
        ("cpp-demangle", 62, 40, 16_197, 46, 0, 22),
        ("dogfood", 32_472, 13_604, 1_359_176, 18_869, 0, 18_868),
        ("ffmpeg", 1_832, 1_805, 604_146, 1_167, 0, 27),
        ("find", 567, 563, 66_494, 166, 0, 4),
        ("gcc-hello", 11_431, 6_344, 9_303_005, 5_732, 0, 5_087),
        ("grep-random-data", 122, 76, 53_926, 89, 2, 46),
        ("grep-recursive", 657, 619, 117_450, 169, 2, 38),
        ("ls", 45, 37, 55_989, 40, 0, 8),
        ("source-map", 2_087, 315, 1_735_775, 1_819, 0, 1_772),
    ] {
        let Some((report, measure)) = import(&format!("wee_alloc/{name}.trace")) else { continue };
        let counts = report.counts;
        assert_eq!((counts.allocate, counts.resize, counts.free), (allocate, 0, free), "{name}");
        assert_eq!(measure.peak_live_bytes, peak_bytes, "{name}");
        assert_eq!(measure.peak_live_blocks, peak_blocks, "{name}");
        assert_eq!(measure.zero_byte_requests, zero, "{name}");
        assert_eq!(measure.live.len(), live, "{name}");
        assert!(report.warnings.is_empty(), "{name}");
    }
}

#[test]
fn aosp_recordings() {
    if let Some((report, measure)) = import("aosp/systemui.zip") {
        let counts = report.counts;
        assert_eq!((counts.allocate, counts.resize, counts.free), (402_690, 18_544, 349_045));
        assert_eq!(report.dropped_null_frees, 15_818);
        assert_eq!(counts.total() + report.dropped_null_frees, 786_097);
        assert_eq!(measure.peak_live_bytes, 10_441_709);
        assert_eq!(measure.peak_live_blocks, 60_097);
        assert_eq!(measure.live.len(), 53_645);
        assert_eq!((measure.zero_byte_requests, measure.aligned), (1, 1_066));
        assert!(report.warnings.is_empty());
    }
    if let Some((report, measure)) = import("aosp/synthetic-sample.txt") {
        let counts = report.counts;
        assert_eq!((counts.allocate, counts.resize, counts.free), (6, 2, 5));
        assert_eq!(report.dropped_null_frees, 1);
        assert_eq!((measure.peak_live_bytes, measure.peak_live_blocks), (1280, 4));
        assert_eq!((measure.live_bytes, measure.live.len()), (4, 1));
    }
}

#[test]
fn minimalloc_problems() {
    for (name, buffers, peak_bytes, peak_blocks) in [
        ("A", 154, 1_048_576, 45),
        ("B", 170, 1_048_576, 41),
        ("C", 203, 1_039_360, 44),
        ("D", 213, 986_112, 87),
        ("E", 215, 1_048_576, 30),
        ("F", 296, 1_048_576, 16),
    ] {
        let path = format!("minimalloc/{name}.1048576.csv");
        let Some((report, measure)) = import(&path) else { continue };
        assert_eq!((report.counts.allocate, report.counts.free), (buffers, buffers), "{name}");
        assert_eq!(measure.peak_live_bytes, peak_bytes, "{name}");
        assert_eq!(measure.peak_live_blocks, peak_blocks, "{name}");
        assert!(measure.live.is_empty(), "{name}");
    }
}

#[test]
fn minimalloc_as_rep_is_the_same_trace() {
    let rep = import("rep/minimalloc-A.rep");
    let csv = import("minimalloc/A.1048576.csv");
    if let (Some((report, rep)), Some((_, csv))) = (rep, csv) {
        assert_eq!(rep.operations, csv.operations);
        assert!(report.warnings.is_empty());
    }
}

#[test]
fn rep_layouts() {
    for (name, operations, peak_bytes, live, warnings) in [
        ("layout-2010", 8, 4_713, 1, 0),
        ("layout-2016", 8, 4_713, 1, 0),
        ("layout-xv6", 5, 140, 1, 0),
        ("crlf-null-frees-reused-ids-wrong-count", 9, 80, 0, 1),
    ] {
        let Some((report, measure)) = import(&format!("rep/{name}.rep")) else { continue };
        assert_eq!(report.counts.total(), operations, "{name}");
        assert_eq!(measure.peak_live_bytes, peak_bytes, "{name}");
        assert_eq!(measure.live.len(), live, "{name}");
        assert_eq!(report.warnings.len(), warnings, "{name}");
    }
}
