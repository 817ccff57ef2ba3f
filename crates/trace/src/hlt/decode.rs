//! Bytes to operations, with the slot discipline checked on the way.

use super::cursor::Cursor;
use super::slots::SlotTable;
use super::tags;
use crate::{Operation, OperationError};

/// Why a payload cannot be decoded.
#[derive(Debug)]
pub(super) enum Fault {
    /// The bytes do not follow the format: what stands there, what should.
    Format(String, &'static str),
    /// An operation, counted from the start of the chunk, contradicts those before it.
    Operation(usize, OperationError),
}

/// What went wrong inside one operation.
enum Broken {
    Short,
    Tag(u8),
    Exponent(u8),
    Slot(OperationError),
}

impl From<OperationError> for Broken {
    fn from(error: OperationError) -> Self {
        Self::Slot(error)
    }
}

/// Decodes chunk after chunk.
#[derive(Debug)]
pub(super) struct Decoder {
    table: SlotTable,
    /// Sizes and alignments by tag, of which the chunk's dictionary is the first part.
    dictionary: Vec<(u64, u64)>,
}

/// The three streams of a payload.
struct Streams<'a> {
    tags: Cursor<'a>,
    slots: Cursor<'a>,
    sizes: Cursor<'a>,
}

impl Decoder {
    pub(super) fn new() -> Self {
        Self { table: SlotTable::new(), dictionary: Vec::new() }
    }

    /// How many slots have been used so far.
    pub(super) fn slot_count(&self) -> u64 {
        self.table.slot_count()
    }

    /// Replaces the contents of `operations` by `count` operations of one section.
    pub(super) fn decode(
        &mut self,
        payload: &[u8],
        count: usize,
        operations: &mut Vec<Operation>,
    ) -> Result<(), Fault> {
        let mut streams = self.open(payload)?;
        operations.clear();
        operations.reserve(count);
        for index in 0..count {
            match self.operation(&mut streams) {
                Ok(operation) => operations.push(operation),
                Err(broken) => return Err(fault(broken, index, count)),
            }
        }
        let rest = streams.tags.len() + streams.slots.len() + streams.sizes.len();
        if rest > 0 {
            let found = format!("{rest} bytes after the last of {count} operations");
            return Err(Fault::Format(found, "the end of the section"));
        }
        Ok(())
    }

