//! What a suite claims about its run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A claim of the suite, and whether this run keeps it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Expectation {
    /// Glob over the names of the strategies; peers and floors are meant by their whole names alone.
    pub strategy: String,
    /// Glob over the names of the traces.
    pub trace: String,
    /// The heap, as asked for: `1.25x`. Absent where the claim is about all; then cells that did not complete say nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heap: Option<String>,
    /// What is claimed of: a name of `metrics[]`, or one that ends in `_ratio` in the place of `_bytes`, which stands
    /// for the bytes over the trace's `peak_live_bytes`.
    pub metric: String,
    /// The least that it may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The most that it may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Whether every cell that it is about keeps it, and there is one.
    pub is_kept: bool,
    /// Number of cells that it is about.
    pub cells: u32,
    /// The cells that break it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broken: Vec<BrokenClaim>,
}

/// A cell that does not keep a claim.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct BrokenClaim {
    /// Id of the cell.
    pub cell: String,
    /// The value measured; absent where the cell did not complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
}
