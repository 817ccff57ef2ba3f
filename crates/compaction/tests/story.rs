//! The five-byte story, byte by byte.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use heaplab_compaction::{Compaction, CompactionBudgeted, CompactionEager, CompactionFit};
use heaplab_core::{
    AllocError, Allocator, Config, Counter, Granule, Handle, Heap, InvalidHandle, Request, Strategy,
};

fn five_bytes<S: Strategy>(config: &Config) -> (Heap<S>, Vec<Handle>) {
    let mut heap = Heap::<S>::new(5, &config.clone().with_granule(Granule::BYTE)).unwrap();
    let blocks: Vec<Handle> = (0..5).map(|_| heap.allocate(Request::new(1)).unwrap()).collect();
    for (block, letter) in blocks.iter().zip(b'a'..) {
        heap.write(*block).unwrap().fill(letter);
    }
    assert_eq!(heap.map(), "XXXXX");
    heap.free(blocks[1]).unwrap();
    heap.free(blocks[3]).unwrap();
    (heap, blocks)
}

fn finishes<S: Strategy>(mut heap: Heap<S>, blocks: &[Handle]) {
    for freed in [blocks[1], blocks[3]] {
        assert_eq!(heap.read(freed), Err(InvalidHandle::Stale));
        assert_eq!(heap.write(freed), Err(InvalidHandle::Stale));
        assert_eq!(heap.free(freed), Err(InvalidHandle::Stale));
        let resized = heap.resize(freed, Request::new(1));
        assert_eq!(resized, Err(AllocError::InvalidHandle(InvalidHandle::Stale)));
    }
    let pair = heap.allocate(Request::new(2)).unwrap();
    assert!(!blocks.contains(&pair));
    assert_eq!(heap.map(), "XXXXX");
    heap.write(pair).unwrap().copy_from_slice(b"fg");
    for (index, contents) in [(0, b"a"), (2, b"c"), (4, b"e")] {
        assert_eq!(heap.read(blocks[index]).unwrap(), contents);
    }
    assert_eq!(heap.read(pair).unwrap(), b"fg");
    assert_eq!(heap.read(blocks[1]), Err(InvalidHandle::Stale));
    heap.allocator().check_invariants().unwrap();
}

#[test]
fn on_demand_the_two_byte_request_compacts() {
    let (heap, blocks) = five_bytes::<Compaction>(&Config::new());
    assert_eq!(heap.map(), "X-X-X");
    finishes(heap, &blocks);
}

#[test]
fn on_a_miss_of_best_fit_the_two_byte_request_compacts() {
    let (heap, blocks) = five_bytes::<CompactionFit>(&Config::new());
    assert_eq!(heap.map(), "X-X-X");
    finishes(heap, &blocks);
}

#[test]
fn eagerly_the_frees_compact() {
    let (heap, blocks) = five_bytes::<CompactionEager>(&Config::new());
    assert_eq!(heap.map(), "XXX--");
    finishes(heap, &blocks);
}

#[test]
fn within_a_budget_one_byte_moves_for_seven_earned() {
    let (heap, blocks) = five_bytes::<CompactionBudgeted>(&Config::new().with_parameter("c", 7));
    assert_eq!(heap.map(), "X-X-X");
    finishes(heap, &blocks);
}

#[test]
fn a_budget_too_small_refuses_and_changes_nothing() {
    let (mut heap, blocks) =
        five_bytes::<CompactionBudgeted>(&Config::new().with_parameter("c", 8));
    let before = heap.allocator().usage();
    let Err(AllocError::OutOfMemory(shortage)) = heap.allocate(Request::new(2)) else {
        panic!("seven bytes earned at 8 to 1 do not pay for a byte");
    };
    assert!(shortage.is_fragmented());
    assert_eq!((shortage.largest_hole_bytes, shortage.wilderness_bytes), (Some(1), Some(0)));
    assert_eq!(heap.allocator().usage(), before);
    assert_eq!(heap.map(), "X-X-X");
    assert_eq!(heap.allocator().earned_bytes(), 5);
    assert_eq!(heap.read(blocks[4]).unwrap(), b"e");
}

#[test]
fn each_block_that_moves_is_relocated_once() {
    let config = Config::new().with_granule(Granule::BYTE);
    let mut allocator = Compaction::new(5, &config).unwrap();
    let mut memory = Counter::new(());
    let blocks: Vec<Handle> =
        (0..5).map(|_| allocator.allocate(Request::new(1), &mut memory).unwrap()).collect();
    allocator.free(blocks[1], &mut memory).unwrap();
    allocator.free(blocks[3], &mut memory).unwrap();
    assert_eq!(memory.relocations, 0);
    allocator.allocate(Request::new(2), &mut memory).unwrap();
    assert_eq!((memory.relocations, memory.relocated_bytes), (2, 2));
    assert_eq!(allocator.usage().compaction_relocated_bytes, 2);
}
