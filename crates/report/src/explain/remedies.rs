//! What would have helped.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Status;
use crate::big_uint::{self, Uint};

/// What would have helped at the moment that is explained.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Remedies {
    /// The cheapest stretch to clear; absent where no request was refused or no stretch would do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clearing: Option<Clearing>,
    /// One slide of everything.
    pub compaction: Compaction,
    /// A larger heap; absent where no request was refused, and where the search took too long to say anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub larger_heap: Option<LargerHeap>,
    /// Highest end of a block so far, of the strategy that is explained.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub high_water_bytes: Option<u64>,
    /// Bytes relocated so far by the strategy that is explained.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub relocated_bytes: Option<u64>,
    /// The other strategies in the same heap, in the order of the registry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Other>,
}

/// A stretch of the heap in which the request fits once its live blocks are gone, and of all such stretches the one with
/// the fewest live bytes (then the fewest blocks, then the lowest).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Clearing {
    /// Where the stretch begins, in bytes from the heap's start.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub offset_bytes: u64,
    /// Its length: that of the request, or of the growth.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub stretch_bytes: u64,
    /// Bytes of the live blocks that reach into it, whole blocks counted.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub live_bytes: u64,
    /// How many live blocks reach into it.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub live_blocks: u64,
    /// Whether it lies right behind the block that is to grow, which then stays where it is.
    pub is_growth: bool,
}

/// Sliding every block to the lowest address that its alignment allows, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Compaction {
    /// Bytes of the blocks whose address would change.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub relocated_bytes: u64,
    /// How many blocks these are.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub relocated_blocks: u64,
    /// End of the last block afterwards.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub used_bytes: u64,
    /// Whether the refused request would fit then; absent where none was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_fits: Option<bool>,
}

/// A heap in which the same strategy gets past the operation that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct LargerHeap {
    /// A size that suffices, in bytes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub passes_bytes: u64,
    /// The largest size tried that does not, in bytes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub fails_bytes: u64,
    /// Whether no smaller heap suffices: placements without resizes do not depend on the heap's size, so the
    /// high-water mark is the smallest. Otherwise success need not be monotone in the size.
    pub is_smallest: bool,
}

/// Another strategy in the same heap. Figures are as they were at the same moment, and absent where it did not get there
/// or cannot know them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Other {
    /// Name of the strategy.
    pub strategy: String,
    /// How its replay ended.
    pub status: Status,
    /// Operations that it completed.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub operations_completed: u64,
    /// Whether it completed the operation that is explained.
    pub gets_past: bool,
    /// Highest end of a block so far.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub high_water_bytes: Option<u64>,
    /// End of the last block.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub used_bytes: Option<u64>,
    /// Number of holes.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub holes: Option<u64>,
    /// Length of the largest hole.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub largest_hole_bytes: Option<u64>,
    /// Bytes relocated so far.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub relocated_bytes: Option<u64>,
}
