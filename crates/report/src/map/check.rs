//! What a map must satisfy beyond its types.

use super::MapError;
use crate::model::{HeapMap, MapLayer, MapRows};

fn contradiction(text: String) -> Result<(), MapError> {
    Err(MapError::Contradiction(text))
}

/// Counts and orders, before anything is unpacked.
pub(super) fn shape(map: &HeapMap) -> Result<(), MapError> {
    let rows = &map.rows;
    let count = rows.operation_index.len();
    for (what, found) in [("end_bytes", &rows.end_bytes), ("live_bytes", &rows.live_bytes)] {
        if found.len() != count {
            let (expected, found) = (count.to_string(), found.len().to_string());
            return Err(MapError::Length { what, expected, found });
        }
    }
    if count > MapRows::MAX_ROWS || count == 0 {
        let expected = format!("1 to {}", MapRows::MAX_ROWS);
        return Err(MapError::Length { what: "rows", expected, found: count.to_string() });
    }
    if rows.columns > MapRows::MAX_COLUMNS || rows.columns == 0 {
        let (expected, found) =
            (format!("1 to {}", MapRows::MAX_COLUMNS), rows.columns.to_string());
        return Err(MapError::Length { what: "columns", expected, found });
    }
    if rows.layers.first() != Some(&MapLayer::Fill) {
        return contradiction("the first layer is not `fill`".into());
    }
    if (1..rows.layers.len()).any(|at| rows.layers[..at].contains(&rows.layers[at])) {
        return contradiction("a layer occurs twice".into());
    }
    if !rows.operation_index.is_sorted_by(|before, after| before < after) {
        return contradiction("the rows are not in the order of their operations".into());
    }
    let shown = map.from_operation..map.to_operation;
    if let Some(index) = rows.operation_index.iter().find(|index| !shown.contains(index)) {
        let text = format!(
            "a row shows operation {index}, but the map goes from {} to before {}",
            shown.start, shown.end
        );
        return contradiction(text);
    }
    if let Some(end) = rows.end_bytes.iter().find(|end| **end > map.extent_bytes) {
        return contradiction(format!(
            "a row ends at {end} bytes, but the map covers {} bytes",
            map.extent_bytes
        ));
    }
    match rows.compacted_rows.iter().find(|row| **row as usize >= count) {
        Some(row) => contradiction(format!("row {row} of {count} is called compacted")),
        None => Ok(()),
    }
}

/// The values of one layer.
pub(super) fn values(map: &HeapMap, layer: MapLayer, bytes: &[u8]) -> Result<(), MapError> {
    let most = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
    let (name, most) = match layer {
        MapLayer::Fill => ("fill", MapRows::FULL),
        MapLayer::Born => ("born", u8::MAX),
        MapLayer::Size => ("size", 64),
        MapLayer::Thread => ("thread", most(map.threads.len())),
        MapLayer::Site => ("site", most(map.sites.len())),
    };
    match bytes.iter().find(|byte| **byte > most) {
        Some(byte) => {
            contradiction(format!("layer {name} holds {byte}, at most {most} means something"))
        }
        None => Ok(()),
    }
}
