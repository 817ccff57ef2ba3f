//! A trace in memory.

use crate::source::SliceReader;
use crate::{
    ChunkReader, Operation, OperationError, OperationSource, Origin, Sink, Summary, SummaryBuilder,
    TraceError, TraceInfo,
};

/// A whole trace in memory, checked and summarized.
#[derive(Clone, Debug)]
pub struct Trace {
    info: TraceInfo,
    summary: Summary,
    operations: Vec<Operation>,
    origins: Vec<Origin>,
}

impl Trace {
    /// Makes a trace of operations that are in memory already.
    ///
    /// # Errors
    ///
    /// [`TraceError::Operation`], with the trace's name as the file, when an operation breaks the slot
    /// discipline.
    pub fn from_operations(
        info: TraceInfo,
        operations: Vec<Operation>,
    ) -> Result<Self, TraceError> {
        let mut builder = SummaryBuilder::new();
        for operation in &operations {
            let index = builder.operation_index();
            builder.push(*operation, Origin::default()).map_err(|source| {
                TraceError::Operation { file: info.name.clone(), index, source }
            })?;
        }
        Ok(Self { info, summary: builder.finish(), operations, origins: Vec::new() })
    }

    /// Reads a whole source into memory, without its origins.
    ///
    /// # Errors
    ///
    /// Whatever reading the source returns.
    pub fn load(source: &dyn OperationSource) -> Result<Self, TraceError> {
        let mut operations = Vec::new();
        let mut reader = source.open()?;
        let mut chunk = Vec::new();
        while reader.next_chunk(&mut chunk)? {
            operations.extend_from_slice(&chunk);
        }
        let (info, summary) = (source.info().clone(), source.summary().clone());
        Ok(Self { info, summary, operations, origins: Vec::new() })
    }

    /// Name and provenance.
    #[must_use]
    pub const fn info(&self) -> &TraceInfo {
        &self.info
    }

    /// Name and provenance, to be changed; the operations stay as they are.
    pub const fn info_mut(&mut self) -> &mut TraceInfo {
        &mut self.info
    }

    /// What the operations amount to.
    #[must_use]
    pub const fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Identity of the operations, as in [`Summary::hash`].
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.summary.hash
    }

    /// All operations, in order.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The origin of each operation; empty where nothing is known of any.
    #[must_use]
    pub fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// Pushes all operations into `sink`.
    ///
    /// # Errors
    ///
    /// Whatever the sink returns; not all operations have been pushed then.
    pub fn push_into(&self, sink: &mut dyn Sink) -> Result<(), OperationError> {
        let origins = self.origins.iter().copied().chain(core::iter::repeat(Origin::default()));
        self.operations
            .iter()
            .zip(origins)
            .try_for_each(|(&operation, origin)| sink.push(operation, origin))
    }
}

impl OperationSource for Trace {
    fn info(&self) -> &TraceInfo {
        &self.info
    }

    fn summary(&self) -> &Summary {
        &self.summary
    }

    fn open(&self) -> Result<Box<dyn ChunkReader + '_>, TraceError> {
        Ok(Box::new(SliceReader::new(&self.operations, &self.origins)))
    }

    fn operations(&self) -> Option<&[Operation]> {
        Some(&self.operations)
    }
}

/// Gathers a trace in memory; the [`Sink`] for sources that are small enough.
#[derive(Clone, Debug, Default)]
pub struct TraceBuilder {
    info: TraceInfo,
    summary: SummaryBuilder,
    operations: Vec<Operation>,
    origins: Vec<Origin>,
}

impl TraceBuilder {
    /// A builder before the first operation.
    #[must_use]
    pub fn new(info: TraceInfo) -> Self {
        Self { info, ..Self::default() }
    }

    /// Name and provenance, to be completed while operations arrive.
    pub const fn info_mut(&mut self) -> &mut TraceInfo {
        &mut self.info
    }

    /// How many operations have been pushed.
    #[must_use]
    pub const fn operation_count(&self) -> usize {
        self.operations.len()
    }

    /// The trace of everything pushed.
    #[must_use]
    pub fn finish(self) -> Trace {
        let Self { info, summary, operations, origins } = self;
        Trace { info, summary: summary.finish(), operations, origins }
    }
}

