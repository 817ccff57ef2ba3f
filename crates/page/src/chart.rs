//! Charts: data in, SVG out. The only module that knows plotters.
//!
//! plotters writes literal colors. What is drawn here has colors that stand for classes instead, and `dress` puts the
//! classes in their place: one drawing follows light, dark and print by style alone, and one strategy can be brought
//! forward in every chart.

mod axis;
mod dress;
mod extras;
mod marker;

use std::fmt::Write as _;

use maud::{Markup, PreEscaped, html};
use plotters::prelude::*;

pub(crate) use axis::{Axis, Scale};
pub(crate) use extras::{Extras, Shade, Word};
pub(crate) use marker::SHAPES;

use crate::view::{Look, View};

/// Units of the drawing for each unit of the page: plotters knows whole numbers only.
const FINE: i32 = 2;

/// A line, or points, of one strategy.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) look: Look,
    pub(crate) name: String,
    pub(crate) points: Vec<Point>,
    /// Whether the points are joined.
    pub(crate) is_joined: bool,
    /// Whether each point has a marker.
    pub(crate) is_marked: bool,
}

/// A point of a [`Line`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
    /// Lower and upper end of an interval around `y`.
    pub(crate) interval: Option<[f64; 2]>,
    /// Left and right end of an interval around `x`, drawn as a stroke.
    pub(crate) reach: Option<[f64; 2]>,
    /// Drawn with a ring around it.
    pub(crate) is_ringed: bool,
    /// What the read-out says behind the line's name, without tabs and line ends; a point without it is not read out.
    pub(crate) text: String,
}

/// A line across the whole chart, with a word beside it.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) x: f64,
    pub(crate) label: String,
}

/// A chart.
#[derive(Debug, Clone)]
pub(crate) struct Chart {
    pub(crate) id: String,
    pub(crate) title: String,
    /// What there is to see, in a sentence, for those who do not see it.
    pub(crate) description: String,
    pub(crate) width: i32,
    pub(crate) height: i32,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) lines: Vec<Line>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) extras: Extras,
}

/// The colors that stand for classes: a number behind them says which.
pub(super) const LINE: u8 = 1;
pub(super) const PART: u8 = 2;
pub(super) const BAND: u8 = 3;
pub(super) const SHADE: u8 = 4;
const GRID: RGBColor = RGBColor(PART, 0, 0);
const AXIS: RGBColor = RGBColor(PART, 0, 1);
const RULE: RGBColor = RGBColor(PART, 0, 2);
const RING: RGBColor = RGBColor(PART, 0, 3);

/// The chart as an `<svg>` with title and description, and what its read-out says: a line a strategy, tabs between its
/// index, its name and its points.
pub(crate) fn svg(chart: &Chart, class: &str) -> Markup {
    let mut text = String::new();
    let mut spots = String::new();
    let size = (of_page(chart.width), of_page(chart.height));
    let drawn = draw(chart, SVGBackend::with_string(&mut text, size), &mut spots);
    let inner = match drawn {
        Ok(()) => dress::dress(&text),
        // Writing into memory fails only for coordinates that are no numbers.
        Err(error) => html! { text x="20" y="40" { "cannot be drawn: " (error) } }.into_string(),
    };
    let (title, description) =
        (format!("{}-{class}-t", chart.id), format!("{}-{class}-d", chart.id));
    html! {
        svg class=(class) role="img" viewBox={ "0 0 " (size.0) " " (size.1) }
            width=(chart.width) height=(chart.height)
            aria-labelledby={ (title) " " (description) } data-p=(spots) {
            title id=(title) { (chart.title) }
            desc id=(description) { (chart.description) }
            (PreEscaped(inner))
        }
    }
}

fn of_page(length: i32) -> u32 {
    u32::try_from(length.saturating_mul(FINE)).unwrap_or(0)
}

