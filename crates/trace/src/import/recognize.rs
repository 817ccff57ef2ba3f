//! Which format a file has, told by its first lines.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::lines::without_mark;
use super::{Attempt, Format, ImportError, aosp, formats, minimalloc, rep, valgrind, wee_alloc};

/// How many bytes of a file's start recognition looks at.
pub const RECOGNITION_BYTES: usize = 8 * 1024;

/// The format of content that starts with `prefix`; a few KiB suffice, and more than
/// [`RECOGNITION_BYTES`] are not looked at.
///
/// `None` when it is of no known format, or empty. The shapes of first lines are disjoint, so the order
/// of the formats does not matter.
#[must_use]
pub fn recognize(prefix: &[u8]) -> Option<Format> {
    attempt(prefix).ok()
}

/// The format, or each format's reason to refuse.
fn attempt(prefix: &[u8]) -> Result<Format, Vec<Attempt>> {
    let prefix = without_mark(&prefix[..prefix.len().min(RECOGNITION_BYTES)]);
    if is_zip(prefix) {
        return Ok(Format::Aosp);
    }
    let (_, line) = first_line(prefix).unwrap_or((1, b""));
    let mut attempts = Vec::new();
    for info in formats() {
        let reason = if prefix.is_empty() {
            Some("the file is empty".to_owned())
        } else if prefix.contains(&0) {
            Some("the file is not text".to_owned())
        } else {
            match info.format {
                Format::Rep => rep::refuse(line),
                Format::WeeAlloc => wee_alloc::refuse(line),
                Format::Aosp => aosp::refuse(line),
                Format::MiniMalloc => minimalloc::refuse(line),
                Format::Valgrind => valgrind::refuse(prefix),
            }
        };
        match reason {
            None => return Ok(info.format),
            Some(reason) => attempts.push(Attempt { format: info.format, reason }),
        }
    }
    Err(attempts)
}

/// The format by content, or else by a file name's ending where that names one format.
pub(super) fn choose(name: &str, prefix: &[u8]) -> Result<Format, ImportError> {
    let attempts = match attempt(prefix) {
        Ok(format) => return Ok(format),
        Err(attempts) => attempts,
    };
    if is_hlt(prefix) {
        return Err(ImportError::own_format(name));
    }
    if prefix.iter().all(u8::is_ascii_whitespace) && prefix.len() < RECOGNITION_BYTES {
        return Err(ImportError::no_operations(name));
    }
    let by_name = match Path::new(name).extension().and_then(|ending| ending.to_str()) {
        Some("rep") => Some(Format::Rep),
        Some("csv") => Some(Format::MiniMalloc),
        Some("trace") => Some(Format::WeeAlloc),
        // .txt, .log and .zip belong to everybody.
        _ => None,
    };
    match by_name {
        Some(format) if !prefix.contains(&0) => Ok(format),
        _ => Err(ImportError::unknown_format(name, first_line(prefix), attempts)),
    }
}

/// Whether content that starts with `prefix` is heaplab's own format, which is opened, not imported.
#[must_use]
pub fn is_hlt(prefix: &[u8]) -> bool {
    prefix.starts_with(&crate::hlt::HLT_MAGIC)
}

/// Whether the content is a zip archive.
pub(super) fn is_zip(prefix: &[u8]) -> bool {
    prefix.starts_with(b"PK\x03\x04") || prefix.starts_with(b"PK\x05\x06")
}

/// The first line that holds more than blanks, and its number.
fn first_line(prefix: &[u8]) -> Option<(u64, &[u8])> {
    (1..)
        .zip(prefix.split(|&byte| byte == b'\n'))
        .map(|(number, line)| (number, line.trim_ascii_end()))
        .find(|(_, line)| !line.is_empty())
}

/// Reads a file's start and goes back to it.
pub(super) fn read_prefix<R: Read + Seek>(input: &mut R) -> io::Result<Vec<u8>> {
    let mut prefix = Vec::new();
    input.by_ref().take(RECOGNITION_BYTES as u64).read_to_end(&mut prefix)?;
    input.seek(SeekFrom::Start(0))?;
    Ok(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_lines_tell_the_format() {
        for (prefix, format) in [
            (&b"20000\n2\n3\n1\na 0 512\n"[..], Some(Format::Rep)),
            (b"a 0 16\r\nf 0\r\n", Some(Format::Rep)),
            (b"\n\nf -1\n", Some(Format::Rep)),
            (b"Alloc(16),\n", Some(Format::WeeAlloc)),
            (b"100: malloc 0x10 8\n", Some(Format::Aosp)),
            (b"300:realloc 0x10 0x0 8\n", Some(Format::Aosp)),
            (b"PK\x03\x04rest", Some(Format::Aosp)),
            (b"id,lower,upper,size\n", Some(Format::MiniMalloc)),
            (b"==12== Memcheck, a memory error detector\n", Some(Format::Valgrind)),
            (b"--12-- malloc(10) = 0x4A40040\n", Some(Format::Valgrind)),
            (b"hello from the program\n--12-- malloc(10) = 0x4A40040\n", Some(Format::Valgrind)),
            (b"", None),
            (b"abc\n", None),
            (b"a\x000 16\n", None),
            (b"# a comment\n", None),
        ] {
            assert_eq!(recognize(prefix), format, "{}", prefix.escape_ascii());
        }
    }

    #[test]
    fn each_format_says_why_it_refuses() {
        let attempts = attempt(b"hello world\n").unwrap_err();
        let reasons: Vec<_> =
            attempts.iter().map(|a| format!("{}: {}", a.format, a.reason)).collect();
        assert_eq!(
            reasons,
            [
                "rep: 'hello' is neither a header's number nor a, f or r",
                "wee-alloc: 'hello world' starts neither with Alloc( nor with Free(",
                "aosp: 'hello' is no thread with a colon",
                "minimalloc: column 'hello world' is not known",
                "valgrind: no line starts with a process such as --1234--",
            ]
        );
    }
}
