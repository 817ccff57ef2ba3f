//! Traces from files of any format, told apart by their content.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use heaplab_trace::hlt::{HLT_MAGIC, HltFile};
use heaplab_trace::import::{
    Format, ImportError, ImportErrorKind, ImportOptions, formats, import_file,
};
use heaplab_trace::{OperationError, OperationSource, Sink, Spool, TraceError, TraceInfo};

use crate::args::SourceArgs;
use crate::failure::{Excerpt, Failure, chain};
use crate::lines::cannot_write;
use crate::mistaken;
use crate::nearest;
use crate::suite::Suite;

/// A trace that is ready to be replayed.
pub(crate) struct Opened {
    /// Its own name, else that of its file.
    pub(crate) name: String,
    /// The operations, in memory or streamed from the file.
    pub(crate) source: Arc<dyn OperationSource>,
    /// What the importer remarked.
    pub(crate) remarks: Vec<String>,
}

impl Opened {
    fn new(path: &Path, source: Arc<dyn OperationSource>, remarks: Vec<String>) -> Self {
        let own = &source.info().name;
        let name = if own.is_empty() { name_of(path) } else { own.clone() };
        Self { name, source, remarks }
    }
}

/// Opens a trace: a file of any format, or where there is no such file the trace of the default suite of that name.
///
/// # Errors
///
/// Exit 3 when there is neither, or the file cannot be read; exit 2 for a format name that is not known.
pub(crate) fn open(path: &Path, args: &SourceArgs) -> Result<Opened, Failure> {
    if let Some(failure) = mistaken::no_file(path) {
        return Err(failure);
    }
    match path.try_exists() {
        Ok(true) => return open_file(path, args),
        Ok(false) => {}
        // Nobody knows whether it is there: a folder above it cannot be looked into.
        Err(error) => return Err(cannot_read(path, &error)),
    }
    let name = path.display().to_string();
    let suite = Suite::embedded()?;
    match suite.open_named(&name) {
        Some(_) if args.from.is_some() || args.pid.is_some() => Err(Failure::usage(format!(
            "'{name}' is a trace of the default suite: there is nothing for --from or --pid to choose"
        ))),
        Some(found) => Ok(Opened { name, source: found?.source, remarks: Vec::new() }),
        None => Err(neither(&suite, &name)),
    }
}

fn neither(suite: &Suite, name: &str) -> Failure {
    let known = suite.trace_names();
    let mut message = format!("{name}: no such file, and no trace of the default suite");
    if let Some(nearest) = nearest::nearest(name, known.iter().copied()) {
        message.push_str(&format!("; did you mean '{nearest}'?"));
    }
    Failure::input(message).detail(format!("the suite has: {}", known.join(", ")))
}

/// Opens a file: `.hlt` files are streamed, other formats are imported, into memory as far as it is no burden.
///
/// # Errors
///
/// Exit 3 when the file cannot be read; exit 2 for a format name that is not known; exit 4 when a long trace finds no
/// room in a temporary file.
pub(crate) fn open_file(path: &Path, args: &SourceArgs) -> Result<Opened, Failure> {
    let options = import_options(args)?;
    if is_hlt(path, &options)? {
        check_process(&path.display(), &options, None)?;
        let file = HltFile::open(path).map_err(|error| trace_failure(&error))?;
        return Ok(Opened::new(path, Arc::new(file), Vec::new()));
    }
    let mut spool = Spool::new(TraceInfo::named(name_of(path)));
    let remarks = import(path, &options, &mut spool, |info, source| info.source = source)?;
    let source = spool.finish().map_err(|error| write_failure(&error))?;
    Ok(Opened::new(path, source, remarks))
}

/// The choices of an import by the arguments.
///
/// # Errors
///
/// Exit 2 for a format name that is not known.
pub(crate) fn import_options(args: &SourceArgs) -> Result<ImportOptions, Failure> {
    let format = args.from.as_deref().map(|name| {
        name.parse::<Format>().map_err(|_| {
            let known: Vec<_> = formats().iter().map(|info| info.name).collect();
            nearest::unknown("format", name, &known, "heaplab list importers")
        })
    });
    Ok(ImportOptions { format: format.transpose()?, process: args.pid })
}

/// Refuses to choose a process where there is but one.
///
/// # Errors
///
/// Exit 2 for a process that is asked of anything but the log of several.
fn check_process(
    name: &dyn std::fmt::Display,
    options: &ImportOptions,
    format: Option<Format>,
) -> Result<(), Failure> {
    if options.process.is_none() || format == Some(Format::Valgrind) {
        return Ok(());
    }
    let what = format.map_or("a trace of heaplab", Format::name);
    let message =
        format!("--pid: {name} ({what}) holds the calls of one process, there is none to choose");
    Err(Failure::usage(message).help("leave --pid out"))
}

/// A sink that keeps a trace's name and provenance.
pub(crate) trait InfoSink: Sink + Sized {
    /// Name and provenance.
    fn info_mut(&mut self) -> &mut TraceInfo;
}

impl InfoSink for Spool {
    fn info_mut(&mut self) -> &mut TraceInfo {
        self.info_mut()
    }
}

