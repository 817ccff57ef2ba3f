//! The `.hlt` file format: binary, versioned, compressed in chunks, read and written as a stream.
//!
//! `docs/TRACE_FORMAT.md` describes every byte.
//! Reading and writing take memory for one chunk and for the slots, however long the trace is.
//!
//! Layout: magic and version, a header section, for every chunk an operations section and, where
//! something is known of origins, an origins section, then a trailer section and an end marker.
//! A file without its end is refused, so a recording that was cut off is never taken for a whole one.

mod cursor;
mod decode;
mod encode;
mod file;
mod origins;
mod reader;
mod section;
mod slots;
mod tags;
mod writer;

#[cfg(test)]
mod tests;

pub use file::{EmbeddedHlt, HltFile};
pub use reader::HltReader;
pub use writer::{HltFileWriter, HltWriter};

use serde::{Deserialize, Serialize};

use crate::{Summary, TraceInfo};

/// The first bytes of every file: not text, and damaged by every conversion of line ends.
pub const HLT_MAGIC: [u8; 8] = *b"\x89HLT\r\n\x1a\n";

/// The version that is written; readers refuse others.
pub const HLT_VERSION: u16 = 1;

/// The last bytes of every file, after the trailer's offset.
const END_MAGIC: [u8; 8] = *b"HLT-END\n";

/// Magic, version and flags.
const PREFIX_BYTES: usize = 12;

/// Offset of the trailer, and the end magic.
const END_BYTES: usize = 16;

/// How the sections of a file are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Codec {
    /// Not at all.
    None,
    /// LZ4 blocks: read about as fast as uncompressed ones.
    #[default]
    Lz4,
    /// Deflate without a wrapper: a fifth to a third smaller, and several times slower to read.
    Deflate,
}

impl Codec {
    /// All codecs that are written and read.
    pub const ALL: [Self; 3] = [Self::None, Self::Lz4, Self::Deflate];

    /// The word that stands for the codec: `none`, `lz4` or `deflate`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Lz4 => "lz4",
            Self::Deflate => "deflate",
        }
    }
}

/// What stands in the header section.
#[derive(Debug, Deserialize)]
struct Header {
    #[serde(default)]
    info: TraceInfo,
}

/// What stands in the trailer section.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Trailer {
    info: TraceInfo,
    summary: Summary,
}