#[expect(clippy::too_many_lines, reason = "one picture, drawn from back to front")]
fn draw(chart: &Chart, backend: SVGBackend<'_>, spots: &mut String) -> Result<(), String> {
    let root = backend.into_drawing_area();
    let failed = |error: DrawingAreaErrorKind<std::io::Error>| error.to_string();
    let (xs, ys) = (chart.x.ticks(), chart.y.ticks());
    let at = |axis: &Axis, values: &[f64]| -> Vec<f64> {
        values.iter().map(|&value| axis.place(value)).collect()
    };
    let mut context = ChartBuilder::on(&root)
        .margin_top(8 * FINE)
        .margin_right((18 + chart.extras.word_width) * FINE)
        .x_label_area_size(22 * FINE)
        .y_label_area_size(chart.y.label_width * FINE)
        .build_cartesian_2d(
            axis::Places { ends: chart.x.ends(), ticks: at(&chart.x, &xs) },
            axis::Places { ends: chart.y.ends(), ticks: at(&chart.y, &ys) },
        )
        .map_err(failed)?;
    let font = ("sans-serif", 11 * FINE);
    extras::shades(chart, &mut context).map_err(failed)?;
    context
        .configure_mesh()
        .max_light_lines(0)
        .bold_line_style(GRID.stroke_width(2))
        .axis_style(AXIS.stroke_width(2))
        .label_style(font.into_font().color(&AXIS))
        .set_all_tick_mark_size(3 * FINE)
        .x_label_formatter(&|place| chart.x.word_at(*place, &xs))
        .y_label_formatter(&|place| chart.y.word_at(*place, &ys))
        .draw()
        .map_err(failed)?;
    let [_, top] = chart.y.ends();
    let [_, right] = chart.x.ends();
    for rule in &chart.rules {
        let x = chart.x.place(rule.x);
        let bottom = chart.y.ends()[0];
        context
            .draw_series([PathElement::new(vec![(x, bottom), (x, top)], RULE.stroke_width(2))])
            .map_err(failed)?;
        let is_left = x < right - (right - chart.x.ends()[0]) * 0.3;
        let style = font.into_font().color(&RULE).pos(plotters::style::text_anchor::Pos::new(
            if is_left {
                plotters::style::text_anchor::HPos::Left
            } else {
                plotters::style::text_anchor::HPos::Right
            },
            plotters::style::text_anchor::VPos::Top,
        ));
        let shift = if is_left { 4 } else { -4 };
        let label = EmptyElement::at((x, top)) + Text::new(rule.label.clone(), (shift, 2), style);
        context.draw_series([label]).map_err(failed)?;
    }
    for line in &chart.lines {
        let color = color(line.look);
        let place = |point: &Point| (chart.x.place(point.x), chart.y.place(point.y));
        let band = band(chart, line);
        if !band.is_empty() {
            let fill = RGBColor(BAND, color.1, color.2).filled();
            context.draw_series([Polygon::new(band, fill)]).map_err(failed)?;
        }
        if line.is_joined && line.points.len() > 1 {
            let places: Vec<_> = line.points.iter().map(place).collect();
            context
                .draw_series([PathElement::new(places, color.stroke_width(3))])
                .map_err(failed)?;
        }
        let mut said = String::new();
        for point in &line.points {
            let at = place(point);
            extras::reach(chart, point, color, &mut context).map_err(failed)?;
            if point.is_ringed {
                let ring = Circle::new(at, 7 * FINE, RING.stroke_width(3));
                context.draw_series([ring]).map_err(failed)?;
            }
            if line.is_marked {
                marker::draw(&mut context, at, line.look.marker, color).map_err(failed)?;
            }
            if !point.text.is_empty() {
                let (x, y) = context.backend_coord(&at);
                let _ = write!(said, "\t{x},{y},{}", point.text);
            }
        }
        if !said.is_empty() {
            let end = if spots.is_empty() { "" } else { "\n" };
            let _ = write!(spots, "{end}{}\t{}{said}", line.look.index, line.name);
        }
    }
    extras::words(chart, &mut context).map_err(failed)?;
    root.present().map_err(failed)
}

/// The color that stands for a strategy's classes.
fn color(look: Look) -> RGBColor {
    let [high, low] = look.pack().to_be_bytes();
    RGBColor(LINE, high, low)
}

/// The area between the ends of the intervals, there and back; a stroke where only one point has one.
fn band(chart: &Chart, line: &Line) -> Vec<(f64, f64)> {
    let ends = |which: usize| {
        line.points.iter().filter_map(move |point| {
            let interval = point.interval?;
            Some((chart.x.place(point.x), chart.y.place(interval[which])))
        })
    };
    let there: Vec<_> = ends(0).collect();
    if there.len() < 2 {
        return Vec::new();
    }
    let mut back: Vec<_> = ends(1).collect();
    back.reverse();
    there.into_iter().chain(back).collect()
}

/// The pieces of lines with their markers that [`key`] shows: drawn once a page.
pub(crate) fn keys(view: &View<'_>) -> Markup {
    html! {
        svg.defs width="0" height="0" aria-hidden="true" {
            @for entry in &view.report.strategies {
                @let look = view.look(&entry.name);
                symbol id={ (view.anchor("key-")) (look.index) } viewBox="0 0 56 24" {
                    path class={ (look.classes()) " s" } d="M2 12H54" {}
                    (marker::symbol(look))
                }
            }
        }
    }
}

/// The marker of a look by itself, for legends of what is no strategy.
pub(crate) fn sign(look: Look) -> Markup {
    html! { svg.key viewBox="0 0 56 24" aria-hidden="true" { (marker::symbol(look)) } }
}

/// A swatch of what a shade looks like.
pub(crate) fn swatch(class: &str) -> Markup {
    html! { svg.key viewBox="0 0 56 24" aria-hidden="true" { rect class={ (class) " f" } x="2" y="2" width="52" height="20" {} } }
}

/// A piece of a strategy's line with its marker, for legends and rows.
pub(crate) fn key(view: &View<'_>, strategy: &str) -> Markup {
    let index = view.look(strategy).index;
    html! { svg.key aria-hidden="true" { use href={ "#" (view.anchor("key-")) (index) } {} } }
}

/// At most `most` points such that the lowest and highest of every part survive, and the first and the last.
pub(crate) fn thin(points: Vec<Point>, most: usize) -> Vec<Point> {
    if points.len() <= most || most < 4 {
        return points;
    }
    let part = points.len().div_ceil(most / 2);
    let last = points.len() - 1;
    let mut kept = Vec::new();
    for start in (0..points.len()).step_by(part) {
        let end = (start + part).min(points.len());
        let by = |a: &usize, b: &usize| points[*a].y.total_cmp(&points[*b].y);
        let (Some(low), Some(high)) = ((start..end).min_by(by), (start..end).max_by(by)) else {
            continue;
        };
        let mut both = vec![low, high];
        if start == 0 {
            both.push(0);
        }
        if end > last {
            both.push(last);
        }
        both.sort_unstable();
        both.dedup();
        kept.extend(both);
    }
    kept.into_iter().map(|index| points[index].clone()).collect()
}

#[cfg(test)]
mod tests;
