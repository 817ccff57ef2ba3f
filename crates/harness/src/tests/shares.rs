//! Slow contestants beside quick ones, with little time.

use std::cell::RefCell;
use std::time::Duration;

use heaplab_core::{Config, Registry};
use heaplab_report::Status;
use heaplab_trace::{
    CHUNK_OPERATIONS, ChunkReader, Operation, OperationSource, Summary, Trace, TraceError,
    TraceInfo,
};

use super::busy_trace;
use super::strategies::{FirstFit, SLIDES, SLOW, SOUND};
use crate::floor::{Bump, Null};
use crate::timed::{TimedError, TimedRoom, replay_timed};
use crate::{Phase, Plan, Progress, Rounds, TraceInput, run};

/// Counts the units of each phase.
#[derive(Default)]
struct Units(RefCell<Vec<(Phase, u64, u64)>>);

impl Progress for Units {
    fn begin(&self, phase: Phase, units: u64) {
        self.0.borrow_mut().push((phase, units, 0));
    }

    fn advance(&self, units: u64) {
        self.0.borrow_mut().last_mut().unwrap().2 += units;
    }
}

/// 3,000 operations, which take the slow strategy at least as many milliseconds: as long as the whole budget.
fn plan() -> Plan {
    let input = |seed| TraceInput {
        name: format!("busy{seed}"),
        source: busy_trace(3_000, seed),
        question: None,
    };
    let mut plan = Plan::new((1..=3).map(input).collect());
    plan.heaps = vec!["2x".parse().unwrap()];
    plan.timed_heaps = plan.heaps.clone();
    plan.rounds = Rounds::Fixed(2);
    plan.time_budget = Duration::from_secs(3);
    plan.jobs = 2;
    plan
}

#[test]
fn a_slow_strategy_takes_nothing_from_quick_ones() {
    let registry = Registry::new()
        .with::<FirstFit<SLOW>>("slow")
        .with::<FirstFit<SOUND>>("first")
        .with::<FirstFit<SLIDES>>("slides");
    let units = Units::default();
    let report = run(&registry, &plan(), &units).unwrap();
    assert_eq!(report.check(), Vec::<String>::new());
    for cell in &report.cells {
        let is_slow = cell.strategy == "slow";
        let expected = if is_slow { Status::Timeout } else { Status::Ok };
        assert_eq!(cell.outcome.status, expected, "{}: {:?}", cell.id, cell.outcome);
        let is_timed = !is_slow && cell.id.ends_with("/2x");
        assert_eq!(cell.time.is_some(), is_timed, "{}", cell.id);
    }
    for (phase, planned, done) in units.0.into_inner() {
        assert_eq!(planned, done, "{}", phase.as_str());
    }
}

#[test]
fn tried_again_and_again_a_slow_strategy_is_done_where_time_suffices() {
    let mut plan = plan();
    plan.time_budget = Duration::from_secs(600);
    plan.traces.truncate(1);
    plan.passes.throughput = false;
    let report = run(&Registry::new().with::<FirstFit<SLOW>>("slow"), &plan, &()).unwrap();
    let cell = report.cell("slow/busy1/unlimited").unwrap();
    assert_eq!((cell.outcome.status, cell.verified), (Status::Ok, Some(true)));
}

/// The operations of a trace, a chunk at a time.
struct Streamed(Trace);

impl OperationSource for Streamed {
    fn info(&self) -> &TraceInfo {
        self.0.info()
    }

    fn summary(&self) -> &Summary {
        self.0.summary()
    }

    fn open(&self) -> Result<Box<dyn ChunkReader + '_>, TraceError> {
        self.0.open()
    }
}

/// Slots that are new in the second chunk, and blocks of the first that are freed in it.
fn two_chunks() -> Trace {
    let slots = u32::try_from(CHUNK_OPERATIONS).unwrap() + 10;
    let allocate = |slot| Operation::Allocate { slot, size: 1, align: 1 };
    let free = |slot| Operation::Free { slot };
    let operations = (0..slots).map(allocate).chain((0..slots).map(free)).collect();
    Trace::from_operations(TraceInfo::named("long"), operations).unwrap()
}

#[test]
fn the_slot_table_of_a_timed_replay_grows_without_losing_blocks() {
    let source = Streamed(two_chunks());
    let time = |source: &dyn OperationSource| {
        replay_timed::<Bump>(source, 1 << 40, &Config::new(), &mut TimedRoom::default())
    };
    time(&source).unwrap();
    time(&source.0).unwrap();
}

#[test]
fn a_timed_replay_beyond_its_limit_is_broken_off_unless_it_is_a_floor() {
    let trace = busy_trace(100, 1);
    let mut room = TimedRoom::default();
    room.set_limit(Duration::from_millis(10));
    let slow = replay_timed::<FirstFit<SLOW>>(trace.as_ref(), 1 << 20, &Config::new(), &mut room);
    assert!(matches!(slow, Err(TimedError::Late { duration }) if duration.as_millis() >= 100));
    room.set_limit(Duration::ZERO);
    replay_timed::<Null>(trace.as_ref(), 1 << 20, &Config::new(), &mut room).unwrap();
}

#[test]
fn a_lead_is_performed_but_neither_timed_nor_clocked() {
    let trace = busy_trace(100, 1);
    let mut room = TimedRoom::default();
    let mut time = |lead, limit| {
        room.set_lead(lead);
        room.set_limit(limit);
        room.record_latencies();
        let ns = replay_timed::<FirstFit<SLOW>>(&*trace, 1 << 20, &Config::new(), &mut room);
        (ns, room.take_latencies().unwrap().to_report(0))
    };
    // A millisecond an operation.
    let (ns, latency) = time(90, Duration::from_secs(60));
    assert!(ns.unwrap() >= 10_000_000 && latency.is_some());
    let (ns, latency) = time(100, Duration::from_secs(60));
    assert!(ns.unwrap() == 0 && latency.is_none());
    let (late, _) = time(100, Duration::from_millis(10));
    assert!(matches!(late, Err(TimedError::Late { .. })), "the limit counts the lead");
    room.set_lead(CHUNK_OPERATIONS as u64 + 5);
    room.set_limit(Duration::from_secs(60));
    replay_timed::<Bump>(&Streamed(two_chunks()), 1 << 40, &Config::new(), &mut room).unwrap();
}
