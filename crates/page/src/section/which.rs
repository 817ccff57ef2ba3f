//! Strategies by workloads: one look tells who suits what.

use heaplab_report::{Mode, Status};
use maud::{Markup, html};

use crate::view::{Group, View, ns};
use crate::{bands, figure, text};

pub(crate) fn section(view: &View<'_>) -> Markup {
    let heaps = view.timed_heaps();
    let modes = [Mode::Placement, Mode::Payload];
    let matrices: Vec<Markup> = modes
        .iter()
        .flat_map(|&mode| heaps.iter().map(move |heap| (mode, *heap)))
        .filter_map(|(mode, heap)| matrix(view, mode, heap))
        .collect();
    if matrices.is_empty() {
        return html! {};
    }
    html! {
        p.lead {
            "Time for each operation as a multiple of the fastest that completed the same workload in the same heap: "
            "1 is the fastest, stronger color is better, words say how a run failed. "
            "Strategies that fail least come first, then the fastest."
        }
        @for matrix in &matrices { (matrix) }
    }
}

/// One strategy's row: its ratios to the best, by workload.
struct Row<'a> {
    name: &'a str,
    entries: Vec<Entry<'a>>,
    completed: usize,
    mean: Option<f64>,
}

struct Entry<'a> {
    cell: Option<&'a heaplab_report::Cell>,
    ratio: Option<f64>,
}

/// What the first row of the first matrix says: who suits most workloads.
pub(super) fn verdict(view: &View<'_>) -> Option<String> {
    let heap = *view.timed_heaps().first()?;
    let mode = [Mode::Payload, Mode::Placement]
        .into_iter()
        .find(|&mode| !timed_groups(view, mode, heap).is_empty())?;
    let groups = timed_groups(view, mode, heap);
    let rows = rows(view, &groups, heap);
    let best = rows.first()?;
    let (name, heap) = (text::name(best.name), text::name(heap));
    let copies = match mode {
        Mode::Placement if view.report.strategy(best.name).is_some_and(|it| it.moves) => {
            ", copies not counted"
        }
        _ => "",
    };
    let [group] = groups.as_slice() else {
        let of = groups.len();
        let mean = text::times(best.mean?);
        return Some(format!(
            "In a heap of {heap}, {name} serves {} of {of} workloads, at {mean} the fastest’s time on average{copies}",
            best.completed
        ));
    };
    let ns = text::ns(group.cell(best.name, &heap).and_then(ns)?);
    let trace = text::name(&group.trace.name);
    Some(format!("On {trace} in a heap of {heap}, {name} is fastest: {ns} an operation{copies}"))
}

fn timed_groups<'v, 'a>(view: &'v View<'a>, mode: Mode, heap: &str) -> Vec<&'v Group<'a>> {
    view.groups
        .iter()
        .filter(|group| group.mode == mode && group.best_ns(view, heap).is_some())
        .collect()
}

/// Who was tried in that heap: those first who complete most, then the fastest.
fn rows<'a>(view: &View<'a>, groups: &[&Group<'a>], heap: &str) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = view
        .contestants()
        .map(|entry| row(view, groups, &entry.name, heap))
        .filter(|row| row.entries.iter().any(|entry| entry.cell.is_some()))
        .collect();
    let order = |row: &Row<'_>| row.mean.unwrap_or(f64::INFINITY);
    rows.sort_by(|a, b| b.completed.cmp(&a.completed).then(order(a).total_cmp(&order(b))));
    rows
}

fn matrix(view: &View<'_>, mode: Mode, heap: &str) -> Option<Markup> {
    let groups = timed_groups(view, mode, heap);
    if groups.is_empty() {
        return None;
    }
    let rows = rows(view, &groups, heap);
    let payload = if mode == Mode::Payload { ", moved bytes copied" } else { "" };
    let caption = format!("In a heap of {}{payload}", text::name(heap));
    Some(html! {
        div.scroll tabindex="0" role="group" aria-label=(caption) data-h=(view.heap_index(heap)) {
            table.matrix.data {
                caption { (caption) }
                thead { tr {
                    th scope="col" { "strategy" }
                    (figure::head(view, "completes", "completes", ""))
                    (figure::head(view, "mean_ratio", "mean", "× best"))
                    @for group in &groups {
                        th.slant scope="col" data-t=(group.trace_index) { span { (group.title()) } }
                    }
                } }
                tbody {
                    @for row in &rows { (show(view, &groups, row)) }
                }
            }
        }
    })
}

fn row<'a>(view: &View<'_>, groups: &[&Group<'a>], name: &'a str, heap: &str) -> Row<'a> {
    let entries: Vec<Entry<'a>> = groups
        .iter()
        .map(|group| {
            let cell = group.cell(name, heap);
            let ratio =
                cell.and_then(ns).zip(group.best_ns(view, heap)).map(|(ns, best)| ns / best);
            Entry { cell, ratio }
        })
        .collect();
    let ratios: Vec<f64> = entries.iter().filter_map(|entry| entry.ratio).collect();
    let sum: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    let mean = (!ratios.is_empty()).then(|| (sum / text::len_f64(ratios.len())).exp());
    let is_completed =
        |entry: &&Entry<'_>| entry.cell.is_some_and(|it| it.outcome.status == Status::Ok);
    Row { name, completed: entries.iter().filter(is_completed).count(), entries, mean }
}

fn show(view: &View<'_>, groups: &[&Group<'_>], row: &Row<'_>) -> Markup {
    html! {
        tr data-s=(view.strategy_index(row.name)) {
            (figure::strategy(view, row.name))
            td.n data-v=(row.completed) { (row.completed) "/" (groups.len()) }
            td.n data-v=[row.mean] {
                @match row.mean { Some(mean) => (text::times(mean)), None => "–" }
            }
            @for (group, entry) in groups.iter().zip(&row.entries) {
                @match (entry.cell, entry.ratio) {
                    (None, _) => td.n.none data-t=(group.trace_index) { "–" },
                    (Some(cell), Some(ratio)) => td class={ "n " (bands::ratio(ratio)) } data-t=(group.trace_index) data-v=(ratio) {
                        a href={ "#" (view.cell_anchor(cell)) } { (heaplab_report::number::significant(ratio)) }
                    },
                    (Some(cell), None) => td.word data-t=(group.trace_index) {
                        a href={ "#" (view.cell_anchor(cell)) } { (cell.outcome.status.as_str()) }
                    },
                }
            }
        }
    }
}
