//! The catalogue of cases.

use std::fmt;

use heaplab_core::{Kind, Policy};

use crate::Options;
use crate::cases::{
    buddies, crossover, decay, fifty_percent, minimalloc, partial_compaction, robson, size_classes,
    store_game, worst_case,
};
use crate::contestants::Contestant;
use crate::result::Check;

/// A published result, and how it is repeated.
#[derive(Clone, Copy)]
pub struct Case {
    /// By which it is asked for.
    pub number: u32,
    /// Short name.
    pub name: &'static str,
    /// What is claimed, in one line.
    pub claim: &'static str,
    /// Author, title, year; and how the figures came about where they were computed.
    pub source: &'static str,
    /// Who takes part.
    pub(crate) judges: Judged,
    pub(crate) run: fn(&[Contestant], &Options) -> Vec<Check>,
}

/// Whom a case judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    /// Published allocators too.
    Everybody,
    /// Strategies alone.
    Strategies,
    /// Strategies of two policies, each of the one held against each of the other.
    Pairs(Policy, Policy),
    /// A theorem, without anybody's help.
    Nobody,
}

impl Judged {
    /// Who is to be judged together somewhere else, so that each of `others` takes part as it would beside those that are
    /// judged `here`.
    pub(crate) fn groups<'a>(
        self,
        here: &'a [Contestant],
        others: &'a [Contestant],
    ) -> Vec<Vec<&'a Contestant>> {
        let is_strategy = |it: &&Contestant| it.entry.capabilities.kind != Kind::Peer;
        match self {
            Self::Everybody => others.iter().map(|it| vec![it]).collect(),
            Self::Strategies => others.iter().filter(is_strategy).map(|it| vec![it]).collect(),
            Self::Pairs(one, other) => {
                let of = |policy| {
                    let all = here.iter().map(|it| (it, false));
                    let all = all.chain(others.iter().map(|it| (it, true)));
                    all.filter(move |(it, _)| it.has_policy(policy)).collect::<Vec<_>>()
                };
                let seconds = of(other);
                let pairs = |(first, is_first_apart): (&'a Contestant, bool)| {
                    let are_apart = move |is_apart: bool| is_first_apart || is_apart;
                    let seconds = seconds.iter().filter(move |&&(_, is_apart)| are_apart(is_apart));
                    seconds.map(|&(second, _)| vec![first, second]).collect::<Vec<_>>()
                };
                of(one).into_iter().flat_map(pairs).collect()
            }
            Self::Nobody => Vec::new(),
        }
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, name, claim, source, judges: _, run: _ } = self;
        f.debug_struct("Case")
            .field("number", number)
            .field("name", name)
            .field("claim", claim)
            .field("source", source)
            .finish_non_exhaustive()
    }
}

/// All cases, in the order of their numbers.
#[must_use]
pub const fn cases() -> &'static [Case] {
    CASES
}

const CASES: &[Case] = &[
    Case {
        number: 1,
        name: "robson",
        claim: "no allocator that never moves blocks serves Robson's program in less than his bound; the exact fits \
                need just that, full compaction needs no more than the live words",
        source: "Robson, JACM 18, 1971, and JACM 21, 1974; that the fits meet the bound was computed",
        judges: Judged::Everybody,
        run: robson::run,
    },
    Case {
        number: 2,
        name: "worst-case",
        claim: "the worst that any sequence of requests can do to first, best and worst fit, and never less than what \
                the best of all allocators needs",
        source: "computed by exhaustive search with two programs; Knuth, TAOCP 1, section 2.5, poses the question",
        judges: Judged::Strategies,
        run: worst_case::run,
    },
    Case {
        number: 3,
        name: "store-game",
        claim: "with blocks of one and two words, no allocator that never moves them needs less than (3M-1)/2 words, \
                rounded down, and the best needs just that",
        source: "Knuth, TAOCP 1, section 2.5, exercise 38: the formula; other sizes were computed by solving the game",
        judges: Judged::Nobody,
        run: store_game::run,
    },
    Case {
        number: 4,
        name: "minimalloc",
        claim: "the peaks of online fits on the challenging instances of a static allocator",
        source: "Moffitt, MiniMalloc, ASPLOS 2023: the instances; the peaks were computed with two programs",
        judges: Judged::Strategies,
        run: minimalloc::run,
    },
    Case {
        number: 5,
        name: "buddies",
        claim: "what binary buddies grant beyond what is asked: a third to a half where all sizes are equally likely, and \
                44 % where a size is the rarer the larger it is",
        source: "Peterson, Norman, Buddy Systems, CACM 20(6), 1977; the bounds: Internal Fragmentation in a Class of \
                 Buddy Systems; sums computed in closed form",
        judges: Judged::Strategies,
        run: buddies::run,
    },
    Case {
        number: 6,
        name: "size-classes",
        claim: "what rounding to size classes adds, and the empty heap that refuses what would fit",
        source: "OffsetAllocator's README and issue 14, Mooncake's pull request 3787",
        judges: Judged::Everybody,
        run: size_classes::run,
    },
    Case {
        number: 7,
        name: "fifty-percent",
        claim: "in equilibrium there are half as many holes as blocks, times the probability of a remainder; and not at \
                all where the oldest block goes first",
        source: "Knuth, TAOCP 1, section 2.5, 1968; Shore, CACM 20(11), 1977: the anomaly; figures simulated",
        judges: Judged::Strategies,
        run: fifty_percent::run,
    },
    Case {
        number: 8,
        name: "crossover",
        claim: "best fit wins where sizes vary little, first fit where they vary much; they meet where the standard \
                deviation is the mean",
        source: "Shore, On the External Storage Fragmentation Produced by First-Fit and Best-Fit, CACM 18(8), 1975",
        judges: Judged::Pairs(Policy::BestFit, Policy::FirstFit),
        run: crossover::run,
    },
    Case {
        number: 9,
        name: "decay",
        claim: "under random loads of one size, what first fit wastes vanishes as the load grows",
        source: "Coffman, Kadota, Shepp, A Stochastic Model of Fragmentation, SIAM J. Comput. 14, 1985; figures simulated",
        judges: Judged::Strategies,
        run: decay::run,
    },
    Case {
        number: 10,
        name: "partial-compaction",
        claim: "what Robson's program needs where at most one word is moved for c allocated",
        source: "Bendersky, Petrank, POPL 2011: c-partial compaction; the curve of the slide on a miss was computed",
        judges: Judged::Strategies,
        run: partial_compaction::run,
    },
];

#[cfg(test)]
mod tests {
    use super::cases;

    #[test]
    fn numbers_rise_and_names_are_unique() {
        let numbers: Vec<_> = cases().iter().map(|case| case.number).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
        let names: std::collections::BTreeSet<_> = cases().iter().map(|case| case.name).collect();
        assert_eq!(names.len(), cases().len());
    }
}
