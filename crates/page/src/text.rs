//! Names and numbers as the page shows them.

use heaplab_report::number;
use heaplab_report::{Outcome, Time};

/// Longest name that is shown whole, in characters.
const LONGEST_NAME: usize = 60;

/// A stranger's name: no control characters, cut where it would break the page.
pub(crate) fn name(name: &str) -> String {
    cut(name, LONGEST_NAME)
}

/// Text without control characters, of at most so many characters.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    let mut shown: String = text
        .chars()
        .take(longest)
        .map(|sign| if is_hidden(sign) { '\u{FFFD}' } else { sign })
        .collect();
    if text.chars().nth(longest).is_some() {
        shown.push('…');
    }
    shown
}

/// Control characters, and those that turn the direction of writing.
fn is_hidden(sign: char) -> bool {
    sign.is_control()
        || matches!(sign, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// An anchor that tells what it leads to; the number keeps those apart that had to be changed.
pub(crate) fn slug(name: &str, index: usize) -> String {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || "-_./".contains(sign);
    let slug: String =
        name.chars().take(80).map(|sign| if plain(sign) { sign } else { '-' }).collect();
    if slug == name { slug } else { format!("{slug}~{index}") }
}

#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub(crate) fn to_f64(value: u64) -> f64 {
    value as f64
}

pub(crate) fn len_f64(len: usize) -> f64 {
    to_f64(u64::try_from(len).unwrap_or(u64::MAX))
}

/// A whole number of bytes for people, from a figure that may be an average.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded before")]
pub(crate) fn bytes(value: f64) -> String {
    number::bytes(value.clamp(0.0, 1e18).round() as u64)
}

/// A count for people, from a figure that may be an average.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded before")]
pub(crate) fn count(value: f64) -> String {
    number::count(value.clamp(0.0, 1e18).round() as u64)
}

/// A multiple such as `1.25×`.
pub(crate) fn times(ratio: f64) -> String {
    format!("{}×", number::significant(ratio))
}

/// Nanoseconds with their unit, or a larger one.
pub(crate) fn ns(value: f64) -> String {
    match value {
        v if v >= 1e9 => format!("{} s", number::significant(v / 1e9)),
        v if v >= 1e6 => format!("{} ms", number::significant(v / 1e6)),
        v if v >= 1e4 => format!("{} µs", number::significant(v / 1e3)),
        v => format!("{} ns", number::significant(v)),
    }
}

/// What a tick says: the same without digits that say nothing.
pub(crate) fn tick_ns(value: f64) -> String {
    plain(&ns(value))
}

/// The same for multiples.
pub(crate) fn tick_times(ratio: f64) -> String {
    plain(&times(ratio))
}

/// The same for multiples that differ in the third or fourth place behind the point only.
pub(crate) fn tick_times_near_one(ratio: f64) -> String {
    plain(&format!("{ratio:.4}×"))
}

/// The same for counts.
pub(crate) fn tick_count(value: f64) -> String {
    plain(&count(value))
}

/// Without zeros behind the point.
fn plain(text: &str) -> String {
    let end = text.find(|sign: char| !(sign.is_ascii_digit() || sign == '.')).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let digits = if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    };
    format!("{digits}{unit}")
}

/// Nanoseconds for each operation, of every round.
pub(crate) fn samples(time: &Time) -> Vec<f64> {
    let operations = to_f64(time.operations.max(1));
    time.samples_ns.iter().map(|&sample| to_f64(sample) / operations).collect()
}

/// The median and half of its interval: `28.5`, `±0.4`.
pub(crate) fn median(time: &Time) -> (String, Option<String>) {
    let places = number::decimals(time.median_ns_per_operation);
    let show = |value| number::fixed(value, places);
    let half = time.ci_ns.map(|[lower, upper]| format!("±{}", show((upper - lower) / 2.0)));
    (show(time.median_ns_per_operation), half)
}

/// A command as one would type it.
pub(crate) fn command(words: &[String]) -> String {
    let quoted = |word: &String| {
        let is_plain = |sign: char| sign.is_alphanumeric() || "/._-+=:@,~".contains(sign);
        if word.chars().all(is_plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// Why a cell failed, in one sentence.
pub(crate) fn reason(outcome: &Outcome) -> String {
    let mut text = match (&outcome.message, outcome.requested_bytes) {
        (Some(message), _) => cut(message, 300),
        (None, Some(wanted)) => format!("wanted {}", number::bytes(wanted)),
        (None, None) => outcome.status.as_str().to_owned(),
    };
    if let Some(free) = outcome.free_bytes {
        text.push_str(&format!("; {} free", number::bytes(free)));
        if let Some(holes) = outcome.holes.filter(|&holes| holes > 0) {
            let word = if holes == 1 { "hole" } else { "holes" };
            text.push_str(&format!(" in {} {word}", number::exact(holes)));
        }
        if let Some(largest) = outcome.largest_hole_bytes.filter(|&largest| largest > 0) {
            text.push_str(&format!(", the largest {}", number::bytes(largest)));
        }
        if let Some(behind) = outcome.wilderness_bytes.filter(|&behind| behind > 0) {
            text.push_str(&format!(", {} behind the last block", number::bytes(behind)));
        }
        if outcome.requested_bytes.is_some_and(|wanted| wanted <= free) {
            text.push_str(": fragmented, not full");
        }
    }
    if let Some(operation) = outcome.operation {
        text.push_str(&format!(" (operation {})", number::exact(operation)));
    }
    text
}
