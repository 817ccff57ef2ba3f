//! What is compared with what, and what is aimed at.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::prototype;
use crate::rows::{COMPACTION_AT_2, Row};
use crate::workload::{RANDOM_ORDER, SMALL_AND_MANY};

/// Contestant, base, ratio.
const GOALS: &[(&str, &str, f64)] = &[
    ("free-list", "offset-allocator", 0.6),
    ("free-list", "talc", 0.9),
    ("best-fit-lifo", "offset-allocator", 0.6),
    ("best-fit-lifo", "talc", 1.0),
    ("best-fit", "offset-allocator", 0.8),
    ("best-fit", "talc", 1.0),
    ("best-fit", "orderly", 1.0 / 6.0),
    ("best-fit", "range-alloc", 1.0 / 15.0),
    ("first-fit", "best-fit", 1.5),
    ("next-fit", "best-fit", 2.0),
    ("worst-fit", "best-fit", 2.0),
    (COMPACTION_AT_2, "talc", 0.6),
];

/// Those whose time may depend neither on the number of holes nor on that of blocks.
const STEADY: [&str; 4] = ["best-fit", "best-fit-lifo", "first-fit", "free-list"];

/// The same sizes with 100,000 tiny holes and without.
const TINY_HOLES: (&str, &str, f64) = ("s4b", "s3", 1.3);

/// 200,000 live blocks, beside this peer.
const MANY_BLOCKS: ([&str; 2], &str, f64) = (["s2", SMALL_AND_MANY], "talc", 1.0);

/// Exact fits over the floor that places one block behind the other, among 20,000 live blocks.
const OVER_BUMP: [(&str, f64); 2] = [("best-fit", 12.0), ("first-fit", 25.0)];

/// One comparison, over real traces and on each generated workload.
#[derive(Debug, Serialize)]
pub(crate) struct Goal {
    pub(crate) contestant: &'static str,
    pub(crate) base: &'static str,
    pub(crate) goal_ratio: f64,
    pub(crate) real_ratio: Option<f64>,
    pub(crate) real_traces: usize,
    generated_ratio: BTreeMap<String, f64>,
}

/// A time over another: on another workload, or another contestant's.
#[derive(Debug, Serialize)]
pub(crate) struct Cliff {
    pub(crate) contestant: &'static str,
    pub(crate) trace: &'static str,
    pub(crate) base_contestant: &'static str,
    pub(crate) base_trace: &'static str,
    pub(crate) goal_ratio: f64,
    pub(crate) ratio: Option<f64>,
}

/// A strategy beside the prototype's structure for the same policy, on one generated workload.
#[derive(Debug, Serialize)]
pub(crate) struct BesidePrototype {
    pub(crate) contestant: &'static str,
    pub(crate) structure: &'static str,
    pub(crate) trace: &'static str,
    ns_per_operation: f64,
    prototype_ns_per_operation: f64,
    pub(crate) ratio: f64,
    /// The same of each one's time over that of offset-allocator in its own process.
    pub(crate) ratio_beside_peer: Option<f64>,
}

pub(crate) fn goals(real: &[Row], generated: &[Row]) -> Vec<Goal> {
    let goal = |&(contestant, base, goal_ratio): &(&'static str, &'static str, f64)| {
        let ratio = |row: &Row| Some(row.of(contestant)? / row.of(base)?);
        let ratios: Vec<f64> = real.iter().filter_map(ratio).collect();
        let on = |row: &Row| Some((row.trace.clone(), ratio(row)?));
        Goal {
            contestant,
            base,
            goal_ratio,
            real_ratio: geometric_mean(&ratios),
            real_traces: ratios.len(),
            generated_ratio: generated.iter().filter_map(on).collect(),
        }
    };
    GOALS.iter().map(goal).collect()
}

pub(crate) fn cliffs(generated: &[Row]) -> Vec<Cliff> {
    let ns = |contestant: &str, trace: &str| {
        generated.iter().find(|row| row.trace == trace).and_then(|row| row.of(contestant))
    };
    let cliff = |contestant, trace, base_contestant, base_trace, goal_ratio| {
        let ratio = ns(contestant, trace).zip(ns(base_contestant, base_trace));
        let ratio = ratio.map(|(own, base)| own / base);
        Cliff { contestant, trace, base_contestant, base_trace, goal_ratio, ratio }
    };
    let mut cliffs = Vec::new();
    for contestant in STEADY {
        let (trace, base_trace, goal_ratio) = TINY_HOLES;
        cliffs.push(cliff(contestant, trace, contestant, base_trace, goal_ratio));
        let (traces, peer, goal_ratio) = MANY_BLOCKS;
        cliffs.extend(traces.map(|trace| cliff(contestant, trace, peer, trace, goal_ratio)));
    }
    for (contestant, goal_ratio) in OVER_BUMP {
        let over_bump = |trace| cliff(contestant, trace, "bump", trace, goal_ratio);
        cliffs.extend(["s1", RANDOM_ORDER].map(over_bump));
    }
    cliffs
}

pub(crate) fn beside_prototype(generated: &[Row]) -> Vec<BesidePrototype> {
    let mut all = Vec::new();
    for structure in prototype::STRUCTURES {
        for (trace, prototype_ns) in prototype::TRACES.into_iter().zip(structure.ns_per_operation) {
            let row = generated.iter().find(|row| row.trace == trace);
            let Some((row, ns)) = row.and_then(|row| Some((row, row.of(structure.contestant)?)))
            else {
                continue;
            };
            let peers = row.of(prototype::PEER).zip(prototype::peer_ns(trace));
            all.push(BesidePrototype {
                contestant: structure.contestant,
                structure: structure.name,
                trace,
                ns_per_operation: ns,
                prototype_ns_per_operation: prototype_ns,
                ratio: ns / prototype_ns,
                ratio_beside_peer: peers.map(|(here, there)| ns / here / (prototype_ns / there)),
            });
        }
    }
    all
}

#[expect(clippy::cast_precision_loss, reason = "there are few traces")]
pub(crate) fn geometric_mean(values: &[f64]) -> Option<f64> {
    let sum: f64 = values.iter().map(|value| value.ln()).sum();
    (!values.is_empty()).then(|| (sum / values.len() as f64).exp())
}
