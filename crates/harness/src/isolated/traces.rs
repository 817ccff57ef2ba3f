//! Traces as files, for processes that cannot see our memory.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;

use heaplab_trace::hlt::{Codec, HltFileWriter};
use heaplab_trace::{OperationError, OperationSource, Origin, Sink as _, TraceError};
use tempfile::TempDir;

use crate::replay::ReplayError;

/// The files written so far, by the hash of the trace; they vanish with the folder.
#[derive(Debug, Default)]
pub(super) struct Traces {
    folder: Option<TempDir>,
    files: HashMap<String, PathBuf>,
}

impl Traces {
    /// A file that holds the operations of `source`.
    pub(super) fn path_of(&mut self, source: &dyn OperationSource) -> Result<PathBuf, ReplayError> {
        let hash = &source.summary().hash;
        if let Some(path) = self.files.get(hash) {
            return Ok(path.clone());
        }
        let folder = match &self.folder {
            Some(folder) => folder,
            None => self.folder.insert(
                tempfile::Builder::new()
                    .prefix("heaplab-traces-")
                    .tempdir()
                    .map_err(ReplayError::Process)?,
            ),
        };
        let path = folder.path().join(format!("{}.hlt", self.files.len()));
        write(source, &path)?;
        self.files.insert(hash.clone(), path.clone());
        Ok(path)
    }
}

fn write(source: &dyn OperationSource, path: &PathBuf) -> Result<(), ReplayError> {
    // Read as often as there are processes, and written once: compressing costs more than it saves.
    let mut writer = HltFileWriter::with_codec(path, source.info().clone(), Codec::None)?;
    let mut reader = source.open()?;
    let mut chunk = Vec::new();
    while reader.next_chunk(&mut chunk)? {
        for &operation in &chunk {
            match writer.push(operation, Origin::default()) {
                Ok(()) => {}
                Err(OperationError::Output(error)) => return Err(ReplayError::Process(error)),
                Err(error) => return Err(ReplayError::Process(io::Error::other(error))),
            }
        }
    }
    match writer.finish() {
        Ok(_) => Ok(()),
        Err(TraceError::Io { source, .. }) => Err(ReplayError::Process(source)),
        Err(error) => Err(ReplayError::Trace(error)),
    }
}
