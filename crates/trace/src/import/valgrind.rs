//! The log of `valgrind --trace-malloc=yes`, of any of its tools.
//!
//! ```text
//! ==4212== Command: ./program           a message; names the program
//! --4212-- malloc(10) = 0x4A40040
//! --4212-- memalign(al 64, size 100) = 0x4A59980
//! --4212-- realloc(0x0,33)malloc(33) = 0x4A598D0     a resize of null is the inner call
//! --4212-- realloc(0x4A41180,0)free(0x4A41180)       a resize to nothing is a free;
//! --4212--  = 0                                      its result is on a line of its own
//! --4212-- malloc(18446744073709551615)Argument 'size' of function malloc has a fishy value
//! --4212--  = 0x0                                    a failed call is no operation
//! ```
//!
//! What the program writes itself, and messages of valgrind, are passed over. A call whose result has
//! not come waits for it on a small stack, for calls nest, and threads can alternate between a call and
//! its result.
//!
//! Frees of addresses without a block are ignored with a warning, as valgrind ignores them: they are
//! errors of the program, or blocks that a forked child inherited from before its first line.
//!
//! A log can hold several processes (`--trace-children=yes`), each with an address space of its own,
//! and a process that starts another program (`exec`) begins a new one. The *image* that allocates
//! and resizes most is imported; the others are named in a warning.

mod survey;
mod text;

pub(super) use survey::survey;

use super::LineImporter;
use super::fields::Parsed;
use super::lines::Line;
use super::output::{
    AddressSlots, FAILED_CALL, LATE_FREE, Output, Place, ROUNDED_ALIGNMENT, Stop,
    round_up_alignment,
};
use crate::Origin;
use survey::Image;
use text::{Call, Prefix, Text};

const DAMAGED: &str = "a line breaks off inside a call: the call is passed over";
const UNKNOWN_CALL: &str = "a call is not known: it is passed over";
const UNKNOWN_FREE: &str = "an address without a block is freed: ignored, as valgrind does \
                            (an error of the program, or a block from before a fork)";
const UNKNOWN_RESIZE: &str = "an address without a block is resized: taken as an allocation \
                              (a block from before a fork)";
const UNFINISHED: &str = "a call had not returned at the end of the log: it is no operation";

/// Calls that may wait for their results at once: one a thread and its nested ones, and some to spare.
const MAX_PENDING: usize = 64;

/// Imports one image of a log.
pub(super) struct Valgrind {
    image: Image,
    /// The banners of the image's process so far: which of its programs is running.
    generation: u32,
    slots: AddressSlots,
    pending: Vec<Call>,
}

impl LineImporter for Valgrind {
    fn line(&mut self, line: &Line<'_>, out: &mut Output<'_>) -> Result<(), Stop> {
        let mut from = 0;
        loop {
            let next = text::embedded_prefix(line.bytes.get(from + 1..).unwrap_or_default());
            let next = next.map(|at| from + 1 + at);
            let part = Line { bytes: &line.bytes[..next.unwrap_or(line.bytes.len())], ..*line };
            match self.part(&part, from, out) {
                Err(Stop::Fault(_)) if next.is_some() || !line.is_terminated => {
                    out.warn(line.number, DAMAGED);
                }
                result => result?,
            }
            match next {
                Some(next) => from = next,
                None => return Ok(()),
            }
        }
    }

    fn finish(&mut self, out: &mut Output<'_>) -> Result<(), Stop> {
        for _ in 0..self.pending.len() {
            out.warn_of_file(UNFINISHED);
        }
        Ok(())
    }
}

impl Valgrind {
    pub(super) fn program(&self) -> Option<&str> {
        self.image.command.as_deref()
    }

    /// Takes what one process wrote: a line, or one of several that ran into each other.
    fn part(&mut self, line: &Line<'_>, from: usize, out: &mut Output<'_>) -> Result<(), Stop> {
        let Some(prefix) = text::prefix(&line.bytes[from..]) else { return Ok(()) };
        if prefix.process != self.image.process {
            return Ok(());
        }
        let at = from + prefix.len;
        if !prefix.is_call {
            self.generation += u32::from(survey::command(&line.bytes[at..]).is_some());
            return Ok(());
        }
        if self.generation != self.image.generation {
            return Ok(());
        }
        self.text(line, at, &prefix, out)
    }

