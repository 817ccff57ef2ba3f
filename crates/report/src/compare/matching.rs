//! Which cell of one report stands against which of the other.

use std::collections::BTreeMap;

use crate::model::{Cell, Mode, Report, StrategyEntry, StrategyKind, TraceEntry};
use crate::view::Selection;

/// What makes two cells comparable: the same operations, strategy, settings, heap and way of measuring.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    trace_hash: String,
    trace: String,
    strategy: String,
    parameters: String,
    heap: String,
    heap_bytes: u64,
    granule_bytes: u64,
    threads: u32,
    is_payload: bool,
}

impl Key {
    /// The key of a cell of that report. Traces are known by their hash; by name only where there is none.
    pub(crate) fn of(report: &Report, cell: &Cell) -> Self {
        let hash = report.trace(&cell.trace).map_or("", |trace| trace.hash.as_str());
        let entry = report.strategy(&cell.strategy);
        Self {
            trace_hash: hash.to_owned(),
            trace: if hash.is_empty() { cell.trace.clone() } else { String::new() },
            strategy: cell.strategy.clone(),
            parameters: entry.map(parameters).unwrap_or_default(),
            heap: cell.heap.spec.clone(),
            heap_bytes: cell.heap.bytes,
            granule_bytes: cell.granule_bytes,
            threads: cell.threads,
            is_payload: cell.mode == Mode::Payload,
        }
    }

    /// The same for every strategy: the workload and how it was measured.
    pub(crate) fn without_strategy(mut self) -> Self {
        self.strategy.clear();
        self.parameters.clear();
        self
    }

    /// The same for every heap.
    pub(crate) fn without_heap(mut self) -> Self {
        self.heap.clear();
        self.heap_bytes = 0;
        self
    }
}

/// `c=8 d=2`, in the order of the names.
pub(crate) fn parameters(entry: &StrategyEntry) -> String {
    let settings = entry.parameters.iter().map(|(name, value)| format!("{name}={value}"));
    settings.collect::<Vec<_>>().join(" ")
}

/// Two cells with one key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) old: &'a Cell,
    pub(super) new: &'a Cell,
    pub(super) old_strategy: Option<&'a StrategyEntry>,
    pub(super) new_strategy: Option<&'a StrategyEntry>,
}

impl Pair<'_> {
    pub(super) fn kind(&self) -> StrategyKind {
        self.new_strategy.map_or(StrategyKind::Strategy, |entry| entry.kind)
    }

    /// Whether it is one of the strategies under study, whose regressions are ours.
    pub(super) fn is_ours(&self) -> bool {
        self.kind() == StrategyKind::Strategy
    }

    /// Whether its code is the same in both: a published allocator of one version.
    pub(super) fn is_untouched_peer(&self) -> bool {
        self.kind() == StrategyKind::Peer
            && self.old_strategy.zip(self.new_strategy).is_some_and(|(old, new)| {
                (&old.version, &old.crate_name) == (&new.version, &new.crate_name)
            })
    }
}

/// The selected cells of two reports, side by side.
#[derive(Debug)]
pub(super) struct Matched<'a> {
    pub(super) old: &'a Report,
    pub(super) new: &'a Report,
    /// In the order of the new report.
    pub(super) pairs: Vec<Pair<'a>>,
    pub(super) only_in_old: Vec<(String, usize)>,
    pub(super) only_in_new: Vec<(String, usize)>,
}

impl<'a> Matched<'a> {
    pub(super) fn new(old: &'a Report, new: &'a Report, selection: &Selection) -> Self {
        // Cells that share a key, as those of a trace listed under two names, are matched in their order.
        let mut waiting: BTreeMap<Key, Vec<&'a Cell>> = BTreeMap::new();
        for cell in old.cells.iter().rev().filter(|cell| selection.has_cell(cell)) {
            waiting.entry(Key::of(old, cell)).or_default().push(cell);
        }
        let mut pairs = Vec::new();
        let mut only_in_new = Vec::new();
        for cell in new.cells.iter().filter(|cell| selection.has_cell(cell)) {
            match waiting.get_mut(&Key::of(new, cell)).and_then(Vec::pop) {
                Some(partner) => pairs.push(Pair {
                    old: partner,
                    new: cell,
                    old_strategy: old.strategy(&partner.strategy),
                    new_strategy: new.strategy(&cell.strategy),
                }),
                None => only_in_new.push(cell),
            }
        }
        let is_left = |cell: &&&Cell| {
            waiting.values().flatten().any(|left| std::ptr::eq::<Cell>(*left, **cell))
        };
        let only_in_old: Vec<&Cell> = old
            .cells
            .iter()
            .filter(|cell| selection.has_cell(cell))
            .filter(|cell| is_left(&cell))
            .collect();
        Self {
            old,
            new,
            pairs,
            only_in_old: by_strategy(&only_in_old),
            only_in_new: by_strategy(&only_in_new),
        }
    }

    /// Number of traces that occur on both sides.
    pub(super) fn traces(&self) -> usize {
        self.new
            .traces
            .iter()
            .filter(|trace| self.pairs.iter().any(|pair| pair.new.trace == trace.name))
            .count()
    }
}

fn by_strategy(cells: &[&Cell]) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for cell in cells {
        match counts.iter_mut().find(|(name, _)| *name == cell.strategy) {
            Some((_, count)) => *count += 1,
            None => counts.push((cell.strategy.clone(), 1)),
        }
    }
    counts
}

/// Traces of one name that hold other operations in the two reports.
pub(super) fn renamed_traces<'a>(
    old: &'a Report,
    new: &Report,
    selection: &'a Selection,
) -> impl Iterator<Item = &'a TraceEntry> {
    let names: Vec<(String, String)> =
        new.traces.iter().map(|trace| (trace.name.clone(), trace.hash.clone())).collect();
    old.traces.iter().filter(move |trace| {
        selection.has_trace(&trace.name)
            && names.iter().any(|(name, hash)| *name == trace.name && *hash != trace.hash)
    })
}
