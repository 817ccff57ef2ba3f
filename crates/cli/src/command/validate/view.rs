//! Results of cases as tables and a sentence.

use heaplab_report::table::{Block, Column, Entry, Role, Table};
use heaplab_validate::{Case, CaseResult, Check, Demand, Figure, Obstacle, Point, Verdict};
use serde_json::Value;

fn column(key: &str, role: Role) -> Column {
    Column { key: key.into(), heading: key.replace('_', " "), role, ..Column::default() }
}

fn number_column(key: &str) -> Column {
    Column { is_number: true, ..column(key, Role::Figure) }
}

fn table(columns: Vec<Column>, rows: Vec<Vec<Entry>>) -> Table {
    Table { columns, blocks: vec![Block { label: None, rows }], ..Table::default() }
}

fn blank() -> Entry {
    Entry::default()
}

fn figure(figure: Option<Figure>) -> Entry {
    let value = match figure {
        Some(Figure::Count(count)) => count.into(),
        Some(Figure::Ratio(ratio)) => ratio.into(),
        None => Value::Null,
    };
    Entry { text: figure.map_or_else(|| "–".into(), |figure| figure.to_string()), value }
}

/// What the cases are.
pub(super) fn catalogue<'a>(cases: impl Iterator<Item = &'a Case>) -> Table {
    let rows = cases.map(|case| {
        vec![
            Entry { text: case.number.to_string(), value: case.number.into() },
            Entry::word(case.name),
            Entry { text: format!("{}. {}", case.claim, case.source), value: case.claim.into() },
        ]
    });
    table(
        vec![number_column("case"), column("name", Role::Name), column("claim", Role::Sentences)],
        rows.collect(),
    )
}

/// The tables of one case: checks with the same figures stand below each other, the published ones above them.
pub(super) fn case(result: &CaseResult) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let mut rest = result.checks.as_slice();
    while let Some(first) = rest.first() {
        let is_alike = |check: &&Check| is_alike(check, first);
        let len = rest.iter().take_while(is_alike).count().max(1);
        let (group, others) = rest.split_at(len);
        tables.push(group_table(group));
        rest = others;
    }
    if let Some(table) = tables.first_mut() {
        table.title = format!("{} {}", result.case.number, result.case.name);
        table.subtitle = result.case.claim.into();
    }
    if let Some(table) = tables.last_mut() {
        table.footnotes.push(format!("source: {}", result.case.source));
    }
    tables
}

fn is_alike(check: &Check, other: &Check) -> bool {
    let places =
        |check: &Check| check.points.iter().map(|point| point.at.clone()).collect::<Vec<_>>();
    check.quantity == other.quantity && places(check) == places(other)
}

fn group_table(group: &[Check]) -> Table {
    let mut columns =
        vec![Column { heading: group[0].quantity.clone(), ..column("subject", Role::Name) }];
    columns.extend(group[0].points.iter().map(|point| number_column(&point.at)));
    columns.push(Column { heading: String::new(), ..column("verdict", Role::Figure) });
    let mut rows = Vec::new();
    let mut footnotes = Vec::new();
    let mut published = Vec::new();
    for check in group {
        let expected: Vec<_> = check.points.iter().map(Point::expectation).collect();
        if expected != published && !expected.is_empty() {
            let figures = expected.iter().map(Entry::word);
            rows.push([vec![Entry::word("published")], figures.collect(), vec![blank()]].concat());
            published = expected;
        }
        let figures = check.points.iter().map(|point| {
            let mut entry = figure(point.ours);
            if !point.passes() {
                entry.text.push('!');
            }
            entry
        });
        let verdict = Entry::word(check.verdict().as_str());
        rows.push([vec![Entry::word(&check.subject)], figures.collect(), vec![verdict]].concat());
        footnotes.extend(reason(check).map(|reason| format!("{}: {reason}", check.subject)));
    }
    Table { footnotes, ..table(columns, rows) }
}

/// Why figures are missing.
fn reason(check: &Check) -> Option<&str> {
    match check.obstacle.as_ref()? {
        Obstacle::Skipped(reason) | Obstacle::Broken(reason) | Obstacle::Unreadable(reason) => {
            Some(reason)
        }
    }
}

/// How many figures are as they must be, and how many there are.
fn count(result: &CaseResult) -> (usize, usize) {
    let points = || result.checks.iter().flat_map(|check| &check.points);
    (points().filter(|point| point.passes()).count(), points().count())
}

