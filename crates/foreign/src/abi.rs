//! The calls of foreign functions; all unsafe code of this crate.

use core::any::Any;
use core::ffi::{c_int, c_void};
use core::ptr::NonNull;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use heaplab_core::Memory;

use crate::table::{Figures, MemoryTable, Table, UNKNOWN};

/// A foreign heap, ended when it is dropped.
#[derive(Debug)]
pub(crate) struct RawHeap {
    table: &'static Table,
    heap: NonNull<c_void>,
}

/// What happened to the memory during a call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Moved {
    /// The bytes of all relocations.
    pub(crate) bytes: u64,
    /// The highest end of a relocation's target.
    pub(crate) highest_end: u64,
}

/// A memory as foreign code sees it: the table comes first, so that a pointer to it is one to the whole.
#[repr(C)]
struct Window<'a> {
    table: MemoryTable,
    memory: &'a mut dyn Memory,
    moved: Moved,
    panic: Option<Box<dyn Any + Send>>,
}

impl RawHeap {
    /// Makes an empty heap.
    ///
    /// # Safety
    ///
    /// The table's functions keep to `heaplab_strategy.h`.
    pub(crate) unsafe fn create(
        table: &'static Table,
        capacity: u64,
        granule: u64,
        parameters: &[u64],
    ) -> Option<Self> {
        // SAFETY: By the caller's promise; the parameters outlive the call.
        let heap = unsafe { (table.create)(capacity, granule, parameters.as_ptr()) };
        Some(Self { table, heap: NonNull::new(heap)? })
    }

    pub(crate) fn allocate(
        &mut self,
        slot: u32,
        len: u64,
        align: u64,
        memory: &mut dyn Memory,
    ) -> (c_int, Moved) {
        Window::open(memory, |window| {
            // SAFETY: The heap is live, and ours alone; the window outlives the call.
            unsafe { (self.table.allocate)(self.heap.as_ptr(), slot, len, align, window) }
        })
    }

    pub(crate) fn release(&mut self, slot: u32, memory: &mut dyn Memory) -> Moved {
        let released = Window::open(memory, |window| {
            // SAFETY: As above; the caller has looked the slot up.
            unsafe { (self.table.release)(self.heap.as_ptr(), slot, window) }
        });
        released.1
    }

    pub(crate) fn resize(
        &mut self,
        slot: u32,
        len: u64,
        align: u64,
        memory: &mut dyn Memory,
    ) -> (c_int, Moved) {
        Window::open(memory, |window| {
            // SAFETY: As above.
            unsafe { (self.table.resize)(self.heap.as_ptr(), slot, len, align, window) }
        })
    }

    /// Offset and length of a slot's block.
    pub(crate) fn locate(&self, slot: u32) -> (u64, u64) {
        let (mut offset, mut len) = (0, 0);
        // SAFETY: The heap is live; both numbers outlive the call.
        unsafe { (self.table.locate)(self.heap.as_ptr(), slot, &raw mut offset, &raw mut len) };
        (offset, len)
    }

    pub(crate) fn end(&self) -> u64 {
        // SAFETY: The heap is live.
        unsafe { (self.table.end)(self.heap.as_ptr()) }
    }

    pub(crate) fn figures(&self) -> Figures {
        let mut figures = Figures {
            high_water_bytes: UNKNOWN,
            metadata_used_bytes: UNKNOWN,
            metadata_reserved_bytes: UNKNOWN,
            compactions: 0,
            compaction_relocated_bytes: 0,
        };
        if let Some(ask) = self.table.figures {
            // SAFETY: The heap is live; the figures outlive the call.
            unsafe { ask(self.heap.as_ptr(), &raw mut figures) };
        }
        figures
    }

    /// Visits all pieces: offset, length and slot.
    pub(crate) fn walk(&self, visit: &mut dyn FnMut(u64, u64, u32)) {
        let mut visitor = Visitor { visit, panic: None };
        // SAFETY: The heap is live; the visitor outlives the call, and `visit_one` takes it for what it is.
        unsafe { (self.table.walk)(self.heap.as_ptr(), visit_one, (&raw mut visitor).cast()) };
        if let Some(panic) = visitor.panic {
            resume_unwind(panic);
        }
    }
}

impl Drop for RawHeap {
    fn drop(&mut self) {
        // SAFETY: The heap is live, and nobody uses it afterwards.
        unsafe { (self.table.destroy)(self.heap.as_ptr()) };
    }
}

impl Window<'_> {
    /// Hands a memory to a foreign call, and lets a panic of the memory go on once the call has returned.
    fn open<T>(memory: &mut dyn Memory, call: impl FnOnce(*mut MemoryTable) -> T) -> (T, Moved) {
        let table = MemoryTable { relocate };
        let mut window = Window { table, memory, moved: Moved::default(), panic: None };
        let result = call((&raw mut window).cast());
        if let Some(panic) = window.panic.take() {
            resume_unwind(panic);
        }
        (result, window.moved)
    }

    fn relocate(&mut self, from: u64, to: u64, len: u64) {
        // After a panic the replay is over; the strategy ends its operation without moving bytes.
        if self.panic.is_some() {
            return;
        }
        self.moved.bytes = self.moved.bytes.saturating_add(len);
        self.moved.highest_end = self.moved.highest_end.max(to.saturating_add(len));
        let memory = &mut *self.memory;
        // A memory that has panicked is not used again.
        self.panic = catch_unwind(AssertUnwindSafe(|| memory.relocate(from, to, len))).err();
    }
}

/// What foreign code calls to move bytes.
unsafe extern "C" fn relocate(memory: *mut MemoryTable, from: u64, to: u64, len: u64) {
    // SAFETY: Foreign code hands on the pointer that it was given, to a window that outlives its call.
    let window = unsafe { &mut *memory.cast::<Window<'_>>() };
    window.relocate(from, to, len);
}

struct Visitor<'a> {
    visit: &'a mut dyn FnMut(u64, u64, u32),
    panic: Option<Box<dyn Any + Send>>,
}

unsafe extern "C" fn visit_one(context: *mut c_void, offset: u64, len: u64, slot: u32) {
    // SAFETY: Foreign code hands on the context that it was given, a visitor that outlives its call.
    let visitor = unsafe { &mut *context.cast::<Visitor<'_>>() };
    if visitor.panic.is_none() {
        let visit = &mut *visitor.visit;
        visitor.panic = catch_unwind(AssertUnwindSafe(|| visit(offset, len, slot))).err();
    }
}
