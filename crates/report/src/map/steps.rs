//! The operations of a window, column by column.

use serde::{Deserialize, Serialize};

use super::{MapError, pack, unpack};
use crate::model::{HeapMap, MapSteps};

/// The most operations that a window may hold.
const MAX_OPERATIONS: usize = 1 << 20;
/// The most bytes that a window may have once it is unpacked.
const MAX_BYTES: usize = 1 << 28;

/// A window: the heap before it, each operation, each relocation, and what became of the blocks behind it.
///
/// Numbers stand in columns of equal length, one for each fact, so that they compress well.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Steps {
    /// Live blocks before the first operation, in address order.
    pub before: BlockColumns,
    /// The operations.
    pub operations: OperationColumns,
    /// Relocations, in order; the block of a moving resize among them.
    pub moves: MoveColumns,
    /// Blocks that live behind the last operation.
    pub fates: FateColumns,
}

/// Live blocks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BlockColumns {
    /// The trace's name of each.
    pub slot: Vec<u32>,
    /// Bytes that were asked for.
    pub size: Vec<u64>,
    /// Bytes from the heap's start.
    pub offset: Vec<u64>,
    /// Length in bytes, rounded.
    pub len: Vec<u64>,
    /// Index of the operation that allocated it.
    pub born: Vec<u64>,
    /// `k` for `threads[k - 1]` of the map, 0 for none; empty where none is known.
    pub thread: Vec<u8>,
    /// `k` for `sites[k - 1]` of the map, 0 for none; empty where none is known.
    pub site: Vec<u8>,
}

/// Operations.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OperationColumns {
    /// 0 allocate, 1 resize, 2 free.
    pub kind: Vec<u8>,
    /// The trace's name of the block.
    pub slot: Vec<u32>,
    /// Bytes that were asked for; 0 for a free.
    pub size: Vec<u64>,
    /// Where the block is afterwards, in bytes from the heap's start; 0 for a free.
    pub offset: Vec<u64>,
    /// Its length in bytes, rounded; 0 for a free.
    pub len: Vec<u64>,
    /// As in [`BlockColumns`], 0 for operations that do not allocate.
    pub thread: Vec<u8>,
    /// As in [`BlockColumns`], 0 for operations that do not allocate.
    pub site: Vec<u8>,
}

/// Relocations.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MoveColumns {
    /// The operation during which it happened, counted from the window's first.
    pub step: Vec<u32>,
    /// The block.
    pub slot: Vec<u32>,
    /// Where it went, in bytes from the heap's start.
    pub to: Vec<u64>,
}

/// What became of blocks behind a window.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FateColumns {
    /// The block.
    pub slot: Vec<u32>,
    /// 1 + the index of the operation that frees it in the trace; 0 if none does.
    pub freed: Vec<u64>,
}

impl Steps {
    /// Packs the window for [`HeapMap::steps`].
    pub fn pack(&self) -> MapSteps {
        let count = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
        // These types have string keys only, so they always become JSON.
        let json = serde_json::to_vec(self).unwrap_or_default();
        MapSteps {
            blocks: count(self.before.slot.len()),
            operations: count(self.operations.kind.len()),
            data: pack(&json),
        }
    }

    /// Unpacks a window and holds it against its map.
    ///
    /// # Errors
    ///
    /// [`MapError`] for damaged data, columns of unequal length, blocks outside the map, and operations on slots that
    /// are empty or taken.
    pub fn unpack(map: &HeapMap, packed: &MapSteps) -> Result<Self, MapError> {
        let bytes = unpack(&packed.data, MAX_BYTES)?;
        let steps: Self = serde_json::from_slice(&bytes).map_err(|error| {
            MapError::Contradiction(format!("the steps are no window: {error}"))
        })?;
        steps.check(map, packed)?;
        Ok(steps)
    }

