//! Case 2: the worst that any sequence of requests can do, by exhaustive search.
//!
//! A state is a layout: which cells of the heap are live and where blocks begin; and, for policies that remember more than
//! that, what they remember.
//! From each state every block can be freed and, while the live words allow it, a block of every size can
//! be requested; the search visits every state that can be reached from the empty heap.
//! What a strategy does with a request is asked of the strategy itself.
//! It is brought into a layout by having all pieces, blocks and holes, allocated in address order and the
//! holes freed.
//! That is sound for first, best and worst fit because their choice depends on the layout alone, not on the
//! way there; the layout is read back from the strategy, so a strategy that coalesces wrongly is found out.

mod history;
mod search;
mod stage;

use heaplab_core::{Kind, Policy};

use self::history::History;
use self::search::{Bounds, served_in_full, worst_peak};
use crate::Options;
use crate::contestants::Contestant;
use crate::exhaustive::{Exhaustive, Halt, Meter};
use crate::result::{Check, Demand, Obstacle, Point};

/// Worst peaks by policy and largest block from 2 to 6 words, for 6 to 9 live words.
const PUBLISHED: &[(Policy, [[u64; 4]; 5])] = &[
    (
        Policy::FirstFit,
        [[9, 11, 12, 14], [10, 13, 15, 17], [10, 13, 16, 18], [10, 13, 16, 19], [10, 13, 16, 19]],
    ),
    (
        Policy::BestFit,
        [[9, 11, 13, 14], [10, 13, 16, 17], [11, 14, 17, 19], [11, 15, 18, 20], [11, 15, 18, 21]],
    ),
    (
        Policy::WorstFit,
        [[9, 11, 13, 15], [10, 13, 16, 18], [10, 13, 17, 19], [10, 13, 17, 20], [10, 13, 17, 20]],
    ),
];

/// What the best of all allocators needs, by largest block from 2 words, for 4 to 8 live words.
const OPTIMUM: &[[u64; 5]] = &[[5, 7, 8, 10, 11], [6, 7, 9, 11, 13], [6, 8, 9, 12, 14]];

/// Fewest live words, those of [`OPTIMUM`]'s first column.
const LEAST_LIVE: u64 = 4;
/// The largest block of the first row of both tables.
const LEAST_SIZE: u64 = 2;
/// Live words in the first column of [`PUBLISHED`].
const FIRST_PUBLISHED: u64 = 6;

pub(crate) fn run(contestants: &[Contestant], options: &Options) -> Vec<Check> {
    let published = Exhaustive::default();
    let limits = options.exhaustive.as_ref().unwrap_or(&published);
    let mut subjects: Vec<Subject<'_>> = Vec::new();
    let mut excluded = Vec::new();
    for contestant in contestants {
        let has_figures = PUBLISHED.iter().any(|&(policy, _)| contestant.has_policy(policy));
        if !has_figures && options.exhaustive.is_none() {
            continue;
        }
        match Way::of(contestant) {
            Ok(way) => subjects.push(Subject { contestant, way }),
            Err(_) if contestant.entry.capabilities.kind != Kind::Strategy => {}
            Err(reason) => {
                let obstacle = Obstacle::Skipped(reason.into());
                excluded.push(Check::without_figures(contestant.name(), QUANTITY, obstacle));
            }
        }
    }
    let mut checks = search_all(&subjects, limits);
    checks.extend(excluded);
    checks
}

const QUANTITY: &str = "worst peak in words";

