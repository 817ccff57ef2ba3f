//! What the tables say, in sentences, and what to look at next.

use std::fmt::Write as _;

use heaplab_core::Kind;
use heaplab_harness::min_heap::{Certainty, MinHeap, MinHeaps};
use heaplab_report::number;

use super::table::ratio;
use crate::args::MinHeapArgs;
use crate::command::run::quoted;

/// A sentence or two for each trace, each line with its end.
pub(super) fn summary(found: &[MinHeaps]) -> String {
    let mut text = String::new();
    for heaps in found {
        let prefix = if found.len() > 1 { format!("{}: ", heaps.trace) } else { String::new() };
        let _ = writeln!(text, "{prefix}{}", of(heaps));
    }
    text
}

fn of(heaps: &MinHeaps) -> String {
    // Peers are measured beside strategies; where nobody else was chosen, they are what was asked about.
    let is_ours = |heap: &MinHeap| heap.entry.capabilities.kind == Kind::Strategy;
    let has_ours = heaps.strategies.iter().any(is_ours);
    let kind = if has_ours { Kind::Strategy } else { Kind::Peer };
    let Some((least, names)) = smallest_of(heaps, kind, |_| true) else {
        let who = if has_ours { "strategy" } else { "peer" };
        return format!("No heap was found in which any {who} completes the trace.");
    };
    let mut text = format!(
        "Smallest heap: {} at {}{}{}.",
        names.join(", "),
        size(heaps, least.smallest_bytes),
        certainty(least),
        if least.smallest_bytes == Some(heaps.lower_bound_bytes) {
            ", which nothing can beat"
        } else {
            ""
        }
    );
    let stays = |heap: &MinHeap| !heap.entry.capabilities.relocates;
    if least.entry.capabilities.relocates
        && let Some((best, names)) = smallest(heaps, stays)
    {
        let _ = write!(
            text,
            " Without moving blocks: {} at {}{}",
            names.join(", "),
            size(heaps, best.smallest_bytes),
            certainty(best)
        );
        text.push_str(&distance(heaps, best));
        text.push('.');
    }
    let gap = |heap: &&MinHeap| {
        heap.entry.capabilities.kind == Kind::Strategy && heap.all_from_bytes > heap.smallest_bytes
    };
    if let Some(heap) = heaps.strategies.iter().find(gap) {
        let _ = write!(
            text,
            " {} works in {} bytes but fails in some larger heap; from {} bytes on all work.",
            heap.entry.name,
            number::exact(heap.smallest_bytes.unwrap_or(0)),
            number::exact(heap.all_from_bytes.unwrap_or(0)),
        );
    }
    text
}

/// How far a heap is above the best plan.
fn distance(heaps: &MinHeaps, heap: &MinHeap) -> String {
    let plan = heaps.packing.as_ref().map(heaplab_harness::packing::Packing::bytes);
    let above = heap.smallest_bytes.zip(plan).and_then(|(bytes, plan)| ratio(bytes, plan));
    match above {
        Some(above) if above > 1.0 => {
            format!(", {} % above the best plan known", number::significant((above - 1.0) * 100.0))
        }
        Some(_) => ", as small as the best plan known".into(),
        None => String::new(),
    }
}

/// The smallest heap of the strategies that are wanted, and who reaches it; peers take no part.
fn smallest(
    heaps: &MinHeaps,
    is_wanted: impl Fn(&MinHeap) -> bool,
) -> Option<(&MinHeap, Vec<&'static str>)> {
    smallest_of(heaps, Kind::Strategy, is_wanted)
}

fn smallest_of(
    heaps: &MinHeaps,
    kind: Kind,
    is_wanted: impl Fn(&MinHeap) -> bool,
) -> Option<(&MinHeap, Vec<&'static str>)> {
    let takes_part = |heap: &&MinHeap| {
        heap.entry.capabilities.kind == kind && heap.smallest_bytes.is_some() && is_wanted(heap)
    };
    let candidates: Vec<_> = heaps.strategies.iter().filter(takes_part).collect();
    let least = candidates.iter().min_by_key(|heap| heap.smallest_bytes)?;
    let equals = candidates.iter().filter(|heap| heap.smallest_bytes == least.smallest_bytes);
    Some((least, equals.map(|heap| heap.entry.name).collect()))
}

fn size(heaps: &MinHeaps, bytes: Option<u64>) -> String {
    let bytes = bytes.unwrap_or(0);
    match ratio(bytes, heaps.peak_live_bytes) {
        Some(ratio) => {
            format!("{} bytes ({}x peak live)", number::exact(bytes), number::fixed(ratio, 3))
        }
        None => format!("{} bytes", number::exact(bytes)),
    }
}

fn certainty(heap: &MinHeap) -> &'static str {
    match heap.smallest_certainty {
        Certainty::Exact => "",
        Certainty::Probed => " (of those probed)",
    }
}

/// Why the strategy that does best without moving blocks needs as much as it does: what happens one granule below.
pub(super) fn next_command(found: &[MinHeaps], args: &MinHeapArgs) -> Option<String> {
    let heaps = found.first()?;
    let stays = |heap: &MinHeap| !heap.entry.capabilities.relocates;
    let (heap, _) = smallest(heaps, stays).or_else(|| smallest(heaps, |_| true))?;
    let below =
        heap.smallest_bytes?.checked_sub(args.granule.bytes()).filter(|&bytes| bytes > 0)?;
    if heap.smallest_bytes == Some(heaps.lower_bound_bytes) {
        return None;
    }
    let trace = match args.files.first() {
        Some(file) => file.display().to_string(),
        None => heaps.trace.clone(),
    };
    let mut command =
        format!("heaplab explain {} -s {} --heap {below}", quoted(&trace), heap.entry.name);
    if args.granule != heaplab_core::Granule::DEFAULT {
        let _ = write!(command, " --granule {}", args.granule.bytes());
    }
    Some(command)
}
