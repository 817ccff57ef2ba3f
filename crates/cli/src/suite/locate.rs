//! Places in a suite file, for messages.

use crate::failure::{Excerpt, Failure};

/// A file's name and all of its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
}

impl Text<'_> {
    /// An error at a byte of the text, with its line and a caret under it.
    pub(super) fn failure(self, byte: usize, message: &str) -> Failure {
        self.failure_expecting(byte, message, None)
    }

    /// The same, with what would have been right.
    pub(super) fn failure_expecting(
        self,
        byte: usize,
        message: &str,
        expected: Option<String>,
    ) -> Failure {
        let before = self.text.get(..byte).unwrap_or(self.text);
        let number = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = self.text[start..].lines().next().unwrap_or_default();
        // A tab is one character and of unknown width; a space keeps the caret in its place.
        let line: String =
            line.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
        let column = before[start..].chars().count() + 1;
        Failure::input(format!("{}:{number}: {message}", self.file)).excerpt(Excerpt {
            line,
            column,
            expected,
        })
    }
}
