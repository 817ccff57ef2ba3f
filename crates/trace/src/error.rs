//! Why a trace could not be read or written.

use crate::OperationError;

/// Why a trace could not be opened, read or written.
///
/// `file` is the path as the caller gave it, or the name of an embedded or unnamed stream.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// The operating system refused to read or write.
    #[error("{file}: {source}")]
    Io {
        /// The file.
        file: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The bytes do not follow the format.
    #[error("{file}: byte {offset}: found {found}, expected {expected}")]
    Format {
        /// The file.
        file: String,
        /// Bytes from the start of the file to the place that is wrong.
        offset: u64,
        /// What stands there.
        found: String,
        /// What should stand there.
        expected: String,
    },
    /// The bytes follow the format, but an operation contradicts those before it.
    #[error("{file}: operation {index}: {source}")]
    Operation {
        /// The file.
        file: String,
        /// Index of the operation, from 0.
        index: u64,
        /// What is wrong with it.
        source: OperationError,
    },
}

impl TraceError {
    /// An [`Io`](Self::Io) error about `file`.
    #[must_use]
    pub fn io(file: impl Into<String>, source: std::io::Error) -> Self {
        Self::Io { file: file.into(), source }
    }
}
