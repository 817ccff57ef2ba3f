//! The page of a comparison: what became better and worse between two reports, first in words, then row by row.

mod forest;
mod headline;
mod row;
mod sides;
mod space;
mod words;

use std::collections::BTreeMap;

use heaplab_report::Report;
use heaplab_report::compare::Comparison;
use maud::{Markup, html};

use crate::Options;
use crate::frame::{Document, SCRIPT, document};
use crate::text;

/// Two reports and what comparing them found.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// The report from before the change.
    pub old: &'a Report,
    /// The report from after it.
    pub new: &'a Report,
    /// What the old report is called: its file.
    pub old_name: &'a str,
    /// What the new report is called.
    pub new_name: &'a str,
    /// The result.
    pub comparison: &'a Comparison,
}

/// A comparison as one HTML document, by the rules of [`render`](crate::render): nothing to load, nothing that a
/// browser must run.
///
/// However many rows there are, the document stays below 3 MiB; what is left out is counted on it.
pub fn render_comparison(compared: &Compared<'_>, options: &Options) -> String {
    let view = View::new(compared);
    let title = options.title.as_deref().map_or_else(|| title(compared), text::name);
    let sections = [
        ("time", "Times", forest::section(&view)),
        ("space", "Exact figures", space::section(&view)),
        ("only", "In one report alone", space::only(&view)),
        ("sides", "What was compared", sides::section(&view)),
        ("words", "What the words mean", words::section()),
    ];
    let shown = || sections.iter().filter(|(_, _, body)| !body.0.is_empty());
    let body = html! {
        div.report {
            nav.contents aria-label="Contents" {
                ul { @for (id, title, _) in shown() { li { a href={ "#" (id) } { (title) } } } }
            }
            (headline::section(&view))
            @for (id, title, body) in shown() {
                section id=(id) aria-labelledby={ (id) "-h" } {
                    h2 id={ (id) "-h" } { a href={ "#" (id) } { (title) } }
                    (body)
                }
            }
        }
    };
    document(&Document {
        title: &title,
        bar: bar(&view),
        body,
        footer: "This file is complete: it asks nothing of any network. It carries no report; keep the two that it compares.",
        scripts: &[SCRIPT],
    })
}

fn title(compared: &Compared<'_>) -> String {
    format!("heaplab: {} → {}", text::name(compared.old_name), text::name(compared.new_name))
}

/// What the sections look up: numbers for the strategies and traces of both sides, by which the page filters.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) compared: &'a Compared<'a>,
    /// Those of the new report, then those that only the old one has.
    strategies: Vec<&'a str>,
    numbers: BTreeMap<&'a str, usize>,
    traces: BTreeMap<&'a str, usize>,
}

impl<'a> View<'a> {
    fn new(compared: &'a Compared<'a>) -> Self {
        let mut view = Self {
            compared,
            strategies: Vec::new(),
            numbers: BTreeMap::new(),
            traces: BTreeMap::new(),
        };
        for entry in compared.new.strategies.iter().chain(&compared.old.strategies) {
            if !view.numbers.contains_key(entry.name.as_str()) {
                view.numbers.insert(&entry.name, view.strategies.len());
                view.strategies.push(&entry.name);
            }
        }
        for (index, trace) in compared.new.traces.iter().enumerate() {
            view.traces.entry(&trace.name).or_insert(index);
        }
        view
    }

    pub(crate) fn comparison(&self) -> &'a Comparison {
        self.compared.comparison
    }

    fn strategy(&self, name: &str) -> usize {
        self.numbers.get(name).copied().unwrap_or(usize::MAX)
    }

    /// Position in the new report, by which rows of a comparison name their traces.
    fn trace(&self, name: &str) -> usize {
        self.traces.get(name).copied().unwrap_or(usize::MAX)
    }
}

/// The tool bar; a script unhides its controls.
fn bar(view: &View<'_>) -> Markup {
    let traces = view.compared.new.traces.iter().map(|it| text::name(&it.name));
    let options = |names: Vec<String>| {
        html! { @for (index, name) in names.iter().enumerate() { option value=(index) { (name) } } }
    };
    html! {
        header.bar {
            a.mark href="#main" { "heaplab" }
            form.controls id="controls" hidden aria-label="What is shown" {
                label { span { "Workload" } select id="f-trace" { option value="" { "all" } (options(traces.collect())) } }
                label { span { "Strategies" } input id="f-strategy" type="search" placeholder="*-fit, compaction" autocomplete="off" spellcheck="false" size="16"; }
                label { span { "Highlight" } select id="f-light" {
                    option value="" { "none" }
                    (options(view.strategies.iter().map(|name| text::name(name)).collect()))
                } }
                button type="button" id="b-theme" { "Theme: system" }
            }
        }
        p.status id="status" role="status" aria-live="polite" {}
    }
}

#[cfg(test)]
mod tests;
