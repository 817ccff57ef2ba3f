//! What a report says, in sentences.

use crate::expect;
use crate::model::{Cell, Mode, Outcome, Report, Status, StrategyEntry};
use crate::number::{bytes, exact, significant};
use crate::table::clean;

use super::{Section, Selection, sections};

mod fastest;

/// How many strategies or cells are named before the rest is only counted.
const NAMED: usize = 3;

/// Longest sentence, in columns.
const LONGEST: usize = 1000;

/// Longest name in a sentence, in columns.
const LONGEST_NAME: usize = 80;

/// The answer in sentences: the fastest that fits, the smallest heap, what failed and why.
///
/// Each sentence is one line without a line end. A report without figures yields none.
pub fn headline(report: &Report, selection: &Selection) -> Vec<String> {
    let sections = sections(report, selection);
    let mut sentences = Vec::new();
    if !report.complete {
        sentences.push("Interrupted: these are the cells that were finished until then.".into());
    }
    if sections.is_empty() {
        return sentences;
    }
    let (placement, payload): (Vec<_>, Vec<_>) =
        sections.into_iter().partition(|section| section.mode == Mode::Placement);
    sentences.extend(fastest::sentences(report, &placement));
    sentences.extend(fastest::sentences(report, &payload));
    // A cell with payload ends as the one without does, its times apart.
    let sections = if placement.is_empty() { &payload } else { &placement };
    sentences.extend(smallest_heap(sections));
    sentences.extend(failures(sections));
    sentences.extend(expect::broken(report));
    sentences.extend(expect::kept(report));
    // Names are strangers' text, and may hold line ends or escape sequences.
    sentences.iter().map(|sentence| clean(sentence, LONGEST)).collect()
}

fn short(name: &str) -> String {
    clean(name, LONGEST_NAME)
}

/// The worst over the traces of what a strategy needs, as a multiple of peak live.
///
/// Where no exact figure is known, the smallest heap of the run in which it completed the trace stands for it: that
/// much suffices. None where on some trace neither is known.
fn worst_need(sections: &[Section<'_>], name: &str) -> Option<f64> {
    sections.iter().try_fold(0.0_f64, |worst, section| {
        let completed =
            || section.in_smallest_completed(name).filter(|cell| !cell.heap.is_unlimited());
        let bytes =
            section.min_heap_bytes(name).or_else(|| completed().map(|cell| cell.heap.bytes))?;
        Some(worst.max(section.over_peak(bytes)?))
    })
}

fn smallest_heap(sections: &[Section<'_>]) -> Option<String> {
    let mut needs: Vec<(f64, &StrategyEntry)> = Vec::new();
    for entry in sections.iter().flat_map(Section::contestants) {
        if needs.iter().all(|(_, known)| known.name != entry.name)
            && let Some(need) = worst_need(sections, &entry.name)
        {
            needs.push((need, entry));
        }
    }
    needs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let &(least, _) = needs.first()?;
    let equal = |need: f64| need - least < 1e-9;
    let winners: Vec<&StrategyEntry> =
        needs.iter().filter(|(need, _)| equal(*need)).map(|(_, entry)| *entry).collect();
    let scope = match sections.len() {
        1 => String::new(),
        traces => format!(" on the worst of {traces} traces"),
    };
    let names: Vec<&str> = winners.iter().map(|entry| entry.name.as_str()).collect();
    let mut sentence =
        format!("Smallest heap: {}, at {}x{scope}", list(&names), significant(least));
    if winners.iter().all(|entry| entry.moves)
        && let Some((need, entry)) = needs.iter().find(|(_, entry)| !entry.moves)
    {
        let more = (need / least - 1.0) * 100.0;
        sentence.push_str(&format!(
            "; {} comes within {} % without compaction",
            entry.name,
            significant(more)
        ));
    }
    sentence.push('.');
    Some(sentence)
}

fn list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] if names.len() <= NAMED => format!("{} and {last}", first.join(", ")),
        _ => format!("{} and {} more", names[..NAMED].join(", "), names.len() - NAMED),
    }
}

