//! Case 6: rounding to size classes, and the empty heap that refuses.
//!
//! Good fit files each hole under the class that it reaches, rounded down, and looks for a request from the class
//! that surely suffices, rounded up.
//! Where both are of one class a hole that would fit is passed over; in an empty heap that is out of memory with
//! everything free.

use heaplab_core::{Allocator, Kind, Policy, Request};

use crate::Options;
use crate::contestants::{Contestant, with_policy};
use crate::linear::{Choice, Gap, Linear, Rule, State};
use crate::result::{Check, Demand, Obstacle, Point};

/// A request, and what it is rounded to with so many bits of mantissa.
const ROUNDED: &[(u64, u32, u64)] = &[
    (3_274_752, 3, 3_407_872),
    (3_274_752, 4, 3_276_800),
    (658_432, 3, 720_896),
    (658_432, 4, 688_128),
];

/// The heap, and the request that it refuses though it is empty.
const HEAP: u64 = 699_050;
const REQUEST: u64 = 664_908;

/// The package that the case is about, measured as a peer where it takes part.
const PEER_PACKAGE: &str = "offset-allocator";

pub(crate) fn run(contestants: &[Contestant], _options: &Options) -> Vec<Check> {
    let rounded = ROUNDED.iter().map(|&(size, bits, published)| {
        let at = format!("{size}, {bits} bits");
        Point::new(at, published, Demand::Equal, round_up(size, bits))
    });
    let filed = [
        Point::new("the heap is filed under", 655_360_u64, Demand::Equal, round_down(HEAP, 3)),
        Point::new("the search starts at", 720_896_u64, Demand::Equal, round_up(REQUEST, 3)),
    ];
    let mut checks = vec![
        Check::new("rounding up", "bytes", rounded.collect()),
        Check::new("heap and request", "bytes", filed.into()),
        waste(3),
        waste(4),
        served("good fit, 3 bits", 0, serve(&mut Linear::new(HEAP, GoodFit { bits: 3 }))),
    ];
    for policy in [Policy::FirstFit, Policy::BestFit] {
        for contestant in with_policy(contestants, policy) {
            checks.push(ask(contestant, 1));
        }
    }
    let is_peer = |contestant: &&Contestant| {
        let it = contestant.entry.capabilities;
        it.kind == Kind::Peer && it.package == PEER_PACKAGE
    };
    checks.extend(contestants.iter().filter(is_peer).map(|contestant| ask(contestant, 0)));
    checks
}

fn ask(contestant: &Contestant, published: u64) -> Check {
    match contestant.run(HEAP, serve) {
        Ok(served_requests) => served(contestant.name(), published, served_requests),
        Err(failure) => {
            let obstacle = Obstacle::Broken(failure.to_string());
            Check::without_figures(contestant.name(), SERVED, obstacle)
        }
    }
}

const SERVED: &str = "requests served";

fn served(subject: &str, published: u64, ours: u64) -> Check {
    let at = format!("{REQUEST} bytes of {HEAP}, empty");
    Check::new(subject, SERVED, vec![Point::new(at, published, Demand::Equal, ours)])
}

/// How many of the one request an empty heap serves.
fn serve(allocator: &mut dyn Allocator) -> u64 {
    allocator.allocate(Request::new(REQUEST), &mut ()).is_ok().into()
}

/// The most that rounding up adds: the next class but one byte, as a share of the request.
#[expect(clippy::cast_precision_loss, reason = "sizes of this sweep stay below 2^24")]
fn waste(bits: u32) -> Check {
    let (mut most, mut sum, mut count) = (0.0_f64, 0.0, 0.0);
    for size in (1_u64 << 16)..(1 << 17) {
        let rounded = round_up(size, bits);
        let share = (rounded - size) as f64 / rounded as f64;
        most = most.max((rounded - size) as f64 / size as f64);
        sum += share;
        count += 1.0;
    }
    let limit = 0.5_f64.powi(bits.cast_signed());
    let points = vec![
        Point::new("at most, of the request", limit, Demand::AtMost, most),
        Point::new("on average, of the block", limit / 2.0, Demand::AtMost, sum / count),
    ];
    Check::new(format!("waste with {bits} bits"), "share", points)
}

/// The smallest number with `bits` bits behind its first that is not below `size`.
const fn round_up(size: u64, bits: u32) -> u64 {
    let shift = shift(size, bits);
    let mask = (1 << shift) - 1;
    (size + mask) & !mask
}

/// The largest such number that is not above `size`.
const fn round_down(size: u64, bits: u32) -> u64 {
    let mask = (1 << shift(size, bits)) - 1;
    size & !mask
}

/// How many low bits the class of `size` does not keep.
const fn shift(size: u64, bits: u32) -> u32 {
    size.ilog2().saturating_sub(bits)
}

/// The shortest hole, by class, of those whose class is sure to suffice.
struct GoodFit {
    bits: u32,
}

impl Rule for GoodFit {
    fn choose(&self, heap: &State, len: u64) -> Choice {
        let wanted = round_up(len, self.bits);
        let class = |gap: &Gap| round_down(gap.len, self.bits);
        let chosen = heap.gaps().filter(|gap| class(gap) >= wanted).min_by_key(class);
        chosen.map_or(Choice::Nowhere, |gap| Choice::At(gap.offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_keeps_what_is_short_enough() {
        for size in 1..16 {
            assert_eq!((round_down(size, 3), round_up(size, 3)), (size, size));
        }
        assert_eq!((round_down(17, 3), round_up(17, 3)), (16, 18));
        assert_eq!((round_down(31, 3), round_up(31, 3)), (30, 32));
    }

    #[test]
    fn good_fit_serves_what_the_class_covers() {
        let mut heap = Linear::new(HEAP, GoodFit { bits: 3 });
        assert!(heap.allocate(Request::new(655_360), &mut ()).is_ok());
        assert!(heap.allocate(Request::new(655_360), &mut ()).is_err());
        assert!(heap.allocate(Request::new(20_000), &mut ()).is_ok());
    }
}
