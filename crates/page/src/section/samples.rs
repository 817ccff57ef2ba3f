//! Every timed round as a stroke, with the median and its interval: never a bare bar.

use heaplab_report::number::significant;
use heaplab_report::{Cell, StrategyKind};
use maud::{Markup, html};

use crate::view::{Group, View, ns};
use crate::{figure, text};

/// Width of a strip, in units of its drawing.
const WIDTH: f64 = 360.0;

pub(crate) fn section(view: &View<'_>) -> Markup {
    let groups: Vec<&Group<'_>> = view.groups.iter().filter(|group| group.is_timed()).collect();
    if groups.is_empty() {
        return html! {};
    }
    html! {
        p.lead {
            "Each thin stroke is one timed round, on a logarithmic scale that all strategies of a workload share; the broad stroke is the median, "
            "the bar behind it its " (figure::term(view, "interval", "interval")) ". Outliers stay."
            @if let Some(noise) = view.report.measurement.noise_floor_ratio {
                " The " (figure::term(view, "noise", "noise floor")) " of this run is " (significant(noise * 100.0)) " %."
            }
        }
        @for (index, group) in groups.iter().enumerate() { (strips(view, group, index == 0)) }
    }
}

/// The scale of a workload's strips: logarithms of its ends.
struct Ends {
    from: f64,
    to: f64,
}

impl Ends {
    fn of(group: &Group<'_>, view: &View<'_>) -> Self {
        let times = group.cells.iter().filter(|it| ns(it).is_some()).filter_map(|it| {
            (view.kind(&it.strategy) != StrategyKind::Floor).then_some(it.time.as_ref()?)
        });
        let (from, to) = times
            .flat_map(text::samples)
            .filter(|sample| *sample > 0.0)
            .fold((f64::INFINITY, 0.0_f64), |(from, to), it| (from.min(it), to.max(it)));
        let (from, to) = if from < to { (from, to) } else { (1.0, 10.0) };
        Self { from: (from / 1.05).log10(), to: (to * 1.05).log10() }
    }

    #[expect(clippy::cast_possible_truncation, reason = "between 0 and the width")]
    fn place(&self, value: f64) -> i32 {
        let share = (value.max(f64::MIN_POSITIVE).log10() - self.from) / (self.to - self.from);
        (share.clamp(0.0, 1.0) * WIDTH).round() as i32
    }
}

fn strips(view: &View<'_>, group: &Group<'_>, is_open: bool) -> Markup {
    let ends = Ends::of(group, view);
    html! {
        details.trace open[is_open] data-t=(group.trace_index) {
            summary { h3 { (group.title()) } span.facts { (text::ns(10_f64.powf(ends.from))) " to " (text::ns(10_f64.powf(ends.to))) " for each operation" } }
            div.scroll tabindex="0" role="group" aria-label={ "Rounds on " (group.title()) } {
                table.data {
                    thead { tr {
                        th scope="col" { "strategy" } (figure::head(view, "heap", "heap", "")) (figure::head(view, "time", "median", "ns/op"))
                        (figure::head(view, "interval", "from", "")) (figure::head(view, "interval", "to", "")) th scope="col" { "rounds" }
                        th.left scope="col" { (text::ns(10_f64.powf(ends.from))) " … " (text::ns(10_f64.powf(ends.to))) }
                    } }
                    tbody {
                        @for heap in &group.heaps { @for entry in view.contestants() {
                            @if let Some(cell) = group.cell(&entry.name, &heap.spec).filter(|cell| ns(cell).is_some()) {
                                (strip(view, cell, &ends))
                            }
                        } }
                    }
                }
            }
        }
    }
}

fn strip(view: &View<'_>, cell: &Cell, ends: &Ends) -> Markup {
    let Some(time) = &cell.time else { return html! {} };
    let samples = text::samples(time);
    let mut places: Vec<i32> = samples.iter().map(|&sample| ends.place(sample)).collect();
    places.sort_unstable();
    places.dedup();
    let dots: String = places.iter().map(|place| format!("M{place} 3v12")).collect();
    let middle = ends.place(time.median_ns_per_operation);
    html! {
        tr data-s=(view.strategy_index(&cell.strategy)) data-h=(view.heap_index(&cell.heap.spec)) {
            (figure::strategy(view, &cell.strategy))
            td.n { (text::name(&cell.heap.spec)) }
            td.n { (significant(time.median_ns_per_operation)) }
            @for end in [0, 1] { td.n { @match time.ci_ns { Some(interval) => (significant(interval[end])), None => "–" } } }
            td.n { (samples.len()) }
            td.left {
                svg.strip viewBox="-4 0 368 18" width="368" height="18" aria-hidden="true" {
                    @if let Some([lower, upper]) = time.ci_ns {
                        path.ci d={ "M" (ends.place(lower)) " 9H" (ends.place(upper).max(ends.place(lower) + 1)) } {}
                    }
                    path.dots d=(dots) {}
                    path.mid d={ "M" (middle) " 1v16" } {}
                }
            }
        }
    }
}
