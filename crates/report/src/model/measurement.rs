//! How it was measured, and what the metrics mean.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Mode;
use super::big_uint::{self, Uint};

/// How the run was laid out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Measurement {
    /// Timed rounds of each cell.
    pub rounds: u32,
    /// Rounds before them whose times were thrown away.
    pub warmup_rounds: u32,
    /// Processes that the rounds were spread over.
    pub processes: u32,
    /// Order of the rounds: `interleaved` or `sequential`.
    pub order: String,
    /// Seed of that order.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub order_seed: Option<u64>,
    /// Logical CPU that the timed passes were pinned to; absent where they were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_cpu: Option<u32>,
    /// Passes that ran: `space`, `throughput`, `latency`, `counters`, `verify`.
    #[serde(default)]
    pub passes: Vec<String>,
    /// Confidence that intervals were asked to have, 0 to 1.
    pub confidence_level: f64,
    /// Spread between two listings of one strategy in this run: what a real difference must exceed. Over the cells
    /// of `control`, the 0.9-quantile of how far the listings are apart: the median of their ratios round by round, as
    /// a factor above one, minus one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise_floor_ratio: Option<f64>,
    /// The second listing; absent where nothing was listed twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Control>,
    /// How intervals of ratios were found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bootstrap: Option<Bootstrap>,
}

/// A strategy that took part twice, so that the difference between its two listings shows the noise of the run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Control {
    /// Name of the strategy, one of `strategies[].name`.
    pub strategy: String,
    /// The times of its second listing; those of the first stand in the cells.
    pub cells: Vec<ControlCell>,
}

/// The times of a second listing in one heap.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ControlCell {
    /// Name of the trace, one of `traces[].name`.
    pub trace: String,
    /// The heap, as asked for: `1.25x`.
    pub heap: String,
    /// Whether bytes stood behind the heap.
    #[serde(default)]
    pub mode: Mode,
    /// Duration of each round's replay, in ns, in the order of measurement; round by round beside the samples of the
    /// cell with the same strategy, trace, heap and mode.
    #[serde(with = "big_uint")]
    #[schemars(with = "Vec<Uint>")]
    pub samples_ns: Vec<u64>,
}

/// Settings of the bootstrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Bootstrap {
    /// Resamples drawn.
    pub resamples: u32,
    /// Seed of the draws.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub seed: u64,
}

/// Which direction of a metric is an improvement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// Less is better.
    Smaller,
    /// More is better.
    Bigger,
    /// Neither.
    #[default]
    None,
}

impl Better {
    /// The word as it stands in files and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Smaller => "smaller",
            Self::Bigger => "bigger",
            Self::None => "none",
        }
    }
}

/// What a figure of the cells means.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Metric {
    /// Path of the figure inside a cell, dots between the keys.
    pub name: String,
    /// Unit of the figure: `bytes`, `ns`, `ratio`, `count`.
    pub unit: String,
    /// Which direction is an improvement.
    pub better: Better,
    /// Whether the figure is the same on every machine, so that any difference is real.
    pub exact: bool,
    /// What it is, in one line.
    pub description: String,
}
