//! `heaplab show`: a saved report as tables and sentences.

use std::path::{Path, PathBuf};

use heaplab_report::table::Format;
use heaplab_report::view::{self, Selection};
use heaplab_report::{ReadError, Report};

use super::reports;
use crate::args::{By, FilterArgs, ShowArgs};
use crate::failure::Failure;
use crate::output::Terminal;
use crate::{Exit, mistaken, nearest};

/// Where `run` leaves a copy of its last report.
pub(super) const LATEST: &str = "results/local/latest.json";

pub(super) fn run(args: &ShowArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let path = args.report.clone().unwrap_or_else(|| PathBuf::from(LATEST));
    let report = heaplab_report::read(&path).map_err(|error| read_failure(&path, &error, args))?;
    reports::remark(&path, &report, terminal);
    if let Some(id) = &args.cell {
        return show_cell(&path, &report, id, terminal);
    }
    let selection = selection(&args.filter, &report)?;
    let by = args.by.map(|by| match by {
        By::Cell => view::By::Cell,
        By::Strategy => view::By::Strategy,
        By::Trace => view::By::Trace,
        By::Curve => view::By::Curve,
    });
    terminal.answer(&view::show(&report, &selection, by, terminal.format, terminal.style))?;
    headline(&report, &selection, terminal)?;
    Ok(Exit::Done)
}

/// The report in sentences: below the tables for people, on standard error beside data for programs.
pub(super) fn headline(
    report: &Report,
    selection: &Selection,
    terminal: &Terminal,
) -> Result<(), Failure> {
    if terminal.quiet {
        return Ok(());
    }
    let sentences = view::headline(report, selection);
    if matches!(terminal.format, Format::Table | Format::Md) && !sentences.is_empty() {
        return terminal.answer(&terminal.plain(&format!("\n{}\n", sentences.join("\n"))));
    }
    for sentence in sentences {
        terminal.note(&sentence);
    }
    Ok(())
}

/// The part of a report that the filters let through.
///
/// # Errors
///
/// Exit 2 for a glob that is none or that matches nothing.
fn selection(filter: &FilterArgs, report: &Report) -> Result<Selection, Failure> {
    let strategies: Vec<_> = report.strategies.iter().map(|entry| entry.name.as_str()).collect();
    let traces: Vec<_> = report.traces.iter().map(|entry| entry.name.as_str()).collect();
    for (kind, globs, known) in
        [("strategy", &filter.strategies, &strategies), ("trace", &filter.traces, &traces)]
    {
        crate::filter::select(globs, crate::filter::Names { kind, known, list: "heaplab show" })?;
    }
    Selection::new(&filter.strategies, &filter.traces, &[])
        .map_err(|error| Failure::usage(error.to_string()))
}

fn show_cell(path: &Path, report: &Report, id: &str, terminal: &Terminal) -> Result<Exit, Failure> {
    let Some(cell) = report.cell(id) else {
        let ids = report.cells.iter().map(|cell| cell.id.as_str());
        let mut message = format!("{}: no cell '{id}'", path.display());
        if let Some(nearest) = nearest::nearest(id, ids) {
            message.push_str(&format!("; did you mean '{nearest}'?"));
        }
        return Err(Failure::usage(message)
            .help(format!("heaplab show {} --by cell lists them", path.display())));
    };
    let text = match terminal.format {
        Format::Json => {
            serde_json::to_string_pretty(cell)
                .map_err(|error| Failure::input(format!("{}: {error}", path.display())))?
                + "\n"
        }
        format => view::one_cell(cell).render(format, terminal.style),
    };
    terminal.answer(&text)?;
    Ok(Exit::Done)
}

fn read_failure(path: &Path, error: &ReadError, args: &ShowArgs) -> Failure {
    let failure = mistaken::instead_of_report(path, error);
    if args.report.is_none() {
        return failure.help("name a report, or make one with: heaplab run");
    }
    failure
}
