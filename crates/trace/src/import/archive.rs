//! Zip archives of one text, the form in which Android's recordings are published.

use std::io::{Read, Seek};

use zip::ZipArchive;

use super::fields::printable;
use super::output::Output;
use super::{Format, ImportError, Lack, aosp, drive};

const ONE_TEXT: &str = "an archive of one text file";

/// Imports the one text of an archive as a stream: what it unpacks to is never held.
pub(super) fn import<R: Read + Seek>(
    input: R,
    file: &str,
    out: &mut Output<'_>,
) -> Result<Vec<Lack>, ImportError> {
    let broken = |error: zip::result::ZipError| {
        ImportError::archive(file, format!("the zip archive cannot be read: {error}"), ONE_TEXT)
    };
    let mut archive = ZipArchive::new(input).map_err(broken)?;
    let mut texts = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(broken)?;
        // Archives made on macOS carry a shadow of every file in this folder.
        if !entry.is_dir() && !entry.name_raw().starts_with(b"__MACOSX/") {
            texts.push(index);
        }
    }
    let [index] = texts[..] else {
        let found = match texts.len() {
            0 => "the zip archive holds no file".to_owned(),
            count => format!("the zip archive holds {count} files"),
        };
        return Err(ImportError::archive(file, found, ONE_TEXT));
    };
    let name = {
        let entry = archive.by_index_raw(index).map_err(broken)?;
        let name: String = printable(entry.name_raw()).take(100).map(|part| part.1).collect();
        format!("{file}/{name}")
    };
    let entry = archive.by_index(index).map_err(broken)?;
    drive(aosp::Aosp::default(), entry, &name, Format::Aosp, out)
}
