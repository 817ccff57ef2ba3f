//! Files on disk and files embedded in the program, as sources of operations.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::reader::{bad_end, read_trailer};
use super::section::Input;
use super::{END_BYTES, END_MAGIC, HltReader, Trailer};
use crate::{
    ChunkReader, Operation, OperationSource, Origin, Sink as _, Summary, SummaryBuilder,
    TraceError, TraceInfo,
};

/// Large enough that the calls do not show in the time of a replay.
const BUFFER_BYTES: usize = 256 * 1024;

/// An `.hlt` file on disk, streamed at each replay.
#[derive(Clone, Debug)]
pub struct HltFile {
    path: PathBuf,
    trailer: Trailer,
}

impl HltFile {
    /// Reads the start and the end of a file, but none of its operations.
    ///
    /// # Errors
    ///
    /// [`TraceError::Io`] when it cannot be read, [`TraceError::Format`] when it is no `.hlt` file, is
    /// cut off or has another version.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, TraceError> {
        let path = path.into();
        let name = path.display().to_string();
        let file = File::open(&path).map_err(|error| TraceError::io(&name, error))?;
        let trailer = seek_trailer(&name, file)?;
        Ok(Self { path, trailer })
    }

    /// The path as it was given.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Starts reading at the first operation, with origins at hand.
    ///
    /// # Errors
    ///
    /// See [`OperationSource::open`].
    pub fn reader(&self) -> Result<HltReader<BufReader<File>>, TraceError> {
        let name = self.path.display().to_string();
        let file = File::open(&self.path).map_err(|error| TraceError::io(&name, error))?;
        HltReader::new(name, BufReader::with_capacity(BUFFER_BYTES, file))
    }

    /// Reads everything and computes the summary again, the hash included.
    ///
    /// # Errors
    ///
    /// [`TraceError`] for whatever is damaged, and when the trailer's summary is not the operations'.
    pub fn verify(&self) -> Result<(), TraceError> {
        verify(self.reader()?, &self.path.display().to_string(), &self.trailer.summary)
    }
}

impl OperationSource for HltFile {
    fn info(&self) -> &TraceInfo {
        &self.trailer.info
    }

    fn summary(&self) -> &Summary {
        &self.trailer.summary
    }

    fn open(&self) -> Result<Box<dyn ChunkReader + '_>, TraceError> {
        Ok(Box::new(Unchanged { reader: self.reader()?, expected: &self.trailer.summary }))
    }
}

/// A whole `.hlt` file in memory for as long as the program runs, such as one made part of it by
/// `include_bytes!`; it is decoded as a stream.
#[derive(Clone, Debug)]
pub struct EmbeddedHlt {
    name: String,
    bytes: &'static [u8],
    trailer: Trailer,
}

impl EmbeddedHlt {
    /// Reads the start and the end, but none of the operations; `name` stands in error messages.
    ///
    /// # Errors
    ///
    /// [`TraceError::Format`], as [`HltFile::open`].
    pub fn new(name: impl Into<String>, bytes: &'static [u8]) -> Result<Self, TraceError> {
        let name = name.into();
        let trailer = seek_trailer(&name, std::io::Cursor::new(bytes))?;
        Ok(Self { name, bytes, trailer })
    }

    /// Starts reading at the first operation, with origins at hand.
    ///
    /// # Errors
    ///
    /// See [`OperationSource::open`].
    pub fn reader(&self) -> Result<HltReader<&'static [u8]>, TraceError> {
        HltReader::new(&self.name, self.bytes)
    }

    /// Reads everything and computes the summary again, the hash included.
    ///
    /// # Errors
    ///
    /// As [`HltFile::verify`].
    pub fn verify(&self) -> Result<(), TraceError> {
        verify(self.reader()?, &self.name, &self.trailer.summary)
    }
}

impl OperationSource for EmbeddedHlt {
    fn info(&self) -> &TraceInfo {
        &self.trailer.info
    }

