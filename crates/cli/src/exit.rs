//! How the program ends.

use std::process::ExitCode;

/// The exit codes, the same for every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Done, and the answer is bad: a strategy broke its contract, a change made something worse, a machine is unfit.
    Bad,
    /// Wrong usage.
    Usage,
    /// An input could not be read.
    Input,
    /// An output could not be written.
    Output,
    /// Reports cannot be compared.
    Incomparable,
    /// Interrupted; what was there has been saved.
    Interrupted,
}

impl Exit {
    /// All codes, in rising order.
    pub const ALL: [Self; 7] = [
        Self::Done,
        Self::Bad,
        Self::Usage,
        Self::Input,
        Self::Output,
        Self::Incomparable,
        Self::Interrupted,
    ];

    /// The number that the shell sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Bad => 1,
            Self::Usage => 2,
            Self::Input => 3,
            Self::Output => 4,
            Self::Incomparable => 5,
            Self::Interrupted => 130,
        }
    }

    /// What it means, for help texts.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Bad => {
                "done, and the answer is bad: an invalid or crashed cell, a regression, an unfit machine"
            }
            Self::Usage => "wrong usage",
            Self::Input => "an input could not be read",
            Self::Output => "an output could not be written",
            Self::Incomparable => "the reports cannot be compared",
            Self::Interrupted => "interrupted; what was measured is saved",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
