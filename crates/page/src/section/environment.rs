//! The machine and the build.

use std::fmt::Display;

use heaplab_report::number::bytes;
use heaplab_report::{Known, Tool};
use maud::{Markup, html};

use crate::text;
use crate::view::View;

pub(crate) fn section(view: &View<'_>) -> Markup {
    let rows: Vec<(&str, String)> = machine(view)
        .into_iter()
        .chain(build(&view.report.tool))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    html! {
        dl.glossary.facts-list {
            @for (name, value) in &rows { dt { (name) } dd { (text::cut(value, 300)) } }
        }
    }
}

fn machine(view: &View<'_>) -> Vec<(&'static str, String)> {
    let machine = &view.report.environment;
    let size = |known: Known<u64>| shown(&known.map(bytes));
    vec![
        ("Processor", shown(&machine.cpu.model)),
        (
            "Cores",
            format!(
                "{} physical, {} logical",
                shown(&machine.cpu.physical_cores),
                shown(&machine.cpu.logical_cores)
            ),
        ),
        ("Frequency governor", shown(&machine.cpu.governor)),
        ("Turbo", yes(&machine.cpu.turbo)),
        ("Memory", size(machine.memory.total_bytes)),
        ("Page size", size(machine.memory.page_bytes)),
        ("Huge pages", shown(&machine.memory.thp)),
        ("System", format!("{}, kernel {}", shown(&machine.os), shown(&machine.kernel))),
        ("Architecture", shown(&machine.arch)),
        ("C library", shown(&machine.libc)),
        ("Virtual machine", yes(&machine.virtualised)),
        ("Address space randomized", yes(&machine.aslr)),
        ("Clock", shown(&machine.clock.source)),
        ("Cost of a reading", shown(&machine.clock.cost_ns.map(text::ns))),
        (
            "Load before, after",
            format!("{}, {}", shown(&machine.load_before), shown(&machine.load_after)),
        ),
        ("Throttled", yes(&machine.throttled)),
    ]
}

/// What was built, and how.
pub(crate) fn build(tool: &Tool) -> Vec<(&'static str, String)> {
    let or_none = |value: &Option<String>| value.clone().unwrap_or_default();
    let dirty = if tool.git_dirty == Some(true) { ", with changes" } else { "" };
    vec![
        ("heaplab", tool.version.clone()),
        ("Commit", tool.git_commit.as_ref().map_or_else(String::new, |it| format!("{it}{dirty}"))),
        ("Compiler", or_none(&tool.rustc)),
        (
            "Profile",
            [("", &tool.profile), ("opt-level ", &tool.opt_level), ("lto ", &tool.lto)]
                .iter()
                .filter_map(|(name, value)| Some(format!("{name}{}", value.as_ref()?)))
                .collect::<Vec<_>>()
                .join(", "),
        ),
        ("Target", or_none(&tool.target)),
    ]
}

fn shown<T: Display>(known: &Known<T>) -> String {
    known.to_string()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as `shown`, which takes what is no copy")]
fn yes(known: &Known<bool>) -> String {
    match known.value() {
        Some(true) => "yes".to_owned(),
        Some(false) => "no".to_owned(),
        None => "unknown".to_owned(),
    }
}
