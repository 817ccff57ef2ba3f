//! The workloads themselves.

use heaplab_report::number::{bytes, count};
use heaplab_report::{StrategyKind, TraceEntry};
use maud::{Markup, html};

use crate::view::View;
use crate::{figure, text};

pub(crate) fn section(view: &View<'_>) -> Markup {
    if view.report.traces.is_empty() {
        return html! {};
    }
    html! {
        div.scroll tabindex="0" role="group" aria-label="The workloads" {
            table.data {
                thead { tr {
                    th scope="col" { "workload" } th scope="col" { "operations" } th scope="col" { "allocations" }
                    th scope="col" { "resizes" } th scope="col" { "frees" } (figure::head(view, "peak_live", "peak live", ""))
                    th scope="col" { "blocks" " " small { "at peak" } } th scope="col" { "largest request" } th scope="col" { "allocated" } th.left scope="col" { "source" }
                } }
                tbody { @for (index, trace) in view.report.traces.iter().enumerate() { (row(index, trace)) } }
            }
        }
        dl.glossary {
            @for (index, trace) in view.report.traces.iter().enumerate() {
                dt data-t=(index) { (text::name(&trace.name)) }
                dd data-t=(index) {
                    @if let Some(question) = &trace.question { (text::cut(question, 300)) ". " }
                    @if let Some(program) = &trace.source.program { "Recorded from " code { (text::cut(program, 160)) } ". " }
                    @if !trace.source.lacks.is_empty() { "The source does not tell: " (text::cut(&trace.source.lacks.join(", "), 200)) ". " }
                    "Hash " code { (text::cut(&trace.hash, 12)) } "."
                }
            }
        }
        (contestants(view))
    }
}

fn row(index: usize, trace: &TraceEntry) -> Markup {
    let operations = &trace.operations;
    let number = |value: u64, text: String| html! { td.n data-v=(value) { (text) } };
    html! {
        tr data-t=(index) {
            th.name scope="row" { (text::name(&trace.name)) }
            @for value in [operations.total(), operations.allocate, operations.resize, operations.free] { (number(value, count(value))) }
            (number(trace.peak_live_bytes, bytes(trace.peak_live_bytes)))
            (number(trace.peak_live_blocks, count(trace.peak_live_blocks)))
            (number(trace.max_request_bytes, bytes(trace.max_request_bytes)))
            @match trace.allocated_bytes { Some(value) => (number(value, bytes(value))), None => td.n { "–" } }
            td { (text::cut(&trace.source.kind, 40)) ", " (text::cut(&trace.source.format, 40)) }
        }
    }
}

/// Who took part, with what each does.
fn contestants(view: &View<'_>) -> Markup {
    html! {
        details.numbers {
            summary { "Who took part" }
            dl.glossary {
                @for entry in &view.report.strategies {
                    dt data-s=(view.strategy_index(&entry.name)) { (text::name(&entry.name)) }
                    dd data-s=(view.strategy_index(&entry.name)) {
                        (text::cut(&entry.description, 300))
                        @if let Some(source) = &entry.source { " (" (text::cut(source, 200)) ")" }
                        " " small {
                            @match entry.kind { StrategyKind::Strategy => "strategy", StrategyKind::Peer => "published allocator", StrategyKind::Floor => "floor" }
                            " · " (text::name(&entry.crate_name)) " " (text::name(&entry.version))
                            @for (key, value) in &entry.parameters { " · " (text::name(key)) " = " (text::name(&value.to_string())) }
                        }
                    }
                }
            }
        }
    }
}
