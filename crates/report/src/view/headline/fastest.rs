//! Who is fastest, and whether that is more than noise.

use std::collections::BTreeMap;

use crate::model::{Mode, Report, StrategyEntry};
use crate::number::significant;
use crate::stats::{CONFIDENCE, Interval, median, median_interval, paired_ratios};

use super::super::{Section, samples_per_operation};
use super::{NAMED, short};

/// One sentence for each timed heap, smallest first; all sections are of one mode.
pub(super) fn sentences(report: &Report, sections: &[Section<'_>]) -> Vec<String> {
    let sentence = |heap: String| {
        let rankings: Vec<_> = sections
            .iter()
            .map(|section| (section, section.ranking(&heap)))
            .filter(|(_, ranking)| !ranking.is_empty())
            .collect();
        match rankings.as_slice() {
            [] => None,
            [(section, ranking)] => Some(fastest(report, section, &heap, ranking)),
            many => Some(fastest_over(report, &heap, many)),
        }
    };
    timed_heaps(sections).into_iter().filter_map(sentence).collect()
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
    let copies = copies_counted(section);
    let Some((factor, interval)) = factor(section, heap, ranking) else {
        return format!(
            "Fastest that fits in {heap}{copies}: {}, the only one timed there.",
            name(0)
        );
    };
    let noise = report.measurement.noise_floor_ratio;
    let mut basis: Vec<String> = Vec::new();
    if ranking.first().is_some_and(|(entry, _)| entry.moves) && section.mode == Mode::Placement {
        basis.push("copies not counted".into());
    }
    match interval {
        Some(it) => {
            basis.push(format!("95 % CI {} to {}", significant(it.lower), significant(it.upper)));
        }
        None => basis.push("too few rounds for an interval".into()),
    }
    basis.extend(noise.map(|noise| format!("noise floor {} %", significant(noise * 100.0))));
    let basis = basis.join("; ");
    if interval.is_some_and(|it| !is_clear(it, noise.unwrap_or(0.0))) {
        return format!(
            "Fastest that fits in {heap}{copies}: {} and {} do not differ: {}x ({basis}).",
            name(0),
            name(1),
            significant(factor),
        );
    }
    format!(
        "Fastest that fits in {heap}{copies}: {}, {}x faster than {} ({basis}).",
        name(0),
        significant(factor),
        name(1),
    )
}

/// What stands behind the heap's name where copies are in the times.
fn copies_counted(section: &Section<'_>) -> &'static str {
    match section.mode {
        Mode::Placement => "",
        Mode::Payload => ", copies counted",
    }
}

/// Whether a lead is beyond chance and beyond the noise of the run.
fn is_clear(lead: Interval, noise: f64) -> bool {
    lead.lower > 1.0 + noise
}

/// Where one strategy was the fastest, over several traces.
#[derive(Default)]
struct Wins {
    traces: usize,
    moves: bool,
    /// How many times slower the next one was at most, where there was one.
    most: Option<f64>,
}

impl Wins {
    fn add(&mut self, factor: Option<f64>) {
        self.traces += 1;
        if let Some(factor) = factor {
            self.most = Some(self.most.unwrap_or(factor).max(factor));
        }
    }

    fn basis(&self) -> String {
        let copies = if self.moves { "copies not counted; " } else { "" };
        match self.most.map(significant) {
            None => format!(" ({copies}the only one timed there)"),
            Some(most) => format!(" ({copies}by up to {most}x)"),
        }
    }
}

fn fastest_over(report: &Report, heap: &str, rankings: &[(&Section<'_>, Ranking<'_>)]) -> String {
    let noise = report.measurement.noise_floor_ratio.unwrap_or(0.0);
    let mut wins: BTreeMap<&str, Wins> = BTreeMap::new();
    let (mut alike, mut untold) = (0, 0);
    for (section, ranking) in rankings {
        let Some((winner, _)) = ranking.first() else { continue };
        let factor = factor(section, heap, ranking);
        match factor {
            Some((_, None)) => untold += 1,
            Some((_, Some(lead))) if !is_clear(lead, noise) => alike += 1,
            _ => {
                let wins = wins.entry(&winner.name).or_default();
                wins.moves = winner.moves && section.mode == Mode::Placement;
                wins.add(factor.map(|(factor, _)| factor));
            }
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
    if alike > 0 {
        let of = std::mem::take(&mut of);
        let floor = report.measurement.noise_floor_ratio.map_or_else(String::new, |noise| {
            format!(" (noise floor {} %)", significant(noise * 100.0))
        });
        parts.push(format!("on {alike}{of} the first two do not differ{floor}"));
    }
    if untold > 0 {
        parts.push(format!("on {untold}{of} too few rounds to tell"));
    }
    let copies = rankings.first().map_or("", |(section, _)| copies_counted(section));
    format!("Fastest that fits in {heap}{copies}: {}.", parts.join(", "))
}
