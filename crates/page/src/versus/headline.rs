//! The answer in words, and what was compared.

use heaplab_report::Report;
use heaplab_report::compare::{self, Comparison, TimeRow, Verdict};
use maud::{Markup, html};

use super::View;
use super::row::{heap, interval, percent};
use crate::text;

/// Rows that are named before the rest is only counted.
const NAMED: usize = 6;

pub(super) fn section(view: &View<'_>) -> Markup {
    let (compared, comparison) = (view.compared, view.comparison());
    html! {
        section.answer id="answer" aria-labelledby="answer-h" {
            p.kicker {
                b { (text::name(compared.old_name)) } (side(compared.old))
                " → "
                b { (text::name(compared.new_name)) } (side(compared.new))
            }
            h1 id="answer-h" { (verdict(comparison)) }
            ul.sentences {
                @for sentence in sentences(view) { li { (sentence) } }
                @if !comparison.is_same { li { (compare::summary(comparison)) } }
            }
            (care(comparison))
            (commands(view))
        }
    }
}

/// `, 4f2a1c9 of 2026-01-10`.
fn side(report: &Report) -> String {
    let commit = report.tool.git_commit.as_deref().map(|it| it.chars().take(7).collect::<String>());
    let date = report.created_at.get(..10).unwrap_or("an unknown day");
    match commit {
        Some(commit) => format!(" (build {}, {})", text::name(&commit), text::name(date)),
        None => format!(" ({})", text::name(date)),
    }
}

/// The one sentence that stands above all.
fn verdict(comparison: &Comparison) -> String {
    if comparison.is_same {
        return "Both are the same report".to_owned();
    }
    let tally = comparison.tally();
    let count = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    };
    match (tally.regressions, tally.improvements) {
        (0, 0) if tally.others == 0 => "No difference that can be told from noise".to_owned(),
        (0, 0) => {
            format!("Nothing better, nothing worse; {}", count(tally.others, "other difference"))
        }
        (0, better) => format!("Nothing became worse, {} better", count(better, "figure")),
        (worse, 0) => format!("{} became worse, nothing better", count(worse, "figure")),
        (worse, better) => {
            format!("{} became worse, {} better", count(worse, "figure"), count(better, "figure"))
        }
    }
}

/// The gravest differences, each in a sentence.
fn sentences(view: &View<'_>) -> Vec<Markup> {
    let comparison = view.comparison();
    let mut sentences = Vec::new();
    let times: Vec<&TimeRow> = comparison.times.iter().flat_map(|times| &times.rows).collect();
    for verdict in [Verdict::Worse, Verdict::Better] {
        let mut rows: Vec<&TimeRow> =
            times.iter().copied().filter(|row| row.outcome() == verdict && row.is_ours).collect();
        rows.sort_by(|a, b| b.relative_ratio.abs().total_cmp(&a.relative_ratio.abs()));
        let (word, class) = match verdict {
            Verdict::Worse => ("Slower: ", "worse"),
            _ => ("Faster: ", "better"),
        };
        for row in rows.iter().take(NAMED) {
            sentences.push(html! {
                b class=(class) { (word) } (text::name(&row.strategy)) " on "
                a href={ "#time-" (view.trace(&row.trace)) } { (text::name(&row.trace)) }
                " in " (heap(row)) ", " (percent(row.relative_ratio))
                @if row.interval.is_some() { " (" (interval(row.interval)) ")" }
                @if let Some(again) = &row.confirmation {
                    "; measured again " (percent(again.change_ratio)) " (" (interval(again.interval)) ")"
                }
            });
        }
        if rows.len() > NAMED {
            let more = rows.len() - NAMED;
            sentences.push(html! { b class=(class) { (word) } (more) " more" });
        }
    }
    let refuted: Vec<&TimeRow> =
        times.iter().copied().filter(|row| row.is_confirmed() == Some(false)).collect();
    if !refuted.is_empty() {
        let count = refuted.len();
        let names: Vec<String> = refuted.iter().take(NAMED).map(|row| named(row)).collect();
        sentences.push(html! {
            b { "Not confirmed: " } (names.join(", ")) @if count > NAMED { ", " (count - NAMED) " more" }
            "; what looked like a difference was not there in fresh processes"
        });
    }
    let worse = |verdict| {
        let space = comparison.space.iter().filter(|row| row.verdict == verdict && row.is_ours);
        let outcomes = comparison.outcomes.iter().filter(|it| it.verdict == verdict && it.is_ours);
        space.count() + outcomes.count()
    };
    for (count, word, class) in
        [(worse(Verdict::Worse), "worse", "worse"), (worse(Verdict::Better), "better", "better")]
    {
        if count > 0 {
            let word = format!("{}{}", word[..1].to_uppercase(), &word[1..]);
            sentences.push(html! {
                b class=(class) { (word) ": " } (count) " of the "
                a href="#space" { "exact figures" }
                ", where any difference is real"
            });
        }
    }
    sentences
}

fn named(row: &TimeRow) -> String {
    format!("{} on {}", text::name(&row.strategy), text::name(&row.trace))
}

/// What to beware of.
fn care(comparison: &Comparison) -> Markup {
    let forced = comparison.obstacles.iter().filter(|_| comparison.times.is_some());
    let remarks: Vec<String> = forced
        .map(|obstacle| format!("times were compared all the same: {obstacle}"))
        .chain(compare::notes(comparison))
        .collect();
    html! {
        @if !remarks.is_empty() {
            details.warnings open {
                summary { "Read with care: " (remarks.len()) @if remarks.len() == 1 { " remark" } @else { " remarks" } }
                ul { @for remark in &remarks { li { (text::cut(remark, 400)) } } }
            }
        }
    }
}

/// The commands that made the two reports.
fn commands(view: &View<'_>) -> Markup {
    let compared = view.compared;
    html! {
        @for (name, report) in [("Old", compared.old), ("New", compared.new)] {
            @if !report.command.is_empty() {
                p.repeat { (name) ": " code { (text::cut(&text::command(&report.command), 400)) } }
            }
        }
    }
}

/// Says how many rows of a table were left out, where some were.
pub(super) fn left_out(rows: usize, shown: usize) -> Markup {
    html! {
        @if rows > shown {
            p.note {
                (rows - shown) " of " (rows) " rows are left out to keep this page readable. "
                code { "heaplab compare --all --format csv" } " lists every row."
            }
        }
    }
}
