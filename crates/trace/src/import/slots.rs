//! Names of a source (ids, addresses) to dense, reused slots.

use core::fmt;
use core::hash::Hash;
use std::collections::hash_map::Entry;

use foldhash::HashMap;

use crate::SlotPool;

/// Gives every live block of a source a slot: dense from 0, the most recently freed slot first.
///
/// Memory is proportional to the most blocks that were ever live at once, never to what a source's
/// header promises. All calls take constant time.
///
/// ```
/// use heaplab_trace::import::SlotMap;
///
/// let mut slots = SlotMap::new();
/// assert_eq!(slots.insert(0xb482_7400_u64), Ok(0));
/// assert_eq!(slots.insert(0xb482_8000), Ok(1));
/// assert_eq!(slots.remove(&0xb482_7400), Some(0));
/// assert_eq!(slots.insert(0xae42_d080), Ok(0), "the freed slot is used again");
/// ```
#[derive(Clone)]
pub struct SlotMap<K> {
    live: HashMap<K, u32>,
    pool: SlotPool,
}

/// Why a name got no slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SlotMapError {
    /// The name already has a slot.
    #[error("the name is live in slot {slot}")]
    Live {
        /// The slot it has.
        slot: u32,
    },
    /// All 32-bit slots are in use.
    #[error("more than {} blocks are live at once", u32::MAX)]
    Full,
}

impl<K> Default for SlotMap<K> {
    fn default() -> Self {
        Self { live: HashMap::default(), pool: SlotPool::new() }
    }
}

impl<K> fmt::Debug for SlotMap<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlotMap").field("live_blocks", &self.live.len()).finish_non_exhaustive()
    }
}

impl<K: Eq + Hash> SlotMap<K> {
    /// A map in which no name is live.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many names are live.
    #[must_use]
    pub fn live_blocks(&self) -> usize {
        self.live.len()
    }

    /// The slot of a live name.
    #[must_use]
    pub fn slot(&self, name: &K) -> Option<u32> {
        self.live.get(name).copied()
    }

    /// Makes a name live and gives it a slot.
    ///
    /// # Errors
    ///
    /// [`SlotMapError::Live`] when the name is live already, [`SlotMapError::Full`] when 2^32 - 1
    /// blocks are; nothing has changed then.
    pub fn insert(&mut self, name: K) -> Result<u32, SlotMapError> {
        let vacant = match self.live.entry(name) {
            Entry::Occupied(entry) => return Err(SlotMapError::Live { slot: *entry.get() }),
            Entry::Vacant(vacant) => vacant,
        };
        let slot = self.pool.take().ok_or(SlotMapError::Full)?;
        Ok(*vacant.insert(slot))
    }

    /// Ends a name's life and returns the slot that it had.
    pub fn remove(&mut self, name: &K) -> Option<u32> {
        let slot = self.live.remove(name)?;
        self.pool.give_back(slot);
        Some(slot)
    }

    /// Gives the block of `from` the name `to` and returns its slot.
    ///
    /// Returns `None`, with nothing changed, when `from` is not live or `to` is the live name of
    /// another block.
    pub fn rename(&mut self, from: &K, to: K) -> Option<u32> {
        let slot = self.slot(from)?;
        if *from == to {
            return Some(slot);
        }
        if self.live.contains_key(&to) {
            return None;
        }
        self.live.remove(from);
        self.live.insert(to, slot);
        Some(slot)
    }
}
