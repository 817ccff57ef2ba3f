//! What people and scripts see of a report.

use heaplab_report::table::{Format, Style};
use heaplab_report::view::{By, Selection, headline, one_cell, show};
use heaplab_report::{Cell, Report, StrategyKind};
use insta::assert_snapshot;

use crate::example;

fn shown(report: &Report, by: Option<By>, format: Format, width: usize) -> String {
    show(report, &Selection::default(), by, format, Style { width, ascii: false })
}

#[test]
fn main_table() {
    assert_snapshot!(shown(&example::report(), None, Format::Table, 100), @"
    server   4.21 M operations · peak live 38.2 MiB · 212 k blocks · hash 9f3c9f3c…

    strategy                       1.1x       1.25x    64MiB  high water  min heap        moved   holes
                                  ns/op       ns/op               × peak    × peak  × allocated  at end
    best-fit                        oom   41.0 ±1.2       ok        1.13      1.13      0.00300  9.10 k
    free-list                       oom   19.5 ±0.6  invalid        1.22      1.22            –       –
    compaction         974 (950 to 998)   71.0 ±2.1  timeout           –      1.00       0.0600       0
    ─ floors and bounds ───────────────────────────────────────────────────────────────────────────────
    null                              –  3.00 ±0.09        –           –         –            –       –
    bump                              –         oom        –           –         –            –       –
    offline packing                                                         ≤ 1.02
    peak live (bound)                                                       ≥ 1.00

      ns/op: placing alone, nothing is copied; median ± half of its 95 % interval; ok: completed, not
      timed · too few rounds for an interval (6 are needed): least to most in brackets · high water: in
      a heap without limit · moved, holes: in the smallest of these heaps that the strategy completes
    ");
}

#[test]
fn main_table_folds_in_a_narrow_terminal() {
    assert_snapshot!(shown(&example::report(), None, Format::Table, 50), @"
    server   4.21 M operations · peak live 38.2 MiB ·
    212 k blocks · hash 9f3c9f3c…

    strategy                       1.1x       1.25x
                                  ns/op       ns/op
    best-fit                        oom   41.0 ±1.2
    free-list                       oom   19.5 ±0.6
    compaction         974 (950 to 998)   71.0 ±2.1
    ─ floors and bounds ───────────────────────────
    null                              –  3.00 ±0.09
    bump                              –         oom
    offline packing
    peak live (bound)

    strategy             64MiB  high water  min heap
                                    × peak    × peak
    best-fit                ok        1.13      1.13
    free-list          invalid        1.22      1.22
    compaction         timeout           –      1.00
    ─ floors and bounds ────────────────────────────
    null                     –           –         –
    bump                     –           –         –
    offline packing                           ≤ 1.02
    peak live (bound)                         ≥ 1.00

    strategy                 moved   holes
                       × allocated  at end
    best-fit               0.00300  9.10 k
    free-list                    –       –
    compaction              0.0600       0
    ─ floors and bounds ──────────────────
    null                         –       –
    bump                         –       –
    offline packing
    peak live (bound)

      ns/op: placing alone, nothing is copied; median
      ± half of its 95 % interval; ok: completed, not
      timed · too few rounds for an interval (6 are
      needed): least to most in brackets · high water:
      in a heap without limit · moved, holes: in the
      smallest of these heaps that the strategy
      completes
    ");
}

#[test]
fn main_table_in_ascii() {
    let style = Style { ascii: true, ..Style::default() };
    let text = show(&example::report(), &Selection::default(), None, Format::Table, style);
    assert!(text.is_ascii(), "{text}");
}

#[test]
fn main_table_as_markdown() {
    assert_snapshot!(shown(&example::report(), None, Format::Md, 0), @"
    ### server

    4.21 M operations · peak live 38.2 MiB · 212 k blocks · hash 9f3c9f3c…

    | strategy | 1.1x (ns/op) | 1.25x (ns/op) | 64MiB | high water (× peak) | min heap (× peak) | moved (× allocated) | holes (at end) |
    | :--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
    | best-fit | oom | 41.0 ±1.2 | ok | 1.13 | 1.13 | 0.00300 | 9.10 k |
    | free-list | oom | 19.5 ±0.6 | invalid | 1.22 | 1.22 | – | – |
    | compaction | 974 (950 to 998) | 71.0 ±2.1 | timeout | – | 1.00 | 0.0600 | 0 |
    | **floors and bounds** | | | | | | | |
    | null | – | 3.00 ±0.09 | – | – | – | – | – |
    | bump | – | oom | – | – | – | – | – |
    | offline packing |  |  |  |  | ≤ 1.02 |  |  |
    | peak live (bound) |  |  |  |  | ≥ 1.00 |  |  |

    ns/op: placing alone, nothing is copied; median ± half of its 95 % interval; ok: completed, not timed · too few rounds for an interval (6 are needed): least to most in brackets · high water: in a heap without limit · moved, holes: in the smallest of these heaps that the strategy completes
    ");
}

#[test]
fn scripts_get_one_row_a_cell() {
    assert_snapshot!(shown(&example::report(), None, Format::Csv, 0), @"
    id,status,median_ns_per_operation,high_water_bytes,relocated_bytes,holes,min_heap_bytes,metadata_bytes,failed_operation,failed_requested_bytes,failed_free_bytes,failed_largest_hole_bytes,failed_holes,message,ci_lower_ns,ci_upper_ns,rounds,jw1,jw2,jw3,jw4,internal_ratio,largest_hole_bytes,relocations,compaction_relocated_bytes,compactions,p50_ns,p99_ns,p999_ns,max_ns,instructions,placement_hash,trace,strategy,heap,heap_bytes,heap_ratio,granule_bytes,threads,mode
    best-fit/server/1.1x,oom,,,,,,,3102447,65536,3250000,49152,40112,,,,,,,,,,,,,,,,,,,,server,best-fit,1.1x,44061184,1.1,16,1,placement
    best-fit/server/1.25x,ok,41.0,43100000,12000000,9100,,3145728,,,,,,,40.18,42.64,8,0.07,0.05,0.12,0.13,0.027,4096,3100,0,0,29.0,240.0,1900.0,41000.0,812000000,abababababababababababababababababababababababababababababababab,server,best-fit,1.25x,50069520,1.25,16,1,placement
    best-fit/server/64MiB,ok,,43100000,,9100,,3145728,,,,,,,,,,0.07,0.05,0.12,0.13,0.027,4096,,,,,,,,,,server,best-fit,64MiB,67108864,,16,1,placement
    best-fit/server/unlimited,ok,,45262846,,9100,45262846,3145728,,,,,,,,,,0.07,0.05,0.12,0.13,0.027,4096,,,,,,,,,,server,best-fit,unlimited,4611686018427387904,,16,1,placement
    free-list/server/1.1x,oom,,,,,,,2900000,65536,60000,49152,12,,,,,,,,,,,,,,,,,,,,server,free-list,1.1x,44061184,1.1,16,1,placement
    free-list/server/1.25x,ok,19.5,,,,,,,,,,,,19.11,20.28,8,,,,,,,,,,,,,,,,server,free-list,1.25x,50069520,1.25,16,1,placement
    free-list/server/64MiB,invalid,,,,,,,17,,,,,two blocks overlap,,,,,,,,,,,,,,,,,,,server,free-list,64MiB,67108864,,16,1,placement
    free-list/server/unlimited,ok,,49000000,,21700,49000000,3145728,,,,,,,,,,0.07,0.05,0.12,0.13,0.027,4096,,,,,,,,,,server,free-list,unlimited,4611686018427387904,,16,1,placement
    compaction/server/1.1x,ok,974.0,44000000,240333696,0,40055616,3145728,,,,,,,,,2,0.07,0.05,0.12,0.13,0.027,0,900000,200278080,31,,,,,,,server,compaction,1.1x,44061184,1.1,16,1,placement
    compaction/server/1.25x,ok,71.0,,,,,,,,,,,,69.58,73.84,8,,,,,,,,,,,,,,,,server,compaction,1.25x,50069520,1.25,16,1,placement
    compaction/server/64MiB,timeout,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,server,compaction,64MiB,67108864,,16,1,placement
    null/server/1.25x,ok,3.0,,,,,,,,,,,,2.94,3.12,8,,,,,,,,,,,,,,,,server,null,1.25x,50069520,1.25,16,1,placement
    bump/server/1.25x,oom,,,,,,,600000,65536,100,100,,,,,,,,,,,,,,,,,,,,,server,bump,1.25x,50069520,1.25,16,1,placement
    ");
}

#[test]
fn json_rows_hold_only_what_was_measured() {
    let text = shown(&example::report(), None, Format::Json, 0);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(rows.len(), 13);
    assert_eq!(rows[0]["id"], "best-fit/server/1.1x");
    assert_eq!(rows[0]["failed_requested_bytes"], 65_536);
    assert!(rows[0].get("median_ns_per_operation").is_none());
    assert_eq!(rows[1]["median_ns_per_operation"], 41.0);
}

#[test]
fn by_cell_leaves_columns_out_for_want_of_width() {
    assert_snapshot!(shown(&example::report(), Some(By::Cell), Format::Table, 80), @"
    cell                        outcome              time  high water     moved
                                                    ns/op
    best-fit/server/1.1x        oom                     –           –         –
    best-fit/server/1.25x       ok              41.0 ±1.2    41.1 MiB  11.4 MiB
    best-fit/server/64MiB       ok                      –    41.1 MiB         –
    best-fit/server/unlimited   ok                      –    43.2 MiB         –
    free-list/server/1.1x       oom                     –           –         –
    free-list/server/1.25x      ok              19.5 ±0.6           –         –
    free-list/server/64MiB      invalid                 –           –         –
    free-list/server/unlimited  ok                      –    46.7 MiB         –
    compaction/server/1.1x      ok       974 (950 to 998)    42.0 MiB   229 MiB
    compaction/server/1.25x     ok              71.0 ±2.1           –         –
    compaction/server/64MiB     timeout                 –           –         –
    null/server/1.25x           ok             3.00 ±0.09           –         –
    bump/server/1.25x           oom                     –           –         –

      left out for want of width: holes, min heap, metadata, failed at, wanted, free
      then, largest hole then, holes then, message, lower, upper, rounds, JW 1, JW
      2, JW 3, JW 4, internal, largest hole, moves, moved by compaction,
      compactions, p50, p99, p99.9, longest, instructions, placements, trace,
      strategy, heap, heap size, heap, granule, threads, mode
    ");
}

#[test]
fn by_strategy() {
    assert_snapshot!(shown(&example::report(), Some(By::Strategy), Format::Table, 100), @"
    strategy       ok    oom  timeout  invalid  fastest  min heap     moved  what it does
                cells  cells    cells    cells    cells    × peak
    best-fit        3      1        0        0        0      1.13  11.4 MiB  what best-fit does
    free-list       2      1        0        1        1      1.22         –  what free-list does
    compaction      2      0        1        0        1      1.00   229 MiB  what compaction does
    ─ floors ────────────────────────────────────────────────────────────────────────────────────
    null            1      0        0        0        –         –         –  what null does
    bump            0      1        0        0        –         –         –  what bump does

      fastest: timed heaps in which no other contestant was faster · min heap: over the traces, the
      worst
    ");
}

#[test]
fn by_trace() {
    assert_snapshot!(shown(&example::report(), Some(By::Trace), Format::Table, 120), @"
    trace   operations  peak live   blocks     ok  failed  smallest heap      at  fastest     in    largest request  resizes
                                   at peak  cells   cells                 × peak
    server      4.21 M   38.2 MiB    212 k      5       4  compaction       1.00  compaction  1.1x           64 KiB   4.00 k

      smallest heap: the first of those with the smallest · fastest: in the smallest timed heap
      left out for want of width: hash
    ");
}

#[test]
fn one_cell_in_full() {
    let report = example::report();
    let cell = report.cell("best-fit/server/1.25x").unwrap();
    assert_snapshot!(one_cell(cell).render(Format::Table, Style::default()), @"
    best-fit/server/1.25x

    outcome                 ok
    heap                    1.25x (47.8 MiB, 1.25 × peak live)
    granule                 16 B
    time                    41.0 ns/operation, 95 % interval 40.2 to 42.6
    8 rounds                40.2 40.6 41.0 41.0 41.0 41.4 41.8 42.6
    latency                 p50 29.0  p90 61.0  p99 240  p99.9 1900  p99.99 8000  max 41 000 ns
    high-water mark         41.1 MiB
    metadata                3 MiB used, 4 MiB reserved
    fragmentation           #1 0.0700  #2 0.0500  #3 0.120  #4 0.130 (Johnstone and Wilson)
    internal fragmentation  0.0270
    holes at end            9100, largest 4 KiB
      from 16 B             ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇ 6.00 k
      from 1 KiB            ▇ 140
    moved                   11.4 MiB in 3100 blocks, 0 B of them by compaction in 0 compactions
    instructions            812 M
    cycles                  500 M
    cache misses            12.3 k
    branch misses           99.0 k
    page faults             310
    live over time          ▁▄█▆▁
    reserved over time      ▁▄▇█▇
    holes over time         ▁▄▇▇█
    contents verified       yes
    placements              abababababababababababababababababababababababababababababababab
    ");
}

#[test]
fn a_failed_cell_says_why() {
    let report = example::report();
    let cell = report.cell("best-fit/server/1.1x").unwrap();
    assert_snapshot!(one_cell(cell).render(Format::Table, Style::default()), @"
    best-fit/server/1.1x

    outcome  oom at operation 3 102 447: wanted 64 KiB; 3.10 MiB free in 40 112 holes,
             largest 48 KiB
    heap     1.1x (42.0 MiB, 1.10 × peak live)
    granule  16 B
    ");
}

#[test]
fn headline_of_one_trace() {
    let sentences = headline(&example::report(), &Selection::default());
    assert_snapshot!(sentences.join("\n"), @"
    Fastest that fits in 1.1x: compaction, the only one timed there.
    Fastest that fits in 1.25x: free-list, 2.10x faster than best-fit (95 % CI 2.10 to 2.10; noise floor 0.800 %).
    Smallest heap: compaction, at 1.00x; best-fit comes within 13.0 % without compaction.
    oom: 2 of 9 cells, 1 of them fragmented, not full; compaction would have served it. best-fit fails at 1.1x, operation 3 102 447: wanted 64 KiB; 3.10 MiB free in 40 112 holes, largest 48 KiB. free-list fails at 1.1x, operation 2 900 000: wanted 64 KiB; 58.6 KiB free in 12 holes, largest 48 KiB.
    invalid: 1 of 9 cells: free-list/server/64MiB: two blocks overlap.
    timeout: 1 of 9 cells: compaction/server/64MiB.
    ");
}

#[test]
fn headline_of_several_traces() {
    let mut report = example::report();
    for name in ["gcc", "jq"] {
        report.traces.push(example::trace(name));
        report.cells.extend(example::cells(name));
    }
    report.complete = false;
    assert_snapshot!(headline(&report, &Selection::default()).join("\n"), @"
    Interrupted: these are the cells that were finished until then.
    Fastest that fits in 1.1x: compaction on 3 of 3 traces (copies not counted; the only one timed there).
    Fastest that fits in 1.25x: free-list on 3 of 3 traces (clearly on 3, by up to 2.10x).
    Smallest heap: compaction, at 1.00x on the worst of 3 traces; best-fit comes within 13.0 % without compaction.
    oom: 6 of 27 cells, 3 of them fragmented, not full; compaction would have served them. best-fit on server fails at 1.1x, operation 3 102 447: wanted 64 KiB; 3.10 MiB free in 40 112 holes, largest 48 KiB. best-fit on gcc fails at 1.1x, operation 3 102 447: wanted 64 KiB; 3.10 MiB free in 40 112 holes, largest 48 KiB. best-fit on jq fails at 1.1x, operation 3 102 447: wanted 64 KiB; 3.10 MiB free in 40 112 holes, largest 48 KiB.
    invalid: 3 of 27 cells: free-list/server/64MiB: two blocks overlap; free-list/gcc/64MiB: two blocks overlap; free-list/jq/64MiB: two blocks overlap.
    timeout: 3 of 27 cells: compaction/server/64MiB; compaction/gcc/64MiB; compaction/jq/64MiB.
    ");
}

#[test]
fn an_empty_report_shows_nothing_and_does_not_fail() {
    let report = Report { complete: true, ..Report::default() };
    assert!(headline(&report, &Selection::default()).is_empty());
    assert_eq!(shown(&report, None, Format::Table, 100), "no cells selected\n");
    assert_eq!(shown(&report, None, Format::Json, 100), "[]\n");
    for by in [By::Cell, By::Strategy, By::Trace] {
        for (_, format) in Format::ALL {
            shown(&report, Some(by), format, 10);
        }
    }
}

#[test]
fn globs_select() {
    let globs = |text: &str| vec![text.to_owned()];
    let report = example::report();
    let selection = Selection::new(&globs("*-{fit,list}"), &[], &globs("1.*x")).unwrap();
    let part = selection.apply(&report);
    let ids: Vec<&str> = part.cells.iter().map(|cell| cell.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "best-fit/server/1.1x",
            "best-fit/server/1.25x",
            "free-list/server/1.1x",
            "free-list/server/1.25x"
        ]
    );
    assert_eq!(part.check(), Vec::<String>::new());
    assert!(selection.without_match(&report).is_empty());

    let slip = Selection::new(&globs("bestfit"), &globs("serv*"), &[]).unwrap();
    assert_eq!(slip.without_match(&report), ["bestfit"]);
    let error = Selection::new(&globs("a["), &[], &[]).unwrap_err().to_string();
    assert_snapshot!(error, @"'a[' is no pattern: unclosed character class; missing ']'");
}

#[test]
fn hostile_names_break_no_table() {
    for name in ["<script>|*_", "\u{1b}[31m\n| x |", &"long".repeat(2_500), ""] {
        let mut report = example::report();
        report.traces[0].name = name.into();
        report.strategies.push(example::strategy(name, StrategyKind::Peer, false));
        for cell in &mut report.cells {
            cell.trace = name.into();
            cell.id = Cell::id_of(&cell.strategy, name, &cell.heap.spec, cell.mode);
        }
        let mut stranger = report.cells[1].clone();
        stranger.strategy = name.into();
        report.cells.push(stranger);
        for by in [None, Some(By::Cell), Some(By::Strategy), Some(By::Trace)] {
            let text = shown(&report, by, Format::Table, 100);
            for line in text.lines() {
                assert!(line.chars().count() <= 100, "{line}");
                assert!(!line.chars().any(char::is_control), "{line:?}");
            }
            let text = shown(&report, by, Format::Md, 100);
            assert!(!text.contains("<script>") && !text.contains('\u{1b}'), "{text}");
            let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
            let bars = |line: &str| line.replace("\\|", "").matches('|').count();
            assert!(rows.iter().all(|row| bars(row) == bars(rows[0])), "{text}");
        }
        let sentences = headline(&report, &Selection::default());
        assert!(sentences.iter().all(|it| !it.contains(['\n', '\u{1b}'])), "{sentences:?}");
    }
}
