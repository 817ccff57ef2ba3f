//! The heap cut into cells of equal length, each of which becomes a character.

use crate::stage::Spot;
use crate::{to_u64, to_usize};

/// A piece of the address range as it is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    /// Live bytes in it.
    pub(crate) live_bytes: u64,
    /// Bytes before the end of the last block.
    pub(crate) used_bytes: u64,
    /// Bytes that it stands for; the last cell of a heap may be shorter.
    pub(crate) bytes: u64,
    /// The block that covers most of it.
    pub(crate) main: Option<Spot>,
    /// Live bytes of that block.
    main_bytes: u64,
    /// A block in it lay elsewhere before.
    pub(crate) moved: bool,
}

/// What a cell holds, for drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    /// Live bytes alone.
    Full,
    /// At least half live.
    Most,
    /// Less than half live.
    Some,
    /// Free, before the end of the last block.
    Hole,
    /// Behind the last block.
    Wilderness,
}

impl Cell {
    pub(crate) const fn fill(&self) -> Fill {
        if self.live_bytes == 0 {
            return if self.used_bytes == 0 { Fill::Wilderness } else { Fill::Hole };
        }
        if self.live_bytes >= self.bytes {
            Fill::Full
        } else if self.live_bytes >= self.bytes.div_ceil(2) {
            Fill::Most
        } else {
            Fill::Some
        }
    }
}

impl Fill {
    /// The character of plain pictures.
    pub(crate) const fn sign(self) -> char {
        match self {
            Self::Full => 'X',
            Self::Most => 'x',
            Self::Some => ':',
            Self::Hole => '-',
            Self::Wilderness => '~',
        }
    }
}

/// The length of a cell, such that at most `count` of them cover `extent_bytes`.
pub(crate) fn cell_bytes(extent_bytes: u64, granule_bytes: u64, count: usize) -> u64 {
    let granules = extent_bytes.div_ceil(granule_bytes);
    granules.div_ceil(to_u64(count).max(1)).max(1).saturating_mul(granule_bytes)
}

/// Cuts `[0, extent_bytes)` into at most `count` cells of whole granules. Blocks may come in any order.
pub(crate) fn cells(
    spots: &[Spot],
    extent_bytes: u64,
    granule_bytes: u64,
    count: usize,
) -> Vec<Cell> {
    let width = cell_bytes(extent_bytes, granule_bytes, count);
    let number = to_usize(extent_bytes.div_ceil(width)).min(count);
    let mut cells = vec![Cell::default(); number];
    let mut end_bytes = 0;
    for spot in spots {
        let end = spot.offset + spot.len;
        end_bytes = end_bytes.max(end);
        let mut at = spot.offset;
        for cell in cells.iter_mut().skip(to_usize(spot.offset / width)) {
            if at >= end {
                break;
            }
            let next = (at / width + 1).saturating_mul(width).min(end);
            let covered = next - at;
            cell.live_bytes += covered;
            cell.moved |= spot.moved;
            if covered > cell.main_bytes {
                (cell.main, cell.main_bytes) = (Some(*spot), covered);
            }
            at = next;
        }
    }
    let mut start = 0;
    for cell in &mut cells {
        cell.bytes = width.min(extent_bytes - start);
        cell.used_bytes = end_bytes.saturating_sub(start).min(cell.bytes);
        start += width.min(extent_bytes - start);
    }
    cells
}

/// The address range that is drawn: the heap, or of an unlimited one the power of two that holds what was ever used.
pub(crate) fn extent_bytes(capacity_bytes: u64, high_water_bytes: u64, granule_bytes: u64) -> u64 {
    /// Beyond this a heap counts as unlimited as soon as it is nearly unused.
    const HUGE: u64 = 1 << 48;
    let used = high_water_bytes.max(granule_bytes.saturating_mul(64));
    if capacity_bytes < HUGE {
        capacity_bytes
    } else {
        used.checked_next_power_of_two().unwrap_or(u64::MAX).min(capacity_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(blocks: &[(u64, u64)], extent: u64, granule: u64, count: usize) -> String {
        let spots: Vec<_> = blocks
            .iter()
            .map(|&(offset, len)| Spot { offset, len, birth: 0, moved: false })
            .collect();
        cells(&spots, extent, granule, count).iter().map(|cell| cell.fill().sign()).collect()
    }

    #[test]
    fn a_granule_is_a_cell_where_there_is_room() {
        assert_eq!(signs(&[(4, 1), (0, 1), (2, 1)], 5, 1, 80), "X-X-X");
        assert_eq!(signs(&[(0, 16), (32, 32)], 96, 16, 6), "X-XX~~");
        assert_eq!(signs(&[], 5, 1, 80), "~~~~~");
    }

    #[test]
    fn a_cell_tells_how_much_of_it_is_live() {
        assert_eq!(signs(&[(0, 4), (4, 3), (8, 1), (19, 1)], 28, 1, 7), "Xx:-:~~");
        // Seven granules in three columns: cells of three, the last one shorter.
        assert_eq!(signs(&[(0, 3), (6, 1)], 7, 1, 3), "X-X");
        assert_eq!(cell_bytes(7, 1, 3), 3);
    }

    #[test]
    fn the_largest_granule_does_not_overflow() {
        for granule in [1 << 57, 1 << 58, 1 << 62, 1 << 63] {
            let capacity = u64::MAX / granule * granule;
            let extent = extent_bytes(capacity, 0, granule);
            assert_eq!(extent, capacity.min(granule.saturating_mul(64)), "{granule}");
        }
    }

    #[test]
    fn the_largest_heap_does_not_overflow() {
        assert_eq!(signs(&[(0, 1 << 62)], 1 << 62, 1, 4), "XXXX");
        assert_eq!(extent_bytes(1 << 62, 5_000, 16), 8_192);
        assert_eq!(extent_bytes(5, 5_000, 1), 5);
    }
}
