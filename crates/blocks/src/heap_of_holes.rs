//! Holes as a pairing heap by address: the lowest is at hand, any other can be taken out, no hole has many children.
//!
//! ```text
//! root                 12          BEFORE of 12 is none: that tells a root; its degree is 3
//!  │ child
//!  ▼
//! children             80 ⇄ 31 ⇄ 64    newest first; BEFORE of 80 is 12, of 31 it is 80
//!                            │
//!                            ▼
//!                            47
//! ```
//!
//! Links of a hole: its first child and its degree in one word, its next sibling, and the sibling before it or, in a first
//! child, its parent; the second means nothing in a root, and the third is [`NIL`] there and nowhere else. The sentinel,
//! which lies above all holes, stands for an empty heap where a branch would be hard to foretell: its child and its next
//! sibling stay [`NIL`], and what is written to its third link means nothing.
//!
//! Insertion and melding take one comparison. Taking out the root melds its children in pairs, and each pair with what
//! came before it. Taking out another hole leaves its children, melded, in its place.
//!
//! A removal touches as many entries as the hole has children, and in a plain pairing heap a hundred thousand holes that
//! come in rising order are all children of the first. So each hole has a degree, which is never less than the number of
//! its children, and what grows too wide is made narrow at once ([`degree`]). No operation touches more than some
//! dozens of entries, however many holes there are.
//!
//! Source: Fredman, Sedgewick, Sleator, Tarjan, "The pairing heap", Algorithmica 1, 1986; there the pairs are melded from
//! the last to the first, which takes a second loop and a wrong guess more.

use alloc::format;
use alloc::string::String;
use core::hint::select_unpredictable;

use crate::table::{Entry, Id, NIL};

mod degree;
#[cfg(test)]
mod tests;

use degree::{DEGREE, ID, WIDE, narrow};

// `remove` relies on these two being 0 and 1.
const CHILD: usize = 0;
const NEXT: usize = 1;
const BEFORE: usize = 2;

#[inline(always)]
fn links(entries: &mut [Entry], hole: Id) -> &mut [Id; 3] {
    &mut entries[hole as usize].links
}

/// Puts `hole` into the heap with root `root` ([`NIL`] for an empty one) and returns the new root.
#[inline(always)]
pub(crate) fn insert(entries: &mut [Entry], root: Id, hole: Id) -> Id {
    links(entries, hole)[CHILD] = NIL;
    // The sentinel lies above all holes: an empty heap needs no branch, it becomes the hole's child, which is none.
    let low = meld(entries, root, hole);
    as_root(entries, low);
    low
}

/// Takes the root, which is not [`NIL`], out of its heap and returns the new root.
#[inline(always)]
pub(crate) fn pop(entries: &mut [Entry], root: Id) -> Id {
    // Without children all this happens to the sentinel, to no effect; whether there are any is anybody's guess.
    let child = links(entries, root)[CHILD] & ID;
    let low = meld_all(entries, child);
    as_root(entries, low);
    low
}

#[inline(always)]
fn as_root(entries: &mut [Entry], root: Id) {
    let root_links = links(entries, root);
    root_links[BEFORE] = NIL;
    if root_links[CHILD] >= WIDE * DEGREE {
        narrow(entries, root);
    }
}

/// Takes `hole` out of its heap; returns the new root if it was the root.
///
/// Its children, melded, take its place among its siblings: they lie above its parent as it did. So neither the root
/// nor the length class is looked at, which would be found only after several cache misses one behind the other.
#[inline(always)]
pub(crate) fn remove(entries: &mut [Entry], hole: Id) -> Option<Id> {
    let [word, next, before] = *links(entries, hole);
    let child = word & ID;
    let mut heir = next;
    if child == NIL {
        if before == NIL {
            return Some(NIL);
        }
        // Without a next sibling this writes to the sentinel, whose third link means nothing.
        links(entries, next)[BEFORE] = before;
    } else {
        heir = meld_all(entries, child);
        let heir_links = links(entries, heir);
        (heir_links[NEXT], heir_links[BEFORE]) = (next, before);
        if heir_links[CHILD] >= WIDE * DEGREE {
            narrow(entries, heir);
        }
        if before == NIL {
            return Some(heir);
        }
        links(entries, next)[BEFORE] = heir;
    }
    let before_links = links(entries, before);
    // `CHILD` of the parent, whose degree stays, or `NEXT` of the sibling, without a branch.
    let word = before_links[CHILD];
    let is_parent = word & ID == hole;
    let kept = select_unpredictable(is_parent, word & !ID, 0);
    before_links[usize::from(!is_parent)] = heir | kept;
    None
}

/// Joins two heaps, whose roots have no siblings, and returns the lower root.
#[inline(always)]
fn meld(entries: &mut [Entry], a: Id, b: Id) -> Id {
    // Which is lower cannot be foretold, so the choice is no branch.
    let is_ordered = entries[a as usize].offset < entries[b as usize].offset;
    let low = select_unpredictable(is_ordered, a, b);
    let high = a ^ b ^ low;
    let word = links(entries, low)[CHILD];
    let first = word & ID;
    links(entries, low)[CHILD] = (word & !ID).wrapping_add(DEGREE + high);
    // Without a child this writes to the sentinel, whose links mean nothing; a branch would cost more.
    links(entries, first)[BEFORE] = high;
    let high_links = links(entries, high);
    (high_links[NEXT], high_links[BEFORE]) = (first, low);
    low
}

