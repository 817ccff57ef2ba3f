//! Sections: the frame that every part of a file stands in.

use std::io::{self, Read, Write};

use super::Codec;
use crate::TraceError;

/// Kind, codec, reserved, count, raw length, stored length, checksum.
const FRAME_BYTES: usize = 20;

/// Header and trailer are at most this long.
pub(super) const MAX_JSON_BYTES: u32 = 64 << 20;

/// Any other section is at most this long, before and after compression.
pub(super) const MAX_RAW_BYTES: u32 = 2 << 20;

/// What a section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind(pub(super) u8);

impl Kind {
    pub(super) const HEADER: Self = Self(b'H');
    pub(super) const OPERATIONS: Self = Self(b'O');
    pub(super) const ORIGINS: Self = Self(b'g');
    pub(super) const TRAILER: Self = Self(b'T');

    /// Readers that do not know a kind with a lower-case letter pass over it.
    pub(super) const fn can_be_skipped(self) -> bool {
        self.0.is_ascii_lowercase()
    }

    const fn max_raw_bytes(self) -> u32 {
        match self {
            Self::HEADER | Self::TRAILER => MAX_JSON_BYTES,
            _ => MAX_RAW_BYTES,
        }
    }
}

impl core::fmt::Display for Kind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.0.is_ascii_graphic() {
            write!(f, "'{}'", char::from(self.0))
        } else {
            write!(f, "byte {:#04x}", self.0)
        }
    }
}

impl Codec {
    const fn byte(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Lz4 => 1,
            Self::Deflate => 2,
        }
    }
}

/// Effort of compression, from 0 to 9.
const DEFLATE_LEVEL: u32 = 7;

/// Writes one section and returns its length in the file.
///
/// A payload that does not become shorter is stored as it is.
pub(super) fn write(
    output: &mut dyn Write,
    kind: Kind,
    count: u32,
    payload: &[u8],
    codec: Codec,
) -> io::Result<u64> {
    let too_long = || io::Error::other(format!("a section {kind} of {} bytes", payload.len()));
    let raw_len = u32::try_from(payload.len()).map_err(|_| too_long())?;
    if raw_len > kind.max_raw_bytes() {
        return Err(too_long());
    }
    let compressed = match codec {
        Codec::None => Vec::new(),
        Codec::Lz4 => lz4_flex::block::compress(payload),
        Codec::Deflate => deflate(payload),
    };
    let (stored, codec) = match u32::try_from(compressed.len()) {
        Ok(len) if len < raw_len && codec != Codec::None => (compressed.as_slice(), codec),
        _ => (payload, Codec::None),
    };
    // No longer than the payload, whose length fits.
    let stored_len = u32::try_from(stored.len()).unwrap_or(raw_len);
    let mut frame = [0; FRAME_BYTES];
    (frame[0], frame[1]) = (kind.0, codec.byte());
    frame[4..8].copy_from_slice(&count.to_le_bytes());
    frame[8..12].copy_from_slice(&raw_len.to_le_bytes());
    frame[12..16].copy_from_slice(&stored_len.to_le_bytes());
    let checksum = checksum(&frame[..16], stored);
    frame[16..].copy_from_slice(&checksum.to_le_bytes());
    output.write_all(&frame)?;
    output.write_all(stored)?;
    Ok(FRAME_BYTES as u64 + u64::from(stored_len))
}

fn checksum(frame: &[u8], stored: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(frame);
    hasher.update(stored);
    hasher.finalize()
}

/// What a section's frame says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// Where the section starts in the file.
    pub(super) offset: u64,
    pub(super) kind: Kind,
    pub(super) count: u32,
    codec: u8,
    raw_len: u32,
}

/// Reads sections, and knows where it is.
#[derive(Debug)]
pub(super) struct Input<R> {
    input: R,
    pub(super) name: String,
    pub(super) offset: u64,
    stored: Vec<u8>,
    raw: Vec<u8>,
}

impl<R: Read> Input<R> {
    pub(super) const fn new(name: String, input: R) -> Self {
        Self { input, name, offset: 0, stored: Vec::new(), raw: Vec::new() }
    }

