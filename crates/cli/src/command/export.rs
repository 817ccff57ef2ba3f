//! `heaplab export`: a report in the forms of other tools.

use heaplab_report::export::{self, Part};
use heaplab_report::table::Format;
use heaplab_report::{Better, Status};

use super::reports;
use crate::Exit;
use crate::args::{Direction, ExportArgs, Form, Part as PartArg};
use crate::failure::Failure;
use crate::lines::{check_folder, keep_input};
use crate::output::Terminal;

pub(super) fn run(args: &ExportArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    if args.better == Direction::Bigger && args.to != Form::Gab {
        return Err(Failure::usage("--better has a meaning for --to gab only")
            .help("the other forms hold figures of both directions"));
    }
    let report = reports::read(&args.report, terminal)?;
    let selection = reports::selection(&[&report], &args.filter, &[], "heaplab show")?;
    let part = match args.only {
        None => Part::All,
        Some(PartArg::Space) => Part::Space,
        Some(PartArg::Time) => Part::Time,
    };
    let better = match args.better {
        Direction::Smaller => Better::Smaller,
        Direction::Bigger => Better::Bigger,
    };
    let text = match args.to {
        Form::Gab => export::github_action_benchmark(&report, &selection, part, better),
        Form::Bmf => export::bencher(&report, &selection, part),
        Form::Csv => export::csv(&report, &selection, part).render(Format::Csv, terminal.style),
        Form::Openmetrics => export::open_metrics(&report, &selection, part),
    };
    let nothing = match args.to {
        Form::Gab => text.trim() == "[]",
        Form::Bmf => text.trim() == "{}",
        Form::Csv => text.lines().count() < 2,
        Form::Openmetrics => text.trim() == "# EOF",
    };
    match &args.output {
        None => terminal.answer(&text)?,
        Some(path) => {
            keep_input(path, [&args.report], "the report")?;
            check_folder(path)?;
            reports::write_text(path, &text)?;
        }
    }
    if nothing {
        terminal.warn(&format!(
            "{}: it has no figure of what was asked for; nothing was handed on",
            args.report.display()
        ));
    }
    let selected = || report.cells.iter().filter(|cell| selection.has_cell(cell));
    let failed = selected().filter(|cell| cell.outcome.status != Status::Ok).count();
    if failed > 0 && args.to != Form::Csv {
        let all = selected().count();
        terminal.note(&format!("left out: {failed} of {all} cells, which did not complete"));
    }
    Ok(Exit::Done)
}
