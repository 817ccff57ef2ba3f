//! Importers: other tools' traces, read line by line into a [`Sink`].
//!
//! A file's format is recognised by its content. Every importer numbers blocks with dense slots, drops
//! and counts frees of null, says what its source does not record ([`ImportReport::lacks`]), and
//! refuses malformed input with file, line, what it found and what it expected ([`ImportError`]).
//! Memory is proportional to the live blocks, whatever a header promises; only MiniMalloc's rows, which
//! are in no time order, are held whole.
//!
//! ```
//! use std::io::Cursor;
//! use heaplab_trace::import::{Format, ImportOptions, import_reader};
//! use heaplab_trace::{TraceBuilder, TraceInfo};
//!
//! let text = Cursor::new("Alloc(16),\nAlloc(0),\nFree(0),\n");
//! let mut builder = TraceBuilder::new(TraceInfo::named("example"));
//! let report = import_reader("example.trace", text, &ImportOptions::default(), &mut builder)?;
//! assert_eq!(report.format, Format::WeeAlloc);
//! assert_eq!(report.counts.total(), 3);
//! # Ok::<(), heaplab_trace::import::ImportError>(())
//! ```

mod aosp;
mod archive;
mod error;
mod fields;
mod format;
mod lines;
mod minimalloc;
mod output;
mod recognize;
mod rep;
mod slots;
mod valgrind;
mod wee_alloc;

use std::fmt;
use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

pub use error::{Attempt, ImportError, ImportErrorKind};
pub use format::{Format, FormatInfo, Lack, UnknownFormatName, formats};
pub use recognize::{RECOGNITION_BYTES, is_hlt, recognize};
pub use slots::{SlotMap, SlotMapError};

use crate::{Counts, Sink, Source, SourceKind};
use lines::{Line, Lines};
use output::{Output, Stop};

/// How to import; the default leaves every choice to the content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// The format, instead of the one that the content shows.
    pub format: Option<Format>,
    /// The process to import from a log of several (valgrind), instead of the one that allocates most;
    /// other formats do not look at it.
    pub process: Option<u32>,
}

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportReport {
    /// The format that was read.
    pub format: Format,
    /// Operations pushed into the sink.
    pub counts: Counts,
    /// Frees of null, which are no operations.
    pub dropped_null_frees: u64,
    /// What the source does not record.
    pub lacks: Vec<Lack>,
    /// What was repaired, assumed or is surprising; a handful at most, whatever the input.
    pub warnings: Vec<Warning>,
    /// The recorded program's command line, where the source names it.
    pub program: Option<String>,
}

impl ImportReport {
    /// The report as a trace's provenance.
    #[must_use]
    pub fn source(&self) -> Source {
        Source {
            kind: SourceKind::Imported,
            format: Some(self.format.name().to_owned()),
            program: self.program.clone(),
            lacks: self.lacks.iter().map(ToString::to_string).collect(),
            dropped_null_frees: self.dropped_null_frees,
            notes: self.warnings.iter().map(ToString::to_string).collect(),
        }
    }
}

/// A remark on an import that went well.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// The first line that it is about, counted from 1; `None` when it is about the whole file.
    pub line: Option<u64>,
    /// What there is to know.
    pub text: String,
    /// How many lines it is about.
    pub count: u64,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.text)?,
            None => write!(f, "{}", self.text)?,
        }
        match self.count {
            0 | 1 => Ok(()),
            count => write!(f, " ({count} times)"),
        }
    }
}

/// Imports a file.
///
/// The name takes part only where the content is of no known format but its ending is one format's own:
/// then that format's error is returned instead of [`ImportErrorKind::UnknownFormat`].
///
/// # Errors
///
/// [`ImportError`]; see [`ImportErrorKind`] for the cases. The sink has then received the operations
/// before the error.
pub fn import_file(
    path: &Path,
    options: &ImportOptions,
    sink: &mut dyn Sink,
) -> Result<ImportReport, ImportError> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| ImportError::read(&name, None, error))?;
    import_reader(&name, file, options, sink)
}

/// Imports from a reader; `name` stands for the file in messages and gives its ending.
///
/// # Errors
///
/// As [`import_file`].
pub fn import_reader<R: Read + Seek>(
    name: &str,
    mut input: R,
    options: &ImportOptions,
    sink: &mut dyn Sink,
) -> Result<ImportReport, ImportError> {
    let prefix =
        recognize::read_prefix(&mut input).map_err(|error| ImportError::read(name, None, error))?;
    let format = match options.format {
        Some(format) => format,
        None => recognize::choose(name, &prefix)?,
    };
    let mut out = Output::new(sink);
    let mut program = None;
    let lacks = match format {
        Format::Rep => drive(rep::Rep::default(), input, name, format, &mut out)?,
        Format::WeeAlloc => drive(wee_alloc::WeeAlloc::default(), input, name, format, &mut out)?,
        Format::MiniMalloc => {
            drive(minimalloc::MiniMalloc::default(), input, name, format, &mut out)?
        }
        Format::Aosp if recognize::is_zip(&prefix) => archive::import(input, name, &mut out)?,
        Format::Aosp => drive(aosp::Aosp::default(), input, name, format, &mut out)?,
        Format::Valgrind => {
            let importer = valgrind::survey(&mut input, name, options.process, &mut out)?;
            program = importer.program().map(str::to_owned);
            drive(importer, input, name, format, &mut out)?
        }
    };
    if out.counts.total() == 0 {
        return Err(ImportError::no_operations(name));
    }
    let Output { counts, dropped_null_frees, warnings, .. } = out;
    Ok(ImportReport { format, counts, dropped_null_frees, lacks, warnings, program })
}

/// An importer that takes a file line by line.
trait LineImporter {
    /// Takes a line that holds more than blanks.
    fn line(&mut self, line: &Line<'_>, out: &mut Output<'_>) -> Result<(), Stop>;

    /// Takes the end of the file.
    fn finish(&mut self, _out: &mut Output<'_>) -> Result<(), Stop> {
        Ok(())
    }

    /// Whether this file has what others of the format lack; times are told by `Output::has_times`.
    fn has(&self, _lack: Lack) -> bool {
        false
    }
}

/// Feeds an importer, puts file and line into its errors, and says what the file lacks.
fn drive<I: LineImporter, R: Read>(
    mut importer: I,
    input: R,
    file: &str,
    format: Format,
    out: &mut Output<'_>,
) -> Result<Vec<Lack>, ImportError> {
    let mut lines = Lines::new(input);
    while let Some(line) =
        lines.next_line().map_err(|fault| ImportError::line_fault(file, fault))?
    {
        if line.bytes.trim_ascii_start().is_empty() {
            continue;
        }
        importer.line(&line, out).map_err(|stop| match stop {
            Stop::Fault(fault) => ImportError::malformed(file, line.number, line.bytes, *fault),
            Stop::Sink(error) => ImportError::sink(file, Some(line.number), error),
        })?;
    }
    importer.finish(out).map_err(|stop| match stop {
        Stop::Fault(fault) => ImportError::archive(file, fault.found, &fault.expected),
        Stop::Sink(error) => ImportError::sink(file, None, error),
    })?;
    let has_times = out.has_times;
    let is_lacking = |&&lack: &&Lack| !(importer.has(lack) || lack == Lack::Time && has_times);
    Ok(format.info().lacks.iter().filter(is_lacking).copied().collect())
}
