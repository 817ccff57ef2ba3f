//! Case 10: Robson's program against allocators that may move a little.
//!
//! The oracle places by first fit in a heap without limit; where no hole fits, everything slides down first, unless
//! that would make more words moved than one for `c` allocated.
//! Beside it stand the strategies whose parameter `c` is such a budget, by the smallest heap that serves the program.

use heaplab_core::{Config, Granule, Parameter};

use super::robson::{NO_PROGRAM, smallest_heap};
use crate::adaptive::{Driven, drive};
use crate::contestants::{Contestant, UNLIMITED_BYTES};
use crate::linear::{Choice, Linear, Rule, State};
use crate::result::{Check, Demand, Obstacle, Point};
use crate::{Options, Robson};

/// Live words, largest block, and the oracle's peaks for each budget.
const INSTANCES: &[(u64, u64, [u64; 8])] = &[
    (256, 16, [753, 753, 753, 753, 633, 532, 414, 256]),
    (512, 32, [1761, 1761, 1761, 1761, 1273, 1092, 830, 512]),
];

/// Words moved by the oracle in the same cases.
const MOVED: &[[u64; 8]] = &[[0, 0, 0, 0, 127, 127, 342, 415], [0, 0, 0, 0, 255, 514, 758, 1029]];

/// Words that must be allocated for each that is moved; the first is as good as no movement at all.
const BUDGETS: [u64; 8] = [1 << 20, 100, 20, 10, 5, 3, 2, 1];

pub(crate) fn run(contestants: &[Contestant], _options: &Options) -> Vec<Check> {
    let budgeted: Vec<_> = contestants
        .iter()
        .filter_map(|contestant| Some((contestant, budget(contestant)?)))
        .collect();
    let mut checks = Vec::new();
    for (&(live, largest, peaks), &moved) in INSTANCES.iter().zip(MOVED) {
        checks.extend(oracle(live, largest, peaks, moved));
        for &(contestant, parameter) in &budgeted {
            checks.extend(strategy(contestant, parameter, (live, largest), peaks));
        }
    }
    // Those with the same figures beside each other.
    checks.sort_by(|one, other| one.quantity.cmp(&other.quantity));
    checks
}

fn at(c: u64) -> String {
    if c == BUDGETS[0] { "no moves".to_owned() } else { format!("c={c}") }
}

/// The parameter that limits what a strategy moves by what was allocated.
fn budget(contestant: &Contestant) -> Option<&'static Parameter> {
    let it = contestant.entry.capabilities;
    let accepts = |parameter: &&Parameter| {
        BUDGETS.iter().all(|budget| (parameter.min..=parameter.max).contains(budget))
    };
    let mut parameters = it.parameters.iter().filter(|parameter| parameter.name == "c");
    if it.relocates { parameters.find(accepts) } else { None }
}

fn oracle(live: u64, largest: u64, peaks: [u64; 8], moved: [u64; 8]) -> Vec<Check> {
    let subject = "first fit, slide on a miss";
    let mut driven = Vec::new();
    for c in BUDGETS {
        let mut heap = Linear::new(UNLIMITED_BYTES, SlideOnMiss { allocated_per_moved: c });
        let result = Robson::new(live, largest, 1)
            .ok_or_else(|| NO_PROGRAM.to_owned())
            .and_then(|mut it| drive(&mut heap, &mut it).map_err(|error| error.to_string()));
        match result {
            Ok(result) => driven.push((c, result)),
            Err(reason) => {
                let quantity = title(HEAP, live, largest);
                return vec![Check::without_figures(subject, quantity, Obstacle::Broken(reason))];
            }
        }
    }
    let needed: Vec<_> = driven.iter().map(|(c, it)| (*c, it.peak_bytes)).collect();
    let words_moved = driven.iter().zip(moved).map(|((c, driven), published)| {
        Point::new(at(*c), published, Demand::Equal, driven.last.relocated_bytes)
    });
    vec![
        heaps(subject, (live, largest), &needed, peaks, Demand::Equal),
        Check::new(subject, title("words moved", live, largest), words_moved.collect()),
        within_budget(subject, (live, largest), &driven),
    ]
}

fn strategy(
    contestant: &Contestant,
    parameter: &'static Parameter,
    (live, largest): (u64, u64),
    peaks: [u64; 8],
) -> Vec<Check> {
    let (mut needed, mut driven) = (Vec::new(), Vec::new());
    for c in BUDGETS {
        let config = Config::new().with_granule(Granule::BYTE).with_parameter(parameter.name, c);
        match smallest_heap(contestant, &config, live, largest) {
            Ok(smallest) => {
                needed.push((c, smallest.words));
                driven.push((c, smallest.driven));
            }
            Err(reason) => {
                let broken = Obstacle::Broken(format!("c={c}: {reason}"));
                let quantity = title(HEAP, live, largest);
                return vec![Check::without_figures(contestant.name(), quantity, broken)];
            }
        }
    }
    vec![
        heaps(contestant.name(), (live, largest), &needed, peaks, Demand::AtMost),
        within_budget(contestant.name(), (live, largest), &driven),
    ]
}

const HEAP: &str = "heap in words";

fn title(what: &str, live: u64, largest: u64) -> String {
    format!("{what}, {live},{largest}")
}

/// The heaps needed for each budget, and that a larger budget never needs a larger one.
fn heaps(
    subject: &str,
    (live, largest): (u64, u64),
    needed: &[(u64, u64)],
    published: [u64; 8],
    demand: Demand,
) -> Check {
    let rows = needed.iter().zip(published);
    let mut points: Vec<_> =
        rows.map(|(&(c, ours), published)| Point::new(at(c), published, demand, ours)).collect();
    let rises = needed.windows(2).filter(|pair| pair[1].1 > pair[0].1).count();
    points.push(Point::new("rises", 0_u64, Demand::Equal, rises as u64));
    Check::new(subject, title(HEAP, live, largest), points)
}

/// At every moment at least `c` words were allocated for each one moved.
fn within_budget(subject: &str, (live, largest): (u64, u64), driven: &[(u64, Driven)]) -> Check {
    let points = driven.iter().filter_map(|(c, driven)| {
        let least = driven.allocated_per_relocated?;
        Some(Point::new(at(*c), *c, Demand::AtLeast, least))
    });
    let quantity = title("allocated/moved", live, largest);
    Check::new(subject, quantity, points.collect())
}

/// First fit; on a miss everything slides down, if the budget allows it.
struct SlideOnMiss {
    allocated_per_moved: u64,
}

impl Rule for SlideOnMiss {
    fn choose(&self, heap: &State, len: u64) -> Choice {
        let end = heap.end();
        let hole = heap.gaps().find(|gap| gap.len >= len && gap.offset < end);
        if let Some(hole) = hole {
            return Choice::At(hole.offset);
        }
        let moved = heap.moved_bytes + heap.slide_bytes();
        if moved * self.allocated_per_moved <= heap.allocated_bytes + len {
            Choice::AfterSlide
        } else {
            Choice::At(end)
        }
    }
}
