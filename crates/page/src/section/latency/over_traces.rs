//! What the traces of a large report have in common: two tables for each heap.

use heaplab_report::{Latency, StrategyEntry, StrategyKind, stats};
use maud::{Markup, html};

use super::{QUANTILES, quantiles};
use crate::view::{Group, View};
use crate::{figure, text};

/// The traces with latencies in one heap.
struct Heap<'a, 'b> {
    spec: &'b str,
    groups: Vec<&'b Group<'a>>,
}

impl Heap<'_, '_> {
    /// What a contestant has in each trace.
    fn of<'c>(&'c self, name: &'c str) -> impl Iterator<Item = Option<&'c Latency>> {
        self.groups.iter().map(move |group| group.cell(name, self.spec)?.latency.as_ref())
    }

    /// Who has any, floors last.
    fn entries<'v>(&self, view: &View<'v>) -> impl Iterator<Item = &'v StrategyEntry> {
        let kinds = [StrategyKind::Strategy, StrategyKind::Peer, StrategyKind::Floor];
        let entries = kinds.into_iter().flat_map(|kind| view.of_kind(kind));
        entries.filter(|entry| self.of(&entry.name).any(|it| it.is_some()))
    }

    /// What was timed and not looked at one by one.
    fn left_out(&self, view: &View<'_>) -> Vec<(String, Vec<String>)> {
        let of = |entry: &StrategyEntry| {
            let is_left_out = |group: &&&Group<'_>| {
                let cell = group.cell(&entry.name, self.spec);
                cell.is_some_and(|cell| cell.time.is_some() && cell.latency.is_none())
            };
            let titles = self.groups.iter().filter(is_left_out).map(|group| group.title());
            (text::name(&entry.name), titles.collect::<Vec<_>>())
        };
        view.report.strategies.iter().map(of).filter(|(_, traces)| !traces.is_empty()).collect()
    }
}

pub(super) fn summary(view: &View<'_>, groups: &[(&Group<'_>, &str)]) -> Markup {
    let heaps = view.heaps.iter().map(|spec| {
        let of_heap = groups.iter().filter(|(_, heap)| heap == spec).map(|(group, _)| *group);
        Heap { spec, groups: of_heap.collect() }
    });
    html! {
        @for heap in heaps.filter(|heap| !heap.groups.is_empty()) {
            h3 { "Medians over " (heap.groups.len()) " workloads in " (text::name(heap.spec)) }
            (medians(view, &heap))
            (figure::numbers(&format!("p99.9 of each workload in {}", text::name(heap.spec)), &table(view, &heap)))
            @let left_out = heap.left_out(view);
            @if !left_out.is_empty() {
                p.note {
                    "Timed in " (text::name(heap.spec)) " and left out here, since a replay takes long or no time was left: "
                    @for (at, (name, traces)) in left_out.iter().enumerate() {
                        @if at > 0 { "; " } (name) " on " (traces.join(", "))
                    }
                    "."
                }
            }
        }
        p.note { "Run a single trace for a chart of its own." }
    }
}

/// Each quantile as the median over the traces.
fn medians(view: &View<'_>, heap: &Heap<'_, '_>) -> Markup {
    let median = |name: &str, quantile: &str| {
        let of_quantile = |latency| quantiles(latency).into_iter().find(|it| it.0 == quantile);
        let all: Vec<f64> =
            heap.of(name).flatten().filter_map(of_quantile).map(|it| it.2).collect();
        stats::median(&all)
    };
    html! {
        div.scroll tabindex="0" role="group" aria-label="quantiles" { table.data {
            thead { tr {
                th scope="col" { "strategy" }
                @for name in QUANTILES { (figure::head(view, "percentile", name, "")) }
            } }
            tbody {
                @for entry in heap.entries(view) {
                    tr data-s=(view.strategy_index(&entry.name)) {
                        (figure::strategy(view, &entry.name))
                        @for name in QUANTILES {
                            @let found = median(&entry.name, name);
                            td.n data-v=[found] { @match found { Some(ns) => (text::ns(ns)), None => "–" } }
                        }
                    }
                }
            }
        } }
    }
}

/// One quantile of each trace.
fn table(view: &View<'_>, heap: &Heap<'_, '_>) -> Markup {
    html! {
        table.data {
            thead { tr {
                th scope="col" { "strategy" }
                @for group in &heap.groups { (figure::head(view, "percentile", &group.title(), "p99.9")) }
            } }
            tbody {
                @for entry in heap.entries(view) {
                    tr data-s=(view.strategy_index(&entry.name)) {
                        th scope="row" { (text::name(&entry.name)) }
                        @for latency in heap.of(&entry.name) {
                            td.n { @match latency { Some(it) => (text::ns(it.p999_ns)), None => "–" } }
                        }
                    }
                }
            }
        }
    }
}
