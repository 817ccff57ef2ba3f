//! How it was measured, in sentences.

use heaplab_report::number::significant;
use maud::{Markup, html};

use crate::view::View;
use crate::{figure, text};

pub(crate) fn section(view: &View<'_>) -> Markup {
    let report = view.report;
    let measurement = &report.measurement;
    let is_timed = report.cells.iter().any(|cell| cell.time.is_some());
    html! {
        ul.plain {
            li { "Every cell replays one workload against one strategy in one heap. The workload is the same to the byte for all of them." }
            @if is_timed {
                li {
                    (measurement.rounds) " timed rounds a cell after " (measurement.warmup_rounds) " for warming up, "
                    (text::name(&measurement.order))
                    @if let Some(seed) = measurement.order_seed { " (order seed " (seed) ")" }
                    ", in " (measurement.processes) @if measurement.processes == 1 { " process" } @else { " processes" }
                    @match measurement.pinned_cpu { Some(cpu) => { ", pinned to processor " (cpu) }, None => ", not pinned" }
                    "."
                }
                li { "Shown is the median with its " (significant(measurement.confidence_level * 100.0)) " % interval. No outlier was removed; every sample is in the report." }
                li {
                    @match measurement.noise_floor_ratio {
                        Some(noise) => { "One strategy took part twice: its two listings lay up to " (significant(noise * 100.0)) " % apart, the " (figure::term(view, "noise", "noise floor")) " that a difference must exceed." },
                        None => { "No strategy took part twice, so the noise of this run is not known." },
                    }
                }
            }
            li { "Sizes, holes, moves and failures do not depend on the machine: they are exact." }
            @if !measurement.passes.is_empty() { li { "Passes: " (text::cut(&measurement.passes.join(", "), 200)) "." } }
            @for part in report.merged_from.iter().take(20) {
                li { "Joined from report " code { (text::cut(&part.id, 12)) } " of " (text::name(&part.created_at)) "." }
            }
            li { "Report " code { (text::cut(&report.id, 16)) } ", run of " (text::name(&report.created_at)) ", " (text::ns(text::to_f64(report.duration_ns))) "." }
        }
    }
}
