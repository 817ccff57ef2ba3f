/*
 * An allocation strategy for heaplab, written in C.
 *
 * A strategy places blocks in the address range [0, capacity) of bytes. It owns none of these bytes: whoever uses it
 * may have them in memory, in a file, on another device, or nowhere. It says where each block is, and when a live
 * block has to move, it calls heaplab_memory.relocate.
 *
 * What heaplab does for a strategy before it calls it:
 *   - sizes are rounded up to the granule: `len` is a multiple of it, at least one granule, at most the capacity;
 *   - alignments are powers of two, at least the granule;
 *   - handles are checked: a block is called by its slot, a small number that is unused when the block is placed, and
 *     is used again after the block was freed. An array indexed by slots is all the table that a strategy needs;
 *   - one heap is never used by two threads at a time. Different heaps are.
 *
 * What a strategy promises:
 *   - blocks do not overlap, lie in [0, capacity), start at a multiple of their alignment, and have exactly `len` bytes;
 *   - what is refused has changed nothing;
 *   - it never unwinds or jumps out of one of its functions.
 *
 * The conformance kit of heaplab checks all but the last.
 */
#ifndef HEAPLAB_STRATEGY_H
#define HEAPLAB_STRATEGY_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface; heaplab refuses a strategy that was compiled for another. */
#define HEAPLAB_STRATEGY_ABI 1u

/* Answers of allocate and resize. */
#define HEAPLAB_DONE 0
/* There is no room for the block now. Nothing has changed. */
#define HEAPLAB_NO_ROOM 1
/* The strategy's own tables cannot grow. Nothing has changed. */
#define HEAPLAB_NO_TABLES 2

/* A figure that the strategy does not know. */
#define HEAPLAB_UNKNOWN UINT64_MAX

/* In a visit: free space between blocks, which has no slot. */
#define HEAPLAB_HOLE UINT32_MAX

/* The bytes behind the heap, wherever they are. Valid during the call that it is handed to. */
typedef struct heaplab_memory heaplab_memory;
struct heaplab_memory {
    /* Copies `len` bytes as memmove does. To be called whenever a live block's bytes must move. */
    void (*relocate)(heaplab_memory *memory, uint64_t from, uint64_t to, uint64_t len);
};

/* Takes a piece of the heap. `slot` is HEAPLAB_HOLE for a hole. */
typedef void (*heaplab_visit)(void *context, uint64_t offset, uint64_t len, uint32_t slot);

/* Figures that only the strategy knows; all are HEAPLAB_UNKNOWN, or 0 for the last two, when it is asked. */
typedef struct heaplab_figures {
    /* The highest end that a block ever had. Left unknown, heaplab notes it itself. */
    uint64_t high_water_bytes;
    /* Bookkeeping outside of the heap: in use, and reserved. */
    uint64_t metadata_used_bytes;
    uint64_t metadata_reserved_bytes;
    /* Times that compaction moved a block, and the bytes that it moved; copies of moving resizes are not among them. */
    uint64_t compactions;
    uint64_t compaction_relocated_bytes;
} heaplab_figures;

/* A strategy: one constant of this type, which heaplab is given the address of. */
typedef struct heaplab_strategy {
    /* HEAPLAB_STRATEGY_ABI. */
    uint32_t abi;

    /*
     * Makes an empty heap. `capacity` is a multiple of `granule`, a power of two. `parameters` are the values of the
     * parameters that the strategy declares, in their order. NULL if there is no memory for the tables.
     */
    void *(*create)(uint64_t capacity, uint64_t granule, const uint64_t *parameters);

    /* Ends a heap. */
    void (*destroy)(void *heap);

    /* Places a block of `len` bytes at a multiple of `align`, called `slot` from now on. */
    int (*allocate)(void *heap, uint32_t slot, uint64_t len, uint64_t align, heaplab_memory *memory);

    /* Frees the block of a slot; its space coalesces at once with the holes beside it. */
    void (*release)(void *heap, uint32_t slot, heaplab_memory *memory);

    /* Changes the length and the alignment of a block; its contents are kept up to the shorter length. */
    int (*resize)(void *heap, uint32_t slot, uint64_t len, uint64_t align, heaplab_memory *memory);

    /* Where the block of a slot is now. */
    void (*locate)(const void *heap, uint32_t slot, uint64_t *offset, uint64_t *len);

    /* Visits blocks and holes in the order of addresses, without gaps, up to the end of the last block. */
    void (*walk)(const void *heap, heaplab_visit visit, void *context);

    /* The end of the last block now, 0 in an empty heap. */
    uint64_t (*end)(const void *heap);

    /* May be NULL: then nothing is known but what a walk shows. */
    void (*figures)(const void *heap, heaplab_figures *figures);
} heaplab_strategy;

#ifdef __cplusplus
}
#endif

#endif
