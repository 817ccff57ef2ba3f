//! Who is ahead over many cells: geometric means of ratios, over the cells that all shown strategies completed.
//!
//! The geometric mean is the only one whose order does not depend on which contestant the ratios are taken to
//! (Fleming and Wallace, 1986). A strategy that fails where others do not would be flattered by its own absence, so a
//! cell counts for all or for none.

use std::collections::BTreeMap;

use crate::compare::{Key, Keys};
use crate::model::{Cell, HeapSpec, Report, Status, StrategyKind};
use crate::number::significant;
use crate::table::{Block, Column, Entry, Role, Table};
use crate::view::Selection;

/// Over how many cells a mean was taken, and what was left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// Cells that all shown strategies completed.
    pub counted: usize,
    /// Cells that some of them completed, but not all.
    pub left_out: usize,
    /// The strategy whose absence costs most cells, with their number.
    pub costliest: Option<(String, usize)>,
}

/// A ranking over all reports.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// The strategies, fastest first; those without a time last, by space.
    pub rows: Vec<RankRow>,
    /// What the times were taken over: trace and timed heap.
    pub time: Coverage,
    /// What the heaps were taken over: traces.
    pub space: Coverage,
}

/// One strategy of a [`Ranking`].
#[derive(Debug, Clone, PartialEq)]
pub struct RankRow {
    /// Its name.
    pub strategy: String,
    /// Whether it is a published allocator.
    pub is_peer: bool,
    /// Geometric mean of its time over the fastest one's; none where nothing is common.
    pub time_ratio: Option<f64>,
    /// Geometric mean of its smallest heap over the smallest one's.
    pub heap_ratio: Option<f64>,
    /// The same with its metadata added to the heap; none where some do not know theirs.
    pub heap_and_metadata_ratio: Option<f64>,
    /// Cells it completed, of all that were tried.
    pub completed: usize,
    /// Cells that were tried.
    pub tried: usize,
}

/// By workload: each strategy's figure.
type Figures = BTreeMap<Place, BTreeMap<String, f64>>;

/// One report's cells of one workload; times of two machines never meet in a ratio.
type Place = (usize, Key);

/// Ranks the selected strategies; floors are nobody's rivals and left out.
///
/// Reports may come from several machines: each ratio is taken inside one report.
pub fn rank(reports: &[Report], selection: &Selection) -> Ranking {
    let shown = shown(reports, selection);
    let names: Vec<&str> = shown.iter().map(|(name, _)| name.as_str()).collect();
    let (time_ratios, time) = means(&times(reports, selection, &names), &names);
    let heaps = heaps(reports, selection, &names);
    let (heap_ratios, space) = means(&heaps.bytes, &names);
    let (with_metadata, _) = means(&heaps.with_metadata, &names);
    let mut rows: Vec<RankRow> = shown
        .iter()
        .enumerate()
        .map(|(index, (name, kind))| {
            let cells = || cells(reports, selection).filter(|(_, it)| it.strategy == *name);
            RankRow {
                strategy: name.clone(),
                is_peer: *kind == StrategyKind::Peer,
                time_ratio: time_ratios.get(index).copied().flatten(),
                heap_ratio: heap_ratios.get(index).copied().flatten(),
                heap_and_metadata_ratio: with_metadata.get(index).copied().flatten(),
                completed: cells().filter(|(_, it)| it.outcome.status == Status::Ok).count(),
                tried: cells().count(),
            }
        })
        .collect();
    let order = |ratio: Option<f64>| ratio.unwrap_or(f64::INFINITY);
    rows.sort_by(|a, b| {
        order(a.time_ratio)
            .total_cmp(&order(b.time_ratio))
            .then(order(a.heap_ratio).total_cmp(&order(b.heap_ratio)))
    });
    Ranking { rows, time, space }
}

