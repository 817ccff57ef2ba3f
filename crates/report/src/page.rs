//! A report inside an HTML page, there and back.
//!
//! The page holds the report in an element `<script type="application/json" data-heaplab-report="…">`, which no browser
//! runs: as plain JSON, `<` written as `\u003c`, or, where that would be long, as a JSON string that holds the base64 of
//! the JSON compressed as zlib does. Both are the report to the last digit.

use std::io::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::io::ReadError;
use crate::model::Report;

/// The attribute by which the element is found; its value says how the report is written.
const ATTRIBUTE: &str = "<script type=\"application/json\" data-heaplab-report=\"";

/// The end of the element.
const END: &str = "</script>";

/// Longest report that is embedded as plain JSON, in bytes.
const MAX_PLAIN_BYTES: usize = 256 * 1024;

/// Longest compressed report, in bytes of text: what the charts and maps of the default suite leave of 3 MiB.
const MAX_PACKED_BYTES: usize = 896 * 1024;

/// A report ready to stand in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedded {
    /// The whole element.
    pub element: String,
    /// What had to be left out to keep the page small, in words; none where the report is whole.
    pub left_out: Option<String>,
}

/// Writes the report as an element of a page.
///
/// What would make the page too large is left out: the courses of fragmentation first, then those of live and used
/// bytes. The report inside is sealed anew then, since its id is a hash of what it holds.
///
/// # Errors
/// A number that is not finite, which JSON does not know.
pub fn embed(report: &Report) -> Result<Embedded, serde_json::Error> {
    let plain = crate::io::to_json(report)?;
    if plain.len() <= MAX_PLAIN_BYTES {
        let text = plain.replace('<', "\\u003c");
        return Ok(Embedded { element: element("plain", &text), left_out: None });
    }
    let packed = pack(&plain);
    if packed.len() <= MAX_PACKED_BYTES {
        return Ok(Embedded { element: element("deflate", &packed), left_out: None });
    }
    let mut part = report.clone();
    part.cells.iter_mut().for_each(|cell| cell.trends.clear());
    part.seal();
    let packed = pack(&crate::io::to_json(&part)?);
    let mut left_out = "the courses of fragmentation".to_owned();
    if packed.len() <= MAX_PACKED_BYTES {
        return Ok(Embedded { element: element("deflate", &packed), left_out: Some(left_out) });
    }
    part.cells.iter_mut().for_each(|cell| cell.series = None);
    part.seal();
    left_out.push_str(" and those of live and used bytes");
    let packed = pack(&crate::io::to_json(&part)?);
    Ok(Embedded { element: element("deflate", &packed), left_out: Some(left_out) })
}

fn element(how: &str, text: &str) -> String {
    format!("{ATTRIBUTE}{how}\">{text}{END}\n")
}

/// The text, compressed, as a JSON string.
fn pack(text: &str) -> String {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    // Writing into memory does not fail.
    let written = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    format!("\"{}\"", STANDARD.encode(written.unwrap_or_default()))
}

/// Whether the bytes begin as HTML does, which no JSON does.
pub(crate) fn is_html(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().first() == Some(&b'<')
}

/// The JSON of the report inside a page.
pub(crate) fn json_in(path: &Path, bytes: &[u8], max_bytes: u64) -> Result<Vec<u8>, ReadError> {
    let html = String::from_utf8_lossy(bytes);
    let mut found = html.match_indices(ATTRIBUTE).map(|(at, _)| at);
    let Some(at) = found.next() else {
        let is_ours = html.contains("content=\"heaplab ");
        let whole = html.trim_end().ends_with("</html>");
        if is_ours && whole {
            return Err(ReadError::NoReportInPage { path: path.into() });
        }
        return Err(if is_ours && !whole {
            ReadError::TruncatedPage { path: path.into() }
        } else {
            ReadError::ForeignPage { path: path.into() }
        });
    };
    let others = found.count();
    if others > 0 {
        return Err(ReadError::SeveralInPage { path: path.into(), count: others + 1 });
    }
    let broken = |reason: String| ReadError::Decompress { path: path.into(), reason };
    let (how, rest) = html[at + ATTRIBUTE.len()..].split_once("\">").unwrap_or_default();
    let Some((text, _)) = rest.split_once(END) else {
        return Err(ReadError::TruncatedPage { path: path.into() });
    };
    match how {
        "plain" => Ok(text.as_bytes().to_vec()),
        "deflate" => {
            let text = text.trim().trim_matches('"');
            let packed = STANDARD.decode(text).map_err(|error| broken(error.to_string()))?;
            let mut plain = Vec::new();
            let mut decoder =
                std::io::Read::take(flate2::read::ZlibDecoder::new(&packed[..]), max_bytes + 1);
            std::io::Read::read_to_end(&mut decoder, &mut plain)
                .map_err(|error| broken(error.to_string()))?;
            Ok(plain)
        }
        other => Err(broken(format!("no way of writing a report is called {other:?}"))),
    }
}
