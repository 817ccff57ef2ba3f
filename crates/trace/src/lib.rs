//! Traces of heap operations: the model, the `.hlt` file format, importers and generators.
//!
//! A trace is what a program asked of its heap, free of addresses and of any strategy: a list of
//! [`Operation`]s on dense *slots*.
//! Sources (importers, generators, recorders) push operations into a [`Sink`]; replays pull them in
//! chunks from an [`OperationSource`].
//! Neither direction needs to hold a whole trace.
//!
//! ```
//! use heaplab_trace::{Operation, Origin, Sink, TraceBuilder, TraceInfo};
//!
//! let mut builder = TraceBuilder::new(TraceInfo::named("two blocks"));
//! for operation in [
//!     Operation::Allocate { slot: 0, size: 100, align: 1 },
//!     Operation::Allocate { slot: 1, size: 30, align: 8 },
//!     Operation::Free { slot: 0 },
//! ] {
//!     builder.push(operation, Origin::default())?;
//! }
//! let trace = builder.finish();
//! assert_eq!(trace.summary().peak_live_requested_bytes, 130);
//! # Ok::<(), heaplab_trace::OperationError>(())
//! ```

mod error;
pub mod generate;
mod hash;
pub mod hlt;
pub mod import;
mod info;
mod operation;
mod peak;
mod slots;
mod source;
mod spool;
mod summary;
mod trace;

pub use error::TraceError;
pub use hash::TraceHasher;
pub use hlt::{Codec, EmbeddedHlt, HltFile, HltFileWriter, HltReader, HltWriter};
pub use info::{Source, SourceKind, TraceInfo};
pub use operation::{Operation, OperationError, Origin, Sink};
pub use peak::{PeakLive, peak_live_bytes};
pub use slots::{SlotChecker, SlotPool};
pub use source::{CHUNK_OPERATIONS, ChunkReader, OperationSource};
pub use spool::Spool;
pub use summary::{Counts, Histogram, Summary, SummaryBuilder};
pub use trace::{Trace, TraceBuilder};
