//! The heap at one moment, and which blocks keep its holes apart.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::HoleClass;
use crate::big_uint::{self, Uint};

/// The heap at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Picture {
    /// Rounded bytes of all live blocks.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub live_bytes: u64,
    /// Number of live blocks.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub live_blocks: u64,
    /// Most rounded live bytes at once, up to this moment.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub peak_live_bytes: u64,
    /// End of the last block, in bytes from the heap's start.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub used_bytes: u64,
    /// Number of holes; the wilderness is none.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub holes: u64,
    /// Bytes of all holes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub hole_bytes: u64,
    /// Length of the largest hole, 0 without one.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub largest_hole_bytes: u64,
    /// Bytes behind the last block; absent in a heap without limit.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub wilderness_bytes: Option<u64>,
    /// Holes and wilderness together; absent in a heap without limit.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub free_bytes: Option<u64>,
    /// Length of the longest piece, wilderness included, that begins at the alignment that was asked for; absent where
    /// no request was refused.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub largest_fit_bytes: Option<u64>,
    /// Holes by length, shortest class first; empty classes left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hole_histogram: Vec<HoleClass>,
    /// The heap in equal columns.
    pub map: Map,
    /// The blocks that keep holes apart.
    pub pins: Pins,
}

/// The heap cut into columns of equal length, for a drawing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Map {
    /// Bytes that the columns cover together: the heap, or as far as blocks reach in a heap without limit.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub extent_bytes: u64,
    /// Live bytes of each column. Column i of n covers the bytes from floor(i * extent / n) to the next column's.
    #[serde(default, with = "big_uint", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Uint>")]
    pub live_bytes: Vec<u64>,
}

/// The blocks that pin free space: those between two pieces of free space, which would be one without them.
///
/// A place is a run of at most eight neighboring blocks between two holes, or between a hole and the wilderness.
/// It keeps apart as many bytes as the shorter of the two has.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Pins {
    /// All such places.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub places: u64,
    /// What they keep apart, each place for itself, summed, in bytes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub keeps_apart_bytes: u64,
    /// The fewest places, from the one that keeps most apart on, that keep at least half of these bytes apart.
    pub telling: PinSum,
    /// The places that keep most apart, at most eight.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub largest: Vec<Pin>,
    /// The blocks of `telling` by size: classes are powers of two.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_size: Vec<PinClass>,
    /// The blocks of `telling` by age in operations: classes are powers of ten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_age: Vec<PinClass>,
    /// The blocks of `telling` by the thread that allocated them; empty where the trace does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_thread: Vec<PinGroup>,
    /// The blocks of `telling` by the place in the program that allocated them; empty where the trace does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_call_site: Vec<PinGroup>,
}

/// Some places taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct PinSum {
    /// How many places.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub places: u64,
    /// Their blocks.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub blocks: u64,
    /// Bytes of these blocks.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub bytes: u64,
    /// What they keep apart, in bytes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub keeps_apart_bytes: u64,
}

/// One place: blocks between two pieces of free space.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Pin {
    /// Where the first of its blocks begins, in bytes from the heap's start.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub offset_bytes: u64,
    /// Bytes of its blocks.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub bytes: u64,
    /// Length of the hole before them.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub hole_before_bytes: u64,
    /// Length of the hole, or the wilderness, behind them; absent for the wilderness of a heap without limit.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub hole_behind_bytes: Option<u64>,
    /// The shorter of the two.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub keeps_apart_bytes: u64,
    /// By how much the longer one would grow if these blocks were gone.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub gain_bytes: u64,
    /// The blocks, in address order.
    pub blocks: Vec<PinBlock>,
}

/// A live block that pins free space.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct PinBlock {
    /// Its slot.
    pub slot: u32,
    /// Its length in bytes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub bytes: u64,
    /// Index of the operation that allocated it.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub operation: u64,
    /// Operations since then.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub age_operations: u64,
    /// The thread that allocated it; absent where the trace does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<u32>,
    /// The place in the program that allocated it; absent where the trace does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_site: Option<String>,
}

/// Pinning blocks of one class of sizes or ages, beside all live blocks of that class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct PinClass {
    /// The smallest value of the class, in bytes or operations.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub from: u64,
    /// The largest value of the class.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub to: u64,
    /// Pinning blocks of the class.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub blocks: u64,
    /// Their bytes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub bytes: u64,
    /// All live blocks of the class.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub live_blocks: u64,
}

/// Pinning blocks of one origin, beside all live blocks of that origin.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct PinGroup {
    /// The thread's number or the place in the program; absent for blocks of which it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Pinning blocks of the origin.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub blocks: u64,
    /// Their bytes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub bytes: u64,
    /// All live blocks of the origin.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub live_blocks: u64,
}
