//! Placing buffers one after another, each at the lowest offset that is free over its whole time.
//!
//! Two engines give the same offsets: a list for few buffers, which starts in no time, and a tree for many.

use heaplab_core::align_up;

mod list;
mod tree;

pub(super) use list::List;
pub(super) use tree::Tree;

/// A buffer whose times are counted in beginnings of buffers: two buffers stand together at some instant exactly if they
/// do so at the beginning of one of them, so no other instants matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// Its own number among the beginnings.
    pub(super) lower: u32,
    /// The number of beginnings before its end.
    pub(super) upper: u32,
    pub(super) len: u64,
    pub(super) align: u64,
}

impl Item {
    pub(super) const fn overlaps(&self, lower: u32, upper: u32) -> bool {
        self.lower < upper && lower < self.upper
    }

    /// The lowest suitable offset at or above `offset`; the largest number where there is none.
    #[inline]
    pub(super) fn aligned(&self, offset: u64) -> u64 {
        align_up(offset, self.align).unwrap_or(u64::MAX)
    }
}

/// Places items that stay.
pub(super) trait LowestFit {
    /// Forgets all items.
    fn clear(&mut self);

    /// The lowest offset at which the item hits none that was placed before.
    fn find(&mut self, item: &Item) -> u64;

    /// Places the item there.
    fn place(&mut self, item: &Item, offset: u64);
}

/// Places the items in that order and returns the highest end; the position in the order of the first item that would end
/// above `limit_bytes` is the error, and nothing is said of the items from there on.
pub(super) fn place_all(
    engine: &mut dyn LowestFit,
    items: &[Item],
    order: &[u32],
    limit_bytes: u64,
    offsets: &mut [u64],
    is_over: &mut dyn FnMut() -> bool,
) -> Result<u64, Broken> {
    engine.clear();
    let mut highest = 0;
    for (position, &index) in order.iter().enumerate() {
        let item = &items[index as usize];
        let offset = engine.find(item);
        let end = offset.checked_add(item.len).filter(|&end| end <= limit_bytes);
        let Some(end) = end else { return Err(Broken::AtLimit(position)) };
        if position % 64 == 63 && is_over() {
            return Err(Broken::Late);
        }
        engine.place(item, offset);
        offsets[index as usize] = offset;
        highest = highest.max(end);
    }
    Ok(highest)
}

/// Why not all items were placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The item at this position of the order would end above the limit.
    AtLimit(usize),
    /// The time is up.
    Late,
}
