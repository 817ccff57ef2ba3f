//! Case 5: what rounding up to powers of two costs.
//!
//! A heap of a power of two is filled with blocks of one size until it refuses; what it has, divided by how many it
//! held, is what each block was granted.

use std::f64::consts::LN_2;

use heaplab_core::{Allocator, Kind, Request};

use crate::Options;
use crate::contestants::Contestant;
use crate::result::{Check, Demand, Obstacle, Point};

/// By whom a strategy shows that it is a binary buddy system: the author of its source.
const AUTHOR: &str = "Knowlton";

/// Sizes from 1 to this, bytes granted together by the closed form, and the published ratio to four digits.
const UNIFORM: &[(u64, u64, f64)] =
    &[(1_024, 699_051, 1.332_0), (1_536, 1_747_627, 1.480_5), (4_096, 11_184_811, 1.333_0)];

/// Half a unit in the last digit that is published.
const FOURTH_DIGIT: f64 = 0.000_05;

/// The heap: as large as the largest buddy that is asked for.
const HEAP: u64 = 4_096;

pub(crate) fn run(contestants: &[Contestant], _options: &Options) -> Vec<Check> {
    let mut checks = checks("powers of two", |size| Ok(size.next_power_of_two()));
    let is_buddy = |contestant: &&Contestant| {
        let it = contestant.entry.capabilities;
        it.kind == Kind::Strategy && it.source.contains(AUTHOR)
    };
    for contestant in contestants.iter().filter(is_buddy) {
        checks.extend(self::checks(contestant.name(), |size| {
            let served = contestant.run(HEAP, |allocator| fill(allocator, size));
            match served.map_err(|failure| failure.to_string())? {
                0 => Err(format!("an empty heap of {HEAP} bytes refused {size}")),
                served => Ok(HEAP / served),
            }
        }));
    }
    checks
}

/// How many blocks of one size a heap holds.
fn fill(allocator: &mut dyn Allocator, size: u64) -> u64 {
    let mut served = 0;
    // More than there are bytes would be a strategy that never refuses.
    while served <= HEAP && allocator.allocate(Request::new(size), &mut ()).is_ok() {
        served += 1;
    }
    served
}

/// All checks of one subject, which grants each size so many bytes.
fn checks(subject: &str, granted: impl Fn(u64) -> Result<u64, String>) -> Vec<Check> {
    let measured: Result<Vec<u64>, String> = (1..=HEAP).map(granted).collect();
    let measured = match measured {
        Ok(measured) => measured,
        Err(reason) => {
            let obstacle = Obstacle::Broken(reason);
            return vec![Check::without_figures(subject, GRANTED, obstacle)];
        }
    };
    let sizes = || (1_u64..).zip(measured.iter().copied());
    let (mut totals, mut ratios) = (Vec::new(), Vec::new());
    for &(most, published_bytes, published_ratio) in UNIFORM {
        let at = format!("sizes 1 to {most}");
        let within = || sizes().take_while(|(size, _)| *size <= most);
        let bytes: u64 = within().map(|(_, granted)| granted).sum();
        let requested: u64 = within().map(|(size, _)| size).sum();
        let ratio = float(bytes) / float(requested);
        totals.push(Point::new(at.clone(), published_bytes, Demand::Equal, bytes));
        ratios.push(Point::new(at, published_ratio, Demand::Within(FOURTH_DIGIT), ratio));
    }
    let octave = sizes().filter(|(size, _)| *size > HEAP / 2);
    let (mut weighted_granted, mut weighted_requested) = (0.0, 0.0);
    for (size, granted) in octave {
        let weight = float(size).powi(-2);
        weighted_granted += weight * float(granted);
        weighted_requested += weight * float(size);
    }
    let (published, ratio) = (LN_2.recip(), weighted_granted / weighted_requested);
    ratios.push(Point::new(FAMILY, published, Demand::Within(0.000_5), ratio));
    vec![
        Check::new(subject, GRANTED, totals),
        Check::new(subject, "granted bytes per requested byte", ratios),
    ]
}

const GRANTED: &str = "granted bytes, one block of each size";
const FAMILY: &str = "sizes of one octave, as 1/size²";

#[expect(clippy::cast_precision_loss, reason = "sums of this case stay below 2^24")]
const fn float(bytes: u64) -> f64 {
    bytes as f64
}
