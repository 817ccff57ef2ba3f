//! Tables that run full: refusals change nothing, and no slide takes a slot that was not promised.

use core::marker::PhantomData;
use std::vec::Vec;

use heaplab_blocks::{BlockTable, Fits, HoleIndex};
use heaplab_core::{AllocError, Allocator, Counter, Granule, Handle, Piece, Request, Usage};

use super::{Compacting, CompactionPolicy, Movable};
use crate::{Eager, OnDemand, OnMiss};

const CAPACITY_BYTES: u64 = 600;

/// A heap whose table ends at `entries` entries and whose slots retire after `tags` tags.
fn limited<P: CompactionPolicy>(tags: u32, entries: u32) -> Compacting<P> {
    let table = BlockTable::new(CAPACITY_BYTES, Granule::BYTE).unwrap().with_limits(tags, entries);
    let index = P::Index::new(CAPACITY_BYTES, Granule::BYTE).unwrap();
    Compacting { heap: Movable::from_fits(Fits::from_parts(table, index)), policy: PhantomData }
}

fn state<P: CompactionPolicy>(allocator: &Compacting<P>) -> (Vec<Piece>, Usage) {
    let mut pieces = Vec::new();
    allocator.walk(&mut |piece| pieces.push(piece));
    // Tables may have grown before the request was refused.
    (pieces, Usage { metadata_reserved_bytes: None, ..allocator.usage() })
}

/// Bytes reserved for the table alone: the index may grow to serve alignments.
fn reserved_by_table<P: CompactionPolicy>(allocator: &Compacting<P>) -> u64 {
    let reserved = allocator.usage().metadata_reserved_bytes.unwrap();
    reserved - allocator.heap.fits().index().metadata_bytes()
}

/// What the table reserves never exceeds this: a slot that nobody made sure of would be pushed beyond.
fn reserved_limit<P: CompactionPolicy>(entries: u32) -> u64 {
    reserved_by_table(&limited::<P>(8, 16)) + 32 * u64::from(entries - 16)
}

/// Takes random requests, most of them aligned, and returns how many the tables were too small for.
fn run<P: CompactionPolicy>(seed: u64, tags: u32, entries: u32) -> usize {
    let mut allocator = limited::<P>(tags, entries);
    let mut numbers = seed * 2 + 1;
    let mut below = move |bound: usize| {
        numbers ^= numbers << 13;
        numbers ^= numbers >> 7;
        numbers ^= numbers << 17;
        usize::try_from(numbers >> 33).unwrap() % bound
    };
    let mut live: Vec<Handle> = Vec::new();
    let (mut out_of_metadata, mut memory) = (0, Counter::new(()));
    for _ in 0..300 {
        let size = u64::try_from(1 + below(24)).unwrap();
        let request = Request::aligned(size, 1 << below(5));
        let before = state(&allocator);
        let outcome = match below(8) {
            0..4 => allocator.allocate(request, &mut memory).map(|handle| live.push(handle)),
            4..6 if !live.is_empty() => {
                let handle = live.swap_remove(below(live.len()));
                allocator.free(handle, &mut memory).map_err(AllocError::from)
            }
            6.. if !live.is_empty() => {
                allocator.resize(live[below(live.len())], request, &mut memory)
            }
            _ => Ok(()),
        };
        if let Err(error) = outcome {
            assert_eq!(state(&allocator), before, "{error:?} changed something");
            out_of_metadata += usize::from(matches!(error, AllocError::OutOfMetadata { .. }));
        }
        allocator.check_invariants().unwrap();
        let reserved = reserved_by_table(&allocator);
        assert!(reserved <= reserved_limit::<P>(entries), "a slot was taken that is not there");
    }
    out_of_metadata
}

fn full_tables_refuse_cleanly<P: CompactionPolicy>() {
    let refusals: usize = (0..60)
        .map(|seed| run::<P>(seed, 8, 48) + run::<P>(seed, 1 << 20, 24) + run::<P>(seed, 4, 30))
        .sum();
    assert!(refusals > 1_000, "the tables ran full only {refusals} times");
}

#[test]
fn on_demand_refuses_cleanly_when_tables_are_full() {
    full_tables_refuse_cleanly::<OnDemand>();
}

#[test]
fn eager_refuses_cleanly_when_tables_are_full() {
    full_tables_refuse_cleanly::<Eager>();
}

#[test]
fn on_a_miss_refuses_cleanly_when_tables_are_full() {
    full_tables_refuse_cleanly::<OnMiss>();
}
