//! Heap maps: what each strategy did to the heap, side by side.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use heaplab_report::{HeapMap, number};
use maud::{Markup, html};

use crate::map::{self, ColorBy, png};
use crate::text;
use crate::view::View;

/// The maps by trace, heap and window; nothing for a report without maps.
pub(crate) fn section(view: &View<'_>) -> Markup {
    let maps = &view.report.maps;
    if maps.is_empty() {
        return html! {};
    }
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, map) in maps.iter().enumerate() {
        let key = |map: &HeapMap| {
            (map.trace.clone(), map.heap.spec.clone(), map.from_operation, map.to_operation)
        };
        match groups.iter_mut().find(|group| key(&maps[group[0]]) == key(map)) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    html! {
        p {
            "Each picture is one replay: addresses from left to right, operations from top to bottom. "
            "What is colored lives, what is plain is a hole, what is gray lies behind the last block. "
            "The dashed line is the high-water mark, a tick at the left edge a compaction, "
            "and a red bar at the bottom the moment at which a request was refused."
        }
        @for (at, group) in groups.iter().enumerate() {
            details.map-group open[at == 0] data-t=[trace_index(view, &maps[group[0]])] {
                summary { (title(&maps[group[0]])) }
                (player(view, at, group))
            }
        }
    }
}

fn trace_index(view: &View<'_>, map: &HeapMap) -> Option<usize> {
    view.report.traces.iter().position(|trace| trace.name == map.trace)
}

fn title(map: &HeapMap) -> String {
    let heap = if map.heap.is_unlimited() {
        "a heap without limit".to_owned()
    } else {
        let exact = number::bytes(map.heap.bytes);
        format!("a heap of {exact} ({})", map.heap.spec)
    };
    let range = match map.steps {
        Some(_) => {
            let ends = [map.from_operation, map.to_operation.saturating_sub(1)];
            let [from, to] = ends.map(number::exact);
            format!(", operations {from} to {to}")
        }
        None => String::new(),
    };
    format!("{} in {heap}{range}", text::name(&map.trace))
}

fn player(view: &View<'_>, at: usize, maps: &[usize]) -> Markup {
    let all = &view.report.maps;
    let list = maps.iter().map(usize::to_string).collect::<Vec<_>>().join(" ");
    let first = &all[maps[0]];
    html! {
        div.map-player id={ (view.anchor("map-")) (at) } data-maps=(list) {
            div.map-legend { (legend(first)) }
            div.map-panels { @for index in maps { (panel(view, &all[*index], *index)) } }
            p.note {
                "Shown: " (first.rows.reduction) "."
                @if first.steps.is_none() {
                    " " code { "heaplab report TRACE --map STRATEGY,STRATEGY --window FROM..TO" }
                    " shows every operation of a window."
                } @else {
                    noscript { " Without scripts ages are counted from the window's first operation." }
                }
            }
        }
    }
}

/// Without the player: what the pictures' colors mean.
fn legend(shown: &HeapMap) -> Markup {
    let name = |part| match part {
        0 => "new".to_owned(),
        8 => format!("{} operations old", number::count(shown.to_operation)),
        _ => String::new(),
    };
    html! {
        @for part in [0, 2, 4, 6, 8] {
            span {
                svg.map-swatch viewBox="0 0 1 1" aria-hidden="true" {
                    rect width="1" height="1" fill=(map::age_color(f64::from(part) / 8.0)) {}
                }
                (name(part))
            }
        }
        span { i.map-swatch.map-hole {} "hole" }
        span { i.map-swatch.map-wild {} "behind the last block" }
    }
}

fn panel(view: &View<'_>, map: &HeapMap, index: usize) -> Markup {
    let (columns, rows) = (map.rows.columns, map.rows.operation_index.len());
    let picture = match png(map, ColorBy::Age) {
        Ok(bytes) => format!("data:image/png;base64,{}", STANDARD.encode(bytes)),
        Err(error) => return html! { p.map-refused { (error) } },
    };
    let at = |bytes: u64| {
        u128::from(bytes) * u128::from(columns) * 100 / u128::from(map.extent_bytes.max(1))
    };
    let hundredths = |value: u128| format!("{}.{:02}", value / 100, value % 100);
    let [first, last] = [map.rows.operation_index.first(), map.rows.operation_index.last()]
        .map(|index| index.copied().map_or_else(String::new, number::exact));
    html! {
        figure.map-panel data-map=(index) data-s=(view.strategy_index(&map.strategy)) {
            figcaption { b { (text::name(&map.strategy)) } " " (outcome(map)) }
            div.map-frame {
                div.map-scale { span { (first) } span.map-axis-name { "operation" } span { (last) } }
                div.map-picture {
                    img.map-rows src=(picture) width=(columns) height=(rows) alt=(alt(map));
                    svg.map-marks viewBox={ "0 0 " (columns) " " (rows) } preserveAspectRatio="none"
                        aria-hidden="true" {
                        @if let Some(mark) = map.high_water {
                            @let x = hundredths(at(mark.bytes));
                            line.map-high-water x1=(x) x2=(x) y1="0" y2=(rows) {}
                        }
                        @for row in &map.rows.compacted_rows {
                            line.map-compacted x1="0" x2=(f64::from(columns) / 40.0) y1=(row) y2=(row) {}
                        }
                        @if map.failure.is_some() {
                            line.map-failure x1="0" x2=(columns) y1=(rows) y2=(rows) {}
                        }
                    }
                }
                div.map-axis { span { "0" } span.map-axis-name { "address" } span { (number::bytes(map.extent_bytes)) } }
            }
            (numbers(map))
        }
    }
}

/// How the replay ended, in a few words.
fn outcome(map: &HeapMap) -> String {
    let mark = map.high_water.map_or(0, |it| it.bytes);
    let mut text = match &map.failure {
        Some(it) => format!(
            "refused operation {}: {} asked for, {} free in {} holes and behind, largest hole {}",
            number::exact(it.operation),
            number::bytes(it.requested_bytes),
            number::bytes(it.free_bytes),
            number::exact(it.holes),
            number::bytes(it.largest_hole_bytes)
        ),
        None if map.steps.is_some() => {
            format!("nothing refused in this window, highest end {}", number::bytes(mark))
        }
        None => format!("completed, high-water mark {}", number::bytes(mark)),
    };
    if map.compactions > 0 {
        text.push_str(&format!(
            "; {} compaction{}, {} moved",
            number::exact(map.compactions),
            if map.compactions == 1 { "" } else { "s" },
            number::bytes(map.relocated_bytes)
        ));
    }
    text
}

fn alt(map: &HeapMap) -> String {
    let (strategy, trace) = (text::name(&map.strategy), text::name(&map.trace));
    format!("Heap map of {strategy} on {trace}: {}", outcome(map))
}

/// The same as numbers.
fn numbers(map: &HeapMap) -> Markup {
    let rows = &map.rows;
    let step = rows.operation_index.len().div_ceil(16).max(1);
    let last = rows.operation_index.len().saturating_sub(1);
    let is_told = |row: usize| row.is_multiple_of(step) || row == last;
    html! {
        details.numbers.map-numbers {
            summary { "Some of the rows as numbers" }
            table {
                thead { tr { th { "after operation" } th { "live" } th { "last block ends at" } } }
                tbody {
                    @for row in (0..rows.operation_index.len()).filter(|row| is_told(*row)) {
                        tr {
                            td { (number::exact(rows.operation_index[row])) }
                            td { (number::bytes(rows.live_bytes[row])) }
                            td { (number::bytes(rows.end_bytes[row])) }
                        }
                    }
                }
            }
        }
    }
}
