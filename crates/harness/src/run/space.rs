//! The space pass: every cell is replayed once, without a clock.

use heaplab_report::Status;

use super::pool::{Batch, End, Purpose};
use super::{Run, SPACE_ENDS_PERCENT};
use crate::HeapSize;
use crate::isolated::not_begun;
use crate::plan::RunError;
use crate::progress::Phase;
use crate::replay::{ReplayError, Replayed, failed};

impl Run<'_> {
    /// First the unlimited heaps, as their high-water marks tell which others need no replay of their own.
    ///
    /// What takes long waits until all that is quick is done, and what may equal it waits with it.
    pub(super) fn space(&mut self) -> Result<(), RunError> {
        self.progress.begin(Phase::Space, self.cells.len() as u64);
        // A run that takes another one up knows some already.
        let unknown = (0..self.cells.len()).filter(|&index| self.cells[index].replayed.is_none());
        let (unlimited, limited): (Vec<_>, Vec<_>) =
            unknown.partition(|&index| self.cells[index].heap == HeapSize::Unlimited);
        let terms = self.terms(SPACE_ENDS_PERCENT);
        let mut first = self.batch(&unlimited);
        first.try_first(limited.len(), terms)?;
        let slow: Vec<_> = first.pending().iter().map(|&at| self.key(unlimited[at])).collect();
        let (waiting, limited): (Vec<_>, Vec<_>) = limited.into_iter().partition(|&index| {
            self.ignores_spare_capacity(index) && slow.contains(&self.key(index))
        });
        // The quick ones are known now; the others become known when the batch is finished.
        let quick = first.take_done();
        self.keep(&unlimited, quick)?;
        let limited = self.copy_unlimited(limited);
        let mut second = self.batch(&limited);
        second.try_first(0, terms)?;
        // Most of the waiting cells will be copies.
        let ends = first.finish(second.pending().len() + slow.len(), terms)?;
        self.keep(&unlimited, ends)?;
        let waiting = self.copy_unlimited(waiting);
        let mut third = self.batch(&waiting);
        third.try_first(second.pending().len(), terms)?;
        let ends = second.finish(third.pending().len(), terms)?;
        self.keep(&limited, ends)?;
        let ends = third.finish(0, terms)?;
        self.keep(&waiting, ends)
    }

    fn key(&self, index: usize) -> (usize, usize) {
        (self.cells[index].trace, self.cells[index].contestant)
    }

    fn batch(&self, cells: &[usize]) -> Batch {
        let purpose = |index: usize| match self.is_confined(&self.cells[index]) {
            true => Purpose::Space,
            false => Purpose::Resident,
        };
        Batch::new(cells.iter().map(|&index| self.task(index, purpose(index))).collect())
    }

    /// Fills in the cells that equal their unlimited one; returns the others.
    fn copy_unlimited(&mut self, mut cells: Vec<usize>) -> Vec<usize> {
        cells.retain(|&index| {
            let replayed = self.same_as_unlimited(index);
            let is_copy = replayed.is_some();
            if is_copy {
                self.cells[index].replayed = replayed;
                self.progress.advance(1);
            }
            !is_copy
        });
        cells
    }

    fn keep(&mut self, cells: &[usize], ends: Vec<End>) -> Result<(), RunError> {
        for (&index, end) in cells.iter().zip(ends) {
            let replayed = match end {
                End::Done(result) => match *result {
                    Ok(replayed) => replayed,
                    Err(ReplayError::Trace(error)) => return Err(RunError::Trace(error)),
                    Err(error) => not_begun(&error),
                },
                End::Late => {
                    let text = "its time ran out: it takes longer than its share";
                    let outcome = failed(Status::Timeout, None, text.into());
                    Replayed { outcome, ..Replayed::default() }
                }
                End::Hung => {
                    let text = "an operation did not return within the cell's share of time";
                    let id = self.id(&self.cells[index]);
                    self.warnings.hung(&id, self.progress);
                    let outcome = failed(Status::Timeout, None, text.into());
                    Replayed { outcome, ..Replayed::default() }
                }
                End::Skipped => continue,
            };
            if !self.is_confined(&self.cells[index]) {
                self.cells[index].verified = replayed.verified;
            }
            self.cells[index].replayed = Some(replayed);
        }
        Ok(())
    }

    fn ignores_spare_capacity(&self, index: usize) -> bool {
        self.contestants[self.cells[index].contestant].capabilities.ignores_spare_capacity
    }

    /// The figures of a cell whose strategy makes the same placements in it as in the unlimited heap, because it looks
    /// at the capacity only to see what fits, and all that was ever placed fits.
    fn same_as_unlimited(&self, index: usize) -> Option<Replayed> {
        let cell = &self.cells[index];
        if !self.ignores_spare_capacity(index) {
            return None;
        }
        let unlimited = self.cells.iter().find(|other| {
            (other.trace, other.contestant, other.heap)
                == (cell.trace, cell.contestant, HeapSize::Unlimited)
        })?;
        let replayed = unlimited.replayed.as_ref()?;
        let fits = match replayed.outcome.status {
            Status::Ok => replayed.high_water_bytes().is_some_and(|mark| mark <= cell.heap_bytes),
            // It would do the same until its time is up.
            Status::Timeout => true,
            Status::Oom | Status::Invalid | Status::Crashed => false,
        };
        let mut replayed = fits.then(|| replayed.clone())?;
        replayed.heap_bytes = cell.heap_bytes;
        // That stands beside the unlimited heap alone; a run that takes another one up knows it before this one is filled in.
        replayed.space.iter_mut().for_each(|space| space.min_heap_bytes = None);
        Some(replayed)
    }
}
