//! A first fit behind the C interface, in Rust, so that these tests need no C compiler. Flaws can be switched on.

use core::ffi::{c_int, c_void};
use core::ptr;

use heaplab_foreign::{DONE, Figures, HOLE, MemoryTable, NO_ROOM, Table, Visit};

/// Nothing is wrong.
pub(crate) const SOUND: u8 = 0;
/// Walks every block under a slot that was never given out.
pub(crate) const WALKS_STRANGERS: u8 = 1;
/// Says that the heap ends one byte later.
pub(crate) const WRONG_END: u8 = 2;
/// Answers what no header names.
pub(crate) const ANSWERS_NONSENSE: u8 = 3;
/// Places outside of the heap.
pub(crate) const LEAVES_THE_HEAP: u8 = 4;
/// Calls `relocate` without end, as it thinks.
pub(crate) const MOVES_A_LOT: u8 = 5;

struct Block {
    offset: u64,
    len: u64,
    slot: u32,
}

struct Heap {
    capacity: u64,
    blocks: Vec<Block>,
}

impl Heap {
    /// Index and offset of the lowest gap that can hold the block, the wilderness included.
    fn find(&self, len: u64, align: u64) -> Option<(usize, u64)> {
        let mut start = 0_u64;
        for index in 0..=self.blocks.len() {
            let end = self.blocks.get(index).map_or(self.capacity, |block| block.offset);
            let offset = start.checked_next_multiple_of(align)?;
            if offset.checked_add(len)? <= end {
                return Some((index, offset));
            }
            start = self.blocks.get(index)?.offset + self.blocks[index].len;
        }
        None
    }

    fn index_of(&self, slot: u32) -> usize {
        self.blocks.iter().position(|block| block.slot == slot).unwrap_or(0)
    }
}

unsafe fn heap<'a>(heap: *const c_void) -> &'a Heap {
    // SAFETY: Every caller was given the pointer that `create` returned.
    unsafe { &*heap.cast() }
}

unsafe fn heap_mut<'a>(heap: *mut c_void) -> &'a mut Heap {
    // SAFETY: As above; a heap is used by one thread at a time.
    unsafe { &mut *heap.cast() }
}

unsafe extern "C" fn create(capacity: u64, _granule: u64, _parameters: *const u64) -> *mut c_void {
    Box::into_raw(Box::new(Heap { capacity, blocks: Vec::new() })).cast()
}

unsafe extern "C" fn destroy(heap: *mut c_void) {
    // SAFETY: `create` made it, and nobody uses it afterwards.
    drop(unsafe { Box::from_raw(heap.cast::<Heap>()) });
}

unsafe extern "C" fn allocate<const FLAW: u8>(
    heap: *mut c_void,
    slot: u32,
    len: u64,
    align: u64,
    memory: *mut MemoryTable,
) -> c_int {
    // SAFETY: The caller keeps to the header.
    let heap = unsafe { heap_mut(heap) };
    if FLAW == ANSWERS_NONSENSE && heap.blocks.len() == 3 {
        return 77;
    }
    let Some((index, mut offset)) = heap.find(len, align) else { return NO_ROOM };
    if FLAW == LEAVES_THE_HEAP && heap.blocks.len() == 3 {
        offset = u64::MAX - 5;
    }
    if FLAW == MOVES_A_LOT {
        for _ in 0..1_000 {
            // SAFETY: The memory is valid during this call.
            let relocate = unsafe { (*memory).relocate };
            // SAFETY: As above.
            unsafe { relocate(memory, 0, 0, 1) };
        }
    }
    heap.blocks.insert(index, Block { offset, len, slot });
    DONE
}

unsafe extern "C" fn release(heap: *mut c_void, slot: u32, _memory: *mut MemoryTable) {
    // SAFETY: The caller keeps to the header.
    let heap = unsafe { heap_mut(heap) };
    let index = heap.index_of(slot);
    heap.blocks.remove(index);
}

unsafe extern "C" fn resize(
    heap: *mut c_void,
    slot: u32,
    len: u64,
    align: u64,
    memory: *mut MemoryTable,
) -> c_int {
    // SAFETY: The caller keeps to the header.
    let heap = unsafe { heap_mut(heap) };
    let index = heap.index_of(slot);
    let limit = heap.blocks.get(index + 1).map_or(heap.capacity, |next| next.offset);
    let Block { offset, len: old_len, .. } = heap.blocks[index];
    if offset.is_multiple_of(align) && len <= limit - offset {
        heap.blocks[index].len = len;
        return DONE;
    }
    let Some((new, to)) = heap.find(len, align) else { return NO_ROOM };
    heap.blocks.insert(new, Block { offset: to, len, slot });
    // SAFETY: The memory is valid during this call.
    let relocate = unsafe { (*memory).relocate };
    // SAFETY: As above.
    unsafe { relocate(memory, offset, to, len.min(old_len)) };
    heap.blocks.remove(index + usize::from(new <= index));
    DONE
}

unsafe extern "C" fn locate(heap: *const c_void, slot: u32, offset: *mut u64, len: *mut u64) {
    // SAFETY: The caller keeps to the header.
    let heap = unsafe { self::heap(heap) };
    let block = &heap.blocks[heap.index_of(slot)];
    // SAFETY: Both are valid for a write.
    unsafe { ptr::write(offset, block.offset) };
    // SAFETY: As above.
    unsafe { ptr::write(len, block.len) };
}

unsafe extern "C" fn walk<const FLAW: u8>(heap: *const c_void, visit: Visit, context: *mut c_void) {
    // SAFETY: The caller keeps to the header.
    let heap = unsafe { self::heap(heap) };
    let mut end = 0;
    for block in &heap.blocks {
        if block.offset > end {
            // SAFETY: The context is the one that belongs to the visit.
            unsafe { visit(context, end, block.offset - end, HOLE) };
        }
        let slot = if FLAW == WALKS_STRANGERS { block.slot + 1_000 } else { block.slot };
        // SAFETY: As above.
        unsafe { visit(context, block.offset, block.len, slot) };
        end = block.offset.wrapping_add(block.len);
    }
}

unsafe extern "C" fn end<const FLAW: u8>(heap: *const c_void) -> u64 {
    // SAFETY: The caller keeps to the header.
    let last = unsafe { self::heap(heap) }.blocks.last();
    last.map_or(0, |last| last.offset.wrapping_add(last.len)) + u64::from(FLAW == WRONG_END)
}

unsafe extern "C" fn figures(heap: *const c_void, figures: *mut Figures) {
    // SAFETY: The caller keeps to the header.
    let blocks = unsafe { &self::heap(heap).blocks };
    let bytes = |count: usize| (count * size_of::<Block>()) as u64;
    // SAFETY: The figures are valid for reads and writes.
    let figures = unsafe { &mut *figures };
    figures.metadata_used_bytes = bytes(blocks.len());
    figures.metadata_reserved_bytes = bytes(blocks.capacity());
}

pub(crate) const fn table<const FLAW: u8>() -> Table {
    Table {
        abi: heaplab_foreign::ABI,
        create,
        destroy,
        allocate: allocate::<FLAW>,
        release,
        resize,
        locate,
        walk: walk::<FLAW>,
        end: end::<FLAW>,
        figures: Some(figures),
    }
}
