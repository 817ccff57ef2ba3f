//! Why a command could not do its work, and how that is shown.

use std::fmt::Write as _;

use crate::Exit;

/// An error for people: what happened, where, what was expected, and one thing to do.
///
/// It stands in nearly every result of this crate, so it is one pointer.
#[derive(Debug)]
pub(crate) struct Failure(Box<Details>);

#[derive(Debug)]
struct Details {
    exit: Exit,
    message: String,
    excerpt: Option<Excerpt>,
    details: Vec<String>,
    help: Option<String>,
}

/// A line of a file with a caret under the place at fault.
#[derive(Debug)]
pub(crate) struct Excerpt {
    /// The line, printable.
    pub(crate) line: String,
    /// The place in characters, from 1.
    pub(crate) column: usize,
    /// What would have been right there.
    pub(crate) expected: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        let message = message.into();
        Self(Box::new(Details { exit, message, excerpt: None, details: Vec::new(), help: None }))
    }

    /// Wrong usage that only shows once names or values are looked up.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// An input that cannot be read.
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::new(Exit::Input, message)
    }

    /// An output that cannot be written.
    pub(crate) fn output(message: impl Into<String>) -> Self {
        Self::new(Exit::Output, message)
    }

    pub(crate) fn excerpt(mut self, excerpt: Excerpt) -> Self {
        self.0.excerpt = Some(excerpt);
        self
    }

    /// A further line below the message.
    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.details.push(detail.into());
        self
    }

    /// The one thing to do about it.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    pub(crate) const fn exit(&self) -> Exit {
        self.0.exit
    }

    /// Everything behind `error: `, without color.
    pub(crate) fn text(&self) -> String {
        let mut text = self.0.message.clone();
        if let Some(excerpt) = &self.0.excerpt {
            let indent = " ".repeat(excerpt.column.saturating_sub(1));
            let _ = write!(text, "\n  │ {}\n  │ {indent}^", excerpt.line);
            if let Some(expected) = &excerpt.expected {
                let _ = write!(text, " expected {expected}");
            }
        }
        for detail in &self.0.details {
            let _ = write!(text, "\n  {detail}");
        }
        if let Some(help) = &self.0.help {
            let _ = write!(text, "\n  help: {help}");
        }
        text
    }
}

/// An error and all that caused it, on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let reason = error.to_string();
        // Many errors repeat their cause in their own text.
        if !text.contains(&reason) {
            let _ = write!(text, ": {reason}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_place() {
        let failure = Failure::input("a.rep:7: operation 'x' is not known")
            .excerpt(Excerpt {
                line: "é x 64".into(),
                column: 3,
                expected: Some("one of: a, f, r".into()),
            })
            .detail("more")
            .help("do this");
        assert_eq!(
            failure.text(),
            "a.rep:7: operation 'x' is not known\n  │ é x 64\n  │   ^ expected one of: a, f, r\n  more\n  help: do this"
        );
        assert_eq!(failure.exit(), Exit::Input);
    }

    #[test]
    fn causes_are_said_once() {
        let inner = std::io::Error::other("no space");
        let outer = std::io::Error::other(inner);
        assert_eq!(chain(&outer), "no space");
    }
}
