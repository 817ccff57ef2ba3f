//! One row a strategy, over all traces.

use crate::model::{Cell, Mode, Report, Status, StrategyEntry, StrategyKind};
use crate::number::{bytes, count, significant};
use crate::stats::median;
use crate::table::{Block, Column, Entry, Role, Table};

use super::{Section, Selection, sections};

/// How each strategy fared over the selected cells: what it completed, where it was fastest, what it needed.
///
/// No single score: the table counts, and gives the worst case.
pub fn by_strategy(report: &Report, selection: &Selection) -> Table {
    let sections = sections(report, selection);
    let statuses: Vec<Status> = STATUSES
        .into_iter()
        .filter(|&status| {
            status == Status::Ok
                || report
                    .cells
                    .iter()
                    .any(|it| selection.has_cell(it) && it.outcome.status == status)
        })
        .collect();
    let block = |label: Option<&str>, kind| Block {
        label: label.map(str::to_owned),
        rows: report
            .strategies
            .iter()
            .filter(|entry| entry.kind == kind && selection.has_strategy(&entry.name))
            .map(|entry| row(report, selection, &sections, &statuses, entry))
            .collect(),
    };
    Table {
        columns: columns(&statuses),
        blocks: vec![
            block(None, StrategyKind::Strategy),
            block(Some("published allocators"), StrategyKind::Peer),
            block(Some("floors"), StrategyKind::Floor),
        ],
        footnotes: vec![
            "fastest: timed heaps in which no other contestant was faster · policy: the part of the time that is not dispatch and slot table (the quickest floor), median over the timed heaps · min heap: over the traces, the worst"
                .into(),
        ],
        ..Table::default()
    }
}

const STATUSES: [Status; 5] =
    [Status::Ok, Status::Oom, Status::Timeout, Status::Invalid, Status::Crashed];

fn columns(statuses: &[Status]) -> Vec<Column> {
    let number = |key: &str, heading: &str, unit: &str| Column {
        key: key.into(),
        heading: heading.into(),
        unit: unit.into(),
        is_number: true,
        ..Column::default()
    };
    let mut columns = vec![Column {
        key: "strategy".into(),
        heading: "strategy".into(),
        role: Role::Name,
        ..Column::default()
    }];
    columns.extend(statuses.iter().map(|it| number(it.as_str(), it.as_str(), "cells")));
    columns.push(number("fastest", "fastest", "cells"));
    columns.push(number("policy_share", "policy", "% of time"));
    columns.push(number("worst_min_heap_ratio", "min heap", "× peak"));
    columns.push(number("relocated_bytes", "moved", ""));
    columns.push(Column {
        key: "description".into(),
        heading: "what it does".into(),
        role: Role::Spare,
        ..Column::default()
    });
    columns
}

fn row(
    report: &Report,
    selection: &Selection,
    sections: &[Section<'_>],
    statuses: &[Status],
    entry: &StrategyEntry,
) -> Vec<Entry> {
    // A cell with payload ends as the one without does, its times apart: it does not count again.
    let is_counted = |cell: &&Cell| {
        cell.strategy == entry.name
            && selection.has_cell(cell)
            && (cell.mode == Mode::Placement || sections.iter().all(|it| it.mode == Mode::Payload))
    };
    let cells = || report.cells.iter().filter(is_counted);
    let mut row = vec![Entry::word(&entry.name)];
    for &status in statuses {
        row.push(whole(cells().filter(|cell| cell.outcome.status == status).count()));
    }
    let mut timed = 0;
    let mut fastest = 0;
    let mut worst: Option<f64> = Some(0.0);
    for section in sections {
        for heap in &section.heaps {
            let ranking = section.ranking(&heap.spec);
            timed += usize::from(ranking.iter().any(|(other, _)| other.name == entry.name));
            fastest +=
                usize::from(ranking.first().is_some_and(|(first, _)| first.name == entry.name));
        }
        let least = section.min_heap_bytes(&entry.name).and_then(|it| section.over_peak(it));
        worst = worst.zip(least).map(|(worst, least)| worst.max(least));
    }
    row.push(if timed == 0 { Entry::absent() } else { whole(fastest) });
    let shares: Vec<f64> =
        sections.iter().flat_map(|section| section.policy_shares(&entry.name)).collect();
    row.push(Entry::figure(median(&shares), |share| format!("{:.0}", share * 100.0)));
    row.push(Entry::figure(worst.filter(|_| !sections.is_empty()), significant));
    let moved: Option<u64> =
        cells().filter_map(|cell| cell.relocations).map(|it| it.bytes).reduce(u64::saturating_add);
    row.push(Entry::figure(moved, bytes));
    row.push(Entry::word(&entry.description));
    row
}

fn whole(cells: usize) -> Entry {
    Entry::figure(u64::try_from(cells).ok(), count)
}
