//! Which cell of one report stands against which of the other.

use std::collections::{BTreeMap, HashMap, HashSet};

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

/// What the keys of a report's cells are made of, looked up once.
#[derive(Debug)]
pub(crate) struct Keys<'a> {
    hashes: HashMap<&'a str, &'a str>,
    strategies: HashMap<&'a str, (&'a StrategyEntry, String)>,
}

impl<'a> Keys<'a> {
    pub(crate) fn new(report: &'a Report) -> Self {
        let mut keys = Self { hashes: HashMap::new(), strategies: HashMap::new() };
        // Of several entries of one name the first one counts, as in `Report::trace`.
        for trace in &report.traces {
            keys.hashes.entry(&trace.name).or_insert(&trace.hash);
        }
        for entry in &report.strategies {
            keys.strategies.entry(&entry.name).or_insert_with(|| (entry, parameters(entry)));
        }
        keys
    }

    /// The key of a cell of the report. Traces are known by their hash; by name only where there is none.
    pub(crate) fn of(&self, cell: &Cell) -> Key {
        let hash = self.hashes.get(cell.trace.as_str()).copied().unwrap_or_default();
        let entry = self.strategies.get(cell.strategy.as_str());
        Key {
            trace_hash: hash.to_owned(),
            trace: if hash.is_empty() { cell.trace.clone() } else { String::new() },
            strategy: cell.strategy.clone(),
            parameters: entry.map(|(_, parameters)| parameters.clone()).unwrap_or_default(),
            heap: cell.heap.spec.clone(),
            heap_bytes: cell.heap.bytes,
            granule_bytes: cell.granule_bytes,
            threads: cell.threads,
            is_payload: cell.mode == Mode::Payload,
        }
    }

    fn strategy(&self, name: &str) -> Option<&'a StrategyEntry> {
        self.strategies.get(name).map(|(entry, _)| *entry)
    }
}

impl Key {
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
        let (old_keys, new_keys) = (Keys::new(old), Keys::new(new));
        let mut waiting: BTreeMap<Key, Vec<&'a Cell>> = BTreeMap::new();
        for cell in old.cells.iter().rev().filter(|cell| selection.has_cell(cell)) {
            waiting.entry(old_keys.of(cell)).or_default().push(cell);
        }
        let mut pairs = Vec::new();
        let mut only_in_new = Vec::new();
        for cell in new.cells.iter().filter(|cell| selection.has_cell(cell)) {
            match waiting.get_mut(&new_keys.of(cell)).and_then(Vec::pop) {
                Some(partner) => pairs.push(Pair {
                    old: partner,
                    new: cell,
                    old_strategy: old_keys.strategy(&partner.strategy),
                    new_strategy: new_keys.strategy(&cell.strategy),
                }),
                None => only_in_new.push(cell),
            }
        }
        // By their place in memory: cells that share a key may well be equal.
        let left: HashSet<*const Cell> =
            waiting.values().flatten().map(|cell| std::ptr::from_ref(*cell)).collect();
        let only_in_old: Vec<&Cell> =
            old.cells.iter().filter(|cell| left.contains(&std::ptr::from_ref(*cell))).collect();
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
        let paired: HashSet<&str> = self.pairs.iter().map(|pair| pair.new.trace.as_str()).collect();
        self.new.traces.iter().filter(|trace| paired.contains(trace.name.as_str())).count()
    }
}

fn by_strategy(cells: &[&Cell]) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for cell in cells {
        let index = *known.entry(&cell.strategy).or_insert(counts.len());
        if index == counts.len() {
            counts.push((cell.strategy.clone(), 0));
        }
        counts[index].1 += 1;
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
