//! Exact figures that differ, cells that end in another way, and what only one report has.

use heaplab_report::compare::{SpaceRow, Verdict};
use heaplab_report::number::exact;
use maud::{Markup, html};

use super::View;
use super::headline::left_out;
use super::row::{class, percent, word};
use crate::text;

/// Rows of a table: what keeps the page below 3 MiB.
const ROWS: usize = 1000;

/// Heaps that a row names before it only counts them.
const HEAPS: usize = 6;

pub(super) fn section(view: &View<'_>) -> Markup {
    let comparison = view.comparison();
    let equal = comparison.equal_figures;
    if comparison.space.is_empty() && comparison.outcomes.is_empty() && equal == 0 {
        return html! {};
    }
    let mut rows: Vec<&SpaceRow> = comparison.space.iter().collect();
    let size = |row: &SpaceRow| row.changed.ratio.map_or(f64::INFINITY, f64::abs);
    rows.sort_by(|a, b| {
        let gravity = a.verdict.gravity().cmp(&b.verdict.gravity());
        gravity.then(size(b).total_cmp(&size(a)))
    });
    let of = |count: usize, one: &str, many: &str| match count {
        0 => "none".to_owned(),
        1 => format!("1 {one}"),
        _ => format!("{} {many}", exact(u64::try_from(count).unwrap_or(u64::MAX))),
    };
    html! {
        p.lead {
            "Equal code gives equal figures on every machine, so any difference is real. "
            (of(equal, "figure is", "figures are")) @if equal == 0 { " are" } " equal; "
            (of(rows.len(), "row differs", "rows differ")) @if rows.is_empty() { " differs" } "."
        }
        (outcomes(view))
        @if !rows.is_empty() {
            div.scroll tabindex="0" role="group" aria-label="Exact figures that differ" {
                table.data {
                    caption { "Exact figures that differ" }
                    thead { tr { @for heading in ["strategy", "workload", "heaps", "figure", "old", "new", "difference", "change", "verdict"] { th scope="col" { (heading) } } } }
                    tbody { @for row in rows.iter().take(ROWS) { (space_row(view, row)) } }
                }
            }
            (left_out(rows.len(), ROWS))
        }
    }
}

fn space_row(view: &View<'_>, row: &SpaceRow) -> Markup {
    let (old, new) = row.texts();
    html! {
        tr data-s=(view.strategy(&row.strategy)) data-t=(view.trace(&row.trace)) {
            th.name scope="row" { (text::name(&row.strategy)) }
            td { (text::name(&row.trace)) }
            td.n { (heaps(&row.heaps)) }
            td { (text::cut(&row.label(), 60)) }
            td.n { (text::cut(&old, 40)) }
            td.n { (text::cut(&new, 40)) }
            td.n { (row.difference().unwrap_or_else(|| "–".to_owned())) }
            td.n data-v=[row.changed.ratio] { @match row.changed.ratio { Some(ratio) => (percent(ratio)), None => "–" } }
            td class=(class(row.verdict)) { (counted(row.verdict, row.is_ours)) }
        }
    }
}

/// The verdict; that of a peer or a floor counts for nobody.
fn counted(verdict: Verdict, is_ours: bool) -> String {
    let word = word(verdict);
    if is_ours || verdict == Verdict::Differs {
        word.to_owned()
    } else {
        format!("{word} (not ours)")
    }
}

fn heaps(heaps: &[String]) -> String {
    let named: Vec<String> = heaps.iter().take(HEAPS).map(|heap| text::cut(heap, 20)).collect();
    let rest = heaps.len().saturating_sub(HEAPS);
    let more = if rest > 0 { format!(" (+{rest})") } else { String::new() };
    format!("{}{more}", named.join(", "))
}

fn outcomes(view: &View<'_>) -> Markup {
    let rows = &view.comparison().outcomes;
    html! {
        @if !rows.is_empty() {
            div.scroll tabindex="0" role="group" aria-label="Cells that end in another way" {
                table.data {
                    caption { "Cells that end in another way" }
                    thead { tr { @for heading in ["strategy", "workload", "heap", "old", "new", "verdict"] { th scope="col" { (heading) } } } }
                    tbody {
                        @for row in rows.iter().take(ROWS) {
                            tr data-s=(view.strategy(&row.strategy)) data-t=(view.trace(&row.trace)) {
                                th.name scope="row" { (text::name(&row.strategy)) }
                                td { (text::name(&row.trace)) } td.n { (text::cut(&row.heap, 20)) }
                                td.n { (row.old.as_str()) } td.n { (row.new.as_str()) }
                                td class=(class(row.verdict)) { (counted(row.verdict, row.is_ours)) }
                            }
                        }
                    }
                }
            }
            (left_out(rows.len(), ROWS))
        }
    }
}

/// Cells that have no partner.
pub(super) fn only(view: &View<'_>) -> Markup {
    let comparison = view.comparison();
    let sides = [("the old", &comparison.only_in_old), ("the new", &comparison.only_in_new)];
    html! {
        @if sides.iter().any(|(_, list)| !list.is_empty()) {
            p.lead { "A cell is matched by trace, strategy, parameters, heap, granule and mode. These have no partner, and say nothing about the change." }
            @for (side, list) in sides {
                @if !list.is_empty() {
                    p { b { "Only in " (side) " report: " }
                        @for (index, (name, cells)) in list.iter().take(ROWS).enumerate() {
                            @if index > 0 { ", " }
                            span data-s=(view.strategy(name)) { (text::name(name)) " (" (cells) @if *cells == 1 { " cell)" } @else { " cells)" } }
                        }
                    }
                    (left_out(list.len(), ROWS))
                }
            }
        }
    }
}
