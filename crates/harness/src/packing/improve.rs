//! Making a plan better by letting those buffers go first that were in the way of it.

use super::lowest_fit::{Broken, Item, List, place_all};
use crate::splitmix::SplitMix;

/// After so many orders in vain the search goes back to the best one, changed a little.
const PATIENCE: u32 = 3_000;

/// How many items change places at random then.
const SHAKEN: usize = 5;

/// An order, and what comes of it.
#[derive(Clone, Debug)]
pub(super) struct Ordered {
    pub(super) order: Vec<u32>,
    pub(super) offsets: Vec<u64>,
    pub(super) bytes: u64,
}

/// How long to search.
pub(super) struct Effort<'a> {
    /// No plan is smaller.
    pub(super) goal_bytes: u64,
    /// Plans end on multiples of it.
    pub(super) granule_bytes: u64,
    /// The most looks at placed items.
    pub(super) looks: u64,
    pub(super) is_over: &'a mut dyn FnMut() -> bool,
}

/// How an order is changed when an item does not fit below the best end so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Every change is kept: the items that are in the way rise in the order, whatever that does to others.
    Restless,
    /// A change is kept when the order then fails no sooner, and now and then otherwise.
    Careful,
}

/// Searches for an order whose plan ends lower than `best`'s, which it replaces by each that does.
///
/// Each try has the limit one granule below the best plan, so it ends at the first item that does not fit. That item is
/// the one to go earlier: to a random place, or before a random one of those that stand at the same time.
///
/// Returns how many orders were tried.
pub(super) fn improve(
    items: &[Item],
    best: &mut Ordered,
    effort: &mut Effort<'_>,
    random: &mut SplitMix,
) -> u64 {
    let mut list = List::default();
    let mut offsets = best.offsets.clone();
    let mut order = best.order.clone();
    let (mut manner, mut reached, mut in_vain) = (Manner::Restless, 0, 0);
    let (mut tried, mut looks) = (0, 0_u64);
    let mut candidate = order.clone();
    while looks < effort.looks && best.bytes > effort.goal_bytes {
        let limit = best.bytes - effort.granule_bytes.min(best.bytes);
        tried += 1;
        let result = place_all(&mut list, items, &candidate, limit, &mut offsets, effort.is_over);
        let placed = match result {
            Err(Broken::AtLimit(at)) => at,
            _ => items.len(),
        } as u64;
        // Each item is compared with about half of those placed before it.
        looks = looks.saturating_add(1 + placed * placed / 4);
        match result {
            Ok(bytes) => {
                best.order.clone_from(&candidate);
                best.offsets.clone_from(&offsets);
                best.bytes = bytes;
                order.clone_from(&candidate);
                (reached, in_vain) = (0, 0);
                // The same order is tried again below its own end, so that the item in the way is known.
                continue;
            }
            Err(Broken::Late) => break,
            Err(Broken::AtLimit(at)) => {
                in_vain += 1;
                if manner == Manner::Restless || at >= reached || random.below(50) == 0 {
                    std::mem::swap(&mut order, &mut candidate);
                    reached = at;
                }
            }
        }
        if in_vain >= PATIENCE {
            manner = match manner {
                Manner::Restless => Manner::Careful,
                Manner::Careful => Manner::Restless,
            };
            order.clone_from(&best.order);
            for _ in 0..SHAKEN {
                let (from, to) = (random.below(items.len()), random.below(items.len()));
                let item = order.remove(from);
                order.insert(to, item);
            }
            candidate.clone_from(&order);
            (reached, in_vain) = (0, 0);
            continue;
        }
        candidate.clone_from(&order);
        promote(items, &mut candidate, reached, manner, random);
        if (in_vain & 15) == 0 && (effort.is_over)() {
            break;
        }
    }
    tried
}

/// Moves the item at position `at` of the order to an earlier one.
fn promote(items: &[Item], order: &mut Vec<u32>, at: usize, manner: Manner, random: &mut SplitMix) {
    if at == 0 {
        let (from, to) = (random.below(items.len()), random.below(items.len()));
        order.swap(from, to);
        return;
    }
    let index = order.remove(at);
    let item = &items[index as usize];
    let rivals = || {
        let is_rival = |&other: &usize| {
            let other = &items[order[other] as usize];
            item.overlaps(other.lower, other.upper)
        };
        (0..at).filter(is_rival).collect::<Vec<_>>()
    };
    let to = match manner {
        Manner::Restless if random.below(2) == 0 => {
            let rivals = rivals();
            if rivals.is_empty() { 0 } else { rivals[random.below(rivals.len())] }
        }
        Manner::Restless | Manner::Careful => random.below(at),
    };
    order.insert(to, index);
    if manner == Manner::Careful && random.below(4) == 0 {
        order.swap(random.below(at), random.below(at));
    }
}
