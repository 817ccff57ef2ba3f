//! Android's `memory_replay` recordings.
//!
//! ```text
//! 100: malloc 0xb4827400 1024        THREAD: malloc ADDRESS BYTES
//! 100: calloc 0xb4828000 32 8        ADDRESS COUNT BYTES
//! 200: memalign 0xae42d080 16 104    ADDRESS ALIGNMENT BYTES
//! 100: realloc 0x96b90920 0x93605280 150   NEW OLD BYTES; an OLD of 0x0 allocates, a NEW of 0x0 frees
//! 200: free 0x0                      a free of null is no operation
//! 200: thread_done 0x0               nor is the end of a thread
//! ```
//!
//! Newer recordings put the nanoseconds of the call's start and end behind each line; they are taken
//! over as times since the first of them.
//!
//! Addresses name blocks only while they live. A free or a resize of an address without a block is an
//! error. An allocation at an address whose block is still live stands for a free that was lost or
//! written too late: it is put in, with a warning.

use super::LineImporter;
use super::fields::{ALIGNMENT, COUNT, Fields, Number, Parsed, SIZE, decimal, fault, quoted};
use super::lines::Line;
use super::output::{
    AddressSlots, FAILED_CALL, LATE_FREE, Output, Place, ROUNDED_ALIGNMENT, Stop,
    round_up_alignment,
};
use crate::Origin;

const THREAD: Number = Number { name: "thread", expected: "a thread's number and a colon" };
const TIME: Number = Number { name: "time", expected: "a whole number of nanoseconds" };
const OPERATIONS: &str = "one of: malloc, calloc, memalign, realloc, free, thread_done";

#[derive(Debug, Default)]
pub(super) struct Aosp {
    slots: AddressSlots,
    threads: foldhash::HashMap<u64, u32>,
    /// The thread of the line before, for most lines are of the same one.
    latest_thread: Option<(u64, u32)>,
    first_ns: Option<u64>,
}

impl LineImporter for Aosp {
    fn line(&mut self, line: &Line<'_>, out: &mut Output<'_>) -> Result<(), Stop> {
        let (thread, mut fields) = split_thread(line.bytes)?;
        let (call_at, word) = fields.word();
        let origin = Origin { thread: Some(self.thread(thread)?), ..Origin::default() };
        let mut place = Place { line: line.number, origin };
        match word {
            b"malloc" => {
                let address = fields.address()?;
                let size = fields.decimal(SIZE)?;
                self.end(&mut fields, &mut place, out)?;
                self.allocate(address, size, 1, place, out)
            }
            b"calloc" => {
                let address = fields.address()?;
                let count_at = fields.word_offset();
                let count = fields.decimal(COUNT)?;
                let each = fields.decimal(SIZE)?;
                self.end(&mut fields, &mut place, out)?;
                let size = count.checked_mul(each).ok_or_else(|| {
                    let found = format!("{count} elements of {each} bytes are beyond 64 bits");
                    fault(count_at, found, format!("a product of at most {}", u64::MAX))
                })?;
                self.allocate(address, size, 1, place, out)
            }
            b"memalign" => {
                let address = fields.address()?;
                let align_at = fields.word_offset();
                let stated = fields.decimal(ALIGNMENT)?;
                let size = fields.decimal(SIZE)?;
                self.end(&mut fields, &mut place, out)?;
                let align = round_up_alignment(stated).ok_or_else(|| {
                    let found = format!("alignment '{stated}' has no power of two in 64 bits");
                    fault(align_at, found, "a power of two")
                })?;
                if align != stated {
                    out.warn(line.number, ROUNDED_ALIGNMENT);
                }
                self.allocate(address, size, align, place, out)
            }
            b"realloc" => {
                let to = fields.address()?;
                let from_at = fields.word_offset();
                let from = fields.address()?;
                let size = fields.decimal(SIZE)?;
                self.end(&mut fields, &mut place, out)?;
                self.resize(&Move { from, from_at, to, size }, place, out)
            }
            b"free" => {
                let at = fields.word_offset();
                let address = fields.address()?;
                self.end(&mut fields, &mut place, out)?;
                self.free(address, at, place, out)
            }
            b"thread_done" => {
                fields.address()?;
                Ok(self.end(&mut fields, &mut place, out)?)
            }
            b"" => Err(fault(call_at, "the operation is missing", OPERATIONS).into()),
            _ => {
                let found = format!("operation {} is not known", quoted(word));
                Err(fault(call_at, found, OPERATIONS).into())
            }
        }
    }
}

