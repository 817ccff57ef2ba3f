//! Holes as a search tree: a treap whose priorities are a hash of the holes' indices.
//!
//! Links of a hole: its left and its right subtree, and the best hole of the subtree that it heads. What is ordered by,
//! and what is best, is up to an [`Order`]. Expected cost of every operation: the logarithm of the number of holes.
//!
//! Source: Seidel, Aragon, "Randomized search trees", Algorithmica 16, 1996.

use alloc::string::String;

use crate::table::{Entries as _, Entry, Id, NIL};

const LEFT: usize = 0;
const RIGHT: usize = 1;
const BEST: usize = 2;

/// What a treap is ordered by, and which hole of a subtree it keeps at hand.
pub trait Order {
    /// A strict total order of holes.
    fn is_before(entries: &[Entry], a: Id, b: Id) -> bool;

    /// The better of two holes.
    fn better(entries: &[Entry], a: Id, b: Id) -> Id;
}

/// By length, equal ones by address; the lowest address is best.
#[derive(Debug)]
pub struct ByLength;

impl Order for ByLength {
    #[inline]
    fn is_before(entries: &[Entry], a: Id, b: Id) -> bool {
        (entries.len_of(a), entries.offset(a)) < (entries.len_of(b), entries.offset(b))
    }

    #[inline]
    fn better(entries: &[Entry], a: Id, b: Id) -> Id {
        if entries.offset(a) < entries.offset(b) { a } else { b }
    }
}

/// By address; the longest is best, of equal ones the lowest.
#[derive(Debug)]
pub struct ByAddress;

impl Order for ByAddress {
    #[inline]
    fn is_before(entries: &[Entry], a: Id, b: Id) -> bool {
        entries.offset(a) < entries.offset(b)
    }