    fn check(&self, map: &HeapMap, packed: &MapSteps) -> Result<(), MapError> {
        let Self { before, operations, moves, fates } = self;
        let count = operations.kind.len();
        // A refused request ends the window.
        let behind = map.failure.as_ref().map_or(map.to_operation, |it| it.operation);
        let shown = behind.saturating_sub(map.from_operation);
        let columns = [
            ("blocks before the window", packed.blocks as usize, before.lengths()),
            ("operations of the window", packed.operations as usize, operations.lengths()),
            ("relocations", moves.step.len(), [moves.slot.len(), moves.to.len()].into()),
            ("fates", fates.slot.len(), [fates.freed.len()].into()),
        ];
        for (what, expected, lengths) in columns {
            if let Some(found) = lengths.into_iter().find(|len| *len != expected) {
                let (expected, found) = (expected.to_string(), found.to_string());
                return Err(MapError::Length { what, expected, found });
            }
        }
        if count > MAX_OPERATIONS || u64::try_from(count) != Ok(shown) {
            let (expected, found) = (shown.to_string(), count.to_string());
            return Err(MapError::Length { what: "operations of the window", expected, found });
        }
        let contradiction = |text: &str| Err(MapError::Contradiction(text.into()));
        if operations.kind.iter().any(|kind| *kind > 2) {
            return contradiction("an operation neither allocates nor resizes nor frees");
        }
        if !moves.step.is_sorted() || moves.step.last().is_some_and(|step| *step as usize >= count)
        {
            return contradiction("the relocations are not in the order of the operations");
        }
        let spans = [(&before.offset, &before.len), (&operations.offset, &operations.len)];
        let is_outside = |(offset, len): (&u64, &u64)| {
            offset.checked_add(*len).is_none_or(|end| end > map.extent_bytes)
        };
        if spans.into_iter().any(|(offset, len)| offset.iter().zip(len).any(is_outside))
            || moves.to.iter().any(|to| *to >= map.extent_bytes)
        {
            return contradiction("a block lies outside the map");
        }
        let origins = [(&before.thread, &before.site), (&operations.thread, &operations.site)];
        for (thread, site) in origins {
            if thread.iter().any(|it| usize::from(*it) > map.threads.len())
                || site.iter().any(|it| usize::from(*it) > map.sites.len())
            {
                return contradiction("a thread or call site has no name");
            }
        }
        self.check_slots()
    }

    /// Slots are allocated while they are empty, and used while they are live.
    fn check_slots(&self) -> Result<(), MapError> {
        let mut live = std::collections::HashSet::new();
        let twice = |slot: u32| MapError::Contradiction(format!("slot {slot} is allocated twice"));
        let empty =
            |slot: u32| MapError::Contradiction(format!("slot {slot} is used while it is empty"));
        for &slot in &self.before.slot {
            if !live.insert(slot) {
                return Err(twice(slot));
            }
        }
        let mut moves = self.moves.step.iter().zip(&self.moves.slot).peekable();
        for (step, (&kind, &slot)) in
            self.operations.kind.iter().zip(&self.operations.slot).enumerate()
        {
            while let Some((_, moved)) = moves.next_if(|(at, _)| **at as usize == step) {
                if !live.contains(moved) {
                    return Err(empty(*moved));
                }
            }
            let was_live = live.contains(&slot);
            match kind {
                0 if was_live => return Err(twice(slot)),
                0 => drop(live.insert(slot)),
                _ if !was_live => return Err(empty(slot)),
                2 => drop(live.remove(&slot)),
                _ => {}
            }
        }
        match self.fates.slot.iter().find(|slot| !live.contains(slot)) {
            Some(slot) => Err(empty(*slot)),
            None => Ok(()),
        }
    }
}

impl BlockColumns {
    fn lengths(&self) -> Vec<usize> {
        let mut lengths = vec![
            self.slot.len(),
            self.size.len(),
            self.offset.len(),
            self.len.len(),
            self.born.len(),
        ];
        lengths.extend([&self.thread, &self.site].map(Vec::len).into_iter().filter(|len| *len > 0));
        lengths
    }
}

impl OperationColumns {
    fn lengths(&self) -> Vec<usize> {
        let mut lengths = vec![
            self.kind.len(),
            self.slot.len(),
            self.size.len(),
            self.offset.len(),
            self.len.len(),
        ];
        lengths.extend([&self.thread, &self.site].map(Vec::len).into_iter().filter(|len| *len > 0));
        lengths
    }
}
