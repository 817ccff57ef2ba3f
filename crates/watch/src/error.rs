//! Why nothing could be shown.

use heaplab_core::ConfigError;
use heaplab_trace::TraceError;

/// Why nothing could be shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// The registry has no such strategy.
    #[error("no strategy '{name}'")]
    UnknownStrategy {
        /// The name asked for.
        name: String,
    },
    /// A strategy cannot be made with this heap or these parameters.
    #[error("{name}: {source}")]
    Config {
        /// The strategy.
        name: String,
        /// Why not.
        source: ConfigError,
    },
    /// The trace cannot be read.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// The window lies beyond the trace.
    #[error("operation {from} lies beyond the trace: it has {total} operations, counted from 0")]
    BeyondTrace {
        /// The first operation asked for.
        from: u64,
        /// How many there are.
        total: u64,
    },
    /// The window ends before it begins.
    #[error("the window from operation {from} to operation {to} is empty")]
    EmptyWindow {
        /// The first operation asked for.
        from: u64,
        /// The last.
        to: u64,
    },
    /// The output or the terminal failed.
    #[error("cannot be written: {0}")]
    Output(#[from] std::io::Error),
}
