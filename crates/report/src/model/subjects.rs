//! What was measured: the traces and the strategies.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::big_uint::{self, Uint};

/// A workload, described well enough to be recognized and judged without its file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct TraceEntry {
    /// Unique in the report.
    pub name: String,
    /// Hash of the operations, independent of the file format they came in.
    pub hash: String,
    /// Where the operations come from.
    pub source: TraceSource,
    /// How many operations of each kind.
    pub operations: OperationCounts,
    /// Most live bytes at once, each block rounded to the granule.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub peak_live_bytes: u64,
    /// Most live bytes at once, as requested.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub peak_live_requested_bytes: u64,
    /// Most live blocks at once.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub peak_live_blocks: u64,
    /// Largest request, in bytes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub max_request_bytes: u64,
    /// Rounded bytes that allocations and the growth of resizes asked for, over the whole trace.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub allocated_bytes: Option<u64>,
    /// Threads of the recorded program; absent where the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<u32>,
    /// What no strategy can beat, and what a plan with foresight reaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bounds: Option<Bounds>,
    /// What the trace is in the suite for, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
}

/// Where a trace comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct TraceSource {
    /// `recorded`, `imported` or `generated`.
    pub kind: String,
    /// Format of the file that was read: `hlt`, `rep`, `valgrind`, or the generator's name.
    pub format: String,
    /// The program that was recorded, with its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// What the source does not tell: `alignment`, `threads`, `time`, `call_site`, `resize`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<String>,
}

/// Operations of a trace by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct OperationCounts {
    /// Allocations.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub allocate: u64,
    /// Resizes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub resize: u64,
    /// Frees.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub free: u64,
}

impl OperationCounts {
    /// All operations together.
    pub fn total(&self) -> u64 {
        self.allocate.saturating_add(self.resize).saturating_add(self.free)
    }
}

/// Sizes of a heap that stand beside the strategies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Bounds {
    /// Rounded peak of live bytes: no strategy can do with less.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub peak_live_bytes: u64,
    /// Best known plan that knows the whole trace and never moves a block, in bytes.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub offline_packing_bytes: Option<u64>,
}

/// What a contestant is to the reader of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StrategyKind {
    /// One of the strategies under study.
    #[default]
    Strategy,
    /// A floor that no strategy can beat in time.
    Floor,
    /// A published allocator, measured beside them.
    Peer,
}

/// A named, configured allocator.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct StrategyEntry {
    /// Unique in the report.
    pub name: String,
    /// The crate that holds it.
    #[serde(rename = "crate")]
    pub crate_name: String,
    /// That crate's version.
    pub version: String,
    /// Strategy, floor or peer.
    pub kind: StrategyKind,
    /// Its settings, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, ParameterValue>,
    /// What it does, in one line.
    pub description: String,
    /// The paper or program it follows, with the year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Whether it moves live blocks on its own, apart from moving resizes.
    pub moves: bool,
    /// Whether several threads may use one instance at once.
    pub thread_safe: bool,
}

/// The value of a strategy's parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ParameterValue {
    /// A switch.
    Bool(bool),
    /// A whole number; one from 2^53 on belongs into [`ParameterValue::Text`], see its `From`.
    Integer(u64),
    /// Any other number.
    Number(f64),
    /// A word, or a whole number from 2^53 on as digits.
    Text(String),
}

impl From<u64> for ParameterValue {
    /// Digits from 2^53 on, as everywhere in the report.
    fn from(value: u64) -> Self {
        if value < big_uint::FIRST_AS_STRING {
            Self::Integer(value)
        } else {
            Self::Text(value.to_string())
        }
    }
}

impl std::fmt::Display for ParameterValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Text(value) => f.write_str(value),
        }
    }
}
