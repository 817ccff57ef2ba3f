//! What an explanation holds: one strategy at one moment of one replay.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Picture, Remedies};
use crate::big_uint::{self, Uint};
use crate::{HeapSpec, Outcome, ParameterValue};

/// What `schema` says in explanations that this version writes.
pub const SCHEMA: &str = "heaplab.explain/1";

/// Why strategies failed on a trace, or where they wasted most.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Explanations {
    /// Format and version: `heaplab.explain/1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// The trace.
    pub trace: ExplainedTrace,
    /// One for each strategy that was asked about, in the order of the registry.
    pub explanations: Vec<Explanation>,
}

/// The trace, as far as explanations need it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedTrace {
    /// Its name.
    pub name: String,
    /// Hash of its operations.
    pub hash: String,
    /// Operations of the whole trace.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub operations: u64,
    /// Most live bytes at once over the whole trace, each block rounded to the granule.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub peak_live_bytes: u64,
}

/// One strategy: how its replay ended, the moment that tells most, the heap at that moment, and what would have helped.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// Name of the strategy.
    pub strategy: String,
    /// Whether it moves blocks on its own accord.
    pub moves: bool,
    /// Its settings, where they are not the defaults.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, ParameterValue>,
    /// The heap.
    pub heap: HeapSpec,
    /// Smallest unit of size and address, in bytes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub granule_bytes: u64,
    /// How the replay ended.
    pub outcome: Outcome,
    /// Why a request was refused; absent where none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// Operations that completed.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub operations_completed: u64,
    /// Where it wasted most among the operations that completed; absent where no operation left live blocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waste: Option<Waste>,
    /// The moment that is explained: the refused operation, or else the one after which most was wasted.
    pub moment: Moment,
    /// The heap at that moment.
    pub picture: Picture,
    /// What would have helped.
    pub remedies: Remedies,
}

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// It could not be met in an empty heap of this size.
    TooLarge,
    /// Fewer bytes were free than were wanted.
    Full,
    /// Free bytes would do for the growth of a block, but not for a second copy of it, and it could not grow in place.
    NoRoomToMove,
    /// Enough bytes were free, but no piece was long enough.
    Fragmented,
    /// A piece was long enough, but none holds the block at its alignment.
    Misaligned,
    /// A piece would have held the block, but the strategy does not search so far.
    NotFound,
    /// The strategy's tables could not grow.
    OutOfMetadata,
}

/// An operation of the trace, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Moment {
    /// Index of the operation, from 0.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub operation: u64,
    /// Whether the picture shows the heap after the operation; before it where the operation was refused.
    pub is_after: bool,
    /// What the operation does.
    pub kind: OperationKind,
    /// The slot that it works on.
    pub slot: u32,
    /// Bytes that it asks for; absent for a free.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub requested_bytes: Option<u64>,
    /// The same, rounded to the granule; absent for a free and where that exceeds 64 bits.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub rounded_bytes: Option<u64>,
    /// Alignment that it asks for in bytes, 1 for none; absent for a free.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub align_bytes: Option<u64>,
    /// Rounded length of the block before a refused resize.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub old_bytes: Option<u64>,
    /// The thread that did it, numbered from 0; absent where the trace does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<u32>,
    /// Nanoseconds since the recording began; absent where the trace does not say.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub time_ns: Option<u64>,
    /// The place in the program that did it; absent where the trace does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_site: Option<String>,
}

/// The kinds of operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OperationKind {
    /// A block is made.
    #[default]
    Allocate,
    /// A block changes its size.
    Resize,
    /// A block goes.
    Free,
}

impl OperationKind {
    /// The word as it stands in files and texts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allocate => "allocate",
            Self::Resize => "resize",
            Self::Free => "free",
        }
    }
}

/// Where a replay wasted most: bytes below the end of the last block that no block covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Waste {
    /// The earliest operation after which most bytes were wasted.
    pub most: WasteAt,
    /// The earliest operation after which used bytes were the largest multiple of live bytes.
    pub worst_ratio: WasteAt,
}

/// Used and live bytes after one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct WasteAt {
    /// Index of the operation, from 0.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub operation: u64,
    /// End of the last block, in bytes from the heap's start.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub used_bytes: u64,
    /// Rounded bytes of all live blocks.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub live_bytes: u64,
}

impl WasteAt {
    /// Bytes below the end of the last block that no block covers.
    pub fn wasted_bytes(&self) -> u64 {
        self.used_bytes.saturating_sub(self.live_bytes)
    }
}
