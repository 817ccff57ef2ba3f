//! The tables between the paragraphs.

use crate::explain::{Explanation, Other, Picture, Pin, Pins};
use crate::number::{bytes, exact};
use crate::table::{Block, Column, Entry, Role, Table};

fn table(title: &str, columns: Vec<Column>, rows: Vec<Vec<Entry>>) -> Table {
    Table {
        title: title.into(),
        columns,
        blocks: vec![Block { label: None, rows }],
        ..Table::default()
    }
}

fn column(key: &str, heading: &str, is_number: bool) -> Column {
    Column { key: key.into(), heading: heading.into(), is_number, ..Column::default() }
}

fn figure(value: Option<u64>) -> Entry {
    Entry::figure(value, exact)
}

/// The holes by length.
pub(super) fn holes(picture: &Picture) -> Table {
    let most = picture.hole_histogram.iter().map(|class| class.holes).max().unwrap_or(1).max(1);
    let rows = picture.hole_histogram.iter().map(|class| {
        let length = (u128::from(class.holes) * 20).div_ceil(u128::from(most));
        let bar = "▇".repeat(usize::try_from(length).unwrap_or(20));
        vec![
            Entry { text: bytes(class.from_bytes), value: class.from_bytes.into() },
            figure(Some(class.holes)),
            figure(Some(class.bytes)),
            Entry::word(bar),
        ]
    });
    let columns = vec![
        column("from_bytes", "holes from", true),
        column("holes", "holes", true),
        column("bytes", "bytes", true),
        column("bar", "", false),
    ];
    table("", columns, rows.collect())
}

/// The places that keep most apart.
pub(super) fn pins(pins: &Pins) -> Table {
    let has = |known: &dyn Fn(&Pin) -> bool| pins.largest.iter().any(known);
    let has_thread = has(&|pin| pin.blocks.iter().any(|block| block.thread.is_some()));
    let has_site = has(&|pin| pin.blocks.iter().any(|block| block.call_site.is_some()));
    let mut columns = vec![
        column("offset_bytes", "offset", true),
        column("blocks", "blocks", true),
        column("bytes", "bytes", true),
        column("hole_before_bytes", "free before", true),
        column("hole_behind_bytes", "free behind", true),
        column("gain_bytes", "gain if gone", true),
        column("age_operations", "age", true),
    ];
    columns.extend(has_thread.then(|| column("thread", "thread", false)));
    columns.extend(has_site.then(|| column("call_site", "call site", false)));
    let row = |pin: &Pin| {
        let blocks = u64::try_from(pin.blocks.len()).unwrap_or(u64::MAX);
        let mut row = vec![
            figure(Some(pin.offset_bytes)),
            figure(Some(blocks)),
            figure(Some(pin.bytes)),
            figure(Some(pin.hole_before_bytes)),
            pin.hole_behind_bytes.map_or(Entry::word("no limit"), |bytes| figure(Some(bytes))),
            figure(Some(pin.gain_bytes)),
            ages(pin),
        ];
        row.extend(has_thread.then(|| {
            distinct(pin.blocks.iter().filter_map(|block| block.thread.map(|it| it.to_string())))
        }));
        row.extend(
            has_site
                .then(|| distinct(pin.blocks.iter().filter_map(|block| block.call_site.clone()))),
        );
        row
    };
    let mut table = table("", columns, pins.largest.iter().map(row).collect());
    if !pins.largest.is_empty() {
        table.footnotes.push(
            "each line is a place: at most eight neighboring blocks between two free pieces; gain if gone: by how much \
             the longer of the two would grow; age: operations since the allocation"
                .into(),
        );
    }
    table
}

fn ages(pin: &Pin) -> Entry {
    let ages = || pin.blocks.iter().map(|block| block.age_operations);
    match (ages().min(), ages().max()) {
        (Some(low), Some(high)) if low < high => {
            Entry::word(format!("{} to {}", exact(low), exact(high)))
        }
        (low, _) => figure(low),
    }
}

/// What occurs, each once, in order.
fn distinct(names: impl Iterator<Item = String>) -> Entry {
    let mut seen: Vec<String> = Vec::new();
    for name in names {
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    if seen.is_empty() { Entry::absent() } else { Entry::word(seen.join(", ")) }
}

/// The other strategies at the same moment, and this one first.
pub(super) fn others(it: &Explanation) -> Table {
    if it.remedies.others.is_empty() {
        return Table::default();
    }
    let picture = &it.picture;
    let this = Other {
        strategy: it.strategy.clone(),
        status: it.outcome.status,
        operations_completed: it.operations_completed,
        gets_past: it.moment.is_after,
        used_bytes: Some(picture.used_bytes),
        holes: Some(picture.holes),
        largest_hole_bytes: Some(picture.largest_hole_bytes),
        high_water_bytes: it.remedies.high_water_bytes,
        relocated_bytes: it.remedies.relocated_bytes,
    };
    let row = |other: &Other| {
        vec![
            Entry::word(&other.strategy),
            Entry::word(other.status.as_str()),
            figure(Some(other.operations_completed)),
            figure(other.used_bytes),
            figure(other.high_water_bytes),
            figure(other.holes),
            figure(other.largest_hole_bytes),
            figure(other.relocated_bytes),
        ]
    };
    let columns = vec![
        Column { role: Role::Name, ..column("strategy", "strategy", false) },
        column("status", "ends", false),
        column("operations_completed", "completes", true),
        column("used_bytes", "used then", true),
        column("high_water_bytes", "high water", true),
        column("holes", "holes", true),
        column("largest_hole_bytes", "largest hole", true),
        column("relocated_bytes", "relocated", true),
    ];
    let rows = std::iter::once(&this).chain(&it.remedies.others).map(row).collect();
    let mut table = table("", columns, rows);
    let when = if it.moment.is_after { "after" } else { "before" };
    table.footnotes.push(format!(
        "bytes and holes {when} operation {}, or nothing where a strategy does not get there; completes: operations",
        exact(it.moment.operation)
    ));
    table
}
