//! Quantiles of single operations, far into the tail.

mod over_traces;

use heaplab_report::Latency;
use maud::{Markup, html};

use crate::chart::{Axis, Chart, Extras, Line, Point, Scale};
use crate::view::{Group, View};
use crate::{figure, text};

/// Of more traces and heaps, the page has room for what they have in common alone.
const MOST_CHARTS: usize = 4;

pub(crate) fn section(view: &View<'_>) -> Markup {
    let groups: Vec<(&Group<'_>, &str)> = view
        .groups
        .iter()
        .flat_map(|group| group.heaps.iter().map(move |heap| (group, heap.spec.as_str())))
        .filter(|(group, heap)| {
            group.cells.iter().any(|it| it.heap.spec == *heap && it.latency.is_some())
        })
        .collect();
    if groups.is_empty() {
        return html! {};
    }
    let cost = view.report.environment.clock.cost_ns.value();
    html! {
        p.lead {
            "The time within which so many of all operations were done: " (figure::term(view, "percentile", "percentiles")) ". One that rises steeply at its end has rare long waits. "
            @if let Some(cost) = cost { "Reading the clock costs " (text::ns(*cost)) ", which is subtracted." }
        }
        @if groups.len() > MOST_CHARTS {
            (over_traces::summary(view, &groups))
        } @else {
            (figure::legend(view, |name| view.report.cells.iter().any(|cell| cell.strategy == name && cell.latency.is_some())))
            div.multiples {
                @for (group, heap) in &groups { (figure::figure(Some(group.trace_index), &chart(view, group, heap), None)) }
            }
            (figure::numbers("The numbers behind it", &numbers(view, &groups)))
        }
    }
}

const QUANTILES: [&str; 6] = ["p50", "p90", "p99", "p99.9", "p99.99", "max"];

/// Name, place on the axis, and value of each quantile.
fn quantiles(latency: &Latency) -> Vec<(&'static str, f64, f64)> {
    let mut all = vec![
        ("p50", 0.0, latency.p50_ns),
        ("p90", 1.0, latency.p90_ns),
        ("p99", 2.0, latency.p99_ns),
        ("p99.9", 3.0, latency.p999_ns),
    ];
    all.extend(latency.p9999_ns.map(|ns| ("p99.99", 4.0, ns)));
    all.push(("max", 5.0, latency.max_ns));
    all
}

fn chart(view: &View<'_>, group: &Group<'_>, heap: &str) -> Chart {
    let lines: Vec<Line> = view
        .report
        .strategies
        .iter()
        .filter_map(|entry| {
            let latency = group.cell(&entry.name, heap)?.latency.as_ref()?;
            let points = quantiles(latency).into_iter().filter(|(_, _, ns)| *ns > 0.0);
            let point = |(name, x, y): (&str, f64, f64)| Point {
                x,
                y,
                text: format!("{name} {}", text::ns(y)),
                ..Point::default()
            };
            Some(Line {
                look: view.look(&entry.name),
                name: text::name(&entry.name),
                points: points.map(point).collect(),
                is_joined: true,
                is_marked: true,
            })
        })
        .collect();
    let values = lines.iter().flat_map(|line| &line.points).map(|point| point.y);
    let y = Axis::over(Scale::Log, values, text::tick_ns);
    let names = QUANTILES.iter().enumerate();
    let names = names.map(|(at, name)| (text::len_f64(at), (*name).to_owned()));
    let place = super::ranking::position(view, group);
    Chart {
        id: view.anchor(&format!("latency-{place}-{}", view.heap_index(heap))),
        title: format!("{} · {}", group.title(), text::name(heap)),
        description: format!("Quantiles of {} contestants.", lines.len()),
        width: 380,
        height: 250,
        x: Axis::over(Scale::Linear, [0.0, 5.0], text::times).named(names.collect()),
        y,
        lines,
        rules: Vec::new(),
        extras: Extras::default(),
    }
}

fn numbers(view: &View<'_>, groups: &[(&Group<'_>, &str)]) -> Markup {
    html! {
        table.data {
            thead { tr {
                th scope="col" { "workload" } th scope="col" { "heap" } th scope="col" { "strategy" }
                @for name in QUANTILES { (figure::head(view, "percentile", name, "")) }
            } }
            tbody {
                @for (group, heap) in groups { @for entry in &view.report.strategies {
                    @if let Some(latency) = group.cell(&entry.name, heap).and_then(|it| it.latency.as_ref()) {
                        tr data-t=(group.trace_index) data-s=(view.strategy_index(&entry.name)) data-h=(view.heap_index(heap)) {
                            td { (group.title()) } td { (text::name(heap)) } td { (text::name(&entry.name)) }
                            @for place in 0..6_u32 {
                                @let found = quantiles(latency).into_iter().find(|it| (it.1 - f64::from(place)).abs() < 0.5);
                                td.n data-v=[found.map(|it| it.2)] { @match found { Some(it) => (text::ns(it.2)), None => "–" } }
                            }
                        }
                    }
                } }
            }
        }
    }
}
