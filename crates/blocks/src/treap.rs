//! Holes by length, equal ones by address: a treap whose priorities are a hash of the holes' indices.
//!
//! Links of a hole: its left and its right subtree, and the lowest hole of the subtree that it heads. Expected cost of every
//! operation: the logarithm of the number of holes.
//!
//! Source: Seidel, Aragon, "Randomized search trees", Algorithmica 16, 1996.

use alloc::string::String;

use crate::table::{Entries as _, Entry, Id, NIL};

const LEFT: usize = 0;
const RIGHT: usize = 1;
const LOWEST: usize = 2;

/// Whether `a` is before `b` in the order.
#[inline]
fn is_before(entries: &[Entry], a: Id, b: Id) -> bool {
    (entries.len_of(a), entries.offset(a)) < (entries.len_of(b), entries.offset(b))
}

/// The one of lower address.
#[inline]
fn lower(entries: &[Entry], a: Id, b: Id) -> Id {
    if entries.offset(a) < entries.offset(b) { a } else { b }
}

/// A hole's priority: its index, mixed so that neighboring indices get unrelated ones.
#[inline]
const fn priority(hole: Id) -> u32 {
    let x = (hole ^ (hole >> 16)).wrapping_mul(0x7FEB_352D);
    let x = (x ^ (x >> 15)).wrapping_mul(0x846C_A68B);
    x ^ (x >> 16)
}

/// Whether `a` belongs above `b`. The mixing is a bijection, so no two holes tie.
#[must_use]
#[inline]
pub const fn is_above(a: Id, b: Id) -> bool {
    priority(a) > priority(b)
}

#[inline]
fn refresh(entries: &mut [Entry], node: Id) {
    let [left, right, _] = *entries.links(node);
    let mut low = node;
    if left != NIL {
        low = lower(entries, low, entries.links(left)[LOWEST]);
    }
    if right != NIL {
        low = lower(entries, low, entries.links(right)[LOWEST]);
    }
    entries.links_mut(node)[LOWEST] = low;
}

/// The lowest hole of the tree with root `root`, which is not [`NIL`].
#[inline]
#[must_use]
pub fn lowest(entries: &[Entry], root: Id) -> Id {
    entries.links(root)[LOWEST]
}

/// Puts `hole` into the tree with root `root` and returns the new root.
pub fn insert(entries: &mut [Entry], root: Id, hole: Id) -> Id {
    if root == NIL {
        *entries.links_mut(hole) = [NIL, NIL, hole];
        return hole;
    }
    if is_above(hole, root) {
        let (left, right) = split(entries, root, hole);
        *entries.links_mut(hole) = [left, right, hole];
        refresh(entries, hole);
        return hole;
    }
    let side = if is_before(entries, hole, root) { LEFT } else { RIGHT };
    let subtree = insert(entries, entries.links(root)[side], hole);
    let low = lower(entries, entries.links(root)[LOWEST], hole);
    let links = entries.links_mut(root);
    (links[side], links[LOWEST]) = (subtree, low);
    root
}

/// Cuts a tree into the holes before and those behind `pivot`.
fn split(entries: &mut [Entry], root: Id, pivot: Id) -> (Id, Id) {
    if root == NIL {
        return (NIL, NIL);
    }
    if is_before(entries, root, pivot) {
        let (left, right) = split(entries, entries.links(root)[RIGHT], pivot);
        entries.links_mut(root)[RIGHT] = left;
        refresh(entries, root);
        (root, right)
    } else {
        let (left, right) = split(entries, entries.links(root)[LEFT], pivot);
        entries.links_mut(root)[LEFT] = right;
        refresh(entries, root);
        (left, root)
    }
}

/// Takes `hole` out of the tree with root `root`, which holds it, and returns the new root.
pub fn remove(entries: &mut [Entry], root: Id, hole: Id) -> Id {
    if root == hole {
        let [left, right, _] = *entries.links(hole);
        return join(entries, left, right);
    }
    let side = if is_before(entries, hole, root) { LEFT } else { RIGHT };
    let subtree = remove(entries, entries.links(root)[side], hole);
    entries.links_mut(root)[side] = subtree;
    if entries.links(root)[LOWEST] == hole {
        refresh(entries, root);
    }
    root
}

