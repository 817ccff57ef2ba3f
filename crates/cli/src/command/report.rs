//! `heaplab report`: saved reports as one HTML page, or a trace drawn.

mod maps;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use heaplab_core::{Registry, StrategyList};
use heaplab_page::Options;
use heaplab_report::Report;
use heaplab_report::merge::merge;

use super::reports::{self, write_text};
use super::run::quoted;
use super::show::LATEST;
use crate::Exit;
use crate::args::ReportArgs;
use crate::failure::Failure;
use crate::lines::{check_writable, keep_input};
use crate::output::Terminal;

pub(super) fn run<L: StrategyList>(
    registry: &Registry<L>,
    args: &ReportArgs,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let inputs = match args.reports.as_slice() {
        [] => vec![PathBuf::from(LATEST)],
        named => named.to_vec(),
    };
    let output = output(args, &inputs)?;
    let all = if args.maps.strategies.is_empty() {
        saved(args, &inputs, terminal)?
    } else {
        let [trace] = args.reports.as_slice() else {
            return Err(Failure::usage("--map draws one trace".to_owned())
                .help("name it: heaplab report TRACE --map best-fit,compaction"));
        };
        check_writable(&output)?;
        vec![maps::drawn(registry, trace, &args.maps, terminal)?]
    };
    check_writable(&output)?;
    let page = heaplab_page::render(&all, &Options::default());
    write_text(&output, &page)?;
    terminal.note(&format!("written: {}", output.display()));
    if args.open {
        open(&output, terminal);
    }
    Ok(Exit::Done)
}

/// The reports that were named, joined where that can be.
fn saved(
    args: &ReportArgs,
    inputs: &[PathBuf],
    terminal: &Terminal,
) -> Result<Vec<Report>, Failure> {
    let all = reports::read_all(inputs, terminal).map_err(|failure| {
        if args.reports.is_empty() {
            failure.help("name a report, or make one with: heaplab run")
        } else {
            failure
        }
    })?;
    Ok(joined(all, terminal))
}

/// Where the page goes.
fn output(args: &ReportArgs, inputs: &[PathBuf]) -> Result<PathBuf, Failure> {
    let output = match &args.output {
        Some(path) => path.clone(),
        None => inputs[0].with_extension("html"),
    };
    if args.output.is_none() && inputs.contains(&output) {
        return Err(Failure::usage(format!(
            "{}: the page would take the place of what it is made from",
            output.display()
        ))
        .help("name another file with -o"));
    }
    // A page may be made anew in its place, as it carries its report; anything else would be lost.
    let others = inputs.iter().filter(|input| input.extension() != Some("html".as_ref()));
    let what = if args.maps.strategies.is_empty() { "the report" } else { "the trace" };
    keep_input(&output, others, what)?;
    Ok(output)
}

/// Several reports as one where they can be joined, else one after the other.
fn joined(all: Vec<Report>, terminal: &Terminal) -> Vec<Report> {
    if all.len() < 2 {
        return all;
    }
    match merge(&all, true) {
        Ok(mut merged) => {
            merged.command = super::run::provenance::command_line();
            merged.seal();
            vec![merged]
        }
        Err(error) => {
            terminal.note(&format!("the reports stand one after the other: {error}"));
            all
        }
    }
}

/// Hands the page to the system's opener; that there is none is no failure of ours.
fn open(path: &Path, terminal: &Terminal) {
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut command = Command::new(opener);
    command.arg(&path).stdin(Stdio::null()).stdout(Stdio::null());
    if let Err(error) = command.stderr(Stdio::null()).spawn() {
        terminal.warn(&format!(
            "{} cannot be started ({error}); open the page by hand: {}",
            opener,
            quoted(&path.display().to_string())
        ));
    }
}
