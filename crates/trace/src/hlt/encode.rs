//! Operations to bytes.

use std::collections::HashMap;

use super::cursor::push_varint;
use super::slots::SlotTable;
use super::tags;
use crate::{Operation, OperationError};

/// A size and the exponent of its alignment.
type Shape = (u64, u8);

/// Encodes chunk after chunk; what it knows of the slots goes on from one to the next.
#[derive(Debug)]
pub(super) struct Encoder {
    table: SlotTable,
    dictionary: HashMap<Shape, u8>,
    tags: Vec<u8>,
    slots: Vec<u8>,
    sizes: Vec<u8>,
}

impl Encoder {
    pub(super) fn new() -> Self {
        Self {
            table: SlotTable::new(),
            dictionary: HashMap::new(),
            tags: Vec::new(),
            slots: Vec::new(),
            sizes: Vec::new(),
        }
    }

    /// Replaces the contents of `out` by the payload of one operations section.
    pub(super) fn encode(
        &mut self,
        operations: &[Operation],
        out: &mut Vec<u8>,
    ) -> Result<(), OperationError> {
        let dictionary = choose_dictionary(operations);
        self.dictionary.clear();
        self.dictionary.extend(dictionary.iter().copied().zip(0..));
        self.tags.clear();
        self.slots.clear();
        self.sizes.clear();
        for operation in operations {
            self.encode_operation(operation)?;
        }

        out.clear();
        // At most DICTIONARY_ENTRIES entries, so this and the entries' tags fit a byte.
        out.extend(u8::try_from(dictionary.len()));
        push_varint(self.tags.len() as u128, out);
        push_varint(self.slots.len() as u128, out);
        for (size, exponent) in dictionary {
            push_varint(size.into(), out);
            out.push(exponent);
        }
        out.extend_from_slice(&self.tags);
        out.extend_from_slice(&self.slots);
        out.extend_from_slice(&self.sizes);
        Ok(())
    }

    fn encode_operation(&mut self, operation: &Operation) -> Result<(), OperationError> {
        match *operation {
            Operation::Allocate { slot, size, align } => {
                if slot == self.table.next_slot() {
                    self.table.allocate_next()?;
                } else {
                    self.table.allocate(slot)?;
                    self.tags.push(tags::ALLOCATE_SLOT);
                    self.slots.extend_from_slice(&slot.to_le_bytes());
                }
                self.encode_shape(shape(size, align));
            }
            Operation::Resize { slot, size, align } => {
                let same = slot == self.table.resized;
                self.table.resize(slot)?;
                let age = self.table.age(slot).and_then(|age| u8::try_from(age).ok());
                if same {
                    self.tags.push(tags::RESIZE_SAME);
                } else if let Some(age) = age {
                    self.tags.push(tags::RESIZE_RECENT_BYTE);
                    self.slots.push(age);
                } else {
                    self.push_slot(tags::RESIZE_SLOT, slot);
                }
                self.encode_shape(shape(size, align));
            }
            Operation::Free { slot } => {
                self.encode_free(slot);
                self.table.free(slot)?;
            }
        }
        Ok(())
    }

    fn encode_free(&mut self, slot: u32) {
        let recent_tags = u32::from(tags::FREE_RECENT_TAGS);
        let age = self.table.age(slot).and_then(|age| {
            let in_tag = u8::try_from(age).ok().filter(|&age| age < tags::FREE_RECENT_TAGS);
            let in_byte = age.checked_sub(recent_tags).and_then(|age| u8::try_from(age).ok());
            in_tag.map(Ok).or_else(|| in_byte.map(Err))
        });
        let neighbor = self.table.distance(slot).and_then(|distance| {
            let reach = u8::try_from(distance.unsigned_abs()).ok()?;
            let behind = if distance < 0 { tags::FREE_NEIGHBOR_REACH } else { 0 };
            (1..=tags::FREE_NEIGHBOR_REACH).contains(&reach).then(|| behind + reach - 1)
        });
        match (age, neighbor) {
            (Some(Ok(age)), _) => self.tags.push(tags::FREE_RECENT + age),
            (_, Some(neighbor)) => self.tags.push(tags::FREE_NEIGHBOR + neighbor),
            (Some(Err(age)), None) => {
                self.tags.push(tags::FREE_RECENT_BYTE);
                self.slots.push(age);
            }
            (None, None) => {
                self.push_slot(tags::FREE_SLOT, slot);
            }
        }
    }

    /// Writes a slot in as few bytes as it takes; their number is added to the tag.
    fn push_slot(&mut self, tag: u8, slot: u32) {
        let (more, width) = match slot {
            0..=0xff => (0, 1),
            0x100..=0xffff => (1, 2),
            0x1_0000..=0xff_ffff => (2, 3),
            _ => (3, 4),
        };
        self.tags.push(tag + more);
        self.slots.extend_from_slice(&slot.to_le_bytes()[..width]);
    }

    fn encode_shape(&mut self, shape: Shape) {
        if let Some(&index) = self.dictionary.get(&shape) {
            self.tags.push(index);
            return;
        }
        let (size, exponent) = shape;
        let (width_bits, width) = match size {
            0..=0xff => (0, 1),
            0x100..=0xffff => (1, 2),
            0x1_0000..=0xffff_ffff => (2, 4),
            _ => (3, 8),
        };
        let alignment_bit = if exponent > 0 { tags::SIZE_HAS_ALIGNMENT } else { 0 };
        self.tags.push(tags::SIZE_EXPLICIT + width_bits + alignment_bit);
        self.sizes.extend_from_slice(&size.to_le_bytes()[..width]);
        if exponent > 0 {
            self.sizes.push(exponent);
        }
    }
}

fn shape(size: u64, align: u64) -> Shape {
    // An alignment is a power of two, so its exponent is below 64.
    (size, align.trailing_zeros().to_le_bytes()[0])
}

/// The most frequent shapes, those that occur more than once, the most frequent first; equally
/// frequent ones in rising order, so that the same operations give the same bytes.
fn choose_dictionary(operations: &[Operation]) -> Vec<Shape> {
    let mut counts: HashMap<Shape, u32> = HashMap::new();
    for operation in operations {
        if let Operation::Allocate { size, align, .. } | Operation::Resize { size, align, .. } =
            *operation
        {
            *counts.entry(shape(size, align)).or_default() += 1;
        }
    }
    let mut shapes: Vec<_> = counts.into_iter().filter(|&(_, count)| count > 1).collect();
    shapes.sort_unstable_by_key(|&(shape, count)| (core::cmp::Reverse(count), shape));
    shapes.truncate(usize::from(tags::DICTIONARY_ENTRIES));
    shapes.into_iter().map(|(shape, _)| shape).collect()
}
