use heaplab_core::{Config, Granule, InvalidHandle, Piece, Usage};

use super::*;
use crate::contestants::UNLIMITED_BYTES;
use crate::linear::{Choice, Linear, Rule, State};
use crate::robson::Robson;

/// Behind the last block; a slide first where that does not fit.
struct AtEnd;

impl Rule for AtEnd {
    fn choose(&self, heap: &State, len: u64) -> Choice {
        let wilderness = heap.gaps().last().filter(|gap| gap.offset == heap.end());
        match wilderness {
            Some(gap) if gap.len >= len => Choice::At(gap.offset),
            _ if heap.free_bytes() >= len => Choice::AfterSlide,
            _ => Choice::Nowhere,
        }
    }
}

/// Plays a list, and asks before the operation at an index what it sees.
struct Script {
    operations: Vec<Operation>,
    next: usize,
    seen: Vec<Vec<(u32, u64, u64)>>,
}

impl AdaptiveGenerator for Script {
    fn trace_info(&self) -> TraceInfo {
        TraceInfo::named("script")
    }

    fn next(&mut self, placements: &Placements) -> Option<Operation> {
        let blocks = placements.blocks().map(|(slot, block)| (slot, block.offset, block.len));
        self.seen.push(blocks.collect());
        self.next += 1;
        self.operations.get(self.next - 1).copied()
    }
}

fn script(operations: &[Operation]) -> Script {
    Script { operations: operations.to_vec(), next: 0, seen: Vec::new() }
}

const fn allocate(slot: u32, size: u64) -> Operation {
    Operation::Allocate { slot, size, align: 1 }
}

#[test]
fn the_generator_sees_blocks_where_a_slide_has_left_them() {
    // XXYYZZ, the second freed, three wanted of seven: XX--ZZ- slides to XXZZ, and the new block stands behind.
    let mut script = script(&[
        allocate(0, 2),
        allocate(1, 2),
        allocate(2, 2),
        Operation::Free { slot: 1 },
        allocate(1, 3),
    ]);
    let driven = drive(&mut Linear::new(7, AtEnd), &mut script).unwrap();
    assert_eq!(script.seen[4], [(0, 0, 2), (2, 4, 2)]);
    assert_eq!(script.seen[5], [(0, 0, 2), (1, 4, 3), (2, 2, 2)]);
    assert_eq!((driven.peak_bytes, driven.peak_live_bytes), (7, 7));
    assert_eq!((driven.last.allocated_bytes, driven.last.relocated_bytes), (9, 2));
    assert_eq!(driven.allocated_per_relocated, Some(4.5));
    assert!(driven.refused.is_none());
    assert_eq!(driven.trace.operations(), script.operations);
    assert_eq!(driven.trace.info().name, "script");
}

#[test]
fn a_refusal_ends_the_drive_and_is_part_of_the_result() {
    let mut script = script(&[allocate(0, 2), allocate(1, 6), allocate(2, 1)]);
    let driven = drive(&mut Linear::new(7, AtEnd), &mut script).unwrap();
    assert!(matches!(driven.refused, Some(AllocError::OutOfMemory(_))), "{:?}", driven.refused);
    assert_eq!(driven.trace.operations().len(), 2);
    assert_eq!((driven.peak_bytes, driven.allocated_per_relocated), (2, None));
}

#[test]
fn a_generator_without_discipline_is_an_error() {
    let mut script = script(&[Operation::Free { slot: 0 }]);
    let error = drive(&mut Linear::new(7, AtEnd), &mut script).unwrap_err();
    assert_eq!(error.to_string(), "the generator is wrong: slot 0 is used while it is empty");
}

#[test]
fn robson_keeps_to_its_live_words_and_its_trace_replays_alike() {
    let config = Config::new().with_granule(Granule::BYTE);
    let strategies = crate::contestants::contestants(&heaplab_strategies::registry());
    for contestant in strategies.iter().filter(|it| !it.entry.capabilities.relocates) {
        let mut robson = Robson::new(64, 8, 1).unwrap();
        let driven = contestant
            .run_configured(UNLIMITED_BYTES, &config, |allocator| {
                drive(allocator, &mut robson).unwrap()
            })
            .unwrap();
        assert_eq!(driven.peak_live_bytes, 64);
        let mut recorded = script(driven.trace.operations());
        let again = contestant
            .run_configured(UNLIMITED_BYTES, &config, |allocator| {
                drive(allocator, &mut recorded).unwrap()
            })
            .unwrap();
        assert_eq!(again.peak_bytes, driven.peak_bytes, "{}", contestant.name());
        assert_eq!(again.trace.hash(), driven.trace.hash());
    }
}

#[test]
fn robson_scales_with_its_word() {
    let contestants = crate::contestants::contestants(&heaplab_strategies::registry());
    let first = contestants[0];
    let peak = |word: u64| {
        let mut robson = Robson::new(64, 8, word).unwrap();
        let bound = robson.bound_words();
        let config = Config::new().with_granule(Granule::new(word).unwrap());
        let run = |allocator: &mut dyn Allocator| drive(allocator, &mut robson).unwrap().peak_bytes;
        (first.run_configured(UNLIMITED_BYTES, &config, run).unwrap(), bound)
    };
    assert_eq!(peak(1), (153, 153));
    assert_eq!(peak(16), (153 * 16, 153));
}

#[test]
fn programs_that_make_no_sense_are_refused() {
    for (live, largest, word) in
        [(8, 3, 1), (8, 16, 1), (8, 0, 1), (0, 1, 1), (8, 2, 0), (u64::MAX, 2, 16)]
    {
        assert!(Robson::new(live, largest, word).is_none(), "{live} {largest} {word}");
    }
    assert_eq!(Robson::new(1, 1, 1).unwrap().bound_words(), 1);
}

#[test]
fn a_strategy_that_loses_a_block_is_an_error() {
    struct Forgetful(Linear<AtEnd>);
    impl Allocator for Forgetful {
        fn allocate(
            &mut self,
            request: Request,
            memory: &mut dyn Memory,
        ) -> Result<Handle, AllocError> {
            self.0.allocate(request, memory)
        }
        fn free(&mut self, handle: Handle, memory: &mut dyn Memory) -> Result<(), InvalidHandle> {
            self.0.free(handle, memory)
        }
        fn resize(
            &mut self,
            handle: Handle,
            request: Request,
            memory: &mut dyn Memory,
        ) -> Result<(), AllocError> {
            self.0.resize(handle, request, memory)
        }
        fn block(&self, _: Handle) -> Option<Block> {
            None
        }
        fn walk(&self, visit: &mut dyn FnMut(Piece)) {
            self.0.walk(visit);
        }
        fn usage(&self) -> Usage {
            self.0.usage()
        }
        fn capacity_bytes(&self) -> u64 {
            self.0.capacity_bytes()
        }
        fn granule(&self) -> Granule {
            self.0.granule()
        }
    }
    let error = drive(&mut Forgetful(Linear::new(7, AtEnd)), &mut script(&[allocate(0, 1)]));
    assert_eq!(error.unwrap_err().to_string(), "the strategy lost the block of slot 0");
}
