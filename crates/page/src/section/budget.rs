//! What a parameter buys: smallest heaps of strategies that move blocks, over its values.

use heaplab_report::number::significant;
use heaplab_report::{Curve, CurvePoint, TraceEntry};
use maud::{Markup, html};

use crate::chart::{Axis, Chart, Extras, Line, Point, Rule, Scale};
use crate::view::View;
use crate::{figure, text};

/// Curves whose heaps differ by less, as a part of peak live, are drawn nowhere.
const LEAST_DIFFERENCE: f64 = 0.001;

pub(crate) fn section(view: &View<'_>) -> Markup {
    let all =
        || view.report.curves.iter().filter_map(|it| Some((it, view.report.trace(&it.trace)?)));
    let drawn: Vec<_> =
        all().filter(|(curve, trace)| height(curve, trace) > LEAST_DIFFERENCE).collect();
    if all().all(|(curve, _)| curve.points.is_empty()) {
        return html! {};
    }
    let left_out = all().count() - drawn.len();
    html! {
        p.lead {
            "A strategy that moves blocks may be told how much it may move. "
            "Each point is a " (figure::term(view, "heap", "heap")) " in which the workload completes, over the value of that parameter, and what compaction moved in it. "
            "Heaps are found by bisection to a sixteenth of what there is to gain, so a smaller one may do; where the peak of live bytes suffices a curve ends. "
            @if left_out > 0 {
                "Where the heap hardly depends on the value there is no picture: the numbers tell."
            }
        }
        div.multiples {
            @for (index, (curve, trace)) in drawn.iter().enumerate() {
                (figure::figure(view.report.traces.iter().position(|it| it.name == trace.name), &chart(view, index, curve, trace), None))
            }
        }
        (figure::numbers("The numbers behind it", &numbers(view, &all().collect::<Vec<_>>())))
    }
}

fn over_peak(point: &CurvePoint, trace: &TraceEntry) -> f64 {
    text::to_f64(point.heap_bytes) / text::to_f64(trace.peak_live_bytes.max(1))
}

/// The difference between the largest and the smallest heap.
fn height(curve: &Curve, trace: &TraceEntry) -> f64 {
    let heaps = || curve.points.iter().map(|point| over_peak(point, trace));
    heaps().fold(f64::NEG_INFINITY, f64::max) - heaps().fold(f64::INFINITY, f64::min)
}

fn moved(point: &CurvePoint, trace: &TraceEntry) -> f64 {
    let allocated = trace.allocated_bytes.unwrap_or(trace.peak_live_bytes).max(1);
    text::to_f64(point.compaction_bytes) / text::to_f64(allocated)
}

fn chart(view: &View<'_>, index: usize, curve: &Curve, trace: &TraceEntry) -> Chart {
    let point = |point: &CurvePoint| {
        let (x, y) = (text::to_f64(point.value), over_peak(point, trace));
        let text = format!(
            "{y:.3}× at {} = {}, {} bytes moved for each allocated",
            text::name(&curve.parameter),
            point.value,
            significant(moved(point, trace)),
        );
        Point { x, y, text, ..Point::default() }
    };
    let points: Vec<Point> = curve.points.iter().map(point).collect();
    let highest = points.iter().map(|point| point.y).fold(1.0, f64::max);
    Chart {
        id: view.anchor(&format!("budget-{index}")),
        title: format!("{}: {}", text::name(&curve.trace), text::name(&curve.strategy)),
        description: format!(
            "Heaps for {} values of {}.",
            points.len(),
            text::name(&curve.parameter)
        ),
        width: 380,
        height: 200,
        x: Axis::over(Scale::Log, points.iter().map(|point| point.x), text::tick_count),
        y: Axis::over(Scale::Linear, [0.999, highest], text::tick_times_near_one),
        rules: Vec::<Rule>::new(),
        lines: vec![Line {
            look: view.look(&curve.strategy),
            name: text::name(&curve.strategy),
            points,
            is_joined: true,
            is_marked: true,
        }],
        extras: Extras::default(),
    }
}

fn numbers(view: &View<'_>, curves: &[(&Curve, &TraceEntry)]) -> Markup {
    html! {
        table.data {
            thead { tr {
                th scope="col" { "workload" } th scope="col" { "strategy" } th scope="col" { "parameter" }
                th scope="col" { "value" } (figure::head(view, "heap", "heap", "× peak live"))
                (figure::head(view, "moved", "moved", "bytes for each allocated"))
            } }
            tbody {
                @for (curve, trace) in curves { @for point in &curve.points {
                    tr data-t=[view.report.traces.iter().position(|it| it.name == trace.name)] data-s=(view.strategy_index(&curve.strategy)) {
                        td { (text::name(&curve.trace)) } td { (text::name(&curve.strategy)) } td { (text::name(&curve.parameter)) }
                        td.n { (point.value) }
                        td.n { (format!("{:.3}", over_peak(point, trace))) }
                        td.n { (significant(moved(point, trace))) }
                    }
                } }
            }
        }
    }
}
