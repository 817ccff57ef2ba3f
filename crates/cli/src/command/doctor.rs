//! `heaplab doctor`: is this machine fit to time on?

use heaplab_harness::doctor::{Finding, Fitness, examine};
use heaplab_report::table::{Block, Column, Entry, Format, Role, Table};

use crate::Exit;
use crate::failure::Failure;
use crate::output::Terminal;

pub(super) fn run(terminal: &Terminal) -> Result<Exit, Failure> {
    let findings = examine();
    let for_people = terminal.format == Format::Table;
    terminal.table(&if for_people { lines(&findings) } else { table(&findings) })?;
    let bad = findings.iter().filter(|it| it.fitness == Fitness::Bad).count();
    let notes = findings.iter().filter(|it| it.fitness == Fitness::Note).count();
    let verdict = verdict(bad, notes);
    if terminal.format == Format::Table && !terminal.quiet {
        terminal.answer(&terminal.plain(&format!("\n{verdict}\n")))?;
    } else {
        terminal.note(&verdict);
    }
    terminal.next(if bad > 0 { "heaplab run --check" } else { "heaplab run --pin" });
    Ok(if bad > 0 { Exit::Bad } else { Exit::Done })
}

/// The answer in words.
fn verdict(bad: usize, notes: usize) -> String {
    let things =
        |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    match (bad, notes) {
        (0, 0) => "Fit to time on.".into(),
        (0, _) => format!("Fit to time on, with {}.", things(notes, "note")),
        _ => format!(
            "Not fit to time on: {} to mend first. Space, placements and instruction counts are exact all the same.",
            things(bad, "thing")
        ),
    }
}

/// What was found and what to do about it in one column, which is broken into lines and never cut.
fn lines(findings: &[Finding]) -> Table {
    let row = |finding: &Finding| {
        let text = match &finding.fix {
            Some(fix) => format!("{} → {fix}", finding.found),
            None => finding.found.clone(),
        };
        vec![Entry::word(finding.name), Entry::word(finding.fitness.as_str()), Entry::word(text)]
    };
    Table {
        columns: vec![
            column("name", "what", Role::Name),
            column("fitness", "", Role::Figure),
            column("found", "found → what to do", Role::Sentences),
        ],
        blocks: vec![Block { label: None, rows: findings.iter().map(row).collect() }],
        ..Table::default()
    }
}

fn column(key: &str, heading: &str, role: Role) -> Column {
    Column { key: key.into(), heading: heading.into(), role, ..Column::default() }
}

/// Everything in a column of its own, for scripts.
fn table(findings: &[Finding]) -> Table {
    let row = |finding: &Finding| {
        vec![
            Entry::word(finding.name),
            Entry::word(finding.fitness.as_str()),
            Entry::word(&finding.found),
            finding.fix.as_ref().map_or_else(Entry::absent, Entry::word),
        ]
    };
    Table {
        columns: vec![
            column("name", "what", Role::Name),
            column("fitness", "", Role::Figure),
            column("found", "found", Role::Figure),
            column("fix", "what to do", Role::Sentences),
        ],
        blocks: vec![Block { label: None, rows: findings.iter().map(row).collect() }],
        ..Table::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_counts() {
        assert_eq!(verdict(0, 0), "Fit to time on.");
        assert_eq!(verdict(0, 1), "Fit to time on, with 1 note.");
        assert!(verdict(2, 1).starts_with("Not fit to time on: 2 things to mend first."));
    }
}
