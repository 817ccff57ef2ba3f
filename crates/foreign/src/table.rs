//! The types of `heaplab_strategy.h`, in Rust.

use core::ffi::{c_int, c_void};

/// `HEAPLAB_STRATEGY_ABI`.
pub const ABI: u32 = 1;
/// `HEAPLAB_DONE`.
pub const DONE: c_int = 0;
/// `HEAPLAB_NO_ROOM`.
pub const NO_ROOM: c_int = 1;
/// `HEAPLAB_NO_TABLES`.
pub const NO_TABLES: c_int = 2;
/// `HEAPLAB_UNKNOWN`.
pub const UNKNOWN: u64 = u64::MAX;
/// `HEAPLAB_HOLE`.
pub const HOLE: u32 = u32::MAX;

/// `heaplab_visit`.
pub type Visit = unsafe extern "C" fn(context: *mut c_void, offset: u64, len: u64, slot: u32);

/// `heaplab_memory`: the part of it that foreign code sees.
#[derive(Debug)]
#[repr(C)]
pub struct MemoryTable {
    /// Copies bytes as `memmove` does.
    pub relocate: unsafe extern "C" fn(memory: *mut Self, from: u64, to: u64, len: u64),
}

/// `heaplab_figures`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Figures {
    /// The highest end that a block ever had.
    pub high_water_bytes: u64,
    /// Bookkeeping in use.
    pub metadata_used_bytes: u64,
    /// Bookkeeping reserved.
    pub metadata_reserved_bytes: u64,
    /// Times that compaction moved a block.
    pub compactions: u64,
    /// Bytes that it moved.
    pub compaction_relocated_bytes: u64,
}

/// `heaplab_strategy`: the functions of a strategy. The header says what each does.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Table {
    /// [`ABI`].
    pub abi: u32,
    /// Makes an empty heap.
    pub create:
        unsafe extern "C" fn(capacity: u64, granule: u64, parameters: *const u64) -> *mut c_void,
    /// Ends a heap.
    pub destroy: unsafe extern "C" fn(heap: *mut c_void),
    /// Places a block.
    pub allocate: unsafe extern "C" fn(
        heap: *mut c_void,
        slot: u32,
        len: u64,
        align: u64,
        memory: *mut MemoryTable,
    ) -> c_int,
    /// Frees a block.
    pub release: unsafe extern "C" fn(heap: *mut c_void, slot: u32, memory: *mut MemoryTable),
    /// Changes a block's length and alignment.
    pub resize: unsafe extern "C" fn(
        heap: *mut c_void,
        slot: u32,
        len: u64,
        align: u64,
        memory: *mut MemoryTable,
    ) -> c_int,
    /// Where a block is.
    pub locate:
        unsafe extern "C" fn(heap: *const c_void, slot: u32, offset: *mut u64, len: *mut u64),
    /// Visits blocks and holes.
    pub walk: unsafe extern "C" fn(heap: *const c_void, visit: Visit, context: *mut c_void),
    /// The end of the last block.
    pub end: unsafe extern "C" fn(heap: *const c_void) -> u64,
    /// Figures that only the strategy knows.
    pub figures: Option<unsafe extern "C" fn(heap: *const c_void, figures: *mut Figures)>,
}