/// All searches, those of few live words first, so that time runs out over the largest.
fn search_all(subjects: &[Subject<'_>], limits: &Exhaustive) -> Vec<Check> {
    let meter = Meter::new(limits);
    let sizes = LEAST_SIZE..=limits.max_size;
    let new_check = |size, it: &Subject<'_>| {
        Check::new(it.contestant.name(), format!("{QUANTITY}, n={size}"), Vec::new())
    };
    let mut rows: Vec<(u64, &Subject<'_>, Check)> = sizes
        .flat_map(|size| subjects.iter().map(move |it| (size, it, new_check(size, it))))
        .collect();
    let mut halt: Option<Halt> = None;
    let columns = LEAST_LIVE..=limits.max_live;
    // What is remembered beside the layout multiplies the states: those searches come last.
    for (max_live, remembers) in
        [false, true].into_iter().flat_map(|it| columns.clone().map(move |live| (live, it)))
    {
        for (largest, subject, check) in &mut rows {
            if check.obstacle.is_some() || subject.remembers() != remembers {
                continue;
            }
            let bounds = Bounds { max_live, largest: *largest };
            let result = match &halt {
                Some(halt) => Err(halt.clone()),
                None => subject.search(bounds, &meter),
            };
            let at = format!("M={max_live}");
            match result {
                Ok(worst) => check.points.push(subject.point(at, bounds, worst)),
                Err(Halt::Broken(reason)) => {
                    check.obstacle = Some(Obstacle::Broken(format!("{at}: {reason}")));
                }
                Err(reason) => {
                    check.obstacle =
                        Some(Obstacle::Skipped(format!("stopped before {at}: {reason}")));
                    halt = halt.or_else(|| reason.is_final().then_some(reason));
                }
            }
        }
    }
    rows.into_iter().map(|(_, _, check)| check).collect()
}

/// A strategy that can be searched.
struct Subject<'a> {
    contestant: &'a Contestant,
    way: Way,
}

/// How a strategy is searched.
#[derive(Clone, Copy)]
enum Way {
    /// It never moves a block, and this is all that it remembers.
    Still(History),
    /// It slides blocks together before it refuses; the layout decides.
    Slides,
}

impl Way {
    /// How a strategy can be searched, or why it cannot.
    fn of(contestant: &Contestant) -> Result<Self, &'static str> {
        let it = contestant.entry.capabilities;
        match it.policy {
            Some(Policy::CompactOnDemand | Policy::CompactEager | Policy::CompactFit) => {
                Ok(Self::Slides)
            }
            _ if it.relocates => Err("what it may move depends on all that came before"),
            policy => History::of(policy).map(Self::Still).ok_or(
                "it promises no exact policy: what its choice depends on beside the layout is its own affair",
            ),
        }
    }
}

impl Subject<'_> {
    const fn remembers(&self) -> bool {
        matches!(self.way, Way::Still(History::Rover | History::Order))
    }

    fn search(&self, bounds: Bounds, meter: &Meter<'_>) -> Result<u64, Halt> {
        match self.way {
            Way::Still(history) => worst_peak(self.contestant, history, bounds, meter),
            Way::Slides => served_in_full(self.contestant, bounds, meter),
        }
    }

    /// Our figure beside what is known: a figure for the policy, else a bound.
    fn point(&self, at: String, bounds: Bounds, worst: u64) -> Point {
        let Bounds { max_live, largest } = bounds;
        let place = |first: u64, value: u64| {
            value.checked_sub(first).and_then(|it| usize::try_from(it).ok())
        };
        let row = place(LEAST_SIZE, largest);
        let is_of = |&&(policy, _): &&(Policy, _)| self.contestant.has_policy(policy);
        let published = PUBLISHED.iter().find(is_of).and_then(|(_, table)| {
            table.get(row?)?.get(place(FIRST_PUBLISHED, max_live)?).copied()
        });
        // A policy's own figure is a stricter demand than the optimum, which lies below it.
        let optimum = || OPTIMUM.get(row?)?.get(place(LEAST_LIVE, max_live)?).copied();
        match (self.way, published) {
            (Way::Slides, _) => Point::new(at, max_live, Demand::Equal, worst),
            (Way::Still(_), Some(published)) => Point::new(at, published, Demand::Equal, worst),
            (Way::Still(_), None) => match optimum() {
                Some(optimum) => Point::new(at, optimum, Demand::AtLeast, worst),
                None => Point { published: None, ..Point::new(at, worst, Demand::Shown, worst) },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_figures_lie_above_the_optimum() {
        for (policy, published) in PUBLISHED {
            for (row, optimum) in published.iter().zip(OPTIMUM) {
                let above = row.iter().zip(&optimum[2..]).all(|(ours, best)| ours >= best);
                assert!(above, "{policy:?}: {row:?}, {optimum:?}");
            }
        }
    }
}
