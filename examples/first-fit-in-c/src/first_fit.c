/*
 * First fit in C: the lowest hole that can hold the block.
 *
 * Blocks lie in an array in the order of addresses; holes are the gaps between them. A second array says for each slot
 * at which index its block lies, so a block is found at once, and placing or freeing one moves those above it by one.
 */
#include "heaplab_strategy.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    uint64_t offset;
    uint64_t len;
    uint32_t slot;
} block;

typedef struct {
    uint64_t capacity;
    block *blocks;
    size_t count;
    size_t room; /* of both arrays: there are never more slots than blocks at the liveliest moment */
    uint32_t *index_of;
} heap;

static uint64_t end_of(const block *b) {
    return b->offset + b->len;
}

/* Sees to it that there is room for one more block, and for this slot. */
static int reserve(heap *h, uint32_t slot) {
    size_t wanted = h->count + 1 > (size_t)slot + 1 ? h->count + 1 : (size_t)slot + 1;
    if (wanted <= h->room) {
        return 1;
    }
    size_t room = wanted < 64 ? 64 : wanted + wanted / 2;
    block *blocks = realloc(h->blocks, room * sizeof *blocks);
    if (blocks == NULL) {
        return 0;
    }
    h->blocks = blocks;
    uint32_t *index_of = realloc(h->index_of, room * sizeof *index_of);
    if (index_of == NULL) {
        return 0;
    }
    h->index_of = index_of;
    h->room = room;
    return 1;
}

/* Notes anew where the blocks from `from` on lie. */
static void number(heap *h, size_t from) {
    for (size_t i = from; i < h->count; i++) {
        h->index_of[h->blocks[i].slot] = (uint32_t)i;
    }
}

/* The lowest place for a block: where it starts, and its index among the blocks. 0 if there is none. */
static int find(const heap *h, uint64_t len, uint64_t align, uint64_t *offset, size_t *index) {
    uint64_t start = 0;
    for (size_t i = 0; i <= h->count; i++) {
        uint64_t end = i < h->count ? h->blocks[i].offset : h->capacity;
        uint64_t skipped = (align - start % align) % align;
        if (skipped <= end - start && len <= end - start - skipped) {
            *offset = start + skipped;
            *index = i;
            return 1;
        }
        if (i < h->count) {
            start = end_of(&h->blocks[i]);
        }
    }
    return 0;
}

static void insert(heap *h, size_t index, block b) {
    memmove(&h->blocks[index + 1], &h->blocks[index], (h->count - index) * sizeof b);
    h->blocks[index] = b;
    h->count++;
    number(h, index);
}

static void take_out(heap *h, size_t index) {
    h->count--;
    memmove(&h->blocks[index], &h->blocks[index + 1], (h->count - index) * sizeof *h->blocks);
    number(h, index);
}

static void *create(uint64_t capacity, uint64_t granule, const uint64_t *parameters) {
    (void)granule;
    (void)parameters;
    heap *h = calloc(1, sizeof *h);
    if (h != NULL) {
        h->capacity = capacity;
    }
    return h;
}

static void destroy(void *heap_) {
    heap *h = heap_;
    free(h->blocks);
    free(h->index_of);
    free(h);
}

static int allocate(void *heap_, uint32_t slot, uint64_t len, uint64_t align, heaplab_memory *memory) {
    (void)memory;
    heap *h = heap_;
    uint64_t offset;
    size_t index;
    if (!reserve(h, slot)) {
        return HEAPLAB_NO_TABLES;
    }
    if (!find(h, len, align, &offset, &index)) {
        return HEAPLAB_NO_ROOM;
    }
    insert(h, index, (block){.offset = offset, .len = len, .slot = slot});
    return HEAPLAB_DONE;
}

static void release(void *heap_, uint32_t slot, heaplab_memory *memory) {
    (void)memory;
    heap *h = heap_;
    take_out(h, h->index_of[slot]);
}

static int resize(void *heap_, uint32_t slot, uint64_t len, uint64_t align, heaplab_memory *memory) {
    heap *h = heap_;
    size_t old_index = h->index_of[slot];
    block *old = &h->blocks[old_index];
    uint64_t limit = old_index + 1 < h->count ? old[1].offset : h->capacity;
    if (old->offset % align == 0 && len <= limit - old->offset) {
        old->len = len;
        return HEAPLAB_DONE;
    }
    uint64_t from = old->offset;
    uint64_t kept = old->len < len ? old->len : len;
    uint64_t to;
    size_t index;
    if (!reserve(h, slot)) {
        return HEAPLAB_NO_TABLES;
    }
    if (!find(h, len, align, &to, &index)) {
        return HEAPLAB_NO_ROOM;
    }
    /* Both places stand while the bytes move. */
    memory->relocate(memory, from, to, kept);
    insert(h, index, (block){.offset = to, .len = len, .slot = slot});
    take_out(h, old_index + (index <= old_index ? 1 : 0));
    /* For a moment the slot had two blocks, and the upper one was numbered last. */
    h->index_of[slot] = (uint32_t)(index <= old_index ? index : index - 1);
    return HEAPLAB_DONE;
}

static void locate(const void *heap_, uint32_t slot, uint64_t *offset, uint64_t *len) {
    const heap *h = heap_;
    const block *b = &h->blocks[h->index_of[slot]];
    *offset = b->offset;
    *len = b->len;
}

static void walk(const void *heap_, heaplab_visit visit, void *context) {
    const heap *h = heap_;
    uint64_t end = 0;
    for (size_t i = 0; i < h->count; i++) {
        const block *b = &h->blocks[i];
        if (b->offset > end) {
            visit(context, end, b->offset - end, HEAPLAB_HOLE);
        }
        visit(context, b->offset, b->len, b->slot);
        end = end_of(b);
    }
}

static uint64_t end(const void *heap_) {
    const heap *h = heap_;
    return h->count == 0 ? 0 : end_of(&h->blocks[h->count - 1]);
}

static void figures(const void *heap_, heaplab_figures *figures) {
    const heap *h = heap_;
    size_t each = sizeof(block) + sizeof(uint32_t);
    figures->metadata_used_bytes = sizeof *h + h->count * each;
    figures->metadata_reserved_bytes = sizeof *h + h->room * each;
}

const heaplab_strategy first_fit_in_c = {
    .abi = HEAPLAB_STRATEGY_ABI,
    .create = create,
    .destroy = destroy,
    .allocate = allocate,
    .release = release,
    .resize = resize,
    .locate = locate,
    .walk = walk,
    .end = end,
    .figures = figures,
};
