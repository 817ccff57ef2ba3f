//! Times: a forest plot for each workload, the ratio of new to old with its interval, and the verdict at the row.

use heaplab_report::compare::{self, Basis, TimeRow, Times, Verdict};
use heaplab_report::number::significant;
use maud::{Markup, html};

use super::row::{class, heap, interval, look, p_text, percent, shape, word, words};
use super::{View, headline};
use crate::chart::{self, Axis, Chart, Extras, Line, Point, Rule, Scale, Shade, Word};
use crate::view::Look;
use crate::{figure, text};

/// Rows of one workload that are shown before the rest is only counted.
const ROWS_OF_TRACE: usize = 60;

/// Rows of the whole page: what keeps it below 3 MiB.
const ROWS_OF_PAGE: usize = 1200;

/// The rows of one workload, what differs first.
struct Group<'a> {
    trace: &'a str,
    index: usize,
    rows: Vec<&'a TimeRow>,
    left_out: usize,
}

pub(super) fn section(view: &View<'_>) -> Markup {
    let Some(times) = &view.comparison().times else { return html! {} };
    let groups = groups(view, times);
    let left_out: usize = groups.iter().map(|group| group.left_out).sum();
    let rows: Vec<&TimeRow> = groups.iter().flat_map(|group| group.rows.iter().copied()).collect();
    let x = axis(times, &rows);
    html! {
        p.lead {
            "How long an operation takes in the new report over the old one: left of 1 the new one is faster. "
            "The stroke is the interval that the ratio lies in with 95 % confidence; a verdict needs the whole stroke beyond what is shaded, and a " a.term href="#w-p" { "p" } " below 0.05."
        }
        p.lead { (capital(&compare::how_judged(times))) "." @if let Some(basis) = compare::how_relative(times) { " " (capital(&basis)) "." } }
        @if let Some(again) = compare::how_confirmed(times) { p.lead { "Rings: " (again) ". What a ring shows is what counts." } }
        (legend(times, &rows))
        @if left_out > 0 {
            p.note {
                (left_out) " of " (times.rows.len()) " rows are left out to keep this page readable, those that differ least. "
                code { "heaplab compare --all --format csv" } " lists every row."
            }
        }
        @for group in &groups {
            @if !group.rows.is_empty() { (shown(view, times, group, &x)) }
        }
        (instructions(view, times))
    }
}

fn capital(sentence: &str) -> String {
    let mut signs = sentence.chars();
    signs.next().map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}

/// One group a workload, in the order of the new report; inside it regressions first, then by size.
fn groups<'a>(view: &View<'a>, times: &'a Times) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for row in &times.rows {
        match groups.iter_mut().find(|group| group.trace == row.trace) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group {
                trace: &row.trace,
                index: view.trace(&row.trace),
                rows: vec![row],
                left_out: 0,
            }),
        }
    }
    groups.sort_by_key(|group| group.index);
    // With very many workloads each has its share, so that none pushes another off the page.
    let share = (ROWS_OF_PAGE / groups.len().max(1)).min(ROWS_OF_TRACE);
    for group in &mut groups {
        group.rows.sort_by(|a, b| {
            let size = |row: &TimeRow| row.relative_ratio.abs();
            let gravity = a.suspicion.gravity().cmp(&b.suspicion.gravity());
            gravity.then(size(b).total_cmp(&size(a)))
        });
        group.left_out = group.rows.len().saturating_sub(share);
        group.rows.truncate(share);
    }
    groups
}

/// One axis for all workloads, so that they compare by eye: around 1, every point and what must be exceeded.
fn axis(times: &Times, rows: &[&TimeRow]) -> Axis {
    let points = rows.iter().flat_map(|row| {
        let again = row.confirmation.as_ref().map(|again| again.change_ratio);
        [row.relative_ratio, row.change_ratio].into_iter().chain(again)
    });
    let gates = gates(times).into_iter().map(|(_, ratio, _)| ratio * 1.5);
    let far = |ratio: f64| (1.0 + ratio).max(1e-3).ln().abs();
    let points: Vec<f64> = points.filter(|it| it.is_finite()).collect();
    let reach = |wanted: &dyn Fn(f64) -> bool| {
        points.iter().filter(|it| wanted(**it)).map(|it| far(*it)).fold(0.0, f64::max)
    };
    let gate = gates.fold(0.03_f64.ln_1p(), |most, ratio| most.max(ratio.ln_1p()));
    // Intervals may be far wider than all points lie apart; they are let out up to twice as far.
    let ends = |which: usize| {
        let ends = rows.iter().filter_map(move |row| Some(far(row.interval?[which])));
        ends.fold(0.0, f64::max)
    };
    let side = |reach: f64, interval: f64| (reach.max(gate).max(interval.min(2.0 * reach))) * 1.08;
    let left = side(reach(&|it| it < 0.0), ends(0));
    let right = side(reach(&|it| it > 0.0), ends(1));
    let ends = [(-left).exp(), right.exp()];
    Axis { from: ends[0], to: ends[1], ..Axis::over(Scale::Log, ends, tick) }
}

