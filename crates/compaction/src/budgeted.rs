//! Best fit that compacts on a miss, but only as much as it has earned.

use alloc::format;
use alloc::string::String;

use heaplab_blocks::{Id, LatestAside, NIL, ShortestFit};
use heaplab_core::{
    AllocError, Allocator, Block, Capabilities, Config, ConfigError, Granule, Handle,
    InvalidHandle, Memory, Parameter, Piece, Request, Strategy, Usage,
};

use crate::forecast::{self, Wish};
use crate::movable::Movable;
use crate::slide::Moved;
use crate::window::{self, Window};

/// How many windows are tried for each wanted length where alignments may spoil some.
const ATTEMPTS: usize = 4;

/// The parameter `c`.
const EARNED_PER_MOVED: Parameter = Parameter {
    name: "c",
    unit: "bytes earned per byte moved",
    default: 8,
    min: 1,
    max: 1 << 20,
    description: "bytes that must be allocated, or gained by resizes, for each byte that compaction moves",
};

/// Places each block by exact best fit, and on a miss rearranges the cheapest run of neighboring pieces that makes room.
///
/// At every moment the bytes that compaction has moved, times `c`, are at most the bytes earned since the start: the
/// lengths of allocations and the growth of resizes, the current request included. Copies of moving resizes are not
/// charged. A request for which the budget does not suffice is refused and earns nothing.
///
/// The price of a run is the bytes of the blocks between its first and its last hole: sliding them down joins its holes
/// into one. For a growing block there is a second way: within a run around it, it and the blocks below it slide down
/// and those behind it are lifted, and it grows where it is then. The cheaper way is taken.
///
/// Where alignments above the granule are about, a run may turn out too narrow once its blocks are aligned. This is
/// found out beforehand; the next cheapest runs are tried, and at last the whole heap.
///
/// Invariants
///
/// 1. Those of the fit, and the count of aligned blocks.
/// 2. `moved_bytes * earned_per_moved <= earned_bytes`.
#[derive(Debug)]
pub struct CompactionBudgeted {
    heap: Movable<LatestAside<ShortestFit>>,
    /// `c`.
    earned_per_moved: u64,
    /// Lengths of allocations and growth of resizes; stays at the largest number rather than wrap.
    earned_bytes: u64,
}

/// How to make room for a resize.
enum Plan {
    /// For a second block, elsewhere.
    Elsewhere(Window),
    /// For the block itself: it slides down together with the pieces from this one on, and those behind it rise.
    Around(Id),
}

impl CompactionBudgeted {
    /// The allocator of an empty heap that earns one byte of movement with every `earned_per_moved` bytes.
    ///
    /// # Errors
    ///
    /// [`ConfigError::ParameterOutOfRange`] for an `earned_per_moved` outside 1 to 2^20, [`ConfigError::OutOfMetadata`]
    /// if there is no memory for the tables.
    pub fn with_capacity(
        capacity_bytes: u64,
        granule: Granule,
        earned_per_moved: u64,
    ) -> Result<Self, ConfigError> {
        let Parameter { name, min, max, .. } = EARNED_PER_MOVED;
        if !(min..=max).contains(&earned_per_moved) {
            return Err(ConfigError::ParameterOutOfRange {
                name,
                value: earned_per_moved,
                min,
                max,
            });
        }
        let heap = Movable::new(capacity_bytes, granule)?;
        Ok(Self { heap, earned_per_moved, earned_bytes: 0 })
    }

    /// Bytes earned since the start.
    #[must_use]
    pub const fn earned_bytes(&self) -> u64 {
        self.earned_bytes
    }

    /// Bytes that compaction may still move.
    #[must_use]
    pub fn allowance_bytes(&self) -> u64 {
        self.allowance(0)
    }

    /// Bytes that compaction may move for a request that earns `earning` bytes.
    fn allowance(&self, earning: u64) -> u64 {
        // The quotient is rounded down, so the product never exceeds what was earned.
        let total = self.earned_bytes.saturating_add(earning) / self.earned_per_moved;
        total.saturating_sub(self.heap.moved_bytes())
    }

    fn earn(&mut self, bytes: u64) {
        self.earned_bytes = self.earned_bytes.saturating_add(bytes);
    }

