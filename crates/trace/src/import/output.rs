//! What every importer writes to: the sink, the counts and the warnings.

use super::fields::{Fault, fault};
use super::{SlotMap, SlotMapError, Warning};
use crate::{Counts, Operation, OperationError, Origin, Sink};

/// Why an importer stops at a line.
#[derive(Debug)]
pub(super) enum Stop {
    Fault(Box<Fault>),
    Sink(OperationError),
}

impl From<Box<Fault>> for Stop {
    fn from(fault: Box<Fault>) -> Self {
        Self::Fault(fault)
    }
}

impl From<OperationError> for Stop {
    fn from(error: OperationError) -> Self {
        Self::Sink(error)
    }
}

/// Which line an operation comes from, and what else is known of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) line: u64,
    pub(super) origin: Origin,
}

/// Where importers push operations and remarks.
pub(super) struct Output<'a> {
    sink: &'a mut dyn Sink,
    pub(super) counts: Counts,
    pub(super) dropped_null_frees: u64,
    pub(super) warnings: Vec<Warning>,
    pub(super) has_times: bool,
}

impl<'a> Output<'a> {
    pub(super) fn new(sink: &'a mut dyn Sink) -> Self {
        Self {
            sink,
            counts: Counts::default(),
            dropped_null_frees: 0,
            warnings: Vec::new(),
            has_times: false,
        }
    }

    pub(super) fn allocate(
        &mut self,
        slot: u32,
        size: u64,
        align: u64,
        origin: Origin,
    ) -> Result<(), Stop> {
        self.counts.allocate += 1;
        Ok(self.sink.push(Operation::Allocate { slot, size, align }, origin)?)
    }

    /// A resize never states an alignment: `realloc` cannot ask for one.
    pub(super) fn resize(&mut self, slot: u32, size: u64, origin: Origin) -> Result<(), Stop> {
        self.counts.resize += 1;
        Ok(self.sink.push(Operation::Resize { slot, size, align: 1 }, origin)?)
    }

    pub(super) fn free(&mut self, slot: u32, origin: Origin) -> Result<(), Stop> {
        self.counts.free += 1;
        Ok(self.sink.push(Operation::Free { slot }, origin)?)
    }

    /// Adds a remark, or counts it when the same one was made before; so there are few for any input.
    pub(super) fn warn(&mut self, line: u64, text: &'static str) {
        self.warn_at(Some(line), text);
    }

    /// As [`warn`](Self::warn), of the whole file.
    pub(super) fn warn_of_file(&mut self, text: &'static str) {
        self.warn_at(None, text);
    }

    fn warn_at(&mut self, line: Option<u64>, text: &'static str) {
        match self.warnings.iter_mut().find(|warning| warning.text == text) {
            Some(warning) => warning.count += 1,
            None => self.remark(line, text.to_owned()),
        }
    }

    /// Adds a remark that is made once.
    pub(super) fn remark(&mut self, line: Option<u64>, text: String) {
        self.warnings.push(Warning { line, text, count: 1 });
    }
}

/// The slots of a source that names its blocks by address.
///
/// An address names a block only while that block lives. When an allocation returns an address whose
/// block still lives, the source has lost a free, or has written it too late: the free is put in
/// before the allocation, and one later free of an unknown block at that address is forgiven.
#[derive(Debug, Default)]
pub(super) struct AddressSlots {
    slots: SlotMap<u64>,
    forgiven: foldhash::HashMap<u64, u64>,
}

pub(super) const IMPLIED_FREE: &str =
    "an address is allocated while its block is live: the missing free is put in before it";
pub(super) const LATE_FREE: &str =
    "a free of a block that the trace had to free before this line is ignored";

impl AddressSlots {
    pub(super) fn remove(&mut self, address: u64) -> Option<u32> {
        self.slots.remove(&address)
    }

    /// A slot for a new block; frees the block that lived there, if one did.
    pub(super) fn allocate(
        &mut self,
        address: u64,
        place: Place,
        out: &mut Output<'_>,
    ) -> Result<u32, Stop> {
        match self.slots.insert(address) {
            Ok(slot) => Ok(slot),
            Err(SlotMapError::Live { .. }) => {
                self.free_unseen(address, place, out)?;
                self.slots.insert(address).map_err(|error| full(error).into())
            }
            Err(error @ SlotMapError::Full) => Err(full(error).into()),
        }
    }

    /// The slot of a live block that gets another address.
    pub(super) fn rename(
        &mut self,
        from: u64,
        to: u64,
        place: Place,
        out: &mut Output<'_>,
    ) -> Result<Option<u32>, Stop> {
        if from != to && self.slots.slot(&from).is_some() && self.slots.slot(&to).is_some() {
            self.free_unseen(to, place, out)?;
        }
        Ok(self.slots.rename(&from, to))
    }

    fn free_unseen(
        &mut self,
        address: u64,
        place: Place,
        out: &mut Output<'_>,
    ) -> Result<(), Stop> {
        out.warn(place.line, IMPLIED_FREE);
        self.forgive(address);
        match self.slots.remove(&address) {
            Some(slot) => out.free(slot, place.origin),
            None => Ok(()),
        }
    }

    /// Lets one later free of `address` pass although no block lives there.
    pub(super) fn forgive(&mut self, address: u64) {
        *self.forgiven.entry(address).or_default() += 1;
    }

    /// Whether a free of an address without a block may pass; each grant is used up once.
    pub(super) fn is_forgiven(&mut self, address: u64) -> bool {
        match self.forgiven.get_mut(&address) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }
}

/// The fault of a source with more live blocks than there are slots.
#[cold]
pub(super) fn full(error: SlotMapError) -> Box<Fault> {
    fault(0, error.to_string(), "fewer live blocks")
}

/// The power of two that an allocator uses for a stated alignment: `memalign` rounds up.
/// `None` where there is none in 64 bits.
pub(super) const fn round_up_alignment(align: u64) -> Option<u64> {
    align.checked_next_power_of_two()
}

pub(super) const ROUNDED_ALIGNMENT: &str =
    "an alignment is no power of two: it is rounded up to one, as memalign does";
pub(super) const FAILED_CALL: &str =
    "an allocation failed in the recorded program: it is no operation";
