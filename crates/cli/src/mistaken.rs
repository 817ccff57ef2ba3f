//! What a file is instead of what it was taken for.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use heaplab_report::ReadError;
use heaplab_trace::import::{RECOGNITION_BYTES, is_hlt, recognize};

use crate::failure::{Failure, chain};

/// How files start that other programs have compressed, and what takes that back.
const COMPRESSED: [(&[u8], &str, &str); 4] = [
    (&[0x1f, 0x8b], "gzip", "gzip -dc"),
    (&[0x28, 0xb5, 0x2f, 0xfd], "Zstandard", "zstd -dc"),
    (&[0xfd, b'7', b'z', b'X', b'Z', 0], "xz", "xz -dc"),
    (b"BZh", "bzip2", "bzip2 -dc"),
];

/// Why the file cannot be read as a trace at all, whatever stands in it.
pub(crate) fn no_file(path: &Path) -> Option<Failure> {
    if path == Path::new("-") && !path.exists() {
        return Some(
            Failure::input("standard input cannot be read as a trace: it is read twice")
                .help(TO_FILE),
        );
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        let kind = std::fs::metadata(path).ok()?.file_type();
        if kind.is_fifo() || kind.is_socket() {
            let path = path.display();
            let what = format!("{path}: a pipe cannot be read as a trace: it is read twice");
            return Some(Failure::input(what).help(TO_FILE));
        }
    }
    None
}

const TO_FILE: &str = "write it to a file first, and name that";

/// What a file is that is no trace; nothing where that does not show.
pub(crate) fn instead_of_trace(path: &Path) -> Option<Failure> {
    let start = start_of(path)?;
    let name = path.display();
    if is_text_of_report(&start) && heaplab_report::read(path).is_ok() {
        let what = format!("{name}: a report, expected a trace");
        return Some(Failure::input(what).help(format!("heaplab show {name} prints it")));
    }
    let (_, format, program) =
        COMPRESSED.into_iter().find(|(magic, ..)| start.starts_with(magic))?;
    if format == "Zstandard" && heaplab_report::read(path).is_ok() {
        let what = format!("{name}: a compressed report, expected a trace");
        return Some(Failure::input(what).help(format!("heaplab show {name} prints it")));
    }
    let what = format!("{name}: compressed with {format}, expected a trace as it is");
    Some(Failure::input(what).help(format!("{program} {name} > TRACE, and name that file")))
}

/// The error for a report that cannot be read, where the file is something else that heaplab knows.
pub(crate) fn instead_of_report(path: &Path, error: &ReadError) -> Failure {
    let name = path.display();
    let start = matches!(error, ReadError::NotJson { .. }).then(|| start_of(path)).flatten();
    if start.is_some_and(|start| is_hlt(&start) || recognize(&start).is_some()) {
        return Failure::input(format!("{name}: a trace, expected a report")).help(format!(
            "heaplab run {name} makes a report of it, heaplab inspect describes it"
        ));
    }
    let failure = Failure::input(chain(error));
    if path == Path::new("-") {
        return failure.help("/dev/stdin is the name of standard input");
    }
    failure
}

fn is_text_of_report(start: &[u8]) -> bool {
    matches!(start.trim_ascii_start().first(), Some(b'{' | b'<'))
}

fn start_of(path: &Path) -> Option<Vec<u8>> {
    let mut start = Vec::new();
    File::open(path).ok()?.take(RECOGNITION_BYTES as u64).read_to_end(&mut start).ok()?;
    Some(start)
}
