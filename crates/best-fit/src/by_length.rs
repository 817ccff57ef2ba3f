//! Holes in order of their lengths, equal ones in the order newest first: a treap with links back.
//!
//! ```text
//!              96 KiB                in order: 80, 96 (newer), 96, 112
//!             /      \
//!       80 KiB        112 KiB        a new hole of 96 KiB goes before all of its length
//!             \
//!              96 KiB (newer)
//! ```
//!
//! Links of a hole: its left and its right subtree, and the hole above it, [`NIL`] in the root. Nothing in a hole says
//! how new it is; its place among equal ones does, and the link back leads to that place without a comparison.
//! Priorities are a hash of the holes' indices, so the expected cost of every operation is the logarithm of the number
//! of holes.
//!
//! Source: Seidel, Aragon, "Randomized search trees", Algorithmica 16, 1996.

use alloc::format;
use alloc::string::String;

use heaplab_blocks::treap::is_above;
use heaplab_blocks::{Entries as _, Entry, Id, NIL};

const LEFT: usize = 0;
const RIGHT: usize = 1;
const UP: usize = 2;

/// Puts `hole` into the tree with root `root` ([`NIL`] for none), before all holes of its length; returns the new root.
pub(crate) fn insert(entries: &mut [Entry], mut root: Id, hole: Id) -> Id {
    let len = entries.len_of(hole);
    let (mut up, mut side, mut below) = (NIL, LEFT, root);
    while below != NIL && is_above(below, hole) {
        side = if entries.len_of(below) < len { RIGHT } else { LEFT };
        (up, below) = (below, entries.links(below)[side]);
    }
    hang(entries, &mut root, up, side, hole);
    // What was there is cut into the holes before and those behind the new one: the seams run down on both sides.
    let mut seams = [(hole, LEFT), (hole, RIGHT)];
    *entries.links_mut(hole) = [NIL, NIL, up];
    while below != NIL {
        let is_before = entries.len_of(below) < len;
        // One before the new hole hangs to its left, and on to the right of the one cut off last.
        let seam = &mut seams[usize::from(!is_before)];
        let (above, at) = *seam;
        let inner = if is_before { RIGHT } else { LEFT };
        *seam = (below, inner);
        entries.links_mut(above)[at] = below;
        let links = entries.links_mut(below);
        links[UP] = above;
        below = core::mem::replace(&mut links[inner], NIL);
    }
    root
}

/// Takes `hole` out of the tree with root `root`; returns the new root.
pub(crate) fn remove(entries: &mut [Entry], mut root: Id, hole: Id) -> Id {
    let [mut left, mut right, mut up] = *entries.links(hole);
    let mut side = LEFT;
    if up != NIL && entries.links(up)[LEFT] != hole {
        side = RIGHT;
    }
    // Its two subtrees are joined along the right edge of the one and the left edge of the other.
    while left != NIL && right != NIL {
        let (above, inner, rest) = if is_above(left, right) {
            (left, RIGHT, &mut left)
        } else {
            (right, LEFT, &mut right)
        };
        *rest = entries.links(above)[inner];
        hang(entries, &mut root, up, side, above);
        (up, side) = (above, inner);
    }
    let last = if left == NIL { right } else { left };
    hang(entries, &mut root, up, side, last);
    root
}

/// Hangs a subtree, [`NIL`] for an empty one, below `up`, or makes it the tree if that is none.
fn hang(entries: &mut [Entry], root: &mut Id, up: Id, side: usize, subtree: Id) {
    if up == NIL {
        *root = subtree;
    } else {
        entries.links_mut(up)[side] = subtree;
    }
    if subtree != NIL {
        entries.links_mut(subtree)[UP] = up;
    }
}

/// The first hole in order of at least `len` bytes: the shortest, and of those the newest.
pub(crate) fn first_from(entries: &[Entry], root: Id, len: u64) -> Option<Id> {
    let (mut found, mut hole) = (None, root);
    while hole != NIL {
        let [left, right, _] = *entries.links(hole);
        if entries.len_of(hole) < len {
            hole = right;
        } else {
            (found, hole) = (Some(hole), left);
        }
    }
    found
}

/// The length of the longest hole, 0 if there is none.
pub(crate) fn longest(entries: &[Entry], root: Id) -> u64 {
    if root == NIL { 0 } else { entries.len_of(outermost(entries, root, RIGHT)) }
}

/// All holes in order.
pub(crate) fn in_order(entries: &[Entry], root: Id) -> impl Iterator<Item = Id> {
    let first = (root != NIL).then(|| outermost(entries, root, LEFT));
    core::iter::successors(first, move |&hole| {
        let [_, right, mut up] = *entries.links(hole);
        if right != NIL {
            return Some(outermost(entries, right, LEFT));
        }
        // Up until a hole is reached from its left.
        let mut below = hole;
        while up != NIL && entries.links(up)[RIGHT] == below {
            (below, up) = (up, entries.links(up)[UP]);
        }
        (up != NIL).then_some(up)
    })
}

fn outermost(entries: &[Entry], mut hole: Id, side: usize) -> Id {
    loop {
        match entries.links(hole)[side] {
            NIL => return hole,
            further => hole = further,
        }
    }
}

/// Counts the holes; checks their order, their links, and that each `belongs` here.
pub(crate) fn check(
    entries: &[Entry],
    root: Id,
    belongs: impl Fn(Id) -> bool,
) -> Result<u64, String> {
    let (mut count, mut before) = (0, 0);
    for hole in in_order(entries, root) {
        let [left, right, up] = *entries.links(hole);
        let mut below = [left, right].into_iter().filter(|&child| child != NIL);
        let is_linked =
            below.all(|child| entries.links(child)[UP] == hole && is_above(hole, child));
        if !belongs(hole)
            || !is_linked
            || (up == NIL) != (hole == root)
            || entries.len_of(hole) < before
        {
            return Err(format!("hole {hole} is misplaced among those of its length"));
        }
        (count, before) = (count + 1, entries.len_of(hole));
    }
    Ok(count)
}
