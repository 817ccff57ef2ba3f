//! Reading and writing report files.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::model::{Report, SCHEMA};
use crate::page;

mod error;
mod layout;

pub use error::{ReadError, WriteError};

/// First bytes of a Zstandard frame.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// Most bytes that a report may have once decompressed, so that a small hostile file stays harmless.
const MAX_BYTES: u64 = 1 << 30;

/// How much of a file is read before the rest.
const START_BYTES: u64 = 64 * 1024;

/// What editors put in front of UTF-8.
const BYTE_ORDER_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

fn may_be_report(start: &[u8]) -> bool {
    let text = start.strip_prefix(BYTE_ORDER_MARK).unwrap_or(start).trim_ascii_start();
    // JSON of other kinds is read too, as its end decides what is wrong with it.
    start.starts_with(&ZSTD_MAGIC) || matches!(text.first(), None | Some(b'{' | b'[' | b'"' | b'<'))
}

/// Reads a report: JSON, JSON compressed with Zstandard, or a page that carries one, whatever the file's name says.
///
/// Unknown fields are ignored. Contradictions inside are not looked for: see [`Report::check`].
///
/// # Errors
/// [`ReadError`], each naming the file: it cannot be read or decompressed, is no JSON, ends too early,
/// is some other JSON or HTML, is a page of several reports, was written by a newer version, or misses or mistypes a field.
pub fn read(path: impl AsRef<Path>) -> Result<Report, ReadError> {
    let path = path.as_ref();
    let open = |source| ReadError::Open { path: path.into(), source };
    let mut bytes = Vec::new();
    let mut file = File::open(path).map_err(open)?;
    Read::by_ref(&mut file).take(START_BYTES).read_to_end(&mut bytes).map_err(open)?;
    // What is no report shows by its start, and may have no end.
    if may_be_report(&bytes) {
        let rest = MAX_BYTES + 1 - START_BYTES;
        file.take(rest).read_to_end(&mut bytes).map_err(open)?;
    }
    if bytes.starts_with(&ZSTD_MAGIC) {
        bytes = decompress(path, &bytes)?;
    }
    if u64::try_from(bytes.len()).is_ok_and(|len| len > MAX_BYTES) {
        return Err(ReadError::TooLarge { path: path.into(), max_bytes: MAX_BYTES });
    }
    if page::is_html(&bytes) {
        bytes = page::json_in(path, &bytes, MAX_BYTES)?;
        if u64::try_from(bytes.len()).is_ok_and(|len| len > MAX_BYTES) {
            return Err(ReadError::TooLarge { path: path.into(), max_bytes: MAX_BYTES });
        }
    }
    parse(path, &bytes)
}

fn decompress(path: &Path, bytes: &[u8]) -> Result<Vec<u8>, ReadError> {
    let broken = |reason: String| ReadError::Decompress { path: path.into(), reason };
    let decoder = ruzstd::decoding::StreamingDecoder::new(bytes)
        .map_err(|error| broken(error.to_string()))?;
    let mut plain = Vec::new();
    decoder
        .take(MAX_BYTES + 1)
        .read_to_end(&mut plain)
        .map_err(|error| broken(error.to_string()))?;
    Ok(plain)
}

/// The two questions that must be settled before the rest makes sense.
#[derive(Deserialize)]
struct Probe {
    schema: Option<serde_json::Value>,
}

/// Reads a report from bytes; `path` is only for the messages.
///
/// # Errors
/// As [`read`], without those of the file system.
pub fn parse(path: &Path, bytes: &[u8]) -> Result<Report, ReadError> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    // A struct may also be read from a list, so what is no object is sorted out beforehand.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(match serde_json::from_slice::<IgnoredAny>(bytes) {
            Ok(IgnoredAny) => {
                ReadError::Foreign { path: path.into(), found: Some("no object".into()) }
            }
            Err(error) => ReadError::of_syntax(path, bytes, &error),
        });
    }
    let probe: Probe =
        serde_json::from_slice(bytes).map_err(|error| ReadError::of_syntax(path, bytes, &error))?;
    match probe.schema {
        Some(serde_json::Value::String(found)) if found == SCHEMA => {}
        Some(serde_json::Value::String(found)) if found.starts_with("heaplab.report/") => {
            return Err(ReadError::Version { path: path.into(), found });
        }
        found => {
            let found = found.map(|value| value.to_string());
            return Err(ReadError::Foreign { path: path.into(), found });
        }
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| ReadError::Field {
        path: path.into(),
        line: error.inner().line(),
        column: error.inner().column(),
        field: match error.path().to_string().as_str() {
            "." => "the report".into(),
            path => path.into(),
        },
        message: error::without_place(error.inner()),
    })
}

/// Writes a report whole or not at all: a temporary file in the same folder, synced, then renamed.
///
/// Missing folders are made. One cell a line, so that files compare well line by line.
///
/// # Errors
/// [`WriteError`]: a number is not finite, or the file cannot be made, filled or renamed.
/// What stood at `path` before is then still there, unchanged.
pub fn write_atomically(path: impl AsRef<Path>, report: &Report) -> Result<(), WriteError> {
    let path = path.as_ref();
    let problems = report.not_finite();
    if !problems.is_empty() {
        return Err(WriteError::NotFinite { path: path.into(), problems });
    }
    let text = to_json(report)
        .map_err(|error| WriteError::File { path: path.into(), source: error.into() })?;
    write_text_atomically(path, &text)
}

/// Writes text as [`write_atomically`] writes a report.
///
/// # Errors
/// [`WriteError::File`], as there.
pub fn write_text_atomically(path: impl AsRef<Path>, text: &str) -> Result<(), WriteError> {
    let path = path.as_ref();
    let failed = |source| WriteError::File { path: path.into(), source };
    // Where the path is a link, what it leads to is replaced, and the link stays.
    let target = path.canonicalize();
    let path = target.as_deref().unwrap_or(path);
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder).map_err(failed)?;
    let mut file = temporary_file(folder).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

fn temporary_file(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".heaplab-").suffix(".tmp");
    // A report is no secret: the usual permissions, minus the umask, instead of the owner's alone.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// The report as it stands in a file: one cell, trace, strategy or metric a line, newline at the end.
///
/// # Errors
/// Never for a report without numbers that are not finite.
pub fn to_json(report: &Report) -> Result<String, serde_json::Error> {
    let mut bytes = Vec::new();
    let mut serializer =
        serde_json::Serializer::with_formatter(&mut bytes, layout::LinePerEntry::default());
    report.serialize(&mut serializer)?;
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(serde::ser::Error::custom)
}
