//! Peers that abort and hang, in processes of their own. This program is both sides: with the word `serve` it is the
//! process in which they are replayed.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test program without a test harness"
)]

mod peer;

use std::sync::Arc;
use std::time::{Duration, Instant};

use heaplab_core::{Config, Registry, StrategyList};
use heaplab_harness::{Isolated, LatencyPass, Launcher, Plan, Rounds, TraceInput, isolated, run};
use heaplab_report::{Report, Status};
use heaplab_trace::{Operation, Trace, TraceInfo};
use peer::{
    ABORTS, ABORTS_WHEN_HOT, ABORTS_WHEN_SMALL, ABORTS_WHEN_TIMED, ABORTS_WHEN_WARM, ELSEWHERE,
    HANGS, HANGS_WHEN_HOT, HANGS_WHEN_TIMED, LEAVES, Peer, RUINS_WHEN_HOT, SOUND, STRANGER, VICTIM,
};

fn registry() -> Registry<impl StrategyList> {
    Registry::new()
        .with::<Peer<SOUND>>("sound")
        .with::<Peer<ABORTS>>("aborts")
        .with::<Peer<ABORTS_WHEN_SMALL>>("aborts-when-small")
        .with::<Peer<HANGS>>("hangs")
        .with::<Peer<LEAVES>>("leaves")
        .with::<Peer<ELSEWHERE>>("elsewhere")
        .with::<Peer<STRANGER>>("stranger")
        .with::<Peer<ABORTS_WHEN_TIMED>>("aborts-when-timed")
        .with::<Peer<HANGS_WHEN_TIMED>>("hangs-when-timed")
        .with::<Peer<ABORTS_WHEN_WARM>>("aborts-when-warm")
        .with::<Peer<ABORTS_WHEN_HOT>>("aborts-when-hot")
        .with::<Peer<HANGS_WHEN_HOT>>("hangs-when-hot")
        .with::<Peer<RUINS_WHEN_HOT>>("ruins-when-hot")
        .with::<Peer<VICTIM>>("victim")
}

/// Ten blocks of 100 bytes, two of them live at a time.
fn trace() -> Trace {
    let mut operations = Vec::new();
    for round in 0..10 {
        let slot = round % 2;
        if round > 1 {
            operations.push(Operation::Free { slot });
        }
        operations.push(Operation::Allocate { slot, size: 100, align: 1 });
    }
    Trace::from_operations(TraceInfo::named("ten"), operations).unwrap()
}

fn launcher() -> Launcher {
    Launcher { program: std::env::current_exe().unwrap(), arguments: vec!["serve".into()] }
}

/// A run of some of them, each in a heap that is timed.
fn plan(names: &[&str]) -> Plan {
    let source = Arc::new(trace());
    let mut plan = Plan::new(vec![TraceInput { name: "ten".into(), source, question: None }]);
    plan.strategies = names.iter().map(|&name| name.into()).collect();
    plan.heaps = vec!["10x".parse().unwrap()];
    plan.timed_heaps.clone_from(&plan.heaps);
    plan.rounds = Rounds::Fixed(7);
    plan.time_budget = Duration::from_secs(30);
    plan.cell_timeout = Some(Duration::from_secs(1));
    plan.jobs = 2;
    plan.isolation = Some(launcher());
    plan
}

fn outcome(report: &Report, id: &str) -> (Status, String) {
    let outcome = &report.cell(id).unwrap_or_else(|| panic!("no cell {id}")).outcome;
    (outcome.status, outcome.message.clone().unwrap_or_default())
}

fn rounds(report: &Report, id: &str) -> usize {
    report.cell(id).and_then(|cell| cell.time.as_ref()).map_or(0, |time| time.samples_ns.len())
}

