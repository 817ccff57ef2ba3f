//! What a comparison says in words.

use crate::compare::{Basis, Comparison, PROCESS_LUCK_RATIO, Power, TimeRow, Times, Unit};
use crate::table::clean;

/// Strategies that are named before the rest is only counted.
const NAMED: usize = 5;

/// Longest name in a sentence, in columns.
const LONGEST_NAME: usize = 60;

/// How the times were judged, for the line above their table.
pub fn how_judged(times: &Times) -> String {
    let Power { unit, old, new, rows, .. } = times.power;
    let samples = if old == new { format!("{old}") } else { format!("{old} and {new}") };
    let noise = match times.noise_floor_ratio {
        Some(ratio) => format!("and the noise floor {}", percent(ratio)),
        None => "(no noise floor was measured)".into(),
    };
    let samples = match unit {
        Unit::Pair => format!("{old} {}", plural(old, unit)),
        _ => format!("{samples} {} a side", plural(old.max(new), unit)),
    };
    let luck = match unit {
        Unit::Round => format!(", and a process's luck, {}", percent(PROCESS_LUCK_RATIO)),
        Unit::Process | Unit::Pair => String::new(),
    };
    format!(
        "{samples}, Holm-adjusted over {rows} {}, must also exceed --threshold {} {noise}{luck}",
        if rows == 1 { "row" } else { "rows" },
        percent(times.threshold_ratio)
    )
}

/// What the relative changes are relative to, and what else a verdict needs.
pub fn how_relative(times: &Times) -> Option<String> {
    let has = |basis| times.rows.iter().any(|row| row.basis == basis);
    let text = if has(Basis::Neighbors) {
        "relative: without what the other strategies of the trace had in common in the same rounds; a verdict \
         needs the clock to point the same way"
    } else if has(Basis::Peers) {
        "relative: without what the peers, whose code is the same, had in common in the same rounds"
    } else if times.floor_change_ratio.is_some() {
        "too few others to compare with: a verdict needs more than the floors changed by"
    } else {
        "nothing to compare with but the clock: what the machine did stays in the times"
    };
    (!times.rows.is_empty()).then(|| text.into())
}

fn plural(count: usize, unit: Unit) -> &'static str {
    if count == 1 { unit.as_str() } else { unit.plural() }
}

/// What a reader should know before trusting the verdicts: too little power, a noisy machine, what was left out.
pub fn notes(comparison: &Comparison) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(times) = &comparison.times {
        let power = &times.power;
        if !power.suffices() {
            let have = power.old.min(power.new);
            notes.push(format!(
                "too few {} to judge times: {} a side, and {} {} need {} (or fewer rows: -s, -t)",
                power.unit.plural(),
                have,
                power.rows,
                if power.rows == 1 { "row" } else { "rows" },
                power.needed,
            ));
        }
        if power.unit == Unit::Round && confirmed(times).is_none() {
            notes.push(format!(
                "times come from one process a side, so changes below {} may be its luck and do not count; \
                 `heaplab run --processes 8` measures in several, and each counts once; `--confirm` measures what looks \
                 different again",
                percent(PROCESS_LUCK_RATIO)
            ));
        }
        if let Some(drift) = times.drift_ratio
            && drift.abs() > times.threshold_ratio
        {
            notes.push(format!(
                "the floors, whose code is the same, changed by {} between the runs: the machine was not the same; \
                 read the relative change",
                signed_percent(drift)
            ));
        }
        if let Some(noise) = times.noise_floor_ratio
            && noise > 0.05
        {
            notes.push(format!(
                "the noise floor is {}: smaller changes cannot be told on so busy a machine (heaplab doctor)",
                percent(noise)
            ));
        }
    }
    for (list, which) in [(&comparison.only_in_old, "old"), (&comparison.only_in_new, "new")] {
        if !list.is_empty() {
            notes.push(format!("only in the {which} report: {}", listed(list)));
        }
    }
    notes
}

fn listed(list: &[(String, usize)]) -> String {
    let cells = |count: usize| if count == 1 { "cell" } else { "cells" };
    let mut words: Vec<String> = list
        .iter()
        .take(NAMED)
        .map(|(name, count)| format!("{} ({count} {})", clean(name, LONGEST_NAME), cells(*count)))
        .collect();
    let rest: usize = list.iter().skip(NAMED).map(|(_, count)| count).sum();
    if rest > 0 {
        words.push(format!("{} more strategies ({rest} {})", list.len() - NAMED, cells(rest)));
    }
    words.join(", ")
}

/// The last word: how many regressions and improvements.
pub fn summary(comparison: &Comparison) -> String {
    if comparison.is_same {
        return "Both are the same report.".into();
    }
    let tally = comparison.tally();
    let count = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {many}")),
    };
    let parts: Vec<String> = [
        count(tally.regressions, "regression", "regressions"),
        count(tally.improvements, "improvement", "improvements"),
        count(tally.others, "other difference", "other differences"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let compared = compared(comparison);
    if parts.is_empty() {
        format!("No difference{compared}.")
    } else {
        format!("{}{compared}.", parts.join(", "))
    }
}

fn compared(comparison: &Comparison) -> String {
    let mut parts = Vec::new();
    if comparison.equal_figures > 0 {
        parts.push(format!(
            "{} exact figures are equal",
            crate::number::exact(comparison.equal_figures as u64)
        ));
    }
    match &comparison.times {
        Some(times) if times.power.suffices() => {
            parts.extend(confirmed(times));
            let same =
                times.rows.iter().filter(|row| row.outcome() == crate::compare::Verdict::Same);
            let same = same.count();
            parts.push(format!("{same} of {} times cannot be told apart", times.rows.len()));
        }
        Some(_) => parts.push("times were not judged".into()),
        None => {}
    }
    if parts.is_empty() { String::new() } else { format!("; {}", parts.join(", ")) }
}

/// How many of the suspicious times a second look confirmed.
fn confirmed(times: &Times) -> Option<String> {
    let again: Vec<bool> = times.rows.iter().filter_map(TimeRow::is_confirmed).collect();
    let yes = again.iter().filter(|is_confirmed| **is_confirmed).count();
    match again.len() {
        0 => None,
        1 if yes == 1 => Some("the suspicious time was confirmed".into()),
        1 => Some("the suspicious time was not confirmed".into()),
        all => Some(format!("{yes} of {all} suspicious times were confirmed")),
    }
}

/// How the second look was taken, for the line above its table; none where there was none.
pub fn how_confirmed(times: &Times) -> Option<String> {
    let again = || times.rows.iter().filter_map(|row| row.confirmation.as_ref());
    let rows = again().count();
    let [old, new] = again().next()?.processes;
    let processes = if old == new { old.to_string() } else { format!("{old} and {new}") };
    let gate = times.threshold_ratio.max(times.noise_floor_ratio.unwrap_or(0.0));
    Some(format!(
        "measured again, {processes} fresh processes a side in turns, one figure each; Holm-adjusted over {rows} {}, \
         must exceed {}",
        if rows == 1 { "row" } else { "rows" },
        percent(gate)
    ))
}

fn percent(ratio: f64) -> String {
    let value = ratio * 100.0;
    if value.fract() == 0.0 { format!("{value:.0} %") } else { format!("{value:.1} %") }
}

fn signed_percent(ratio: f64) -> String {
    format!("{:+.1} %", ratio * 100.0)
}
