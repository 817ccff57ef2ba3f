//! Time per operation, contestants taking turns.

use std::collections::BTreeMap;
use std::time::Duration;

use heaplab_benches::Contestant;
use heaplab_harness::timed::TimedRoom;
use heaplab_report::stats::median;
use serde::Serialize;

use crate::workload::Workload;

pub(crate) const HEAP_OVER_PEAK: u64 = 4;

pub(crate) const ROUNDS: usize = 5;

/// Slower contestants get no figure, by time per operation.
const LONGEST_NS_PER_OPERATION: u32 = 500;

/// `compaction` in a heap of twice the peak, as it would be used; all others beside it keep four times.
pub(crate) const COMPACTION_AT_2: &str = "compaction@2x";

/// These look at many holes or blocks by nature. Among a hundred thousand that takes minutes, so they take no part in
/// generated workloads.
const LINEAR: [&str; 6] =
    ["compaction-eager", "free-list-lifo", "good-memory", "buddy", "linked-list", "range-alloc"];

/// One trace: the median time per operation of each contestant that has one.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) trace: String,
    pub(crate) operations: u64,
    /// Operations before these, which are not timed.
    pub(crate) lead_operations: u64,
    pub(crate) peak_live_bytes: u64,
    pub(crate) ns_per_operation: BTreeMap<&'static str, f64>,
}

impl Row {
    pub(crate) fn of(&self, contestant: &str) -> Option<f64> {
        self.ns_per_operation.get(contestant).copied()
    }
}

/// Who replays what, and how long it took.
struct Entrant<'a> {
    workload: usize,
    name: &'static str,
    contestant: &'a Contestant,
    heap_bytes: u64,
    samples: Vec<f64>,
}

/// All contestants on real programs' traces.
pub(crate) fn real(
    workload: Workload,
    contestants: &[Contestant],
    room: &mut TimedRoom,
) -> Vec<Row> {
    measure(&[workload], &contestants.iter().collect::<Vec<_>>(), room)
}

/// All contestants but the linear ones on a group of generated workloads.
pub(crate) fn generated(
    workloads: &[Workload],
    contestants: &[Contestant],
    room: &mut TimedRoom,
) -> Vec<Row> {
    let quick: Vec<_> = contestants.iter().filter(|it| !LINEAR.contains(&it.name)).collect();
    measure(workloads, &quick, room)
}

fn measure(workloads: &[Workload], contestants: &[&Contestant], room: &mut TimedRoom) -> Vec<Row> {
    let mut entrants = entrants(workloads, contestants);
    let replay = |entrant: &Entrant<'_>, room: &mut TimedRoom| {
        let workload = &workloads[entrant.workload];
        let operations = workload.trace.operations().len() as u64;
        let limit = Duration::from_nanos(operations) * LONGEST_NS_PER_OPERATION;
        room.set_limit(limit.max(Duration::from_millis(50)));
        room.set_lead(workload.lead_operations);
        let ns = entrant.contestant.try_time_ns(&workload.trace, entrant.heap_bytes, room).ok()?;
        Some(per_operation(ns, workload.timed_operations()))
    };
    // What is refused or late in the first round, which warms up, takes no part in the others.
    entrants.retain(|entrant| replay(entrant, room).is_some());
    for round in 0..ROUNDS {
        for turn in 0..entrants.len() {
            let index = (turn + round) % entrants.len();
            let sample = replay(&entrants[index], room);
            entrants[index].samples.extend(sample);
        }
    }
    let rows = workloads.iter().enumerate().map(|(index, workload)| {
        let own = entrants.iter().filter(|it| it.workload == index && it.samples.len() == ROUNDS);
        Row {
            trace: workload.name.clone(),
            operations: workload.timed_operations(),
            lead_operations: workload.lead_operations,
            peak_live_bytes: workload.peak_live_bytes,
            ns_per_operation: own.filter_map(|it| Some((it.name, median(&it.samples)?))).collect(),
        }
    });
    rows.collect()
}

fn entrants<'a>(workloads: &[Workload], contestants: &[&'a Contestant]) -> Vec<Entrant<'a>> {
    let mut entrants = Vec::new();
    for (workload, peak) in workloads.iter().map(|it| it.peak_live_bytes).enumerate() {
        let mut enter = |name, contestant, over_peak: u64| {
            let heap_bytes = peak.saturating_mul(over_peak);
            entrants.push(Entrant { workload, name, contestant, heap_bytes, samples: Vec::new() });
        };
        for contestant in contestants.iter().copied() {
            enter(contestant.name, contestant, HEAP_OVER_PEAK);
            if contestant.name == "compaction" {
                enter(COMPACTION_AT_2, contestant, 2);
            }
        }
    }
    entrants
}

#[expect(clippy::cast_precision_loss, reason = "no replay lasts 2^53 ns")]
pub(crate) fn per_operation(ns: u64, operations: u64) -> f64 {
    ns as f64 / operations.max(1) as f64
}
