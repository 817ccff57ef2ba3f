//! Where replays are timed: here, or all of them in one process of their own as soon as somebody takes part who may
//! abort or hang, or there is a limit of time. What takes that process along is told apart and left out, and the others go on in a new one.

use std::time::Duration;

use heaplab_report::{Mode, Status};
use heaplab_trace::TraceError;

use super::timing::Turn;
use super::{Cell, Run};
use crate::HeapSize;
use crate::isolated::{Isolated, Timed, TimedRequest, TimingProcess};
use crate::plan::RunError;
use crate::replay::ReplayError;
use crate::timed::{Latencies, TimedError, TimedRoom};

/// What completes nothing for so long beyond what it may take hangs; less where the user grants a cell less.
const PATIENCE: Duration = Duration::from_secs(10);
const LEAST_PATIENCE: Duration = Duration::from_secs(2);

/// So many times what its untimed replay took, or its last round, a replay may take.
const PATIENCE_FACTOR: u32 = 20;

/// Heaps are touched before the clock starts, slowly where memory is short: so many bytes in a second.
const TOUCHED_BYTES_PER_SECOND: u64 = 256 << 20;

/// Times one replay after the other.
#[derive(Debug)]
pub(super) struct Timer {
    place: Place,
    limit: Option<Duration>,
    records: bool,
    latencies: Option<Latencies>,
    /// The contestant that nobody vouches for which was last timed in the process.
    last_stranger: Option<usize>,
}

#[derive(Debug)]
enum Place {
    Here(Box<TimedRoom>),
    Apart(TimingProcess),
}

/// Why a replay has no time.
pub(super) enum Missed {
    Trace(TraceError),
    /// It took longer than its limit.
    Late(Duration),
    Panicked(String),
    /// It went another way than before.
    Failed(String),
    /// Its process was lost.
    Lost(Status, String),
    /// There was no process.
    Process(std::io::Error),
}

impl Timer {
    fn new(isolated: Option<&Isolated>) -> Self {
        let place = match isolated {
            Some(isolated) => Place::Apart(TimingProcess::new(isolated.clone())),
            None => Place::Here(Box::default()),
        };
        Self { place, limit: None, records: false, latencies: None, last_stranger: None }
    }

    /// Breaks replays off that take longer, but no floors.
    pub(super) const fn set_limit(&mut self, limit: Duration) {
        self.limit = Some(limit);
    }

    /// Has the clock read around each operation of the next replay.
    pub(super) const fn record_latencies(&mut self) {
        self.records = true;
    }

    /// What the last replay recorded.
    pub(super) const fn take_latencies(&mut self) -> Option<Latencies> {
        self.latencies.take()
    }
}