    pub(super) fn format(
        &self,
        offset: u64,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> TraceError {
        let (found, expected) = (found.into(), expected.into());
        TraceError::Format { file: self.name.clone(), offset, found, expected }
    }

    /// Reads exactly `N` bytes.
    pub(super) fn array<const N: usize>(&mut self, expected: &str) -> Result<[u8; N], TraceError> {
        let mut bytes = [0; N];
        let mut len = 0;
        while len < N {
            match self.input.read(&mut bytes[len..]) {
                Ok(0) => {
                    let offset = self.offset + len as u64;
                    return Err(self.format(offset, "the end of the file", expected));
                }
                Ok(more) => len += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(TraceError::io(&self.name, error)),
            }
        }
        self.offset += N as u64;
        Ok(bytes)
    }

    /// Fails unless the input ends here.
    pub(super) fn expect_end(&mut self) -> Result<(), TraceError> {
        let mut byte = [0];
        loop {
            match self.input.read(&mut byte) {
                Ok(0) => return Ok(()),
                Ok(_) => {
                    return Err(self.format(self.offset, "more bytes", "the end of the file"));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(TraceError::io(&self.name, error)),
            }
        }
    }

    /// Reads the next section and checks its checksum; [`payload`](Self::payload) unpacks it.
    ///
    /// The buffer grows by what is really there, never by what the frame promises.
    pub(super) fn section(&mut self) -> Result<Frame, TraceError> {
        let offset = self.offset;
        let frame: [u8; FRAME_BYTES] = self.array("a section")?;
        let [kind, codec, ..] = frame;
        let [count, raw_len, stored_len, expected_sum] = [4, 8, 12, 16]
            .map(|at| u32::from_le_bytes([frame[at], frame[at + 1], frame[at + 2], frame[at + 3]]));
        let kind = Kind(kind);
        let max = kind.max_raw_bytes();
        if raw_len > max || stored_len > max {
            let found = format!("a section {kind} of {stored_len} bytes, {raw_len} unpacked");
            return Err(self.format(offset, found, format!("at most {max}")));
        }
        self.stored.clear();
        let read = Read::take(&mut self.input, stored_len.into()).read_to_end(&mut self.stored);
        let read = read.map_err(|error| TraceError::io(&self.name, error))?;
        self.offset += read as u64;
        if read < stored_len as usize {
            let expected = format!("{stored_len} bytes of section {kind}");
            return Err(self.format(self.offset, "the end of the file", expected));
        }
        let sum = checksum(&frame[..16], &self.stored);
        if sum != expected_sum {
            let (found, expected) =
                (format!("checksum {sum:#010x}"), format!("{expected_sum:#010x}"));
            return Err(self.format(offset, found, expected));
        }
        Ok(Frame { offset, kind, count, codec, raw_len })
    }

    /// The payload of the section read last, unpacked.
    pub(super) fn payload(&mut self, frame: Frame) -> Result<&[u8], TraceError> {
        let raw_len = frame.raw_len as usize;
        let is_json = matches!(frame.kind, Kind::HEADER | Kind::TRAILER);
        let unpacked = match frame.codec {
            0 if self.stored.len() == raw_len => return Ok(&self.stored),
            0 => Err(format!("{} bytes", self.stored.len())),
            // Not compressed, so that they take no more memory than the file holds.
            1 | 2 if is_json => {
                let found = format!("codec {}", frame.codec);
                return Err(self.format(frame.offset + 1, found, "0 in a header or trailer"));
            }
            1 => {
                self.raw.resize(raw_len, 0);
                lz4_flex::block::decompress_into(&self.stored, &mut self.raw)
                    .map_err(|error| format!("damaged LZ4 data ({error})"))
            }
            2 => {
                self.raw.resize(raw_len, 0);
                inflate(&mut self.raw, &self.stored)
            }
            codec => {
                let found = format!("codec {codec}");
                return Err(self.format(frame.offset + 1, found, "0, 1 or 2"));
            }
        };
        let found = match unpacked {
            Ok(len) if len == raw_len => return Ok(&self.raw),
            Ok(len) => format!("{len} bytes"),
            Err(found) => found,
        };
        let expected = format!("{raw_len} bytes after unpacking");
        Err(self.format(frame.offset + FRAME_BYTES as u64, found, expected))
    }
}

fn deflate(payload: &[u8]) -> Vec<u8> {
    let mut compress = flate2::Compress::new(flate2::Compression::new(DEFLATE_LEVEL), false);
    let mut out = Vec::with_capacity(payload.len());
    match compress.compress_vec(payload, &mut out, flate2::FlushCompress::Finish) {
        Ok(flate2::Status::StreamEnd) => out,
        // It did not fit into the length of the payload: not worth compressing.
        _ => payload.to_vec(),
    }
}

fn inflate(out: &mut [u8], input: &[u8]) -> Result<usize, String> {
    let mut decompress = flate2::Decompress::new(false);
    match decompress.decompress(input, out, flate2::FlushDecompress::Finish) {
        Ok(flate2::Status::StreamEnd) if decompress.total_in() == input.len() as u64 => {
            // At most the length of `out`.
            Ok(usize::try_from(decompress.total_out()).unwrap_or(usize::MAX))
        }
        Ok(_) => Err("deflate data of another length".to_owned()),
        Err(error) => Err(format!("damaged deflate data ({error})")),
    }
}
