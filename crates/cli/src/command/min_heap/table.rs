//! The tables: one for each trace, or one of all for spreadsheets.

use heaplab_core::{Granule, Kind};
use heaplab_harness::min_heap::{Certainty, MinHeap, MinHeaps};
use heaplab_report::number;
use heaplab_report::table::{Block, Column, Entry, Role, Table};

use super::answer::kind;

/// One size over another; absent where there is nothing to divide by.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub(super) fn ratio(bytes: u64, bound: u64) -> Option<f64> {
    (bound > 0).then(|| bytes as f64 / bound as f64)
}

/// The table of one trace.
pub(super) fn of(heaps: &MinHeaps, granule: Granule) -> Table {
    let is_peer = |heap: &&MinHeap| heap.entry.capabilities.kind == Kind::Peer;
    let (peers, ours): (Vec<_>, Vec<_>) = heaps.strategies.iter().partition(is_peer);
    let rows = |list: Vec<&MinHeap>| list.into_iter().map(|heap| row(heaps, heap)).collect();
    let mut blocks = vec![Block { label: None, rows: rows(ours) }];
    if !peers.is_empty() {
        blocks.push(Block { label: Some("peers".into()), rows: rows(peers) });
    }
    blocks.push(Block { label: Some("bounds".into()), rows: bounds(heaps) });
    Table {
        title: heaps.trace.clone(),
        subtitle: format!(
            "{} operations · peak live {} · granule {}",
            number::count(heaps.operations),
            number::bytes(heaps.peak_live_bytes),
            granule.bytes()
        ),
        columns: columns(),
        blocks,
        footnotes: footnotes(heaps),
    }
}

/// One table of all traces, each row with its trace in front.
pub(super) fn all(found: &[MinHeaps]) -> Table {
    let named = |heaps: &MinHeaps, row: Vec<Entry>| {
        std::iter::once(Entry::word(&heaps.trace)).chain(row).collect::<Vec<_>>()
    };
    let rows = found.iter().flat_map(|heaps| {
        let strategies = heaps.strategies.iter().map(|heap| row(heaps, heap));
        strategies.chain(bounds(heaps)).map(|row| named(heaps, row)).collect::<Vec<_>>()
    });
    let trace = Column { key: "trace".into(), heading: "trace".into(), ..Column::default() };
    Table {
        columns: std::iter::once(trace).chain(columns()).collect(),
        blocks: vec![Block { label: None, rows: rows.collect() }],
        ..Table::default()
    }
}

fn columns() -> Vec<Column> {
    let column = |key: &str, heading: &str, unit: &str, is_number, role| Column {
        key: key.into(),
        heading: heading.into(),
        unit: unit.into(),
        is_number,
        role,
    };
    let figure = |key, heading, unit| column(key, heading, unit, true, Role::Figure);
    let spare = |key, heading, unit| column(key, heading, unit, true, Role::Spare);
    vec![
        column("strategy", "strategy", "", false, Role::Name),
        figure("min_heap_bytes", "min heap", "bytes"),
        figure("min_heap_ratio", "", "× peak"),
        figure("over_plan_ratio", "", "× plan"),
        column("min_heap_certainty", "", "", false, Role::Figure),
        figure("all_from_ratio", "all from", "× peak"),
        figure("heap_and_metadata_bytes", "with metadata", "bytes"),
        spare("replays", "replays", ""),
        column("kind", "", "", false, Role::Spare),
    ]
}

fn row(heaps: &MinHeaps, heap: &MinHeap) -> Vec<Entry> {
    let over = |bytes: Option<u64>, bound: Option<u64>| bytes.and_then(|it| ratio(it, bound?));
    let peak = Some(heaps.peak_live_bytes);
    let plan = heaps.packing.as_ref().map(heaplab_harness::packing::Packing::bytes);
    let certainty = match (heap.smallest_bytes, &heap.problem) {
        (Some(_), _) => Entry::word(heap.smallest_certainty.as_str()),
        (None, Some(_)) => Entry::word("see below"),
        (None, None) => Entry::absent(),
    };
    let mut all_from = Entry::figure(over(heap.all_from_bytes, peak), times);
    if heap.all_from_bytes == heap.smallest_bytes && heap.all_from_bytes.is_some() {
        all_from.text = "same".into();
    }
    vec![
        Entry::word(heap.entry.name),
        Entry::figure(heap.smallest_bytes, number::exact),
        Entry::figure(over(heap.smallest_bytes, peak), times),
        Entry::figure(over(heap.smallest_bytes, plan), times),
        certainty,
        all_from,
        Entry::figure(heap.total_bytes(), number::exact),
        Entry::figure(Some(heap.replays), number::exact),
        Entry::word(kind(heap.entry.capabilities.kind)),
    ]
}

fn bounds(heaps: &MinHeaps) -> Vec<Vec<Entry>> {
    let bound = |name: &str, sign: &str, bytes: u64| {
        let mut ratio = Entry::figure(ratio(bytes, heaps.peak_live_bytes), times);
        if !ratio.value.is_null() {
            ratio.text = format!("{sign} {}", ratio.text);
        }
        let (absent, kind) = (Entry::absent, Entry::word("bound"));
        let figure = Entry::figure(Some(bytes), number::exact);
        let name = Entry::word(name);
        vec![name, figure, ratio, absent(), absent(), absent(), absent(), absent(), kind]
    };
    let plan = heaps.packing.iter().map(|it| bound("best plan known", "≤", it.bytes()));
    plan.chain([bound("peak live", "≥", heaps.lower_bound_bytes)]).collect()
}

/// Three decimals, since heaps differ by less than a percent.
fn times(ratio: f64) -> String {
    number::fixed(ratio, 3)
}

fn footnotes(heaps: &MinHeaps) -> Vec<String> {
    let is_probed = |heap: &MinHeap| {
        heap.smallest_bytes.is_some()
            && (heap.smallest_certainty == Certainty::Probed
                || heap.all_from_certainty == Certainty::Probed)
    };
    let mut notes = vec![
        "min heap: the smallest in which the trace completes · all from: from there on all do · \
         exact: no smaller heap works · with metadata: and the bookkeeping outside the heap"
            .to_owned(),
    ];
    if heaps.strategies.iter().any(is_probed) {
        notes.push(
            "probed: found by bisection and looks at sizes around; success need not be monotone in the \
             heap's size, so a smaller one may work"
                .to_owned(),
        );
    }
    if let Some(packing) = &heaps.packing {
        notes.push(format!(
            "best plan known: places every block in hindsight and moves none ({})",
            packing.method()
        ));
    }
    let problem = |heap: &MinHeap| {
        heap.problem.as_ref().map(|problem| format!("{}: {problem}", heap.entry.name))
    };
    notes.extend(heaps.strategies.iter().filter_map(problem));
    notes
}
