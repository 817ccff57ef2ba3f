//! Writing a file as a stream.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::encode::Encoder;
use super::section::{self, Kind};
use super::{Codec, END_MAGIC, HLT_MAGIC, HLT_VERSION, Trailer};
use crate::{
    CHUNK_OPERATIONS, Operation, OperationError, Origin, Sink, Summary, SummaryBuilder, TraceError,
    TraceInfo,
};

/// Writes a trace to any output, front to back, in memory for one chunk and the slots.
///
/// Without [`finish`](Self::finish) the output lacks its end and is refused by readers.
#[derive(Debug)]
pub struct HltWriter<W> {
    output: W,
    offset: u64,
    codec: Codec,
    info: TraceInfo,
    summary: SummaryBuilder,
    encoder: Encoder,
    operations: Vec<Operation>,
    origins: Vec<Origin>,
    payload: Vec<u8>,
}

impl<W: Write> HltWriter<W> {
    /// Starts a file with the default codec.
    ///
    /// # Errors
    ///
    /// Whatever the output returns.
    pub fn new(output: W, info: TraceInfo) -> io::Result<Self> {
        Self::with_codec(output, info, Codec::default())
    }

    /// Starts a file.
    ///
    /// # Errors
    ///
    /// Whatever the output returns.
    pub fn with_codec(mut output: W, info: TraceInfo, codec: Codec) -> io::Result<Self> {
        output.write_all(&HLT_MAGIC)?;
        output.write_all(&HLT_VERSION.to_le_bytes())?;
        output.write_all(&[0; 2])?;
        let header = serde_json::to_vec(&serde_json::json!({ "info": info }))?;
        let len = section::write(&mut output, Kind::HEADER, 0, &header, Codec::None)?;
        Ok(Self {
            output,
            offset: super::PREFIX_BYTES as u64 + len,
            codec,
            info,
            summary: SummaryBuilder::new(),
            encoder: Encoder::new(),
            operations: Vec::new(),
            origins: Vec::new(),
            payload: Vec::new(),
        })
    }

    /// Name and provenance, to be completed while operations arrive; what it holds at the end is what
    /// readers see.
    pub const fn info_mut(&mut self) -> &mut TraceInfo {
        &mut self.info
    }

    /// Writes what is left and the end of the file; returns the output, flushed, and the summary.
    ///
    /// # Errors
    ///
    /// Whatever the output returns.
    pub fn finish(mut self) -> io::Result<(W, Summary)> {
        self.write_chunk().map_err(|error| match error {
            OperationError::Output(error) => error,
            other => io::Error::other(other),
        })?;
        let trailer = Trailer { info: self.info, summary: self.summary.finish() };
        let json = serde_json::to_vec(&trailer)?;
        section::write(&mut self.output, Kind::TRAILER, 0, &json, Codec::None)?;
        self.output.write_all(&self.offset.to_le_bytes())?;
        self.output.write_all(&END_MAGIC)?;
        self.output.flush()?;
        Ok((self.output, trailer.summary))
    }

    fn write_chunk(&mut self) -> Result<(), OperationError> {
        if self.operations.is_empty() {
            return Ok(());
        }
        // A chunk is far shorter than 2^32 operations.
        let count = u32::try_from(self.operations.len()).unwrap_or(u32::MAX);
        self.encoder.encode(&self.operations, &mut self.payload)?;
        let (output, codec) = (&mut self.output, self.codec);
        self.offset += section::write(output, Kind::OPERATIONS, count, &self.payload, codec)
            .map_err(OperationError::Output)?;
        if !self.origins.is_empty() {
            self.origins.resize(self.operations.len(), Origin::default());
            super::origins::encode(&self.origins, &mut self.payload);
            self.offset += section::write(output, Kind::ORIGINS, count, &self.payload, codec)
                .map_err(OperationError::Output)?;
        }
        self.operations.clear();
        self.origins.clear();
        Ok(())
    }
}