/// A resize as recorded.
struct Move {
    from: u64,
    from_at: usize,
    to: u64,
    size: u64,
}

impl Aosp {
    /// The dense number of a thread.
    fn thread(&mut self, name: u64) -> Parsed<u32> {
        if let Some((latest, thread)) = self.latest_thread
            && latest == name
        {
            return Ok(thread);
        }
        let next = u32::try_from(self.threads.len())
            .map_err(|_| fault(0, "more than 4294967296 threads", "fewer threads"))?;
        let thread = *self.threads.entry(name).or_insert(next);
        self.latest_thread = Some((name, thread));
        Ok(thread)
    }

    /// The end of the line, or the two times before it.
    fn end(
        &mut self,
        fields: &mut Fields<'_>,
        place: &mut Place,
        out: &mut Output<'_>,
    ) -> Parsed<()> {
        if fields.is_at_end() {
            return Ok(());
        }
        let start_ns = fields.decimal(TIME)?;
        fields.decimal(TIME)?;
        fields.end()?;
        let first_ns = *self.first_ns.get_or_insert(start_ns);
        place.origin.time_ns = Some(start_ns.saturating_sub(first_ns));
        out.has_times = true;
        Ok(())
    }

    fn allocate(
        &mut self,
        address: u64,
        size: u64,
        align: u64,
        place: Place,
        out: &mut Output<'_>,
    ) -> Result<(), Stop> {
        if address == 0 {
            out.warn(place.line, FAILED_CALL);
            return Ok(());
        }
        let slot = self.slots.allocate(address, place, out)?;
        out.allocate(slot, size, align, place.origin)
    }

    fn resize(&mut self, resize: &Move, place: Place, out: &mut Output<'_>) -> Result<(), Stop> {
        let Move { from, from_at, to, size } = *resize;
        if from == 0 {
            return self.allocate(to, size, 1, place, out);
        }
        if to == 0 {
            self.free(from, from_at, place, out)?;
            if size > 0 {
                // Perhaps the resize failed and the block lived on: then its free is still to come.
                out.warn(place.line, RESIZE_TO_NULL);
                self.slots.forgive(from);
            }
            return Ok(());
        }
        match self.slots.rename(from, to, place, out)? {
            Some(slot) => out.resize(slot, size, place.origin),
            None => {
                let found = format!("no block is live at {from:#x} to be resized");
                Err(fault(from_at, found, "the address of a live block, or 0x0").into())
            }
        }
    }

    fn free(
        &mut self,
        address: u64,
        at: usize,
        place: Place,
        out: &mut Output<'_>,
    ) -> Result<(), Stop> {
        if address == 0 {
            out.dropped_null_frees += 1;
            return Ok(());
        }
        if let Some(slot) = self.slots.remove(address) {
            return out.free(slot, place.origin);
        }
        if self.slots.is_forgiven(address) {
            out.warn(place.line, LATE_FREE);
            return Ok(());
        }
        let found = format!("no block is live at {address:#x} to be freed");
        Err(fault(at, found, "the address of a live block, or 0x0").into())
    }
}

const RESIZE_TO_NULL: &str = "a resize to a size above 0 returned null: it is taken as a free";

/// The thread's number, and the fields behind the colon, with or without a blank between.
fn split_thread(line: &[u8]) -> Parsed<(u64, Fields<'_>)> {
    let mut fields = Fields::new(line, 0);
    let (offset, word) = fields.word();
    let Some(colon) = memchr::memchr(b':', word) else {
        let found = format!("{} is no thread with a colon", quoted(word));
        return Err(fault(offset, found, THREAD.expected));
    };
    let thread = decimal(&word[..colon], offset, THREAD)?;
    Ok((thread, Fields::new(line, offset + colon + 1)))
}

/// Why content whose first line with text is `line` is not of this format.
pub(super) fn refuse(line: &[u8]) -> Option<String> {
    split_thread(line).err().map(|fault| fault.found)
}
