//! Holes by length: a strip a strategy, from the shortest to the longest.

use heaplab_report::{HeapShape, ShapeClass};
use maud::{Markup, html};

use crate::view::{Group, View};
use crate::{bands, figure, text};

pub(crate) fn section(view: &View<'_>) -> Markup {
    let groups: Vec<&Group<'_>> = view
        .groups
        .iter()
        .filter(|group| view.report.strategies.iter().any(|it| shape(group, &it.name).is_some()))
        .collect();
    if groups.is_empty() {
        return html! {};
    }
    html! {
        p.lead {
            "Where the free bytes lie, on average over the trace, in a heap without limit: each "
            (figure::term(view, "hole", "hole")) " by its length, the tint by the bytes in such holes over the peak of live bytes. "
            "Bytes at the left serve only small requests: that is what fragmented means. The last column sets the largest hole against the largest request."
        }
        @for (index, group) in groups.iter().enumerate() { (strips(view, group, index == 0)) }
    }
}

fn shape<'a>(group: &Group<'a>, strategy: &str) -> Option<&'a HeapShape> {
    let space = group.in_unlimited(strategy)?.space.as_ref()?;
    let has = |shape: &&HeapShape| !shape.hole_histogram.is_empty();
    space.mean.as_ref().filter(has).or(space.at_peak.as_ref().filter(has))
}

/// From 16 bytes on, each class twice as long as the one before.
fn classes(group: &Group<'_>, view: &View<'_>) -> Vec<u64> {
    let shapes = view.report.strategies.iter().filter_map(|it| shape(group, &it.name));
    let mut classes: Vec<u64> =
        shapes.flat_map(|it| it.hole_histogram.iter().map(|class| class.from_bytes)).collect();
    classes.sort_unstable();
    classes.dedup();
    classes
}

fn strips(view: &View<'_>, group: &Group<'_>, is_open: bool) -> Markup {
    let classes = classes(group, view);
    let peak = text::to_f64(group.trace.peak_live_bytes.max(1));
    let request = group.trace.max_request_bytes;
    html! {
        details.trace open[is_open] data-t=(group.trace_index) {
            summary { h3 { (group.title()) } span.facts { "largest request " (heaplab_report::number::bytes(request)) } }
            div.scroll tabindex="0" role="group" aria-label={ "Holes by length on " (group.title()) } {
                table.heat.data {
                    thead { tr {
                        th scope="col" { "strategy" }
                        (figure::head(view, "hole", "holes", "mean")) (figure::head(view, "hole", "in holes", "× peak"))
                        @for class in &classes { th.cls scope="col" { (heaplab_report::number::bytes(*class)) } }
                        (figure::head(view, "hole", "largest hole", "× request"))
                    } }
                    tbody {
                        @for entry in &view.report.strategies {
                            @if let Some(shape) = shape(group, &entry.name) {
                                tr data-s=(view.strategy_index(&entry.name)) {
                                    (figure::strategy(view, &entry.name))
                                    td.n data-v=[shape.holes] { @match shape.holes { Some(holes) => (text::count(holes)), None => "–" } }
                                    @let free = shape.hole_bytes.map(|it| it / peak);
                                    td.n data-v=[free] { @match free { Some(free) => (heaplab_report::number::significant(free)), None => "–" } }
                                    @for class in &classes { (strip(shape.hole_histogram.iter().find(|it| it.from_bytes == *class), peak)) }
                                    @let largest = shape.largest_hole_bytes.map(|it| it / text::to_f64(request.max(1)));
                                    td.n data-v=[largest] { @match largest { Some(largest) => (heaplab_report::number::significant(largest)), None => "–" } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn strip(class: Option<&ShapeClass>, peak: f64) -> Markup {
    let Some(class) = class else { return html! { td.n.h0 data-v="0" {} } };
    let share = class.bytes / peak;
    let percent = share * 100.0;
    html! {
        td class={ "n " (bands::share(share)) } data-v=(class.bytes) {
            @if percent >= 0.95 { (heaplab_report::number::fixed(percent, 0)) " %" }
            @else if percent >= 0.1 { (heaplab_report::number::fixed(percent, 1)) " %" }
            @else { "·" }
        }
    }
}