impl Sink for TraceBuilder {
    fn push(&mut self, operation: Operation, origin: Origin) -> Result<(), OperationError> {
        self.summary.push(operation, origin)?;
        // Origins cost as much memory as operations: none are kept until one is known.
        if origin != Origin::default() || !self.origins.is_empty() {
            self.origins.resize(self.operations.len(), Origin::default());
            self.origins.push(origin);
        }
        self.operations.push(operation);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPERATIONS: [Operation; 3] = [
        Operation::Allocate { slot: 0, size: 10, align: 1 },
        Operation::Resize { slot: 0, size: 20, align: 8 },
        Operation::Free { slot: 0 },
    ];

    #[test]
    fn builder_and_source_agree() {
        let mut builder = TraceBuilder::new(TraceInfo::named("a"));
        builder.push(OPERATIONS[0], Origin::default()).unwrap();
        let origin = Origin { time_ns: Some(7), ..Origin::default() };
        builder.push(OPERATIONS[1], origin).unwrap();
        builder.push(OPERATIONS[2], Origin::default()).unwrap();
        let trace = builder.finish();
        assert_eq!(trace.origins(), [Origin::default(), origin, Origin::default()]);
        let same = Trace::from_operations(TraceInfo::named("b"), OPERATIONS.to_vec()).unwrap();
        assert_eq!(trace.hash(), same.hash());
        let loaded = Trace::load(&trace).unwrap();
        assert_eq!(loaded.operations(), OPERATIONS);
        assert_eq!(loaded.summary(), trace.summary());
    }

    #[test]
    fn origins_come_with_their_operations() {
        let mut builder = TraceBuilder::new(TraceInfo::named("a"));
        let count = crate::CHUNK_OPERATIONS + 2;
        for index in 0..count {
            let slot = u32::try_from(index).unwrap();
            let origin = Origin { thread: Some(slot), ..Origin::default() };
            builder.push(Operation::Allocate { slot, size: 1, align: 1 }, origin).unwrap();
        }
        let trace = builder.finish();
        let mut reader = OperationSource::open(&trace).unwrap();
        let (mut chunk, mut origins, mut threads) = (Vec::new(), Vec::new(), Vec::new());
        while reader.next_chunk_and_origins(&mut chunk, &mut origins).unwrap() {
            assert_eq!(chunk.len(), origins.len());
            threads.extend(origins.iter().map(|origin| origin.thread.unwrap()));
        }
        assert!(threads.iter().copied().eq(0..u32::try_from(count).unwrap()));
        let bare = Trace::from_operations(TraceInfo::named("b"), OPERATIONS.to_vec()).unwrap();
        let mut reader = OperationSource::open(&bare).unwrap();
        assert!(reader.next_chunk_and_origins(&mut chunk, &mut origins).unwrap());
        assert_eq!((chunk.len(), origins.len()), (3, 0));
    }

    #[test]
    fn a_slice_is_read_in_chunks() {
        let mut operations = vec![OPERATIONS[0]];
        operations.resize(crate::CHUNK_OPERATIONS + 1, OPERATIONS[1]);
        let trace = Trace::from_operations(TraceInfo::named("long"), operations).unwrap();
        let mut reader = OperationSource::open(&trace).unwrap();
        let mut chunk = Vec::new();
        let mut lengths = Vec::new();
        while reader.next_chunk(&mut chunk).unwrap() {
            lengths.push(chunk.len());
        }
        assert_eq!(lengths, [crate::CHUNK_OPERATIONS, 1]);
        assert!(chunk.is_empty());
    }

    #[test]
    fn a_bad_operation_is_named_by_its_index() {
        let operations = vec![OPERATIONS[0], OPERATIONS[2], OPERATIONS[2]];
        let error = Trace::from_operations(TraceInfo::named("bad"), operations).unwrap_err();
        assert_eq!(error.to_string(), "bad: operation 2: slot 0 is used while it is empty");
    }

    #[test]
    fn pushing_into_a_builder_gives_the_same_trace() {
        let trace = Trace::from_operations(TraceInfo::named("a"), OPERATIONS.to_vec()).unwrap();
        let mut builder = TraceBuilder::new(TraceInfo::named("a"));
        trace.push_into(&mut builder).unwrap();
        assert_eq!(builder.finish().summary(), trace.summary());
    }
}
