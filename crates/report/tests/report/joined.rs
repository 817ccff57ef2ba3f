//! Reports joined, ranked and handed on.

use heaplab_report::export::{Part, bencher, csv, github_action_benchmark, open_metrics};
use heaplab_report::merge::{MergeError, merge};
use heaplab_report::rank::rank;
use heaplab_report::table::{Format, Style};
use heaplab_report::view::Selection;
use heaplab_report::{Better, Report, Status};
use insta::assert_snapshot;

use crate::example;
use crate::timed::Run;

fn run(seed: u64) -> Report {
    Run { seed, ..Run::default() }.report()
}

/// The report with the cells of one trace alone.
fn of_trace(mut report: Report, name: &str) -> Report {
    report.traces.retain(|trace| trace.name == name);
    report.cells.retain(|cell| cell.trace == name);
    report.seal();
    report
}

#[test]
fn other_traces_stand_beside_each_other() {
    let (gcc, lua) = (of_trace(run(1), "gcc"), of_trace(run(2), "lua"));
    let merged = merge(&[lua.clone(), gcc.clone()], true).unwrap();
    assert_eq!(merged.check(), Vec::<String>::new());
    assert_eq!(merged.cells.len(), 20);
    assert_eq!(merged.traces.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["lua", "gcc"]);
    let sources: Vec<&str> = merged.merged_from.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(sources, [lua.id.as_str(), gcc.id.as_str()]);
    let time = merged.cells[0].time.as_ref().unwrap();
    assert_eq!(time.process_rounds, [10, 0]);
    assert_eq!(time.samples_ns, lua.cells[0].time.as_ref().unwrap().samples_ns);
    assert_eq!(merged.id, merged.content_id());
}

#[test]
fn the_same_cell_gets_the_samples_of_all() {
    let (one, two) = (run(1), run(2));
    let merged = merge(&[one.clone(), two.clone()], true).unwrap();
    assert_eq!(merged.check(), Vec::<String>::new());
    assert_eq!((merged.cells.len(), merged.measurement.processes), (one.cells.len(), 2));
    assert_eq!(merged.measurement.rounds, 20);
    let time = merged.cells[3].time.as_ref().unwrap();
    assert_eq!((time.process_rounds.as_slice(), time.samples_ns.len()), (&[10, 10][..], 20));
    let [lower, upper] = time.ci_ns.unwrap();
    assert!(lower <= time.median_ns_per_operation && time.median_ns_per_operation <= upper);
    // Merged reports can be merged again, and nothing is counted twice.
    let three = merge(&[merged.clone(), run(3)], true).unwrap();
    assert_eq!(three.cells[3].time.as_ref().unwrap().process_rounds, [10, 10, 10]);
    assert_eq!(merge(&[merged, two], true), Err(MergeError::Twice { report: 2, first: 1 }));
    assert_eq!(merge(&[], true), Err(MergeError::Nothing));
}

#[test]
fn a_cell_out_of_time_is_taken_from_who_finished_it() {
    let (mut one, mut two) = (run(1), run(2));
    one.cells[0].outcome.status = Status::Timeout;
    one.cells[0].time = None;
    one.seal();
    let merged = merge(&[one, two.clone()], true).unwrap();
    assert_eq!(merged.cells[0].outcome.status, Status::Ok);
    assert_eq!(merged.cells[0].time.as_ref().unwrap().process_rounds, [0, 10]);
    two.cells[1].outcome.status = Status::Oom;
    two.cells[1].time = None;
    let error = merge(&[run(3), two], true).unwrap_err().to_string();
    assert_snapshot!(error, @"cell first-fit/gcc/2x of report 2 is not that of the reports before: another outcome");
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let refused = |change: fn(&mut Report)| {
        let mut other = run(2);
        change(&mut other);
        other.seal();
        merge(&[run(1), other], true).unwrap_err().to_string()
    };
    assert_snapshot!(refused(|it| it.environment.id = "another".into()), @"the times of report 2 and of report 1 cannot stand beside each other: other machines, though both are a machine not described");
    assert_snapshot!(refused(|it| it.traces[0].hash = "x".into()), @"trace 'gcc' of report 2 is not that of the reports before: it holds other operations");
    assert_snapshot!(refused(|it| it.strategies[0].version = "2.0.0".into()), @"strategy 'first-fit' of report 2 is not that of the reports before: version 2.0.0 and not 1.0.0");
    assert_snapshot!(refused(|it| drop(it.strategies[0].parameters.insert("c".into(), 4.into()))), @"strategy 'first-fit' of report 2 is not that of the reports before: it has other parameters");
    assert_snapshot!(refused(|it| it.cells[0].granule_bytes = 32), @"cell first-fit/gcc/1.25x of report 2 is not that of the reports before: another granule, number of threads, or heap");
    // Without times any machine will do.
    let mut other = of_trace(run(2), "lua");
    other.environment.id = "another".into();
    let merged = merge(&[of_trace(run(1), "gcc"), other], false).unwrap();
    assert_eq!(merged.cells.len(), 20);
    assert!(merged.cells.iter().all(|cell| cell.time.is_none()));
    assert_eq!(merged.measurement.noise_floor_ratio, None);
}

