//! Text that may stand in a terminal, whatever it was before.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text on one line and without control characters, elided in the middle beyond `width` columns.
pub(crate) fn clean(text: &str, width: usize) -> String {
    // What is far too long is not looked at to its end: a name may have megabytes.
    let beyond = text.char_indices().nth(width.saturating_mul(4).max(64)).map(|(index, _)| index);
    let (head, tail) = match beyond {
        Some(index) => (&text[..index], last_chars(text, width)),
        None => (text, text),
    };
    let safe: String = head.chars().map(harmless).collect();
    if beyond.is_none() && safe.width() <= width {
        return safe;
    }
    let room = width.saturating_sub(1);
    let front = take_width(safe.chars(), room - room / 3);
    let back = take_width(tail.chars().rev().map(harmless), room / 3);
    let back: String = back.chars().rev().collect();
    format!("{front}…{back}")
}

fn last_chars(text: &str, count: usize) -> &str {
    text.char_indices().rev().nth(count).map_or(text, |(index, _)| &text[index..])
}

fn take_width(chars: impl Iterator<Item = char>, width: usize) -> String {
    let mut used = 0;
    chars
        .take_while(|&char| {
            used += char.width().unwrap_or(0);
            used <= width
        })
        .collect()
}

/// Escape sequences and marks that turn the writing direction would reach beyond their cell.
fn harmless(char: char) -> char {
    match char {
        '\n' | '\r' | '\t' => ' ',
        '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => '\u{FFFD}',
        char if char.is_control() => '\u{FFFD}',
        char => char,
    }
}

/// The same in ASCII: signs of ours by their usual stand-ins, anything else as `?`.
pub(super) fn ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '±' => plain.push_str("+-"),
            '×' => plain.push('x'),
            '≤' => plain.push_str("<="),
            '≥' => plain.push_str(">="),
            '…' => plain.push_str(".."),
            '·' => plain.push('|'),
            '▁' | '▂' => plain.push('_'),
            '–' | '─' | '▃' | '▄' => plain.push('-'),
            '▅' | '▆' => plain.push('='),
            '▇' | '█' => plain.push('#'),
            char if char.is_ascii() => plain.push(char),
            _ => plain.push('?'),
        }
    }
    plain
}
