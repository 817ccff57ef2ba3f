//! Words and numbers of one line, with the place and the reason when they are not there.

use std::borrow::Cow;

/// What is wrong at one place of a line; the importer's driver adds file and line.
#[derive(Debug)]
pub(super) struct Fault {
    /// Byte in the line, from 0; the line's length when something is missing at its end.
    pub(super) offset: usize,
    pub(super) found: String,
    pub(super) expected: Cow<'static, str>,
}

/// A fault is rare and large, so it travels in a box: the usual result stays a few bytes.
pub(super) type Parsed<T> = Result<T, Box<Fault>>;

/// Makes a fault.
#[cold]
pub(super) fn fault(
    offset: usize,
    found: impl Into<String>,
    expected: impl Into<Cow<'static, str>>,
) -> Box<Fault> {
    Box::new(Fault { offset, found: found.into(), expected: expected.into() })
}

/// A field that is to hold a number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    /// What it is called in messages.
    pub(super) name: &'static str,
    /// What may stand there.
    pub(super) expected: &'static str,
}

pub(super) const SIZE: Number = Number { name: "size", expected: "a whole number of bytes" };
pub(super) const COUNT: Number = Number { name: "count", expected: "a whole number of elements" };
pub(super) const ID: Number = Number { name: "id", expected: "a block's id, a whole number" };
pub(super) const ADDRESS: Number =
    Number { name: "address", expected: "a hexadecimal address such as 0x4A40040" };
pub(super) const ALIGNMENT: Number =
    Number { name: "alignment", expected: "a whole number of bytes" };

/// Text of the input for a message: quoted, printable and short.
pub(super) fn quoted(bytes: &[u8]) -> String {
    const MAX_CHARS: usize = 40;
    let mut text = String::from("'");
    for (count, part) in printable(bytes).enumerate() {
        if count == MAX_CHARS {
            text.push('…');
            break;
        }
        text.push_str(&part.1);
    }
    text.push('\'');
    text
}

/// The characters of a line, each with its byte offset, control characters and wrong UTF-8 escaped.
pub(super) fn printable(bytes: &[u8]) -> impl Iterator<Item = (usize, String)> + '_ {
    let mut offset = 0;
    bytes.utf8_chunks().flat_map(move |chunk| {
        let mut parts = Vec::new();
        for c in chunk.valid().chars() {
            let part = if c == '\t' {
                String::from(" ")
            } else if c.is_control() {
                c.escape_default().to_string()
            } else {
                c.to_string()
            };
            parts.push((offset, part));
            offset += c.len_utf8();
        }
        for byte in chunk.invalid() {
            parts.push((offset, format!("\\x{byte:02x}")));
            offset += 1;
        }
        parts
    })
}

/// A reading position in one line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a> {
    line: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    pub(super) const fn new(line: &'a [u8], at: usize) -> Self {
        Self { line, at }
    }

    fn skip_blanks(&mut self) {
        while self.line.get(self.at).is_some_and(|&b| b == b' ' || b == b'\t') {
            self.at += 1;
        }
    }

    /// The next word and its offset; empty at the end of the line.
    pub(super) fn word(&mut self) -> (usize, &'a [u8]) {
        self.skip_blanks();
        let from = self.at;
        while self.line.get(self.at).is_some_and(|&b| b != b' ' && b != b'\t') {
            self.at += 1;
        }
        (from, &self.line[from..self.at])
    }

    /// Where the next word begins.
    pub(super) fn word_offset(mut self) -> usize {
        self.skip_blanks();
        self.at
    }

    /// The next word as a decimal number.
    pub(super) fn decimal(&mut self, number: Number) -> Parsed<u64> {
        let (offset, word) = self.word();
        decimal(word, offset, number)
    }

    /// The next word as an address with the prefix `0x`.
    pub(super) fn address(&mut self) -> Parsed<u64> {
        let (offset, word) = self.word();
        address(word, offset)
    }

    /// Refuses anything but blanks in the rest of the line.
    pub(super) fn end(&mut self) -> Parsed<()> {
        let (offset, word) = self.word();
        if word.is_empty() {
            return Ok(());
        }
        let found = format!("{} stands behind the operation", quoted(word));
        Err(fault(offset, found, "the end of the line"))
    }

    /// Whether only blanks are left.
    pub(super) fn is_at_end(mut self) -> bool {
        self.word().1.is_empty()
    }
}

