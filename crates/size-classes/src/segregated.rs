//! Segregated storage: pages of cells of one size, and runs of pages for what is larger.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use heaplab_blocks::{Fits, ShortestFit};
use heaplab_core::{
    AllocError, Allocator, Block, Capabilities, Config, ConfigError, Granule, Handle, Parameter,
    Request, align_up,
};

use crate::policy::Pieces;

/// The most cells of a page, and the words of a set of them.
const MOST_CELLS_SHIFT: u32 = 8;
const WORDS: usize = 4;
/// Sizes of cells: four an octave.
const PER_OCTAVE_SHIFT: u32 = 2;
/// Cells of up to 2^7 of the smallest, half a page, and the lists for them.
const CLASSES: usize = 32;
const NIL: u32 = u32::MAX;

const PAGE: Parameter = Parameter {
    name: "page",
    unit: "bytes",
    default: 4_096,
    min: 256,
    max: 1 << 30,
    description: "size of a page, rounded up to a power of two and at least a granule",
};

/// A cell of a page, or a run of whole pages.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    run: Handle,
    /// Its number in the page; `None` for a run of pages.
    number: Option<u16>,
}

#[derive(Clone, Copy, Debug)]
struct Page {
    run: Handle,
    offset: u64,
    class: usize,
    cells: u16,
    taken: u16,
    set: [u64; WORDS],
    /// Neighbors in the list of pages of this class that have a free cell.
    before: u32,
    next: u32,
}

/// A heap of pages, each cut into cells of one size when it is first needed, and given back when its last cell is free.
///
/// Pages and runs of pages are placed by best fit; of the pages of a class the one that had a free cell last is used, and in it
/// the lowest free cell.
///
/// Invariants
///
/// 1. A page that has cells of its class both free and taken is in its class's list, and no other page is.
/// 2. `taken` is the number of bits in `set`, and never 0.
#[derive(Debug)]
pub struct Pages {
    runs: Fits<ShortestFit>,
    /// By the index of the run's handle.
    pages: Vec<Page>,
    usable: [u32; CLASSES],
    page_bytes: u64,
    least_bytes: u64,
}

impl Pages {
    /// The class of cells for so many bytes, and the size of its cells.
    fn class_of(&self, len: u64) -> (usize, u64) {
        let span = |units: u64| (units | 1 << PER_OCTAVE_SHIFT).ilog2() - PER_OCTAVE_SHIFT;
        let units = len.div_ceil(self.least_bytes).max(1);
        let up = units + (1 << span(units)) - 1;
        let span = span(up);
        let class = u64::from(span << PER_OCTAVE_SHIFT) + (up >> span);
        // Cells have at most half a page, 128 units: their class is below 32.
        (usize::try_from(class).unwrap_or(CLASSES - 1), (up >> span << span) * self.least_bytes)
    }

    /// The size of a class's cells.
    const fn cell_bytes(&self, class: usize) -> u64 {
        let class = class as u64;
        let octave = class >> PER_OCTAVE_SHIFT;
        let span = octave.saturating_sub(1);
        ((class - (span << PER_OCTAVE_SHIFT)) << span) * self.least_bytes
    }

    fn page_mut(&mut self, index: u32) -> &mut Page {
        &mut self.pages[index as usize]
    }

    fn put_first(&mut self, index: u32, class: usize) {
        let next = core::mem::replace(&mut self.usable[class], index);
        let page = self.page_mut(index);
        (page.before, page.next) = (NIL, next);
        if next != NIL {
            self.page_mut(next).before = index;
        }
    }

    fn take_out(&mut self, index: u32) {
        let Page { before, next, class, .. } = *self.page_mut(index);
        if next != NIL {
            self.page_mut(next).before = before;
        }
        if before == NIL {
            self.usable[class] = next;
        } else {
            self.page_mut(before).next = next;
        }
    }

    /// Places a run; `None` if there is no room.
    fn take_run(&mut self, request: Request) -> Result<Option<(u64, Handle)>, AllocError> {
        match self.runs.allocate(request) {
            Ok(run) => Ok(self.offset_of(run).map(|offset| (offset, run))),
            Err(error @ AllocError::OutOfMetadata { .. }) => Err(error),
            Err(_) => Ok(None),
        }
    }

    fn offset_of(&self, run: Handle) -> Option<u64> {
        self.runs.block(run).map(|block| block.offset)
    }

    /// A page of a class with all its cells free; `None` if there is no room.
    fn new_page(&mut self, class: usize, size: u64) -> Result<Option<u32>, AllocError> {
        let Some((offset, run)) = self.take_run(Request::new(self.page_bytes))? else {
            return Ok(None);
        };
        let index = run.index() as usize;
        if index >= self.pages.len() {
            let more = (index + 1 - self.pages.len()).max(self.pages.len() / 4);
            if self.pages.try_reserve_exact(more).is_err() {
                let entries = self.pages.len() as u64;
                // Placed just now, so it can be freed.
                let _ = self.runs.free(run);
                return Err(AllocError::OutOfMetadata { entries });
            }
        }
        let cells = u16::try_from(self.page_bytes / size).unwrap_or(1 << MOST_CELLS_SHIFT);
        let page =
            Page { run, offset, class, cells, taken: 0, set: [0; WORDS], before: NIL, next: NIL };
        while self.pages.len() <= index {
            self.pages.push(page);
        }
        self.pages[index] = page;
        self.put_first(run.index(), class);
        Ok(Some(run.index()))
    }
}

