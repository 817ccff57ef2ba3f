//! What goes where: the answer to standard output, the rest to standard error.

use std::io::{self, IsTerminal as _, Write};

use anstyle::{AnsiColor, Style as Ansi};
use heaplab_report::table::{Format, Style, Table};

use crate::Exit;
use crate::args::GlobalArgs;
use crate::failure::Failure;

const ERROR: Ansi = AnsiColor::Red.on_default().bold();
const WARNING: Ansi = AnsiColor::Yellow.on_default().bold();
const NEXT: Ansi = AnsiColor::Green.on_default();

/// Both ends of the terminal, and the user's wishes about them.
#[derive(Clone, Debug)]
pub(crate) struct Terminal {
    /// How the answer is to look.
    pub(crate) format: Format,
    /// No progress and no headline.
    pub(crate) quiet: bool,
    /// How many times more was asked for.
    pub(crate) verbose: u8,
    /// How text is laid out.
    pub(crate) style: Style,
    progress: bool,
}

impl Terminal {
    pub(crate) fn new(args: &GlobalArgs) -> Self {
        let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        Self {
            format: args.format.into(),
            quiet: args.quiet,
            verbose: args.verbose,
            style: Style { width: width.unwrap_or(100).clamp(60, 200), ascii: !is_utf8_locale() },
            progress: !args.no_progress,
        }
    }

    /// Whether a bar can be drawn, rather than lines.
    pub(crate) fn draws_bar(&self) -> bool {
        self.shows_progress() && io::stderr().is_terminal()
    }

    /// Whether progress is shown at all.
    pub(crate) const fn shows_progress(&self) -> bool {
        self.progress && !self.quiet
    }

    /// Writes the answer, or a part of it.
    ///
    /// # Errors
    ///
    /// Exit 4 when standard output cannot be written; a closed pipe is no error.
    pub(crate) fn answer(&self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            // Whoever was reading has read enough; nothing is wrong.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::output(format!("standard output cannot be written: {error}")))
            }
            _ => Ok(()),
        }
    }

    /// Writes a table as the answer, in the format asked for.
    pub(crate) fn table(&self, table: &Table) -> Result<(), Failure> {
        self.answer(&table.render(self.format, self.style))
    }

    /// A table whose lines may become longer than the terminal is wide, but whose cells are never cut.
    pub(crate) fn render_uncut(&self, table: &Table) -> String {
        let style = Style { width: 3000, ..self.style };
        let text = table.render(self.format, style);
        let lines: Vec<_> = text.lines().map(str::trim_end).collect();
        lines.join("\n") + "\n"
    }

    /// A remark that matters to the figures or the files.
    pub(crate) fn warn(&self, text: &str) {
        self.say(&format!("{WARNING}warning:{WARNING:#} {text}"));
    }

    /// A remark; nothing when quiet.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.say(text);
        }
    }

    /// A remark for those who asked for more.
    pub(crate) fn detail(&self, text: &str) {
        if self.verbose > 0 {
            self.say(text);
        }
    }

    /// The command to type next; nothing when quiet.
    pub(crate) fn next(&self, command: &str) {
        self.note(&format!("{NEXT}next:{NEXT:#} {command}"));
    }

    /// Shows an error and says how the program is to end.
    pub(crate) fn fail(&self, failure: &Failure) -> Exit {
        self.say(&format!("{ERROR}error:{ERROR:#} {}", failure.text()));
        failure.exit()
    }

    /// The text as this terminal can show it.
    pub(crate) fn plain(&self, text: &str) -> String {
        if self.style.ascii { to_ascii(text) } else { text.to_owned() }
    }

    /// A line on standard error. Where that is gone too, nobody is left to be told.
    fn say(&self, text: &str) {
        let _ = writeln!(anstream::stderr(), "{}", self.plain(text));
    }
}

/// The signs that this crate itself writes; names from files stay as they are.
fn to_ascii(text: &str) -> String {
    let mut ascii = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '│' => ascii.push('|'),
            '·' | '–' => ascii.push('-'),
            '×' => ascii.push('x'),
            '…' => ascii.push_str("..."),
            '→' => ascii.push_str("->"),
            '±' => ascii.push_str("+-"),
            other => ascii.push(other),
        }
    }
    ascii
}

/// Whether the locale's characters are UTF-8, by the variables in their order of precedence.
///
/// Systems that do not use these variables write UTF-8.
fn is_utf8_locale() -> bool {
    if cfg!(not(unix)) || cfg!(target_os = "macos") {
        return true;
    }
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG")).is_some_and(|locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}
