//! The first sentence: why.

use super::{amount, count, share};
use crate::explain::{Cause, ExplainedTrace, Explanation};

/// Why the strategy failed, or where it wasted most.
pub(super) fn reason(it: &Explanation, trace: &ExplainedTrace) -> String {
    match it.cause {
        Some(cause) => refused(it, trace, cause),
        None => wasted(it, trace),
    }
}

fn heap(it: &Explanation) -> String {
    if it.heap.is_unlimited() {
        return "a heap without limit".into();
    }
    let spec = if it.heap.ratio.is_some() { format!(" ({})", it.heap.spec) } else { String::new() };
    format!("a heap of {}{spec}", amount(it.heap.bytes))
}

fn refused(it: &Explanation, trace: &ExplainedTrace, cause: Cause) -> String {
    let wanted = it.moment.rounded_bytes.or(it.moment.requested_bytes).unwrap_or_default();
    let picture = &it.picture;
    let free = it.outcome.free_bytes.unwrap_or_default();
    let longest = picture.largest_hole_bytes.max(it.outcome.wilderness_bytes.unwrap_or_default());
    let start = format!(
        "{} runs out of memory on {} at operation {} of {}, in {}, because ",
        it.strategy,
        trace.name,
        count(it.moment.operation),
        count(trace.operations),
        heap(it)
    );
    let why = match cause {
        Cause::TooLarge => {
            format!("the request is too large: {} can never fit here.", amount(wanted))
        }
        Cause::Full => format!(
            "the heap is full: {} are wanted and {} are free, so no strategy could serve it.",
            amount(wanted),
            count(free)
        ),
        Cause::NoRoomToMove => format!(
            "the block can neither grow where it stands nor move: a second copy of {} is wanted beside it, and {} are \
             free.",
            amount(wanted),
            count(free)
        ),
        Cause::Fragmented => format!(
            "the heap is fragmented, not full: {} are wanted and {} are free, but the longest piece of that has {}.",
            amount(wanted),
            count(free),
            count(longest)
        ),
        Cause::Misaligned => format!(
            "no free piece is aligned: {} are wanted at a multiple of {}. {} are free and the longest piece has {}, but \
             from such an address on no piece has more than {}. The heap is not too fragmented for the length alone.",
            amount(wanted),
            count(it.moment.align_bytes.unwrap_or(1)),
            count(free),
            count(longest),
            count(picture.largest_fit_bytes.unwrap_or_default())
        ),
        Cause::NotFound => format!(
            "it does not search far enough: {} are wanted, and a free piece with room for {} is there. The heap is \
             neither full nor too fragmented.",
            amount(wanted),
            count(picture.largest_fit_bytes.unwrap_or_default())
        ),
        Cause::OutOfMetadata => {
            "its tables cannot grow any further; the heap is not the reason.".into()
        }
    };
    start + &why
}

fn wasted(it: &Explanation, trace: &ExplainedTrace) -> String {
    let start = format!(
        "{} completes all {} operations of {} in {}",
        it.strategy,
        count(trace.operations),
        trace.name,
        heap(it)
    );
    let Some(waste) = it.waste else { return start + "." };
    let most = waste.most;
    if most.wasted_bytes() == 0 {
        return start + " and never wastes a byte: blocks always stand without holes between them.";
    }
    let worst = waste.worst_ratio;
    let ratio = if worst.operation == most.operation {
        String::from(" That is also where the ratio of used to live bytes is worst.")
    } else {
        format!(
            " The ratio of used to live bytes is worst after operation {}: {} to {}.",
            count(worst.operation),
            count(worst.used_bytes),
            count(worst.live_bytes)
        )
    };
    format!(
        "{start}, and wastes most after operation {}: {} lie in holes, {} of the {} up to the end of the last \
         block.{ratio}",
        count(most.operation),
        amount(most.wasted_bytes()),
        share(most.wasted_bytes(), most.used_bytes),
        count(most.used_bytes)
    )
}
