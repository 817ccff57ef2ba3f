//! What the words mean: every column's head and every axis leads here.

use maud::{Markup, html};

use crate::text;
use crate::view::View;

/// Anchor behind `g-`, word, meaning.
pub(super) const TERMS: &[(&str, &str, &str)] = &[
    (
        "heap",
        "heap",
        "The range of addresses that a strategy manages, of fixed size in each cell. 1.25× is a heap of one and a quarter times the workload’s peak of live bytes.",
    ),
    (
        "peak_live",
        "peak live",
        "The most bytes that live at once, each block rounded up to the granule. No strategy can do with a smaller heap.",
    ),
    (
        "packing",
        "offline packing",
        "The best plan known that sees the whole workload in advance and never moves a block: a size that is possible, if hardly for anyone who must decide at once.",
    ),
    (
        "time",
        "time for each operation",
        "Wall time of replaying the whole workload, divided by its operations: allocations, resizes and frees. The median over the timed rounds. No payload is written unless the table says so.",
    ),
    (
        "interval",
        "interval",
        "From which to which value the median lies with 95 % confidence, found from the order of the samples alone. Fewer than six rounds have none.",
    ),
    (
        "ratio",
        "ratio to the best",
        "A time over that of the fastest contestant that completed the same workload in the same heap. Floors are no contestants.",
    ),
    (
        "mean_ratio",
        "mean ratio",
        "The geometric mean of the ratios to the best over the workloads that the strategy completed and that were timed. Compare it only between strategies that completed as many.",
    ),
    (
        "completes",
        "completes",
        "On how many of the workloads the strategy served every request in that heap.",
    ),
    (
        "undominated",
        "undominated",
        "Nothing else on this workload takes as few bytes, metadata included, and as little time beyond the noise.",
    ),
    (
        "floor",
        "floor",
        "A replay that does next to nothing: what is left of a time when the strategy costs nothing. Nobody can be faster.",
    ),
    ("bound", "bound", "A heap size that nobody can undercut."),
    (
        "min_heap",
        "smallest heap",
        "The smallest heap in which the strategy completes the workload, searched to the granule.",
    ),
    (
        "high_water",
        "high-water mark",
        "The highest end that a block ever had, in a heap without limit.",
    ),
    (
        "used",
        "used bytes",
        "The end of the last block: everything up to there is taken or lies in a hole.",
    ),
    (
        "live",
        "live bytes",
        "Bytes in blocks that were allocated and not yet freed, rounded to the granule.",
    ),
    (
        "metadata",
        "metadata",
        "Most bytes of bookkeeping in use at once outside the heap. A dash where an allocator keeps it inside the heap or does not tell.",
    ),
    (
        "hole",
        "hole",
        "A maximal free piece between blocks. The free space behind the last block is no hole.",
    ),
    (
        "holes",
        "holes at the end",
        "How many holes there were when the replay ended, in the smallest heap of the run that sufficed.",
    ),
    (
        "moved",
        "moved",
        "Bytes that were moved for each byte allocated, in the smallest heap of the run that sufficed: by compaction, and by resizes that found no room.",
    ),
    (
        "oom",
        "oom",
        "Out of memory: a request was refused. Fragmented, if the free bytes would have sufficed in one piece; full, if not.",
    ),
    ("timeout", "timeout", "The cell’s share of the time ran out."),
    (
        "invalid",
        "invalid",
        "The strategy broke its contract, so that nothing else it did was measured.",
    ),
    ("crashed", "crashed", "The strategy panicked, or its process died."),
    (
        "percentile",
        "percentile",
        "p99 is the time within which 99 of 100 operations were done. The cost of reading the clock is subtracted.",
    ),
    (
        "profile",
        "performance profile",
        "For each factor, the share of all cells in which a strategy is within that factor of the fastest. A failed cell is never within any. Higher is better; at 1× it is the share of cells that it wins.",
    ),
    (
        "noise",
        "noise floor",
        "How far two listings of the very same strategy lay apart in this run. Differences below it mean nothing.",
    ),
];

pub(crate) fn section(view: &View<'_>) -> Markup {
    html! {
        dl.glossary {
            @for (key, word, meaning) in TERMS {
                dt id={ (view.anchor("g-")) (key) } { (word) }
                dd { (meaning) }
            }
        }
        details.numbers {
            summary { "Every figure of a cell" }
            div.scroll tabindex="0" role="group" aria-label="Every figure of a cell" {
                table.data {
                    thead { tr { th scope="col" { "figure" } th scope="col" { "unit" } th scope="col" { "better" } th scope="col" { "meaning" } } }
                    tbody {
                        @for metric in &view.report.metrics {
                            tr {
                                td { code { (text::name(&metric.name)) } } td { (text::name(&metric.unit)) }
                                td { (metric.better.as_str()) } td { (text::cut(&metric.description, 400)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
