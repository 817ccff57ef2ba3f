//! The answer for programs.

use heaplab_core::{Granule, Kind};
use heaplab_harness::min_heap::{Certainty, MinHeap, MinHeaps};
use heaplab_report::big_uint::Uint;
use serde::Serialize;

use super::table::ratio;
use crate::failure::Failure;

/// The name of this form; anything but additions changes it.
const SCHEMA: &str = "heaplab.min-heap/1";

#[derive(Serialize)]
struct Answer {
    schema: &'static str,
    granule_bytes: Uint,
    traces: Vec<TraceAnswer>,
}

#[derive(Serialize)]
struct TraceAnswer {
    trace: String,
    hash: String,
    operations: Uint,
    bounds: BoundsAnswer,
    strategies: Vec<HeapAnswer>,
}

#[derive(Serialize)]
struct BoundsAnswer {
    peak_live_bytes: Uint,
    /// Peak live, or one granule.
    lower_bytes: Uint,
    #[serde(skip_serializing_if = "Option::is_none")]
    offline_packing_bytes: Option<Uint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offline_packing_method: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    heuristics: Vec<HeuristicAnswer>,
}

#[derive(Serialize)]
struct HeuristicAnswer {
    method: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<Uint>,
}

#[derive(Serialize)]
struct HeapAnswer {
    strategy: &'static str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_heap_bytes: Option<Uint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_heap_ratio: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_heap_certainty: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    all_from_bytes: Option<Uint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    all_from_certainty: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata_bytes: Option<Uint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heap_and_metadata_bytes: Option<Uint>,
    /// Over the best plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    over_plan_ratio: Option<f64>,
    replays: Uint,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// Everything that was found, as JSON.
pub(super) fn json(found: &[MinHeaps], granule: Granule) -> Result<String, Failure> {
    let answer = Answer {
        schema: SCHEMA,
        granule_bytes: Uint(granule.bytes()),
        traces: found.iter().map(trace).collect(),
    };
    let text = serde_json::to_string_pretty(&answer);
    text.map(|text| text + "\n").map_err(|error| Failure::output(error.to_string()))
}

fn trace(heaps: &MinHeaps) -> TraceAnswer {
    let packing = heaps.packing.as_ref();
    let heuristics = packing.map_or(&[][..], |packing| packing.tried()).iter().map(|tried| {
        HeuristicAnswer { method: tried.method.clone(), bytes: tried.bytes.map(Uint) }
    });
    TraceAnswer {
        trace: heaps.trace.clone(),
        hash: heaps.hash.clone(),
        operations: Uint(heaps.operations),
        bounds: BoundsAnswer {
            peak_live_bytes: Uint(heaps.peak_live_bytes),
            lower_bytes: Uint(heaps.lower_bound_bytes),
            offline_packing_bytes: packing.map(|packing| Uint(packing.bytes())),
            offline_packing_method: packing.map(|packing| packing.method().to_owned()),
            heuristics: heuristics.collect(),
        },
        strategies: heaps.strategies.iter().map(|heap| strategy(heaps, heap)).collect(),
    }
}

fn strategy(heaps: &MinHeaps, heap: &MinHeap) -> HeapAnswer {
    let certainty = |bytes: Option<u64>, certainty: Certainty| bytes.map(|_| certainty.as_str());
    let over = |bound: u64| heap.smallest_bytes.and_then(|bytes| ratio(bytes, bound));
    HeapAnswer {
        strategy: heap.entry.name,
        kind: kind(heap.entry.capabilities.kind),
        min_heap_bytes: heap.smallest_bytes.map(Uint),
        min_heap_ratio: over(heaps.peak_live_bytes),
        min_heap_certainty: certainty(heap.smallest_bytes, heap.smallest_certainty),
        all_from_bytes: heap.all_from_bytes.map(Uint),
        all_from_certainty: certainty(heap.all_from_bytes, heap.all_from_certainty),
        metadata_bytes: heap.metadata_bytes.map(Uint),
        heap_and_metadata_bytes: heap.total_bytes().map(Uint),
        over_plan_ratio: heaps.packing.as_ref().and_then(|packing| over(packing.bytes())),
        replays: Uint(heap.replays),
        problem: heap.problem.clone(),
    }
}

/// The word of reports for what a contestant is.
pub(super) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Strategy => "strategy",
        Kind::Floor => "floor",
        Kind::Peer => "peer",
    }
}
