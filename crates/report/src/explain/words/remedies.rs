//! What would have helped, in words.

use super::{amount, blocks, count, share};
use crate::Status;
use crate::explain::{Cause, Clearing, Explanation, LargerHeap, Other};

/// Clearing, compaction, a larger heap, another strategy: a sentence or two each.
pub(super) fn remedies(it: &Explanation) -> Vec<String> {
    let mut sentences = Vec::new();
    sentences.extend(it.remedies.clearing.as_ref().map(|stretch| clearing(it, stretch)));
    sentences.push(compaction(it));
    sentences.extend(it.remedies.larger_heap.as_ref().map(|heap| larger_heap(it, heap)));
    sentences.extend(others(it));
    sentences
}

fn clearing(it: &Explanation, stretch: &Clearing) -> String {
    let at = count(stretch.offset_bytes);
    let which = if stretch.is_growth { " (right behind the block that is to grow)" } else { "" };
    if stretch.live_blocks == 0 {
        return format!(
            "The {} from offset {at}{which} are free already.",
            amount(stretch.stretch_bytes)
        );
    }
    let (cost, live) = (amount(stretch.live_bytes), blocks(stretch.live_blocks));
    let length = amount(stretch.stretch_bytes);
    if it.cause == Some(Cause::Full) {
        return format!(
            "Freeing: the cheapest stretch of {length} is that from offset {at}{which} with {live} of {cost}."
        );
    }
    format!(
        "Clearing: without {live} of {cost}, the {length} from offset {at}{which} would be free; no stretch is cheaper."
    )
}

fn compaction(it: &Explanation) -> String {
    let slide = &it.remedies.compaction;
    if slide.relocated_blocks == 0 {
        return match slide.request_fits {
            Some(false) => {
                "Compaction would not help: every block stands as low as it can already.".into()
            }
            _ => "Compaction: every block stands as low as it can already.".into(),
        };
    }
    let moved = format!(
        "sliding everything together moves {} in {} ({} of what is live)",
        amount(slide.relocated_bytes),
        blocks(slide.relocated_blocks),
        share(slide.relocated_bytes, it.picture.live_bytes)
    );
    let free = it.heap.bytes.saturating_sub(slide.used_bytes);
    match slide.request_fits {
        Some(true) => format!("Compaction: {moved} and makes room for the request."),
        Some(false) => {
            format!("Compaction would not help: {moved} and leaves {} in one piece.", amount(free))
        }
        None => format!(
            "Compaction: {moved}, after which the last block ends at {}.",
            count(slide.used_bytes)
        ),
    }
}

fn larger_heap(it: &Explanation, heap: &LargerHeap) -> String {
    let passes = amount(heap.passes_bytes);
    let more = count(heap.passes_bytes.saturating_sub(it.heap.bytes));
    let name = &it.strategy;
    if heap.is_smallest {
        return format!(
            "A larger heap: {passes}, {more} more than this one, are the smallest in which {name} gets past this \
             operation."
        );
    }
    let fails = if heap.passes_bytes - heap.fails_bytes <= it.granule_bytes {
        "one granule less does not suffice".to_owned()
    } else {
        format!("{} does not suffice", amount(heap.fails_bytes))
    };
    format!(
        "A larger heap: with {passes}, {more} more than this one, {name} gets past this operation; {fails}."
    )
}

fn others(it: &Explanation) -> Option<String> {
    let others = &it.remedies.others;
    if others.is_empty() {
        return None;
    }
    if it.cause.is_none() {
        let leaner = others.iter().filter(|other| other.status == Status::Ok);
        let leaner = leaner.filter_map(|other| Some((other.used_bytes?, other)));
        let (used, best) = leaner.min_by_key(|(used, _)| *used)?;
        if used >= it.picture.used_bytes {
            return Some("Other strategies: none uses less at that moment.".into());
        }
        return Some(format!(
            "Other strategies: at the same moment, {} uses least, {} against {}.",
            best.strategy,
            amount(used),
            count(it.picture.used_bytes)
        ));
    }
    // Names that something holds for, and the verb in their number.
    let part = |is_wanted: &dyn Fn(&Other) -> bool, one: &str, many: &str| {
        let wanted = others.iter().filter(|other| is_wanted(other));
        let names: Vec<&str> = wanted.map(|other| other.strategy.as_str()).collect();
        let verb = if names.len() == 1 { one } else { many };
        (!names.is_empty()).then(|| format!("{} {verb}", names.join(", ")))
    };
    let parts = [
        part(
            &|other| other.status == Status::Ok,
            "completes the trace in the same heap",
            "complete the trace in the same heap",
        ),
        part(
            &|other| other.status != Status::Ok && other.gets_past,
            "gets past this operation but does not complete the trace",
            "get past this operation but do not complete the trace",
        ),
        part(&|other| !other.gets_past, "does not get past it either", "do not get past it either"),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    Some(format!("Other strategies: {}.", parts.join("; ")))
}
