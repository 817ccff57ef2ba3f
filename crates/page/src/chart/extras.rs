//! What only some charts have: shaded ranges, strokes around points, and words beside rows.

use plotters::coord::ranged1d::Ranged;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{Chart, FINE, Point, SHADE, color};
use crate::view::Look;

/// The classes of shades, the faintest first.
pub(super) const SHADES: [&str; 3] = ["shade0", "shade1", "shade2"];

/// Half the height of the ends of a stroke.
const END: i32 = 3 * FINE;

/// What a chart may have besides lines.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extras {
    /// Drawn behind all else, in their order.
    pub(crate) shades: Vec<Shade>,
    /// Right of the plot.
    pub(crate) words: Vec<Word>,
    /// Room for them.
    pub(crate) word_width: i32,
}

/// A range of `x` that is shaded from top to bottom.
#[derive(Debug, Clone)]
pub(crate) struct Shade {
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// Which of the three.
    pub(crate) class: u8,
}

/// A word right of the plot, in the color of a look.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub(crate) y: f64,
    pub(crate) text: String,
    pub(crate) look: Look,
}

type Failed<B> = DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>;
type Context<'a, B, X, Y> = ChartContext<'a, B, Cartesian2d<X, Y>>;

/// The shades, cut where the chart ends.
pub(super) fn shades<B: DrawingBackend, X, Y>(
    chart: &Chart,
    context: &mut Context<'_, B, X, Y>,
) -> Result<(), Failed<B>>
where
    X: Ranged<ValueType = f64>,
    Y: Ranged<ValueType = f64>,
{
    let [bottom, top] = chart.y.ends();
    let [left, right] = chart.x.ends();
    for shade in &chart.extras.shades {
        let [from, to] = [shade.from, shade.to].map(|x| chart.x.place(x).clamp(left, right));
        let color = RGBColor(SHADE, 0, shade.class).filled();
        context.draw_series([Rectangle::new([(from, bottom), (to, top)], color)])?;
    }
    Ok(())
}

/// The stroke of a point's interval, with a mark at each end that lies inside the chart.
pub(super) fn reach<B: DrawingBackend, X, Y>(
    chart: &Chart,
    point: &Point,
    color: RGBColor,
    context: &mut Context<'_, B, X, Y>,
) -> Result<(), Failed<B>>
where
    X: Ranged<ValueType = f64>,
    Y: Ranged<ValueType = f64>,
{
    let Some(interval) = point.reach else { return Ok(()) };
    let y = chart.y.place(point.y);
    let [left, right] = chart.x.ends();
    let ends = interval.map(|x| chart.x.place(x));
    let shown = ends.map(|x| x.clamp(left, right));
    let style = color.stroke_width(3);
    context.draw_series([PathElement::new(vec![(shown[0], y), (shown[1], y)], style)])?;
    for (end, shown) in ends.into_iter().zip(shown) {
        if (end - shown).abs() < f64::EPSILON {
            let mark =
                EmptyElement::at((end, y)) + PathElement::new(vec![(0, -END), (0, END)], style);
            context.draw_series([mark])?;
        }
    }
    Ok(())
}

/// The words, each in the height of its row.
pub(super) fn words<B: DrawingBackend, X, Y>(
    chart: &Chart,
    context: &mut Context<'_, B, X, Y>,
) -> Result<(), Failed<B>>
where
    X: Ranged<ValueType = f64>,
    Y: Ranged<ValueType = f64>,
{
    let [_, right] = chart.x.ends();
    for word in &chart.extras.words {
        let style = ("sans-serif", 11 * FINE)
            .into_font()
            .color(&color(word.look))
            .pos(Pos::new(HPos::Left, VPos::Center));
        let text = EmptyElement::at((right, chart.y.place(word.y)))
            + Text::new(word.text.clone(), (8 * FINE, 0), style);
        context.draw_series([text])?;
    }
    Ok(())
}
