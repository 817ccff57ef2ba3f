//! What can go wrong with a report file.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::SCHEMA;

/// Why a report could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file cannot be opened or read.
    #[error("{}: cannot be read", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The file is compressed, but broken.
    #[error("{}: compressed, but cannot be decompressed: {reason}", path.display())]
    Decompress {
        /// The file.
        path: PathBuf,
        /// What the decoder says.
        reason: String,
    },
    /// The file is larger than any report.
    #[error("{}: larger than {max_bytes} bytes, expected a report", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        max_bytes: u64,
    },
    /// The file ends inside the JSON.
    #[error(
        "{}:{line}:{column}: the file ends in the middle of the report; was it cut off while being copied?",
        path.display()
    )]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Its last line, from 1.
        line: usize,
        /// The column of its end.
        column: usize,
    },
    /// There is nothing in the file.
    #[error("{}: an empty file, expected a report", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file is no JSON.
    #[error("{}:{line}:{column}: expected a report in JSON, found {found}: {message}", path.display())]
    NotJson {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1; 0 stands before the line's first character.
        column: usize,
        /// The text at that place.
        found: String,
        /// What the parser says.
        message: String,
    },
    /// The file is JSON of some other kind.
    #[error(
        "{}: JSON, but no report of heaplab: expected \"schema\": {SCHEMA:?}, found {}",
        path.display(),
        found.as_deref().unwrap_or("no such key")
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What stands under `schema`, if anything.
        found: Option<String>,
    },
    /// The file is HTML, but no page of heaplab.
    #[error("{}: HTML, but no page of heaplab: no report is in it", path.display())]
    ForeignPage {
        /// The file.
        path: PathBuf,
    },
    /// A page of heaplab that carries no report: that of a comparison.
    #[error(
        "{}: the page of a comparison, which carries no report; name one of the reports that it compares",
        path.display()
    )]
    NoReportInPage {
        /// The file.
        path: PathBuf,
    },
    /// A page ends before the report inside it does.
    #[error(
        "{}: the page ends before the report in it does; was it cut off while being copied?",
        path.display()
    )]
    TruncatedPage {
        /// The file.
        path: PathBuf,
    },
    /// A page was made from several reports, and one is asked for.
    #[error("{}: a page of {count} reports, expected one; name one of the reports it was made from", path.display())]
    SeveralInPage {
        /// The file.
        path: PathBuf,
        /// How many there are.
        count: usize,
    },
    /// The report is of a version that this program does not know.
    #[error(
        "{}: expected a report of version {SCHEMA:?}, found {found:?}; a newer heaplab wrote it and can read it",
        path.display()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// The version found.
        found: String,
    },
    /// A field is missing or of the wrong type.
    #[error("{}:{line}:{column}: {field}: {message}", path.display())]
    Field {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// The path of the field: `cells[3].time`.
        field: String,
        /// What was found and what expected.
        message: String,
    },
}

impl ReadError {
    /// Sorts a syntax error: cut off, or never JSON.
    pub(super) fn of_syntax(path: &Path, bytes: &[u8], error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        if bytes.trim_ascii().is_empty() {
            return Self::Empty { path: path.into() };
        }
        if error.is_eof() {
            return Self::Truncated { path: path.into(), line, column };
        }
        let message = without_place(error);
        Self::NotJson {
            path: path.into(),
            line,
            column,
            found: found_at(bytes, line, column),
            message,
        }
    }
}

/// The message of a JSON error without its " at line 1 column 2", which stands in front already.
pub(super) fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

/// Up to 20 characters from that place on, quoted; control characters escaped.
fn found_at(bytes: &[u8], line: usize, column: usize) -> String {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return "text in UTF-16 (UTF-8 is read)".into();
    }
    let Some(text) = bytes.split(|&byte| byte == b'\n').nth(line.saturating_sub(1)) else {
        return "the end of the file".into();
    };
    let rest = text.get(column.saturating_sub(1)..).unwrap_or_default();
    if rest.is_empty() {
        return "the end of the line".into();
    }
    let rest: String =
        String::from_utf8_lossy(&rest[..rest.len().min(80)]).chars().take(20).collect();
    format!("{rest:?}")
}

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A number is NaN or infinite, which JSON cannot hold.
    #[error("{}: not written, as the report holds numbers that are none: {}", path.display(), problems.join("; "))]
    NotFinite {
        /// The file that was to be written.
        path: PathBuf,
        /// The fields.
        problems: Vec<String>,
    },
    /// The file system refused.
    #[error("{}: cannot be written", path.display())]
    File {
        /// The file that was to be written.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
}
