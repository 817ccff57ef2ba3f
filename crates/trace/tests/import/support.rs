//! What the tests share: a sink that measures and judges, and the way to a folder of real traces.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::PathBuf;

use heaplab_trace::import::{ImportError, ImportOptions, ImportReport, import_reader};
use heaplab_trace::{Operation, OperationError, Origin, Sink};

/// Counts what it gets, keeps the operations, and panics where the slot discipline is broken.
#[derive(Debug, Default)]
pub(crate) struct Measure {
    pub(crate) operations: Vec<Operation>,
    pub(crate) origins: Vec<Origin>,
    pub(crate) live: BTreeMap<u32, u64>,
    pub(crate) live_bytes: u128,
    pub(crate) peak_live_bytes: u128,
    pub(crate) peak_live_blocks: usize,
    pub(crate) zero_byte_requests: u64,
    pub(crate) aligned: u64,
    fresh: u32,
}

impl Sink for Measure {
    fn push(&mut self, operation: Operation, origin: Origin) -> Result<(), OperationError> {
        match operation {
            Operation::Allocate { slot, size, align } => {
                assert!(align.is_power_of_two(), "{operation}");
                assert!(slot <= self.fresh, "{operation}: the next fresh slot is {}", self.fresh);
                self.fresh = self.fresh.max(slot + 1);
                assert_eq!(self.live.insert(slot, size), None, "{operation}: the slot is live");
                self.live_bytes += u128::from(size);
                self.zero_byte_requests += u64::from(size == 0);
                self.aligned += u64::from(align > 1);
            }
            Operation::Resize { slot, size, align } => {
                assert!(align.is_power_of_two(), "{operation}");
                let old = self.live.insert(slot, size).expect("a resized slot is live");
                self.live_bytes = self.live_bytes + u128::from(size) - u128::from(old);
                self.zero_byte_requests += u64::from(size == 0);
            }
            Operation::Free { slot } => {
                let size = self.live.remove(&slot).expect("a freed slot is live");
                self.live_bytes -= u128::from(size);
            }
        }
        self.peak_live_bytes = self.peak_live_bytes.max(self.live_bytes);
        self.peak_live_blocks = self.peak_live_blocks.max(self.live.len());
        if self.operations.len() < 100_000 {
            self.operations.push(operation);
            self.origins.push(origin);
        }
        Ok(())
    }
}

impl Measure {
    /// The operations in words, one a line.
    pub(crate) fn text(&self) -> String {
        self.operations.iter().map(|operation| format!("{operation}\n")).collect()
    }
}

pub(crate) fn import_as(
    name: &str,
    content: &[u8],
    options: &ImportOptions,
) -> (Result<ImportReport, ImportError>, Measure) {
    let mut measure = Measure::default();
    let result = import_reader(name, Cursor::new(content), options, &mut measure);
    if let Ok(report) = &result
        && measure.operations.len() < 100_000
    {
        assert_eq!(report.counts.total(), measure.operations.len() as u64);
        assert!(report.warnings.len() < 20);
    }
    (result, measure)
}

/// Imports content that must be accepted.
#[track_caller]
pub(crate) fn import(name: &str, content: impl AsRef<[u8]>) -> (ImportReport, Measure) {
    let (result, measure) = import_as(name, content.as_ref(), &ImportOptions::default());
    (result.unwrap_or_else(|error| panic!("{error}")), measure)
}

/// Imports content that must be refused, and draws the error as a command line would.
#[track_caller]
pub(crate) fn refusal(name: &str, content: impl AsRef<[u8]>) -> String {
    let (result, _) = import_as(name, content.as_ref(), &ImportOptions::default());
    draw(&result.expect_err("the content must be refused"))
}

pub(crate) fn draw(error: &ImportError) -> String {
    let mut text = error.to_string();
    if let (Some(excerpt), Some(column)) = (error.excerpt(), error.column()) {
        text += &format!("\n| {excerpt}\n| {:>column$}", "^");
    }
    if let Some(expected) = error.expected() {
        text += &format!("\nexpected {expected}");
    }
    text
}

pub(crate) fn warnings(report: &ImportReport) -> Vec<String> {
    report.warnings.iter().map(ToString::to_string).collect()
}

/// A zip archive of texts.
pub(crate) fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A file of the folder of real traces, which stands beside the workspace on some machines.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/traces");
    let path = PathBuf::from(root).join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is absent", path.display());
    None
}