#[test]
fn ranks_are_means_over_what_all_completed() {
    let mut report = run(1);
    report.cells.retain(|cell| cell.id != "free-list/lua/1.25x");
    let style = Style { width: 120, ascii: false };
    let ranking = rank(std::slice::from_ref(&report), &Selection::default());
    assert_snapshot!(ranking.table().render(Format::Table, style), @"
    strategy        time  smallest heap  with metadata  completed  tried
               × fastest     × smallest     × smallest      cells  cells
    free-list       1.00           1.26              –          3      3
    best-fit        1.25           1.00              –          4      4
    first-fit       2.49           1.00              –          4      4

      geometric means of the ratios to the best in each cell · smallest heap: the minimum where all shown know theirs, else
      the smallest that was tried and sufficed
    ");
    assert_snapshot!(ranking.sentences().join("\n"), @"
    times: over the 3 of 4 cells that all shown completed; free-list lacks 1, more than any other.
    heaps: over all 2 traces.
    ");
    assert_snapshot!(ranking.table().render(Format::Csv, style), @"
    strategy,time_ratio,heap_ratio,heap_and_metadata_ratio,completed_cells,tried_cells
    free-list,1.0,1.2649110640673518,,3,3
    best-fit,1.2497805197764773,1.0,,4,4
    first-fit,2.490371638058925,1.0,,4,4
    ");
    assert_snapshot!(ranking.table().render(Format::Md, style), @"
    | strategy | time (× fastest) | smallest heap (× smallest) | with metadata (× smallest) | completed (cells) | tried (cells) |
    | :--- | ---: | ---: | ---: | ---: | ---: |
    | free-list | 1.00 | 1.26 | – | 3 | 3 |
    | best-fit | 1.25 | 1.00 | – | 4 | 4 |
    | first-fit | 2.49 | 1.00 | – | 4 | 4 |

    geometric means of the ratios to the best in each cell · smallest heap: the minimum where all shown know theirs, else the smallest that was tried and sufficed
    ");
    // Who is not shown costs nothing; who is alone is the fastest.
    let only = Selection::new(&["best-fit".into()], &[], &[]).unwrap();
    let ranking = rank(&[report], &only);
    assert_eq!((ranking.rows.len(), ranking.rows[0].time_ratio), (1, Some(1.0)));
    assert_eq!((ranking.time.counted, ranking.time.left_out), (4, 0));
    assert_eq!(rank(&[], &Selection::default()).rows, []);
}

/// Two reports in which each of two strategies is twice as fast as the other once: the means are equal, whatever
/// machine was faster.
#[test]
fn ratios_are_taken_inside_a_report() {
    let with = |machine, slowed| Run {
        machine,
        slowed: vec![(slowed, 2.0)],
        noise: 0.0,
        strategies: vec![
            ("a", heaplab_report::StrategyKind::Strategy, 10.0),
            ("b", heaplab_report::StrategyKind::Strategy, 10.0),
        ],
        ..Run::default()
    };
    let reports = [with(1.0, "a").report(), with(9.0, "b").report()];
    let ranking = rank(&reports, &Selection::default());
    for row in &ranking.rows {
        let ratio = row.time_ratio.unwrap();
        assert!((ratio - 2.0_f64.sqrt()).abs() < 1e-6, "{}: {ratio}", row.strategy);
    }
}

#[test]
fn the_smallest_heaps_are_the_minima_where_all_are_known() {
    let mut report = example::report();
    report.strategies.retain(|it| it.name != "null" && it.name != "bump");
    let ranking = rank(std::slice::from_ref(&report), &Selection::default());
    let heaps: Vec<(&str, Option<f64>)> =
        ranking.rows.iter().map(|it| (it.strategy.as_str(), it.heap_ratio)).collect();
    assert_eq!(heaps[2], ("compaction", Some(1.0)));
    assert!((heaps[1].1.unwrap() - 45_262_846.0 / 40_055_616.0).abs() < 1e-9, "{heaps:?}");
    // Without one of the minima, what was tried decides for all.
    for cell in &mut report.cells {
        if let Some(space) = cell.space.as_mut().filter(|_| cell.strategy == "compaction") {
            space.min_heap_bytes = None;
        }
    }
    let ranking = rank(&[report], &Selection::default());
    let best_fit = ranking.rows.iter().find(|it| it.strategy == "best-fit").unwrap();
    assert_eq!(best_fit.heap_ratio, Some(50_069_520.0 / 44_061_184.0));
}

fn small() -> Report {
    let mut report = example::report();
    report.cells.truncate(2);
    report.metrics.retain(|it| {
        [
            "space.high_water_bytes",
            "space.holes",
            "space.largest_hole_bytes",
            "relocations.bytes",
            "time.median_ns_per_operation",
            "latency.p99_ns",
        ]
        .contains(&it.name.as_str())
    });
    report
}

#[test]
fn other_tools_get_figures_in_their_forms() {
    let (report, all) = (small(), Selection::default());
    assert_snapshot!(github_action_benchmark(&report, &all, Part::All, Better::Smaller), @r#"
    [
    {"extra":"best-fit 0.1.0\ntrace 9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c\n8 rounds","name":"best-fit/server/1.25x space.high_water_bytes","unit":"bytes","value":43100000},
    {"extra":"best-fit 0.1.0\ntrace 9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c\n8 rounds","name":"best-fit/server/1.25x space.holes","unit":"count","value":9100},
    {"extra":"best-fit 0.1.0\ntrace 9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c\n8 rounds","name":"best-fit/server/1.25x relocations.bytes","unit":"bytes","value":12000000},
    {"extra":"best-fit 0.1.0\ntrace 9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c\n8 rounds","name":"best-fit/server/1.25x time.median_ns_per_operation","range":"± 1.23","unit":"ns","value":41.0},
    {"extra":"best-fit 0.1.0\ntrace 9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c\n8 rounds","name":"best-fit/server/1.25x latency.p99_ns","unit":"ns","value":240.0}
    ]
    "#);
    assert_eq!(github_action_benchmark(&report, &all, Part::All, Better::Bigger), "[]\n");
    let space = github_action_benchmark(&report, &all, Part::Space, Better::Smaller);
    assert!(space.contains("space.high_water_bytes") && !space.contains("\"ns\""), "{space}");
    assert_snapshot!(bencher(&report, &all, Part::All), @r#"
    {
    "best-fit/server/1.25x": {"latency":{"lower_value":40.18,"upper_value":42.64,"value":41.0},"latency.p99_ns":{"value":240.0},"relocations.bytes":{"value":12000000},"space.high_water_bytes":{"value":43100000},"space.holes":{"value":9100}}
    }
    "#);
    assert_snapshot!(csv(&report, &all, Part::All).render(Format::Csv, Style::default()), @"
    id,trace,trace_hash,strategy,kind,version,heap,heap_bytes,granule_bytes,threads,mode,status,verified,rounds,ci_lower_ns,ci_upper_ns,placement_hash,space.high_water_bytes,space.holes,space.largest_hole_bytes,relocations.bytes,time.median_ns_per_operation,latency.p99_ns
    best-fit/server/1.1x,server,9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c,best-fit,strategy,0.1.0,1.1x,44061184,16,1,placement,oom,,,,,,,,,,,
    best-fit/server/1.25x,server,9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c9f3c,best-fit,strategy,0.1.0,1.25x,50069520,16,1,placement,ok,true,8,40.18,42.64,abababababababababababababababababababababababababababababababab,43100000,9100,4096,12000000,41.0,240.0
    ");
    assert_snapshot!(open_metrics(&report, &all, Part::Time), @r#"
    # TYPE heaplab_time_median_ns_per_operation gauge
    # HELP heaplab_time_median_ns_per_operation time per operation, median over the rounds
    heaplab_time_median_ns_per_operation{strategy="best-fit",trace="server",heap="1.25x",cell="best-fit/server/1.25x"} 41.0
    # TYPE heaplab_latency_p99_ns gauge
    # HELP heaplab_latency_p99_ns time of an operation, 99th percentile
    heaplab_latency_p99_ns{strategy="best-fit",trace="server",heap="1.25x",cell="best-fit/server/1.25x"} 240.0
    # EOF
    "#);
}

#[test]
fn what_is_exported_is_json_without_null() {
    let (mut report, all) = (example::report(), Selection::default());
    report.cells[1].id = "x".repeat(2000);
    let gab = github_action_benchmark(&report, &all, Part::All, Better::Smaller);
    let bmf = bencher(&report, &all, Part::All);
    for text in [&gab, &bmf] {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        assert!(!value.to_string().contains(":null"), "{text}");
        assert!(!text.contains("best-fit/server/1.1x"), "what failed is left out");
    }
    let bmf: serde_json::Value = serde_json::from_str(&bmf).unwrap();
    for (name, measures) in bmf.as_object().unwrap() {
        assert!(name.chars().count() <= 1024, "{name}");
        for measure in measures.as_object().unwrap().keys() {
            assert!(measure.chars().count() <= 64, "{measure}");
        }
    }
}
