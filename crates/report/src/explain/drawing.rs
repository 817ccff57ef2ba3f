//! The heap as one line of text.

use super::{Clearing, Map};

/// Signs for a column by how much of it is live: nothing, little, half, most, all; and for the wilderness.
struct Signs {
    shades: [char; 5],
    wilderness: char,
}

const ASCII: Signs = Signs { shades: ['-', ':', '+', '#', 'X'], wilderness: '.' };
const UNICODE: Signs = Signs { shades: ['-', '░', '▒', '▓', '█'], wilderness: '·' };

/// A drawing and what its signs mean.
pub(super) struct Drawing {
    /// The heap, a sign a column.
    pub(super) heap: String,
    /// Marks below it; empty without any.
    pub(super) marks: String,
    /// What the signs mean.
    pub(super) legend: String,
}

impl Drawing {
    /// The heap with `used_bytes` below the end of its last block; `clearing` is marked.
    pub(super) fn new(
        map: &Map,
        used_bytes: u64,
        granule_bytes: u64,
        clearing: Option<&Clearing>,
        ascii: bool,
    ) -> Self {
        let columns = map.live_bytes.len();
        let start = |column: usize| {
            let at = u128::from(map.extent_bytes) * (column as u128) / (columns.max(1) as u128);
            u64::try_from(at).unwrap_or(u64::MAX)
        };
        // A heap of few granules is drawn exactly, and looks the same everywhere.
        let is_exact = start(1) <= granule_bytes && map.extent_bytes > 0;
        let signs = if ascii || is_exact { ASCII } else { UNICODE };
        let sign = |(column, &live): (usize, &u64)| {
            let (from, to) = (start(column), start(column + 1));
            match live {
                0 if from >= used_bytes => signs.wilderness,
                0 => signs.shades[0],
                _ if live >= to - from => signs.shades[4],
                _ => {
                    signs.shades[1 + usize::try_from(live.saturating_mul(3) / (to - from))
                        .unwrap_or(2)
                        .min(2)]
                }
            }
        };
        let heap = map.live_bytes.iter().enumerate().map(sign).collect();
        let mark = |clearing: &Clearing| {
            let end = clearing.offset_bytes.saturating_add(clearing.stretch_bytes);
            let is_inside =
                |&column: &usize| start(column) < end && start(column + 1) > clearing.offset_bytes;
            let marks = (0..columns).map(|column| if is_inside(&column) { '^' } else { ' ' });
            marks.collect::<String>().trim_end().to_owned()
        };
        let [_, little, half, most, all] = signs.shades;
        let scale = if is_exact {
            format!("one sign is {} B: {all} live, - hole, ", start(1))
        } else {
            let scale = crate::number::bytes(map.extent_bytes / (columns.max(1) as u64));
            format!(
                "one sign is about {scale}: {all} live, {most} {half} {little} partly, - hole, "
            )
        };
        let mark_means = if clearing.is_some() { ", ^ the cheapest stretch to clear" } else { "" };
        let legend = format!("{scale}{} wilderness{mark_means}", signs.wilderness);
        Self { heap, marks: clearing.map(mark).unwrap_or_default(), legend }
    }
}