    #[inline]
    fn better(entries: &[Entry], a: Id, b: Id) -> Id {
        let key = |hole| (entries.len_of(hole), core::cmp::Reverse(entries.offset(hole)));
        if key(a) < key(b) { b } else { a }
    }
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
fn refresh<O: Order>(entries: &mut [Entry], node: Id) {
    let [left, right, _] = *entries.links(node);
    let mut best = node;
    if left != NIL {
        best = O::better(entries, best, entries.links(left)[BEST]);
    }
    if right != NIL {
        best = O::better(entries, best, entries.links(right)[BEST]);
    }
    entries.links_mut(node)[BEST] = best;
}

/// The best hole of the tree with root `root`, which is not [`NIL`].
#[inline]
#[must_use]
pub fn best(entries: &[Entry], root: Id) -> Id {
    entries.links(root)[BEST]
}

/// Puts `hole` into the tree with root `root` and returns the new root.
pub fn insert<O: Order>(entries: &mut [Entry], root: Id, hole: Id) -> Id {
    if root == NIL {
        *entries.links_mut(hole) = [NIL, NIL, hole];
        return hole;
    }
    if is_above(hole, root) {
        let (left, right) = split::<O>(entries, root, hole);
        *entries.links_mut(hole) = [left, right, hole];
        refresh::<O>(entries, hole);
        return hole;
    }
    let side = if O::is_before(entries, hole, root) { LEFT } else { RIGHT };
    let subtree = insert::<O>(entries, entries.links(root)[side], hole);
    let best = O::better(entries, entries.links(root)[BEST], hole);
    let links = entries.links_mut(root);
    (links[side], links[BEST]) = (subtree, best);
    root
}

/// Cuts a tree into the holes before and those behind `pivot`.
fn split<O: Order>(entries: &mut [Entry], root: Id, pivot: Id) -> (Id, Id) {
    if root == NIL {
        return (NIL, NIL);
    }
    if O::is_before(entries, root, pivot) {
        let (left, right) = split::<O>(entries, entries.links(root)[RIGHT], pivot);
        entries.links_mut(root)[RIGHT] = left;
        refresh::<O>(entries, root);
        (root, right)
    } else {
        let (left, right) = split::<O>(entries, entries.links(root)[LEFT], pivot);
        entries.links_mut(root)[LEFT] = right;
        refresh::<O>(entries, root);
        (left, root)
    }
}

/// Takes `hole` out of the tree with root `root`, which holds it, and returns the new root.
pub fn remove<O: Order>(entries: &mut [Entry], root: Id, hole: Id) -> Id {
    if root == hole {
        let [left, right, _] = *entries.links(hole);
        return join::<O>(entries, left, right);
    }
    let side = if O::is_before(entries, hole, root) { LEFT } else { RIGHT };
    let subtree = remove::<O>(entries, entries.links(root)[side], hole);
    entries.links_mut(root)[side] = subtree;
    if entries.links(root)[BEST] == hole {
        refresh::<O>(entries, root);
    }
    root
}

/// Joins two trees, all of `left` before all of `right`.
fn join<O: Order>(entries: &mut [Entry], left: Id, right: Id) -> Id {
    if left == NIL || right == NIL {
        // One of them is 0.
        return left | right;
    }
    let root = if is_above(left, right) {
        let joined = join::<O>(entries, entries.links(left)[RIGHT], right);
        entries.links_mut(left)[RIGHT] = joined;
        left
    } else {
        let joined = join::<O>(entries, left, entries.links(right)[LEFT]);
        entries.links_mut(right)[LEFT] = joined;
        right
    };
    refresh::<O>(entries, root);
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

/// The best hole among those of which `reaches` holds, given that it holds of all behind them too.
#[must_use]
pub fn best_from<O: Order>(
    entries: &[Entry],
    root: Id,
    reaches: impl Fn(Id) -> bool,
) -> Option<Id> {
    let (mut node, mut found) = (root, None);
    while node != NIL {
        let [left, right, _] = *entries.links(node);
        if reaches(node) {
            let mut best = found.map_or(node, |found| O::better(entries, found, node));
            if right != NIL {
                best = O::better(entries, best, entries.links(right)[BEST]);
            }
            (node, found) = (left, Some(best));
        } else {
            node = right;
        }
    }
    found
}

/// The first hole in the tree's order that `reaches` (as do all behind it) and `suits`.
///
/// A subtree is searched only if its best hole `may_suit`; what suits may suit, and if a hole may suit, so may any
/// better one.
pub fn first_fit(
    entries: &[Entry],
    root: Id,
    reaches: &impl Fn(Id) -> bool,
    may_suit: &impl Fn(Id) -> bool,
    suits: &impl Fn(Id) -> bool,
) -> Option<Id> {
    if root == NIL || !may_suit(best(entries, root)) {
        return None;
    }
    let [left, right, _] = *entries.links(root);
    if reaches(root) {
        let before = first_fit(entries, left, reaches, may_suit, suits);
        if before.is_some() {
            return before;
        }
        if suits(root) {
            return Some(root);
        }
    }
    first_fit(entries, right, reaches, may_suit, suits)
}

/// The hole of lowest address that `suits`, if it lies below `bound`.
///
/// For trees [`ByLength`]: what is best in a subtree bounds all its holes from below, so a subtree whose best does not lie
/// below what was found already is not looked at.
pub fn lowest_where(
    entries: &[Entry],
    root: Id,
    bound: u64,
    suits: &impl Fn(Id) -> bool,
) -> Option<Id> {
    if root == NIL || entries.offset(best(entries, root)) >= bound {
        return None;
    }
    let best = best(entries, root);
    if suits(best) {
        return Some(best);
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

/// Counts the holes and checks order, priorities and best holes.
///
/// # Errors
///
/// A description of the first contradiction.
pub fn check<O: Order>(entries: &[Entry], root: Id) -> Result<u64, String> {
    if root == NIL {
        return Ok(0);
    }
    let [left, right, best] = *entries.links(root);
    let mut expected = root;
    for (subtree, is_left) in [(left, true), (right, false)] {
        if subtree == NIL {
            continue;
        }
        if is_above(subtree, root) || O::is_before(entries, subtree, root) != is_left {
            return Err(alloc::format!("hole {subtree} is misplaced below hole {root} in a treap"));
        }
        expected = O::better(entries, expected, entries.links(subtree)[BEST]);
    }
    if best != expected {
        return Err(alloc::format!("best of hole {root}'s subtree is {expected}, noted is {best}"));
    }
    Ok(1 + check::<O>(entries, left)? + check::<O>(entries, right)?)
}