/// `1.05×`, without digits that say nothing.
fn tick(ratio: f64) -> String {
    text::tick_times(ratio)
}

/// What a verdict must exceed: words, ratio, class of the shade; the widest first.
fn gates(times: &Times) -> Vec<(&'static str, f64, u8)> {
    let mut gates: Vec<(&'static str, f64, u8)> = [
        ("luck of a single process", times.luck_ratio(), 0),
        ("threshold", Some(times.threshold_ratio), 1),
        ("noise floor", times.noise_floor_ratio, 2),
    ]
    .into_iter()
    .filter_map(|(name, ratio, class)| Some((name, ratio.filter(|it| *it > 0.0)?, class)))
    .collect();
    gates.sort_by(|a, b| b.1.total_cmp(&a.1));
    gates
}

/// What shapes, colors and shades mean; only what is there.
fn legend(times: &Times, rows: &[&TimeRow]) -> Markup {
    let is_there = |verdict| rows.iter().any(|row| row.outcome() == verdict);
    html! {
        ul.legend.plainly {
            @for verdict in [Verdict::Better, Verdict::Worse, Verdict::Same] {
                @if is_there(verdict) {
                    li { (chart::sign(Look::of_verdict(0, shape(verdict)))) span { (word(verdict)) } }
                }
            }
            @if rows.iter().any(|row| row.basis != Basis::Clock) {
                li { (chart::sign(Look::NOBODY.crossed())) span { "by the clock alone" } }
            }
            @for (name, ratio, class) in gates(times) {
                li { (chart::swatch(&format!("shade{class}"))) span { (name) " ±" (percent(ratio).trim_start_matches('+')) } }
            }
        }
    }
}

fn shown(view: &View<'_>, times: &Times, group: &Group<'_>, x: &Axis) -> Markup {
    let name = text::name(group.trace);
    html! {
        div.forest id={ "time-" (group.index) } data-t=(group.index) {
            (figure::figure(Some(group.index), &chart(view, times, group, x), None))
            @if group.left_out > 0 { p.note { (group.left_out) " more rows of " (name) ", which differ less" } }
            (figure::numbers(&format!("The numbers of {name}"), &numbers(view, group)))
        }
    }
}

fn chart(view: &View<'_>, times: &Times, group: &Group<'_>, x: &Axis) -> Chart {
    let rows = || group.rows.iter().enumerate().map(|(at, row)| (text::len_f64(at), *row));
    let mut lines = Vec::new();
    for (y, row) in rows() {
        let look = look(view, row);
        let name = text::name(&row.strategy);
        if row.basis != Basis::Clock {
            let said = format!("{} by the clock, in {}", percent(row.change_ratio), heap(row));
            let point = Point { x: 1.0 + row.change_ratio, y, text: said, ..Point::default() };
            lines.push(line(look.crossed(), &name, point));
        }
        lines.extend(again(row, y, look, &name));
        let reach = row.interval.map(|ends| ends.map(|end| (1.0 + end).max(1e-6)));
        let said = format!(
            "{} in {}, {}, p {}: {}",
            percent(row.relative_ratio),
            heap(row),
            interval(row.interval),
            p_text(row.p_adjusted),
            words(row)
        );
        let point = Point { x: 1.0 + row.relative_ratio, y, reach, text: said, ..Point::default() };
        lines.push(line(look, &name, point));
    }
    let label = |row: &TimeRow| format!("{} · {}", text::cut(&row.strategy, 22), heap(row));
    let names = rows().map(|(y, row)| (y, label(row))).collect();
    let count = i32::try_from(group.rows.len()).unwrap_or(1);
    let differ = group.rows.iter().filter(|row| row.outcome() != Verdict::Same).count();
    Chart {
        id: format!("forest-{}", group.index),
        title: format!("{}: time, new over old", text::name(group.trace)),
        description: format!(
            "One row a strategy and heap, {count} rows; {differ} of them differ beyond the noise. The numbers follow as a table."
        ),
        width: 900,
        height: count.saturating_mul(22).saturating_add(52),
        x: x.clone(),
        y: Axis {
            label_width: 205,
            ..Axis::over(Scale::Rows, rows().map(|(y, _)| y), text::times).named(names)
        },
        lines,
        rules: vec![Rule { x: 1.0, label: String::new() }],
        extras: Extras {
            shades: gates(times)
                .into_iter()
                .map(|(_, ratio, class)| Shade {
                    from: 1.0 / (1.0 + ratio),
                    to: 1.0 + ratio,
                    class,
                })
                .collect(),
            words: rows()
                .map(|(y, row)| Word { y, text: words(row), look: look(view, row) })
                .collect(),
            word_width: 136,
        },
    }
}

