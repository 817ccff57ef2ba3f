//! Rows of a map, cut into columns.

use heaplab_core::Block;
use heaplab_report::map::pack_rows;
use heaplab_report::{MapLayer, MapRows};

use super::survey::Survey;
use crate::explain::stage::Live;

/// Columns are not joined below this.
const FEWEST_COLUMNS: u32 = 64;

/// The rows so far.
#[derive(Debug)]
pub(super) struct Grid {
    /// Where each column begins, and behind the last one the extent.
    edges: Vec<u64>,
    columns: u32,
    kinds: Vec<MapLayer>,
    /// In the order of `kinds`.
    layers: Vec<Vec<u8>>,
    rows: MapRows,
}

/// The block that covers most of a column.
#[derive(Clone, Copy, Debug)]
struct Most {
    covered: u64,
    offset: u64,
    live: Live,
}

/// One state of the heap, spread over the columns.
#[derive(Debug)]
pub(super) struct Cover {
    live_bytes: Vec<u64>,
    most: Vec<Option<Most>>,
}

impl Grid {
    pub(super) fn new(extent_bytes: u64, granule_bytes: u64, survey: &Survey) -> Self {
        let most = u64::from(MapRows::MAX_COLUMNS);
        let columns = (extent_bytes / granule_bytes).clamp(1, most);
        let edge = |column: u64| {
            let at = u128::from(extent_bytes) * u128::from(column) / u128::from(columns);
            u64::try_from(at).unwrap_or(u64::MAX)
        };
        let mut kinds = vec![MapLayer::Fill, MapLayer::Born, MapLayer::Size];
        kinds.extend(survey.threads.is_known().then_some(MapLayer::Thread));
        kinds.extend(survey.sites.is_known().then_some(MapLayer::Site));
        Self {
            edges: (0..=columns).map(edge).collect(),
            columns: u32::try_from(columns).unwrap_or(MapRows::MAX_COLUMNS),
            layers: vec![Vec::new(); kinds.len()],
            kinds,
            rows: MapRows::default(),
        }
    }

    fn width(&self, column: usize) -> u64 {
        self.edges[column + 1] - self.edges[column]
    }

    /// Adds a row.
    pub(super) fn push(
        &mut self,
        cover: &Cover,
        survey: &Survey,
        end_bytes: u64,
        live_bytes: u64,
        is_compacted: bool,
    ) {
        if is_compacted {
            self.rows.compacted_rows.extend(u32::try_from(self.rows.end_bytes.len()).ok());
        }
        self.rows.end_bytes.push(end_bytes);
        self.rows.live_bytes.push(live_bytes);
        for (kind, layer) in self.kinds.iter().zip(&mut self.layers) {
            for column in 0..cover.live_bytes.len() {
                let width = self.edges[column + 1] - self.edges[column];
                let byte = match (kind, cover.most[column]) {
                    (MapLayer::Fill, _) => fill(cover.live_bytes[column], width),
                    (_, None) => 0,
                    (MapLayer::Born, Some(most)) => {
                        let row = survey.rows.partition_point(|row| *row < most.live.born);
                        u8::try_from(row + 1).unwrap_or(u8::MAX)
                    }
                    (MapLayer::Size, Some(most)) => {
                        u8::try_from(u64::BITS - most.live.len.leading_zeros()).unwrap_or(u8::MAX)
                    }
                    (MapLayer::Thread, Some(most)) => survey.threads.byte(most.live.origin.thread),
                    (MapLayer::Site, Some(most)) => survey.sites.byte(most.live.origin.site),
                };
                layer.push(byte);
            }
        }
    }

    /// Packs the rows, with as many columns as fit into so many bytes.
    pub(super) fn pack(mut self, packed_bytes: usize) -> MapRows {
        loop {
            let layers: Vec<&[u8]> = self.layers.iter().map(Vec::as_slice).collect();
            let data = pack_rows(&layers, self.columns);
            if data.len() <= packed_bytes
                || self.columns < 2 * FEWEST_COLUMNS
                || self.columns % 2 == 1
            {
                let (columns, layers) = (self.columns, self.kinds);
                return MapRows { columns, layers, data, ..self.rows };
            }
            self.join_columns();
        }
    }

    /// Makes one column of two neighbors. Both have nearly the same width, so their parts are taken as equal; what is
    /// neither empty nor full stays so.
    fn join_columns(&mut self) {
        let fill = std::mem::take(&mut self.layers[0]);
        let pairs = || fill.chunks_exact(2);
        for layer in &mut self.layers[1..] {
            *layer = (layer.chunks_exact(2).zip(pairs()))
                .map(|(values, fill)| values[usize::from(fill[1] > fill[0])])
                .collect();
        }
        self.layers[0] = pairs().map(|pair| joined_fill(pair[0], pair[1])).collect();
        self.columns /= 2;
    }
}

fn joined_fill(left: u8, right: u8) -> u8 {
    match left + right {
        0 => 0,
        both if both == 2 * MapRows::FULL => MapRows::FULL,
        both => both.div_ceil(2).clamp(1, MapRows::FULL - 1),
    }
}

/// Eighths, rounded up; 0 only for nothing and 8 only for everything.
fn fill(live: u64, width: u64) -> u8 {
    if live == 0 {
        return 0;
    }
    if live >= width {
        return MapRows::FULL;
    }
    let eighths = (u128::from(live) * u128::from(MapRows::FULL)).div_ceil(u128::from(width));
    u8::try_from(eighths).map_or(MapRows::FULL - 1, |it| it.clamp(1, MapRows::FULL - 1))
}

impl Cover {
    pub(super) fn new(grid: &Grid) -> Self {
        let columns = grid.columns as usize;
        Self { live_bytes: vec![0; columns], most: vec![None; columns] }
    }

    /// Adds a live block.
    pub(super) fn add(&mut self, grid: &Grid, block: Block, live: &Live) {
        let mut column = grid.edges.partition_point(|edge| *edge <= block.offset).saturating_sub(1);
        while column < self.live_bytes.len() && grid.edges[column] < block.end() {
            let from = block.offset.max(grid.edges[column]);
            let covered = block.end().min(grid.edges[column] + grid.width(column)) - from;
            self.live_bytes[column] += covered;
            let is_most = self.most[column]
                .is_none_or(|most| (covered, most.offset) > (most.covered, block.offset));
            if is_most && covered > 0 {
                self.most[column] = Some(Most { covered, offset: block.offset, live: *live });
            }
            column += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_a_single_live_byte_nor_a_single_free_one_is_lost() {
        assert_eq!([0, 1, 500, 501, 999, 1_000].map(|live| fill(live, 1_000)), [0, 1, 4, 5, 7, 8]);
        assert_eq!(joined_fill(0, 0), 0);
        assert_eq!(joined_fill(0, 1), 1);
        assert_eq!(joined_fill(8, 7), 7);
        assert_eq!(joined_fill(8, 8), 8);
        assert_eq!(joined_fill(8, 0), 4);
    }
}
