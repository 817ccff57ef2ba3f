//! Live and used bytes over the course of each trace: the gap between them is fragmentation.

use heaplab_report::{Cell, Mode, Series};
use maud::{Markup, html};

use crate::chart::{self, Axis, Chart, Extras, Line, Point, Scale};
use crate::view::{Group, Look, View};
use crate::{figure, text};

/// Most points of a line that are drawn.
const POINTS: usize = 100;

/// Lines that rise above so many times the peak of live bytes leave the picture.
const BEYOND: f64 = 2.5;

/// Every so many of them are read out.
const READ_OUT: usize = 5;

pub(crate) fn section(view: &View<'_>) -> Markup {
    let groups: Vec<&Group<'_>> = view
        .groups
        .iter()
        .filter(|group| group.mode == Mode::Placement || !has_placement(view, group))
        .filter(|group| view.report.strategies.iter().any(|it| series(group, &it.name).is_some()))
        .collect();
    if groups.is_empty() {
        return html! {};
    }
    html! {
        p.lead {
            "The thick line is what the program " (figure::term(view, "live", "keeps alive")) "; above it, how far each strategy’s "
            (figure::term(view, "used", "last block")) " reaches in a heap without limit. The gap is fragmentation. Across: operations. Lines that leave at the top go on rising: who slides blocks only when it must takes all of a heap without limit."
        }
        (figure::legend(view, |name| groups.iter().any(|group| series(group, name).is_some())))
        div.multiples {
            @for group in &groups { (figure::figure(Some(group.trace_index), &chart(view, group), None)) }
        }
        p.note { "Drawn with at most " (POINTS) " points a line; the lowest and the highest of each part are kept. The report holds up to " (Series::MAX_POINTS) "." }
        (figure::numbers("The numbers behind it", &numbers(view, &groups)))
    }
}

fn has_placement(view: &View<'_>, group: &Group<'_>) -> bool {
    view.groups.iter().any(|it| it.trace_index == group.trace_index && it.mode == Mode::Placement)
}

fn series<'a>(group: &Group<'a>, strategy: &str) -> Option<&'a Series> {
    let has =
        |cell: &&'a Cell| cell.series.as_ref().is_some_and(|it| !it.reserved_bytes.is_empty());
    let cell = group.in_unlimited(strategy).filter(has).or_else(|| group.of(strategy).find(has))?;
    cell.series.as_ref()
}

fn chart(view: &View<'_>, group: &Group<'_>) -> Chart {
    let points = |series: &Series, bytes: &[u64]| -> Vec<Point> {
        let pairs = series.operation_index.iter().zip(bytes);
        let points = pairs.map(|(&x, &y)| Point {
            x: text::to_f64(x),
            y: text::to_f64(y),
            ..Point::default()
        });
        let mut points = chart::thin(points.collect(), POINTS);
        for point in points.iter_mut().step_by(READ_OUT) {
            point.text = format!("{} at operation {}", text::bytes(point.y), text::count(point.x));
        }
        points
    };
    let line =
        |look, name: String, points| Line { look, name, points, is_joined: true, is_marked: false };
    let mut lines: Vec<Line> = Vec::new();
    let mut live: Option<&Series> = None;
    for entry in &view.report.strategies {
        let Some(series) = series(group, &entry.name) else { continue };
        lines.push(line(
            view.look(&entry.name),
            text::name(&entry.name),
            points(series, &series.reserved_bytes),
        ));
        if !series.live_bytes.is_empty() && live.is_none_or(|it| it.points < series.points) {
            live = Some(series);
        }
    }
    if let Some(series) = live {
        lines.push(line(Look::NOBODY, "live".to_owned(), points(series, &series.live_bytes)));
    }
    // Who moves blocks only when it must, or reuses nothing, takes all of a heap without limit, and would flatten the rest.
    let peak = text::to_f64(group.trace.peak_live_bytes.max(1));
    let highest = |line: &Line| line.points.iter().map(|point| point.y).fold(0.0, f64::max);
    let most = lines.iter().map(highest).filter(|it| *it <= peak * BEYOND).fold(peak, f64::max);
    for line in &mut lines {
        let end = line.points.iter().position(|point| point.y > most * 1.04);
        line.points.truncate(end.map_or(line.points.len(), |end| end + 1));
        if let (Some(_), Some(last)) = (end, line.points.last_mut()) {
            last.y = most * 1.04;
            last.text.clear();
        }
    }
    let last = lines.iter().flat_map(|line| &line.points).map(|point| point.x).fold(1.0, f64::max);
    Chart {
        id: view.anchor(&format!("operations-{}", super::ranking::position(view, group))),
        title: group.title(),
        description: format!(
            "Used bytes of {} contestants above the live bytes; the highest reaches {}.",
            lines.len().saturating_sub(1),
            text::bytes(most)
        ),
        width: 380,
        height: 230,
        x: Axis::over(Scale::Linear, [0.0, last], text::tick_count),
        y: Axis { label_width: 62, ..Axis::over(Scale::Linear, [0.0, most], text::bytes) }.binary(),
        lines,
        rules: Vec::new(),
        extras: Extras::default(),
    }
}

fn numbers(view: &View<'_>, groups: &[&Group<'_>]) -> Markup {
    let most = |bytes: &[u64]| bytes.iter().copied().max().unwrap_or(0);
    let mean = |bytes: &[u64]| {
        let sum: f64 = bytes.iter().map(|&it| text::to_f64(it)).sum();
        sum / text::len_f64(bytes.len().max(1))
    };
    html! {
        table.data {
            thead { tr {
                th scope="col" { "workload" } th scope="col" { "strategy" }
                (figure::head(view, "used", "most used", "")) (figure::head(view, "used", "used on average", ""))
                (figure::head(view, "live", "most live", "")) (figure::head(view, "used", "used at the end", ""))
            } }
            tbody {
                @for group in groups { @for entry in &view.report.strategies {
                    @if let Some(series) = series(group, &entry.name) {
                        tr data-t=(group.trace_index) data-s=(view.strategy_index(&entry.name)) {
                            td { (group.title()) } td { (text::name(&entry.name)) }
                            td.n data-v=(most(&series.reserved_bytes)) { (text::bytes(text::to_f64(most(&series.reserved_bytes)))) }
                            td.n data-v=(mean(&series.reserved_bytes)) { (text::bytes(mean(&series.reserved_bytes))) }
                            td.n data-v=(most(&series.live_bytes)) { (text::bytes(text::to_f64(most(&series.live_bytes)))) }
                            @let end = series.reserved_bytes.last().copied().unwrap_or(0);
                            td.n data-v=(end) { (text::bytes(text::to_f64(end))) }
                        }
                    }
                } }
            }
        }
    }
}
