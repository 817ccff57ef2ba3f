//! What is measured where traces are read: the suite's files, and the same operations as another tool's text.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Cursor;

use heaplab_trace::import::{Format, ImportOptions, import_reader};
use heaplab_trace::{
    ChunkReader as _, HltReader, HltWriter, Operation, OperationError, Origin, Sink, Trace,
    TraceError, TraceInfo,
};

/// An `.hlt` file in memory.
#[derive(Debug)]
pub struct File {
    /// The trace's name.
    pub name: String,
    /// How many operations it holds.
    pub operations: u64,
    bytes: Cow<'static, [u8]>,
    /// What a reader decodes into; a replay keeps it from chunk to chunk too.
    chunk: Vec<Operation>,
}

/// The recorded traces of the default suite, as the files that they are.
#[must_use]
pub fn suite() -> Vec<File> {
    let open = |(name, bytes)| {
        let mut file = File::of(name, Cow::Borrowed(bytes));
        file.operations = file.decode();
        file
    };
    crate::FILES.into_iter().map(open).collect()
}

/// A trace as a file with the default compression.
///
/// # Panics
///
/// If it cannot be written, which in memory it can.
#[must_use]
pub fn as_hlt(name: &str, trace: &Trace) -> File {
    let write = || {
        let mut writer = HltWriter::new(Vec::new(), TraceInfo::named(name))?;
        trace.push_into(&mut writer).map_err(std::io::Error::other)?;
        writer.finish()
    };
    let written: std::io::Result<_> = write();
    let bytes = written.unwrap_or_else(|error| panic!("{error}")).0;
    File { operations: trace.operations().len() as u64, ..File::of(name, Cow::Owned(bytes)) }
}

impl File {
    fn of(name: &str, bytes: Cow<'static, [u8]>) -> Self {
        Self { name: name.to_owned(), operations: 0, bytes, chunk: Vec::new() }
    }

    /// Decodes all operations, as a streamed replay does, and returns their number.
    ///
    /// # Panics
    ///
    /// If the file is damaged.
    pub fn decode(&mut self) -> u64 {
        let mut operations = 0;
        let mut decode = || {
            let mut reader = HltReader::new(&*self.name, &*self.bytes)?;
            while reader.next_chunk(&mut self.chunk)? {
                operations += black_box(&mut self.chunk).len() as u64;
            }
            Ok(())
        };
        let decoded: Result<(), TraceError> = decode();
        decoded.unwrap_or_else(|error| panic!("{error}"));
        operations
    }
}

/// A text that an importer reads.
#[derive(Clone, Debug)]
pub struct Text {
    /// The trace's name.
    pub name: String,
    /// How many operations it holds.
    pub operations: u64,
    text: String,
}

/// A sink that looks at nothing.
#[derive(Clone, Copy, Debug)]
pub struct Ignored;

impl Sink for Ignored {
    #[inline]
    fn push(&mut self, operation: Operation, origin: Origin) -> Result<(), OperationError> {
        black_box((operation, origin));
        Ok(())
    }
}

/// A trace in the form of the CMU malloc lab, with a header of four lines and, as there, ids that are numbered by
/// allocation and never used again. Alignments have no place in it.
#[must_use]
pub fn as_rep(trace: &Trace) -> Text {
    let summary = trace.summary();
    let operations = summary.operations.total();
    let mut ids = vec![0_u64; usize::try_from(summary.slots).unwrap_or(0)];
    let mut next = 0;
    let mut text = String::new();
    let (peak, count) = (summary.peak_live_requested_bytes, summary.operations.allocate);
    let line = |text: std::fmt::Arguments<'_>, out: &mut String| {
        // Writing to a string does not fail.
        let _ = writeln!(out, "{text}");
    };
    line(format_args!("{peak}\n{count}\n{operations}\n1"), &mut text);
    for operation in trace.operations() {
        let id = &mut ids[operation.slot() as usize];
        match *operation {
            Operation::Allocate { size, .. } => {
                *id = next;
                next += 1;
                line(format_args!("a {id} {size}"), &mut text);
            }
            Operation::Resize { size, .. } => line(format_args!("r {id} {size}"), &mut text),
            Operation::Free { .. } => line(format_args!("f {id}"), &mut text),
        }
    }
    Text { name: trace.info().name.clone(), operations, text }
}

impl Text {
    /// Imports all operations into a sink.
    ///
    /// # Panics
    ///
    /// If the text is malformed, or the sink refuses something.
    pub fn import(&self, sink: &mut dyn Sink) {
        let options = ImportOptions { format: Some(Format::Rep), ..ImportOptions::default() };
        let imported = import_reader(&self.name, Cursor::new(&self.text), &options, sink);
        let report = imported.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(report.counts.total(), self.operations, "{}", self.name);
    }

    /// Imports all operations into an `.hlt` file in memory, and returns its length in bytes.
    ///
    /// # Panics
    ///
    /// If the text is malformed.
    #[must_use]
    pub fn convert(&self) -> usize {
        let write = || {
            let mut writer = HltWriter::new(Vec::new(), TraceInfo::named(&*self.name))?;
            self.import(&mut writer);
            writer.finish()
        };
        let written: std::io::Result<_> = write();
        written.unwrap_or_else(|error| panic!("{error}")).0.len()
    }
}

#[cfg(test)]
mod tests {
    use heaplab_trace::TraceBuilder;

    use super::*;

    #[test]
    fn a_text_imports_to_the_trace_that_it_was_made_of() {
        for trace in crate::recorded() {
            let mut builder = TraceBuilder::new(TraceInfo::default());
            as_rep(&trace).import(&mut builder);
            let imported = builder.finish();
            // Slots are handed out anew and alignments are gone; all else stays.
            let shape = |trace: &Trace| {
                let summary = trace.summary().clone();
                (summary.operations, summary.sizes, summary.lifetimes, summary.peak_live_index)
            };
            assert_eq!(shape(&imported), shape(&trace), "{}", trace.info().name);
        }
    }
}
