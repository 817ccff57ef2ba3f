//! The engine for many items: a tree over time whose nodes know which addresses are taken.

use super::{Item, LowestFit};

/// A segment tree over the beginnings of items.
///
/// A node that covers some span of time holds two sets of addresses: those that an item takes over its whole span (kept in
/// the topmost nodes that the item covers), and those that any item takes at some instant of it.
/// What is taken at some instant of an item's time is then the union of the second sets of the topmost nodes that the item
/// covers and the first sets of the nodes above them: about four sets for each halving of the time, each merged to as few
/// ranges as possible.
#[derive(Debug)]
pub(in crate::packing) struct Tree {
    leaves: usize,
    /// Node 1 is the root, the children of `n` are `2n` and `2n + 1`, and the leaves are the last half.
    throughout: Vec<Ranges>,
    sometimes: Vec<Ranges>,
    /// The sets that matter to the item being placed, and where each was last looked at.
    cursors: Vec<Cursor>,
}

#[derive(Clone, Copy, Debug)]
struct Cursor {
    node: u32,
    is_throughout: bool,
    /// Ranges before this one end below the offset in question.
    at: u32,
}

impl Tree {
    /// A tree for so many items.
    pub(in crate::packing) fn new(items: usize) -> Self {
        let leaves = items.max(1).next_power_of_two();
        let empty = || (0..2 * leaves).map(|_| Ranges::default()).collect();
        Self { leaves, throughout: empty(), sometimes: empty(), cursors: Vec::new() }
    }

    /// Calls `visit` with every node whose span the time touches; with `true` for the topmost ones that it covers.
    fn visit(leaves: usize, lower: usize, upper: usize, visit: &mut dyn FnMut(usize, bool)) {
        let mut pending = vec![(1, 0, leaves)];
        while let Some((node, from, to)) = pending.pop() {
            if lower >= to || from >= upper {
                continue;
            }
            let is_covered = lower <= from && to <= upper;
            visit(node, is_covered);
            if !is_covered {
                let middle = usize::midpoint(from, to);
                pending.push((2 * node + 1, middle, to));
                pending.push((2 * node, from, middle));
            }
        }
    }

    const fn times(item: &Item) -> (usize, usize) {
        (item.lower as usize, item.upper as usize)
    }
}

impl LowestFit for Tree {
    fn clear(&mut self) {
        self.throughout.iter_mut().chain(&mut self.sometimes).for_each(|set| set.0.clear());
    }

    #[expect(clippy::cast_possible_truncation, reason = "there are fewer than 2^31 items")]
    fn find(&mut self, item: &Item) -> u64 {
        let (lower, upper) = Self::times(item);
        let Self { throughout, sometimes, cursors, leaves } = self;
        cursors.clear();
        Self::visit(*leaves, lower, upper, &mut |node, is_covered| {
            let set = if is_covered { &sometimes[node] } else { &throughout[node] };
            if !set.0.is_empty() {
                cursors.push(Cursor { node: node as u32, is_throughout: !is_covered, at: 0 });
            }
        });
        let mut offset = 0;
        loop {
            let before = offset;
            cursors.retain_mut(|cursor| {
                let sets = if cursor.is_throughout { &*throughout } else { &*sometimes };
                let ranges = &sets[cursor.node as usize].0;
                loop {
                    cursor.at = skip(ranges, cursor.at as usize, offset) as u32;
                    match ranges.get(cursor.at as usize) {
                        Some(&(start, end)) if start.saturating_sub(offset) < item.len => {
                            offset = item.aligned(end);
                        }
                        found => return found.is_some(),
                    }
                }
            });
            if offset == before {
                return offset;
            }
        }
    }

    fn place(&mut self, item: &Item, offset: u64) {
        let (lower, upper) = Self::times(item);
        let Self { throughout, sometimes, leaves, .. } = self;
        let range = (offset, offset + item.len);
        Self::visit(*leaves, lower, upper, &mut |node, is_covered| {
            sometimes[node].insert(range);
            if is_covered {
                throughout[node].insert(range);
            }
        });
    }
}

/// The index of the first range from `at` on that ends above `offset`, found in steps that double.
#[inline]
fn skip(ranges: &[(u64, u64)], at: usize, offset: u64) -> usize {
    let is_below = |&(_, end): &(u64, u64)| end <= offset;
    let rest = &ranges[at..];
    if !rest.first().is_some_and(is_below) {
        return at;
    }
    let mut step = 1;
    while rest.get(step).is_some_and(is_below) {
        step *= 2;
    }
    let (from, to) = (step / 2, step.min(rest.len()));
    at + from + rest[from..to].partition_point(is_below)
}

/// Disjoint ranges of addresses in order, no two of which touch.
#[derive(Clone, Debug, Default)]
struct Ranges(Vec<(u64, u64)>);

impl Ranges {
    /// Adds a range, which may overlap others.
    fn insert(&mut self, (mut start, mut end): (u64, u64)) {
        let first = self.0.partition_point(|&(_, other)| other < start);
        let last = first + self.0[first..].partition_point(|&(other, _)| other <= end);
        if first == last {
            self.0.insert(first, (start, end));
            return;
        }
        start = start.min(self.0[first].0);
        end = end.max(self.0[last - 1].1);
        self.0[first] = (start, end);
        self.0.drain(first + 1..last);
    }
}
