//! What a report says, in sentences.

use std::collections::BTreeMap;

use crate::model::{Cell, Outcome, Report, Status, StrategyEntry};
use crate::number::{bytes, exact, significant};
use crate::stats::{CONFIDENCE, Interval, median, median_interval, paired_ratios};
use crate::table::clean;

use super::{Section, Selection, samples_per_operation, sections};

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
    for heap in timed_heaps(&sections) {
        let rankings: Vec<_> = sections
            .iter()
            .map(|section| (section, section.ranking(&heap)))
            .filter(|(_, ranking)| !ranking.is_empty())
            .collect();
        sentences.extend(match rankings.as_slice() {
            [] => None,
            [(section, ranking)] => Some(fastest(report, section, &heap, ranking)),
            many => Some(fastest_over(report, &heap, many)),
        });
    }
    sentences.extend(smallest_heap(&sections));
    sentences.extend(failures(&sections));
    // Names are strangers' text, and may hold line ends or escape sequences.
    sentences.iter().map(|sentence| clean(sentence, LONGEST)).collect()
}

fn short(name: &str) -> String {
    clean(name, LONGEST_NAME)
}

fn timed_heaps(sections: &[Section<'_>]) -> Vec<String> {
    let mut heaps: Vec<(f64, &str)> = Vec::new();
    for section in sections {
        for heap in &section.heaps {
            let timed =
                section.cells.iter().any(|it| it.heap.spec == heap.spec && it.time.is_some());
            if timed && heaps.iter().all(|(_, spec)| *spec != heap.spec) {
                heaps.push((section.over_peak(heap.bytes).unwrap_or(0.0), &heap.spec));
            }
        }
    }
    heaps.sort_by(|a, b| a.0.total_cmp(&b.0));
    heaps.into_iter().map(|(_, spec)| spec.to_owned()).collect()
}

type Ranking<'a> = Vec<(&'a StrategyEntry, f64)>;

/// How many times slower the second is, and the interval where rounds allow one.
fn factor(
    section: &Section<'_>,
    heap: &str,
    ranking: &Ranking<'_>,
) -> Option<(f64, Option<Interval>)> {
    let (first, second) = (ranking.first()?, ranking.get(1)?);
    let samples = |name: &str| {
        section.cell(name, heap).and_then(|cell| cell.time.as_ref()).map(samples_per_operation)
    };
    let ratios = samples(&second.0.name)
        .zip(samples(&first.0.name))
        .and_then(|(slow, fast)| paired_ratios(&slow, &fast));
    let of_medians = second.1 / first.1;
    Some(ratios.map_or((of_medians, None), |ratios| {
        (median(&ratios).unwrap_or(of_medians), median_interval(&ratios, CONFIDENCE))
    }))
}

fn fastest(report: &Report, section: &Section<'_>, heap: &str, ranking: &Ranking<'_>) -> String {
    let name = |index: usize| ranking.get(index).map_or("", |(entry, _)| entry.name.as_str());
    let Some((factor, interval)) = factor(section, heap, ranking) else {
        return format!("Fastest that fits in {heap}: {}, the only one timed there.", name(0));
    };
    let noise = report.measurement.noise_floor_ratio;
    let mut basis: Vec<String> = Vec::new();
    if ranking.first().is_some_and(|(entry, _)| entry.moves) {
        basis.push("copies not counted".into());
    }
    match interval {
        Some(it) => {
            basis.push(format!("95 % CI {} to {}", significant(it.lower), significant(it.upper)));
        }
        None => basis.push("too few rounds for an interval".into()),
    }
    basis.extend(noise.map(|noise| format!("noise floor {} %", significant(noise * 100.0))));
    let clear = interval.is_some_and(|it| it.lower > 1.0 + noise.unwrap_or(0.0));
    let verdict = if clear || interval.is_none() { "" } else { "not clearly, " };
    format!(
        "Fastest that fits in {heap}: {}, {verdict}{}x faster than {} ({}).",
        name(0),
        significant(factor),
        name(1),
        basis.join("; ")
    )
}

/// Where one strategy was the fastest, over several traces.
#[derive(Default)]
struct Wins {
    traces: usize,
    moves: bool,
    /// On how many of them the interval of its lead lies above the noise.
    clear: usize,
    /// How many times slower the next one was at most, where there was one.
    most: Option<f64>,
}

impl Wins {
    fn add(&mut self, factor: Option<(f64, Option<Interval>)>, noise: f64) {
        self.traces += 1;
        if let Some((factor, interval)) = factor {
            self.most = Some(self.most.unwrap_or(factor).max(factor));
            self.clear += usize::from(interval.is_some_and(|it| it.lower > 1.0 + noise));
        }
    }

    fn basis(&self) -> String {
        let copies = if self.moves { "copies not counted; " } else { "" };
        match self.most.map(significant) {
            None => format!(" ({copies}the only one timed there)"),
            Some(most) if self.clear > 0 => {
                format!(" ({copies}clearly on {}, by up to {most}x)", self.clear)
            }
            Some(_) => format!(" ({copies}not clearly)"),
        }
    }
}

fn fastest_over(report: &Report, heap: &str, rankings: &[(&Section<'_>, Ranking<'_>)]) -> String {
    let noise = report.measurement.noise_floor_ratio.unwrap_or(0.0);
    let mut wins: BTreeMap<&str, Wins> = BTreeMap::new();
    for (section, ranking) in rankings {
        if let Some((winner, _)) = ranking.first() {
            let wins = wins.entry(&winner.name).or_default();
            wins.moves = winner.moves;
            wins.add(factor(section, heap, ranking), noise);
        }
    }
    let mut wins: Vec<_> = wins.into_iter().collect();
    wins.sort_by_key(|(_, wins)| std::cmp::Reverse(wins.traces));
    let mut of = format!(" of {} traces", rankings.len());
    let mut parts: Vec<String> = wins
        .iter()
        .take(NAMED)
        .map(|(name, wins)| {
            let of = std::mem::take(&mut of);
            format!("{} on {}{of}{}", short(name), wins.traces, wins.basis())
        })
        .collect();
    let rest: usize = wins.iter().skip(NAMED).map(|(_, wins)| wins.traces).sum();
    if rest > 0 {
        parts.push(format!("others on {rest}"));
    }
    format!("Fastest that fits in {heap}: {}.", parts.join(", "))
}

/// The worst over the traces of what a strategy needs, as a multiple of peak live.
fn worst_need(sections: &[Section<'_>], name: &str) -> Option<f64> {
    sections.iter().try_fold(0.0_f64, |worst, section| {
        Some(worst.max(section.over_peak(section.min_heap_bytes(name)?)?))
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

/// Whether enough was free, but in pieces.
fn is_fragmented(outcome: &Outcome) -> bool {
    outcome.requested_bytes.zip(outcome.free_bytes).is_some_and(|(wanted, free)| wanted <= free)
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
