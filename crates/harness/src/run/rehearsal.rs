//! Before anything is timed, what may abort or hang is replayed in a process of its own exactly as timed passes replay it.
//!
//! Timed rounds need all contestants in one process, and one that takes it along costs everybody the rounds so far. A
//! replay is deterministic, so what comes to its end in a rehearsal mostly does so when it is timed.

use heaplab_report::{Outcome, Status};

use super::pool::{Batch, End, Purpose, Task};
use super::timing::Turn;
use super::{REHEARSAL_ENDS_PERCENT, Run};
use crate::plan::{LatencyPass, RunError};
use crate::progress::Phase;
use crate::replay::ReplayError;

impl Run<'_> {
    /// Cells that do not survive it stay untimed.
    pub(super) fn rehearse(&mut self) -> Result<(), RunError> {
        let passes = self.plan.passes;
        if self.isolated.is_none() || !passes.throughput && passes.latency == LatencyPass::Off {
            return Ok(());
        }
        let is_stranger = |turn: &Turn| self.is_stranger(*turn);
        let turns: Vec<Turn> = self.timeable().into_iter().filter(is_stranger).collect();
        if turns.is_empty() {
            return Ok(());
        }
        self.progress.begin(Phase::Rehearsal, turns.len() as u64);
        let terms = self.terms(REHEARSAL_ENDS_PERCENT);
        let mut batch = Batch::new(turns.iter().map(|&turn| self.rehearsal(turn)).collect());
        batch.try_first(0, terms)?;
        let ends = batch.finish(0, terms)?;
        for (&turn, end) in turns.iter().zip(ends) {
            match end {
                End::Done(result) => match *result {
                    Ok(replayed) => self.rehearsed(turn, &replayed.outcome),
                    Err(ReplayError::Trace(error)) => return Err(RunError::Trace(error)),
                    Err(error) => self.untimed(turn, Status::Crashed, &error.to_string()),
                },
                End::Late | End::Hung => {
                    self.untimed(turn, Status::Timeout, "it takes longer than its share of time");
                }
                End::Skipped => {}
            }
        }
        Ok(())
    }

    fn rehearsal(&self, turn: Turn) -> Task {
        let mode = self.timing(turn).mode;
        let mut task = self.task(turn.cell, Purpose::Rehearsal(mode));
        task.label = self.id_of(turn);
        // A replay for figures takes far longer than a timed one.
        task.estimate = std::time::Duration::ZERO;
        task
    }

    fn rehearsed(&mut self, turn: Turn, outcome: &Outcome) {
        let message = outcome.message.clone().unwrap_or_default();
        match outcome.status {
            Status::Ok => {}
            status @ (Status::Crashed | Status::Timeout) => self.untimed(turn, status, &message),
            Status::Oom | Status::Invalid => {
                let text = format!("it went another way than before: {message}");
                self.untimed(turn, Status::Invalid, &text);
            }
        }
    }

    /// Lets a cell go without times that has lost its process.
    fn untimed(&mut self, turn: Turn, status: Status, reason: &str) {
        let id = self.id_of(turn);
        let text =
            format!("untimed: replayed in a process of its own as it would be timed: {reason}");
        if status != Status::Timeout {
            self.progress.warn(&format!("{id}: {text}"));
            let about = "cells did not survive being replayed as they would be timed";
            self.warnings.add("rehearsal", about, vec![id]);
        }
        self.timing_mut(turn).fail(status, text);
    }
}
