//! Markers: five shapes, so that no strategy is told by its color alone.

use maud::{Markup, html};
use plotters::coord::ranged1d::Ranged;
use plotters::prelude::*;

use super::FINE;
use crate::view::Look;

/// How many shapes there are.
pub(crate) const SHAPES: usize = 5;

type Failed<B> = DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>;

pub(super) fn draw<B: DrawingBackend, X: Ranged<ValueType = f64>, Y: Ranged<ValueType = f64>>(
    context: &mut ChartContext<'_, B, Cartesian2d<X, Y>>,
    at: (f64, f64),
    shape: usize,
    color: RGBColor,
) -> Result<(), Failed<B>> {
    let r = 4 * FINE;
    let filled = color.filled();
    match shape {
        0 => context.draw_series([Circle::new(at, r - 1, filled)]).map(drop),
        1 => context
            .draw_series([
                EmptyElement::at(at) + Rectangle::new([(2 - r, 2 - r), (r - 2, r - 2)], filled)
            ])
            .map(drop),
        2 => context.draw_series([TriangleMarker::new(at, r + 1, filled)]).map(drop),
        3 => context
            .draw_series([
                EmptyElement::at(at) + Polygon::new(vec![(0, -r), (r, 0), (0, r), (-r, 0)], filled)
            ])
            .map(drop),
        _ => context.draw_series([Cross::new(at, r - 2, color.stroke_width(4))]).map(drop),
    }
}

/// The marker in the middle of a legend's key.
pub(super) fn symbol(look: Look) -> Markup {
    let fill = format!("{} f", look.classes());
    html! {
        @match look.marker {
            0 => circle class=(fill) cx="28" cy="12" r="7" {},
            1 => path class=(fill) d="M22 6h12v12h-12z" {},
            2 => path class=(fill) d="M28 3l8 14h-16z" {},
            3 => path class=(fill) d="M28 4l8 8l-8 8l-8-8z" {},
            _ => path class={ (look.classes()) " s x" } d="M22 6l12 12M34 6l-12 12" {},
        }
    }
}
