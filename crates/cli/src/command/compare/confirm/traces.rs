//! Where the traces of two reports are: as their commands or suites name them, or as somebody says.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use heaplab_report::Report;
use heaplab_trace::hlt::HltFileWriter;
use heaplab_trace::{OperationError, OperationSource, Origin, Sink as _, TraceInfo};

use crate::args::{CompareArgs, SourceArgs};
use crate::failure::Failure;
use crate::input;
use crate::suite::Suite;

/// Finds traces by what they hold, and gives each a file that any build reads.
#[derive(Debug)]
pub(super) struct Finder<'a> {
    args: &'a CompareArgs,
    reports: [&'a Report; 2],
    /// Where traces go that are no `.hlt` file.
    folder: &'a Path,
    /// What was found so far, by hash.
    found: Vec<(String, PathBuf)>,
}

impl<'a> Finder<'a> {
    pub(super) const fn new(
        args: &'a CompareArgs,
        reports: [&'a Report; 2],
        folder: &'a Path,
    ) -> Self {
        Self { args, reports, folder, found: Vec::new() }
    }

    /// The file of the trace of that name, which must hold the operations with that hash.
    ///
    /// # Errors
    ///
    /// Exit 3 where none is found, or it cannot be read or written.
    pub(super) fn file(&mut self, name: &str, hash: &str) -> Result<PathBuf, Failure> {
        let known = |found: &[(String, PathBuf)]| {
            found.iter().find(|(other, _)| other == hash).map(|(_, file)| file.clone())
        };
        if let Some(file) = known(&self.found) {
            return Ok(file);
        }
        let mut looked_at = Vec::new();
        for path in self.args.confirm_trace.clone() {
            // Whoever names a file wants to know why it cannot be read.
            self.take(&path, &mut looked_at)?;
        }
        if let Some(file) = known(&self.found) {
            return Ok(file);
        }
        for path in self.named_files() {
            // A word of a command line that is a file need not be a trace.
            let _ = self.take(&path, &mut looked_at);
        }
        for source in self.in_suites(name) {
            looked_at.push(format!("{name} of a suite: {}", source.summary().hash));
            if source.summary().hash == hash {
                self.write(&*source)?;
            }
        }
        known(&self.found).ok_or_else(|| {
            let failure = Failure::input(format!("--confirm: the trace '{name}' is not found"))
                .detail(format!("expected operations with the hash {hash}"));
            let failure = looked_at
                .into_iter()
                .fold(failure, |failure, seen| failure.detail(format!("found {seen}")));
            failure.help("name its file: --confirm-trace FILE")
        })
    }

    /// Opens a file and remembers what it holds.
    fn take(&mut self, path: &Path, looked_at: &mut Vec<String>) -> Result<(), Failure> {
        if self.found.iter().any(|(_, file)| file == path) {
            return Ok(());
        }
        let opened = input::open(path, &SourceArgs::default())?;
        let hash = opened.source.summary().hash.clone();
        looked_at.push(format!("{}: {hash}", path.display()));
        if input::is_hlt(path, &input::import_options(&SourceArgs::default())?).unwrap_or(false) {
            self.found.push((hash, path.to_owned()));
            return Ok(());
        }
        self.write(&*opened.source)
    }

    /// Puts a trace into a file of its own, so that each process reads it at once.
    fn write(&mut self, source: &dyn OperationSource) -> Result<(), Failure> {
        let file = self.folder.join(format!("{}.hlt", self.found.len()));
        let failed =
            |error: OperationError| Failure::output(format!("a trace cannot be kept: {error}"));
        let info = TraceInfo::named(source.info().name.clone());
        let mut writer =
            HltFileWriter::create(&file, info).map_err(|error| input::write_failure(&error))?;
        let mut reader = source.open().map_err(|error| input::trace_failure(&error))?;
        let mut chunk = Vec::new();
        while reader.next_chunk(&mut chunk).map_err(|error| input::trace_failure(&error))? {
            chunk
                .iter()
                .try_for_each(|operation| writer.push(*operation, Origin::default()))
                .map_err(failed)?;
        }
        writer.finish().map_err(|error| input::write_failure(&error))?;
        self.found.push((source.summary().hash.clone(), file));
        Ok(())
    }

    /// The words of both commands that are files.
    fn named_files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = Vec::new();
        for report in self.reports {
            for word in report.command.iter().skip(1).filter(|word| !word.starts_with('-')) {
                let path = PathBuf::from(word);
                if path.is_file() && !files.contains(&path) {
                    files.push(path);
                }
            }
        }
        files
    }

    /// The traces of that name in the suites of both commands, and in the one inside this program.
    fn in_suites(&self, name: &str) -> Vec<Arc<dyn OperationSource>> {
        let words = self.reports.iter().flat_map(|report| &report.command);
        let all: Vec<&String> = words.collect();
        let behind =
            all.windows(2).filter(|pair| pair[0] == "--suite").map(|pair| pair[1].as_str());
        let joined = all.iter().filter_map(|word| word.strip_prefix("--suite="));
        let mut files: Vec<&str> = behind.chain(joined).collect();
        files.dedup();
        let suites = files.into_iter().map(|file| Suite::read(Path::new(file)));
        suites
            .chain([Suite::embedded()])
            .filter_map(Result::ok)
            .filter_map(|suite| suite.open_named(name)?.ok())
            .map(|input| input.source)
            .collect()
    }
}
