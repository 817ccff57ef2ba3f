//! The answer in words, what to beware of, and the command that repeats it.

use heaplab_report::Status;
use heaplab_report::view::{Selection, headline};
use maud::{Markup, html};

use super::which;
use crate::text;
use crate::view::View;

pub(crate) fn section(view: &View<'_>) -> Markup {
    let report = view.report;
    let sentences = headline(report, &Selection::default());
    let (failures, answers): (Vec<&String>, Vec<&String>) =
        sentences.iter().partition(|sentence| is_of_failures(sentence));
    let machine = report.environment.cpu.model.value().map(String::as_str);
    html! {
        section.answer id=(view.anchor("answer")) aria-labelledby=(view.anchor("answer-h")) {
            p.kicker {
                @match &report.suite {
                    Some(suite) => { "Suite " b { (text::name(&suite.name)) } },
                    None => (title(view)),
                }
                @if report.suite.is_some() { " · " (title(view)) }
                " · " (report.created_at.get(..10).unwrap_or("no date"))
                @if let Some(machine) = machine { " · " (text::name(machine)) }
                " · heaplab " (text::name(&report.tool.version))
            }
            h1 id=(view.anchor("answer-h")) { (which::verdict(view).unwrap_or_else(|| title(view))) }
            @if report.cells.is_empty() {
                p { "This report holds no figures." }
            }
            ul.sentences { @for sentence in answers { li { (emphasize(sentence)) } } }
            @if !failures.is_empty() {
                ul.sentences.failures { @for sentence in failures { li { (emphasize(sentence)) } } }
            }
            @if !report.warnings.is_empty() {
                details.warnings {
                    summary { "Read with care: " (report.warnings.len()) @if report.warnings.len() == 1 { " remark" } @else { " remarks" } }
                    ul {
                        @for warning in &report.warnings {
                            li {
                                (text::cut(&warning.text, 400))
                                @if !warning.cells.is_empty() { " (" (warning.cells.len()) " cells)" }
                            }
                        }
                    }
                }
            }
            @if !report.command.is_empty() {
                p.repeat { "Repeat it: " code { (text::cut(&text::command(&report.command), 400)) } }
            }
        }
    }
}

/// Sentences about failures begin with the word for how a cell ended.
fn is_of_failures(sentence: &str) -> bool {
    [Status::Oom, Status::Timeout, Status::Invalid, Status::Crashed]
        .iter()
        .any(|status| sentence.starts_with(&format!("{}:", status.as_str())))
}

fn title(view: &View<'_>) -> String {
    let contestants = view.contestants().count();
    match view.report.traces.as_slice() {
        [] => "An empty report".to_owned(),
        [one] => format!("{contestants} allocators on {}", text::name(&one.name)),
        traces => format!("{contestants} allocators on {} workloads", traces.len()),
    }
}

/// The words in front of the first colon say what the sentence is about.
fn emphasize(sentence: &str) -> Markup {
    match sentence.split_once(": ") {
        Some((topic, rest)) if topic.chars().count() <= 40 => html! { b { (topic) ": " } (rest) },
        _ => html! { (sentence) },
    }
}
