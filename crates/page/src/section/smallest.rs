//! The smallest heap of each strategy on each workload, between the bounds.

use heaplab_report::Mode;
use maud::{Markup, html};

use crate::chart::{Axis, Chart, Extras, Line, Point, Rule, Scale};
use crate::view::{Group, Look, View};
use crate::{figure, text};

pub(crate) fn section(view: &View<'_>) -> Markup {
    let mut groups: Vec<&Group<'_>> = Vec::new();
    for group in &view.groups {
        // Placements are the same with and without payload: one row is enough.
        let is_twin = groups.iter().any(|it| {
            (it.trace_index, it.granule_bytes) == (group.trace_index, group.granule_bytes)
        });
        let has_any = view.contestants().any(|it| group.min_heap_bytes(&it.name).is_some());
        if has_any && !(is_twin && group.mode == Mode::Payload) {
            groups.push(group);
        }
    }
    if groups.is_empty() {
        return html! {};
    }
    let has_packing = groups.iter().any(|group| packing(group).is_some());
    html! {
        p.lead {
            "How much more than the " (figure::term(view, "peak_live", "peak of live bytes")) " a strategy’s "
            (figure::term(view, "min_heap", "smallest heap")) " takes. The scale is logarithmic; at the left edge the strategy needs nothing more. "
            @if has_packing {
                "The upright bar is the best " (figure::term(view, "packing", "offline packing")) " known: left of it only those come who move blocks."
            }
        }
        (figure::legend(view, |name| groups.iter().any(|group| group.min_heap_bytes(name).is_some())))
        div.wide-figure { (figure::figure(None, &chart(view, &groups), None)) }
        (figure::numbers("The numbers behind it", &numbers(view, &groups)))
    }
}

fn packing(group: &Group<'_>) -> Option<f64> {
    Some(group.over_peak(group.trace.bounds?.offline_packing_bytes?))
}

fn chart(view: &View<'_>, groups: &[&Group<'_>]) -> Chart {
    let rows = || groups.iter().enumerate().map(|(row, group)| (text::len_f64(row), *group));
    let mut lines: Vec<Line> = Vec::new();
    for (row, group) in rows() {
        if let Some(x) = packing(group) {
            lines.push(Line {
                look: Look::NOBODY,
                name: "offline packing".to_owned(),
                points: vec![
                    Point { x, y: row - 0.36, text: said(group, x), ..Point::default() },
                    Point { x, y: row + 0.36, ..Point::default() },
                ],
                is_joined: true,
                is_marked: false,
            });
        }
    }
    let shown: Vec<_> = view
        .contestants()
        .filter(|entry| groups.iter().any(|group| group.min_heap_bytes(&entry.name).is_some()))
        .collect();
    let many = text::len_f64(shown.len().max(2) - 1);
    for (place, entry) in shown.iter().enumerate() {
        // One below the other inside a row, so that equal needs do not cover each other.
        let shift = (text::len_f64(place) / many - 0.5) * 0.6;
        let point = |(row, group): (f64, &Group<'_>)| {
            let x = group.over_peak(group.min_heap_bytes(&entry.name)?);
            Some(Point { x, y: row + shift, text: said(group, x), ..Point::default() })
        };
        lines.push(Line {
            look: view.look(&entry.name),
            name: text::name(&entry.name),
            points: rows().filter_map(point).collect(),
            is_joined: false,
            is_marked: true,
        });
    }
    let largest = lines.iter().flat_map(|line| &line.points).map(|it| it.x).fold(1.01, f64::max);
    let names = rows().map(|(row, group)| (row, text::cut(&group.title(), 22))).collect();
    let height = i32::try_from(groups.len()).unwrap_or(1).saturating_mul(44).saturating_add(60);
    let y = Axis {
        label_width: 110,
        ..Axis::over(Scale::Rows, rows().map(|(row, _)| row), text::times).named(names)
    };
    Chart {
        id: view.anchor("smallest-chart"),
        title: "Smallest heap above the peak of live bytes".to_owned(),
        description: format!(
            "One row a workload, {} contestants; the largest need is {}.",
            shown.len(),
            text::times(largest)
        ),
        width: 1040,
        height: height.min(12_000),
        x: Axis::over(Scale::Excess, [1.0, largest], excess),
        y,
        lines,
        rules: Vec::<Rule>::new(),
        extras: Extras::default(),
    }
}

/// `+10 %`.
fn excess(ratio: f64) -> String {
    let percent = (ratio - 1.0) * 100.0;
    if percent < 0.05 {
        "none".to_owned()
    } else {
        format!("+{} %", heaplab_report::number::fixed(percent, usize::from(percent < 0.95)))
    }
}

fn said(group: &Group<'_>, ratio: f64) -> String {
    format!("{}× peak live on {}", heaplab_report::number::fixed(ratio, 4), group.title())
}

fn numbers(view: &View<'_>, groups: &[&Group<'_>]) -> Markup {
    let four = |ratio: f64| heaplab_report::number::fixed(ratio, 4);
    html! {
        table.data {
            caption { "Smallest heap over peak live" }
            thead { tr {
                th scope="col" { "strategy" }
                @for group in groups { th scope="col" data-t=(group.trace_index) { (group.title()) } }
            } }
            tbody {
                @for entry in view.contestants() {
                    @if groups.iter().any(|group| group.min_heap_bytes(&entry.name).is_some()) {
                        tr data-s=(view.strategy_index(&entry.name)) {
                            (figure::strategy(view, &entry.name))
                            @for group in groups {
                                td.n data-t=(group.trace_index) {
                                    @match group.min_heap_bytes(&entry.name) { Some(bytes) => (four(group.over_peak(bytes))), None => "–" }
                                }
                            }
                        }
                    }
                }
            }
            tbody.bounds {
                tr {
                    th.name scope="row" { (figure::term(view, "packing", "offline packing")) }
                    @for group in groups {
                        td.n data-t=(group.trace_index) { @match packing(group) { Some(ratio) => { "≤ " (four(ratio)) }, None => "–" } }
                    }
                }
            }
        }
    }
}
