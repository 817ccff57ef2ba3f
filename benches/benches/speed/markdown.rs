//! The result as the tables of `results/README.md`.

use std::collections::BTreeSet;

use crate::Speed;
use crate::latency::Cell;
use crate::prototype::{STRUCTURES, TRACES};

/// All tables that there are figures for, an empty line between two.
pub(crate) fn tables(speed: &Speed) -> String {
    let tables = [
        goals(speed),
        cliffs(speed),
        prototype(speed),
        latency(speed),
        metadata(speed),
        reading(speed),
    ];
    tables.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// A table whose first column is text and whose others are numbers; nothing without rows.
fn table<const N: usize>(titles: [&str; N], rows: &[[String; N]]) -> Option<String> {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let rule = format!("|---|{}\n", "--:|".repeat(N - 1));
    let rows: String = rows.iter().map(|row| line(row)).collect();
    (!rows.is_empty()).then(|| line(&titles.map(str::to_owned)) + &rule + &rows)
}

fn goals(speed: &Speed) -> Option<String> {
    let rows: Vec<_> = speed
        .goals
        .iter()
        .filter(|goal| goal.real_traces > 0)
        .map(|goal| {
            [
                format!("`{}` / {}", goal.contestant, goal.base),
                format!("{:.2}", goal.goal_ratio),
                shown(goal.real_ratio, 2),
                goal.real_traces.to_string(),
            ]
        })
        .collect();
    table(["time, real programs", "goal", "measured", "traces"], &rows)
}

fn cliffs(speed: &Speed) -> Option<String> {
    let rows: Vec<_> = speed
        .cliffs
        .iter()
        .map(|cliff| {
            [
                format!(
                    "`{}` on {} / {} on {}",
                    cliff.contestant, cliff.trace, cliff.base_contestant, cliff.base_trace
                ),
                format!("{:.1}", cliff.goal_ratio),
                shown(cliff.ratio, 2),
            ]
        })
        .collect();
    table(["time", "goal, at most", "measured"], &rows)
}

fn prototype(speed: &Speed) -> Option<String> {
    let rows: Vec<_> = STRUCTURES
        .iter()
        .map(|structure| {
            let mut cells = TRACES.map(|trace| {
                let mut own = speed.prototype.iter().filter(|it| it.trace == trace);
                let found = own.find(|it| it.contestant == structure.contestant);
                let beside = found.and_then(|it| it.ratio_beside_peer);
                format!("{} ({})", shown(found.map(|it| it.ratio), 2), shown(beside, 2))
            });
            let [s3, s1, s2, s4, s4b, s5, s6] = cells.each_mut().map(std::mem::take);
            [format!("`{}`", structure.contestant), s1, s2, s3, s4, s4b, s5, s6]
        })
        .collect();
    let titles = ["over the prototype", "s1", "s2", "s3", "s4", "s4b", "s5", "s6"];
    if speed.prototype.is_empty() { None } else { table(titles, &rows) }
}

fn latency(speed: &Speed) -> Option<String> {
    let cells = speed.latency.iter().flat_map(|latency| &latency.cells);
    let row = |cell: &Cell| {
        let name = format!("{}, `{}`", cell.trace, cell.contestant);
        let quantiles = [cell.p50_ns, cell.p99_ns, cell.p999_ns].map(|ns| shown(Some(ns), 0));
        let [p50, p99, p999] = quantiles;
        [name, p50, p99, p999, shown(cell.p9999_ns, 0), shown(Some(cell.max_ns), 0)]
    };
    let rows: Vec<_> = cells.map(row).collect();
    table(["latency in ns", "p50", "p99", "p99.9", "p99.99", "max"], &rows)
}

fn metadata(speed: &Speed) -> Option<String> {
    let names: BTreeSet<&str> = speed.metadata.iter().map(|it| it.contestant).collect();
    let worst = names.into_iter().filter_map(|name| {
        let own = speed.metadata.iter().filter(|it| it.contestant == name);
        own.max_by(|a, b| a.reserved_bytes_per_entry.total_cmp(&b.reserved_bytes_per_entry))
    });
    let rows: Vec<_> = worst
        .map(|it| {
            [
                format!("`{}`", it.contestant),
                it.fixed_bytes.to_string(),
                shown(Some(it.reserved_bytes_per_entry), 1),
                it.trace.clone(),
                it.entries.to_string(),
            ]
        })
        .collect();
    table(["tables", "fixed bytes", "bytes per entry, at worst", "trace", "entries"], &rows)
}

fn reading(speed: &Speed) -> Option<String> {
    let rows: Vec<_> = speed
        .reading
        .iter()
        .map(|it| {
            let [decoded, imported, converted] =
                [it.decoded_per_second, it.imported_per_second, it.converted_per_second]
                    .map(|per_second| shown(Some(per_second / 1e6), 0));
            [it.trace.clone(), decoded, imported, converted]
        })
        .collect();
    table(
        ["million operations a second", "`.hlt` decoded", "`.rep` imported", "`.rep` to `.hlt`"],
        &rows,
    )
}

fn shown(value: Option<f64>, digits: usize) -> String {
    value.map_or("-".into(), |value| format!("{value:.digits$}"))
}
