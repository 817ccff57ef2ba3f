//! The text form of the `wee_alloc` traces.
//!
//! ```text
//! Alloc(16),
//! Alloc(24),
//! Free(0),     which Alloc it frees, counted from 0; not a line number
//! ```
//!
//! The recorder wrote a resize as `Free(old)` and `Alloc(new)`, and lost alignments and some frees.

use super::fields::{Fields, Number, Parsed, SIZE, decimal, fault, quoted};
use super::lines::Line;
use super::output::{Output, Stop, full};
use super::{LineImporter, SlotMap};
use crate::Origin;

const INDEX: Number =
    Number { name: "number", expected: "the number of an earlier Alloc, counted from 0" };
const OPERATIONS: &str = "one of: Alloc(BYTES), Free(N)";

#[derive(Debug, Default)]
pub(super) struct WeeAlloc {
    slots: SlotMap<u64>,
    allocations: u64,
}

impl LineImporter for WeeAlloc {
    fn line(&mut self, line: &Line<'_>, out: &mut Output<'_>) -> Result<(), Stop> {
        let start = line.bytes.iter().take_while(|&&byte| byte == b' ' || byte == b'\t').count();
        let text = &line.bytes[start..];
        if text.starts_with(b"Alloc(") {
            let size = argument(line.bytes, start + b"Alloc(".len(), SIZE)?;
            let slot = self.slots.insert(self.allocations).map_err(full)?;
            self.allocations += 1;
            return out.allocate(slot, size, 1, Origin::default());
        }
        if text.starts_with(b"Free(") {
            let offset = start + b"Free(".len();
            let index = argument(line.bytes, offset, INDEX)?;
            let slot = self.slots.remove(&index).ok_or_else(|| self.not_live(index, offset))?;
            return out.free(slot, Origin::default());
        }
        let name = text.split(|&byte| byte == b'(' || byte == b' ').next().unwrap_or(text);
        let found = format!("operation {} is not known", quoted(name));
        Err(fault(start, found, OPERATIONS).into())
    }
}

impl WeeAlloc {
    #[cold]
    fn not_live(&self, index: u64, offset: usize) -> Box<super::fields::Fault> {
        let found = if index < self.allocations {
            format!("allocation {index} is freed a second time")
        } else {
            format!("allocation {index} is freed before it is made")
        };
        let count = self.allocations;
        let expected = match count {
            0 => "an Alloc before the first Free".to_owned(),
            _ => format!("the number of a live one of the {count} so far, counted from 0"),
        };
        fault(offset, found, expected)
    }
}

/// The number between the parentheses; behind them only a comma may stand.
fn argument(line: &[u8], from: usize, number: Number) -> Parsed<u64> {
    let rest = &line[from..];
    let Some(len) = memchr::memchr(b')', rest) else {
        // Say what is wrong with the number first, if something is.
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            decimal(rest, from, number)?;
        }
        let found = format!("the parenthesis of {} is not closed", quoted(line));
        return Err(fault(from + digits, found, "a ')' behind the number"));
    };
    let value = decimal(&rest[..len], from, number)?;
    let behind = from + len + 1;
    let comma = usize::from(line.get(behind) == Some(&b','));
    Fields::new(line, behind + comma).end()?;
    Ok(value)
}

/// Why content whose first line with text is `line` is not of this format.
pub(super) fn refuse(line: &[u8]) -> Option<String> {
    let text = line.trim_ascii_start();
    (!text.starts_with(b"Alloc(") && !text.starts_with(b"Free("))
        .then(|| format!("{} starts neither with Alloc( nor with Free(", quoted(line)))
}
