//! Bounded lines out of a byte stream, without a copy or an allocation per line.

use std::io::{self, Read};

/// The longest line that is read; a longer one is an error, so no input decides how much is held.
pub(super) const MAX_LINE_BYTES: usize = 64 * 1024;

/// Room for a longest line and a block to read behind it.
const BUFFER_BYTES: usize = 2 * MAX_LINE_BYTES;

/// One line without its line end (`\n` or `\r\n`).
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// Counts from 1.
    pub(super) number: u64,
    pub(super) bytes: &'a [u8],
    /// Whether a line end followed; the last line of a file that was cut off has none.
    pub(super) is_terminated: bool,
}

/// Why there is no next line.
#[derive(Debug)]
pub(super) enum LineFault {
    Read { line: u64, error: io::Error },
    TooLong { line: u64, start: Vec<u8> },
}

/// Reads lines in blocks.
pub(super) struct Lines<R> {
    input: R,
    buffer: Box<[u8]>,
    /// The unread bytes are `buffer[start..end]`, of which those before `searched` hold no line end.
    start: usize,
    searched: usize,
    end: usize,
    has_ended: bool,
    number: u64,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        let buffer = vec![0; BUFFER_BYTES].into_boxed_slice();
        Self { input, buffer, start: 0, searched: 0, end: 0, has_ended: false, number: 0 }
    }

    /// The next line, or `None` at the end.
    pub(super) fn next_line(&mut self) -> Result<Option<Line<'_>>, LineFault> {
        let (from, to, is_terminated) = loop {
            if let Some(at) = memchr::memchr(b'\n', &self.buffer[self.searched..self.end]) {
                break (self.start, self.searched + at, true);
            }
            self.searched = self.end;
            if self.end - self.start > MAX_LINE_BYTES {
                break (self.start, self.end, false);
            }
            if self.has_ended {
                if self.start == self.end {
                    return Ok(None);
                }
                break (self.start, self.end, false);
            }
            self.fill()?;
        };
        self.number += 1;
        self.start = (to + usize::from(is_terminated)).min(self.end);
        self.searched = self.start;
        let bytes = &self.buffer[from..to];
        if bytes.len() > MAX_LINE_BYTES {
            let start = bytes[..256].to_vec();
            return Err(LineFault::TooLong { line: self.number, start });
        }
        let bytes = if self.number == 1 { without_mark(bytes) } else { bytes };
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        Ok(Some(Line { number: self.number, bytes, is_terminated }))
    }

    /// Moves the unread bytes to the front and reads what fits behind them.
    fn fill(&mut self) -> Result<(), LineFault> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.searched -= self.start;
            self.start = 0;
        }
        loop {
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(0) => {
                    self.has_ended = true;
                    return Ok(());
                }
                Ok(read) => {
                    self.end += read;
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(LineFault::Read { line: self.number + 1, error }),
            }
        }
    }
}

/// The start of a file without the mark that some editors put in front of UTF-8.
pub(super) fn without_mark(start: &[u8]) -> &[u8] {
    start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8]) -> Vec<(u64, Vec<u8>, bool)> {
        let mut lines = Lines::new(input);
        let mut all = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            all.push((line.number, line.bytes.to_vec(), line.is_terminated));
        }
        all
    }

    #[test]
    fn line_ends_are_removed_and_a_missing_last_one_is_noticed() {
        assert_eq!(
            lines(b"a\r\n\nb"),
            [(1, b"a".to_vec(), true), (2, vec![], true), (3, b"b".to_vec(), false)]
        );
        assert_eq!(
            lines(b"\xef\xbb\xbfa\n\xef\xbb\xbfb"),
            [(1, b"a".to_vec(), true), (2, b"\xef\xbb\xbfb".to_vec(), false)]
        );
        assert!(lines(b"").is_empty());
    }

    #[test]
    fn lines_across_blocks_are_whole() {
        let mut input = Vec::new();
        for number in 0..100_000 {
            input.extend_from_slice(format!("line {number}\n").as_bytes());
        }
        let read = lines(&input);
        assert_eq!(read.len(), 100_000);
        assert!(read.iter().enumerate().all(|(i, l)| l.1 == format!("line {i}").as_bytes()));
    }

    #[test]
    fn a_line_beyond_the_bound_is_an_error_and_one_at_the_bound_is_not() {
        let mut input = vec![b'x'; MAX_LINE_BYTES];
        assert_eq!(lines(&input).len(), 1);
        input.push(b'x');
        assert!(matches!(
            Lines::new(&input[..]).next_line(),
            Err(LineFault::TooLong { line: 1, .. })
        ));
        input.push(b'\n');
        assert!(Lines::new(&input[..]).next_line().is_err());
        let endless = io::repeat(b'x');
        assert!(matches!(Lines::new(endless).next_line(), Err(LineFault::TooLong { .. })));
    }
}