/// A second look at a row: a ring of its own below the first.
fn again(row: &TimeRow, y: f64, look: Look, name: &str) -> Option<Line> {
    let again = row.confirmation.as_ref()?;
    let said = format!(
        "{} when measured again, {}, p {}",
        percent(again.change_ratio),
        interval(again.interval),
        p_text(again.p_adjusted)
    );
    let point = Point {
        x: 1.0 + again.change_ratio,
        y: y + 0.32,
        reach: again.interval.map(|ends| ends.map(|end| (1.0 + end).max(1e-6))),
        is_ringed: true,
        text: said,
        ..Point::default()
    };
    Some(line(look, name, point))
}

fn line(look: Look, name: &str, point: Point) -> Line {
    Line { look, name: name.to_owned(), points: vec![point], is_joined: false, is_marked: true }
}

fn numbers(view: &View<'_>, group: &Group<'_>) -> Markup {
    let has_again = group.rows.iter().any(|row| row.confirmation.is_some());
    html! {
        table.data {
            caption { "Times on " (text::name(group.trace)) }
            thead { tr {
                th scope="col" { "strategy" }
                @for (anchor, heading, unit) in [
                    ("w-heap", "heap", ""), ("w-time", "old", "ns/op"), ("w-time", "new", "ns/op"), ("w-clock", "change", "clock"),
                    ("w-relative", "relative", "to others"), ("w-interval", "interval", ""), ("w-p", "p", ""),
                ] {
                    (head(anchor, heading, unit))
                }
                @if has_again { (head("w-again", "again", "old → new, ns/op")) (head("w-again", "again", "change")) (head("w-again", "again", "p")) }
                (head("w-verdict", "verdict", ""))
            } }
            tbody {
                @for row in &group.rows {
                    tr data-s=(view.strategy(&row.strategy)) {
                        th.name scope="row" { (text::name(&row.strategy)) }
                        td.n { (heap(row)) }
                        td.n { (significant(row.old_ns)) }
                        td.n { (significant(row.new_ns)) }
                        td.n data-v=(row.change_ratio) { (percent(row.change_ratio)) }
                        td.n data-v=(row.relative_ratio) { (percent(row.relative_ratio)) }
                        td.n { (interval(row.interval)) }
                        td.n data-v=(row.p_adjusted) { (p_text(row.p_adjusted)) }
                        @if has_again { (numbers_again(row)) }
                        td class=(class(row.outcome())) { (words(row)) }
                    }
                }
            }
        }
    }
}

fn head(anchor: &str, heading: &str, unit: &str) -> Markup {
    html! {
        th scope="col" { a.term href={ "#" (anchor) } { (heading) } @if !unit.is_empty() { " " small { (unit) } } }
    }
}

/// The figures of a second look.
fn numbers_again(row: &TimeRow) -> Markup {
    html! {
        @match &row.confirmation {
            Some(again) => {
                td.n { (significant(again.old_ns)) " → " (significant(again.new_ns)) }
                td.n data-v=(again.change_ratio) { (percent(again.change_ratio)) " (" (interval(again.interval)) ")" }
                td.n data-v=(again.p_adjusted) { (p_text(again.p_adjusted)) }
            },
            None => { td.n { "–" } td.n { "–" } td.n { "–" } },
        }
    }
}

/// Instruction counts that differ, which need no test.
fn instructions(view: &View<'_>, times: &Times) -> Markup {
    let rows = &times.instructions;
    html! {
        @if !rows.is_empty() {
            div.scroll tabindex="0" role="group" aria-label="Instructions" {
                table.data {
                    caption { "Instructions that differ by more than 0.5 %" }
                    thead { tr { @for heading in ["strategy", "workload", "heap", "old", "new", "change", "verdict"] { th scope="col" { (heading) } } } }
                    tbody {
                        @for row in rows.iter().take(ROWS_OF_PAGE) {
                            tr data-s=(view.strategy(&row.strategy)) data-t=(view.trace(&row.trace)) {
                                th.name scope="row" { (text::name(&row.strategy)) }
                                td.n { (text::name(&row.trace)) } td.n { (text::cut(&row.heap, 20)) }
                                td.n data-v=(row.old) { (heaplab_report::number::exact(row.old)) }
                                td.n data-v=(row.new) { (heaplab_report::number::exact(row.new)) }
                                td.n data-v=(row.ratio) { (percent(row.ratio)) }
                                td class=(class(row.verdict)) { (word(row.verdict)) }
                            }
                        }
                    }
                }
            }
            (headline::left_out(rows.len(), ROWS_OF_PAGE))
        }
    }
}
