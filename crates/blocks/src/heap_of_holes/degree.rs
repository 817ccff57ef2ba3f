//! Degrees, and how a hole with many children gets few.
//!
//! A hole's degree is the number of children that it was given since they were last counted. Some may be gone, so it is an
//! upper bound. It lies above the index of the first child in one word.
//!
//! Three rules keep all degrees below 2^5:
//!
//! 1. What becomes a root or takes another's place with a degree of [`WIDE`] or more is made narrow ([`narrow`]): its
//!    children are counted; if they are many, those without children become one heap by a tournament, which costs
//!    least; if there are many still, those of equal degrees are joined, as a binary number is added up.
//! 2. Siblings of which none has a degree of [`HEAVY`] are melded as a pairing heap does. There are fewer than 30, and
//!    whoever wins gains a child for each pair.
//! 3. Among others, equal degrees are joined first, which leaves few, and these are joined from the lowest degree to the
//!    highest: whoever wins against all before it has fewer children than the next one.
//!
//! Source: for joining equal degrees, Fredman, Tarjan, "Fibonacci heaps and their uses", Journal of the ACM 34, 1987.

use super::{BEFORE, CHILD, NEXT, join, links, meld};
use crate::table::{Entry, Id, MAX_ENTRIES, NIL};

/// The index in a word of index and degree.
pub(super) const ID: u32 = MAX_ENTRIES - 1;

/// A degree of one, in such a word.
pub(super) const DEGREE: u32 = MAX_ENTRIES;

/// Holes of this degree are made narrow when they become a root or an heir.
pub(super) const WIDE: u32 = 26;

/// So many children are few.
const FEW: u32 = 16;

/// From this degree on, winning against all siblings could be too much.
const HEAVY: u32 = 16;

/// Joining so few childless children is not worth a tournament.
const LEAST: usize = 8;

const MAX_DEGREE: u32 = u32::MAX / DEGREE;

/// Whether one of those whose words were combined by `|` has a degree of [`HEAVY`].
#[inline(always)]
pub(super) const fn may_overflow(words: u32) -> bool {
    const { assert!(HEAVY.is_power_of_two() && HEAVY * 2 > MAX_DEGREE) };
    words >= HEAVY * DEGREE
}

#[inline(always)]
fn degree(entries: &mut [Entry], hole: Id) -> u32 {
    links(entries, hole)[CHILD] / DEGREE
}

/// The number of children that a hole has.
#[cfg(test)]
pub(super) fn children(entries: &[Entry], hole: Id) -> usize {
    let first = entries[hole as usize].links[CHILD] & ID;
    let next = |&child: &Id| Some(entries[child as usize].links[NEXT]).filter(|&it| it != NIL);
    core::iter::successors(Some(first).filter(|&it| it != NIL), next).count()
}

fn set_children(entries: &mut [Entry], parent: Id, first: Id, count: u32) {
    links(entries, first)[BEFORE] = parent;
    // No more can be told; they are counted again when the hole becomes a root.
    links(entries, parent)[CHILD] = first | (count.min(MAX_DEGREE) * DEGREE);
}

/// Leaves a hole with few children, the others below these.
#[cold]
#[inline(never)]
pub(super) fn narrow(entries: &mut [Entry], parent: Id) {
    let first = links(entries, parent)[CHILD] & ID;
    let mut childless = [NIL; MAX_DEGREE as usize];
    let (mut len, mut behind, mut count, mut hole) = (0, first, 0, first);
    while hole != NIL {
        let [child, next, _] = *links(entries, hole);
        let is_in_row = behind == hole && child == NIL;
        if is_in_row && let Some(place) = childless.get_mut(len) {
            *place = hole;
            (len, behind) = (len + 1, next);
        }
        (count, hole) = (count + 1, next);
    }
    if count <= FEW || len < LEAST {
        set_children(entries, parent, first, count);
    } else {
        let root = tournament(entries, &mut childless[..len]);
        links(entries, root)[NEXT] = behind;
        links(entries, behind)[BEFORE] = root;
        #[expect(clippy::cast_possible_truncation, reason = "at most MAX_DEGREE")]
        let joined = len as u32 - 1;
        count -= joined;
        set_children(entries, parent, root, count);
    }
    if count > FEW {
        join_equal_children(entries, parent);
    }
}

/// Joins heaps, of which there is at least one: the winner has as many more children as there are rounds.
fn tournament(entries: &mut [Entry], heaps: &mut [Id]) -> Id {
    let mut len = heaps.len();
    while len > 1 {
        for pair in 0..len / 2 {
            heaps[pair] = meld(entries, heaps[2 * pair], heaps[2 * pair + 1]);
        }
        if len % 2 == 1 {
            heaps[len / 2] = heaps[len - 1];
        }
        len = len.div_ceil(2);
    }
    heaps[0]
}

/// Leaves a hole with children of different degrees, the lowest first.
fn join_equal_children(entries: &mut [Entry], parent: Id) {
    let child = links(entries, parent)[CHILD] & ID;
    let mut by_degree = ByDegree::default();
    by_degree.add_all(entries, child);
    let (mut first, mut count) = (NIL, 0);
    let mut put_before = |entries: &mut [Entry], heap| {
        links(entries, heap)[NEXT] = first;
        links(entries, first)[BEFORE] = heap;
        (first, count) = (heap, count + 1);
    };
    let ByDegree { heaps, mut wide } = by_degree;
    while wide != NIL {
        let next = links(entries, wide)[NEXT];
        put_before(entries, wide);
        wide = next;
    }
    for heap in heaps.into_iter().rev().filter(|&heap| heap != NIL) {
        put_before(entries, heap);
    }
    set_children(entries, parent, first, count);
}

/// Joins a heap with a list of siblings, equal degrees first.
#[cold]
#[inline(never)]
pub(super) fn meld_by_degree(entries: &mut [Entry], root: Id, siblings: Id) -> Id {
    let mut by_degree = ByDegree::default();
    by_degree.add(entries, root);
    by_degree.add_all(entries, siblings);
    let ByDegree { heaps, mut wide } = by_degree;
    let mut root = NIL;
    for heap in heaps.into_iter().filter(|&heap| heap != NIL) {
        root = join(entries, heap, root);
    }
    while wide != NIL {
        let next = links(entries, wide)[NEXT];
        root = join(entries, wide, root);
        wide = next;
    }
    root
}

/// Heaps without siblings, of each degree at most one.
#[derive(Default)]
struct ByDegree {
    heaps: [Id; WIDE as usize],
    /// A list of those that are wide even after they were made narrow, which takes millions of operations to bring about.
    wide: Id,
}

impl ByDegree {
    fn add_all(&mut self, entries: &mut [Entry], mut first: Id) {
        while first != NIL {
            let next = links(entries, first)[NEXT];
            self.add(entries, first);
            first = next;
        }
    }

    fn add(&mut self, entries: &mut [Entry], mut heap: Id) {
        if degree(entries, heap) >= WIDE {
            narrow(entries, heap);
        }
        loop {
            let degree = degree(entries, heap);
            let Some(place) = self.heaps.get_mut(degree as usize) else {
                links(entries, heap)[NEXT] = self.wide;
                self.wide = heap;
                return;
            };
            if *place == NIL {
                *place = heap;
                return;
            }
            let equal = core::mem::replace(place, NIL);
            heap = meld(entries, heap, equal);
        }
    }
}
