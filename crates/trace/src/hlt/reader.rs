//! Reading a file as a stream.

use std::io::Read;

use super::decode::{Decoder, Fault};
use super::section::{Frame, Input, Kind};
use super::{END_MAGIC, HLT_MAGIC, HLT_VERSION, Header, PREFIX_BYTES, Trailer};
use crate::{
    CHUNK_OPERATIONS, ChunkReader, Operation, OperationError, Origin, Summary, TraceError,
    TraceInfo,
};

/// Reads a trace from any input, front to back, in memory for one chunk and the slots.
///
/// Every checksum and the slot discipline are checked, and at the end that the trailer agrees in the
/// number of operations and slots.
/// The trailer's other figures are as the writer stated them; [`HltFile::verify`](super::HltFile::verify)
/// computes them again.
#[derive(Debug)]
pub struct HltReader<R> {
    input: Input<R>,
    info: TraceInfo,
    decoder: Decoder,
    operations: u64,
    /// A section read ahead, because a chunk may be followed by its origins.
    ahead: Option<Frame>,
    trailer: Option<Trailer>,
}

impl<R: Read> HltReader<R> {
    /// Reads the start of a file up to the first chunk; `name` stands in error messages.
    ///
    /// # Errors
    ///
    /// [`TraceError::Format`] when it is no such file or one of another version,
    /// [`TraceError::Io`] when it cannot be read.
    pub fn new(name: impl Into<String>, input: R) -> Result<Self, TraceError> {
        let mut input = Input::new(name.into(), input);
        let magic: [u8; HLT_MAGIC.len()] = input.array("an .hlt file")?;
        if magic != HLT_MAGIC {
            let found = format!("\"{}\"", magic.escape_ascii());
            let expected = format!("\"{}\", the start of an .hlt file", HLT_MAGIC.escape_ascii());
            return Err(input.format(0, found, expected));
        }
        let [version @ .., flag, more_flags]: [u8; PREFIX_BYTES - HLT_MAGIC.len()] =
            input.array("version and flags")?;
        let version = u16::from_le_bytes(version);
        if version != HLT_VERSION {
            let (found, expected) =
                (format!("version {version}"), format!("version {HLT_VERSION}"));
            return Err(input.format(8, found, expected));
        }
        if [flag, more_flags] != [0; 2] {
            let found = format!("flags {flag:#04x} {more_flags:#04x}");
            return Err(input.format(10, found, "none of them set"));
        }
        let frame = input.section()?;
        if frame.kind != Kind::HEADER {
            let found = format!("a section {}", frame.kind);
            return Err(input.format(frame.offset, found, "the header 'H'"));
        }
        let parsed = serde_json::from_slice::<Header>(input.payload(frame)?);
        let header = parsed.map_err(|error| bad_json(&input, frame, &error))?;
        let decoder = Decoder::new();
        Ok(Self { input, info: header.info, decoder, operations: 0, ahead: None, trailer: None })
    }

    /// Name and provenance: as known when writing began, and in full once the end has been read.
    #[must_use]
    pub fn info(&self) -> &TraceInfo {
        self.trailer.as_ref().map_or(&self.info, |trailer| &trailer.info)
    }

    /// What the operations amount to, once the end has been read.
    #[must_use]
    pub fn summary(&self) -> Option<&Summary> {
        self.trailer.as_ref().map(|trailer| &trailer.summary)
    }

    /// As [`ChunkReader::next_chunk`], with the origin of each operation; `origins` is empty when
    /// nothing is known of any in this chunk.
    ///
    /// # Errors
    ///
    /// See [`ChunkReader::next_chunk`].
    pub fn next_chunk_with_origins(
        &mut self,
        operations: &mut Vec<Operation>,
        origins: &mut Vec<Origin>,
    ) -> Result<bool, TraceError> {
        origins.clear();
        let more = self.read_chunk(operations)?;
        if more {
            let frame = self.input.section()?;
            if frame.kind == Kind::ORIGINS {
                let count = operations.len();
                let payload = self.input.payload(frame)?;
                if super::origins::decode(payload, count, origins).is_none() {
                    let found = format!("an origins section that does not hold {count} origins");
                    return Err(self.input.format(frame.offset, found, "one that does"));
                }
            } else {
                self.ahead = Some(frame);
            }
        }
        Ok(more)
    }

    /// A complaint about the file as a whole.
    pub(super) fn error_at_start(&self, found: String, expected: String) -> TraceError {
        self.input.format(0, found, expected)
    }

