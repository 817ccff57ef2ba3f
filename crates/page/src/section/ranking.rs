//! One table a workload: strategies by heap sizes, every figure with its interval, every failure with its reason.

use heaplab_report::number::{bytes, count, significant};
use heaplab_report::{Cell, Mode, Status, StrategyEntry, StrategyKind};
use maud::{Markup, html};

use crate::view::{Group, View, ns};
use crate::{bands, figure, text};

pub(crate) fn section(view: &View<'_>) -> Markup {
    if view.groups.is_empty() {
        return html! {};
    }
    html! {
        p.lead {
            "Nanoseconds for each operation: median ± half of its 95 % interval, then the multiple of the fastest in that heap. "
            "“ok” completed, but was not timed there; a failure leads to its reason."
            @if view.groups.iter().any(|group| !group.undominated.is_empty() && group.is_timed()) {
                " A ring ◎ marks what nothing beats in space and time at once."
            }
        }
        @for (index, group) in view.groups.iter().enumerate() { (table(view, group, index == 0)) }
    }
}

/// Which columns there is something for.
#[expect(clippy::struct_excessive_bools, reason = "one for each column")]
struct Columns {
    min_heap: bool,
    high_water: bool,
    metadata: bool,
    moved: bool,
    holes: bool,
}

impl Columns {
    fn of(group: &Group<'_>) -> Self {
        let any = |has: &dyn Fn(&Cell) -> bool| group.cells.iter().any(|cell| has(cell));
        let space = |has: fn(&heaplab_report::Space) -> bool| {
            any(&|cell| cell.space.as_ref().is_some_and(has))
        };
        let min_heap = space(|it| it.min_heap_bytes.is_some());
        Self {
            min_heap,
            high_water: !min_heap && space(|it| it.high_water_bytes.is_some()),
            metadata: space(|it| it.metadata_bytes.is_some()),
            moved: any(&|cell| cell.relocations.is_some()),
            holes: space(|it| it.holes.is_some()),
        }
    }
}

fn table(view: &View<'_>, group: &Group<'_>, is_open: bool) -> Markup {
    let columns = Columns::of(group);
    let trace = group.trace;
    let id = view.anchor(&format!("t{}", position(view, group)));
    html! {
        details.trace open[is_open] id=(id) data-t=(group.trace_index) {
            summary {
                h3 { (group.title()) }
                span.facts {
                    (count(trace.operations.total())) " operations · peak live " (bytes(trace.peak_live_bytes))
                    @if let Some((name, heap, ns)) = fastest(view, group) {
                        " · fastest at " (heap) ": " b { (text::name(name)) } " (" (significant(ns)) " ns/op)"
                    }
                    @if let Some((name, ratio)) = smallest(view, group) {
                        " · smallest heap: " b { (text::name(name)) } " (" (text::times(ratio)) " peak)"
                    }
                }
            }
            @if let Some(question) = &trace.question { p.question { (text::cut(question, 300)) } }
            div.scroll tabindex="0" role="group" aria-label={ "Ranking on " (group.title()) } {
                table.ranking.data {
                    thead { (heads(view, group, &columns)) }
                    @for (kind, label) in [
                        (StrategyKind::Strategy, ""),
                        (StrategyKind::Peer, "published allocators"),
                        (StrategyKind::Floor, "floors and bounds: what nothing can beat"),
                    ] {
                        (block(view, group, &columns, kind, label))
                    }
                }
            }
            (reasons(view, group))
        }
    }
}

pub(super) fn position(view: &View<'_>, group: &Group<'_>) -> usize {
    view.groups.iter().position(|it| std::ptr::eq(it, group)).unwrap_or(0)
}

fn fastest<'a>(view: &View<'_>, group: &Group<'a>) -> Option<(&'a str, &'a str, f64)> {
    group.heaps.iter().find_map(|heap| {
        let contestants = group.cells.iter().filter(|cell| {
            cell.heap.spec == heap.spec && view.kind(&cell.strategy) != StrategyKind::Floor
        });
        let timed = contestants.filter_map(|cell| Some((cell.strategy.as_str(), ns(cell)?)));
        let (name, ns) = timed.min_by(|a, b| a.1.total_cmp(&b.1))?;
        Some((name, heap.spec.as_str(), ns))
    })
}