/// What fails first in a timed round costs its own times alone.
fn timed_rounds_survive() {
    let mut plan = plan(&["sound", "aborts-when-hot", "hangs-when-hot"]);
    plan.heaps.push("20x".parse().unwrap());
    plan.timed_heaps.clone_from(&plan.heaps);
    plan.passes.latency = LatencyPass::Brief;
    let report = run(&registry(), &plan, &()).unwrap();
    assert_eq!(report.check(), Vec::<String>::new());
    assert!(report.complete);
    assert_eq!(report.measurement.rounds, 7);
    for (name, status, reason) in [
        (
            "aborts-when-hot",
            Status::Crashed,
            "its process died of signal 6 (SIGABRT, it aborted): hot",
        ),
        ("hangs-when-hot", Status::Timeout, "an operation did not return within "),
    ] {
        let ends = ["10x", "20x"].map(|heap| outcome(&report, &format!("{name}/ten/{heap}")));
        assert!(ends.iter().all(|end| end.0 == status), "{ends:?}");
        let own = format!("untimed: while it was timed, {reason}");
        let other = "untimed: it took the process of the timed replays along in ";
        assert!(cfg!(not(unix)) || ends.iter().any(|end| end.1.starts_with(&own)), "{ends:?}");
        assert!(ends.iter().any(|end| end.1.starts_with(other)), "{ends:?}");
        let cell = report.cell(&format!("{name}/ten/10x")).unwrap();
        assert!(cell.time.is_none() && cell.latency.is_none() && cell.space.is_some());
    }
    for name in ["sound", "null", "bump"] {
        for heap in ["10x", "20x"] {
            assert_eq!(rounds(&report, &format!("{name}/ten/{heap}")), 7, "{name} in {heap}");
        }
        assert!(report.cell(&format!("{name}/ten/20x")).unwrap().latency.is_some(), "{name}");
    }
    let lost = report.warnings.iter().find(|warning| warning.code == "lost_while_timed").unwrap();
    assert_eq!(lost.cells.len(), 4, "{lost:?}");
}

/// Who dies of what another one has done is not blamed for it.
fn a_victim_is_not_guilty() {
    let report = run(&registry(), &plan(&["victim", "ruins-when-hot"]), &()).unwrap();
    assert_eq!(rounds(&report, "victim/ten/10x"), 7, "{:?}", report.cell("victim/ten/10x"));
    let (status, text) = outcome(&report, "ruins-when-hot/ten/10x");
    assert_eq!(status, Status::Crashed, "{text}");
    assert!(
        text.starts_with(
            "untimed: it may have ruined the memory that it shared with victim/ten/10x"
        ),
        "{text}"
    );
}

/// A peer that misbehaves costs its own cells; all others are there, and timed.
fn a_run_survives() {
    let mut plan = plan(&[
        "sound",
        "aborts",
        "aborts-when-small",
        "hangs",
        "leaves",
        "elsewhere",
        "stranger",
        "aborts-when-timed",
        "hangs-when-timed",
        "aborts-when-warm",
    ]);
    plan.heaps.push("20x".parse().unwrap());
    plan.timed_heaps.clone_from(&plan.heaps);
    plan.rounds = Rounds::Auto;
    plan.cell_timeout = Some(Duration::from_millis(300));
    let report = run(&registry(), &plan, &()).unwrap();
    assert_eq!(report.check(), Vec::<String>::new());
    let outcome = |id: &str| outcome(&report, id);
    for heap in ["10x", "20x"] {
        let sound = report.cell(&format!("sound/ten/{heap}")).unwrap();
        assert_eq!((sound.outcome.status, sound.verified), (Status::Ok, Some(true)), "{heap}");
        assert!(sound.time.is_some() && sound.placement_hash.is_some(), "{heap}");
        for name in ["aborts", "stranger"] {
            let (status, text) = outcome(&format!("{name}/ten/{heap}"));
            assert_eq!(status, Status::Crashed, "{text}");
            assert!(cfg!(not(unix)) || text.contains("signal 6 (SIGABRT"), "{text}");
            assert!(text.ends_with("the heap is in ruins"), "{text}");
        }
        let (status, text) = outcome(&format!("leaves/ten/{heap}"));
        assert_eq!(
            (status, text.as_str()),
            (Status::Crashed, "its process ended with exit code 7")
        );
        assert_eq!(outcome(&format!("hangs/ten/{heap}")).0, Status::Timeout);
        for name in ["aborts-when-timed", "aborts-when-warm"] {
            let id = format!("{name}/ten/{heap}");
            let (status, text) = outcome(&id);
            assert_eq!(status, Status::Crashed, "{id}: {text}");
            assert!(text.starts_with("untimed: replayed in a process of its own"), "{text}");
            // Its space is known, and stays.
            let cell = report.cell(&id).unwrap();
            assert!(cell.time.is_none() && cell.placement_hash.is_some(), "{id}");
        }
        let (status, text) = outcome(&format!("hangs-when-timed/ten/{heap}"));
        assert_eq!(status, Status::Timeout, "{text}");
        assert!(text.contains("did not return"), "{text}");
    }
    assert_eq!(outcome("aborts-when-small/ten/10x").0, Status::Crashed);
    assert_eq!(outcome("aborts-when-small/ten/20x").0, Status::Ok);
    // What knows no heap has one cell: its process was measured, and it is timed.
    let elsewhere = report.cell("elsewhere/ten/unlimited").unwrap();
    assert_eq!((elsewhere.outcome.status, elsewhere.verified), (Status::Ok, Some(true)));
    assert!(elsewhere.time.is_some() && elsewhere.placement_hash.is_none());
    if std::fs::write("/proc/self/clear_refs", "5").is_ok() {
        assert!(elsewhere.space.as_ref().unwrap().resident_bytes.is_some());
    }
    assert!(report.cell("elsewhere/ten/10x").is_none());
    // Not one of the others can manage a heap without limit, so there is no such cell.
    assert!(report.cell("sound/ten/unlimited").is_none());
}

