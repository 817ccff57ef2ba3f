//! The metrics of version 1: the table that makes a report explain itself.

use crate::model::{Better, Metric};

type Row = (&'static str, &'static str, Better, bool, &'static str);

const SMALLER: Better = Better::Smaller;
const NONE: Better = Better::None;

const ROWS: &[Row] = &[
    (
        "space.high_water_bytes",
        "bytes",
        SMALLER,
        true,
        "highest end of a block ever, from the heap's start",
    ),
    (
        "space.min_heap_bytes",
        "bytes",
        SMALLER,
        true,
        "smallest heap in which the strategy completes the trace",
    ),
    (
        "space.metadata_bytes",
        "bytes",
        SMALLER,
        true,
        "most bookkeeping in use at once, outside the heap",
    ),
    (
        "space.metadata_reserved_bytes",
        "bytes",
        SMALLER,
        true,
        "most bookkeeping reserved at once, outside the heap",
    ),
    (
        "space.fragmentation.jw1",
        "ratio",
        SMALLER,
        true,
        "used over live bytes, minus one, averaged over all operations",
    ),
    (
        "space.fragmentation.jw2",
        "ratio",
        SMALLER,
        true,
        "used over live bytes, minus one, at the operation of most live bytes",
    ),
    (
        "space.fragmentation.jw3",
        "ratio",
        SMALLER,
        true,
        "used over live bytes, minus one, at the operation of most used bytes",
    ),
    (
        "space.fragmentation.jw4",
        "ratio",
        SMALLER,
        true,
        "most used over most live bytes, minus one",
    ),
    (
        "space.internal_ratio",
        "ratio",
        SMALLER,
        true,
        "rounded over requested bytes at peak live, minus one",
    ),
    ("space.holes", "count", SMALLER, true, "holes when the replay ended"),
    ("space.largest_hole_bytes", "bytes", NONE, true, "largest hole when the replay ended"),
    ("relocations.blocks", "count", SMALLER, true, "blocks moved, once for each time they moved"),
    ("relocations.bytes", "bytes", SMALLER, true, "bytes moved, by compaction and by resizes"),
    ("relocations.compaction_bytes", "bytes", SMALLER, true, "bytes moved by compaction"),
    (
        "relocations.compactions",
        "count",
        SMALLER,
        true,
        "operations during which compaction moved something",
    ),
    (
        "time.median_ns_per_operation",
        "ns",
        SMALLER,
        false,
        "time per operation, median over the rounds",
    ),
    ("latency.p50_ns", "ns", SMALLER, false, "time of an operation, median"),
    ("latency.p90_ns", "ns", SMALLER, false, "time of an operation, 90th percentile"),
    ("latency.p99_ns", "ns", SMALLER, false, "time of an operation, 99th percentile"),
    ("latency.p999_ns", "ns", SMALLER, false, "time of an operation, 99.9th percentile"),
    ("latency.p9999_ns", "ns", SMALLER, false, "time of an operation, 99.99th percentile"),
    ("latency.max_ns", "ns", SMALLER, false, "time of the longest operation"),
    (
        "counters.instructions",
        "count",
        SMALLER,
        false,
        "instructions retired in user mode over one replay",
    ),
    ("counters.cycles", "count", SMALLER, false, "core cycles in user mode over one replay"),
    (
        "counters.cache_misses",
        "count",
        SMALLER,
        false,
        "misses of the last-level cache over one replay",
    ),
    ("counters.branch_misses", "count", SMALLER, false, "mispredicted branches over one replay"),
    ("counters.page_faults", "count", SMALLER, false, "page faults over one replay"),
];

/// Every figure that a cell can have: name, unit, direction, exactness, meaning.
///
/// ```
/// let metrics = heaplab_report::metrics();
/// assert!(metrics.iter().any(|metric| metric.name == "space.high_water_bytes" && metric.exact));
/// ```
pub fn metrics() -> Vec<Metric> {
    ROWS.iter()
        .map(|&(name, unit, better, exact, description)| Metric {
            name: name.into(),
            unit: unit.into(),
            better,
            exact,
            description: description.into(),
        })
        .collect()
}
