//! What the processes say to each other.

use std::path::PathBuf;
use std::time::Duration;

use heaplab_core::{Config, Granule};
use heaplab_report::Mode;
use serde::{Deserialize, Serialize};

use super::timing::Answer;
use super::unexpected;
use crate::min_heap::Trail;
use crate::replay::{ReplayError, ReplayRequest, Replayed};

/// Replays of a [`Question::Timed`]: the first meets fresh memory, the second what the first has left, as do all after it.
pub(super) const REHEARSALS: u32 = 2;

/// What is asked about a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Question {
    /// Every figure.
    Replay,
    /// How it ends, and nothing else.
    Probe,
    /// How it ends, and how much memory its process came to hold.
    Resident,
    /// How it ends when it is replayed as timed passes do, more than once in a row.
    Timed(Mode),
    /// Nothing yet: the trace is to be at hand for replays that are timed.
    Open {
        /// Whether it is to be kept in memory, or to be read each time.
        is_in_memory: bool,
    },
    /// How long it takes in a process in which all others are timed too, and the trace is at hand.
    Clock {
        mode: Mode,
        /// Whether the clock is read around each operation.
        records: bool,
    },
    /// How far it comes and where a smaller heap might go another way, as a search for the smallest heap wants to know.
    Trail {
        /// Heaps up to this size are of no interest.
        floor_bytes: u64,
        /// Whether the offset of every placement is wanted.
        keeps_offsets: bool,
    },
}

/// One replay.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) strategy: String,
    pub(super) question: Question,
    pub(super) trace: PathBuf,
    pub(super) heap_bytes: u64,
    pub(super) granule_bytes: u64,
    pub(super) parameters: Vec<(String, u64)>,
    pub(super) verify: bool,
    pub(super) payload_limit_bytes: u64,
    pub(super) deadline: Option<Duration>,
    /// How long it may go without a sign of life, which it is asked for here.
    pub(super) silence: Option<Duration>,
}

impl Request {
    pub(super) fn new(
        strategy: &str,
        question: Question,
        trace: PathBuf,
        heap_bytes: u64,
        request: &ReplayRequest<'_>,
    ) -> Self {
        let parameters = request.config.parameters();
        Self {
            strategy: strategy.into(),
            question,
            trace,
            heap_bytes,
            granule_bytes: request.config.granule.bytes(),
            parameters: parameters.map(|(name, value)| (name.into(), value)).collect(),
            verify: request.verify,
            payload_limit_bytes: request.payload_limit_bytes,
            deadline: request.deadline,
            silence: None,
        }
    }

    pub(super) fn config(&self) -> Config {
        let granule = Granule::new(self.granule_bytes).unwrap_or_default();
        self.parameters.iter().fold(Config::new().with_granule(granule), |config, (name, value)| {
            config.with_parameter(name, *value)
        })
    }

    /// Whether nobody is told that the trace is at hand: whoever listened would wake while the clock runs, and a pinned
    /// process shares its processor with them.
    pub(super) const fn begins_unsaid(&self) -> bool {
        matches!(self.question, Question::Clock { .. })
    }

    /// How long the process may take for its answer.
    pub(super) fn patience(&self) -> Option<Duration> {
        let replays = match self.question {
            Question::Timed(_) => REHEARSALS,
            // Its limit does not count what is done while the clock stands still.
            Question::Clock { .. } => return None,
            _ => 1,
        };
        self.deadline.map(|deadline| deadline.saturating_mul(replays))
    }

    /// What a repetition has in common with it.
    pub(super) fn key(&self) -> String {
        let Self {
            strategy, question, trace, heap_bytes, granule_bytes, parameters, verify, ..
        } = self;
        let trace = trace.display();
        format!(
            "{strategy} {question:?} {trace} {heap_bytes} {granule_bytes} {parameters:?} {verify}"
        )
    }
}

/// What a process answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    /// The trace is at hand; the replay begins now.
    Begun,
    /// It goes on.
    Alive,
    /// It is done.
    Done(Box<Replayed>),
    /// A timed replay is done.
    Timed(Answer),
    /// A lean replay is done.
    Trail(Box<Trail>),
    /// It could not be begun: the trace cannot be read, or no allocator is called that.
    Failed(String),
}

impl Reply {
    pub(super) fn into_replayed(self) -> Result<Replayed, ReplayError> {
        match self {
            Self::Done(replayed) => Ok(*replayed),
            Self::Failed(reason) => Err(ReplayError::Process(std::io::Error::other(reason))),
            Self::Begun | Self::Alive | Self::Timed(_) | Self::Trail(_) => Err(unexpected()),
        }
    }
}
