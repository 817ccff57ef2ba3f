//! CMU malloc lab traces (`.rep`).
//!
//! ```text
//! 20000        header: four lines (heap, ids, operations, weight; or weight, ids, operations, most
//! 2            bytes live), two lines (ids, operations), or none
//! 3
//! 1
//! a 0 512      allocate id 0, 512 bytes
//! r 0 640      resize it; an id that is not live is allocated
//! f 0          free it; f -1 frees null
//! ```
//!
//! No header value changes the trace: ids go into a map that grows with the live blocks, and a wrong
//! count is a warning.
//! An id may be used again once its block is freed; allocating a live one is an error.

use super::fields::{Fields, ID, Parsed, SIZE, fault, quoted};
use super::lines::Line;
use super::output::{Output, Stop, full};
use super::{LineImporter, SlotMap, SlotMapError};
use crate::Origin;

const MAX_HEADER_LINES: usize = 4;

#[derive(Debug, Default)]
pub(super) struct Rep {
    slots: SlotMap<u64>,
    header: Vec<u64>,
    /// Operation lines so far, frees of null included, as headers count them.
    operations: u64,
    /// One more than the greatest id so far; wider than an id, so that the greatest has a successor.
    ids: u128,
}

impl LineImporter for Rep {
    fn line(&mut self, line: &Line<'_>, out: &mut Output<'_>) -> Result<(), Stop> {
        let mut fields = Fields::new(line.bytes, 0);
        let (offset, word) = fields.word();
        match word {
            b"a" => {
                let (id, at) = self.id(&mut fields)?;
                let size = size(&mut fields)?;
                self.allocate(id, at, size, out)?;
            }
            b"r" => {
                let (id, at) = self.id(&mut fields)?;
                let size = size(&mut fields)?;
                match self.slots.slot(&id) {
                    Some(slot) => out.resize(slot, size, Origin::default())?,
                    None => self.allocate(id, at, size, out)?,
                }
            }
            b"f" => {
                let mut ahead = fields;
                if ahead.word().1 == b"-1" {
                    ahead.end()?;
                    out.dropped_null_frees += 1;
                } else {
                    let (id, at) = self.id(&mut fields)?;
                    fields.end()?;
                    let slot = self.slots.remove(&id).ok_or_else(|| {
                        let found = format!("block {id} is freed while it is not live");
                        fault(at, found, "the id of a live block, or -1 for null")
                    })?;
                    out.free(slot, Origin::default())?;
                }
            }
            _ if self.operations == 0 && is_integer(word) && fields.is_at_end() => {
                return Ok(self.take_header(word, offset)?);
            }
            _ => {
                let found = format!("operation {} is not known", quoted(word));
                let expected = "one of: a (allocate), f (free), r (resize)";
                return Err(fault(offset, found, expected).into());
            }
        }
        self.operations += 1;
        Ok(())
    }

    fn finish(&mut self, out: &mut Output<'_>) -> Result<(), Stop> {
        let (ids, operations) = match self.header[..] {
            [] => return Ok(()),
            [ids, operations] | [_, ids, operations, _] => (ids, operations),
            _ => {
                let lines = self.header.len();
                let text = format!("the header has {lines} lines instead of four, two or none");
                out.remark(Some(1), text);
                return Ok(());
            }
        };
        let mut promised = Vec::new();
        let mut held = Vec::new();
        if u128::from(ids) != self.ids {
            promised.push(format!("{ids} ids"));
            held.push(self.ids.to_string());
        }
        if operations != self.operations {
            promised.push(format!("{operations} operations"));
            held.push(self.operations.to_string());
        }
        if !promised.is_empty() {
            let promised = promised.join(" and ");
            let text =
                format!("the header promises {promised}, the file has {}", held.join(" and "));
            out.remark(Some(1), text);
        }
        Ok(())
    }
}

impl Rep {
    fn take_header(&mut self, word: &[u8], offset: usize) -> Parsed<()> {
        if self.header.len() == MAX_HEADER_LINES {
            let found = format!("{} is a fifth header line", quoted(word));
            return Err(fault(offset, found, "an operation behind at most four header lines"));
        }
        // Nothing depends on the value, so one that is too large is as good as the largest.
        let digits = word.iter().map(|&digit| u64::from(digit.wrapping_sub(b'0')));
        let value =
            digits.fold(0_u64, |value, digit| value.saturating_mul(10).saturating_add(digit));
        self.header.push(value);
        Ok(())
    }

    fn id(&mut self, fields: &mut Fields<'_>) -> Parsed<(u64, usize)> {
        let offset = fields.word_offset();
        let id = fields.decimal(ID)?;
        self.ids = self.ids.max(u128::from(id) + 1);
        Ok((id, offset))
    }

    fn allocate(
        &mut self,
        id: u64,
        at: usize,
        size: u64,
        out: &mut Output<'_>,
    ) -> Result<(), Stop> {
        let slot = self.slots.insert(id).map_err(|error| match error {
            SlotMapError::Live { .. } => {
                let found = format!("block {id} is allocated while it is live");
                fault(at, found, "an id that is not live")
            }
            SlotMapError::Full => full(error),
        })?;
        out.allocate(slot, size, 1, Origin::default())
    }
}

fn size(fields: &mut Fields<'_>) -> Parsed<u64> {
    let size = fields.decimal(SIZE)?;
    fields.end()?;
    Ok(size)
}

fn is_integer(word: &[u8]) -> bool {
    !word.is_empty() && word.iter().all(u8::is_ascii_digit)
}

/// Why content whose first line with text is `line` is not of this format.
pub(super) fn refuse(line: &[u8]) -> Option<String> {
    let mut fields = Fields::new(line, 0);
    let word = fields.word().1;
    let is_header = is_integer(word) && fields.is_at_end();
    let is_operation = matches!(word, b"a" | b"r" | b"f");
    (!is_header && !is_operation)
        .then(|| format!("{} is neither a header's number nor a, f or r", quoted(word)))
}
