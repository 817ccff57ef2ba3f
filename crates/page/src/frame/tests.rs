use std::collections::BTreeSet;

use heaplab_report::{
    Bounds, Cell, Curve, CurvePoint, HeapSpec, Latency, Mode, OperationCounts, Outcome,
    Relocations, Report, Series, Space, Status, StrategyEntry, StrategyKind, Time, TraceEntry,
};

use super::*;

const SPECS: [(&str, f64); 3] = [("1.0x", 1.0), ("1.25x", 1.25), ("2x", 2.0)];

/// A report with everything that a section shows.
fn report(trace: &str, operations: u64) -> Report {
    let mut report = Report { complete: true, ..Report::default() };
    report.created_at = "2026-01-01T00:00:00Z".into();
    report.command = vec!["heaplab".into(), "run".into(), "a b.hlt".into()];
    report.measurement.rounds = 6;
    report.traces.push(TraceEntry {
        name: trace.into(),
        hash: "0123456789abcdef".into(),
        operations: OperationCounts { allocate: operations / 2, resize: 0, free: operations / 2 },
        peak_live_bytes: 4096,
        max_request_bytes: 512,
        allocated_bytes: Some(16_384),
        bounds: Some(Bounds { peak_live_bytes: 4096, offline_packing_bytes: Some(4112) }),
        ..TraceEntry::default()
    });
    let kinds = [
        ("alpha", StrategyKind::Strategy),
        ("beta", StrategyKind::Strategy),
        ("gamma", StrategyKind::Peer),
        ("null", StrategyKind::Floor),
    ];
    for (place, (name, kind)) in kinds.into_iter().enumerate() {
        let entry = StrategyEntry { name: name.into(), kind, ..StrategyEntry::default() };
        report.strategies.push(entry);
        for (spec, ratio) in SPECS {
            report.cells.push(cell(trace, name, spec, ratio, place, operations));
        }
        let mut cell = cell(trace, name, HeapSpec::UNLIMITED, 1024.0, place, operations);
        cell.time = None;
        cell.series = Some(series(operations));
        cell.space = Some(Space { min_heap_bytes: Some(4500), ..Space::default() });
        report.cells.push(cell);
    }
    let point =
        |value, heap_bytes| CurvePoint { value, heap_bytes, compaction_bytes: 8_192 / value };
    report.curves.push(Curve {
        strategy: "beta".into(),
        trace: trace.into(),
        parameter: "c".into(),
        points: vec![point(2, 4_096), point(8, 4_400), point(32, 5_000)],
    });
    report.seal();
    report
}

fn cell(trace: &str, name: &str, spec: &str, ratio: f64, place: usize, operations: u64) -> Cell {
    let is_oom = spec == "1.0x" && place < 2;
    let ns = 10.0 * text::len_f64(place + 1);
    let samples_ns = vec![operations * 10; 6];
    Cell {
        id: Cell::id_of(name, trace, spec, Mode::Placement),
        trace: trace.into(),
        strategy: name.into(),
        heap: HeapSpec { bytes: 5120, ratio: Some(ratio), spec: spec.into() },
        granule_bytes: 16,
        threads: 1,
        outcome: Outcome {
            status: if is_oom { Status::Oom } else { Status::Ok },
            requested_bytes: is_oom.then_some(512),
            free_bytes: is_oom.then_some(2048),
            holes: is_oom.then_some(9),
            ..Outcome::default()
        },
        relocations: Some(Relocations { bytes: 800, compaction_bytes: 700, ..Default::default() }),
        time: (!is_oom).then_some(Time {
            samples_ns,
            operations,
            median_ns_per_operation: ns,
            ci_ns: Some([ns * 0.9, ns * 1.1]),
            ..Time::default()
        }),
        latency: (!is_oom).then_some(Latency {
            p50_ns: ns,
            p90_ns: ns,
            p99_ns: ns,
            p999_ns: ns,
            max_ns: ns,
            ..Latency::default()
        }),
        ..Cell::default()
    }
}

fn series(operations: u64) -> Series {
    let points = operations.min(512);
    let index: Vec<u64> = (0..points).map(|at| at * operations / points).collect();
    let bytes: Vec<u64> = (0..points).map(|at| 2048 + (at * 37) % 2048).collect();
    Series {
        x: "operation".into(),
        points: u32::try_from(points).unwrap(),
        operation_index: index,
        live_bytes: bytes.clone(),
        reserved_bytes: bytes,
        holes: Vec::new(),
    }
}

fn page(reports: &[Report]) -> String {
    render(reports, &Options::default())
}

/// The values of an attribute, anywhere in the page.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    page.split(&format!(" {attribute}=\"")).skip(1).filter_map(|it| it.split('"').next()).collect()
}

#[test]
fn every_section_is_there_in_its_order() {
    let page = page(&[report("jq", 1000)]);
    let places: Vec<_> = [
        "answer",
        "which",
        "ranking",
        "cost",
        "smallest",
        "profile",
        "operations",
        "samples",
        "latency",
        "moved",
        "budget",
        "traces",
        "method",
        "environment",
        "glossary",
    ]
    .into_iter()
    .map(|id| page.find(&format!(" id=\"{id}\"")).unwrap_or_else(|| panic!("no section {id}")))
    .collect();
    assert!(places.is_sorted(), "{places:?}");
    assert!(page.contains("wanted 512 B; 2 KiB free in 9 holes: fragmented, not full"));
}

