//! Heap maps: packing and unpacking what they hold.
//!
//! A [`HeapMap`] holds its pictures compressed. [`pack_rows`] and [`layers`] pack and unpack the states, and
//! [`Steps::pack`] and [`Steps::unpack`] the operations of a window. Unpacking believes nothing: what is damaged, too
//! long, or contradicts the map is an error.
//!
//! ```
//! use heaplab_report::map::{layers, pack_rows};
//! use heaplab_report::{HeapMap, MapLayer, MapRows};
//!
//! // `X-X` and then `XXX`.
//! let fill = vec![8, 0, 8, 8, 8, 8];
//! let mut map = HeapMap { extent_bytes: 3, granule_bytes: 1, to_operation: 2, ..HeapMap::default() };
//! map.rows = MapRows {
//!     columns: 3,
//!     operation_index: vec![0, 1],
//!     end_bytes: vec![3, 3],
//!     live_bytes: vec![2, 3],
//!     layers: vec![MapLayer::Fill],
//!     data: pack_rows(&[&fill], 3),
//!     ..MapRows::default()
//! };
//! assert_eq!(layers(&map)?, [fill]);
//! # Ok::<(), heaplab_report::map::MapError>(())
//! ```

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use crate::model::{HeapMap, MapLayer, MapRows};

mod check;
mod steps;

pub use steps::{BlockColumns, FateColumns, MoveColumns, OperationColumns, Steps};

/// What cannot be taken as a map.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// Not base64.
    #[error("the data is no base64: {0}")]
    NotBase64(String),
    /// Not what zlib writes, or cut off.
    #[error("the data cannot be decompressed: {0}")]
    NotZlib(String),
    /// Another number of bytes than the map has places for.
    #[error("{what}: expected {expected}, found {found}")]
    Length {
        /// What is counted.
        what: &'static str,
        /// How many there must be.
        expected: String,
        /// How many there are.
        found: String,
    },
    /// A value that contradicts the map.
    #[error("{0}")]
    Contradiction(String),
}

/// Packs layers of rows × `columns` bytes each for [`MapRows::data`].
///
/// # Panics
///
/// Never: memory takes all that is written to it.
pub fn pack_rows(layers: &[&[u8]], columns: u32) -> String {
    let columns = columns as usize;
    let mut bytes = Vec::with_capacity(layers.iter().map(|layer| layer.len()).sum());
    for layer in layers {
        // Most of a heap stays as it was: less the row above, most bytes are 0.
        bytes.extend(layer.iter().enumerate().map(|(at, &byte)| {
            let above = at.checked_sub(columns).map_or(0, |at| layer[at]);
            byte.wrapping_sub(above)
        }));
    }
    pack(&bytes)
}

/// The layers of a map, each rows × columns bytes, in the order of [`MapRows::layers`].
///
/// # Errors
///
/// [`MapError`] for damaged data, and for values that no map can have.
pub fn layers(map: &HeapMap) -> Result<Vec<Vec<u8>>, MapError> {
    check::shape(map)?;
    let MapRows { columns, operation_index, layers, data, .. } = &map.rows;
    let columns = *columns as usize;
    let size = columns * operation_index.len();
    let bytes = unpack(data, size * layers.len())?;
    if bytes.len() != size * layers.len() {
        return Err(MapError::Length {
            what: "bytes of the rows",
            expected: (size * layers.len()).to_string(),
            found: bytes.len().to_string(),
        });
    }
    let mut found = Vec::new();
    for (kind, packed) in layers.iter().zip(bytes.chunks(size.max(1))) {
        let mut layer = packed.to_vec();
        for at in columns..layer.len() {
            layer[at] = layer[at].wrapping_add(layer[at - columns]);
        }
        check::values(map, *kind, &layer)?;
        found.push(layer);
    }
    Ok(found)
}

impl HeapMap {
    /// The first layer of that kind among unpacked `layers`.
    pub fn layer<'a>(&self, layers: &'a [Vec<u8>], kind: MapLayer) -> Option<&'a [u8]> {
        let at = self.rows.layers.iter().position(|it| *it == kind)?;
        layers.get(at).map(Vec::as_slice)
    }

    /// Everything that contradicts itself in the map, in words; `None` for a sound one. Unpacks the map.
    pub fn problem(&self) -> Option<String> {
        let steps = || self.steps.as_ref().map_or(Ok(()), |it| Steps::unpack(self, it).map(drop));
        layers(self).map(drop).and_then(|()| steps()).err().map(|error| error.to_string())
    }
}

fn pack(bytes: &[u8]) -> String {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    // A vector takes everything.
    STANDARD.encode(packed.unwrap_or_default())
}

/// At most one byte more than `most`, so that whoever counts sees that there are too many.
fn unpack(data: &str, most: usize) -> Result<Vec<u8>, MapError> {
    let packed = STANDARD.decode(data).map_err(|error| MapError::NotBase64(error.to_string()))?;
    let mut bytes = Vec::new();
    let most = u64::try_from(most).unwrap_or(u64::MAX - 1);
    ZlibDecoder::new(packed.as_slice())
        .take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| MapError::NotZlib(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