fn shown(reports: &[Report], selection: &Selection) -> Vec<(String, StrategyKind)> {
    let mut shown: Vec<(String, StrategyKind)> = Vec::new();
    for report in reports {
        for entry in &report.strategies {
            let has_cells = report
                .cells
                .iter()
                .any(|cell| cell.strategy == entry.name && selection.has_cell(cell));
            let is_new = shown.iter().all(|(name, _)| *name != entry.name);
            if entry.kind != StrategyKind::Floor && has_cells && is_new {
                shown.push((entry.name.clone(), entry.kind));
            }
        }
    }
    shown
}

fn cells<'a>(
    reports: &'a [Report],
    selection: &'a Selection,
) -> impl Iterator<Item = (usize, &'a Cell)> {
    reports.iter().enumerate().flat_map(move |(index, report)| {
        let cells = report.cells.iter().filter(|cell| selection.has_cell(cell));
        cells.map(move |cell| (index, cell))
    })
}

fn times(reports: &[Report], selection: &Selection, names: &[&str]) -> Figures {
    let mut figures = Figures::new();
    let keys: Vec<Keys<'_>> = reports.iter().map(Keys::new).collect();
    for (index, cell) in cells(reports, selection) {
        if let Some(time) = cell.time.as_ref().filter(|_| cell.outcome.status == Status::Ok)
            && names.contains(&cell.strategy.as_str())
        {
            let place = (index, keys[index].of(cell).without_strategy());
            let known = figures.entry(place).or_default();
            known.insert(cell.strategy.clone(), time.median_ns_per_operation);
        }
    }
    figures
}

#[derive(Debug, Default)]
struct Heaps {
    bytes: Figures,
    with_metadata: Figures,
}

/// The smallest heap of each strategy and trace: the minimum where all know theirs, else the smallest that was tried
/// and sufficed.
fn heaps(reports: &[Report], selection: &Selection, names: &[&str]) -> Heaps {
    let mut found: BTreeMap<Place, BTreeMap<String, Smallest>> = BTreeMap::new();
    let keys: Vec<Keys<'_>> = reports.iter().map(Keys::new).collect();
    for (index, cell) in cells(reports, selection) {
        if !names.contains(&cell.strategy.as_str()) {
            continue;
        }
        let place = (index, keys[index].of(cell).without_strategy().without_heap());
        found.entry(place).or_default().entry(cell.strategy.clone()).or_default().add(cell);
    }
    let mut heaps = Heaps::default();
    for (place, strategies) in found {
        let all_known = strategies.values().all(|it| it.minimum.is_some());
        for (name, smallest) in strategies {
            let bytes = if all_known { smallest.minimum } else { smallest.tried };
            let Some(bytes) = bytes else { continue };
            heaps.bytes.entry(place.clone()).or_default().insert(name.clone(), to_f64(bytes));
            if let Some(metadata) = smallest.metadata {
                let known = heaps.with_metadata.entry(place.clone()).or_default();
                known.insert(name, to_f64(bytes.saturating_add(metadata)));
            }
        }
    }
    heaps
}

/// What the cells of one strategy and trace say about its smallest heap.
#[derive(Debug, Default)]
struct Smallest {
    minimum: Option<u64>,
    tried: Option<u64>,
    metadata: Option<u64>,
}

