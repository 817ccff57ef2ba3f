//! The times that were measured again, as a table.

use crate::compare::{Comparison, Confirmation, TimeRow};
use crate::number::significant;
use crate::table::{Entry, Table};

use super::{bare_percent, figure, how_confirmed, p_text, percent, time_verdict, word};

/// None where nothing was looked at again.
pub(super) fn table(comparison: &Comparison) -> Option<Table> {
    let times = comparison.times.as_ref()?;
    let subtitle = how_confirmed(times)?;
    let row = |it: &TimeRow| Some(cells(it, it.confirmation.as_ref()?));
    let columns = vec![
        figure("old", "ns/op"),
        figure("new", "ns/op"),
        figure("before", ""),
        figure("again", ""),
        word("interval"),
        figure("p", ""),
        word("verdict"),
    ];
    let rows = times.rows.iter().filter_map(row).collect();
    Some(super::table("again", subtitle, columns, rows))
}

fn cells(it: &TimeRow, again: &Confirmation) -> Vec<Entry> {
    let interval = again.interval.map_or_else(Entry::absent, |[lower, upper]| {
        Entry::word(format!("[{}, {}]", bare_percent(lower), bare_percent(upper)))
    });
    vec![
        Entry::word(&it.strategy),
        Entry::word(&it.trace),
        Entry::word(super::heap(it)),
        Entry::figure(Some(again.old_ns), significant),
        Entry::figure(Some(again.new_ns), significant),
        Entry::figure(Some(it.relative_ratio), percent),
        Entry::figure(Some(again.change_ratio), percent),
        interval,
        Entry::figure(Some(again.p_adjusted), p_text),
        Entry::word(time_verdict(it)),
    ]
}