/// The same figures as in our own process.
fn figures_come_across() {
    let trace = trace();
    let mut request = heaplab_harness::ReplayRequest::new(&trace);
    request.heap = "20x".parse().unwrap();
    request.verify = true;
    let here = heaplab_harness::replay::<Peer<SOUND>>(&request, &mut ()).unwrap();
    let mut there = Isolated::new(launcher()).replay("sound", &request).unwrap();
    there.duration = here.duration;
    assert_eq!(here, there);
}

fn probes_tell_how_it_ends() {
    let isolated = Isolated::new(launcher());
    let trace = trace();
    let started = Instant::now();
    let probe = |name, heap_bytes| {
        let deadline = Some(Duration::from_millis(200));
        isolated.probe(name, &trace, heap_bytes, &Config::new(), deadline).map(|it| it.status)
    };
    for (name, heap_bytes, expected) in [
        ("sound", 1_120, Status::Ok),
        ("sound", 1_104, Status::Oom),
        ("sound", 8, Status::Oom),
        ("sound", 1 << 21, Status::Invalid),
        ("aborts", 4_000, Status::Crashed),
        ("aborts", 4_000, Status::Crashed),
        ("aborts-when-small", 3_008, Status::Ok),
        ("hangs", 4_000, Status::Timeout),
        ("sound", 1_120, Status::Ok),
    ] {
        assert_eq!(probe(name, heap_bytes).unwrap(), expected, "{name} in {heap_bytes}");
    }
    assert!(probe("no-such", 4_000).unwrap_err().to_string().contains("no allocator is named"));
    assert!(started.elapsed() < Duration::from_secs(30));
}

/// A program that cannot be started is an error that says so.
fn a_missing_program_is_told() {
    let program = "/no/such/program".into();
    let isolated = Isolated::new(Launcher { program, arguments: Vec::new() });
    let result = isolated.probe("sound", &trace(), 4_000, &Config::new(), None);
    assert!(result.unwrap_err().to_string().starts_with("cannot replay in a process of its own"));
}

fn main() {
    if std::env::args().nth(1).is_some_and(|word| word == "serve") {
        isolated::serve(&registry()).unwrap();
        return;
    }
    let tests: [(&str, fn()); 6] = [
        ("a_run_survives", a_run_survives),
        ("timed_rounds_survive", timed_rounds_survive),
        ("a_victim_is_not_guilty", a_victim_is_not_guilty),
        ("figures_come_across", figures_come_across),
        ("probes_tell_how_it_ends", probes_tell_how_it_ends),
        ("a_missing_program_is_told", a_missing_program_is_told),
    ];
    for (name, test) in tests {
        test();
        println!("test {name} ... ok");
    }
}