impl<W: Write> Sink for HltWriter<W> {
    fn push(&mut self, operation: Operation, origin: Origin) -> Result<(), OperationError> {
        self.summary.push(operation, origin)?;
        if origin != Origin::default() {
            self.origins.resize(self.operations.len(), Origin::default());
            self.origins.push(origin);
        }
        self.operations.push(operation);
        if self.operations.len() == CHUNK_OPERATIONS { self.write_chunk() } else { Ok(()) }
    }
}

/// Writes a trace to a path that comes into being, whole, when it is finished.
///
/// Until then the bytes are in a temporary file of the same folder, which vanishes when the writer is
/// dropped unfinished; a file that stood at the path stays as it was. Where the path is a link, what it
/// leads to is replaced. What is no ordinary file, such as a pipe or a device, is written directly: a
/// rename would put a file in its place.
#[derive(Debug)]
pub struct HltFileWriter {
    writer: HltWriter<BufWriter<Output>>,
    path: PathBuf,
}

#[derive(Debug)]
enum Output {
    Temporary(NamedTempFile),
    Direct(File),
}

impl Output {
    fn create(path: &Path) -> io::Result<Self> {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            Ok(found) if !found.is_file() => {
                File::options().write(true).open(path).map(Self::Direct)
            }
            _ => temporary_beside(path).map(Self::Temporary),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Temporary(file) => file.write(bytes),
            Self::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Temporary(file) => file.flush(),
            Self::Direct(file) => file.flush(),
        }
    }
}

impl HltFileWriter {
    /// Starts a file with the default codec.
    ///
    /// # Errors
    ///
    /// [`TraceError::Io`] when no file can be made in the folder of `path`.
    pub fn create(path: impl Into<PathBuf>, info: TraceInfo) -> Result<Self, TraceError> {
        Self::with_codec(path, info, Codec::default())
    }

    /// Starts a file.
    ///
    /// # Errors
    ///
    /// [`TraceError::Io`] when no file can be made in the folder of `path`.
    pub fn with_codec(
        path: impl Into<PathBuf>,
        info: TraceInfo,
        codec: Codec,
    ) -> Result<Self, TraceError> {
        let path = path.into();
        let writer = Output::create(&path)
            .and_then(|file| HltWriter::with_codec(BufWriter::new(file), info, codec));
        match writer {
            Ok(writer) => Ok(Self { writer, path }),
            Err(error) => Err(TraceError::io(path.display().to_string(), error)),
        }
    }

    /// Name and provenance, to be completed while operations arrive.
    pub const fn info_mut(&mut self) -> &mut TraceInfo {
        self.writer.info_mut()
    }

    /// Completes the file and puts it in its place.
    ///
    /// # Errors
    ///
    /// [`TraceError::Io`] when it cannot be written or renamed; nothing is left behind then.
    pub fn finish(self) -> Result<Summary, TraceError> {
        let Self { writer, path } = self;
        let finish = || {
            let (output, summary) = writer.finish()?;
            if let Output::Temporary(file) =
                output.into_inner().map_err(io::IntoInnerError::into_error)?
            {
                let target = path.canonicalize();
                let target = target.as_deref().unwrap_or(&path);
                file.persist(target).map_err(|error| error.error)?;
            }
            Ok(summary)
        };
        finish().map_err(|error| TraceError::io(path.display().to_string(), error))
    }
}

impl Sink for HltFileWriter {
    fn push(&mut self, operation: Operation, origin: Origin) -> Result<(), OperationError> {
        self.writer.push(operation, origin)
    }
}

/// A temporary file in the folder of `path`, so that a rename can put it there.
fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    let target = path.canonicalize();
    let folder = match target.as_deref().unwrap_or(path).parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".heaplab-").suffix(".hlt");
    // Temporary files are private by default; this one is to become an ordinary file.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}
