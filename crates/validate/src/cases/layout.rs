//! Layouts of very small heaps, for searches that visit all of them.

use heaplab_core::Block;

/// A layout: a bit for each live cell, and above them a bit for each cell in which a block begins.
pub(super) type Layout = u64;

/// Cells that a [`Layout`] can tell of.
pub(super) const CELLS: u64 = 32;

/// The blocks of a layout in address order.
pub(super) fn blocks(layout: Layout) -> impl Iterator<Item = Block> {
    let (live, starts) = (layout & 0xffff_ffff, layout >> CELLS);
    let mut rest = starts;
    std::iter::from_fn(move || {
        let offset = rest.trailing_zeros();
        if rest == 0 {
            return None;
        }
        rest &= rest - 1;
        // The block ends at the first cell behind its start that is dead or begins another one.
        let ends = (!live | rest) >> offset;
        Some(Block { offset: offset.into(), len: (ends & !1).trailing_zeros().into() })
    })
}

/// The layout with a block more, or without it.
pub(super) const fn toggle(layout: Layout, block: Block) -> Layout {
    let cells = ((1 << block.len) - 1) << block.offset;
    layout ^ cells ^ (1 << (block.offset + CELLS))
}

/// Cells that are live.
pub(super) fn live_words(layout: Layout) -> u64 {
    u64::from((layout & 0xffff_ffff).count_ones())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_are_read_as_they_are_written() {
        let pieces = [(0, 2), (2, 1), (5, 4)].map(|(offset, len)| Block { offset, len });
        let layout = pieces.into_iter().fold(0, toggle);
        assert_eq!(blocks(layout).collect::<Vec<_>>(), pieces);
        assert_eq!(toggle(layout, pieces[1]), toggle(toggle(0, pieces[0]), pieces[2]));
        assert_eq!(blocks(0).count(), 0);
        let last = Block { offset: 31, len: 1 };
        assert_eq!(blocks(toggle(0, last)).collect::<Vec<_>>(), [last]);
    }
}
