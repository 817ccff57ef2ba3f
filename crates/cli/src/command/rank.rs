//! `heaplab rank`: who is ahead over many cells.

use heaplab_report::table::Format;
use heaplab_report::{Report, rank};

use super::reports;
use crate::Exit;
use crate::args::RankArgs;
use crate::failure::Failure;
use crate::output::Terminal;

pub(super) fn run(args: &RankArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut reports: Vec<Report> = Vec::new();
    for path in &args.reports {
        let report = reports::read(path, terminal)?;
        if reports.contains(&report) {
            let name = path.display();
            terminal.warn(&format!("{name}: the same report as one before it; it counts once"));
        } else {
            reports.push(report);
        }
    }
    let all: Vec<_> = reports.iter().collect();
    let selection = reports::selection(&all, &args.filter, &args.heap, "heaplab show")?;
    let ranking = rank::rank(&reports, &selection);
    if ranking.rows.is_empty() {
        return Err(Failure::usage("no strategy is left to rank")
            .help("floors are not ranked; give other patterns to -s, -t or --heap"));
    }
    terminal.table(&ranking.table())?;
    let sentences = ranking.sentences();
    if matches!(terminal.format, Format::Table | Format::Md) {
        return terminal
            .answer(&terminal.plain(&format!("\n{}\n", sentences.join("\n"))))
            .map(|()| Exit::Done);
    }
    for sentence in sentences {
        terminal.note(&sentence);
    }
    Ok(Exit::Done)
}
