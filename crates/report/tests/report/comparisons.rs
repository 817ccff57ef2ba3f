//! Two reports side by side.

use heaplab_report::compare::{
    Basis, Comparison, Obstacle, Only, Options, Unit, Verdict, compare, notes, obstacles, show,
    summary,
};
use heaplab_report::merge::merge;
use heaplab_report::table::{Format, Style};
use heaplab_report::view::Selection;
use heaplab_report::{Counters, Report, Status, StrategyKind};
use insta::assert_snapshot;

use crate::example;
use crate::timed::Run;

fn compared(old: &Report, new: &Report) -> Comparison {
    compare(old, new, &Selection::default(), &Options::default())
}

fn shown(comparison: &Comparison, format: Format) -> String {
    show(comparison, false, format, Style { width: 120, ascii: false })
}

/// `first-fit/gcc` for every row with that verdict.
fn with(comparison: &Comparison, verdict: Verdict) -> Vec<String> {
    let rows = comparison.times.iter().flat_map(|times| &times.rows);
    rows.filter(|row| row.verdict == verdict)
        .map(|row| format!("{}/{}", row.strategy, row.trace))
        .collect()
}

/// A run on a machine that is faster or slower, whose noise is its own.
fn run(seed: u64, machine: f64, slowed: &[(&'static str, f64)]) -> Report {
    Run { seed, machine, slowed: slowed.to_vec(), ..Run::default() }.report()
}

#[test]
fn a_report_equals_itself() {
    let report = example::report();
    let comparison = compared(&report, &report);
    assert!(comparison.is_same && !comparison.has_regression());
    assert_eq!(summary(&comparison), "Both are the same report.");
    assert_eq!(with(&comparison, Verdict::Worse), Vec::<String>::new());
    assert_eq!((comparison.space.len(), comparison.outcomes.len()), (0, 0));
    assert_eq!(shown(&comparison, Format::Json).matches("\"space\"").count(), 0);
}

fn changed_in_space() -> (Report, Report) {
    let (old, mut new) = (example::report(), example::report());
    new.created_at = "2026-01-11T08:30:00Z".into();
    for cell in &mut new.cells {
        cell.time = None;
        if cell.id == "best-fit/server/1.25x" || cell.id == "best-fit/server/64MiB" {
            cell.space.as_mut().unwrap().high_water_bytes = Some(42_700_000);
            cell.space.as_mut().unwrap().holes = Some(9_101);
        }
        if cell.id == "best-fit/server/1.25x" {
            cell.placement_hash = Some("cd".repeat(32));
        }
    }
    new.cells[5].outcome.status = Status::Oom;
    new.cells[4].outcome.status = Status::Ok;
    new.cells[10].outcome.status = Status::Ok;
    new.cells.retain(|cell| cell.id != "compaction/server/1.1x");
    new.environment.id = "another machine".into();
    new.seal();
    (old, new)
}

#[test]
fn space_is_compared_to_the_byte_on_any_machine() {
    let (old, new) = changed_in_space();
    let comparison = compared(&old, &new);
    assert_eq!(comparison.obstacles, [], "only one of them has times");
    assert!(comparison.has_regression());
    assert_snapshot!(shown(&comparison, Format::Table), @"
    outcomes

    strategy    trace   heap   old      new  verdict
    free-list   server  1.1x   oom      ok   better
    free-list   server  1.25x  ok       oom  WORSE
    compaction  server  64MiB  timeout  ok   differs

    space   exact: any difference is real

    strategy  trace   heap        figure           old       new   change  verdict
    best-fit  server  1.25x (+1)  holes           9100      9101  +0.01 %  WORSE
    best-fit  server  1.25x (+1)  high water  41.1 MiB  40.7 MiB  -0.93 %  better
    ");
    assert_snapshot!(summary(&comparison), @"2 regressions, 2 improvements, 1 other difference; 170 exact figures are equal.");
    assert_snapshot!(notes(&comparison).join("\n"), @"only in the old report: compaction (1 cell)");
    assert_snapshot!(shown(&comparison, Format::Md), @"
    ### outcomes

    | strategy | trace | heap | old | new | verdict |
    | :--- | :--- | :--- | :--- | :--- | :--- |
    | free-list | server | 1.1x | oom | ok | better |
    | free-list | server | 1.25x | ok | oom | WORSE |
    | compaction | server | 64MiB | timeout | ok | differs |

    ### space

    exact: any difference is real

    | strategy | trace | heap | figure | old | new | change | verdict |
    | :--- | :--- | :--- | :--- | ---: | ---: | ---: | :--- |
    | best-fit | server | 1.25x (+1) | holes | 9100 | 9101 | +0.01 % | WORSE |
    | best-fit | server | 1.25x (+1) | high water | 41.1 MiB | 40.7 MiB | -0.93 % | better |
    ");
    assert_snapshot!(shown(&comparison, Format::Csv), @"
    kind,verdict,counts,strategy,trace,heap,metric,unit,old,new,change_ratio,relative_ratio,lower_ratio,upper_ratio,p_adjusted,basis,cells
    outcome,better,true,free-list,server,1.1x,outcome.status,,oom,ok,,,,,,,
    outcome,worse,true,free-list,server,1.25x,outcome.status,,ok,oom,,,,,,,
    outcome,differs,true,compaction,server,64MiB,outcome.status,,timeout,ok,,,,,,,
    space,better,true,best-fit,server,1.25x,space.high_water_bytes,bytes,43100000,42700000,-0.009280742459396807,,,,,,
    space,better,true,best-fit,server,64MiB,space.high_water_bytes,bytes,43100000,42700000,-0.009280742459396807,,,,,,
    space,worse,true,best-fit,server,1.25x,space.holes,count,9100,9101,0.00010989010989015391,,,,,,
    space,worse,true,best-fit,server,64MiB,space.holes,count,9100,9101,0.00010989010989015391,,,,,,
    only_in_old,,,compaction,,,,,,,,,,,,,1
    ");
}

#[test]
fn a_slower_strategy_is_found_on_a_machine_whose_speed_changes() {
    let slowed = [("first-fit", 1.4)];
    for (seed, machine) in [(3, 1.0), (5, 1.04), (7, 1.15), (9, 0.97)] {
        let comparison = compared(&run(seed, 1.0, &[]), &run(seed + 1, machine, &slowed));
        let worse = with(&comparison, Verdict::Worse);
        assert_eq!(worse, ["first-fit/gcc", "first-fit/lua"], "machine {machine}");
    }
    let comparison = compared(&run(3, 1.0, &[]), &run(4, 1.06, &slowed));
    assert_snapshot!(shown(&comparison, Format::Table), @"
    time   10 rounds a side, Holm-adjusted over 6 rows, must also exceed --threshold 2 % and the noise floor 1 %, and a
    process's luck, 20 %

    strategy   trace  heap     old    new   change   relative  interval             p  verdict
                             ns/op  ns/op    clock  to others
    first-fit  lua    1.25x   50.5   73.5  +45.4 %    +39.1 %  [+36.6, +42.5]  <0.001  WORSE
    first-fit  gcc    1.25x   50.5   74.8  +48.0 %    +38.5 %  [+36.7, +41.4]  <0.001  WORSE
    free-list  lua    1.25x   20.1   21.0   +4.6 %    -15.6 %  [-16.8, -14.8]  <0.001  ~
    best-fit   gcc    1.25x   25.1   26.7   +6.1 %    -15.4 %  [-16.8, -14.1]  <0.001  ~
    best-fit   lua    1.25x   25.1   26.3   +4.7 %    -15.3 %  [-16.6, -14.0]  <0.001  ~
    free-list  gcc    1.25x   20.0   21.4   +7.2 %    -13.8 %  [-16.0, -12.9]  <0.001  ~

      relative: without what the other strategies of the trace had in common in the same rounds; a verdict needs the clock
      to point the same way
    ");
    assert_snapshot!(summary(&comparison), @"2 regressions; 4 of 6 times cannot be told apart.");
    assert_snapshot!(notes(&comparison).join("\n"), @"
    times come from one process a side, so changes below 20 % may be its luck and do not count; `heaplab run --processes 8` measures in several, and each counts once; `--confirm` measures what looks different again
    the floors, whose code is the same, changed by +5.7 % between the runs: the machine was not the same; read the relative change
    ");
    assert_snapshot!(shown(&comparison, Format::Csv), @"
    kind,verdict,counts,strategy,trace,heap,metric,unit,old,new,change_ratio,relative_ratio,lower_ratio,upper_ratio,p_adjusted,basis,cells
    time,worse,true,first-fit,gcc,1.25x,time,ns,50.548114999999996,74.81432,0.4800887499462584,0.38490032565281823,0.36689209470791073,0.41390485227358126,0.00006495052934681418,neighbors,
    time,same,true,best-fit,gcc,1.25x,time,ns,25.136625000000002,26.66747,0.06090148959181314,-0.15375108329068837,-0.16756979921618642,-0.1407997055945368,0.00006495052934681418,neighbors,
    time,same,true,free-list,gcc,1.25x,time,ns,20.011495,21.44907,0.07183726099467036,-0.1382666011804281,-0.16022938148931137,-0.12949750437498267,0.00006495052934681418,neighbors,
    time,worse,true,first-fit,lua,1.25x,time,ns,50.51475,73.45456,0.45412042948007414,0.39124451599866594,0.36627726355847673,0.4250724889553671,0.00006495052934681418,neighbors,
    time,same,true,best-fit,lua,1.25x,time,ns,25.11338,26.28134,0.04652428276037536,-0.15317726494021697,-0.16629779639308953,-0.13957435830678477,0.00006495052934681418,neighbors,
    time,same,true,free-list,lua,1.25x,time,ns,20.099985,21.031840000000003,0.04636157752984874,-0.1556227325876727,-0.16848482108361595,-0.14773501547553494,0.00006495052934681418,neighbors,
    ");
}

#[test]
fn what_may_be_the_luck_of_one_process_needs_several() {
    let slowed = [("first-fit", 1.1)];
    let alone = compared(&run(1, 1.0, &[]), &run(21, 1.0, &slowed));
    assert_eq!(with(&alone, Verdict::Worse), Vec::<String>::new());
    assert!(notes(&alone).iter().any(|note| note.contains("run --processes 8")));
    let several = compared(&processes(8, 1, 0, &[]), &processes(8, 21, 30, &slowed));
    assert_eq!(with(&several, Verdict::Worse), ["first-fit/gcc", "first-fit/lua"]);
    assert!(!notes(&several).iter().any(|note| note.contains("luck")));
}

#[test]
fn a_machine_whose_speed_changes_is_no_regression() {
    for seed in 1..25_u32 {
        let machine = 0.8 + f64::from(seed % 9) * 0.05;
        let old = run(seed.into(), 1.0, &[]);
        let comparison = compared(&old, &run(u64::from(seed) + 1000, machine, &[]));
        assert!(!comparison.has_regression(), "{seed}: {machine}: {comparison:#?}");
    }
}

#[test]
fn neighbors_that_became_faster_make_nobody_slower() {
    let faster = [("best-fit", 0.85), ("free-list", 0.85)];
    let comparison = compared(&run(1, 1.0, &[]), &run(2, 1.0, &faster));
    assert_eq!(with(&comparison, Verdict::Worse), Vec::<String>::new());
}

#[test]
fn what_slows_everything_down_shows_against_the_floors() {
    let all = [("first-fit", 1.4), ("best-fit", 1.4), ("free-list", 1.4)];
    let comparison = compared(&run(1, 1.0, &[]), &run(2, 1.0, &all));
    assert_eq!(with(&comparison, Verdict::Worse).len(), 6, "{comparison:#?}");
    // The floors slowed down as much: that was the machine.
    let comparison = compared(&run(1, 1.0, &[]), &run(2, 1.2, &[]));
    assert_eq!(with(&comparison, Verdict::Worse), Vec::<String>::new());
    assert!(notes(&comparison).iter().any(|note| note.contains("the floors")));
}

#[test]
fn untouched_peers_are_what_is_compared_with() {
    let with_peers = |seed, slowed: &[(&'static str, f64)], version: &str| {
        let mut run = Run { seed, slowed: slowed.to_vec(), ..Run::default() };
        run.strategies.push(("talc", StrategyKind::Peer, 30.0));
        run.strategies.push(("rlsf", StrategyKind::Peer, 22.0));
        let mut report = run.report();
        report.strategies[6].version = version.into();
        report.seal();
        report
    };
    let all = [("first-fit", 1.4), ("best-fit", 1.4), ("free-list", 1.4)];
    let old = with_peers(1, &[], "1.0.0");
    let comparison = compared(&old, &with_peers(2, &all, "1.0.0"));
    assert_eq!(with(&comparison, Verdict::Worse).len(), 6);
    let rows = &comparison.times.as_ref().unwrap().rows;
    assert!(rows.iter().all(|row| row.basis == Basis::Peers && row.is_ours));
    // A peer of another version is no measure for others, but has rows of its own, which fail nobody.
    let comparison = compared(&old, &with_peers(2, &[("rlsf", 1.4)], "2.0.0"));
    assert_eq!(with(&comparison, Verdict::Worse), ["rlsf/gcc", "rlsf/lua"]);
    assert!(!comparison.has_regression());
}

#[test]
fn too_few_rounds_are_said_and_not_pretended_away() {
    let few = |seed, slow| {
        let slowed = vec![("first-fit", slow)];
        Run { seed, slowed, rounds: 4, ..Run::default() }.report()
    };
    let comparison = compared(&few(1, 1.0), &few(2, 1.5));
    assert_eq!(with(&comparison, Verdict::Worse), Vec::<String>::new());
    let power = comparison.times.as_ref().unwrap().power;
    assert_eq!((power.rows, power.old, power.needed, power.suffices()), (6, 4, 5, false));
    assert!(
        notes(&comparison)[0]
            .starts_with("too few rounds to judge times: 4 a side, and 6 rows need 5")
    );
    let options = Options { all_heaps: true, ..Options::default() };
    let all = compare(&few(1, 1.0), &few(2, 1.5), &Selection::default(), &options);
    assert_eq!(all.times.unwrap().power.needed, 6);
}

fn processes(count: u64, seed: u64, minute: u64, slowed: &[(&'static str, f64)]) -> Report {
    let reports: Vec<Report> = (0..count)
        .map(|process| {
            let created_at = format!("2026-01-10T08:{:02}:00Z", minute + 2 * process);
            let machine =
                [1.0, 1.1, 0.95, 1.2, 1.05, 0.9, 1.0, 1.15][usize::try_from(process).unwrap() % 8];
            let slowed = slowed.to_vec();
            Run { seed: seed + process, machine, slowed, rounds: 3, created_at, ..Run::default() }
                .report()
        })
        .collect();
    merge(&reports, true).unwrap()
}

#[test]
fn processes_count_once_each() {
    // One after the other, so nothing pairs them; the first of the old ones began before the others.
    let comparison =
        compared(&processes(6, 1, 0, &[]), &processes(6, 100, 30, &[("first-fit", 1.1)]));
    let power = comparison.times.as_ref().unwrap().power;
    assert_eq!((power.unit, power.old, power.needed), (Unit::Process, 6, 5));
    assert_eq!(with(&comparison, Verdict::Worse), ["first-fit/gcc", "first-fit/lua"]);
    // In turns: pairs, of which six rows need eight.
    let slowed = [("first-fit", 1.1)];
    let comparison = compared(&processes(8, 1, 0, &[]), &processes(8, 100, 1, &slowed));
    let power = comparison.times.as_ref().unwrap().power;
    assert_eq!((power.unit, power.old, power.needed), (Unit::Pair, 8, 8));
    assert_eq!(with(&comparison, Verdict::Worse), ["first-fit/gcc", "first-fit/lua"]);
    let comparison = compared(&processes(8, 1, 0, &[]), &processes(8, 100, 1, &[]));
    assert!(!comparison.has_regression());
}

#[test]
fn instructions_have_a_fixed_tolerance() {
    let counted = |instructions| {
        let mut report = run(1, 1.0, &[]);
        let counters = Counters { instructions: Some(instructions), ..Counters::default() };
        report.cells[0].counters = Some(counters);
        report.seal();
        report
    };
    let rows = |new| compared(&counted(1_000_000), &counted(new)).times.unwrap().instructions;
    assert_eq!(rows(1_004_000), []);
    assert_eq!(rows(1_006_000)[0].verdict, Verdict::Worse);
    assert_eq!(rows(900_000)[0].verdict, Verdict::Better);
    assert!(compared(&counted(1_000_000), &counted(1_006_000)).has_regression());
}

#[test]
fn times_of_other_machines_builds_and_traces_are_not_compared() {
    let old = run(1, 1.0, &[]);
    let found = |change: fn(&mut Report)| {
        let mut new = run(2, 1.0, &[]);
        change(&mut new);
        new.seal();
        let comparison = compared(&old, &new);
        assert!(comparison.times.is_none());
        assert!(comparison.cells > 0);
        let force = Options { force: true, ..Options::default() };
        assert!(compare(&old, &new, &Selection::default(), &force).times.is_some());
        let space = Options { only: Some(Only::Space), ..Options::default() };
        assert!(compare(&old, &new, &Selection::default(), &space).times.is_none());
        obstacles(&old, &new, &Selection::default())
    };
    let machine = found(|it| it.environment.id = "another".into());
    assert!(matches!(machine.as_slice(), [Obstacle::Machine { .. }]));
    assert_eq!(machine[0].to_string(), "other machines, though both are a machine not described");
    let traces = found(|it| it.traces[0].hash = "other".into());
    assert_eq!(traces, [Obstacle::Traces { names: vec!["gcc".into()] }]);
    // What only one of them says about its build is no reason.
    let mut new = run(2, 1.0, &[]);
    new.tool.lto = Some("thin".into());
    assert_eq!(obstacles(&old, &new, &Selection::default()), []);
    let mut before = run(1, 1.0, &[]);
    before.tool.lto = Some("fat".into());
    let builds = obstacles(&before, &new, &Selection::default());
    assert_eq!(builds[0].to_string(), "other builds: lto fat; thin");
}

#[test]
fn other_settings_are_other_cells() {
    let old = run(1, 1.0, &[]);
    let mut new = run(2, 1.0, &[]);
    new.strategies[0].parameters.insert("c".into(), 4.into());
    new.cells.retain(|cell| cell.strategy != "bump");
    let comparison = compared(&old, &new);
    assert_eq!(comparison.only_in_old, [("first-fit".into(), 4), ("bump".into(), 4)]);
    assert_eq!(comparison.only_in_new, [("first-fit".into(), 4)]);
    assert_eq!(comparison.cells, 12);
}
