//! How long single operations take.

use heaplab_benches::Contestant;
use heaplab_harness::timed::{Latencies, TimedRoom};
use serde::Serialize;

use crate::rows::HEAP_OVER_PEAK;
use crate::workload::{Workload, generated_one};

/// Few blocks, many, many tiny holes low in the heap, and 99,000 equal holes filled one by one.
const WORKLOADS: [&str; 5] = ["s1", "s2", "s3-200k", "s4b", "s6"];

/// The longest of the recorded traces.
const RECORDED: &str = "python";

const CONTESTANTS: [&str; 11] = [
    "best-fit",
    "best-fit-lifo",
    "first-fit",
    "free-list",
    "tlsf",
    "compaction",
    "talc",
    "rlsf-28x32",
    "dlmalloc",
    "offset-allocator",
    "orderly",
];

const REPLAYS: usize = 5;

/// Quantiles, each the least over the replays: they repeat the same operations on the same heap, so what only some of
/// them saw is the machine's doing.
#[derive(Debug, Serialize)]
pub(crate) struct Latency {
    replays: usize,
    /// Taken off every value: the median over all pairs of readings with nothing between them.
    clock_cost_ns: u64,
    pub(crate) cells: Vec<Cell>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Cell {
    pub(crate) trace: String,
    pub(crate) contestant: &'static str,
    pub(crate) p50_ns: f64,
    pub(crate) p90_ns: f64,
    pub(crate) p99_ns: f64,
    pub(crate) p999_ns: f64,
    /// Absent where fewer than ten operations lie beyond it.
    pub(crate) p9999_ns: Option<f64>,
    pub(crate) max_ns: f64,
}

pub(crate) fn measure(contestants: &[Contestant], room: &mut TimedRoom) -> Result<Latency, String> {
    let mut recorded = Vec::new();
    for workload in [RECORDED].into_iter().map(recorded_one).chain(WORKLOADS.map(generated_one)) {
        let workload = workload?;
        let heap_bytes = workload.peak_live_bytes.saturating_mul(HEAP_OVER_PEAK);
        let entrants = contestants.iter().filter(|it| CONTESTANTS.contains(&it.name));
        let mut cells: Vec<(&Contestant, Vec<Latencies>)> =
            entrants.map(|it| (it, Vec::new())).collect();
        room.set_lead(workload.lead_operations);
        for _ in 0..REPLAYS {
            for (contestant, replays) in &mut cells {
                room.record_latencies();
                let ended = contestant.try_time_ns(&workload.trace, heap_bytes, room).is_ok();
                replays.extend(room.take_latencies().filter(|_| ended));
            }
        }
        recorded.push((workload.name, cells));
        eprintln!("latency: {}", recorded.last().map_or("", |it| &it.0));
    }
    let cells = recorded.iter().flat_map(|(_, cells)| cells);
    let clock_cost_ns = clock_cost_ns(cells.flat_map(|(_, replays)| replays)).unwrap_or(0);
    let mut latency = Latency { replays: REPLAYS, clock_cost_ns, cells: Vec::new() };
    for (trace, cells) in &recorded {
        latency.cells.extend(cells.iter().filter_map(|(contestant, replays)| {
            least(trace, contestant.name, replays, clock_cost_ns)
        }));
    }
    Ok(latency)
}

fn recorded_one(name: &str) -> Result<Workload, String> {
    let found = crate::workload::real(&[])?.into_iter().find(|it| it.name == name);
    found.ok_or_else(|| format!("no recorded trace is called {name}"))
}

fn clock_cost_ns<'a>(all: impl Iterator<Item = &'a Latencies>) -> Option<u64> {
    let mut costs: Vec<u64> = all.map(|it| it.clock().value_at_quantile(0.5)).collect();
    costs.sort_unstable();
    costs.get(costs.len() / 2).copied()
}

fn least(
    trace: &str,
    contestant: &'static str,
    replays: &[Latencies],
    clock_cost_ns: u64,
) -> Option<Cell> {
    let reports: Vec<_> = replays.iter().filter_map(|it| it.to_report(clock_cost_ns)).collect();
    let least = |part: fn(&heaplab_report::Latency) -> Option<f64>| {
        reports.iter().filter_map(part).reduce(f64::min)
    };
    Some(Cell {
        trace: trace.to_owned(),
        contestant,
        p50_ns: least(|it| Some(it.p50_ns))?,
        p90_ns: least(|it| Some(it.p90_ns))?,
        p99_ns: least(|it| Some(it.p99_ns))?,
        p999_ns: least(|it| Some(it.p999_ns))?,
        p9999_ns: least(|it| it.p9999_ns),
        max_ns: least(|it| Some(it.max_ns))?,
    })
}
