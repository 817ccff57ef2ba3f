//! A trace in memory while it is short, and in a temporary file from there on.

use std::io;
use std::sync::Arc;

use tempfile::TempDir;

use crate::hlt::{HltFile, HltFileWriter};
use crate::{
    ChunkReader, Operation, OperationError, OperationSource, Origin, Sink, Summary, TraceBuilder,
    TraceError, TraceInfo,
};

/// What stays in memory: with their origins 235 MB, however long the trace is.
const OPERATIONS_IN_MEMORY: usize = 4 << 20;

/// A [`Sink`] for sources of any length: memory is for the live blocks and a bounded number of operations.
///
/// A short trace stays in memory, as in a [`TraceBuilder`]. A longer one goes to an `.hlt` file in the system's
/// folder for temporary files, which vanishes with the last user of the trace: a packed recording of a megabyte
/// may hold operations for gigabytes.
#[derive(Debug)]
pub struct Spool {
    most_in_memory: usize,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Memory(Box<TraceBuilder>),
    File { writer: Box<HltFileWriter>, folder: TempDir },
}

impl Spool {
    /// A spool before the first operation.
    #[must_use]
    pub fn new(info: TraceInfo) -> Self {
        Self::with_room(info, OPERATIONS_IN_MEMORY)
    }

    /// A spool that keeps at most `operations` in memory.
    #[must_use]
    pub fn with_room(info: TraceInfo, operations: usize) -> Self {
        Self { most_in_memory: operations, place: Place::Memory(Box::new(TraceBuilder::new(info))) }
    }

    /// Name and provenance, to be completed while operations arrive.
    pub const fn info_mut(&mut self) -> &mut TraceInfo {
        match &mut self.place {
            Place::Memory(builder) => builder.info_mut(),
            Place::File { writer, .. } => writer.info_mut(),
        }
    }

    /// The trace of everything pushed.
    ///
    /// # Errors
    ///
    /// [`TraceError::Io`] when a temporary file cannot be written or read.
    pub fn finish(self) -> Result<Arc<dyn OperationSource>, TraceError> {
        match self.place {
            Place::Memory(builder) => Ok(Arc::new(builder.finish())),
            Place::File { writer, folder } => {
                writer.finish()?;
                let file = HltFile::open(path_in(&folder))?;
                Ok(Arc::new(Spooled { file, _folder: folder }))
            }
        }
    }

    /// Moves what is in memory to a file.
    #[cold]
    fn spill(&mut self) -> Result<(), OperationError> {
        let Place::Memory(builder) = &mut self.place else { return Ok(()) };
        let trace = std::mem::take(builder.as_mut()).finish();
        let folder = tempfile::Builder::new()
            .prefix("heaplab-trace-")
            .tempdir()
            .map_err(|error| OperationError::Output(told(&error)))?;
        let writer = HltFileWriter::create(path_in(&folder), trace.info().clone());
        let mut writer = Box::new(writer.map_err(|error| match error {
            TraceError::Io { source, .. } => OperationError::Output(told(&source)),
            other => OperationError::Output(io::Error::other(other)),
        })?);
        trace.push_into(writer.as_mut()).map_err(told_of)?;
        self.place = Place::File { writer, folder };
        Ok(())
    }
}

impl Sink for Spool {
    fn push(&mut self, operation: Operation, origin: Origin) -> Result<(), OperationError> {
        match &mut self.place {
            Place::Memory(builder) if builder.operation_count() < self.most_in_memory => {
                builder.push(operation, origin)
            }
            Place::File { writer, .. } => writer.push(operation, origin).map_err(told_of),
            Place::Memory(_) => {
                self.spill()?;
                self.push(operation, origin)
            }
        }
    }
}

fn path_in(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("trace.hlt")
}

/// The error with the folder that it is about: nobody asked for a file there.
fn told(error: &io::Error) -> io::Error {
    let folder = std::env::temp_dir();
    let text = format!("{} (a long trace is kept there): {error}", folder.display());
    io::Error::new(error.kind(), text)
}

fn told_of(error: OperationError) -> OperationError {
    match error {
        OperationError::Output(error) => OperationError::Output(told(&error)),
        other => other,
    }
}

/// A trace in a temporary file.
#[derive(Debug)]
struct Spooled {
    file: HltFile,
    /// The file is there as long as this is.
    _folder: TempDir,
}

impl OperationSource for Spooled {
    fn info(&self) -> &TraceInfo {
        self.file.info()
    }

    fn summary(&self) -> &Summary {
        self.file.summary()
    }

    fn open(&self) -> Result<Box<dyn ChunkReader + '_>, TraceError> {
        OperationSource::open(&self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spooled(room: usize, count: u32) -> Arc<dyn OperationSource> {
        let mut spool = Spool::with_room(TraceInfo::named("early"), room);
        for slot in 0..count {
            let origin = Origin { thread: Some(slot % 3), ..Origin::default() };
            spool.push(Operation::Allocate { slot, size: 8, align: 1 }, origin).unwrap();
        }
        spool.info_mut().name = "late".into();
        spool.finish().unwrap()
    }

    fn read(source: &dyn OperationSource) -> (Vec<Operation>, Vec<Origin>) {
        let (mut all, mut all_origins) = (Vec::new(), Vec::new());
        let (mut chunk, mut origins) = (Vec::new(), Vec::new());
        let mut reader = source.open().unwrap();
        while reader.next_chunk_and_origins(&mut chunk, &mut origins).unwrap() {
            all.append(&mut chunk);
            all_origins.append(&mut origins);
        }
        (all, all_origins)
    }

    #[test]
    fn a_trace_is_the_same_in_memory_and_in_a_file() {
        let (short, long) = (spooled(10, 10), spooled(10, 11));
        assert_eq!(short.operations().map(<[_]>::len), Some(10));
        assert!(long.operations().is_none(), "the eleventh went to a file, and all others with it");
        let in_memory = spooled(11, 11);
        assert_eq!(long.summary(), in_memory.summary());
        assert_eq!(long.info(), in_memory.info());
        assert_eq!(long.info().name, "late");
        assert_eq!(read(&*long), read(&*in_memory));
    }

    #[test]
    fn an_operation_that_contradicts_others_is_refused_in_a_file_too() {
        let mut spool = Spool::with_room(TraceInfo::default(), 0);
        let free = Operation::Free { slot: 0 };
        let error = spool.push(free, Origin::default()).unwrap_err();
        assert!(matches!(error, OperationError::SlotEmpty { slot: 0 }), "{error}");
    }

    #[test]
    fn the_file_vanishes_with_its_last_user() {
        let mut spool = Spool::with_room(TraceInfo::default(), 0);
        let operation = Operation::Allocate { slot: 0, size: 8, align: 1 };
        spool.push(operation, Origin::default()).unwrap();
        let Place::File { folder, .. } = &spool.place else { panic!("it is in a file") };
        let folder = folder.path().to_owned();
        let source = spool.finish().unwrap();
        assert!(folder.join("trace.hlt").is_file());
        drop(source);
        assert!(!folder.exists());
    }
}
