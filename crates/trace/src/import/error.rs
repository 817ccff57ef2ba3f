//! The one error of all importers.

use std::error::Error;
use std::fmt;
use std::io;

use super::Format;
use super::fields::{Fault, printable};
use super::lines::{LineFault, MAX_LINE_BYTES};
use crate::OperationError;

/// Why a file could not be imported, with the place and what should have stood there.
///
/// Its display form is one line, `FILE:LINE: what was found`; the accessors give the parts, so that a
/// command line can draw the line with a caret under the place.
#[derive(Debug, thiserror::Error)]
#[error("{details}")]
pub struct ImportError {
    details: Box<Details>,
    #[source]
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The kinds of [`ImportError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportErrorKind {
    /// The file cannot be opened or read.
    Read,
    /// No format recognises the content; see [`ImportError::attempts`].
    UnknownFormat,
    /// The file is a trace of heaplab's own format: it is opened, not imported.
    OwnFormat,
    /// A line is not what its format allows, or contradicts those before it.
    Malformed,
    /// The file is well formed but holds no operation.
    NoOperations,
    /// An option asks for what the file does not have.
    Option,
    /// The sink refused an operation.
    Sink,
}

#[derive(Debug)]
struct Details {
    kind: ImportErrorKind,
    file: String,
    line: Option<u64>,
    excerpt: Option<Excerpt>,
    found: String,
    expected: Option<String>,
    attempts: Vec<Attempt>,
}

/// One format's reason not to be the format of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The format that was tried.
    pub format: Format,
    /// What in the content speaks against it.
    pub reason: String,
}

#[derive(Debug)]
struct Excerpt {
    text: String,
    column: usize,
}

impl fmt::Display for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.found)
    }
}

impl ImportError {
    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ImportErrorKind {
        self.details.kind
    }

    /// The file as the caller named it; the entry of an archive follows behind a `/`.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.details.file
    }

    /// The line, counted from 1, where one is at fault.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        self.details.line
    }

    /// The line at fault: printable, and shortened around the place when it is long.
    #[must_use]
    pub fn excerpt(&self) -> Option<&str> {
        self.details.excerpt.as_ref().map(|excerpt| excerpt.text.as_str())
    }

    /// The place in [`excerpt`](Self::excerpt) in characters, counted from 1.
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        self.details.excerpt.as_ref().map(|excerpt| excerpt.column)
    }

    /// What was found.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.details.found
    }

    /// What would have been right, to be read behind the word "expected".
    #[must_use]
    pub fn expected(&self) -> Option<&str> {
        self.details.expected.as_deref()
    }

    /// The formats that were tried and why each is not it; empty for other kinds of error.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.details.attempts
    }

    fn new(kind: ImportErrorKind, file: &str, found: impl Into<String>) -> Self {
        let details = Details {
            kind,
            file: file.to_owned(),
            line: None,
            excerpt: None,
            found: found.into(),
            expected: None,
            attempts: Vec::new(),
        };
        Self { details: Box::new(details), source: None }
    }

    pub(super) fn read(file: &str, line: Option<u64>, error: io::Error) -> Self {
        let mut new = Self::new(ImportErrorKind::Read, file, format!("cannot read: {error}"));
        new.details.line = line;
        new.source = Some(Box::new(error));
        new
    }

    pub(super) fn line_fault(file: &str, fault: LineFault) -> Self {
        match fault {
            LineFault::Read { line, error } => Self::read(file, Some(line), error),
            LineFault::TooLong { line, start } => {
                let found = format!("the line is longer than {MAX_LINE_BYTES} bytes");
                let mut new = Self::new(ImportErrorKind::Malformed, file, found);
                new.details.line = Some(line);
                new.details.excerpt = Some(excerpt(&start, 0));
                new.details.expected = Some("a text file of short lines".to_owned());
                new
            }
        }
    }

    pub(super) fn malformed(file: &str, number: u64, line: &[u8], fault: Fault) -> Self {
        let mut new = Self::new(ImportErrorKind::Malformed, file, fault.found);
        new.details.line = Some(number);
        new.details.excerpt = Some(excerpt(line, fault.offset));
        new.details.expected = Some(fault.expected.into_owned());
        new
    }

    pub(super) fn archive(file: &str, found: String, expected: &str) -> Self {
        let mut new = Self::new(ImportErrorKind::Malformed, file, found);
        new.details.expected = Some(expected.to_owned());
        new
    }

    pub(super) fn sink(file: &str, line: Option<u64>, error: OperationError) -> Self {
        let mut new = Self::new(ImportErrorKind::Sink, file, error.to_string());
        new.details.line = line;
        new.source = Some(Box::new(error));
        new
    }

    pub(super) fn no_operations(file: &str) -> Self {
        let mut new = Self::new(ImportErrorKind::NoOperations, file, "no operations");
        new.details.expected = Some("at least one allocation".to_owned());
        new
    }

    pub(super) fn own_format(file: &str) -> Self {
        let found = "the file is an .hlt trace already";
        let mut new = Self::new(ImportErrorKind::OwnFormat, file, found);
        new.details.expected = Some("another tool's trace".to_owned());
        new
    }

    pub(super) fn option(file: &str, found: String, expected: String) -> Self {
        let mut new = Self::new(ImportErrorKind::Option, file, found);
        new.details.expected = Some(expected);
        new
    }

    pub(super) fn unknown_format(
        file: &str,
        line: Option<(u64, &[u8])>,
        attempts: Vec<Attempt>,
    ) -> Self {
        let mut new = Self::new(ImportErrorKind::UnknownFormat, file, "the format is not known");
        let names: Vec<_> = attempts.iter().map(|attempt| attempt.format.name()).collect();
        new.details.expected = Some(format!("one of: {}", names.join(", ")));
        if let Some((number, line)) = line {
            new.details.line = Some(number);
            new.details.excerpt = Some(excerpt(line, 0));
        }
        new.details.attempts = attempts;
        new
    }
}

/// Cuts a line down to what fits beside a message, around `offset`.
fn excerpt(line: &[u8], offset: usize) -> Excerpt {
    const BEFORE_BYTES: usize = 60;
    const MAX_CHARS: usize = 100;
    let from = offset.min(line.len()).saturating_sub(BEFORE_BYTES);
    let mut excerpt = Excerpt { text: String::new(), column: 0 };
    let mut chars = 0;
    if from > 0 {
        excerpt.text.push('…');
        chars = 1;
    }
    for (at, part) in printable(&line[from..]) {
        if excerpt.column == 0 && from + at >= offset {
            excerpt.column = chars + 1;
        }
        if chars >= MAX_CHARS {
            excerpt.text.push('…');
            break;
        }
        chars += part.chars().count();
        excerpt.text.push_str(&part);
    }
    if excerpt.column == 0 {
        excerpt.column = chars + 1;
    }
    excerpt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_point_at_the_character_of_the_offset() {
        let short = excerpt(b"a 1", 3);
        assert_eq!((short.text.as_str(), short.column), ("a 1", 4));
        let escaped = excerpt(b"\x00\xffx", 2);
        assert_eq!((escaped.text.as_str(), escaped.column), ("\\u{0}\\xffx", 10));
        let mut long = vec![b'.'; 5000];
        long[3000] = b'#';
        let cut = excerpt(&long, 3000);
        assert!(cut.text.chars().count() < 120);
        assert_eq!(cut.text.chars().nth(cut.column - 1), Some('#'));
    }

    #[test]
    fn an_error_stays_small() {
        assert!(size_of::<ImportError>() <= 24);
    }
}
