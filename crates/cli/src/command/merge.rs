//! `heaplab merge`: several reports as one.

use heaplab_report::merge::{MergeError, merge};

use super::reports;
use crate::Exit;
use crate::args::MergeArgs;
use crate::failure::Failure;
use crate::output::Terminal;

pub(super) fn run(args: &MergeArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let reports = reports::read_all(&args.reports, terminal)?;
    let mut merged = merge(&reports, args.only.is_none()).map_err(|error| failure(&error, args))?;
    merged.command = super::run::provenance::command_line();
    merged.seal();
    reports::write(&args.output, &merged)?;
    let cells: usize = reports.iter().map(|report| report.cells.len()).sum();
    terminal.note(&format!(
        "{} cells of {} reports became {}; written: {}",
        cells,
        reports.len(),
        merged.cells.len(),
        args.output.display()
    ));
    terminal
        .next(&format!("heaplab show {}", super::run::quoted(&args.output.display().to_string())));
    Ok(Exit::Done)
}

/// The error with the files' names, as reports know none.
fn failure(error: &MergeError, args: &MergeArgs) -> Failure {
    let mut failure = Failure::new(Exit::Incomparable, error.to_string());
    for (index, path) in args.reports.iter().enumerate().take(20) {
        failure = failure.detail(format!("report {}: {}", index + 1, path.display()));
    }
    match error {
        MergeError::Times { .. } => failure.help("exact figures can be joined: add --only space"),
        MergeError::Twice { .. } => failure.help("name each report once"),
        _ => failure.help("heaplab compare shows where two reports differ"),
    }
}
