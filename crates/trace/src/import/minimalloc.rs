//! MiniMalloc's CSV of buffers with life spans.
//!
//! ```text
//! id,lower,upper,size
//! 0,995328,1000448,656384     live from time 995328 until just before 1000448
//! ```
//!
//! Spans are half-open, so at equal times frees come before allocations; otherwise a buffer would
//! meet its successor. Operations that still stand at the same time keep the order of the rows.
//! Columns are found by the header's names; `alignment` is taken over, `offset` (a solution) is not.
//! A span that is empty or reversed is an error: such a buffer would never be live.
//!
//! The rows are in no time order, so this importer alone holds the whole file (24 bytes a row and 16
//! an operation).

use super::fields::{ALIGNMENT, Fault, Number, Parsed, SIZE, decimal, fault, quoted};
use super::lines::Line;
use super::output::{Output, ROUNDED_ALIGNMENT, Stop, round_up_alignment};
use super::{Lack, LineImporter};
use crate::{Origin, SlotPool};

const TIME: Number = Number { name: "time", expected: "a whole number" };
const HEADER: &str = "the header id,lower,upper,size";

#[derive(Debug, Default)]
pub(super) struct MiniMalloc {
    header: Option<Vec<Column>>,
    buffers: Vec<Buffer>,
    events: Vec<Event>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Id,
    Lower,
    Upper,
    Size,
    Alignment,
    Offset,
}

#[derive(Clone, Copy, Debug)]
struct Buffer {
    size: u64,
    align: u64,
    slot: u32,
}

#[derive(Clone, Copy, Debug)]
struct Event {
    time: i64,
    /// Frees sort before allocations.
    is_allocation: bool,
    buffer: u32,
}

impl LineImporter for MiniMalloc {
    fn line(&mut self, line: &Line<'_>, out: &mut Output<'_>) -> Result<(), Stop> {
        match &self.header {
            None => self.header = Some(header(line.bytes)?),
            Some(columns) => {
                let row = row(line.bytes, columns)?;
                if round_up_alignment(row.align) != Some(row.align) {
                    out.warn(line.number, ROUNDED_ALIGNMENT);
                }
                self.take(&row)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Output<'_>) -> Result<(), Stop> {
        // A stable sort: what is equal keeps the order of the rows.
        self.events.sort_by_key(|event| (event.time, event.is_allocation));
        let mut pool = SlotPool::new();
        for event in &self.events {
            let buffer = &mut self.buffers[event.buffer as usize];
            if event.is_allocation {
                let full = || super::output::full(super::SlotMapError::Full);
                buffer.slot = pool.take().ok_or_else(full)?;
                out.allocate(buffer.slot, buffer.size, buffer.align, Origin::default())?;
            } else {
                out.free(buffer.slot, Origin::default())?;
                pool.give_back(buffer.slot);
            }
        }
        Ok(())
    }

    fn has(&self, lack: Lack) -> bool {
        let columns = self.header.as_deref().unwrap_or_default();
        lack == Lack::Alignment && columns.contains(&Column::Alignment)
    }
}

struct Row {
    lower: i64,
    upper: i64,
    size: u64,
    align: u64,
}

impl MiniMalloc {
    fn take(&mut self, row: &Row) -> Parsed<()> {
        let buffer = u32::try_from(self.buffers.len())
            .map_err(|_| fault(0, "more than 4294967296 buffers", "fewer buffers"))?;
        let align = round_up_alignment(row.align).unwrap_or(1 << 63);
        self.buffers.push(Buffer { size: row.size, align, slot: 0 });
        self.events.push(Event { time: row.lower, is_allocation: true, buffer });
        self.events.push(Event { time: row.upper, is_allocation: false, buffer });
        Ok(())
    }
}

/// The cells of a line, each with its offset, without blanks around them.
fn cells(line: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut offset = 0;
    line.split(|&byte| byte == b',').map(move |cell| {
        let blanks = cell.len() - cell.trim_ascii_start().len();
        let at = offset + blanks;
        offset += cell.len() + 1;
        (at, cell.trim_ascii())
    })
}

fn header(line: &[u8]) -> Parsed<Vec<Column>> {
    let mut columns = Vec::new();
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    for (at, name) in cells(line) {
        let column = match name {
            b"id" => Column::Id,
            b"lower" => Column::Lower,
            b"upper" => Column::Upper,
            b"size" => Column::Size,
            b"alignment" => Column::Alignment,
            b"offset" => Column::Offset,
            _ => return Err(fault(at, format!("column {} is not known", quoted(name)), HEADER)),
        };
        if columns.contains(&column) {
            return Err(fault(at, format!("column {} stands twice", quoted(name)), HEADER));
        }
        columns.push(column);
    }
    for (column, name) in [
        (Column::Id, "id"),
        (Column::Lower, "lower"),
        (Column::Upper, "upper"),
        (Column::Size, "size"),
    ] {
        if !columns.contains(&column) {
            return Err(fault(line.len(), format!("column '{name}' is missing"), HEADER));
        }
    }
    Ok(columns)
}

fn row(line: &[u8], columns: &[Column]) -> Parsed<Row> {
    let count = cells(line).count();
    if count != columns.len() {
        let found = format!("the row has {count} cells");
        let at = cells(line).nth(columns.len()).map_or(line.len(), |cell| cell.0);
        return Err(fault(at, found, format!("{} cells, as in the header", columns.len())));
    }
    let mut row = Row { lower: 0, upper: 0, size: 0, align: 1 };
    let mut upper_at = 0;
    for ((at, cell), column) in cells(line).zip(columns) {
        match column {
            Column::Id | Column::Offset => {}
            Column::Lower => row.lower = time(cell, at)?,
            Column::Upper => (row.upper, upper_at) = (time(cell, at)?, at),
            Column::Size => row.size = decimal(cell, at, SIZE)?,
            Column::Alignment => row.align = decimal(cell, at, ALIGNMENT)?,
        }
    }
    if row.upper <= row.lower {
        let found = format!("the buffer ends at {} and starts at {}", row.upper, row.lower);
        return Err(fault(upper_at, found, "an upper time above the lower one"));
    }
    Ok(row)
}

/// A time may be negative.
fn time(cell: &[u8], at: usize) -> Parsed<i64> {
    let beyond = || -> Box<Fault> {
        let found = format!("time {} is beyond 64 bits", quoted(cell));
        fault(at, found, format!("a number from {} to {}", i64::MIN, i64::MAX))
    };
    match cell.strip_prefix(b"-") {
        Some(digits) => {
            let value = decimal(digits, at + 1, TIME)?;
            0_i64.checked_sub_unsigned(value).ok_or_else(beyond)
        }
        None => i64::try_from(decimal(cell, at, TIME)?).map_err(|_| beyond()),
    }
}

/// Why content whose first line with text is `line` is not of this format.
pub(super) fn refuse(line: &[u8]) -> Option<String> {
    header(line).err().map(|fault| fault.found)
}
