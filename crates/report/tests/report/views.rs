//! What people and scripts see of a report.

use heaplab_report::table::{Format, Style};
use heaplab_report::view::{By, Selection, headline, one_cell, show};
use heaplab_report::{Cell, Mode, Report};
use insta::assert_snapshot;

use crate::example;

pub(crate) fn shown(report: &Report, by: Option<By>, format: Format, width: usize) -> String {
    show(report, &Selection::default(), by, format, Style { width, ascii: false })
}

#[test]
fn main_table() {
    assert_snapshot!(shown(&example::report(), None, Format::Table, 100), @"
    server   4.21 M operations · peak live 38.2 MiB · 212 k blocks · hash 9f3c9f3c…

    strategy                       1.1x       1.25x    64MiB  min heap  + metadata        moved   holes
                                  ns/op       ns/op             × peak      × peak  × allocated  at end
    best-fit                        oom   41.0 ±1.2       ok      1.13        1.21      0.00300  9.10 k
    free-list                       oom   19.5 ±0.6  invalid      1.22        1.30            –       –
    compaction         974 (950 to 998)   71.0 ±2.1  timeout      1.00        1.08       0.0600       0
    ─ floors and bounds ───────────────────────────────────────────────────────────────────────────────
    null                              –  3.00 ±0.09        –         –           –            –       –
    bump                              –         oom        –         –           –            –       –
    offline packing                                             ≤ 1.02
    peak live (bound)                                           ≥ 1.00

      ns/op: placing alone, nothing is copied; median ± half of its 95 % interval; ok: completed, not
      timed · too few rounds for an interval (6 are needed): least to most in brackets · + metadata: min
      heap and bookkeeping outside · moved, holes: in the smallest of these heaps that the strategy
      completes
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

    strategy             64MiB  min heap  + metadata
                                  × peak      × peak
    best-fit                ok      1.13        1.21
    free-list          invalid      1.22        1.30
    compaction         timeout      1.00        1.08
    ─ floors and bounds ────────────────────────────
    null                     –         –           –
    bump                     –         –           –
    offline packing               ≤ 1.02
    peak live (bound)             ≥ 1.00

    strategy                 moved
                       × allocated
    best-fit               0.00300
    free-list                    –
    compaction              0.0600
    ─ floors and bounds ──────────
    null                         –
    bump                         –
    offline packing
    peak live (bound)

      ns/op: placing alone, nothing is copied; median
      ± half of its 95 % interval; ok: completed, not
      timed · too few rounds for an interval (6 are
      needed): least to most in brackets · + metadata:
      min heap and bookkeeping outside · moved, holes:
      in the smallest of these heaps that the strategy
      completes
      left out for want of width: holes
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

    | strategy | 1.1x (ns/op) | 1.25x (ns/op) | 64MiB | min heap (× peak) | + metadata (× peak) | moved (× allocated) | holes (at end) |
    | :--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
    | best-fit | oom | 41.0 ±1.2 | ok | 1.13 | 1.21 | 0.00300 | 9.10 k |
    | free-list | oom | 19.5 ±0.6 | invalid | 1.22 | 1.30 | – | – |
    | compaction | 974 (950 to 998) | 71.0 ±2.1 | timeout | 1.00 | 1.08 | 0.0600 | 0 |
    | **floors and bounds** | | | | | | | |
    | null | – | 3.00 ±0.09 | – | – | – | – | – |
    | bump | – | oom | – | – | – | – | – |
    | offline packing |  |  |  | ≤ 1.02 |  |  |  |
    | peak live (bound) |  |  |  | ≥ 1.00 |  |  |  |

    ns/op: placing alone, nothing is copied; median ± half of its 95 % interval; ok: completed, not timed · too few rounds for an interval (6 are needed): least to most in brackets · + metadata: min heap and bookkeeping outside · moved, holes: in the smallest of these heaps that the strategy completes
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
    strategy       ok    oom  timeout  invalid  fastest     policy  min heap     moved
                cells  cells    cells    cells    cells  % of time    × peak
    best-fit        3      1        0        0        0         93      1.13  11.4 MiB
    free-list       2      1        0        1        1         85      1.22         –
    compaction      2      0        1        0        1         96      1.00   229 MiB
    ─ floors ─────────────────────────────────────────────────────────────────────────
    null            1      0        0        0        –          0         –         –
    bump            0      1        0        0        –          –         –         –

      fastest: timed heaps in which no other contestant was faster · policy: the part of the time that
      is not dispatch and slot table (the quickest floor), median over the timed heaps · min heap: over
      the traces, the worst
      left out for want of width: what it does
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
    pages touched           11 000 of 4 KiB, 43.0 MiB
    fragmentation           #1 0.0700  #2 0.0500  #3 0.120  #4 0.130 (Johnstone and Wilson)
    internal fragmentation  0.0270
    holes at end            9100, largest 4 KiB
      from 16 B             ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇ 6.00 k
      from 1 KiB            ▇ 140
    holes at the peak       4550, 1.34 MiB free, largest 63.5 KiB
      ratios at the peak    0.0270 internal  0.954 of the free bytes outside the largest hole  0.810
                            by the root of squares
      for 256 B             0.120 of the free bytes unusable, a hole would serve it
      for 4 KiB             0.600 of the free bytes unusable, a hole would serve it
      for 64 KiB            1.00 of the free bytes unusable, fragmentation index 0.995
      pages at the peak     9870 of 4 KiB hold live bytes
      metadata at the peak  2.86 MiB
    holes on average        4012, 1.34 MiB free, largest 63.5 KiB
      ratios on average     0.0270 internal  0.954 of the free bytes outside the largest hole  0.810
                            by the root of squares
      for 256 B             0.120 of the free bytes unusable, no hole after 0.250 of the operations,
                            fragmentation index -1.00
      for 4 KiB             0.600 of the free bytes unusable, no hole after 0.250 of the operations,
                            fragmentation index -1.00
      for 64 KiB            1.00 of the free bytes unusable, no hole after 0.250 of the operations,
                            fragmentation index 0.995
      pages on average      9870 of 4 KiB hold live bytes
      metadata on average   2.86 MiB
    moved                   11.4 MiB in 3100 blocks, 0 B of them by compaction in 0 compactions
    instructions            812 M
    cycles                  500 M
    cache misses            12.3 k
    branch misses           99.0 k
    page faults             310
    live over time          ▁▄█▆▁
    reserved over time      ▁▄▇█▇
    holes over time         ▁▄▇▇█
    external by operation   ▂▄█▆ 0.00 to 0.400
    outside by operation    ▁▄▇█ 0.00 to 0.950
    squares by operation    ▁▄▇█ 0.00 to 0.800
    external by byte        ▂▄█▆ 0.00 to 0.400
    outside by byte         ▁▄▇█ 0.00 to 0.950
    squares by byte         ▁▄▇█ 0.00 to 0.800
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

/// The example with its timed cells a second time, with payload: there, copies make compaction slower.
fn with_payload() -> Report {
    let mut report = example::report();
    let timed = report.cells.iter().filter(|cell| cell.time.is_some()).cloned();
    let payload: Vec<Cell> = timed
        .map(|cell| Cell {
            id: Cell::id_of(&cell.strategy, &cell.trace, &cell.heap.spec, Mode::Payload),
            mode: Mode::Payload,
            ..cell
        })
        .collect();
    report.cells.extend(payload);
    report
}

#[test]
fn payload_stands_in_tables_of_its_own_and_what_nothing_dominates_is_marked() {
    let report = with_payload();
    assert_eq!(report.check(), Vec::<String>::new());
    let text = shown(&report, None, Format::Table, 120);
    let (placement, payload) = text.split_once("with payload").unwrap();
    assert!(placement.contains("nothing is copied") && !placement.contains(" *"), "{text}");
    // compaction is alone in the smaller heap; in the larger one free-list is faster than the others.
    let in_the_footnote = payload.matches(" *:").count();
    assert_eq!(payload.matches(" *").count() - in_the_footnote, 2, "{text}");
    assert!(payload.contains("19.5 ±0.6 *") && payload.contains("(950 to 998) *"), "{text}");
    assert!(payload.contains("1.13"), "the smallest heap is that of the cells without: {text}");
    let sentences = headline(&report, &Selection::default());
    let fastest: Vec<_> = sentences.iter().filter(|it| it.starts_with("Fastest")).collect();
    assert_eq!(fastest.len(), 4, "{sentences:?}");
    assert!(fastest[3].starts_with("Fastest that fits in 1.25x, copies counted: free-list, 2.10x"));
    // Nothing is counted twice.
    let text = shown(&report, Some(By::Strategy), Format::Csv, 0);
    assert!(text.lines().any(|line| line.starts_with("best-fit,3,1,")), "{text}");
    assert_eq!(shown(&report, Some(By::Trace), Format::Csv, 0).lines().count(), 2);
}

#[test]
fn the_curve_shows_the_undominated_to_people_and_all_to_scripts() {
    let report = with_payload();
    let text = shown(&report, Some(By::Curve), Format::Table, 100);
    assert!(text.contains("2 of 4 cells that nothing dominates"), "{text}");
    assert!(text.contains("free-list") && !text.contains("best-fit"), "{text}");
    assert!(text.contains("less than 0.800 % count as equal"), "{text}");
    let rows: Vec<serde_json::Value> =
        serde_json::from_str(&shown(&report, Some(By::Curve), Format::Json, 0)).unwrap();
    assert_eq!(rows.len(), 4, "{rows:?}");
    let row = rows.iter().find(|row| row["id"] == "best-fit/server/1.25x/payload").unwrap();
    assert_eq!(row["dominated_by"], "free-list/server/1.25x/payload");
    assert_eq!(row["total_bytes"], 50_069_520 + (3 << 20));
    // Without copies there is a curve too, but it says what it lacks.
    let text = shown(&example::report(), Some(By::Curve), Format::Table, 100);
    assert!(text.contains("moving costs nothing here"), "{text}");
}
