//! The free space of a heap in words.

use crate::model::{Band, HeapShape, SizeShape, Trend};
use crate::number::{bytes, fixed, significant};

use super::Lines;

/// The figures at one moment or on average, a line for each kind of question.
pub(super) fn add(lines: &mut Lines, when: &str, shape: &HeapShape) {
    lines.add_some(
        &format!("holes {when}"),
        shape.holes.map(|holes| {
            let mut text = number(holes);
            if let Some(free) = shape.hole_bytes {
                text.push_str(&format!(", {} free", size(free)));
            }
            if let Some(largest) = shape.largest_hole_bytes {
                text.push_str(&format!(", largest {}", size(largest)));
            }
            text
        }),
    );
    let mut parts = Vec::new();
    let mut part = |value: Option<f64>, meaning: &str| {
        parts.extend(value.map(|value| format!("{} {meaning}", significant(value))));
    };
    part(shape.internal_ratio, "internal");
    part(shape.beyond_largest_ratio, "of the free bytes outside the largest hole");
    part(shape.root_square_ratio, "by the root of squares");
    if !parts.is_empty() {
        lines.add(&format!("  ratios {when}"), parts.join("  "));
    }
    for (asked, answer) in HeapShape::SIZES_BYTES.into_iter().zip(shape.sizes()) {
        if let Some(answer) = answer {
            lines.add(&format!("  for {}", bytes(asked)), for_size(answer));
        }
    }
    lines.add_some(
        &format!("  pages {when}"),
        shape.live_pages.map(|pages| format!("{} of 4 KiB hold live bytes", number(pages))),
    );
    lines.add_some(&format!("  metadata {when}"), shape.metadata_bytes.map(size));
}

/// What a request of one size would meet.
fn for_size(size: SizeShape) -> String {
    let mut text = format!("{} of the free bytes unusable", significant(size.unusable_index));
    if let Some(unserved) = size.unserved_ratio {
        text.push_str(&format!(", no hole after {} of the operations", significant(unserved)));
    }
    match size.fragmentation_index {
        Some(index) if index <= -1.0 && size.unserved_ratio.is_none() => {
            text.push_str(", a hole would serve it");
        }
        Some(index) => text.push_str(&format!(", fragmentation index {}", significant(index))),
        None => {}
    }
    text
}

/// The highest value of each part of the trace, and how far it went.
pub(super) fn add_trends(lines: &mut Lines, trends: &[Trend]) {
    const SHOWN: [(&str, &str); 3] = [
        ("external_ratio", "external"),
        ("beyond_largest_ratio", "outside"),
        ("root_square_ratio", "squares"),
    ];
    for trend in trends {
        let unit = if trend.x == "operation" { "operation" } else { "byte" };
        for (name, title) in SHOWN {
            let band = trend.bands.iter().find(|band| band.name == name);
            lines.add_some(&format!("{title} by {unit}"), band.map(bars));
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "eight heights are shown, and what a file may hold beyond is cut"
)]
fn bars(band: &Band) -> String {
    let highest = band.high.iter().copied().fold(0.0, f64::max);
    let lowest = band.low.iter().copied().fold(f64::MAX, f64::min);
    let scaled: Vec<u64> =
        band.high.iter().map(|value| (value / highest.max(1e-12) * 1e6) as u64).collect();
    let range = format!("{} to {}", significant(lowest.min(highest)), significant(highest));
    format!("{} {range}", super::spark_line(&scaled))
}

/// Pages of 4 KiB, and what they come to.
pub(super) fn pages(pages: u64) -> String {
    let total = pages.saturating_mul(HeapShape::PAGE_BYTES);
    format!("{} of 4 KiB, {}", crate::number::exact(pages), bytes(total))
}

/// A count that may be an average.
fn number(value: f64) -> String {
    if value.fract() == 0.0 { fixed(value, 0) } else { significant(value) }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "three digits of it are shown"
)]
fn size(value: f64) -> String {
    if value < 1000.0 && value.fract() != 0.0 {
        format!("{} B", significant(value))
    } else {
        bytes(value as u64)
    }
}
