//! One row a trace, over all strategies.

use crate::model::{Mode, Report, Status, StrategyKind};
use crate::number::{bytes, count, significant};
use crate::table::{Block, Column, Entry, Role, Table};

use super::{Section, Selection, sections};

/// What each selected trace asks of a heap, and who serves it best.
pub fn by_trace(report: &Report, selection: &Selection) -> Table {
    let sections = sections(report, selection);
    // A trace that was timed with and without payload stands here once.
    let is_twin = |section: &&Section<'_>| {
        section.mode == Mode::Payload
            && sections
                .iter()
                .any(|it| it.mode == Mode::Placement && it.trace.name == section.trace.name)
    };
    let rows = sections.iter().filter(|section| !is_twin(section)).map(row).collect();
    let column = |key: &str, heading: &str, unit: &str, is_number| Column {
        key: key.into(),
        heading: heading.into(),
        unit: unit.into(),
        is_number,
        ..Column::default()
    };
    let spare = |column| Column { role: Role::Spare, ..column };
    Table {
        columns: vec![
            Column { role: Role::Name, ..column("trace", "trace", "", false) },
            column("operations", "operations", "", true),
            column("peak_live_bytes", "peak live", "", true),
            column("peak_live_blocks", "blocks", "at peak", true),
            column("ok", "ok", "cells", true),
            column("failed", "failed", "cells", true),
            column("smallest_heap_strategy", "smallest heap", "", false),
            column("smallest_heap_ratio", "at", "× peak", true),
            column("fastest_strategy", "fastest", "", false),
            spare(column("fastest_heap", "in", "", false)),
            spare(column("max_request_bytes", "largest request", "", true)),
            spare(column("resize", "resizes", "", true)),
            spare(column("hash", "hash", "", false)),
        ],
        blocks: vec![Block { label: None, rows }],
        footnotes: vec![
            "smallest heap: the first of those with the smallest · fastest: in the smallest timed heap"
                .into(),
        ],
        ..Table::default()
    }
}

fn row(section: &Section<'_>) -> Vec<Entry> {
    let trace = section.trace;
    let cells = |ok: bool| {
        let counted = section
            .cells
            .iter()
            .filter(|cell| {
                let floor = section
                    .strategies
                    .iter()
                    .any(|it| it.name == cell.strategy && it.kind == StrategyKind::Floor);
                !floor && !cell.heap.is_unlimited() && (cell.outcome.status == Status::Ok) == ok
            })
            .count();
        Entry::figure(u64::try_from(counted).ok(), count)
    };
    let smallest = section
        .contestants()
        .filter_map(|entry| Some((section.min_heap_bytes(&entry.name)?, &entry.name)))
        .min_by_key(|&(bytes, _)| bytes);
    let fastest = section
        .heaps
        .iter()
        .find_map(|heap| Some((section.ranking(&heap.spec).first()?.0, &heap.spec)));
    let word = |text: Option<&String>| text.map_or_else(Entry::absent, Entry::word);
    vec![
        Entry::word(&trace.name),
        Entry::figure(Some(trace.operations.total()), count),
        Entry::figure(Some(trace.peak_live_bytes), bytes),
        Entry::figure(Some(trace.peak_live_blocks), count),
        cells(true),
        cells(false),
        word(smallest.map(|(_, name)| name)),
        Entry::figure(smallest.and_then(|(bytes, _)| section.over_peak(bytes)), significant),
        word(fastest.map(|(entry, _)| &entry.name)),
        word(fastest.map(|(_, spec)| spec)),
        Entry::figure(Some(trace.max_request_bytes), bytes),
        Entry::figure(Some(trace.operations.resize), count),
        Entry::word(&trace.hash),
    ]
}
