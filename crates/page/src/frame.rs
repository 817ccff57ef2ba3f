//! The whole document: head with its security policy, tool bar, sections, and the report itself as data.

mod data;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use heaplab_report::Report;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use crate::section;
use crate::text;
use crate::view::View;

const STYLE: &str =
    concat!(include_str!("../assets/style.css"), include_str!("../assets/player/player.css"));

/// The page's scripts, each allowed by its own hash; none is needed to read the page.
const SCRIPTS: &[&str] = &[SCRIPT, crate::map::PLAYER];

/// What sorts, filters and reads out, on every page.
pub(crate) const SCRIPT: &str = include_str!("../assets/script.js");

/// What may be chosen about a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Options {
    /// Title of the document; the suite or the traces where none is given.
    pub title: Option<String>,
}

/// The reports as one HTML document: nothing to load, nothing that a browser must run.
///
/// Several reports stand one after the other, each with its own sections.
/// The size depends on how many cells there are and hardly on how long the traces are.
pub fn render(reports: &[Report], options: &Options) -> String {
    let views: Vec<View<'_>> = reports
        .iter()
        .enumerate()
        .map(|(index, report)| {
            let prefix = if index == 0 { String::new() } else { format!("r{}.", index + 1) };
            View::new(report, prefix)
        })
        .collect();
    let title = options.title.as_deref().map_or_else(|| title(reports), text::name);
    let parts: Vec<(Markup, Markup)> = views.iter().map(section::all).collect();
    let body = html! {
        @for (index, (view, (sections, contents))) in views.iter().zip(&parts).enumerate() {
            div.report {
                @if views.len() > 1 {
                    p.part id={ "part-" (index + 1) } { "Report " (index + 1) " of " (views.len()) }
                }
                nav.contents aria-label={ "Contents" @if views.len() > 1 { " of report " (index + 1) } } { ul { (contents) } }
                (sections)
                (data::block(view))
            }
        }
    };
    document(&Document {
        title: &title,
        bar: bar(&views),
        body,
        footer: "This file is complete: it asks nothing of any network, and every command that reads a report reads it too.",
        scripts: SCRIPTS,
    })
}

/// The parts of a page that differ between reports and comparisons.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    pub(crate) title: &'a str,
    pub(crate) bar: Markup,
    pub(crate) body: Markup,
    /// What stands at the end, behind who made the page.
    pub(crate) footer: &'a str,
    pub(crate) scripts: &'a [&'a str],
}

/// The whole document around them.
pub(crate) fn document(parts: &Document<'_>) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy(parts.scripts));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content={ "heaplab " (env!("CARGO_PKG_VERSION")) };
                title { (parts.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the answer" }
                (parts.bar)
                main id="main" tabindex="-1" { (parts.body) }
                footer { p { "Made by heaplab. " (parts.footer) } }
                @for script in parts.scripts { script { (PreEscaped(*script)) } }
            }
        }
    };
    page.into_string()
}

/// Nothing may be loaded; our own style and scripts may run, pictures may stand in the page itself.
fn policy(scripts: &[&str]) -> String {
    let source = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let scripts: Vec<String> = scripts.iter().map(|script| source(script)).collect();
    format!(
        "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        source(STYLE),
        scripts.join(" ")
    )
}

fn title(reports: &[Report]) -> String {
    let first = reports.first();
    let what = match first.map(|it| (&it.suite, it.traces.as_slice())) {
        Some((Some(suite), _)) => text::name(&suite.name),
        Some((None, [one])) => text::name(&one.name),
        Some((None, traces)) => format!("{} traces", traces.len()),
        None => "nothing".to_owned(),
    };
    format!("heaplab: {what}")
}

/// The tool bar. Its controls do nothing without scripts, so a script unhides them.
fn bar(views: &[View<'_>]) -> Markup {
    let first = views.first();
    let names = |list: Vec<String>| {
        html! { @for (index, name) in list.iter().enumerate() { option value=(index) { (name) } } }
    };
    let is_single = views.len() == 1;
    html! {
        header.bar {
            a.mark href="#main" { "heaplab" }
            form.controls id="controls" hidden aria-label="What is shown" {
                @if let Some(view) = first.filter(|_| is_single) {
                    label { span { "Workload" } select id="f-trace" {
                        option value="" { "all" }
                        (names(view.report.traces.iter().map(|it| text::name(&it.name)).collect()))
                    } }
                    label { span { "Heap" } select id="f-heap" {
                        option value="" { "all" }
                        (names(view.heaps.iter().map(|it| text::name(it)).collect()))
                    } }
                    label { span { "Strategies" } input id="f-strategy" type="search" placeholder="*-fit, compaction" autocomplete="off" spellcheck="false" size="16"; }
                    label { span { "Highlight" } select id="f-light" {
                        option value="" { "none" }
                        (names(view.report.strategies.iter().map(|it| text::name(&it.name)).collect()))
                    } }
                }
                button type="button" id="b-scale" aria-pressed="false" { "Linear scale" }
                button type="button" id="b-theme" { "Theme: system" }
                button type="button" id="b-data" { "Report as JSON" }
            }
        }
        p.status id="status" role="status" aria-live="polite" {}
    }
}

#[cfg(test)]
mod tests;
