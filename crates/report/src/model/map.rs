//! Heap maps: what a replay did to the heap, as pictures.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::big_uint::{self, Uint};
use super::cell::HeapSpec;

/// The heap of one trace × strategy × heap size over a range of operations: addresses across, operations down.
///
/// A map is made by a replay of its own, which is never timed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct HeapMap {
    /// Name of the trace, one of `traces[].name`.
    pub trace: String,
    /// Name of the strategy, one of `strategies[].name`.
    pub strategy: String,
    /// The heap that was given.
    pub heap: HeapSpec,
    /// Smallest unit of size and address, in bytes; a power of two.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub granule_bytes: u64,
    /// Index of the first operation that is shown, from 0.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub from_operation: u64,
    /// Index behind the last operation that is shown.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub to_operation: u64,
    /// Bytes across: the heap's capacity, or for a heap without limit the highest end of a block that is shown.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub extent_bytes: u64,
    /// The earliest operation that is shown after which the last block ended highest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high_water: Option<MapPoint>,
    /// The request that was refused, where one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<MapFailure>,
    /// Operations that are shown during which blocks other than their own moved.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub compactions: u64,
    /// Bytes that moved during the operations that are shown, those of moving resizes among them.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub relocated_bytes: u64,
    /// Threads that the layer `thread` tells apart: byte `k` stands for `threads[k - 1]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threads: Vec<String>,
    /// Call sites that the layer `site` tells apart: byte `k` stands for `sites[k - 1]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<String>,
    /// States of the heap, one a row.
    pub rows: MapRows,
    /// Every operation that is shown, where the map is a window that holds each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<MapSteps>,
}

/// A height that the heap reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct MapPoint {
    /// Index of the operation after which it was reached.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub operation: u64,
    /// End of the last block, in bytes from the heap's start.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub bytes: u64,
}

/// A request that was refused; the state before it is the last row.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct MapFailure {
    /// Index of the operation.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub operation: u64,
    /// Bytes that it asked for, rounded to the granule.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub requested_bytes: u64,
    /// Free bytes at that moment: all holes and the wilderness.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub free_bytes: u64,
    /// Number of holes at that moment, the wilderness not among them.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub holes: u64,
    /// Length of the largest hole at that moment, in bytes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub largest_hole_bytes: u64,
    /// Where the largest holes begin, in bytes from the heap's start; at most 32, largest first.
    #[serde(default, with = "big_uint", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Uint>")]
    pub hole_offset_bytes: Vec<u64>,
    /// Their lengths in bytes.
    #[serde(default, with = "big_uint", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Uint>")]
    pub hole_bytes: Vec<u64>,
}

/// States of the heap, each cut into columns of equally many bytes.
///
/// Column `c` of `n` covers the addresses from `extent_bytes * c / n`, rounded down, to where the next one begins.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct MapRows {
    /// How the states were chosen, in words.
    pub reduction: String,
    /// Columns of each row, at most 512.
    pub columns: u32,
    /// Index of the operation after which each row shows the heap, ascending; at most 256.
    #[serde(with = "big_uint")]
    #[schemars(with = "Vec<Uint>")]
    pub operation_index: Vec<u64>,
    /// End of the last block in each row, in bytes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Vec<Uint>")]
    pub end_bytes: Vec<u64>,
    /// Rounded live bytes in each row.
    #[serde(with = "big_uint")]
    #[schemars(with = "Vec<Uint>")]
    pub live_bytes: Vec<u64>,
    /// Rows that show the heap after a compaction.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compacted_rows: Vec<u32>,
    /// What `data` says of each column, in this order.
    pub layers: Vec<MapLayer>,
    /// For each layer rows × columns bytes, each less the byte above it (modulo 256); compressed with zlib, as base64.
    pub data: String,
}

impl MapRows {
    /// Most rows that a map may have.
    pub const MAX_ROWS: usize = 256;
    /// Most columns that a map may have.
    pub const MAX_COLUMNS: u32 = 512;
    /// The byte of a column in layer `fill` that is live from end to end.
    pub const FULL: u8 = 8;
}

/// One thing that is told of each column of a map. All but `fill` tell it of the block that covers most of the column,
/// and are 0 where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MapLayer {
    /// How much of the column is live: 0 nothing, 8 everything, 1 to 7 the eighths between, so that neither a single live
    /// byte nor a single free one is lost.
    Fill,
    /// The block's age: 1 + the first row that shows it, at most 255.
    Born,
    /// The block's length: `k` for 2^(k-1) to 2^k - 1 bytes.
    Size,
    /// The thread that allocated it: `k` for `threads[k - 1]`.
    Thread,
    /// The call site that allocated it: `k` for `sites[k - 1]`.
    Site,
}

/// Every operation of a window, for a player that shows each.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct MapSteps {
    /// Live blocks before the window's first operation.
    pub blocks: u32,
    /// Operations.
    pub operations: u32,
    /// The JSON of the columns of `heaplab_report::map::Steps`, compressed with zlib, as base64.
    pub data: String,
}
