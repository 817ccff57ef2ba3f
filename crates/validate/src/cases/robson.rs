//! Case 1: Robson's bound.

use heaplab_core::{Capabilities, Config, Granule, Kind, Policy};

use crate::adaptive::{Driven, drive};
use crate::contestants::{Contestant, UNLIMITED_BYTES};
use crate::result::{Check, Demand, Obstacle, Point};
use crate::{Options, Robson};

/// Live words at most, largest block in words, and what the formula says.
const INSTANCES: &[(u64, u64, u64)] = &[
    (16, 2, 23),
    (16, 4, 29),
    (64, 4, 125),
    (64, 8, 153),
    (256, 8, 633),
    (256, 16, 753),
    (512, 32, 1761),
    (1024, 64, 4033),
];

/// What can be claimed of a strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    /// It needs the bound, exactly.
    MeetsBound,
    /// It needs the bound or more.
    ObeysBound,
    /// It needs the live words and no more.
    NeedsLiveWords,
}

impl Claim {
    /// What a strategy's declaration lets one expect; `None` for those that neither rule covers.
    const fn of(capabilities: &Capabilities) -> Option<Self> {
        match capabilities.policy {
            Some(Policy::FirstFit | Policy::BestFit | Policy::WorstFit | Policy::NextFit) => {
                Some(Self::MeetsBound)
            }
            Some(Policy::CompactOnDemand | Policy::CompactEager | Policy::CompactFit) => {
                Some(Self::NeedsLiveWords)
            }
            _ if !capabilities.relocates => Some(Self::ObeysBound),
            _ => None,
        }
    }
}

/// Granule and word of published allocators, which align blocks to no less.
const PEER_WORD_BYTES: u64 = 16;

/// How much larger than the bound the heap of a published allocator is: it lies in real memory and has an end.
const PEER_ROOM: u64 = 16;

pub(crate) fn run(contestants: &[Contestant], _options: &Options) -> Vec<Check> {
    let takes_part = |contestant: &&Contestant| match contestant.entry.capabilities.kind {
        Kind::Strategy => true,
        Kind::Peer => contestant.entry.capabilities.is_confined,
        Kind::Floor => false,
    };
    contestants
        .iter()
        .filter(takes_part)
        .filter_map(|contestant| Some((contestant, Claim::of(&contestant.entry.capabilities)?)))
        .map(|(contestant, claim)| check(contestant, claim))
        .collect()
}

fn check(contestant: &Contestant, claim: Claim) -> Check {
    let mut check = Check::new(contestant.name(), "heap in words, by M,n", Vec::new());
    for &(live, largest, bound) in INSTANCES {
        match smallest(contestant, claim, live, largest) {
            Ok(ours) => {
                let (published, demand) = match claim {
                    Claim::MeetsBound => (bound, Demand::Equal),
                    Claim::ObeysBound => (bound, Demand::AtLeast),
                    Claim::NeedsLiveWords => (live, Demand::Equal),
                };
                check.points.push(Point::new(format!("{live},{largest}"), published, demand, ours));
            }
            Err(reason) => {
                check.obstacle = Some(Obstacle::Broken(format!("{live},{largest}: {reason}")));
                break;
            }
        }
    }
    check
}

/// The words that a strategy needs: its peak in a heap that is large enough, or for those that let a heap run full before
/// they tidy up the smallest heap that serves the program.
fn smallest(contestant: &Contestant, claim: Claim, live: u64, largest: u64) -> Result<u64, String> {
    if claim == Claim::NeedsLiveWords {
        let config = Config::new().with_granule(Granule::BYTE);
        let smallest = smallest_heap(contestant, &config, live, largest)?;
        return Ok(smallest.words);
    }
    let is_peer = contestant.entry.capabilities.kind == Kind::Peer;
    let word_bytes = if is_peer { PEER_WORD_BYTES } else { 1 };
    let mut generator = Robson::new(live, largest, word_bytes).ok_or(NO_PROGRAM)?;
    let room = PEER_ROOM * generator.bound_words() * word_bytes;
    let capacity_bytes = if is_peer { room.max(1 << 20) } else { UNLIMITED_BYTES };
    let granule = Granule::new(word_bytes).unwrap_or_default();
    let config = Config::new().with_granule(granule);
    let driven = contestant
        .run_configured(capacity_bytes, &config, |allocator| drive(allocator, &mut generator))
        .map_err(|failure| failure.to_string())?
        .map_err(|error| error.to_string())?;
    match driven.refused {
        Some(error) => Err(format!("it refused a request in {capacity_bytes} bytes: {error}")),
        None => Ok(driven.peak_bytes.div_ceil(word_bytes)),
    }
}

pub(super) const NO_PROGRAM: &str = "there is no such program";

/// A heap that serves the whole program, and none that is smaller does.
pub(super) struct Smallest {
    pub(super) words: u64,
    pub(super) driven: Driven,
}

/// The smallest heap, from the live words on, in which the whole program is served, with words of one byte.
///
/// Every size is tried, since success need not be monotone in it.
pub(super) fn smallest_heap(
    contestant: &Contestant,
    config: &Config,
    live: u64,
    largest: u64,
) -> Result<Smallest, String> {
    let program = Robson::new(live, largest, 1).ok_or(NO_PROGRAM)?;
    let most = program.bound_words() * 2;
    for words in live..=most {
        let mut program = program.clone();
        let driven = contestant
            .run_configured(words, config, |allocator| drive(allocator, &mut program))
            .map_err(|failure| failure.to_string())?
            .map_err(|error| error.to_string())?;
        if driven.refused.is_none() {
            return Ok(Smallest { words, driven });
        }
    }
    Err(format!("it is refused in every heap of up to {most} words"))
}
