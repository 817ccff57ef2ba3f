//! Where generators put their operations.

use super::random::Random;
use crate::{Operation, OperationError, Origin, Sink, SlotPool};

/// Why a generator ends.
pub(super) enum Stop {
    /// As many operations as asked for were made.
    Done,
    /// The sink refused one.
    Refused(OperationError),
}

/// Hands out slots and counts operations down.
pub(super) struct Emitter<'a> {
    sink: &'a mut dyn Sink,
    pool: SlotPool,
    left: u64,
}

impl<'a> Emitter<'a> {
    pub(super) const fn new(sink: &'a mut dyn Sink, operations: u64) -> Self {
        Self { sink, pool: SlotPool::new(), left: operations }
    }

    pub(super) fn allocate(&mut self, size: u64) -> Result<u32, Stop> {
        // The parameters' limits keep the live blocks far below 2^32.
        let slot = self.pool.take().ok_or(Stop::Done)?;
        self.push(Operation::Allocate { slot, size, align: 1 })?;
        Ok(slot)
    }

    pub(super) fn resize(&mut self, slot: u32, size: u64) -> Result<(), Stop> {
        self.push(Operation::Resize { slot, size, align: 1 })
    }

    pub(super) fn free(&mut self, slot: u32) -> Result<(), Stop> {
        self.push(Operation::Free { slot })?;
        self.pool.give_back(slot);
        Ok(())
    }

    /// Frees one of `live`, each equally likely, and takes it out; nothing when there is none.
    pub(super) fn free_any(
        &mut self,
        live: &mut Vec<u32>,
        random: &mut Random,
    ) -> Result<(), Stop> {
        if live.is_empty() {
            return Ok(());
        }
        let slot = live.swap_remove(random.index(live.len()));
        self.free(slot)
    }

    fn push(&mut self, operation: Operation) -> Result<(), Stop> {
        self.left = self.left.checked_sub(1).ok_or(Stop::Done)?;
        self.sink.push(operation, Origin::default()).map_err(Stop::Refused)
    }
}
