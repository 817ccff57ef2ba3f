//! The memory that a judged allocator moves bytes in: it knows every live block and what was written into it.

use std::collections::{BTreeMap, HashMap};

use heaplab_core::{Block, Granule, Memory};

use crate::{Fault, Relocation};

/// Heaps up to this capacity get real bytes.
const BYTES_LIMIT: u64 = 4 << 20;

/// The bytes of a live block, as far as anybody knows.
#[derive(Clone, Copy, Debug)]
struct Extent {
    id: u64,
    len: u64,
    /// How many of its first bytes hold its pattern.
    written: u64,
}

/// A resize that is under way: its block may be relocated with its old or its new length.
#[derive(Clone, Copy, Debug)]
struct Resizing {
    id: u64,
    old_len: u64,
    new_len: u64,
}

/// A memory that checks every relocation.
///
/// Every block is filled with a pattern of its own, which is compared when the block is relocated, resized and freed.
#[derive(Clone, Debug)]
pub(crate) struct Witness {
    capacity: u64,
    granule: Granule,
    bytes: Option<Vec<u8>>,
    extents: BTreeMap<u64, Extent>,
    offsets: HashMap<u64, u64>,
    relocations: Vec<Relocation>,
    resizing: Option<Resizing>,
    fault: Option<Fault>,
}

impl Witness {
    pub(crate) fn new(capacity: u64, granule: Granule) -> Self {
        let bytes = (capacity <= BYTES_LIMIT)
            .then(|| usize::try_from(capacity).ok().map(|len| vec![0; len]))
            .flatten();
        Self {
            capacity,
            granule,
            bytes,
            extents: BTreeMap::new(),
            offsets: HashMap::new(),
            relocations: Vec::new(),
            resizing: None,
            fault: None,
        }
    }

    /// Where the block is, by what the allocator said and did.
    pub(crate) fn block(&self, id: u64) -> Option<Block> {
        let offset = *self.offsets.get(&id)?;
        let len = self.extents.get(&offset)?.len;
        Some(Block { offset, len })
    }

    pub(crate) fn live_bytes(&self) -> u64 {
        self.extents.values().map(|extent| extent.len).sum()
    }

