//! What a parameter of a strategy buys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::big_uint::{self, Uint};

/// How the smallest heap of a strategy that moves blocks depends on one of its parameters, on one trace.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Curve {
    /// Name of the strategy.
    pub strategy: String,
    /// Name of the trace.
    pub trace: String,
    /// Name of the parameter; all others stand as in the cells.
    pub parameter: String,
    /// By rising value; smaller ones are left out where peak live suffices already.
    pub points: Vec<CurvePoint>,
}

/// One value of a [`Curve`]'s parameter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct CurvePoint {
    /// The value.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub value: u64,
    /// A heap in which the trace completes, in bytes. Found by bisection between peak live and the high-water mark in a heap
    /// without limit, to a sixteenth of the way between them: a smaller one may work.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub heap_bytes: u64,
    /// Bytes that compaction moved in that heap.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub compaction_bytes: u64,
}
