//! The performance profile of Dolan and Moré: every timed cell in one picture, without a single score.

use std::collections::BTreeMap;

use heaplab_report::{Mode, Status};
use maud::{Markup, html};

use crate::chart::{Axis, Chart, Extras, Line, Point, Scale};
use crate::view::{View, ns};
use crate::{figure, text};

/// Factors that the table names.
const FACTORS: [f64; 7] = [1.0, 1.1, 1.25, 1.5, 2.0, 5.0, 10.0];

/// Largest factor that is drawn.
const LARGEST: f64 = 30.0;

pub(crate) fn section(view: &View<'_>) -> Markup {
    let profiles = [Mode::Placement, Mode::Payload]
        .into_iter()
        .filter_map(|mode| Some((mode, ratios(view, mode)?)));
    let parts: Vec<Markup> = profiles
        .map(|(mode, (cells, ratios))| {
            html! {
                div.wide-figure { (figure::figure(None, &chart(view, mode, cells, &ratios), None)) }
                (figure::numbers("The numbers behind it", &numbers(view, cells, &ratios)))
            }
        })
        .collect();
    if parts.is_empty() {
        return html! {};
    }
    html! {
        p.lead {
            "A " (figure::term(view, "profile", "performance profile")) ": up, the share of all workloads and timed heaps in which a strategy "
            "takes at most so many times the fastest’s time. Who starts high wins often; who ends high rarely disappoints; who never reaches the top fails somewhere."
        }
        (figure::legend(view, |name| view.report.cells.iter().any(|cell| cell.strategy == name && ns(cell).is_some())))
        @for part in &parts { (part) }
    }
}

/// How many cells there are, and each contestant's ratios to the best in those that it completed, ascending.
fn ratios<'a>(view: &View<'a>, mode: Mode) -> Option<(usize, BTreeMap<&'a str, Vec<f64>>)> {
    let mut cells = 0;
    let mut all: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for group in view.groups.iter().filter(|group| group.mode == mode) {
        for heap in &group.heaps {
            let Some(best) = group.best_ns(view, &heap.spec) else { continue };
            cells += 1;
            for entry in view.contestants() {
                let cell = group.cell(&entry.name, &heap.spec);
                let ratio = cell.filter(|it| it.outcome.status == Status::Ok).and_then(ns);
                let known = all.entry(entry.name.as_str()).or_default();
                known.extend(ratio.map(|ns| ns / best));
            }
        }
    }
    all.retain(|_, ratios| !ratios.is_empty());
    all.values_mut().for_each(|ratios| ratios.sort_by(f64::total_cmp));
    (cells > 1).then_some((cells, all))
}

fn share(ratios: &[f64], factor: f64, cells: usize) -> f64 {
    let within = ratios.iter().filter(|ratio| **ratio <= factor * (1.0 + 1e-12)).count();
    text::len_f64(within) / text::len_f64(cells.max(1))
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn chart(view: &View<'_>, mode: Mode, cells: usize, all: &BTreeMap<&str, Vec<f64>>) -> Chart {
    let lines = view.contestants().filter_map(|entry| {
        let ratios = all.get(entry.name.as_str())?;
        let mut points = vec![Point { x: 1.0, y: 0.0, ..Point::default() }];
        for &ratio in ratios.iter().filter(|ratio| **ratio <= LARGEST) {
            let before = points.last().map_or(0.0, |point| point.y);
            points.push(Point { x: ratio, y: before, ..Point::default() });
            let y = share(ratios, ratio, cells);
            let text = format!("within {} in {} of cells", text::times(ratio), percent(y));
            points.push(Point { x: ratio, y, text, ..Point::default() });
        }
        let last = points.last().map_or(0.0, |point| point.y);
        points.push(Point { x: LARGEST, y: last, ..Point::default() });
        let look = view.look(&entry.name);
        let name = text::name(&entry.name);
        Some(Line { look, name, points, is_joined: true, is_marked: false })
    });
    let kind = if mode == Mode::Payload { "with payload" } else { "placing alone" };
    let ticks = [1.0, 1.2, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0];
    let x = Axis { from: 1.0, to: LARGEST * 1.02, ..Axis::over(Scale::Log, ticks, text::times) };
    Chart {
        id: view.anchor(if mode == Mode::Payload { "profile-payload" } else { "profile-chart" }),
        title: format!("Share of {cells} timed cells within a factor of the fastest, {kind}"),
        description: "Rising steps, one line a strategy; higher is better.".to_owned(),
        width: 1040,
        height: 400,
        x: x.named(ticks.iter().map(|&tick| (tick, text::tick_times(tick))).collect()),
        y: Axis { from: 0.0, to: 1.0, ..Axis::over(Scale::Linear, [0.0, 1.0], percent) },
        lines: lines.collect(),
        rules: Vec::new(),
        extras: Extras::default(),
    }
}

fn numbers(view: &View<'_>, cells: usize, all: &BTreeMap<&str, Vec<f64>>) -> Markup {
    html! {
        table.data {
            thead { tr {
                th scope="col" { "strategy" }
                @for factor in FACTORS { th scope="col" { "within " (text::times(factor)) } }
                (figure::head(view, "completes", "completes", ""))
            } }
            tbody {
                @for entry in view.contestants() {
                    @if let Some(ratios) = all.get(entry.name.as_str()) {
                        tr data-s=(view.strategy_index(&entry.name)) {
                            (figure::strategy(view, &entry.name))
                            @for factor in FACTORS {
                                @let share = share(ratios, factor, cells);
                                td.n data-v=(share) { (percent(share)) }
                            }
                            td.n data-v=(ratios.len()) { (ratios.len()) " of " (cells) }
                        }
                    }
                }
            }
        }
    }
}