impl InfoSink for heaplab_trace::hlt::HltFileWriter {
    fn info_mut(&mut self) -> &mut TraceInfo {
        self.info_mut()
    }
}

/// Imports a file into `sink` and completes the provenance; returns the importer's remarks.
///
/// # Errors
///
/// Exit 3 for the file, exit 4 for a sink that cannot take more.
pub(crate) fn import<S: InfoSink>(
    path: &Path,
    options: &ImportOptions,
    sink: &mut S,
    provenance: fn(&mut TraceInfo, heaplab_trace::Source),
) -> Result<Vec<String>, Failure> {
    let report = import_file(path, options, sink).map_err(|error| {
        let is_unknown = error.kind() == ImportErrorKind::UnknownFormat;
        let other = is_unknown.then(|| mistaken::instead_of_trace(path)).flatten();
        other.unwrap_or_else(|| import_failure(&error))
    })?;
    check_process(&path.display(), options, Some(report.format))?;
    provenance(sink.info_mut(), report.source());
    Ok(report.warnings.iter().map(ToString::to_string).collect())
}

/// Whether the file starts as an `.hlt` file does, and no other format was asked for.
///
/// # Errors
///
/// Exit 3 when it cannot be read, or only once.
pub(crate) fn is_hlt(path: &Path, options: &ImportOptions) -> Result<bool, Failure> {
    if let Some(failure) = mistaken::no_file(path) {
        return Err(failure);
    }
    if options.format.is_some() {
        return Ok(false);
    }
    let mut start = Vec::new();
    File::open(path)
        .and_then(|file| file.take(HLT_MAGIC.len() as u64).read_to_end(&mut start))
        .map_err(|error| cannot_read(path, &error))?;
    // The shortest start that text never has: a file cut off behind it is a broken .hlt file.
    Ok(start.len() >= 4 && HLT_MAGIC.starts_with(&start))
}

fn cannot_read(path: &Path, error: &io::Error) -> Failure {
    Failure::input(format!("{}: cannot be read: {error}", path.display()))
}

/// The name of a trace by its file's: without folder and ending.
pub(crate) fn name_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
    if stem.is_empty() { "trace".to_owned() } else { stem.into_owned() }
}

/// Makes every name unique, by a number behind the later ones.
pub(crate) fn make_distinct(names: &mut [String]) {
    for index in 1..names.len() {
        let taken = |name: &str, names: &[String]| {
            names[..index].iter().chain(&names[index + 1..]).any(|other| other == name)
        };
        if names[..index].contains(&names[index]) {
            let base = names[index].clone();
            let mut number = 2_u64;
            while taken(&format!("{base}-{number}"), names) {
                number += 1;
            }
            names[index] = format!("{base}-{number}");
        }
    }
}

/// How an error about an `.hlt` file is shown.
pub(crate) fn trace_failure(error: &TraceError) -> Failure {
    match error {
        TraceError::Io { file, source } => {
            Failure::input(format!("{file}: cannot be read: {source}"))
        }
        TraceError::Format { file, offset, found, expected } => {
            let failure = Failure::input(format!("{file}: byte {offset}: found {found}"))
                .detail(format!("expected {expected}"));
            if found == "the end of the file" || expected.ends_with("the end of an .hlt file") {
                return failure.help("was it cut off while being recorded or copied?");
            }
            failure
        }
        other => Failure::input(chain(other)),
    }
}

/// How an error about a trace that is being written is shown.
pub(crate) fn write_failure(error: &TraceError) -> Failure {
    match error {
        TraceError::Io { file, source } => cannot_write(Path::new(file), source),
        other => Failure::output(chain(other)),
    }
}

fn import_failure(error: &ImportError) -> Failure {
    let cause = std::error::Error::source(error);
    let output = cause.and_then(|cause| cause.downcast_ref::<OperationError>());
    if let Some(error @ OperationError::Output(_)) = output {
        return Failure::output(error.to_string());
    }
    let failure = Failure::input(error.to_string());
    let expected = error.expected().map(str::to_owned);
    let failure = match (error.excerpt(), error.column()) {
        (Some(line), Some(column)) => {
            failure.excerpt(Excerpt { line: line.to_owned(), column, expected })
        }
        _ => match expected {
            Some(expected) => failure.detail(format!("expected {expected}")),
            None => failure,
        },
    };
    match error.kind() {
        ImportErrorKind::UnknownFormat => {
            let failure = error.attempts().iter().fold(failure, |failure, attempt| {
                failure.detail(format!("not {}: {}", attempt.format, attempt.reason))
            });
            failure
                .help("--from NAME reads it as that format; heaplab list importers describes them")
        }
        ImportErrorKind::Malformed => {
            failure.help("heaplab list importers says what each format looks like")
        }
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_distinct() {
        let mut names = ["a", "b", "a", "a-2", "a", "b"].map(str::to_owned);
        make_distinct(&mut names);
        assert_eq!(names, ["a", "b", "a-3", "a-2", "a-4", "b-2"]);
    }

    #[test]
    fn a_file_without_a_name_gets_one() {
        assert_eq!(name_of(Path::new("x/server.log.txt")), "server.log");
        assert_eq!(name_of(Path::new("/")), "/");
        assert_eq!(name_of(Path::new("")), "trace");
    }
}
