//! A report as the sections see it: looked up once, numbered, in the order of reading.

use std::collections::BTreeMap;

use heaplab_report::{
    Cell, HeapSpec, Mode, Report, Status, StrategyEntry, StrategyKind, TraceEntry, dominance,
};

use crate::{chart, text};

/// One report, and what is looked up in it again and again.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) report: &'a Report,
    /// Stands in front of every anchor, so that several reports fit on one page.
    pub(crate) prefix: String,
    /// One a trace and way of measuring, in the report's order.
    pub(crate) groups: Vec<Group<'a>>,
    /// Every heap with a limit, as asked for, smallest first.
    pub(crate) heaps: Vec<&'a str>,
    anchors: BTreeMap<&'a str, String>,
}

/// The cells of one trace, measured in one way.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    pub(crate) trace: &'a TraceEntry,
    /// Position of the trace in the report.
    pub(crate) trace_index: usize,
    pub(crate) mode: Mode,
    pub(crate) granule_bytes: u64,
    pub(crate) threads: u32,
    pub(crate) cells: Vec<&'a Cell>,
    /// The heaps with a limit, smallest first.
    pub(crate) heaps: Vec<&'a HeapSpec>,
    /// Ids of the cells that nothing dominates in space and time.
    pub(crate) undominated: Vec<&'a str>,
}

impl<'a> View<'a> {
    pub(crate) fn new(report: &'a Report, prefix: String) -> Self {
        let groups = groups(report);
        let mut heaps: Vec<(f64, &str)> = Vec::new();
        for cell in report.cells.iter().filter(|cell| !cell.heap.is_unlimited()) {
            if heaps.iter().all(|(_, spec)| *spec != cell.heap.spec) {
                let order = cell.heap.ratio.unwrap_or_else(|| text::to_f64(cell.heap.bytes));
                heaps.push((order, &cell.heap.spec));
            }
        }
        heaps.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut anchors: BTreeMap<&str, String> = BTreeMap::new();
        for (index, cell) in report.cells.iter().enumerate() {
            anchors.insert(&cell.id, format!("{prefix}{}", text::slug(&cell.id, index)));
        }
        let heaps = heaps.into_iter().map(|(_, spec)| spec).collect();
        Self { report, prefix, groups, heaps, anchors }
    }

    /// The anchor of a section or entry on this page.
    pub(crate) fn anchor(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The anchor of a cell.
    pub(crate) fn cell_anchor(&self, cell: &Cell) -> &str {
        self.anchors.get(cell.id.as_str()).map_or("", String::as_str)
    }

    /// Position of a strategy in the report: what its color, dash and marker follow from.
    pub(crate) fn strategy_index(&self, name: &str) -> usize {
        self.report.strategies.iter().position(|it| it.name == name).unwrap_or(0)
    }

    pub(crate) fn kind(&self, name: &str) -> StrategyKind {
        self.report.strategy(name).map_or(StrategyKind::Strategy, |it| it.kind)
    }

    pub(crate) fn heap_index(&self, spec: &str) -> usize {
        self.heaps.iter().position(|it| *it == spec).unwrap_or(usize::MAX)
    }

    pub(crate) fn of_kind(&self, kind: StrategyKind) -> impl Iterator<Item = &'a StrategyEntry> {
        self.report.strategies.iter().filter(move |it| it.kind == kind)
    }

    /// Everyone who can win: all but the floors.
    pub(crate) fn contestants(&self) -> impl Iterator<Item = &'a StrategyEntry> {
        self.report.strategies.iter().filter(|it| it.kind != StrategyKind::Floor)
    }

    /// Heaps in which something was timed, smallest first.
    pub(crate) fn timed_heaps(&self) -> Vec<&'a str> {
        let is_timed = |spec: &&str| {
            self.report.cells.iter().any(|it| it.heap.spec == **spec && it.time.is_some())
        };
        self.heaps.iter().copied().filter(is_timed).collect()
    }
}

impl<'a> Group<'a> {
    pub(crate) fn cell(&self, strategy: &str, heap: &str) -> Option<&'a Cell> {
        self.cells.iter().copied().find(|it| it.strategy == strategy && it.heap.spec == heap)
    }

    pub(crate) fn of<'b>(&'b self, strategy: &'b str) -> impl Iterator<Item = &'a Cell> + 'b {
        self.cells.iter().copied().filter(move |it| it.strategy == strategy)
    }

    /// Bytes over the trace's peak of live bytes.
    pub(crate) fn over_peak(&self, bytes: u64) -> f64 {
        text::to_f64(bytes) / text::to_f64(self.trace.peak_live_bytes.max(1))
    }

    pub(crate) fn min_heap_bytes(&self, strategy: &str) -> Option<u64> {
        self.of(strategy).find_map(|cell| cell.space.as_ref()?.min_heap_bytes)
    }

    pub(crate) fn in_unlimited(&self, strategy: &str) -> Option<&'a Cell> {
        self.of(strategy).find(|cell| cell.heap.is_unlimited())
    }

    /// The smallest heap of the run in which the strategy completed the trace, or the one without limit.
    pub(crate) fn in_smallest_completed(&self, strategy: &str) -> Option<&'a Cell> {
        self.of(strategy)
            .filter(|cell| cell.outcome.status == Status::Ok && !cell.heap.is_unlimited())
            .min_by_key(|cell| cell.heap.bytes)
            .or_else(|| self.in_unlimited(strategy))
    }

    /// The least time that a contestant took in that heap, in ns for each operation.
    pub(crate) fn best_ns(&self, view: &View<'_>, heap: &str) -> Option<f64> {
        self.cells
            .iter()
            .filter(|it| it.heap.spec == heap && view.kind(&it.strategy) != StrategyKind::Floor)
            .filter_map(|it| ns(it))
            .reduce(f64::min)
    }

    pub(crate) fn is_timed(&self) -> bool {
        self.cells.iter().any(|cell| ns(cell).is_some())
    }

    /// The trace's name, and how it was measured where that is not what is usual.
    pub(crate) fn title(&self) -> String {
        let mut title = text::name(&self.trace.name);
        if self.mode == Mode::Payload {
            title.push_str(" · with payload");
        }
        if self.granule_bytes != 16 {
            title.push_str(&format!(" · granule {}", self.granule_bytes));
        }
        if self.threads > 1 {
            title.push_str(&format!(" · {} threads", self.threads));
        }
        title
    }
}

