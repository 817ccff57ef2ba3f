//! The engine for few items: all of them by offset.

use super::{Item, LowestFit};

/// Looks at every placed item, from the lowest on, until a gap is found.
#[derive(Debug, Default)]
pub(in crate::packing) struct List {
    /// In the order of their offsets.
    placed: Vec<Placed>,
}

#[derive(Clone, Copy, Debug)]
struct Placed {
    offset: u64,
    end: u64,
    lower: u32,
    upper: u32,
}

impl LowestFit for List {
    fn clear(&mut self) {
        self.placed.clear();
    }

    fn find(&mut self, item: &Item) -> u64 {
        let mut offset = 0;
        for other in &self.placed {
            if !item.overlaps(other.lower, other.upper) {
                continue;
            }
            if other.offset.checked_sub(offset).is_some_and(|gap| gap >= item.len) {
                break;
            }
            if other.end > offset {
                offset = item.aligned(other.end);
            }
        }
        offset
    }

    fn place(&mut self, item: &Item, offset: u64) {
        let Item { lower, upper, len, .. } = *item;
        let at = self.placed.partition_point(|other| other.offset < offset);
        self.placed.insert(at, Placed { offset, end: offset + len, lower, upper });
    }
}