/// Joins two trees, all of `left` before all of `right`.
fn join(entries: &mut [Entry], left: Id, right: Id) -> Id {
    if left == NIL || right == NIL {
        // One of them is 0.
        return left | right;
    }
    let root = if is_above(left, right) {
        let joined = join(entries, entries.links(left)[RIGHT], right);
        entries.links_mut(left)[RIGHT] = joined;
        left
    } else {
        let joined = join(entries, left, entries.links(right)[LEFT]);
        entries.links_mut(right)[LEFT] = joined;
        right
    };
    refresh(entries, root);
    root
}

/// The first hole, in the tree's order, of which `reaches` holds, given that it holds of all behind it too.
#[must_use]
pub fn first(entries: &[Entry], root: Id, reaches: impl Fn(Id) -> bool) -> Option<Id> {
    let (mut node, mut found) = (root, None);
    while node != NIL {
        let [left, right, _] = *entries.links(node);
        if reaches(node) {
            (node, found) = (left, Some(node));
        } else {
            node = right;
        }
    }
    found
}

/// The last hole in the tree's order.
#[must_use]
pub fn last(entries: &[Entry], root: Id) -> Option<Id> {
    let (mut node, mut found) = (root, None);
    while node != NIL {
        (node, found) = (entries.links(node)[RIGHT], Some(node));
    }
    found
}

/// The lowest hole among those of which `reaches` holds, given that it holds of all behind them too.
#[must_use]
pub fn lowest_from(entries: &[Entry], root: Id, reaches: impl Fn(Id) -> bool) -> Option<Id> {
    let (mut node, mut found) = (root, None);
    while node != NIL {
        let [left, right, _] = *entries.links(node);
        if reaches(node) {
            let mut low = found.map_or(node, |found| lower(entries, found, node));
            if right != NIL {
                low = lower(entries, low, entries.links(right)[LOWEST]);
            }
            (node, found) = (left, Some(low));
        } else {
            node = right;
        }
    }
    found
}

/// The first hole in the tree's order that `reaches` (as do all behind it) and `suits`.
pub fn first_suiting(
    entries: &[Entry],
    root: Id,
    reaches: &impl Fn(Id) -> bool,
    suits: &impl Fn(Id) -> bool,
) -> Option<Id> {
    if root == NIL {
        return None;
    }
    let [left, right, _] = *entries.links(root);
    if reaches(root) {
        let before = first_suiting(entries, left, reaches, suits);
        if before.is_some() {
            return before;
        }
        if suits(root) {
            return Some(root);
        }
    }
    first_suiting(entries, right, reaches, suits)
}

/// The hole of lowest address that `suits`, if it lies below `bound`.
///
/// A subtree whose lowest hole does not lie below what was found already is not looked at.
pub fn lowest_where(
    entries: &[Entry],
    root: Id,
    bound: u64,
    suits: &impl Fn(Id) -> bool,
) -> Option<Id> {
    if root == NIL || entries.offset(lowest(entries, root)) >= bound {
        return None;
    }
    let lowest = lowest(entries, root);
    if suits(lowest) {
        return Some(lowest);
    }
    let [left, right, _] = *entries.links(root);
    let own = Some(root).filter(|&hole| entries.offset(hole) < bound && suits(hole));
    let below = |found: Option<Id>| found.map_or(bound, |hole| entries.offset(hole));
    let found = lowest_where(entries, left, below(own), suits).or(own);
    lowest_where(entries, right, below(found), suits).or(found)
}

/// Visits the holes of a tree in its order.
pub fn visit(entries: &[Entry], root: Id, each: &mut dyn FnMut(Id)) {
    if root != NIL {
        let [left, right, _] = *entries.links(root);
        visit(entries, left, each);
        each(root);
        visit(entries, right, each);
    }
}

/// Counts the holes and checks order, priorities and lowest holes.
///
/// # Errors
///
/// A description of the first contradiction.
pub fn check(entries: &[Entry], root: Id) -> Result<u64, String> {
    if root == NIL {
        return Ok(0);
    }
    let [left, right, low] = *entries.links(root);
    let mut expected = root;
    for (subtree, is_left) in [(left, true), (right, false)] {
        if subtree == NIL {
            continue;
        }
        if is_above(subtree, root) || is_before(entries, subtree, root) != is_left {
            return Err(alloc::format!("hole {subtree} is misplaced below hole {root} in a treap"));
        }
        expected = lower(entries, expected, entries.links(subtree)[LOWEST]);
    }
    if low != expected {
        return Err(alloc::format!("the lowest below hole {root} is {expected}, noted is {low}"));
    }
    Ok(1 + check(entries, left)? + check(entries, right)?)
}