    fn open<'a>(&mut self, payload: &'a [u8]) -> Result<Streams<'a>, Fault> {
        let short = || Fault::Format(format!("{} bytes", payload.len()), "a longer section");
        let mut cursor = Cursor::new(payload);
        let entries = cursor.byte().ok_or_else(short)?;
        if entries > tags::DICTIONARY_ENTRIES {
            let found = format!("a dictionary of {entries} entries");
            return Err(Fault::Format(found, "at most 152"));
        }
        let mut len =
            || cursor.varint().and_then(|len| usize::try_from(len).ok()).ok_or_else(short);
        let (tags_len, slots_len) = (len()?, len()?);
        self.dictionary.clear();
        for _ in 0..entries {
            let size = cursor.varint().ok_or_else(short)?;
            let exponent = cursor.byte().ok_or_else(short)?;
            let (Ok(size), Some(align)) = (u64::try_from(size), alignment(exponent)) else {
                let found = format!("the size {size} aligned to 2^{exponent}");
                return Err(Fault::Format(found, "both below 2^64"));
            };
            self.dictionary.push((size, align));
        }
        let tags = Cursor::new(cursor.slice(tags_len).ok_or_else(short)?);
        let slots = Cursor::new(cursor.slice(slots_len).ok_or_else(short)?);
        Ok(Streams { tags, slots, sizes: cursor })
    }

    #[inline]
    fn operation(&mut self, streams: &mut Streams<'_>) -> Result<Operation, Broken> {
        let tag = streams.tags.byte().ok_or(Broken::Short)?;
        if tag < tags::SIZE_TAGS {
            let (size, align) = self.shape(tag, &mut streams.sizes)?;
            let slot = self.table.allocate_next()?;
            return Ok(Operation::Allocate { slot, size, align });
        }
        if tag < tags::RESIZE_SAME {
            let slot = self.freed_slot(tag, &mut streams.slots)?;
            self.table.free(slot)?;
            return Ok(Operation::Free { slot });
        }
        self.named_slot(tag, streams)
    }

    #[inline]
    fn freed_slot(&self, tag: u8, slots: &mut Cursor<'_>) -> Result<u32, Broken> {
        const RECENT_END: u8 = tags::FREE_NEIGHBOR - 1;
        const NEIGHBOR_END: u8 = tags::FREE_RECENT_BYTE - 1;
        Ok(match tag {
            ..=RECENT_END => self.table.recent((tag - tags::FREE_RECENT).into()),
            tags::FREE_NEIGHBOR..=NEIGHBOR_END => {
                let index = tag - tags::FREE_NEIGHBOR;
                let reach = i32::from(index % tags::FREE_NEIGHBOR_REACH) + 1;
                let behind = index >= tags::FREE_NEIGHBOR_REACH;
                self.table.neighbor(if behind { -reach } else { reach })
            }
            tags::FREE_RECENT_BYTE => {
                let age = slots.byte().ok_or(Broken::Short)?;
                self.table.recent(u32::from(age) + u32::from(tags::FREE_RECENT_TAGS))
            }
            _ => written_slot(tag - tags::FREE_SLOT, slots).ok_or(Broken::Short)?,
        })
    }

    /// Resizes, and allocations out of turn.
    fn named_slot(&mut self, tag: u8, streams: &mut Streams<'_>) -> Result<Operation, Broken> {
        let slots = &mut streams.slots;
        let slot = match tag {
            tags::RESIZE_SAME => self.table.resized,
            tags::RESIZE_RECENT_BYTE => {
                self.table.recent(slots.byte().ok_or(Broken::Short)?.into())
            }
            tags::RESIZE_SLOT..tags::ALLOCATE_SLOT => {
                written_slot(tag - tags::RESIZE_SLOT, slots).ok_or(Broken::Short)?
            }
            tags::ALLOCATE_SLOT => u32::from_le_bytes(slots.array().ok_or(Broken::Short)?),
            _ => return Err(Broken::Tag(tag)),
        };
        let shape_tag = streams.tags.byte().ok_or(Broken::Short)?;
        if shape_tag >= tags::SIZE_TAGS {
            return Err(Broken::Tag(shape_tag));
        }
        let (size, align) = self.shape(shape_tag, &mut streams.sizes)?;
        if tag == tags::ALLOCATE_SLOT {
            self.table.allocate(slot)?;
            Ok(Operation::Allocate { slot, size, align })
        } else {
            self.table.resize(slot)?;
            Ok(Operation::Resize { slot, size, align })
        }
    }

    #[inline]
    fn shape(&self, tag: u8, sizes: &mut Cursor<'_>) -> Result<(u64, u64), Broken> {
        if let Some(&shape) = self.dictionary.get(usize::from(tag)) {
            return Ok(shape);
        }
        // A tag between the dictionary's last entry and its greatest possible one has no meaning.
        let bits = tag.checked_sub(tags::SIZE_EXPLICIT).ok_or(Broken::Tag(tag))?;
        let size = match bits % tags::SIZE_HAS_ALIGNMENT {
            0 => sizes.byte().map(u64::from),
            1 => sizes.array().map(|bytes| u16::from_le_bytes(bytes).into()),
            2 => sizes.array().map(|bytes| u32::from_le_bytes(bytes).into()),
            _ => sizes.array().map(u64::from_le_bytes),
        };
        let size = size.ok_or(Broken::Short)?;
        if bits < tags::SIZE_HAS_ALIGNMENT {
            return Ok((size, 1));
        }
        let exponent = sizes.byte().ok_or(Broken::Short)?;
        Ok((size, alignment(exponent).ok_or(Broken::Exponent(exponent))?))
    }
}

/// A slot of one byte and `more`.
#[inline]
fn written_slot(more: u8, slots: &mut Cursor<'_>) -> Option<u32> {
    Some(match more {
        0 => slots.byte()?.into(),
        1 => u16::from_le_bytes(slots.array()?).into(),
        2 => {
            let [low, middle, high] = slots.array()?;
            u32::from_le_bytes([low, middle, high, 0])
        }
        _ => u32::from_le_bytes(slots.array()?),
    })
}

fn alignment(exponent: u8) -> Option<u64> {
    1_u64.checked_shl(exponent.into())
}

#[cold]
fn fault(broken: Broken, index: usize, count: usize) -> Fault {
    match broken {
        Broken::Slot(error) => Fault::Operation(index, error),
        Broken::Short => {
            Fault::Format(format!("the end of the section in operation {index}"), "more bytes")
        }
        Broken::Tag(tag) => Fault::Format(
            format!("tag {tag} in operation {index} of {count}"),
            "a tag that has a meaning there",
        ),
        Broken::Exponent(exponent) => Fault::Format(
            format!("an alignment of 2^{exponent} in operation {index} of {count}"),
            "at most 2^63",
        ),
    }
}