    fn summary(&self) -> &Summary {
        &self.trailer.summary
    }

    fn open(&self) -> Result<Box<dyn ChunkReader + '_>, TraceError> {
        Ok(Box::new(self.reader()?))
    }
}

/// Reads a file on disk, and makes sure that it still is the one that was opened at first.
struct Unchanged<'a> {
    reader: HltReader<BufReader<File>>,
    expected: &'a Summary,
}

impl ChunkReader for Unchanged<'_> {
    fn next_chunk(&mut self, chunk: &mut Vec<Operation>) -> Result<bool, TraceError> {
        let more = self.reader.next_chunk(chunk)?;
        self.checked(more)
    }

    fn next_chunk_and_origins(
        &mut self,
        chunk: &mut Vec<Operation>,
        origins: &mut Vec<Origin>,
    ) -> Result<bool, TraceError> {
        let more = self.reader.next_chunk_with_origins(chunk, origins)?;
        self.checked(more)
    }
}

impl Unchanged<'_> {
    /// At the end, compares what was read with what was opened.
    fn checked(&self, more: bool) -> Result<bool, TraceError> {
        match self.reader.summary() {
            Some(summary) if !more && summary != self.expected => Err(self.reader.error_at_start(
                format!("a trace with the hash {}", summary.hash),
                format!("the one opened before, {}", self.expected.hash),
            )),
            _ => Ok(more),
        }
    }
}

/// Checks the start, then finds the trailer from the end.
pub(super) fn seek_trailer<R: Read + Seek>(name: &str, mut file: R) -> Result<Trailer, TraceError> {
    HltReader::new(name, BufReader::new(&mut file))?;
    let io_error = |error| TraceError::io(name, error);
    let len = file.seek(SeekFrom::End(0)).map_err(io_error)?;
    let at = len.saturating_sub(END_BYTES as u64);
    file.seek(SeekFrom::Start(at)).map_err(io_error)?;
    let mut input = Input::new(name.to_owned(), BufReader::new(&mut file));
    input.offset = at;
    let end: [u8; END_BYTES] = input.array("the end marker")?;
    if !end.ends_with(&END_MAGIC) {
        return Err(bad_end(&input, at, &end));
    }
    let [offset @ .., _, _, _, _, _, _, _, _] = end;
    let offset = u64::from_le_bytes(offset);
    if offset >= at {
        let (found, expected) = (format!("trailer offset {offset}"), format!("less than {at}"));
        return Err(input.format(at, found, expected));
    }
    drop(input);
    file.seek(SeekFrom::Start(offset)).map_err(io_error)?;
    let mut input = Input::new(name.to_owned(), BufReader::new(file));
    input.offset = offset;
    let frame = input.section()?;
    let trailer = read_trailer(&mut input, frame)?;
    if input.offset != at {
        let found = format!("a trailer that ends at byte {}", input.offset);
        return Err(input.format(offset, found, format!("one that ends at byte {at}")));
    }
    Ok(trailer)
}

fn verify<R: Read>(
    mut reader: HltReader<R>,
    name: &str,
    stated: &Summary,
) -> Result<(), TraceError> {
    let mut builder = SummaryBuilder::new();
    let (mut operations, mut origins) = (Vec::new(), Vec::new());
    while reader.next_chunk_with_origins(&mut operations, &mut origins)? {
        let known = origins.iter().copied().chain(core::iter::repeat(Origin::default()));
        for (operation, origin) in operations.iter().zip(known) {
            let index = builder.operation_index();
            builder.push(*operation, origin).map_err(|source| TraceError::Operation {
                file: name.to_owned(),
                index,
                source,
            })?;
        }
    }
    let computed = builder.finish();
    if computed == *stated {
        return Ok(());
    }
    Err(reader.error_at_start(
        format!("operations with the hash {}", computed.hash),
        format!("a trailer that summarizes them, not {}", stated.hash),
    ))
}