/// As [`meld`], where the second heap may be empty.
#[inline(always)]
fn join(entries: &mut [Entry], a: Id, b: Id) -> Id {
    let is_ordered = entries[a as usize].offset < entries[b as usize].offset;
    let low = select_unpredictable(is_ordered, a, b);
    let high = a ^ b ^ low;
    let is_none = high == NIL;
    let word = links(entries, low)[CHILD];
    let first = word & ID;
    let more = select_unpredictable(is_none, first, DEGREE + high);
    links(entries, low)[CHILD] = (word & !ID).wrapping_add(more);
    links(entries, first)[BEFORE] = select_unpredictable(is_none, low, high);
    let high_links = links(entries, high);
    (high_links[NEXT], high_links[BEFORE]) = (select_unpredictable(is_none, NIL, first), low);
    low
}

/// Joins a list of siblings, which is not empty, into one heap: in pairs, and each pair with what came before it.
#[inline(always)]
fn meld_all(entries: &mut [Entry], first: Id) -> Id {
    let second = links(entries, first)[NEXT];
    // The sentinel's next sibling is none.
    let rest = links(entries, second)[NEXT];
    let pair = join(entries, first, second);
    if rest == NIL { pair } else { meld_pairs(entries, pair, rest) }
}

/// Joins a heap with the siblings that follow it.
#[inline(never)]
fn meld_pairs(entries: &mut [Entry], mut root: Id, mut rest: Id) -> Id {
    let mut words = links(entries, root)[CHILD];
    while rest != NIL {
        let first = rest;
        let [word, second, _] = *links(entries, first);
        let [other, next, _] = *links(entries, second);
        words |= word | other;
        if degree::may_overflow(words) {
            return degree::meld_by_degree(entries, root, first);
        }
        rest = next;
        let pair = join(entries, first, second);
        root = meld(entries, root, pair);
    }
    root
}

/// The lowest hole of a heap whose offset `suits`, [`NIL`] for none; adds to `looks` how many holes were looked at.
///
/// Looks at no hole above one that suits.
pub(crate) fn lowest_where(
    entries: &[Entry],
    root: Id,
    suits: impl Fn(u64) -> bool,
    looks: &mut u64,
) -> Id {
    // The sentinel lies above all holes.
    let (mut lowest, mut hole) = (NIL, root);
    while hole != NIL {
        *looks += 1;
        let offset = entries[hole as usize].offset;
        let is_lower = offset < entries[lowest as usize].offset;
        if is_lower && suits(offset) {
            lowest = hole;
        } else if is_lower && first_child(entries, hole) != NIL {
            hole = first_child(entries, hole);
            continue;
        }
        // All holes below it in the heap have higher addresses.
        hole = behind(entries, root, hole);
    }
    lowest
}

fn first_child(entries: &[Entry], hole: Id) -> Id {
    entries[hole as usize].links[CHILD] & ID
}

/// The hole that follows `hole` and all below it on a walk through the heap, [`NIL`] behind the last.
fn behind(entries: &[Entry], root: Id, mut hole: Id) -> Id {
    while hole != root {
        let next = entries[hole as usize].links[NEXT];
        if next != NIL {
            return next;
        }
        hole = parent(entries, hole);
    }
    NIL
}

/// Visits the holes of a heap, parents before children.
pub(crate) fn visit(entries: &[Entry], root: Id, each: &mut dyn FnMut(Id)) {
    let mut hole = root;
    while hole != NIL {
        each(hole);
        hole = match first_child(entries, hole) {
            NIL => behind(entries, root, hole),
            child => child,
        };
    }
}

fn parent(entries: &[Entry], mut hole: Id) -> Id {
    loop {
        let before = entries[hole as usize].links[BEFORE];
        if first_child(entries, before) == hole {
            return before;
        }
        hole = before;
    }
}

/// Counts the holes and checks their order, links and degrees.
pub(crate) fn check(entries: &[Entry], root: Id) -> Result<u64, String> {
    let mut count = 0;
    let mut fault = None;
    if root != NIL && entries[root as usize].links[BEFORE] != NIL {
        return Err(format!("hole {root} is the root of a heap by address, but has a link back"));
    }
    visit(entries, root, &mut |hole| {
        count += 1;
        let parent = &entries[hole as usize];
        let (mut before, mut child, mut children) = (hole, first_child(entries, hole), 0);
        while child != NIL {
            children += 1;
            let entry = &entries[child as usize];
            if entry.links[BEFORE] != before || entry.offset <= parent.offset {
                fault.get_or_insert_with(|| {
                    format!("hole {child} is misplaced below hole {hole} in a heap by address")
                });
            }
            (before, child) = (child, entry.links[NEXT]);
        }
        if children > parent.links[CHILD] / DEGREE {
            fault.get_or_insert_with(|| format!("hole {hole} has more children than its degree"));
        }
    });
    fault.map_or(Ok(count), Err)
}
