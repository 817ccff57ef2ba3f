//! Verification: distinct placements are replayed once more, with bytes behind them and a judge beside them.

use heaplab_report::{Outcome, Status};

use super::pool::{Batch, End, Purpose};
use super::{ALL_ENDS_PERCENT, Cell, Run, VERIFY_ENDS_PERCENT};
use crate::plan::RunError;
use crate::progress::Phase;
use crate::replay::{ReplayError, Replayed, failed};

/// What a verification says of all cells with the same placements.
enum Verdict {
    Verified,
    /// It did not come to an end.
    Late(String),
    /// The blocks reach higher than the buffer may.
    TooLong,
    /// The strategy broke its contract.
    Broken(Box<Outcome>),
}

impl Run<'_> {
    /// Placements of timed cells come first, so that what the budget cannot hold is what needs it least; but what
    /// is quick comes before what is slow.
    pub(super) fn verify(&mut self) -> Result<(), RunError> {
        let is_timed =
            |run: &Self, cells: &[usize]| cells.iter().any(|&index| run.cells[index].is_timed());
        // A run that takes another one up knows some already.
        let is_known = |cells: &Vec<usize>| {
            cells.iter().any(|&index| self.cells[index].verified == Some(true))
        };
        let (known, unknown): (Vec<_>, Vec<_>) = self.groups().into_iter().partition(is_known);
        known.iter().for_each(|cells| self.apply(cells, &Verdict::Verified));
        let (timed, rest): (Vec<_>, Vec<_>) =
            unknown.into_iter().partition(|cells| is_timed(self, cells));
        self.progress.begin(Phase::Verify, (timed.len() + rest.len()) as u64);
        let percent =
            if self.plan.times_anything() { VERIFY_ENDS_PERCENT } else { ALL_ENDS_PERCENT };
        let terms = self.terms(percent);
        let (mut first, mut second) = (self.verifications(&timed), self.verifications(&rest));
        first.try_first(rest.len(), terms)?;
        second.try_first(0, terms)?;
        let ends = first.finish(0, terms)?;
        self.judge(&timed, ends)?;
        let ends = second.finish(0, terms)?;
        self.judge(&rest, ends)
    }

    fn verifications(&self, groups: &[Vec<usize>]) -> Batch {
        Batch::new(
            groups
                .iter()
                .map(|cells| self.task(self.representative(cells), Purpose::Verify))
                .collect(),
        )
    }

    fn judge(&mut self, groups: &[Vec<usize>], ends: Vec<End>) -> Result<(), RunError> {
        for (cells, end) in groups.iter().zip(ends) {
            let verdict = match end {
                End::Done(result) => match *result {
                    Ok(replayed) => self.verdict(&self.cells[cells[0]], &replayed),
                    Err(ReplayError::Trace(error)) => return Err(RunError::Trace(error)),
                    Err(error) => broken(failed(Status::Invalid, None, error.to_string())),
                },
                End::Late => {
                    Verdict::Late("its verification takes longer than its share of time".into())
                }
                End::Hung => {
                    let id = self.id(&self.cells[cells[0]]);
                    self.warnings.hung(&id, self.progress);
                    Verdict::Late("an operation did not return".into())
                }
                End::Skipped => continue,
            };
            self.apply(cells, &verdict);
        }
        Ok(())
    }

    /// Completed cells with the same trace, strategy and placements, in the order of the cells.
    fn groups(&self) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (index, cell) in self.cells.iter().enumerate() {
            if !cell.is_ok() || self.is_floor(cell) || !self.is_confined(cell) {
                continue;
            }
            // Cells of one trace and strategy stand next to each other.
            let same = |group: &&mut Vec<usize>| {
                let other = &self.cells[group[0]];
                let key = |cell: &Cell| (cell.trace, cell.contestant);
                key(other) == key(cell) && hash(other) == hash(cell)
            };
            let recent = groups.len().saturating_sub(self.plan.all_heaps().len());
            match groups[recent..].iter_mut().find(same) {
                Some(group) => group.push(index),
                None => groups.push(vec![index]),
            }
        }
        groups
    }

    fn representative(&self, cells: &[usize]) -> usize {
        let timed = cells.iter().find(|&&index| self.cells[index].is_timed());
        *timed.unwrap_or(&cells[0])
    }

    fn verdict(&self, cell: &Cell, replayed: &Replayed) -> Verdict {
        match replayed.outcome.status {
            Status::Ok if replayed.placement_hash.as_deref() == hash(cell) => {
                if replayed.verified == Some(true) { Verdict::Verified } else { Verdict::TooLong }
            }
            Status::Timeout => Verdict::Late(format!(
                "its verification took longer than its share of time, {:.1?}",
                replayed.duration
            )),
            Status::Invalid | Status::Crashed => broken(replayed.outcome.clone()),
            Status::Ok | Status::Oom => {
                let id = self.id(cell);
                let text = format!("two replays of {id} made different placements");
                broken(failed(Status::Invalid, None, text))
            }
        }
    }

    fn apply(&mut self, cells: &[usize], verdict: &Verdict) {
        for &index in cells {
            let id = self.id(&self.cells[index]);
            let cell = &mut self.cells[index];
            match verdict {
                Verdict::Verified => cell.verified = Some(true),
                Verdict::Late(reason) => {
                    cell.verified = Some(false);
                    self.warnings.unverified(&id);
                    let text = format!("untimed, for it is unverified: {reason}");
                    cell.fail_timings(Status::Timeout, &text);
                }
                Verdict::TooLong => {
                    cell.verified = Some(false);
                    self.warnings.unverified(&id);
                }
                Verdict::Broken(outcome) => {
                    // What a broken strategy reported of its space is worth nothing.
                    cell.verified = Some(false);
                    cell.replayed = Some(Replayed {
                        outcome: (**outcome).clone(),
                        heap_bytes: cell.heap_bytes,
                        ..Replayed::default()
                    });
                }
            }
        }
    }
}

fn broken(outcome: Outcome) -> Verdict {
    Verdict::Broken(Box::new(outcome))
}

fn hash(cell: &Cell) -> Option<&str> {
    cell.replayed.as_ref().and_then(|it| it.placement_hash.as_deref())
}