fn smallest<'a>(view: &View<'a>, group: &Group<'a>) -> Option<(&'a str, f64)> {
    view.contestants()
        .filter_map(|entry| Some((entry.name.as_str(), group.min_heap_bytes(&entry.name)?)))
        .min_by_key(|(_, bytes)| *bytes)
        .map(|(name, bytes)| (name, group.over_peak(bytes)))
}

fn heads(view: &View<'_>, group: &Group<'_>, columns: &Columns) -> Markup {
    html! { tr {
        th scope="col" { "strategy" }
        @for heap in &group.heaps {
            @let is_timed = group.cells.iter().any(|it| it.heap.spec == heap.spec && it.time.is_some());
            th scope="col" data-h=(view.heap_index(&heap.spec)) {
                a.term href={ "#" (view.anchor("g-")) @if is_timed { "time" } @else { "heap" } } { (text::name(&heap.spec)) }
                @if is_timed { " " small { "ns/op" } }
            }
        }
        @if columns.high_water { (figure::head(view, "high_water", "high water", "× peak")) }
        @if columns.min_heap { (figure::head(view, "min_heap", "min heap", "× peak")) }
        @if columns.metadata { (figure::head(view, "metadata", "metadata", "")) }
        @if columns.moved { (figure::head(view, "moved", "moved", "× alloc.")) }
        @if columns.holes { (figure::head(view, "holes", "holes", "at end")) }
    } }
}

fn block(
    view: &View<'_>,
    group: &Group<'_>,
    columns: &Columns,
    kind: StrategyKind,
    label: &str,
) -> Markup {
    let entries: Vec<&StrategyEntry> =
        view.of_kind(kind).filter(|it| group.of(&it.name).next().is_some()).collect();
    let has_bounds = kind == StrategyKind::Floor && (columns.min_heap || columns.high_water);
    if entries.is_empty() && !has_bounds {
        return html! {};
    }
    let extra =
        [columns.high_water, columns.min_heap, columns.metadata, columns.moved, columns.holes];
    let width = 1 + group.heaps.len() + extra.iter().filter(|it| **it).count();
    html! {
        @if !label.is_empty() {
            tbody.label { tr { th colspan=(width) scope="colgroup" { (label) } } }
        }
        tbody.rows {
            @for entry in entries { (row(view, group, columns, entry)) }
        }
        @if has_bounds { tbody.bounds { (bounds(view, group, columns)) } }
    }
}

fn row(view: &View<'_>, group: &Group<'_>, columns: &Columns, entry: &StrategyEntry) -> Markup {
    let name = entry.name.as_str();
    let space = |cell: Option<&Cell>| cell.and_then(|it| it.space.clone());
    let unlimited = space(group.in_unlimited(name));
    let smallest = group.in_smallest_completed(name);
    let in_smallest = space(smallest);
    let ratio = |bytes: Option<u64>| bytes.map(|bytes| group.over_peak(bytes));
    let figure = |value: Option<f64>, text: &dyn Fn(f64) -> String| {
        html! { td.n data-v=[value] { @match value { Some(value) => (text(value)), None => "–" } } }
    };
    let moved = smallest.and_then(|it| it.relocations).map(|it| {
        let allocated = group.trace.allocated_bytes.unwrap_or(group.trace.peak_live_bytes);
        text::to_f64(it.bytes) / text::to_f64(allocated.max(1))
    });
    let metadata = in_smallest.as_ref().and_then(|it| it.metadata_bytes);
    html! {
        tr data-s=(view.strategy_index(name)) {
            (figure::strategy(view, name))
            @for heap in &group.heaps {
                @match group.cell(name, &heap.spec) {
                    None => td.n.none data-h=(view.heap_index(&heap.spec)) { "–" },
                    Some(cell) => (entry_of(view, group, cell)),
                }
            }
            @if columns.high_water {
                (figure(ratio(unlimited.as_ref().and_then(|it| it.high_water_bytes)), &significant))
            }
            @if columns.min_heap { (figure(ratio(group.min_heap_bytes(name)), &significant)) }
            @if columns.metadata { (figure(metadata.map(text::to_f64), &text::bytes)) }
            @if columns.moved {
                (figure(moved, &|it| if it == 0.0 { "0".into() } else { significant(it) }))
            }
            @if columns.holes {
                (figure(in_smallest.as_ref().and_then(|it| it.holes).map(text::to_f64), &text::count))
            }
        }
    }
}

