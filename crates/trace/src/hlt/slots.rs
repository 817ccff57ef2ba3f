//! What encoder and decoder both know of the slots, so that most slots need not be written.

use crate::OperationError;

/// In `Entry::next`: the slot is live.
const LIVE: u32 = u32::MAX;

/// In `Entry::next` or `prev`: no further free slot.
const NONE: u32 = u32::MAX - 1;

/// How many allocations back a slot can still be named by its age.
const HISTORY: usize = 1 << 16;

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// The free slot below on the stack, or [`NONE`], or [`LIVE`].
    next: u32,
    /// The free slot above on the stack; meaningless for the topmost and for live ones.
    prev: u32,
    /// Number of the slot's latest allocation, counted modulo 2^32.
    sequence: u32,
}

/// Every slot's state, the stack of free slots, and the latest allocations.
///
/// Invariants
/// - the stack, from `top` along `next`, holds exactly the slots that are not live, the one freed last
///   on top;
/// - `history[n mod 2^16]` is the slot of allocation `n`, for the latest 2^16 allocations.
pub(super) struct SlotTable {
    entries: Vec<Entry>,
    top: u32,
    sequence: u32,
    history: Box<[u32; HISTORY]>,
    freed_sequence: u32,
    /// The slot resized last.
    pub(super) resized: u32,
}

impl SlotTable {
    pub(super) fn new() -> Self {
        let history = vec![0; HISTORY].into_boxed_slice();
        Self {
            entries: Vec::new(),
            top: NONE,
            sequence: 0,
            history: history.try_into().unwrap_or_else(|_| unreachable!("made with this length")),
            freed_sequence: 0,
            resized: 0,
        }
    }

    /// How many slots have been used.
    pub(super) fn slot_count(&self) -> u64 {
        self.entries.len() as u64
    }

    /// The slot that an allocation takes by itself: the one freed last, or the next fresh one.
    #[inline]
    pub(super) fn next_slot(&self) -> u32 {
        if self.top == NONE { self.fresh() } else { self.top }
    }

    /// Marks [`next_slot`](Self::next_slot) as live and returns it.
    #[inline]
    pub(super) fn allocate_next(&mut self) -> Result<u32, OperationError> {
        let slot = self.next_slot();
        if self.top == NONE {
            self.push_fresh()?;
        } else {
            let entry = &mut self.entries[slot as usize];
            self.top = entry.next;
            entry.next = LIVE;
            entry.sequence = self.sequence;
        }
        self.remember(slot);
        Ok(slot)
    }

    /// Marks a slot as live that need not be the next one.
    pub(super) fn allocate(&mut self, slot: u32) -> Result<(), OperationError> {
        let fresh = self.fresh();
        if slot > fresh {
            return Err(OperationError::SlotNotDense { slot, next: fresh });
        } else if slot == fresh {
            self.push_fresh()?;
        } else if slot == self.top {
            self.allocate_next()?;
            return Ok(());
        } else {
            let entry = &mut self.entries[slot as usize];
            if entry.next == LIVE {
                return Err(OperationError::SlotLive { slot });
            }
            let Entry { next, prev, .. } = *entry;
            (entry.next, entry.sequence) = (LIVE, self.sequence);
            // It is not the topmost, so there is one above.
            self.entries[prev as usize].next = next;
            if next != NONE {
                self.entries[next as usize].prev = prev;
            }
        }
        self.remember(slot);
        Ok(())
    }

    /// Puts a live slot on the stack of free ones.
    #[inline]
    pub(super) fn free(&mut self, slot: u32) -> Result<(), OperationError> {
        let top = self.top;
        let Some(entry) = self.entries.get_mut(slot as usize).filter(|entry| entry.next == LIVE)
        else {
            return Err(OperationError::SlotEmpty { slot });
        };
        entry.next = top;
        self.freed_sequence = entry.sequence;
        if let Some(above) = self.entries.get_mut(top as usize) {
            above.prev = slot;
        }
        self.top = slot;
        Ok(())
    }

    /// Checks that a slot can be resized, and remembers it.
    #[inline]
    pub(super) fn resize(&mut self, slot: u32) -> Result<(), OperationError> {
        if self.entries.get(slot as usize).is_none_or(|entry| entry.next != LIVE) {
            return Err(OperationError::SlotEmpty { slot });
        }
        self.resized = slot;
        Ok(())
    }

    /// The slot of the allocation `age` allocations ago; 0 is the latest.
    #[inline]
    pub(super) fn recent(&self, age: u32) -> u32 {
        self.in_history(self.sequence.wrapping_sub(1).wrapping_sub(age))
    }

    /// The slot allocated `distance` allocations after the one freed last.
    #[inline]
    pub(super) fn neighbor(&self, distance: i32) -> u32 {
        self.in_history(self.freed_sequence.wrapping_add_signed(distance))
    }

    /// How many allocations ago a slot was allocated, if [`recent`](Self::recent) finds it there.
    pub(super) fn age(&self, slot: u32) -> Option<u32> {
        let entry = self.entries.get(slot as usize)?;
        let age = self.sequence.wrapping_sub(1).wrapping_sub(entry.sequence);
        (self.recent(age) == slot).then_some(age)
    }

    /// How many allocations after the one freed last a slot was allocated, if
    /// [`neighbor`](Self::neighbor) finds it there.
    pub(super) fn distance(&self, slot: u32) -> Option<i32> {
        let entry = self.entries.get(slot as usize)?;
        let distance = entry.sequence.wrapping_sub(self.freed_sequence).cast_signed();
        (self.neighbor(distance) == slot).then_some(distance)
    }

    fn fresh(&self) -> u32 {
        // `push_fresh` keeps the length below `NONE`.
        u32::try_from(self.entries.len()).unwrap_or(NONE)
    }

    fn push_fresh(&mut self) -> Result<(), OperationError> {
        if self.fresh() == NONE {
            let reason = "more than 2^32 - 2 slots";
            return Err(OperationError::Output(std::io::Error::other(reason)));
        }
        self.entries.push(Entry { next: LIVE, prev: NONE, sequence: self.sequence });
        Ok(())
    }

    #[inline]
    fn remember(&mut self, slot: u32) {
        self.history[self.sequence as usize % HISTORY] = slot;
        self.sequence = self.sequence.wrapping_add(1);
    }

    #[inline]
    fn in_history(&self, sequence: u32) -> u32 {
        self.history[sequence as usize % HISTORY]
    }
}

impl core::fmt::Debug for SlotTable {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SlotTable")
            .field("slots", &self.entries.len())
            .field("top", &self.top)
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}