/// One row a case.
pub(super) fn overview(results: &[CaseResult]) -> Table {
    let rows = results.iter().map(|result| {
        let (good, all) = count(result);
        vec![
            Entry { text: result.case.number.to_string(), value: result.case.number.into() },
            Entry::word(result.case.name),
            Entry::word(result.verdict().as_str()),
            Entry::word(format!("{good} of {all}")),
        ]
    });
    let mut figures = number_column("figures");
    figures.heading = "figures as claimed".into();
    table(
        vec![
            number_column("case"),
            column("name", Role::Name),
            column("verdict", Role::Figure),
            figures,
        ],
        rows.collect(),
    )
}

/// One row a figure, for programs.
pub(super) fn figures(results: &[CaseResult]) -> Table {
    let mut rows = Vec::new();
    for result in results {
        for check in &result.checks {
            let reason = reason(check);
            rows.extend(check.points.iter().map(|point| row(result, check, Some(point), None)));
            if reason.is_some() || check.points.is_empty() {
                rows.push(row(result, check, None, reason));
            }
        }
    }
    let columns = ["case", "name", "subject", "quantity", "at", "published", "demand", "limit"]
        .into_iter()
        .chain(["ours", "verdict", "reason", "source"]);
    table(columns.map(|key| column(key, Role::Figure)).collect(), rows)
}

fn row(
    result: &CaseResult,
    check: &Check,
    point: Option<&Point>,
    reason: Option<&str>,
) -> Vec<Entry> {
    let word = |text: Option<&str>| text.map_or_else(Entry::absent, Entry::word);
    let verdict = match point {
        Some(point) if point.passes() => Verdict::Passed,
        Some(_) => Verdict::Failed,
        None => check.verdict(),
    };
    let (demand, limit) = point.map_or((None, None), |point| demand(point.demand));
    vec![
        Entry { text: result.case.number.to_string(), value: result.case.number.into() },
        Entry::word(result.case.name),
        Entry::word(&check.subject),
        Entry::word(&check.quantity),
        word(point.map(|point| point.at.as_str())),
        figure(point.and_then(|point| point.published)),
        word(demand),
        figure(limit.map(Figure::Ratio)),
        figure(point.and_then(|point| point.ours)),
        Entry::word(verdict.as_str().to_lowercase()),
        word(reason),
        Entry::word(result.case.source),
    ]
}

/// A demand's name for programs, and its number.
const fn demand(demand: Demand) -> (Option<&'static str>, Option<f64>) {
    match demand {
        Demand::Equal => (Some("equal"), None),
        Demand::AtLeast => (Some("at_least"), None),
        Demand::AtMost => (Some("at_most"), None),
        Demand::Within(tolerance) => (Some("within"), Some(tolerance)),
        Demand::Below(limit) => (Some("below"), Some(limit)),
        Demand::Above(limit) => (Some("above"), Some(limit)),
        Demand::Shown => (None, None),
    }
}

/// What came out, in words.
pub(super) fn sentence(results: &[CaseResult]) -> String {
    let named = |verdict: Verdict| -> Vec<String> {
        let of_verdict = results.iter().filter(|result| result.verdict() == verdict);
        of_verdict.map(|result| format!("{} ({})", result.case.number, result.case.name)).collect()
    };
    let (good, all) =
        results.iter().map(count).fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
    let (failed, skipped) = (named(Verdict::Failed), named(Verdict::Skipped));
    let passed = named(Verdict::Passed).len();
    let cases = |count: usize| if count == 1 { "case passes" } else { "cases pass" };
    let mut text = format!("{passed} {}: {good} of {all} figures are as claimed.", cases(passed));
    if !failed.is_empty() {
        text.push_str(&format!(" Failed: {}; figures at fault carry a '!'.", failed.join(", ")));
    }
    if !skipped.is_empty() {
        text.push_str(&format!(" Skipped: {}.", skipped.join(", ")));
    }
    text
}

/// What to type next: the failed cases alone, or those that were left out for want of files.
pub(super) fn next(results: &[CaseResult]) -> Option<String> {
    let numbers = |verdict: Verdict| -> Vec<String> {
        let of_verdict = results.iter().filter(|result| result.verdict() == verdict);
        of_verdict.map(|result| result.case.number.to_string()).collect()
    };
    let failed = numbers(Verdict::Failed);
    if !failed.is_empty() {
        return Some(format!("heaplab validate --case {} --format json", failed.join(",")));
    }
    let skipped = numbers(Verdict::Skipped);
    (!skipped.is_empty())
        .then(|| format!("heaplab validate --case {} --minimalloc DIR", skipped.join(",")))
}
