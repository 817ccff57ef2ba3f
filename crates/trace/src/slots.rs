//! Slots: handing them out, and checking that a trace uses them rightly.

use crate::{Operation, OperationError};

/// Checks the slot discipline of a stream of operations, one bit a slot.
///
/// Invariants
/// - every live slot is below `next`;
/// - slots below `next` have been allocated at least once, so slots are dense.
#[derive(Clone, Debug, Default)]
pub struct SlotChecker {
    live: Vec<u64>,
    next: u64,
}

impl SlotChecker {
    /// A checker before the first operation.
    #[must_use]
    pub const fn new() -> Self {
        Self { live: Vec::new(), next: 0 }
    }

    /// How many slots have been used so far.
    #[must_use]
    pub const fn slot_count(&self) -> u64 {
        self.next
    }

    /// Whether `slot` names a live block.
    #[must_use]
    pub fn is_live(&self, slot: u32) -> bool {
        self.live.get((slot / 64) as usize).is_some_and(|word| word >> (slot % 64) & 1 == 1)
    }

    /// Takes the next operation in O(1); on an error nothing has changed.
    ///
    /// # Errors
    ///
    /// [`OperationError::SlotLive`], [`SlotEmpty`](OperationError::SlotEmpty),
    /// [`SlotNotDense`](OperationError::SlotNotDense) and
    /// [`BadAlignment`](OperationError::BadAlignment), as documented there.
    #[inline]
    pub fn check(&mut self, operation: &Operation) -> Result<(), OperationError> {
        match *operation {
            Operation::Allocate { slot, align, .. } => {
                if u64::from(slot) >= self.next {
                    self.extend(slot)?;
                }
                if self.is_live(slot) {
                    return Err(OperationError::SlotLive { slot });
                }
                check_alignment(align)?;
                self.next = self.next.max(u64::from(slot) + 1);
                self.live[(slot / 64) as usize] |= 1 << (slot % 64);
            }
            Operation::Resize { slot, align, .. } => {
                if !self.is_live(slot) {
                    return Err(OperationError::SlotEmpty { slot });
                }
                check_alignment(align)?;
            }
            Operation::Free { slot } => {
                if !self.is_live(slot) {
                    return Err(OperationError::SlotEmpty { slot });
                }
                self.live[(slot / 64) as usize] &= !(1 << (slot % 64));
            }
        }
        Ok(())
    }

    /// Makes room for the bit of `slot`, which must be the next fresh one.
    fn extend(&mut self, slot: u32) -> Result<(), OperationError> {
        if let Ok(next) = u32::try_from(self.next)
            && slot > next
        {
            return Err(OperationError::SlotNotDense { slot, next });
        }
        if (slot / 64) as usize >= self.live.len() {
            self.live.push(0);
        }
        Ok(())
    }
}

fn check_alignment(align: u64) -> Result<(), OperationError> {
    if align.is_power_of_two() { Ok(()) } else { Err(OperationError::BadAlignment { align }) }
}

/// Hands out dense slots, the last one given back first.
///
/// Sources that take their slots from here compress best: the file format does not store a slot that
/// follows this rule.
#[derive(Clone, Debug, Default)]
pub struct SlotPool {
    free: Vec<u32>,
    next: u32,
}

impl SlotPool {
    /// A pool that has handed out nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { free: Vec::new(), next: 0 }
    }

    /// Takes a slot: the one last given back, or else the next fresh one.
    /// `None` once 2^32 - 1 slots are taken.
    pub fn take(&mut self) -> Option<u32> {
        if let Some(slot) = self.free.pop() {
            return Some(slot);
        }
        let slot = self.next;
        self.next = self.next.checked_add(1)?;
        Some(slot)
    }

    /// Gives back a slot that [`take`](Self::take) returned.
    pub fn give_back(&mut self, slot: u32) {
        self.free.push(slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn allocate(slot: u32) -> Operation {
        Operation::Allocate { slot, size: 1, align: 1 }
    }

    #[test]
    fn slots_are_dense_and_reused_only_when_empty() {
        let mut checker = SlotChecker::new();
        assert!(matches!(
            checker.check(&allocate(1)),
            Err(OperationError::SlotNotDense { slot: 1, next: 0 })
        ));
        for slot in 0..130 {
            checker.check(&allocate(slot)).unwrap();
        }
        assert!(matches!(
            checker.check(&allocate(129)),
            Err(OperationError::SlotLive { slot: 129 })
        ));
        checker.check(&Operation::Free { slot: 64 }).unwrap();
        assert!(matches!(
            checker.check(&Operation::Free { slot: 64 }),
            Err(OperationError::SlotEmpty { slot: 64 })
        ));
        assert!(matches!(
            checker.check(&Operation::Resize { slot: u32::MAX, size: 1, align: 1 }),
            Err(OperationError::SlotEmpty { slot: u32::MAX })
        ));
        checker.check(&allocate(64)).unwrap();
        assert_eq!(checker.slot_count(), 130);
    }

    #[test]
    fn a_refused_operation_changes_nothing() {
        let mut checker = SlotChecker::new();
        let bad = Operation::Allocate { slot: 0, size: 1, align: 3 };
        assert!(matches!(checker.check(&bad), Err(OperationError::BadAlignment { align: 3 })));
        assert_eq!(checker.slot_count(), 0);
        checker.check(&allocate(0)).unwrap();
    }

    #[test]
    fn pool_returns_the_last_slot_given_back() {
        let mut pool = SlotPool::new();
        assert_eq!([pool.take(), pool.take(), pool.take()], [Some(0), Some(1), Some(2)]);
        pool.give_back(0);
        pool.give_back(1);
        assert_eq!([pool.take(), pool.take(), pool.take()], [Some(1), Some(0), Some(3)]);
    }
}
