//! The report inside the page.

use heaplab_report::page;
use maud::{Markup, PreEscaped, html};

use crate::text;
use crate::view::View;

/// The report as data, and a word about what was left out of it.
pub(super) fn block(view: &View<'_>) -> Markup {
    match page::embed(view.report) {
        Ok(embedded) => html! {
            @if let Some(note) = &embedded.left_out {
                p.note { "To keep this file small, " (note) " are not in the data that it carries; the JSON report holds them." }
            }
            (PreEscaped(embedded.element))
        },
        Err(error) => {
            html! { p.note { "The report cannot be carried as data: " (text::cut(&error.to_string(), 200)) } }
        }
    }
}