/// What a strategy made of one heap.
fn entry_of(view: &View<'_>, group: &Group<'_>, cell: &Cell) -> Markup {
    let heap = view.heap_index(&cell.heap.spec);
    let id = view.cell_anchor(cell);
    let is_floor = view.kind(&cell.strategy) == StrategyKind::Floor;
    let Some((ns, time)) = ns(cell).zip(cell.time.as_ref()) else {
        let word = cell.outcome.status.as_str();
        return html! {
            @if cell.outcome.status == Status::Ok {
                td.word.ok id=(id) data-h=(heap) { "ok" }
            } @else {
                td.word id=(id) data-h=(heap) { a href={ "#" (id) "-why" } { (word) } }
            }
        };
    };
    let (median, half) = text::median(time);
    let ratio = group.best_ns(view, &cell.heap.spec).map(|best| ns / best);
    let tint = ratio.filter(|_| !is_floor).map_or("", bands::ratio);
    html! {
        td class={ "n time " (tint) } id=(id) data-h=(heap) data-v=(ns) {
            b { (median) } " " @if let Some(half) = half { small { (half) } }
            @if let Some(ratio) = ratio.filter(|_| !is_floor) { " " span.r { (text::times(ratio)) } }
            @if !is_floor && group.undominated.contains(&cell.id.as_str()) {
                " " span.ringed title="nothing beats it in space and time at once" { "◎" }
            }
        }
    }
}

fn bounds(view: &View<'_>, group: &Group<'_>, columns: &Columns) -> Markup {
    let peak = group.trace.bounds.map_or(group.trace.peak_live_bytes, |it| it.peak_live_bytes);
    let packing = group.trace.bounds.and_then(|it| it.offline_packing_bytes);
    let behind =
        usize::from(columns.metadata) + usize::from(columns.moved) + usize::from(columns.holes);
    let row = |term: &str, name: &str, sign: &str, bytes: u64| {
        html! { tr {
            th.name scope="row" { (figure::term(view, term, name)) }
            @for heap in &group.heaps { td data-h=(view.heap_index(&heap.spec)) {} }
            td.n { (sign) " " (significant(group.over_peak(bytes))) }
            @for _ in 0..behind { td {} }
        } }
    };
    html! {
        @if let Some(bytes) = packing { (row("packing", "offline packing", "≤", bytes)) }
        (row("peak_live", "peak live", "≥", peak))
    }
}

/// The failures of a workload, each with its reason.
fn reasons(view: &View<'_>, group: &Group<'_>) -> Markup {
    let failed: Vec<&Cell> = group
        .cells
        .iter()
        .copied()
        .filter(|cell| cell.outcome.status != Status::Ok && !cell.heap.is_unlimited())
        .collect();
    if failed.is_empty() {
        return html! {};
    }
    let mode = if group.mode == Mode::Payload { " (payload)" } else { "" };
    html! {
        details.reasons {
            summary { "Why " (failed.len()) @if failed.len() == 1 { " cell" } @else { " cells" } " failed" (mode) }
            dl {
                @for cell in failed {
                    dt id={ (view.cell_anchor(cell)) "-why" } data-s=(view.strategy_index(&cell.strategy)) data-h=(view.heap_index(&cell.heap.spec)) {
                        (text::name(&cell.strategy)) " in " (text::name(&cell.heap.spec)) ": " b { (cell.outcome.status.as_str()) }
                    }
                    dd data-s=(view.strategy_index(&cell.strategy)) data-h=(view.heap_index(&cell.heap.spec)) { (text::reason(&cell.outcome)) }
                }
            }
        }
    }
}
