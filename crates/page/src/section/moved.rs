//! Bytes moved by compaction for each byte allocated, over heap size.

use heaplab_report::number::significant;
use heaplab_report::{Cell, Mode, Status};
use maud::{Markup, html};

use crate::chart::{Axis, Chart, Extras, Line, Point, Rule, Scale};
use crate::view::{Group, View};
use crate::{figure, text};

pub(crate) fn section(view: &View<'_>) -> Markup {
    let groups: Vec<&Group<'_>> = view
        .groups
        .iter()
        .filter(|group| {
            let is_twin =
                |it: &Group<'_>| it.trace_index == group.trace_index && it.mode == Mode::Placement;
            (group.mode == Mode::Placement || !view.groups.iter().any(is_twin))
                && group.cells.iter().any(|cell| moved(group, cell).is_some_and(|it| it > 0.0))
        })
        .collect();
    if groups.is_empty() {
        return html! {};
    }
    let moves = |name: &str| {
        groups
            .iter()
            .any(|group| group.of(name).any(|it| moved(group, it).is_some_and(|it| it > 0.0)))
    };
    html! {
        p.lead {
            "What compaction costs in copies: bytes " (figure::term(view, "moved", "moved")) " for each byte allocated, over the heap’s size. "
            "The scale is logarithmic; where nothing was moved there is no point."
        }
        (figure::legend(view, moves))
        div.multiples {
            @for group in &groups { (figure::figure(Some(group.trace_index), &chart(view, group), None)) }
        }
        (figure::numbers("The numbers behind it", &numbers(view, &groups)))
    }
}

/// Bytes that compaction moved over bytes allocated, of a cell that completed.
fn moved(group: &Group<'_>, cell: &Cell) -> Option<f64> {
    let relocations = cell.relocations.filter(|_| cell.outcome.status == Status::Ok)?;
    let allocated = group.trace.allocated_bytes.unwrap_or(group.trace.peak_live_bytes);
    Some(text::to_f64(relocations.compaction_bytes) / text::to_f64(allocated.max(1)))
}

fn chart(view: &View<'_>, group: &Group<'_>) -> Chart {
    let lines: Vec<Line> = view
        .report
        .strategies
        .iter()
        .filter_map(|entry| {
            let point = |heap: &&heaplab_report::HeapSpec| {
                let y =
                    moved(group, group.cell(&entry.name, &heap.spec)?).filter(|it| *it > 0.0)?;
                let x = group.over_peak(heap.bytes);
                let text = format!("{} in {}", significant(y), text::times(x));
                Some(Point { x, y, text, ..Point::default() })
            };
            let points: Vec<Point> = group.heaps.iter().filter_map(point).collect();
            (!points.is_empty()).then(|| Line {
                look: view.look(&entry.name),
                name: text::name(&entry.name),
                points,
                is_joined: true,
                is_marked: true,
            })
        })
        .collect();
    let points = || lines.iter().flat_map(|line| &line.points);
    let largest = points().map(|point| point.x).fold(1.1, f64::max);
    Chart {
        id: view.anchor(&format!("moved-{}", super::ranking::position(view, group))),
        title: group.title(),
        description: format!("Bytes moved for each byte allocated by {} strategies.", lines.len()),
        width: 380,
        height: 220,
        x: Axis::over(Scale::Linear, [0.97, largest], text::tick_times),
        y: Axis::over(Scale::Log, points().map(|point| point.y), significant),
        rules: vec![Rule { x: 1.0, label: String::new() }],
        lines,
        extras: Extras::default(),
    }
}

fn numbers(view: &View<'_>, groups: &[&Group<'_>]) -> Markup {
    html! {
        table.data {
            thead { tr {
                th scope="col" { "workload" } th scope="col" { "strategy" }
                @for heap in &view.heaps { th scope="col" data-h=(view.heap_index(heap)) { (text::name(heap)) } }
            } }
            tbody {
                @for group in groups { @for entry in &view.report.strategies {
                    @if group.of(&entry.name).any(|it| moved(group, it).is_some_and(|it| it > 0.0)) {
                        tr data-t=(group.trace_index) data-s=(view.strategy_index(&entry.name)) {
                            td { (group.title()) } td { (text::name(&entry.name)) }
                            @for heap in &view.heaps {
                                @let moved = group.cell(&entry.name, heap).and_then(|it| moved(group, it));
                                td.n data-h=(view.heap_index(heap)) data-v=[moved] {
                                    @match moved { Some(it) if it > 0.0 => (significant(it)), Some(_) => "0", None => "–" }
                                }
                            }
                        }
                    }
                } }
            }
        }
    }
}
