//! Random cases for the property tests: a heap and a list of operations, both of which shrink.

use core::fmt;

use heaplab_core::{Granule, Request};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy as Generator, any};
use proptest::prop_oneof;

use crate::Op;

/// A heap and what is done in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The heap's size in bytes, not necessarily a multiple of the granule.
    pub capacity_bytes: u64,
    /// The unit of sizes and addresses.
    pub granule: Granule,
    /// The operations, in order.
    pub operations: Vec<Op>,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "heap of {} bytes, granule {}:", self.capacity_bytes, self.granule.bytes())?;
        let mut numbered = self.operations.iter().enumerate();
        numbered.try_for_each(|(index, operation)| writeln!(f, "{index:>5}  {operation}"))
    }
}

/// What kind of cases are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Small heaps; no alignment above the granule.
    Unaligned,
    /// Small heaps; alignments up to 4 KiB, and invalid ones.
    Aligned,
    /// Heaps of 64 GiB and more, up to the top of 64 bits.
    Huge,
}

/// Cases that shrink towards few operations of small sizes in a small heap.
pub(crate) fn cases(shape: Shape) -> impl Generator<Value = Case> {
    let granule = prop_oneof![Just(Granule::BYTE), Just(Granule::DEFAULT), Just(granule_of_64())];
    let heap = (0_u32..=12, any::<u16>(), any::<u16>());
    (granule, heap, vec(Draft::any(), 1..120)).prop_map(move |(granule, heap, drafts)| {
        let capacity_bytes = capacity_bytes(shape, granule, heap);
        let operation = |draft: Draft| draft.resolve(shape, capacity_bytes, granule);
        let operations = drafts.into_iter().map(operation).collect();
        Case { capacity_bytes, granule, operations }
    })
}

fn granule_of_64() -> Granule {
    Granule::new(64).unwrap_or_default()
}

fn capacity_bytes(shape: Shape, granule: Granule, heap: (u32, u16, u16)) -> u64 {
    let (doublings, fraction, excess) = heap;
    if shape == Shape::Huge {
        return match doublings {
            0..=5 => 64 << 30,
            6..=8 => u64::MAX >> 1,
            9..=10 => u64::MAX - u64::from(excess),
            _ => u64::MAX,
        };
    }
    let granules = (1_u64 << doublings) + ((u64::from(fraction) << doublings) >> 16);
    granules * granule.bytes() + u64::from(excess) % granule.bytes()
}

/// An operation before the heap is known; its numbers are fractions of what they turn into, so they shrink alone.
#[derive(Clone, Copy, Debug)]
struct Draft {
    kind: u8,
    index: u16,
    size_class: u8,
    size: u16,
    align_class: u8,
}

impl Draft {
    fn any() -> impl Generator<Value = Self> {
        let fields = (0_u8..100, 0_u16..200, 0_u8..100, any::<u16>(), 0_u8..100);
        fields.prop_map(|(kind, index, size_class, size, align_class)| Self {
            kind,
            index,
            size_class,
            size,
            align_class,
        })
    }

    fn resolve(self, shape: Shape, capacity: u64, granule: Granule) -> Op {
        let size = self.size_bytes(capacity, granule);
        let request = Request::aligned(size, self.align(shape, granule));
        let index = usize::from(self.index);
        match self.kind {
            0..=44 => Op::Allocate(request),
            45..=70 => Op::Free(index),
            71..=93 => Op::Resize(index, request),
            94..=96 => Op::Stale(index),
            _ => Op::Foreign(index),
        }
    }

    fn size_bytes(self, capacity: u64, granule: Granule) -> u64 {
        let part_of = |bytes: u64| {
            let scaled = (u128::from(bytes) * u128::from(self.size)) >> 16;
            u64::try_from(scaled).unwrap_or(bytes).saturating_add(1)
        };
        let hostile = [
            0,
            granule.bytes() - 1,
            granule.bytes() + 1,
            capacity,
            capacity.saturating_add(1),
            i64::MAX.unsigned_abs(),
            u64::MAX - granule.bytes(),
            u64::MAX,
        ];
        match self.size_class {
            0..=39 => part_of(granule.bytes() * 4),
            40..=79 => part_of(capacity / 12),
            80..=89 => part_of(capacity / 4),
            90..=94 => part_of(capacity),
            _ => hostile[usize::from(self.size) % hostile.len()],
        }
    }

    fn align(self, shape: Shape, granule: Granule) -> u64 {
        if shape == Shape::Unaligned {
            return if self.align_class < 50 { 1 } else { granule.bytes() };
        }
        match self.align_class {
            0..=39 => 1,
            40..=74 => 2 << (self.align_class % 6),
            75..=96 => 1 << (self.align_class % 13),
            97 => 0,
            98 => 3,
            _ => 1 << 63,
        }
    }
}