impl Pieces for Pages {
    type Piece = Cell;

    const CAPABILITIES: Capabilities = Capabilities {
        description: "pages of cells of one size; quick and tidy, until the mix of sizes changes",
        source: "Wilson, Johnstone, Neely, Boles, Dynamic Storage Allocation: A Survey, 1995; Bonwick, The Slab Allocator, 1994",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        parameters: &[PAGE],
        ..Capabilities::DEFAULT
    };

    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
        let granule_bytes = config.granule.bytes();
        // A heap smaller than a page is one smaller page.
        let whole = 1 << capacity_bytes.ilog2();
        let page_bytes = config.value(&PAGE)?.next_power_of_two().min(whole).max(granule_bytes);
        let granule = Granule::new(page_bytes).unwrap_or(config.granule);
        Ok(Self {
            runs: Fits::with_capacity(granule.floor(capacity_bytes), granule)?,
            pages: Vec::new(),
            usable: [NIL; CLASSES],
            page_bytes,
            least_bytes: (page_bytes >> MOST_CELLS_SHIFT).max(granule_bytes),
        })
    }

    fn take(&mut self, len: u64, align: u64) -> Result<Option<(u64, Cell)>, AllocError> {
        // A multiple of the alignment has a class of such multiples.
        let (Some(rounded), half) = (align_up(len, align), self.page_bytes / 2) else {
            return Ok(None);
        };
        if rounded > half {
            let run = self.take_run(Request::aligned(len, align))?;
            return Ok(run.map(|(offset, run)| (offset, Cell { run, number: None })));
        }
        let (class, size) = self.class_of(rounded);
        let mut index = self.usable[class];
        if index == NIL {
            let Some(new) = self.new_page(class, size)? else { return Ok(None) };
            index = new;
        }
        let page = self.page_mut(index);
        // The page is in the list of those with a free cell, so a word has room.
        let word = page.set.iter().position(|&word| word != u64::MAX).unwrap_or(0);
        let bit = page.set[word].trailing_ones();
        page.set[word] |= 1 << bit;
        page.taken += 1;
        let number = u64::try_from(word).unwrap_or(0) * 64 + u64::from(bit);
        let (offset, run) = (page.offset + number * size, page.run);
        if page.taken == page.cells {
            self.take_out(index);
        }
        Ok(Some((offset, Cell { run, number: u16::try_from(number).ok() })))
    }

    fn give_back(&mut self, Cell { run, number }: Cell) {
        let Some(number) = number else {
            // A run that was taken and is given back once.
            let _ = self.runs.free(run);
            return;
        };
        let index = run.index();
        let page = self.page_mut(index);
        let was_full = page.taken == page.cells;
        page.set[usize::from(number / 64)] &= !(1 << (number % 64));
        page.taken -= 1;
        let (class, is_empty) = (page.class, page.taken == 0);
        match (was_full, is_empty) {
            (false, true) => self.take_out(index),
            (true, false) => self.put_first(index, class),
            _ => {}
        }
        if is_empty {
            let _ = self.runs.free(run);
        }
    }

    fn fit(&mut self, cell: Cell, len: u64) -> Result<Option<Cell>, AllocError> {
        if cell.number.is_some() {
            let size = self.cell_bytes(self.pages[cell.run.index() as usize].class);
            return Ok((len <= size).then_some(cell));
        }
        match self.runs.resize_in_place(cell.run, Request::new(len)) {
            Ok(()) => Ok(Some(cell)),
            Err(error @ AllocError::OutOfMetadata { .. }) => Err(error),
            Err(_) => Ok(None),
        }
    }

    fn metadata_bytes(&self) -> (u64, u64) {
        let usage = Allocator::usage(&self.runs);
        let bytes = |pages: usize| (size_of::<Self>() + pages * size_of::<Page>()) as u64;
        (
            usage.metadata_used_bytes.unwrap_or(0) + bytes(self.pages.len()),
            usage.metadata_reserved_bytes.unwrap_or(0) + bytes(self.pages.capacity()),
        )
    }

    fn check_invariants(
        &self,
        pieces: &mut dyn Iterator<Item = (Cell, Block)>,
    ) -> Result<(), String> {
        self.runs.check_invariants()?;
        for (Cell { run, number }, block) in pieces {
            let Some(number) = number else {
                let place = self.runs.block(run);
                if place.is_none_or(|place| place.offset != block.offset || place.len < block.len) {
                    return Err(format!("{block:?} is not the run {place:?}"));
                }
                continue;
            };
            let page = self.pages[run.index() as usize];
            let size = self.cell_bytes(page.class);
            let is_taken = page.set[usize::from(number / 64)] >> (number % 64) & 1 == 1;
            let offset = page.offset + u64::from(number) * size;
            if !is_taken || offset != block.offset || block.len > size {
                return Err(format!("{block:?} is not cell {number} of {page:?}"));
            }
        }
        for (class, &first) in self.usable.iter().enumerate() {
            let mut index = first;
            while index != NIL {
                let page = self.pages[index as usize];
                let taken: u32 = page.set.iter().map(|word| word.count_ones()).sum();
                if page.class != class || page.taken >= page.cells || u32::from(page.taken) != taken
                {
                    return Err(format!("{page:?} does not belong into list {class}"));
                }
                index = page.next;
            }
        }
        Ok(())
    }
}
