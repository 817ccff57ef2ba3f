//! Time over heap size: what each byte saved costs.

use heaplab_report::number::significant;
use heaplab_report::{Mode, StrategyKind};
use maud::{Markup, html};

use crate::chart::{Axis, Chart, Extras, Line, Point, Rule, Scale};
use crate::view::{Group, View, ns};
use crate::{figure, text};

pub(crate) fn section(view: &View<'_>) -> Markup {
    let groups: Vec<&Group<'_>> = view.groups.iter().filter(|it| it.is_timed()).collect();
    if groups.is_empty() {
        return html! {};
    }
    let is_copied = groups.iter().any(|group| group.mode == Mode::Payload);
    html! {
        p.lead {
            "Across: the heap over the " (figure::term(view, "peak_live", "peak of live bytes")) ". Up: "
            (figure::term(view, "time", "time for each operation")) ", with its interval as a band. "
            "Left and low is good: little memory, little time. A ring marks what "
            (figure::term(view, "undominated", "nothing beats in both"))
            @if !is_copied { "; copying moved bytes is not in these times" }
            ". Below the peak, at the vertical line, nobody can go."
        }
        (figure::legend(view, |name| groups.iter().any(|group| group.of(name).any(|it| ns(it).is_some()))))
        div.multiples {
            @for group in &groups {
                @let log = chart(view, group, Scale::Log);
                @let linear = chart(view, group, Scale::Linear);
                (figure::figure(Some(group.trace_index), &log, Some(&linear)))
            }
        }
        (figure::numbers("The numbers stand in the ranking above, and as one list here", &numbers(view, &groups)))
    }
}

fn chart(view: &View<'_>, group: &Group<'_>, scale: Scale) -> Chart {
    let lines: Vec<Line> =
        view.report.strategies.iter().filter_map(|it| line(view, group, &it.name)).collect();
    let points = || lines.iter().flat_map(|line| &line.points);
    let largest = points().map(|point| point.x).fold(1.0, f64::max);
    let ends = points().flat_map(|point| point.interval.unwrap_or([point.y; 2]));
    // The best lie close together and the worst far away; on a linear scale the far ones would flatten the rest.
    let floor = if scale == Scale::Linear { vec![0.0] } else { Vec::new() };
    let wide = if largest > 6.0 { Scale::Log } else { Scale::Linear };
    let mut x = Axis::over(wide, [0.97, largest], text::tick_times);
    let mut ticks: Vec<(f64, String)> = Vec::new();
    for heap in &group.heaps {
        let at = group.over_peak(heap.bytes);
        let is_far = ticks.iter().all(|(known, _)| (known - at).abs() > (largest - 0.97) * 0.11);
        if points().any(|point| (point.x - at).abs() < 1e-9) && is_far {
            ticks.push((at, text::tick_times(at)));
        }
    }
    if !ticks.is_empty() {
        x = x.named(ticks);
    }
    let id = view.anchor(&format!("cost-{}", super::ranking::position(view, group)));
    let fastest = lines
        .iter()
        .filter(|line| line.is_marked)
        .flat_map(|line| line.points.iter().map(move |point| (line, point)))
        .min_by(|a, b| a.1.y.total_cmp(&b.1.y))
        .map_or_else(String::new, |(line, point)| {
            format!(" Fastest: {}, {}.", line.name, point.text)
        });
    Chart {
        id,
        title: group.title(),
        description: format!(
            "Time for each operation over heap size, {} contestants.{fastest}",
            lines.len()
        ),
        width: 380,
        height: 250,
        x,
        y: Axis::over(scale, ends.chain(floor), text::tick_ns),
        lines,
        rules: vec![Rule { x: 1.0, label: "peak live".to_owned() }],
        extras: Extras::default(),
    }
}

fn line(view: &View<'_>, group: &Group<'_>, name: &str) -> Option<Line> {
    let kind = view.kind(name);
    let points: Vec<Point> = group
        .heaps
        .iter()
        .filter_map(|heap| {
            let cell = group.cell(name, &heap.spec)?;
            let y = ns(cell)?;
            let x = group.over_peak(heap.bytes);
            Some(Point {
                x,
                y,
                interval: cell.time.as_ref().and_then(|time| time.ci_ns),
                is_ringed: kind != StrategyKind::Floor
                    && group.undominated.contains(&cell.id.as_str()),
                text: format!("{} in {}", text::ns(y), text::times(x)),
                ..Point::default()
            })
        })
        .collect();
    (!points.is_empty()).then(|| Line {
        look: view.look(name),
        name: text::name(name),
        points,
        is_joined: true,
        is_marked: kind != StrategyKind::Floor,
    })
}

fn numbers(view: &View<'_>, groups: &[&Group<'_>]) -> Markup {
    html! {
        table.data {
            thead { tr {
                th scope="col" { "workload" } th scope="col" { "strategy" }
                (figure::head(view, "heap", "heap", "")) (figure::head(view, "time", "median", "ns/op"))
                (figure::head(view, "interval", "from", "ns/op")) (figure::head(view, "interval", "to", "ns/op"))
                (figure::head(view, "undominated", "undominated", ""))
            } }
            tbody {
                @for group in groups {
                    @for cell in group.cells.iter().filter(|cell| ns(cell).is_some() && !cell.heap.is_unlimited()) {
                        @let interval = cell.time.as_ref().and_then(|time| time.ci_ns);
                        tr data-t=(group.trace_index) data-s=(view.strategy_index(&cell.strategy)) data-h=(view.heap_index(&cell.heap.spec)) {
                            td { (group.title()) } td { (text::name(&cell.strategy)) } td.n { (text::name(&cell.heap.spec)) }
                            td.n { @if let Some(ns) = ns(cell) { (significant(ns)) } }
                            @for end in [0, 1] { td.n { @match interval { Some(ends) => (significant(ends[end])), None => "–" } } }
                            td { @if group.undominated.contains(&cell.id.as_str()) { "yes" } }
                        }
                    }
                }
            }
        }
    }
}
