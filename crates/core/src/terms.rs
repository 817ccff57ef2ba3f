//! The words of this workspace, each with one meaning in code, file formats and reports.
//!
//! | term | meaning |
//! |---|---|
//! | heap | the address range `[0, capacity)` that a strategy manages |
//! | capacity | size of the heap in bytes, fixed for one cell |
//! | granule | smallest unit of size and address, a power of two |
//! | block | a live piece |
//! | hole | a maximal free piece before the end of the last block |
//! | wilderness | the space behind the last block; no hole, and taken last |
//! | length | a size rounded up to the granule, at least one granule |
//! | requested, rounded | before and after rounding to the granule |
//! | live bytes, peak live | sum over the blocks now, and its maximum, taken after each operation |
//! | high-water mark | the highest end that a block ever had |
//! | minimum heap | the smallest capacity in which a strategy completes a trace |
//! | split | to cut a hole into a block and a remainder |
//! | coalesce | to merge adjacent holes, at once on free |
//! | fit, policy | the rule that picks a hole: first, next, best, worst, segregated |
//! | placement | the offset chosen for one operation |
//! | relocate, relocation | to move a live block's bytes; its handle stays |
//! | compaction, slide | to relocate blocks in order to join holes; a slide keeps their order |
//! | budget | bytes that may be relocated per byte allocated |
//! | handle | opaque generational name of a block |
//! | slot | a trace's dense name for a block |
//! | operation | allocate, resize or free |
//! | strategy | a named, configured allocator |
//! | peer | somebody else's allocator, measured beside ours |
//! | internal fragmentation | rounded minus requested bytes |
//! | external fragmentation | free bytes that cannot serve a request; always with the name of the measure |
//! | payload | the bytes that the caller keeps in a block |
//! | metadata | bookkeeping bytes outside the heap |
//! | bound, floor | what no strategy can beat in space, and in time |
//! | cell | one trace × strategy × heap size in a report |
//!
//! In names the unit comes last: sizes end in `_bytes`, durations in `_ns`, ratios in `_ratio`; `_index` counts from
//! zero, and `offset` is bytes from the start of the heap.
