//! The report, version 1: its types, in the order in which they stand in the file.
//!
//! Absent means not measured; a value is never 0 or NaN for want of a measurement.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub mod big_uint;
mod cell;
mod curve;
mod environment;
mod expectation;
mod known;
mod map;
mod measurement;
mod shape;
mod subjects;
mod thin;

pub use cell::{
    Cell, Counters, Fragmentation, HeapSpec, HoleClass, Latency, Mode, Outcome, Relocations,
    Series, Space, Status, Time,
};
pub use curve::{Curve, CurvePoint};
pub use environment::{Cache, Clock, ContainerLimits, Cpu, Environment, MemoryInfo, Tool};
pub use expectation::{BrokenClaim, Expectation};
pub use known::Known;
pub use map::{HeapMap, MapFailure, MapLayer, MapPoint, MapRows, MapSteps};
pub use measurement::{Better, Bootstrap, Control, ControlCell, Measurement, Metric};
pub use shape::{Band, HeapShape, ShapeClass, SizeShape, Trend};
pub use subjects::{
    Bounds, OperationCounts, ParameterValue, StrategyEntry, StrategyKind, TraceEntry, TraceSource,
};

use big_uint::Uint;

/// What `schema` says in a report that this version writes.
pub const SCHEMA: &str = "heaplab.report/1";

/// A run of heaplab: what was measured, where, how, and every figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Format and version: `heaplab.report/1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// Hash of the content: BLAKE3 as 64 hex digits, made by [`Report::content_id`].
    pub id: String,
    /// Whether the run reached its end; false for one that was interrupted.
    pub complete: bool,
    /// When the run began: RFC 3339, UTC.
    pub created_at: String,
    /// Duration of the run, in ns.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub duration_ns: u64,
    /// The command line, arguments one by one, the home folder written as `~`.
    #[serde(default)]
    pub command: Vec<String>,
    /// The suite that was run; absent for traces named one by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suite: Option<Suite>,
    /// The reports that this one was merged from; empty for a run's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged_from: Vec<MergedReport>,
    /// What a reader should know before trusting the figures.
    #[serde(default)]
    pub warnings: Vec<Warning>,
    /// The build that measured.
    pub tool: Tool,
    /// The machine.
    pub environment: Environment,
    /// How it was measured.
    pub measurement: Measurement,
    /// What the figures of the cells mean.
    pub metrics: Vec<Metric>,
    /// The workloads, in the order of the run.
    pub traces: Vec<TraceEntry>,
    /// The contestants, in the order of the registry.
    pub strategies: Vec<StrategyEntry>,
    /// The figures: by trace, then strategy, then heap size, each in the order above.
    pub cells: Vec<Cell>,
    /// What a parameter buys, of strategies that move blocks and have one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curves: Vec<Curve>,
    /// What the suite claims about the run, and whether the run keeps it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expectations: Vec<Expectation>,
    /// Heap maps of some of the cells, and of windows into their traces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub maps: Vec<HeapMap>,
}

impl Default for Report {
    /// A report without traces, strategies and cells, with the metrics of this version.
    fn default() -> Self {
        Self {
            schema: SCHEMA.into(),
            id: String::new(),
            complete: false,
            created_at: String::new(),
            duration_ns: 0,
            command: Vec::new(),
            suite: None,
            merged_from: Vec::new(),
            warnings: Vec::new(),
            tool: Tool::default(),
            environment: Environment::default(),
            measurement: Measurement::default(),
            metrics: crate::metrics(),
            traces: Vec::new(),
            strategies: Vec::new(),
            cells: Vec::new(),
            curves: Vec::new(),
            expectations: Vec::new(),
            maps: Vec::new(),
        }
    }
}

impl Report {
    /// The trace of that name.
    pub fn trace(&self, name: &str) -> Option<&TraceEntry> {
        self.traces.iter().find(|trace| trace.name == name)
    }

    /// The strategy of that name.
    pub fn strategy(&self, name: &str) -> Option<&StrategyEntry> {
        self.strategies.iter().find(|strategy| strategy.name == name)
    }

    /// The cell of that id.
    pub fn cell(&self, id: &str) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.id == id)
    }
}

/// A named set of traces and settings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Suite {
    /// Name of the suite.
    pub name: String,
    /// Hash of its definition.
    pub hash: String,
}

/// A report that became part of a merged one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct MergedReport {
    /// Its id.
    pub id: String,
    /// When its run began: RFC 3339, UTC.
    pub created_at: String,
    /// The machine it was measured on: its `environment.id`.
    pub environment_id: String,
}

/// A reason to read figures with care.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    /// Short fixed name, for scripts.
    pub code: String,
    /// The reason, in words.
    pub text: String,
    /// Ids of the cells it concerns; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<String>,
}
