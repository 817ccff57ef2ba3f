//! What the tables of our strategies take for each block and hole.

use heaplab_benches::Contestant;
use serde::Serialize;

use crate::rows::HEAP_OVER_PEAK;
use crate::workload::{Workload, generated_one, real};

const WORKLOADS: [&str; 4] = ["s1", "s2", "s4b", "s5"];

const GOAL_BYTES_PER_ENTRY: f64 = 40.0;

/// Those whose entries are blocks and holes, and that end in reasonable time.
const CONTESTANTS: [&str; 9] = [
    "first-fit",
    "best-fit",
    "best-fit-lifo",
    "worst-fit",
    "free-list",
    "tlsf",
    "compaction",
    "compaction-fit",
    "compaction-budgeted",
];

/// One strategy on one trace, at the look at which its blocks and holes were most.
#[derive(Debug, Serialize)]
pub(crate) struct Tables {
    pub(crate) contestant: &'static str,
    pub(crate) trace: String,
    pub(crate) entries: u64,
    /// What an allocator of an empty heap reserves.
    pub(crate) fixed_bytes: u64,
    used_bytes: u64,
    reserved_bytes: u64,
    /// Reserved beyond the fixed part.
    pub(crate) reserved_bytes_per_entry: f64,
    goal_bytes_per_entry: f64,
}

pub(crate) fn measure(contestants: &[Contestant]) -> Result<Vec<Tables>, String> {
    let mut tables = Vec::new();
    for workload in real(&[])?.into_iter().map(Ok).chain(WORKLOADS.map(generated_one)) {
        let Workload { name, trace, peak_live_bytes, .. } = workload?;
        let heap_bytes = peak_live_bytes.saturating_mul(HEAP_OVER_PEAK);
        for contestant in contestants.iter().filter(|it| CONTESTANTS.contains(&it.name)) {
            let Some(metadata) = contestant.metadata(&trace, heap_bytes) else { continue };
            tables.push(Tables {
                contestant: contestant.name,
                trace: name.clone(),
                entries: metadata.entries,
                fixed_bytes: metadata.fixed_bytes,
                used_bytes: metadata.used_bytes,
                reserved_bytes: metadata.reserved_bytes,
                reserved_bytes_per_entry: metadata.reserved_bytes_per_entry(),
                goal_bytes_per_entry: GOAL_BYTES_PER_ENTRY,
            });
        }
        eprintln!("metadata: {name}");
    }
    Ok(tables)
}