/// Median time of an operation of a completed cell, in ns.
pub(crate) fn ns(cell: &Cell) -> Option<f64> {
    let time = cell.time.as_ref().filter(|_| cell.outcome.status == Status::Ok)?;
    Some(time.median_ns_per_operation).filter(|ns| ns.is_finite() && *ns > 0.0)
}

fn groups(report: &Report) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (trace_index, trace) in report.traces.iter().enumerate() {
        let first = groups.len();
        for cell in report.cells.iter().filter(|cell| cell.trace == trace.name) {
            let key = (cell.mode, cell.granule_bytes, cell.threads);
            let known = groups[first..]
                .iter_mut()
                .find(|it| (it.mode, it.granule_bytes, it.threads) == key);
            match known {
                Some(group) => group.cells.push(cell),
                None => groups.push(Group {
                    trace,
                    trace_index,
                    mode: cell.mode,
                    granule_bytes: cell.granule_bytes,
                    threads: cell.threads,
                    cells: vec![cell],
                    heaps: Vec::new(),
                    undominated: Vec::new(),
                }),
            }
        }
    }
    for group in &mut groups {
        for cell in &group.cells {
            let heap = &cell.heap;
            if !heap.is_unlimited() && group.heaps.iter().all(|known| known.spec != heap.spec) {
                group.heaps.push(heap);
            }
        }
        group.heaps.sort_by_key(|heap| heap.bytes);
        let points = dominance::points(report, group.cells.iter().copied());
        let undominated = points.iter().filter(|point| point.dominated_by.is_none());
        group.undominated = undominated.map(|point| point.cell.id.as_str()).collect();
    }
    groups
}

/// How a strategy is drawn: color, dash and marker follow from its place among those of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// Position in the report.
    pub(crate) index: usize,
    color: usize,
    dash: usize,
    pub(crate) marker: usize,
}

/// Colors of strategies; behind them stand one for peers, one for floors and one for what is nobody's.
const COLORS: usize = 7;

impl Look {
    /// The look of what belongs to no strategy.
    pub(crate) const NOBODY: Self = Self { index: 0xFF, color: COLORS + 2, dash: 0, marker: 0 };

    /// The look of a verdict about the strategy with that index: 0 better, 1 worse, 2 neither.
    pub(crate) fn of_verdict(index: usize, verdict: usize) -> Self {
        let verdict = verdict.min(2);
        Self { index, color: COLORS + 3 + verdict, dash: 0, marker: [3, 2, 0][verdict] }
    }

    /// The same with a cross for its marker, in the color of what is neither.
    pub(crate) fn crossed(self) -> Self {
        Self { color: COLORS + 5, marker: 4, ..self }
    }

    /// Everything but the marker in 16 bits, as the color of a drawing carries them; from 255 on, strategies share an index.
    pub(crate) fn pack(self) -> u16 {
        let index = u16::try_from(self.index.min(0xFF)).unwrap_or(0xFF);
        let color = u16::try_from(self.color).unwrap_or(0);
        let dash = u16::try_from(self.dash).unwrap_or(0);
        (index << 8) | (color << 4) | dash
    }

    pub(crate) fn unpack(packed: usize) -> Self {
        Self { index: packed >> 8, color: (packed >> 4) & 0xF, dash: packed & 0xF, marker: 0 }
    }

    /// The classes by which style and script find it.
    pub(crate) fn classes(self) -> String {
        format!("k k{} c{} d{}", self.index, self.color, self.dash)
    }
}

impl View<'_> {
    /// How a strategy is drawn.
    pub(crate) fn look(&self, strategy: &str) -> Look {
        let index = self.strategy_index(strategy);
        let kind = self.kind(strategy);
        let place = self.of_kind(kind).position(|it| it.name == strategy).unwrap_or(0);
        let color = match kind {
            StrategyKind::Strategy => place % COLORS,
            StrategyKind::Peer => COLORS,
            StrategyKind::Floor => COLORS + 1,
        };
        let dash = match kind {
            StrategyKind::Strategy => (place / COLORS) % 4,
            StrategyKind::Peer | StrategyKind::Floor => place % 4,
        };
        Look { index, color, dash, marker: place % chart::SHAPES }
    }
}