/// A whole word as a decimal number.
pub(super) fn decimal(word: &[u8], offset: usize, number: Number) -> Parsed<u64> {
    if word.is_empty() {
        return Err(fault(offset, format!("the {} is missing", number.name), number.expected));
    }
    let mut value = 0_u64;
    for &byte in word {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(not_a_number(word, offset, number));
        }
        match value.checked_mul(10).and_then(|v| v.checked_add(u64::from(digit))) {
            Some(next) => value = next,
            None => return Err(too_large(word, offset, number)),
        }
    }
    Ok(value)
}

/// A whole word as an address with the prefix `0x`.
pub(super) fn address(word: &[u8], offset: usize) -> Parsed<u64> {
    if word.is_empty() {
        return Err(fault(offset, "the address is missing", ADDRESS.expected));
    }
    let digits = match word {
        [b'0', b'x' | b'X', digits @ ..] if !digits.is_empty() => digits,
        _ => return Err(not_a_number(word, offset, ADDRESS)),
    };
    let mut value = 0_u64;
    for &byte in digits {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            _ => return Err(not_a_number(word, offset, ADDRESS)),
        };
        if value >> 60 != 0 {
            return Err(too_large(word, offset, ADDRESS));
        }
        value = value << 4 | u64::from(digit);
    }
    Ok(value)
}

#[cold]
fn not_a_number(word: &[u8], offset: usize, number: Number) -> Box<Fault> {
    if word.iter().all(u8::is_ascii_digit) {
        // Only an address can come here: digits without the prefix.
        let found = format!("{} {} has no 0x in front", number.name, quoted(word));
        return fault(offset, found, number.expected);
    }
    // Digits alone may be too many and bad as well; what is bad matters more.
    fault(offset, format!("{} {} is not a number", number.name, quoted(word)), number.expected)
}

#[cold]
fn too_large(word: &[u8], offset: usize, number: Number) -> Box<Fault> {
    if number.name != ADDRESS.name && !word.iter().all(u8::is_ascii_digit) {
        return not_a_number(word, offset, number);
    }
    let found = format!("{} {} is beyond 64 bits", number.name, quoted(word));
    fault(offset, found, format!("a number of at most {}", u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_to_the_last_of_64_bits_and_no_further() {
        assert_eq!(decimal(b"18446744073709551615", 0, SIZE).unwrap(), u64::MAX);
        assert_eq!(
            decimal(b"18446744073709551616", 3, SIZE).unwrap_err().found,
            "size '18446744073709551616' is beyond 64 bits"
        );
        assert_eq!(address(b"0xFFFFffffFFFFffff", 0).unwrap(), u64::MAX);
        assert!(address(b"0x10000000000000000", 0).unwrap_err().found.ends_with("beyond 64 bits"));
        assert_eq!(decimal(b"9e99", 0, SIZE).unwrap_err().found, "size '9e99' is not a number");
        assert_eq!(
            decimal(b"99999999999999999999x", 0, SIZE).unwrap_err().found,
            "size '99999999999999999999x' is not a number"
        );
        assert_eq!(address(b"12", 0).unwrap_err().found, "address '12' has no 0x in front");
        assert!(address(b"0x", 0).is_err() && address(b"0xg", 0).is_err());
    }

    #[test]
    fn quotes_are_printable_and_short() {
        assert_eq!(quoted(b"a\x00\xff\n"), "'a\\u{0}\\xff\\n'");
        assert_eq!(quoted(&[b'x'; 100]).chars().count(), 43);
    }
}