fn failures(sections: &[Section<'_>]) -> Vec<String> {
    let cells: Vec<(&Section<'_>, &Cell)> = sections
        .iter()
        .flat_map(|section| {
            section
                .contestants()
                .flat_map(|entry| section.of(&entry.name))
                .filter(|cell| !cell.heap.is_unlimited())
                .map(move |cell| (section, cell))
        })
        .collect();
    let with = |status| cells.iter().copied().filter(move |(_, it)| it.outcome.status == status);
    let mut sentences = Vec::new();
    let refused: Vec<_> = with(Status::Oom).collect();
    if !refused.is_empty() {
        sentences.push(refusals(sections, &refused, cells.len()));
    }
    for status in [Status::Invalid, Status::Crashed, Status::Timeout] {
        let failed: Vec<&Cell> = with(status).map(|(_, cell)| cell).collect();
        if failed.is_empty() {
            continue;
        }
        let named: Vec<String> = failed
            .iter()
            .take(NAMED)
            .map(|cell| match &cell.outcome.message {
                Some(message) => format!("{}: {}", short(&cell.id), clean(message, 200)),
                None => short(&cell.id),
            })
            .collect();
        let more = failed.len().saturating_sub(NAMED);
        let more = if more > 0 { format!("; {more} more") } else { String::new() };
        sentences.push(format!(
            "{}: {} of {} cells: {}{more}.",
            status.as_str(),
            failed.len(),
            cells.len(),
            named.join("; ")
        ));
    }
    sentences
}

/// Counts the refusals, then tells those in the largest heaps, one a strategy (one trace) or one a trace.
fn refusals(sections: &[Section<'_>], refused: &[(&Section<'_>, &Cell)], cells: usize) -> String {
    let fragmented = refused.iter().filter(|(_, it)| is_fragmented(&it.outcome)).count();
    let mut sentence = format!("oom: {} of {cells} cells", refused.len());
    if fragmented > 0 {
        sentence.push_str(&format!(
            ", {fragmented} of them fragmented, not full; compaction would have served {}",
            if fragmented == 1 { "it" } else { "them" }
        ));
    }
    sentence.push('.');
    let mut worst = refused.to_vec();
    let size = |(section, cell): &(&Section<'_>, &Cell)| section.over_peak(cell.heap.bytes);
    worst.sort_by(|a, b| size(b).partial_cmp(&size(a)).unwrap_or(std::cmp::Ordering::Equal));
    let mut told: Vec<&str> = Vec::new();
    for (section, cell) in worst {
        let (subject, key) = if sections.len() == 1 {
            (short(&cell.strategy), &cell.strategy)
        } else {
            let name = &section.trace.name;
            (format!("{} on {}", short(&cell.strategy), short(name)), name)
        };
        if told.len() == NAMED || told.contains(&key.as_str()) {
            continue;
        }
        told.push(key);
        let operation = cell
            .outcome
            .operation
            .map_or_else(String::new, |it| format!(", operation {}", exact(it)));
        sentence.push_str(&format!(
            " {subject} fails at {}{operation}: {}.",
            cell.heap.spec,
            shortage(&cell.outcome)
        ));
    }
    sentence
}

/// Whether enough was free, but in pieces: a piece that was long enough had another flaw, such as its alignment, and
/// what that was stands in the message.
fn is_fragmented(outcome: &Outcome) -> bool {
    let is_enough = |free: Option<u64>| {
        outcome.requested_bytes.zip(free).is_some_and(|(wanted, free)| wanted <= free)
    };
    let longest = outcome.largest_hole_bytes.max(outcome.wilderness_bytes);
    is_enough(outcome.free_bytes) && !is_enough(longest)
}

/// `wanted 64 KiB; 3.1 MiB free in 40 112 holes, largest 48 KiB`, with what is known of it.
pub(super) fn shortage(outcome: &Outcome) -> String {
    let mut text = outcome
        .requested_bytes
        .map_or_else(|| "out of memory".into(), |wanted| format!("wanted {}", bytes(wanted)));
    if let Some(free) = outcome.free_bytes {
        text.push_str(&format!("; {} free", bytes(free)));
        if let Some(holes) = outcome.holes.filter(|&holes| holes > 0) {
            text.push_str(&format!(
                " in {} {}",
                exact(holes),
                if holes == 1 { "hole" } else { "holes" }
            ));
            if let Some(largest) = outcome.largest_hole_bytes {
                text.push_str(&format!(", largest {}", bytes(largest)));
            }
        }
        if let Some(behind) = outcome.wilderness_bytes.filter(|&behind| behind > 0) {
            text.push_str(&format!(", {} behind the last block", bytes(behind)));
        }
    }
    text
}
