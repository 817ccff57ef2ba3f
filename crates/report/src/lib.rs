//! The report of a run: types, files, tables, sentences.
//!
//! A report holds everything that is needed to read it: what was measured, where, how, what each
//! figure means, and every raw sample. This crate knows nothing about how a number came about,
//! and holds no clock: the harness fills the types, the command line and the page show them.
//!
//! - [`Report`] and its parts: version 1 of the format, with its JSON Schema ([`Report::schema`]).
//! - [`read`] and [`write_atomically`]: files, whole or not at all; [`page`]: a report inside an HTML page.
//! - [`view`]: pure functions from a report to [`table::Table`]s, and the [`view::headline`].
//! - [`map`]: pictures of heaps over time, packed and unpacked.
//! - [`expect`]: the claims that a suite makes about its run.
//! - [`dominance`]: which contestants in which heaps nothing else beats in space and time.
//! - [`stats`]: medians and their intervals; [`number`]: figures for people.
//!
//! Rules of the format: absent means not measured, never 0 or NaN. Integers from 2^53 on are strings.
//! Units end the keys. Unknown fields are ignored, so additions keep the version.
//!
//! ```
//! use heaplab_report::table::{Format, Style};
//! use heaplab_report::view::{Selection, show};
//! use heaplab_report::{
//!     Cell, HeapSpec, Mode, OperationCounts, Outcome, Report, Status, StrategyEntry, TraceEntry,
//! };
//!
//! let mut report = Report { complete: true, ..Report::default() };
//! report.traces.push(TraceEntry {
//!     name: "jq".into(),
//!     operations: OperationCounts { allocate: 2, resize: 0, free: 1 },
//!     peak_live_bytes: 64,
//!     ..TraceEntry::default()
//! });
//! report.strategies.push(StrategyEntry { name: "best-fit".into(), ..StrategyEntry::default() });
//! report.cells.push(Cell {
//!     id: Cell::id_of("best-fit", "jq", "1.0x", Mode::Placement),
//!     trace: "jq".into(),
//!     strategy: "best-fit".into(),
//!     heap: HeapSpec { bytes: 64, ratio: Some(1.0), spec: "1.0x".into() },
//!     granule_bytes: 16,
//!     threads: 1,
//!     outcome: Outcome { status: Status::Oom, operation: Some(2), ..Outcome::default() },
//!     ..Cell::default()
//! });
//! assert!(report.check().is_empty());
//! report.seal();
//!
//! let text = show(&report, &Selection::default(), None, Format::Table, Style::default());
//! assert!(text.contains("best-fit   oom"));
//! ```

mod check;
pub mod compare;
pub mod dominance;
pub mod expect;
pub mod explain;
pub mod export;
mod figures;
mod identity;
mod io;
pub mod map;
pub mod merge;
mod metrics;
mod model;
pub mod number;
pub mod page;
pub mod rank;
mod schema;
pub mod stats;
pub mod table;
pub mod view;

pub use io::{
    ReadError, WriteError, parse, read, to_json, write_atomically, write_text_atomically,
};
pub use metrics::metrics;
pub use model::big_uint;
pub use model::{
    Band, Better, Bootstrap, Bounds, BrokenClaim, Cache, Cell, Clock, ContainerLimits, Control,
    ControlCell, Counters, Cpu, Curve, CurvePoint, Environment, Expectation, Fragmentation,
    HeapMap, HeapShape, HeapSpec, HoleClass, Known, Latency, MapFailure, MapLayer, MapPoint,
    MapRows, MapSteps, Measurement, MemoryInfo, MergedReport, Metric, Mode, OperationCounts,
    Outcome, ParameterValue, Relocations, Report, SCHEMA, Series, ShapeClass, SizeShape, Space,
    Status, StrategyEntry, StrategyKind, Suite, Time, Tool, TraceEntry, TraceSource, Trend,
    Warning,
};
