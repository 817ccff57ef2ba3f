//! The picture of a heap at one moment.

use heaplab_report::HoleClass;
use heaplab_report::explain::{Map, Picture};

use super::layout::{Layout, Wanted};
use super::pins::{Blocks, pins};

/// The most columns of a map.
const COLUMNS: u64 = 64;

/// What the layout alone does not tell.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) is_unlimited: bool,
    pub(super) granule_bytes: u64,
    pub(super) peak_live_bytes: u64,
    pub(super) wanted: Option<Wanted>,
    pub(super) blocks: Blocks<'a>,
}

pub(super) fn picture(layout: &Layout<'_>, scene: Scene<'_>) -> Picture {
    let (live_bytes, used_bytes) = (layout.live_bytes(), layout.end());
    let mut classes = [HoleClass::default(); 64];
    let (mut holes, mut largest_hole_bytes) = (0, 0);
    // The last gap is the wilderness.
    for gap in layout.gaps().take(layout.blocks.len()).filter(|gap| gap.len() > 0) {
        holes += 1;
        largest_hole_bytes = largest_hole_bytes.max(gap.len());
        let class = &mut classes[gap.len().ilog2() as usize];
        class.from_bytes = 1 << gap.len().ilog2();
        class.holes += 1;
        class.bytes += gap.len();
    }
    let limited = |bytes: u64| (!scene.is_unlimited).then_some(bytes);
    let extent_bytes = limited(layout.capacity_bytes).unwrap_or(used_bytes);
    Picture {
        live_bytes,
        live_blocks: u64::try_from(layout.blocks.len()).unwrap_or(u64::MAX),
        peak_live_bytes: scene.peak_live_bytes,
        used_bytes,
        holes,
        hole_bytes: used_bytes.saturating_sub(live_bytes),
        largest_hole_bytes,
        wilderness_bytes: limited(layout.capacity_bytes - used_bytes),
        free_bytes: limited(layout.capacity_bytes - live_bytes),
        largest_fit_bytes: scene.wanted.map(|wanted| layout.largest_fit(wanted.align)),
        hole_histogram: classes.into_iter().filter(|class| class.holes > 0).collect(),
        map: map(layout, extent_bytes, scene.granule_bytes),
        pins: pins(layout, scene.is_unlimited, scene.blocks),
    }
}

/// The live bytes of each column; a heap of fewer granules than columns has one column for each.
fn map(layout: &Layout<'_>, extent_bytes: u64, granule_bytes: u64) -> Map {
    let columns = (extent_bytes / granule_bytes).min(COLUMNS);
    let mut live_bytes = vec![0; usize::try_from(columns).unwrap_or(0)];
    let start = |column: usize| {
        let at = u128::from(extent_bytes) * (column as u128) / u128::from(columns.max(1));
        u64::try_from(at).unwrap_or(u64::MAX)
    };
    let mut column = 0;
    for block in layout.blocks {
        let mut from = block.offset;
        while from < block.end() && column < live_bytes.len() {
            let edge = start(column + 1);
            if from < edge {
                live_bytes[column] += block.end().min(edge) - from;
                from = block.end().min(edge);
            }
            if from >= edge {
                column += 1;
            }
        }
    }
    Map { extent_bytes, live_bytes }
}

#[cfg(test)]
mod tests;
