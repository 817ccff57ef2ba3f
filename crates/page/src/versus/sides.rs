//! What was compared: both reports beside each other, and where they differ.

use heaplab_report::Report;
use heaplab_report::compare::machine;
use maud::{Markup, html};

use super::View;
use crate::section::environment;
use crate::text;

pub(super) fn section(view: &View<'_>) -> Markup {
    let compared = view.compared;
    let (old, new) =
        (facts(compared.old_name, compared.old), facts(compared.new_name, compared.new));
    html! {
        div.scroll tabindex="0" role="group" aria-label="Both reports" {
            table.sides {
                thead { tr { th scope="col" { "" } th.left scope="col" { "old" } th.left scope="col" { "new" } th.left scope="col" { "" } } }
                tbody {
                    @for ((name, old), (_, new)) in old.iter().zip(&new) {
                        @if !(old.is_empty() && new.is_empty()) {
                            tr {
                                th scope="row" { (name) }
                                td { (text::cut(old, 400)) } td { (text::cut(new, 400)) }
                                td { @if old == new { "equal" } @else { b { "differs" } } }
                            }
                        }
                    }
                }
            }
        }
        p.note { (view.comparison().cells) " cells of " (view.comparison().traces) " workloads are in both." }
    }
}

fn facts(name: &str, report: &Report) -> Vec<(&'static str, String)> {
    let measurement = &report.measurement;
    let percent = |ratio: f64| super::row::percent(ratio).trim_start_matches('+').to_owned();
    let about_report = [
        ("Report", name.to_owned()),
        ("Command", text::command(&report.command)),
        ("Suite", report.suite.as_ref().map_or_else(String::new, |it| it.name.clone())),
        ("Measured", report.created_at.clone()),
    ];
    let about_run = [
        ("Machine", machine(&report.environment)),
        ("Machine’s mark", report.environment.id.chars().take(16).collect()),
        ("Passes", measurement.passes.join(", ")),
        ("Timed rounds", measurement.rounds.to_string()),
        ("Processes", measurement.processes.to_string()),
        ("Noise floor", measurement.noise_floor_ratio.map_or_else(String::new, percent)),
        ("Workloads", report.traces.len().to_string()),
        ("Strategies", report.strategies.len().to_string()),
        ("Cells", report.cells.len().to_string()),
        ("Complete", if report.complete { "yes".into() } else { "no: interrupted".into() }),
    ];
    about_report.into_iter().chain(environment::build(&report.tool)).chain(about_run).collect()
}