impl Smallest {
    fn add(&mut self, cell: &Cell) {
        let space = cell.space.as_ref();
        self.minimum = self.minimum.or(space.and_then(|it| it.min_heap_bytes));
        if cell.outcome.status != Status::Ok {
            return;
        }
        let is_smaller = self.tried.is_none_or(|tried| cell.heap.bytes < tried);
        if cell.heap.spec != HeapSpec::UNLIMITED && is_smaller {
            self.tried = Some(cell.heap.bytes);
            self.metadata = space.and_then(|it| it.metadata_bytes);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a ratio is shown with three digits")]
fn to_f64(bytes: u64) -> f64 {
    bytes as f64
}

/// Geometric means of the ratios to the best of each place, over the places that all have a figure for.
fn means(figures: &Figures, names: &[&str]) -> (Vec<Option<f64>>, Coverage) {
    let has_all = |of: &BTreeMap<String, f64>| names.iter().all(|name| of.contains_key(*name));
    let common: Vec<&BTreeMap<String, f64>> =
        figures.values().filter(|figures| has_all(figures)).collect();
    let missing = |name: &str| figures.values().filter(|it| !it.contains_key(name)).count();
    let costliest = names
        .iter()
        .map(|name| ((*name).to_owned(), missing(name)))
        .filter(|(_, missing)| *missing > 0)
        .reduce(|worst, next| if next.1 > worst.1 { next } else { worst });
    let coverage =
        Coverage { counted: common.len(), left_out: figures.len() - common.len(), costliest };
    let mean = |name: &&str| {
        let logarithms: Vec<f64> = common
            .iter()
            .map(|of| {
                let best = of.values().copied().fold(f64::INFINITY, f64::min);
                (of[*name] / best).ln()
            })
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "no report has 2^53 cells")]
        let mean = logarithms.iter().sum::<f64>() / logarithms.len() as f64;
        Some(mean.exp()).filter(|mean| mean.is_finite())
    };
    (names.iter().map(mean).collect(), coverage)
}

impl Ranking {
    /// One row a strategy.
    pub fn table(&self) -> Table {
        let number = |key: &str, heading: &str, unit: &str| Column {
            key: key.into(),
            heading: heading.into(),
            unit: unit.into(),
            is_number: true,
            ..Column::default()
        };
        let columns = vec![
            Column {
                key: "strategy".into(),
                heading: "strategy".into(),
                role: Role::Name,
                ..Column::default()
            },
            number("time_ratio", "time", "× fastest"),
            number("heap_ratio", "smallest heap", "× smallest"),
            number("heap_and_metadata_ratio", "with metadata", "× smallest"),
            number("completed_cells", "completed", "cells"),
            number("tried_cells", "tried", "cells"),
        ];
        let row = |it: &RankRow| {
            vec![
                Entry::word(&it.strategy),
                Entry::figure(it.time_ratio, significant),
                Entry::figure(it.heap_ratio, significant),
                Entry::figure(it.heap_and_metadata_ratio, significant),
                Entry::figure(u64::try_from(it.completed).ok(), crate::number::exact),
                Entry::figure(u64::try_from(it.tried).ok(), crate::number::exact),
            ]
        };
        let block = |label: Option<&str>, is_peer| Block {
            label: label.map(str::to_owned),
            rows: self.rows.iter().filter(|it| it.is_peer == is_peer).map(row).collect(),
        };
        Table {
            columns,
            blocks: vec![block(None, false), block(Some("published allocators"), true)],
            footnotes: vec![
                "geometric means of the ratios to the best in each cell · smallest heap: the minimum where all shown \
                 know theirs, else the smallest that was tried and sufficed"
                    .into(),
            ],
            ..Table::default()
        }
    }

    /// How much of the reports stands behind the means, one sentence each for time and space.
    pub fn sentences(&self) -> Vec<String> {
        [("times", "cell", &self.time), ("heaps", "trace", &self.space)]
            .into_iter()
            .filter(|(_, _, it)| it.counted + it.left_out > 0)
            .map(|(what, of, it)| {
                let all = it.counted + it.left_out;
                let mut text = if all == 1 && it.left_out == 0 {
                    format!("{what}: over one {of}")
                } else if it.left_out == 0 {
                    format!("{what}: over all {all} {of}s")
                } else {
                    format!(
                        "{what}: over the {} of {all} {of}s that all shown completed",
                        it.counted
                    )
                };
                if let Some((name, missing)) = it.costliest.as_ref().filter(|_| it.left_out > 0) {
                    text.push_str(&format!("; {name} lacks {missing}, more than any other"));
                }
                text.push('.');
                text
            })
            .collect()
    }
}