    /// All blocks and their names, in address order.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = (u64, Block)> {
        let named = |(offset, extent): (&u64, &Extent)| {
            (extent.id, Block { offset: *offset, len: extent.len })
        };
        self.extents.iter().map(named)
    }

    /// Prepares for a resize of `id` to `new_len`.
    pub(crate) fn expect_resize(&mut self, id: u64, new_len: u64) {
        let old_len = self.block(id).map_or(0, |block| block.len);
        self.resizing = Some(Resizing { id, old_len, new_len });
    }

    /// Ends an operation: its relocations, or the first thing that was wrong with one.
    pub(crate) fn take_relocations(&mut self) -> Result<Vec<Relocation>, Fault> {
        let relocations = core::mem::take(&mut self.relocations);
        match self.fault.take() {
            Some(fault) => Err(fault),
            None => Ok(relocations),
        }
    }

    /// A new block; fills it with its pattern.
    pub(crate) fn place(&mut self, id: u64, block: Block) -> Result<(), Fault> {
        self.cover(id, block, 0)
    }

    /// A resized block, wherever it was relocated to meanwhile; its contents must have come along.
    pub(crate) fn resized(&mut self, id: u64, block: Block) -> Result<(), Fault> {
        self.resizing = None;
        let stands = self.block(id);
        let (Some(Block { offset, .. }), true) =
            (stands, stands.is_some_and(|stands| stands.offset == block.offset))
        else {
            let expected = Block { offset: stands.map_or(0, |stands| stands.offset), ..block };
            return Err(Fault::Lost { expected, found: Some(block) });
        };
        let kept = self.extents.remove(&offset).map_or(0, |extent| extent.written).min(block.len);
        self.verify(id, block.offset, kept)?;
        self.cover(id, block, kept)
    }

    /// The resize was refused.
    pub(crate) const fn resize_refused(&mut self) {
        self.resizing = None;
    }

    /// Compares a block's contents with what was written into it.
    pub(crate) fn verify_block(&self, id: u64) -> Result<(), Fault> {
        let Some(offset) = self.offsets.get(&id) else { return Ok(()) };
        match self.extents.get(offset) {
            Some(extent) => self.verify(id, *offset, extent.written),
            None => Ok(()),
        }
    }

    /// The block is about to be freed; its bytes belong to nobody from now on.
    pub(crate) fn forget(&mut self, id: u64) {
        if let Some(offset) = self.offsets.remove(&id) {
            self.extents.remove(&offset);
        }
    }

    /// Covers `block` and writes its pattern behind the first `kept` bytes.
    fn cover(&mut self, id: u64, block: Block, kept: u64) -> Result<(), Fault> {
        let Block { offset, len } = block;
        match offset.checked_add(len) {
            Some(end) if end <= self.capacity => {}
            _ => return Err(Fault::OutOfRange { offset, len, capacity_bytes: self.capacity }),
        }
        if let Some(victim) = self.victim(id, block) {
            return Err(Fault::Overlap { block, victim });
        }
        self.extents.insert(offset, Extent { id, len, written: len });
        self.offsets.insert(id, offset);
        if let Some(bytes) = slice_mut(&mut self.bytes, offset + kept, len - kept) {
            for (index, byte) in (kept..).zip(bytes) {
                *byte = pattern(id, index);
            }
        }
        Ok(())
    }

    /// A live block other than `id` that shares bytes with `block`.
    fn victim(&self, id: u64, block: Block) -> Option<Block> {
        let before_end = self.extents.range(..block.end()).rev();
        // Live blocks do not overlap each other, so the last two that start before the end decide; one may be `id`.
        before_end
            .take(2)
            .filter(|(_, extent)| extent.id != id)
            .map(|(offset, extent)| Block { offset: *offset, len: self.kept_len(extent) })
            .find(|other| other.end() > block.offset)
    }

    /// The bytes of an extent that nobody else may have: a block that shrinks may lose its tail at once.
    fn kept_len(&self, extent: &Extent) -> u64 {
        match self.resizing {
            Some(resizing) if resizing.id == extent.id => extent.len.min(resizing.new_len),
            _ => extent.len,
        }
    }

    fn verify(&self, id: u64, offset: u64, len: u64) -> Result<(), Fault> {
        let Some(bytes) = self.bytes.as_ref().and_then(|bytes| slice(bytes, offset, len)) else {
            return Ok(());
        };
        let wrong = (0..).zip(bytes).find(|(index, byte)| **byte != pattern(id, *index));
        match wrong {
            None => Ok(()),
            Some((index, _)) => {
                let block = Block { offset, len };
                Err(Fault::CorruptContents { block, offset: offset + index })
            }
        }
    }

    fn try_relocate(&mut self, relocation: Relocation) -> Result<(), Fault> {
        let Relocation { from, to, len } = relocation;
        let bad = |reason| Fault::BadRelocation { relocation, reason };
        let extent = *self.extents.get(&from).ok_or(bad("no live block starts there"))?;
        let resizing = self.resizing.filter(|resizing| resizing.id == extent.id);
        let length_is_right = match resizing {
            None => len == extent.len,
            Some(Resizing { old_len, new_len, .. }) => [old_len, new_len].contains(&len),
        };
        if !length_is_right {
            return Err(bad("its length is not the block's"));
        }
        if to == from {
            return Err(bad("it goes nowhere"));
        }
        if !self.granule.divides(to) {
            return Err(bad("its target is no multiple of the granule"));
        }
        match to.checked_add(len) {
            Some(end) if end <= self.capacity => {}
            _ => return Err(bad("its target leaves the heap")),
        }
        if let Some(victim) = self.victim(extent.id, Block { offset: to, len }) {
            return Err(Fault::Overwritten { relocation, victim });
        }
        let written = extent.written.min(len);
        self.verify(extent.id, from, written)?;
        if let Some(bytes) = &mut self.bytes {
            bytes.as_mut_slice().relocate(from, to, len);
        }
        self.extents.remove(&from);
        self.extents.insert(to, Extent { id: extent.id, len, written });
        self.offsets.insert(extent.id, to);
        Ok(())
    }
}

impl Memory for Witness {
    fn relocate(&mut self, from: u64, to: u64, len: u64) {
        let relocation = Relocation { from, to, len };
        self.relocations.push(relocation);
        if self.fault.is_none() {
            self.fault = self.try_relocate(relocation).err();
        }
    }
}

/// The byte at `index` of block `id`.
const fn pattern(id: u64, index: u64) -> u8 {
    // 251 is prime, so bytes that moved by a power of two do not look right by accident.
    (id.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8 ^ (index % 251) as u8
}

fn slice(bytes: &[u8], offset: u64, len: u64) -> Option<&[u8]> {
    let start = usize::try_from(offset).ok()?;
    bytes.get(start..start.checked_add(usize::try_from(len).ok()?)?)
}

fn slice_mut(bytes: &mut Option<Vec<u8>>, offset: u64, len: u64) -> Option<&mut [u8]> {
    let start = usize::try_from(offset).ok()?;
    bytes.as_mut()?.get_mut(start..start.checked_add(usize::try_from(len).ok()?)?)
}
