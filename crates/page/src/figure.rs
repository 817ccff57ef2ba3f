//! What stands around a chart or a table: caption, legend, and the numbers behind it.

use heaplab_report::StrategyKind;
use maud::{Markup, html};

use crate::chart::{self, Chart};
use crate::text;
use crate::view::View;

/// A chart with its caption; `other` is the same on another scale, shown instead when the reader asks for it.
pub(crate) fn figure(trace: Option<usize>, chart: &Chart, other: Option<&Chart>) -> Markup {
    html! {
        figure.chart id=(chart.id) data-t=[trace] {
            figcaption { (chart.title) }
            div.scroll tabindex="0" role="group" aria-label=(chart.title) {
                (chart::svg(chart, "one"))
                @if let Some(other) = other { (chart::svg(other, "two")) }
            }
        }
    }
}

/// The strategies with their keys; with scripts on, each brings its strategy forward in every chart.
pub(crate) fn legend(view: &View<'_>, shown: impl Fn(&str) -> bool) -> Markup {
    let block = |kind: StrategyKind| {
        view.of_kind(kind).filter(|entry| shown(&entry.name)).collect::<Vec<_>>()
    };
    html! {
        ul.legend {
            @for kind in [StrategyKind::Strategy, StrategyKind::Peer, StrategyKind::Floor] {
                @for entry in block(kind) {
                    li data-s=(view.strategy_index(&entry.name)) {
                        (chart::key(view, &entry.name)) span { (text::name(&entry.name)) }
                    }
                }
            }
        }
    }
}

/// A table of numbers behind a chart, folded away.
pub(crate) fn numbers(summary: &str, table: &Markup) -> Markup {
    html! {
        details.numbers { summary { (summary) } div.scroll tabindex="0" role="group" aria-label=(summary) { (table) } }
    }
}

/// A column's head, linked to what it means.
pub(crate) fn head(view: &View<'_>, term: &str, heading: &str, unit: &str) -> Markup {
    html! {
        th scope="col" {
            a.term href={ "#" (view.anchor("g-")) (term) } { (heading) }
            @if !unit.is_empty() { " " small { (unit) } }
        }
    }
}

/// A link to what a word means.
pub(crate) fn term(view: &View<'_>, term: &str, word: &str) -> Markup {
    html! { a.term href={ "#" (view.anchor("g-")) (term) } { (word) } }
}

/// The head of a strategy's row.
pub(crate) fn strategy(view: &View<'_>, name: &str) -> Markup {
    html! {
        th.name scope="row" data-s=(view.strategy_index(name)) {
            (chart::key(view, name)) (text::name(name))
        }
    }
}
