//! Where a replay takes its operations from.

use crate::{Operation, Origin, Summary, TraceError, TraceInfo};

/// The most operations that one chunk holds.
pub const CHUNK_OPERATIONS: usize = 65_536;

/// A trace that can be replayed any number of times, from memory or from a file.
///
/// Every source guarantees the slot discipline: slots are dense, allocations name empty slots, resizes
/// and frees name live ones, alignments are powers of two.
pub trait OperationSource: Send + Sync {
    /// Name and provenance.
    fn info(&self) -> &TraceInfo;

    /// What the operations amount to, the trace's hash included.
    fn summary(&self) -> &Summary;

    /// Starts reading at the first operation.
    ///
    /// # Errors
    ///
    /// [`TraceError::Io`] or [`TraceError::Format`] when the file has vanished or changed.
    fn open(&self) -> Result<Box<dyn ChunkReader + '_>, TraceError>;

    /// All operations, where they are in memory already; `None` where they must be streamed.
    fn operations(&self) -> Option<&[Operation]> {
        None
    }
}

/// Reads operations in order, a chunk at a time.
pub trait ChunkReader: Send {
    /// Replaces the contents of `chunk` by the next operations, at most [`CHUNK_OPERATIONS`].
    /// Returns `false`, with `chunk` empty, at the end.
    ///
    /// # Errors
    ///
    /// [`TraceError`], when the file cannot be read or is damaged; reading cannot go on then.
    fn next_chunk(&mut self, chunk: &mut Vec<Operation>) -> Result<bool, TraceError>;

    /// As [`ChunkReader::next_chunk`], with the origin of each operation; `origins` is empty when nothing is known of
    /// any in this chunk. The default knows of none.
    ///
    /// # Errors
    ///
    /// See [`ChunkReader::next_chunk`].
    fn next_chunk_and_origins(
        &mut self,
        chunk: &mut Vec<Operation>,
        origins: &mut Vec<Origin>,
    ) -> Result<bool, TraceError> {
        origins.clear();
        self.next_chunk(chunk)
    }
}

/// Reads from a slice.
#[derive(Debug)]
pub(crate) struct SliceReader<'a> {
    rest: &'a [Operation],
    /// As long as `rest`, or empty where nothing is known.
    origins: &'a [Origin],
}

impl<'a> SliceReader<'a> {
    pub(crate) const fn new(operations: &'a [Operation], origins: &'a [Origin]) -> Self {
        Self { rest: operations, origins }
    }
}

impl ChunkReader for SliceReader<'_> {
    fn next_chunk(&mut self, chunk: &mut Vec<Operation>) -> Result<bool, TraceError> {
        let (now, later) = self.rest.split_at(self.rest.len().min(CHUNK_OPERATIONS));
        chunk.clear();
        chunk.extend_from_slice(now);
        self.rest = later;
        self.origins = self.origins.get(now.len()..).unwrap_or_default();
        Ok(!now.is_empty())
    }

    fn next_chunk_and_origins(
        &mut self,
        chunk: &mut Vec<Operation>,
        origins: &mut Vec<Origin>,
    ) -> Result<bool, TraceError> {
        origins.clear();
        let count = self.rest.len().min(CHUNK_OPERATIONS);
        origins.extend_from_slice(self.origins.get(..count).unwrap_or_default());
        self.next_chunk(chunk)
    }
}