    /// The cheapest window that makes room for a block within the allowance.
    fn find_window(&self, wish: Wish, allowance: u64) -> Option<Window> {
        let table = self.heap.table();
        if wish.len > table.free_bytes() || allowance == 0 {
            return None;
        }
        if self.heap.is_plain(wish) {
            let window = window::cheapest(table, wish.len, None)?;
            return (window.block_bytes <= allowance).then_some(window);
        }
        let makes_room = |window: &Window| {
            forecast::bytes_to_make_room(table, (window.first, window.until), wish, true).is_some()
        };
        // With this much more, the wish's own alignment at least cannot spoil a window.
        let slack = wish.align - table.granule().bytes();
        for wanted in [wish.len, wish.len.saturating_add(slack)] {
            let mut last = None;
            for _ in 0..ATTEMPTS {
                last = window::cheapest(table, wanted, last)
                    .filter(|window| window.block_bytes <= allowance);
                match last {
                    Some(window) if makes_room(&window) => return Some(window),
                    Some(_) => {}
                    None => break,
                }
            }
        }
        let everything = (table.first(), NIL);
        let bytes = forecast::bytes_to_make_room(table, everything, wish, true)?;
        let window = Window { first: table.first(), until: NIL, block_bytes: bytes, rank: 0 };
        (bytes <= allowance).then_some(window)
    }

    /// The cheapest run around a block that lets it grow within the allowance: its lowest piece and the bytes moved.
    fn find_run_around(&self, block: Id, wish: Wish, allowance: u64) -> Option<(Id, u64)> {
        let table = self.heap.table();
        let growth = wish.len.saturating_sub(table.len(block));
        if growth > table.free_bytes() || allowance == 0 {
            return None;
        }
        let slack = wish.align - table.granule().bytes();
        let narrow = window::cheapest_around(table, block, growth);
        let wide = window::cheapest_around(table, block, growth.saturating_add(slack));
        [narrow, wide, Some(table.first())].into_iter().flatten().find_map(|first| {
            let bytes = forecast::bytes_to_grow_around(table, first, block, wish)?;
            (bytes <= allowance).then_some((first, bytes))
        })
    }

    fn find_plan(&self, block: Id, wish: Wish, allowance: u64) -> Option<Plan> {
        let elsewhere = self.find_window(wish, allowance);
        // A dearer run around the block is of no use; at the same price it saves the copy.
        let limit = elsewhere.map_or(allowance, |window| window.block_bytes);
        match (self.find_run_around(block, wish, limit), elsewhere) {
            (Some((first, _)), _) => Some(Plan::Around(first)),
            (None, Some(window)) => Some(Plan::Elsewhere(window)),
            (None, None) => None,
        }
    }

    #[cold]
    fn allocate_after_slide(
        &mut self,
        request: Request,
        wish: Wish,
        memory: &mut dyn Memory,
    ) -> Result<Handle, AllocError> {
        if let Some(window) = self.find_window(wish, self.allowance(wish.len)) {
            let moved = self.heap.slide(window.first, window.until, memory);
            self.heap.note_compaction(moved);
            if let Some(handle) = self.heap.try_place(wish) {
                self.earn(wish.len);
                return Ok(handle);
            }
        }
        Err(self.heap.shortage(request.size))
    }

    #[cold]
    fn resize_after_slide(
        &mut self,
        block: Id,
        request: Request,
        wish: Wish,
        memory: &mut dyn Memory,
    ) -> Result<(), AllocError> {
        let growth = wish.len.saturating_sub(self.heap.table().len(block));
        let done = match self.find_plan(block, wish, self.allowance(growth)) {
            Some(Plan::Elsewhere(window)) => {
                let moved = self.heap.slide(window.first, window.until, memory);
                self.heap.note_compaction(moved);
                self.heap.try_move(block, wish, memory).is_some()
            }
            Some(Plan::Around(first)) => {
                self.grow_around(first, block, wish, memory)?;
                true
            }
            None => false,
        };
        if !done {
            return Err(self.heap.shortage(request.size));
        }
        self.earn(growth);
        Ok(())
    }

