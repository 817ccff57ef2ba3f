//! method.

use maud::{Markup, html};

use crate::view::View;

pub(crate) fn section(_view: &View<'_>) -> Markup {
    html! {}
}