    /// Takes the calls and results of one line, which can nest.
    fn text(
        &mut self,
        line: &Line<'_>,
        mut at: usize,
        prefix: &Prefix,
        out: &mut Output<'_>,
    ) -> Result<(), Stop> {
        let origin = Origin { time_ns: prefix.time_ns, ..Origin::default() };
        let place = Place { line: line.number, origin };
        out.has_times |= prefix.time_ns.is_some();
        loop {
            match text::text(line.bytes, at)? {
                Text::Call(call, behind) => {
                    at = behind;
                    match call {
                        Call::Other => return Ok(()),
                        Call::Free { address } => self.free(address, place, out)?,
                        _ => self.wait(call, line.number, out),
                    }
                }
                Text::UnknownCall => {
                    out.warn(line.number, UNKNOWN_CALL);
                    return Ok(());
                }
                Text::Remark => break,
            }
        }
        let result = text::result(line.bytes, at)?;
        if let Some(address) = result
            && let Some(call) = self.pending.pop()
        {
            self.finish_call(call, address, place, out)?;
        }
        Ok(())
    }

    /// Keeps a call until its result comes.
    fn wait(&mut self, call: Call, line: u64, out: &mut Output<'_>) {
        if let Call::Allocate { size: None, .. } = call {
            // The recorder prints no result for a product that overflows.
            out.warn(line, FAILED_CALL);
            return;
        }
        // A resize of null hands over to the inner call, whose result is the only one.
        if let Call::Allocate { is_malloc: true, .. } = call
            && let Some(Call::Resize { from: 0, .. }) = self.pending.last()
        {
            self.pending.pop();
        }
        if self.pending.len() == MAX_PENDING {
            self.pending.remove(0);
            out.warn(line, UNFINISHED);
        }
        self.pending.push(call);
    }

    fn finish_call(
        &mut self,
        call: Call,
        address: u64,
        place: Place,
        out: &mut Output<'_>,
    ) -> Result<(), Stop> {
        match call {
            Call::Resize { size: 0, .. } if address == 0 => Ok(()), // Its inner free has done it.
            _ if address == 0 => {
                out.warn(place.line, FAILED_CALL);
                Ok(())
            }
            Call::Allocate { size, align, .. } => {
                let size = size.ok_or_else(|| text::impossible(0))?;
                let align = rounded(align, place.line, out)?;
                let slot = self.slots.allocate(address, place, out)?;
                out.allocate(slot, size, align, place.origin)
            }
            Call::Resize { from, size } => {
                if let Some(slot) = self.slots.rename(from, address, place, out)? {
                    return out.resize(slot, size, place.origin);
                }
                if from != 0 {
                    out.warn(place.line, UNKNOWN_RESIZE);
                }
                let slot = self.slots.allocate(address, place, out)?;
                out.allocate(slot, size, 1, place.origin)
            }
            Call::Free { .. } | Call::Other => Ok(()), // They do not wait for results.
        }
    }

    fn free(&mut self, address: u64, place: Place, out: &mut Output<'_>) -> Result<(), Stop> {
        if address == 0 {
            out.dropped_null_frees += 1;
        } else if let Some(slot) = self.slots.remove(address) {
            out.free(slot, place.origin)?;
        } else if self.slots.is_forgiven(address) {
            out.warn(place.line, LATE_FREE);
        } else {
            out.warn(place.line, UNKNOWN_FREE);
        }
        Ok(())
    }
}

/// The alignment that the allocator used; 0 asks for none.
fn rounded(stated: u64, line: u64, out: &mut Output<'_>) -> Parsed<u64> {
    let align = round_up_alignment(stated).ok_or_else(|| text::impossible(0))?;
    if align != stated {
        out.warn(line, ROUNDED_ALIGNMENT);
    }
    Ok(align)
}

/// Why content that starts so is not of this format.
pub(super) fn refuse(prefix: &[u8]) -> Option<String> {
    let mut lines = prefix.split(|&byte| byte == b'\n');
    let is_log = lines.any(|line| text::prefix(line).is_some());
    (!is_log).then(|| "no line starts with a process such as --1234--".to_owned())
}