impl Run<'_> {
    /// Who is not let near this process decides where all are timed.
    pub(super) fn timer(&self) -> Timer {
        let is_apart = |turn: Turn| self.is_apart(self.cells[turn.cell].contestant);
        let isolated = self.isolated.as_ref().filter(|_| self.timeable().into_iter().any(is_apart));
        if let Some(isolated) = isolated {
            // Nothing untimed is asked any more, and what waits holds memory.
            isolated.dismiss();
        }
        Timer::new(isolated)
    }

    /// Whether the contestant of a turn may take its process along.
    pub(super) fn is_stranger(&self, turn: Turn) -> bool {
        let contestant = self.cells[turn.cell].contestant;
        self.contestants[contestant].capabilities.needs_own_process()
    }

    /// One timed replay, in ns.
    pub(super) fn replay_timed(&self, turn: Turn, timer: &mut Timer) -> Result<u64, Missed> {
        self.progress.doing(&self.id_of(turn));
        let cell = &self.cells[turn.cell];
        let contestant = &self.contestants[cell.contestant];
        let source = self.workloads[cell.trace].source.as_ref();
        let (mode, limit) = (self.timing(turn).mode, timer.limit);
        let records = std::mem::take(&mut timer.records);
        let result = match &mut timer.place {
            Place::Here(room) => {
                room.set_mode(mode);
                limit.into_iter().for_each(|limit| room.set_limit(limit));
                if records {
                    room.record_latencies();
                }
                let config = &contestant.config;
                let result = (contestant.time)(source, cell.heap_bytes, config, room);
                timer.latencies = room.take_latencies();
                result.map_err(Missed::from)
            }
            Place::Apart(process) => {
                let timed = process.time(TimedRequest {
                    name: contestant.name,
                    source,
                    heap_bytes: cell.heap_bytes,
                    config: &contestant.config,
                    mode,
                    limit,
                    silence: self.patience(turn, limit),
                    records,
                });
                timer.latencies = None;
                match timed {
                    Ok(Timed::Took(ns, latencies)) => {
                        timer.latencies = latencies.map(|it| *it);
                        Ok(ns)
                    }
                    Ok(Timed::Late(duration)) => Err(Missed::Late(duration)),
                    Ok(Timed::Panicked(message)) => Err(Missed::Panicked(message)),
                    Ok(Timed::Failed(reason)) => Err(Missed::Failed(reason)),
                    Ok(Timed::Lost(status, reason)) => Err(Missed::Lost(status, reason)),
                    Err(ReplayError::Trace(error)) => Err(Missed::Trace(error)),
                    Err(ReplayError::Process(error)) => Err(Missed::Process(error)),
                    Err(error) => Err(Missed::Failed(error.to_string())),
                }
            }
        };
        if !matches!(result, Err(Missed::Lost(..))) && self.is_stranger(turn) {
            timer.last_stranger = Some(cell.contestant);
        }
        self.progress.advance(1);
        result
    }

    /// How long a replay may say nothing; floors are never given up, as they are never broken off.
    fn patience(&self, turn: Turn, limit: Option<Duration>) -> Option<Duration> {
        let cell = &self.cells[turn.cell];
        if self.is_floor(cell) {
            return None;
        }
        let known = self.last_sample(turn).max(self.replay_duration(turn.cell));
        let may_take = Some(known * PATIENCE_FACTOR).filter(|it| !it.is_zero());
        let may_take = may_take.into_iter().chain(limit).min().unwrap_or_default();
        let touches = self.timing(turn).mode == Mode::Payload || cell.heap != HeapSize::Unlimited;
        let bytes = if touches { cell.heap_bytes } else { 0 };
        let granted = self.plan.cell_timeout.unwrap_or(PATIENCE);
        let patience = granted.clamp(LEAST_PATIENCE, PATIENCE);
        Some(may_take + patience + Duration::from_secs(bytes / TOUCHED_BYTES_PER_SECOND))
    }

    /// What a failed replay means for its cell; says whether the process of the timed replays was lost with it.
    ///
    /// # Errors
    ///
    /// A trace that cannot be read is nobody's fault, and neither is a process that cannot be started.
    pub(super) fn fail_timed(
        &mut self,
        turn: Turn,
        missed: Missed,
        timer: &mut Timer,
    ) -> Result<bool, RunError> {
        match missed {
            Missed::Late(duration) => self.time_out(turn, duration),
            Missed::Trace(error) => return Err(RunError::Trace(error)),
            Missed::Process(error) => return Err(RunError::Process(error)),
            Missed::Panicked(message) => self.timing_mut(turn).fail(Status::Crashed, message),
            Missed::Failed(error) => {
                let text = format!("a timed replay went another way than the one before: {error}");
                self.timing_mut(turn).fail(Status::Invalid, text);
            }
            Missed::Lost(status, reason) => {
                self.lose(turn, (status, &reason), timer.last_stranger.take());
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Lets a contestant go untimed altogether that has taken the process of the timed replays along.
    ///
    /// What the compiler has checked and what has been verified does not abort on its own: if that is lost, whoever ran
    /// before it and was not checked is taken to have ruined the memory of both.
    fn lose(&mut self, turn: Turn, (status, reason): (Status, &str), stranger: Option<usize>) {
        let lost = self.cells[turn.cell].contestant;
        let guilty = if self.is_stranger(turn) { lost } else { stranger.unwrap_or(lost) };
        let id = self.id_of(turn);
        let mut ids = Vec::new();
        for other in self.timeable() {
            if self.cells[other.cell].contestant != guilty {
                continue;
            }
            let text = if (other.cell, other.timing) == (turn.cell, turn.timing) {
                format!("untimed: while it was timed, {reason}")
            } else if guilty == lost {
                format!("untimed: it took the process of the timed replays along in {id}")
            } else {
                format!(
                    "untimed: it may have ruined the memory that it shared with {id}, which came after it: {reason}"
                )
            };
            ids.push(self.id_of(other));
            self.timing_mut(other).fail(status, text);
        }
        let name = self.contestants[guilty].name;
        self.progress.warn(&format!("{id}: while it was timed, {reason}; {name} is not timed"));
        let about = "a contestant took the process of the timed replays along; it is left out, and those that were left began anew";
        self.warnings.add("lost_while_timed", about, ids);
    }
}

impl From<TimedError> for Missed {
    fn from(error: TimedError) -> Self {
        match error {
            TimedError::Late { duration } => Self::Late(duration),
            TimedError::Trace(error) => Self::Trace(error),
            TimedError::Panicked(message) => Self::Panicked(message),
            error => Self::Failed(error.to_string()),
        }
    }
}

impl Cell {
    /// Forgets the times of rounds that do not count.
    pub(super) fn forget_samples(&mut self) {
        for timing in &mut self.timings {
            timing.samples_ns.clear();
            timing.control_ns.clear();
        }
    }
}