    fn read_chunk(&mut self, operations: &mut Vec<Operation>) -> Result<bool, TraceError> {
        operations.clear();
        if self.trailer.is_some() {
            return Ok(false);
        }
        loop {
            let frame = match self.ahead.take() {
                Some(frame) => frame,
                None => self.input.section()?,
            };
            match frame.kind {
                Kind::OPERATIONS => {
                    self.decode(frame, operations)?;
                    return Ok(true);
                }
                Kind::TRAILER => {
                    self.read_end(frame)?;
                    return Ok(false);
                }
                kind if kind.can_be_skipped() => {}
                kind => {
                    let found = format!("a section {kind}");
                    let expected = "operations 'O' or the trailer 'T'";
                    return Err(self.input.format(frame.offset, found, expected));
                }
            }
        }
    }

    fn decode(&mut self, frame: Frame, operations: &mut Vec<Operation>) -> Result<(), TraceError> {
        let count = frame.count as usize;
        if !(1..=CHUNK_OPERATIONS).contains(&count) {
            let found = format!("a chunk of {count} operations");
            return Err(self.input.format(frame.offset + 4, found, "1 to 65536"));
        }
        let payload = self.input.payload(frame)?;
        let index = self.operations;
        self.operations += count as u64;
        self.decoder.decode(payload, count, operations).map_err(|fault| {
            operations.clear();
            match fault {
                Fault::Format(found, expected) => self.input.format(frame.offset, found, expected),
                Fault::Operation(within, source) => {
                    self.input.operation_error(index + within as u64, source)
                }
            }
        })
    }

    fn read_end(&mut self, frame: Frame) -> Result<(), TraceError> {
        let trailer = read_trailer(&mut self.input, frame)?;
        let summary = &trailer.summary;
        for (what, found, expected) in [
            ("operations", self.operations, summary.operations.checked_total()),
            ("slots", self.decoder.slot_count(), Some(summary.slots)),
        ] {
            if Some(found) != expected {
                let expected = expected.map_or("more than 2^64".to_owned(), |n| n.to_string());
                let found = format!("{found} {what} in the chunks");
                let expected = format!("{expected}, as the trailer says");
                return Err(self.input.format(frame.offset, found, expected));
            }
        }
        let at = self.input.offset;
        let [offset @ .., _, _, _, _, _, _, _, _]: [u8; 16] = self.check_end(at)?;
        let offset = u64::from_le_bytes(offset);
        if offset != frame.offset {
            let (found, expected) = (format!("trailer offset {offset}"), frame.offset.to_string());
            return Err(self.input.format(at, found, expected));
        }
        self.input.expect_end()?;
        self.trailer = Some(trailer);
        Ok(())
    }

    fn check_end(&mut self, at: u64) -> Result<[u8; super::END_BYTES], TraceError> {
        let end: [u8; super::END_BYTES] = self.input.array("the end marker")?;
        if end.ends_with(&END_MAGIC) { Ok(end) } else { Err(bad_end(&self.input, at, &end)) }
    }
}

impl<R: Read + Send> ChunkReader for HltReader<R> {
    fn next_chunk(&mut self, chunk: &mut Vec<Operation>) -> Result<bool, TraceError> {
        self.read_chunk(chunk)
    }

    fn next_chunk_and_origins(
        &mut self,
        chunk: &mut Vec<Operation>,
        origins: &mut Vec<Origin>,
    ) -> Result<bool, TraceError> {
        self.next_chunk_with_origins(chunk, origins)
    }
}

impl<R: Read> Input<R> {
    fn operation_error(&self, index: u64, source: OperationError) -> TraceError {
        TraceError::Operation { file: self.name.clone(), index, source }
    }
}

/// The trailer in the section read last.
pub(super) fn read_trailer<R: Read>(
    input: &mut Input<R>,
    frame: Frame,
) -> Result<Trailer, TraceError> {
    if frame.kind != Kind::TRAILER {
        let found = format!("a section {}", frame.kind);
        return Err(input.format(frame.offset, found, "the trailer 'T'"));
    }
    let parsed = serde_json::from_slice(input.payload(frame)?);
    parsed.map_err(|error| bad_json(input, frame, &error))
}

pub(super) fn bad_end<R: Read>(input: &Input<R>, offset: u64, end: &[u8]) -> TraceError {
    let found = format!("\"{}\"", end[end.len() - END_MAGIC.len()..].escape_ascii());
    let expected = format!("\"{}\", the end of an .hlt file", END_MAGIC.escape_ascii());
    input.format(offset + 8, found, expected)
}

fn bad_json<R: Read>(input: &Input<R>, frame: Frame, error: &serde_json::Error) -> TraceError {
    let what = if frame.kind == Kind::HEADER { "header" } else { "trailer" };
    input.format(frame.offset, error.to_string(), format!("a {what} in JSON"))
}
