//! Figures in words.

use heaplab_core::AllocError;
use heaplab_trace::Operation;

use crate::stage::{Refusal, Stage};

/// A count with commas: `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes in four or five characters and a unit: `640 B`, `1.5 KiB`.
pub(crate) fn bytes(number: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if number < 1_024 {
        return format!("{number} B");
    }
    let power = number.ilog2() / 10;
    let tenths = (u128::from(number) * 10) >> (10 * power);
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[power as usize - 1])
}

/// The share of `part` in `whole` in whole percent.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    let share = u128::from(part) * 100 / u128::from(whole.max(1));
    format!("{share} %")
}

/// An operation as it is read: `allocate 3 640`.
pub(crate) fn operation(operation: Option<Operation>) -> String {
    operation.map_or_else(|| "before the first operation".into(), |it| it.to_string())
}

/// What a strategy has to say in a line or two, the most telling first.
pub(crate) fn figures(stage: &dyn Stage) -> Vec<(&'static str, String)> {
    let usage = stage.usage();
    let unknown = || "?".to_owned();
    let end_bytes = usage.end_bytes.unwrap_or(usage.live_bytes);
    let (moves, moved_bytes) = stage.moved();
    vec![
        ("live", bytes(usage.live_bytes)),
        ("end", bytes(end_bytes)),
        ("holes", usage.holes.map_or_else(unknown, grouped)),
        ("largest", usage.largest_hole_bytes.map_or_else(unknown, bytes)),
        ("wasted", percent(end_bytes.saturating_sub(usage.live_bytes), end_bytes)),
        ("high", usage.high_water_bytes.map_or_else(unknown, bytes)),
        ("blocks", grouped(usage.live_blocks)),
        ("moved", format!("{} in {}", bytes(moved_bytes), grouped(moves))),
        ("compactions", grouped(usage.compactions)),
    ]
}

/// Why a request was refused, in one sentence.
pub(crate) fn refusal(refusal: &Refusal, holes: Option<u64>) -> String {
    let start = format!("refused operation {}, {}", grouped(refusal.index), refusal.operation);
    match refusal.error {
        AllocError::OutOfMemory(shortage) => {
            let mut text = format!("{start}: {} free", bytes(shortage.free_bytes));
            if let (Some(holes), Some(largest)) = (holes, shortage.largest_hole_bytes) {
                text.push_str(&format!(
                    ", in {} hole{} of at most {}",
                    grouped(holes),
                    if holes == 1 { "" } else { "s" },
                    bytes(largest)
                ));
            }
            if let Some(wilderness) = shortage.wilderness_bytes {
                text.push_str(&format!(" and {} behind the last block", bytes(wilderness)));
            }
            text
        }
        ref other => format!("{start}: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_at_a_glance() {
        let counts = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(counts, ["0", "999", "1,000", "1,234,567"]);
        let sizes = [0, 1_023, 1_024, 1_536, 1 << 20, u64::MAX].map(bytes);
        assert_eq!(sizes, ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "1.0 MiB", "15.9 EiB"]);
        assert_eq!(percent(2, 5), "40 %");
        assert_eq!(percent(0, 0), "0 %");
    }
}