#[test]
fn latencies_of_many_traces_are_summed_up_and_what_is_left_out_is_named() {
    let mut all = report("one", 1000);
    assert!(page(&[all.clone()]).contains("id=\"latency-0-"));
    for trace in ["two", "three", "four", "five"] {
        let more = report(trace, 1000);
        all.traces.extend(more.traces);
        all.cells.extend(more.cells);
    }
    let spec = SPECS[0].0;
    let slow = all.cells.iter_mut().find(|it| it.id == format!("beta/three/{spec}")).unwrap();
    slow.latency = None;
    slow.time.get_or_insert_with(Time::default);
    let page = page(&[all]);
    assert!(!page.contains("id=\"latency-0-"), "no chart of each");
    assert!(page.contains("Medians over 5 workloads in"));
    let note = page.split("left out here").nth(1).unwrap();
    assert!(note.split("</p>").next().unwrap().ends_with(": beta on three."), "{note:.200}");
}

#[test]
fn every_link_has_its_anchor_and_every_anchor_is_there_once() {
    let page = page(&[report("jq", 1000), report("a/b c", 1000)]);
    let ids = values(&page, "id");
    let known: BTreeSet<_> = ids.iter().copied().collect();
    assert_eq!(known.len(), ids.len(), "an id stands twice");
    let links: Vec<_> = values(&page, "href");
    assert!(links.len() > 100);
    for link in links {
        let anchor = link.strip_prefix('#').unwrap_or_else(|| panic!("{link} leads out"));
        assert!(known.contains(anchor), "{link} leads nowhere");
    }
    for id in values(&page, "aria-labelledby").iter().flat_map(|it| it.split(' ')) {
        assert!(known.contains(id), "{id} labels something and is missing");
    }
}

#[test]
fn names_from_strangers_stay_text() {
    for hostile in [
        "<script>alert(1)</script>",
        "</script><img src=x onerror=alert(1)>",
        "\"' onload=\"x",
        "]]>\u{202E}\u{7}\n\t",
    ] {
        let mut report = report(hostile, 1000);
        report.strategies[0].description = hostile.into();
        report.strategies[0].name = hostile.into();
        report
            .cells
            .iter_mut()
            .filter(|it| it.strategy == "alpha")
            .for_each(|it| it.strategy = hostile.into());
        let page = page(&[report.clone()]);
        assert!(!page.contains("<script>alert"), "{hostile}");
        assert!(!page.contains("<img"), "{hostile}");
        assert!(!page.contains(" onload=\"x"), "{hostile}");
        assert!(
            !page.contains('\u{202E}')
                || page
                    .split("data-heaplab-report")
                    .next()
                    .is_some_and(|it| !it.contains('\u{202E}'))
        );
        assert_eq!(page.matches("<script").count(), SCRIPTS.len() + 1, "{hostile}");
        assert_eq!(back(&page), report);
    }
}

fn back(page: &str) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.html");
    std::fs::write(&path, page).unwrap();
    heaplab_report::read(&path).unwrap()
}

#[test]
fn a_name_of_ten_thousand_characters_is_cut() {
    let short = page(&[report("jq", 1000)]).len();
    let report = report(&"n".repeat(10_000), 1000);
    let page = page(std::slice::from_ref(&report));
    let data = page.find("data-heaplab-report").unwrap();
    assert!(!page[..data].contains(&"n".repeat(200)));
    assert!(data < short + 40_000, "{data} and {short}");
    assert_eq!(back(&page), report);
}

#[test]
fn the_policy_allows_our_style_and_scripts_and_nothing_else() {
    let page = page(&[report("jq", 1000)]);
    let policy =
        values(&page, "content").into_iter().find(|it| it.contains("default-src")).unwrap();
    assert!(
        policy.starts_with("default-src &#39;none&#39;;")
            || policy.starts_with("default-src 'none';")
    );
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    let inside = |open: &str, close: &str| -> Vec<String> {
        page.split(open).skip(1).map(|it| hash(it.split(close).next().unwrap())).collect()
    };
    let (styles, scripts) = (inside("<style>", "</style>"), inside("<script>", "</script>"));
    assert_eq!((styles.len(), scripts.len()), (1, SCRIPTS.len()));
    for hash in styles.iter().chain(&scripts) {
        assert!(policy.contains(hash), "{policy} lacks {hash}");
    }
    assert!(!page.contains(" style=\""), "the policy forbids styles of elements");
    for outside in ["http://", "https://", "@import", "url("] {
        let body = page.split("data-heaplab-report").next().unwrap();
        assert!(!body.contains(outside), "{outside}");
    }
}

#[test]
fn the_length_of_a_trace_hardly_shows_in_the_size() {
    let of = |operations| page(&[report("jq", operations)]).len();
    let (short, long) = (of(1000), of(10_000_000));
    assert!(long < short + short / 10, "{short} and {long}");
}

#[test]
fn an_empty_report_is_a_page_too() {
    let page = page(&[Report::default()]);
    assert!(page.contains("This report holds no figures."));
    assert_eq!(back(&page).cells.len(), 0);
}

#[test]
fn scripts_keep_their_measure() {
    // Ours alone, and short enough to be read before it is trusted.
    assert!(SCRIPTS[0].lines().count() < 300);
    for script in SCRIPTS {
        assert!(
            !script.contains("</script")
                && !script.contains("innerHTML")
                && !script.contains("eval(")
        );
    }
}
