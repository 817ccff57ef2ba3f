//! What the commands that read several reports share.

use std::path::{Path, PathBuf};

use heaplab_report::view::Selection;
use heaplab_report::{Report, WriteError};

use crate::args::FilterArgs;
use crate::failure::{Failure, chain};
use crate::filter::{self, Names};
use crate::lines::{cannot_write, is_special};
use crate::mistaken;
use crate::output::Terminal;

/// Reads a report, and warns of contradictions in it.
///
/// # Errors
///
/// Exit 3 where it cannot be read.
pub(super) fn read(path: &Path, terminal: &Terminal) -> Result<Report, Failure> {
    let report =
        heaplab_report::read(path).map_err(|error| mistaken::instead_of_report(path, &error))?;
    remark(path, &report, terminal);
    if !report.complete {
        terminal.warn(&format!("{}: the run was interrupted; cells are missing", path.display()));
    }
    Ok(report)
}

/// Most contradictions of one report that are told one by one.
const TOLD: usize = 10;

/// Longest text of one, in characters: names may be of any length.
const LONGEST: usize = 300;

/// Warns of contradictions in a report that could be read, and of changes after it was written.
pub(super) fn remark(path: &Path, report: &Report, terminal: &Terminal) {
    let name = path.display();
    let problems = report.check();
    for problem in problems.iter().take(TOLD) {
        let text: String = problem.chars().take(LONGEST).collect();
        let rest = if text.len() < problem.len() { "…" } else { "" };
        terminal.warn(&format!("{name}: {text}{rest}"));
    }
    if problems.len() > TOLD {
        terminal.warn(&format!("{name}: {} more such contradictions", problems.len() - TOLD));
    }
    if !report.id.is_empty() && report.id != report.content_id() {
        terminal.warn(&format!(
            "{name}: its id is not that of its content: it was changed after it was written, or a newer heaplab wrote it"
        ));
    }
}

/// Reads several.
///
/// # Errors
///
/// Exit 3 for the first that cannot be read.
pub(super) fn read_all(paths: &[PathBuf], terminal: &Terminal) -> Result<Vec<Report>, Failure> {
    paths.iter().map(|path| read(path, terminal)).collect()
}

/// The cells that the filters let through; a pattern must match something in one of the reports.
///
/// # Errors
///
/// Exit 2 for a glob that is none or that matches nothing.
pub(super) fn selection(
    reports: &[&Report],
    wanted: &FilterArgs,
    heaps: &[String],
    list: &str,
) -> Result<Selection, Failure> {
    let all = |names: &dyn Fn(&Report) -> Vec<String>| {
        let mut all: Vec<String> = Vec::new();
        for name in reports.iter().flat_map(|report| names(report)) {
            if !all.contains(&name) {
                all.push(name);
            }
        }
        all
    };
    let strategies = all(&|it| it.strategies.iter().map(|it| it.name.clone()).collect());
    let traces = all(&|it| it.traces.iter().map(|it| it.name.clone()).collect());
    let specs = all(&|it| it.cells.iter().map(|it| it.heap.spec.clone()).collect());
    for (kind, globs, known) in [
        ("strategy", wanted.strategies.as_slice(), &strategies),
        ("trace", wanted.traces.as_slice(), &traces),
        ("heap", heaps, &specs),
    ] {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        filter::select(globs, Names { kind, known: &known, list })?;
    }
    Selection::new(&wanted.strategies, &wanted.traces, heaps)
        .map_err(|error| Failure::usage(error.to_string()))
}

/// Writes a report whole or not at all; what is no ordinary file, such as a pipe, is written directly.
///
/// # Errors
///
/// Exit 4 where it cannot be written.
pub(super) fn write(path: &Path, report: &Report) -> Result<(), Failure> {
    if is_special(path) {
        let text = heaplab_report::to_json(report)
            .map_err(|error| Failure::output(format!("{}: {error}", path.display())))?;
        return write_text(path, &text);
    }
    heaplab_report::write_atomically(path, report).map_err(|error| unwritten(&error))
}

/// Writes text whole or not at all; what is no ordinary file, such as a pipe, is written directly.
///
/// # Errors
///
/// Exit 4 where it cannot be written.
pub(super) fn write_text(path: &Path, text: &str) -> Result<(), Failure> {
    if is_special(path) {
        return std::fs::write(path, text).map_err(|error| cannot_write(path, &error));
    }
    heaplab_report::write_text_atomically(path, text).map_err(|error| unwritten(&error))
}

fn unwritten(error: &WriteError) -> Failure {
    match error {
        WriteError::File { path, source } => cannot_write(path, source),
        other => Failure::output(chain(other)),
    }
}
