//! What the words on the page of a comparison mean: the heads of its columns lead here.

use maud::{Markup, html};

/// Anchor, word, meaning.
const TERMS: &[(&str, &str, &str)] = &[
    (
        "w-heap",
        "heap",
        "The range of addresses that a strategy manages. 1.25x is one and a quarter times the workload’s peak of live bytes; payload means that bytes stood behind it and were copied when blocks moved.",
    ),
    (
        "w-time",
        "ns/op",
        "Wall time of replaying the whole workload, divided by its operations; the median over the timed rounds.",
    ),
    (
        "w-clock",
        "change, by the clock",
        "New over old, minus one, as the clock had it. It holds what the machine did between the two measurements.",
    ),
    (
        "w-relative",
        "relative",
        "The same without what others, timed in the same rounds, had in common: peers, whose code is equal in both, or else the other strategies. Where there are too few of them it is the change by the clock.",
    ),
    (
        "w-interval",
        "interval",
        "From which to which value the relative change lies with 95 % confidence.",
    ),
    (
        "w-p",
        "p",
        "The chance of samples that lie as far apart without any cause, by a rank test, adjusted by Holm’s method for all rows tested: below 0.05, at most one comparison in twenty raises even one false alarm.",
    ),
    (
        "w-noise",
        "noise floor",
        "How far two listings of one strategy came apart in one run. What is smaller is noise by demonstration.",
    ),
    (
        "w-threshold",
        "threshold",
        "Smaller changes do not matter to whoever asked, however certain they are (--threshold).",
    ),
    (
        "w-luck",
        "luck of a single process",
        "A process may be faster or slower than another of the same program by where its tables lie. With one process a side nothing smaller is believed; several processes show their spread themselves.",
    ),
    (
        "w-verdict",
        "verdict",
        "Better or worse: p is below 0.05 and the whole interval lies beyond threshold, noise floor and luck. All else cannot be told apart, which does not say that it is equal.",
    ),
    (
        "w-again",
        "measured again, confirmed",
        "What looked better or worse was timed once more (--confirm): fresh processes of both builds in turns, one figure each, the exact test of Mann and Whitney over them. Confirmed is what shows the same verdict again; only that counts.",
    ),
    (
        "w-exact",
        "exact figure",
        "A size or a count that follows from the code and the workload alone, never from a clock: it is compared by equality.",
    ),
];

pub(super) fn section() -> Markup {
    html! {
        dl.glossary {
            @for (anchor, word, meaning) in TERMS { dt id=(anchor) { (word) } dd { (meaning) } }
        }
    }
}
