//! The sections, in the order of reading: the answer first, then why, then how it was found.

use maud::{Markup, html};

use crate::chart;
use crate::view::View;

mod budget;
mod cost;
pub(crate) mod environment;
mod glossary;
mod headline;
mod heap_map;
mod holes;
mod latency;
mod method;
mod moved;
mod over_operations;
mod profile;
mod ranking;
mod samples;
mod smallest;
mod traces;
mod which;

/// One part of the page; left out where its function returns nothing.
struct Section {
    /// The anchor.
    id: &'static str,
    title: &'static str,
    /// A word or two for the list of contents.
    short: &'static str,
    body: fn(&View<'_>) -> Markup,
}

/// Every section behind the headline.
const SECTIONS: &[Section] = &[
    Section {
        id: "which",
        title: "Which strategy suits which workload",
        short: "Which suits",
        body: which::section,
    },
    Section {
        id: "ranking",
        title: "Ranking by workload",
        short: "Ranking",
        body: ranking::section,
    },
    Section {
        id: "cost",
        title: "What a smaller heap costs",
        short: "Time over heap",
        body: cost::section,
    },
    Section {
        id: "smallest",
        title: "The smallest heap that suffices",
        short: "Smallest heap",
        body: smallest::section,
    },
    Section {
        id: "profile",
        title: "All workloads in one picture",
        short: "Profile",
        body: profile::section,
    },
    Section {
        id: "operations",
        title: "Live and used bytes over the trace",
        short: "Over the trace",
        body: over_operations::section,
    },
    Section { id: "map", title: "The heap as a map", short: "Map", body: heap_map::section },
    Section { id: "holes", title: "Holes", short: "Holes", body: holes::section },
    Section { id: "samples", title: "Every timed round", short: "Rounds", body: samples::section },
    Section { id: "latency", title: "Single operations", short: "Latency", body: latency::section },
    Section { id: "moved", title: "Bytes moved", short: "Moved", body: moved::section },
    Section {
        id: "budget",
        title: "What a budget of moves buys",
        short: "Budget",
        body: budget::section,
    },
    Section { id: "traces", title: "The workloads", short: "Workloads", body: traces::section },
    Section { id: "method", title: "How it was measured", short: "Method", body: method::section },
    Section {
        id: "environment",
        title: "Where it was measured",
        short: "Machine",
        body: environment::section,
    },
    Section {
        id: "glossary",
        title: "What the words mean",
        short: "Glossary",
        body: glossary::section,
    },
];

/// The headline and every section that has something to show, and the list of contents.
pub(crate) fn all(view: &View<'_>) -> (Markup, Markup) {
    let bodies: Vec<(&Section, String)> = SECTIONS
        .iter()
        .map(|section| (section, (section.body)(view).into_string()))
        .filter(|(_, body)| !body.is_empty())
        .collect();
    let contents = html! {
        @for (section, _) in &bodies {
            li { a href={ "#" (view.anchor(section.id)) } { (section.short) } }
        }
    };
    let sections = html! {
        (chart::keys(view))
        (headline::section(view))
        @for (section, body) in &bodies {
            section id=(view.anchor(section.id)) aria-labelledby={ (view.anchor(section.id)) "-h" } {
                h2 id={ (view.anchor(section.id)) "-h" } {
                    a href={ "#" (view.anchor(section.id)) } { (section.title) }
                }
                (maud::PreEscaped(body))
            }
        }
    };
    (sections, contents)
}