    /// Carries out [`Plan::Around`].
    fn grow_around(
        &mut self,
        first: Id,
        block: Id,
        wish: Wish,
        memory: &mut dyn Memory,
    ) -> Result<(), AllocError> {
        let Block { len: old_len, .. } = self.heap.table().block(block);
        if wish.len < old_len {
            // Only the alignment asks for another place: what is cut off need not be carried there.
            let align = self.heap.table().align(block);
            self.heap.try_resize_in_place(block, Wish { len: wish.len, align })?;
        }
        self.heap.set_align(block, wish.align);
        let mut moved = Moved::default();
        if first != block {
            let table = self.heap.table();
            let next = table.next(block);
            let until = if table.is_hole(next) { table.next(next) } else { next };
            moved = self.heap.slide(first, until, memory);
        }
        if wish.len > old_len {
            moved = moved.and(self.heap.lift(block, wish, memory));
        }
        self.heap.note_compaction(moved);
        Ok(())
    }
}

impl Allocator for CompactionBudgeted {
    #[inline]
    fn allocate(
        &mut self,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<Handle, AllocError> {
        let (len, align) = self.heap.table().check(request)?;
        let wish = Wish { len, align };
        self.heap.reserve()?;
        match self.heap.try_place(wish) {
            Some(handle) => {
                self.earn(len);
                Ok(handle)
            }
            None => self.allocate_after_slide(request, wish, memory),
        }
    }

    #[inline]
    fn free(&mut self, handle: Handle, _memory: &mut dyn Memory) -> Result<(), InvalidHandle> {
        let block = self.heap.table().resolve(handle)?;
        self.heap.free_block(block);
        Ok(())
    }

    fn resize(
        &mut self,
        handle: Handle,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<(), AllocError> {
        let block = self.heap.table().resolve(handle)?;
        let (len, align) = self.heap.table().check(request)?;
        let wish = Wish { len, align };
        self.heap.reserve()?;
        let growth = len.saturating_sub(self.heap.table().len(block));
        if self.heap.try_resize_in_place(block, wish)?
            || self.heap.try_move(block, wish, memory).is_some()
        {
            self.earn(growth);
            return Ok(());
        }
        self.resize_after_slide(block, request, wish, memory)
    }

    #[inline]
    fn block(&self, handle: Handle) -> Option<Block> {
        self.heap.fits().block(handle)
    }

    fn locate(&self, handle: Handle) -> Result<Block, InvalidHandle> {
        self.heap.fits().locate(handle)
    }

    fn end_bytes(&self) -> Option<u64> {
        self.heap.fits().end_bytes()
    }

    fn walk(&self, visit: &mut dyn FnMut(Piece)) {
        self.heap.fits().walk(visit);
    }

    fn usage(&self) -> Usage {
        self.heap.usage()
    }

    fn brief_usage(&self) -> Usage {
        self.heap.brief_usage()
    }

    fn capacity_bytes(&self) -> u64 {
        self.heap.table().capacity_bytes()
    }

    fn granule(&self) -> Granule {
        self.heap.table().granule()
    }

    fn check_invariants(&self) -> Result<(), String> {
        self.heap.check_invariants()?;
        let charged = u128::from(self.heap.moved_bytes()) * u128::from(self.earned_per_moved);
        if charged > u128::from(self.earned_bytes) {
            let (moved, c) = (self.heap.moved_bytes(), self.earned_per_moved);
            return Err(format!("moved {moved} bytes times {c}, earned {}", self.earned_bytes));
        }
        Ok(())
    }
}

impl Strategy for CompactionBudgeted {
    const CAPABILITIES: Capabilities = Capabilities {
        description: "best fit, and on a miss the cheapest few blocks slide, never more bytes than a fixed share of \
                      those allocated; choose it when movement must be bounded",
        source: "Bendersky, Petrank, Space overhead bounds for dynamic memory management with partial compaction, \
                 POPL 2011: c-partial compaction; the choice of windows is ours",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        relocates: true,
        ignores_spare_capacity: true,
        policy: None,
        parameters: &[EARNED_PER_MOVED],
        ..Capabilities::DEFAULT
    };

    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
        let capacity_bytes = config.check(capacity_bytes, &Self::CAPABILITIES)?;
        let earned_per_moved = config.value(&EARNED_PER_MOVED)?;
        Self::with_capacity(capacity_bytes, config.granule, earned_per_moved)
    }
}
