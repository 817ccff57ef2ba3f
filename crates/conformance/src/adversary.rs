//! Programs of the literature that ask the worst of a strategy, for tests that pin what it then needs.
//!
//! Sizes are in bytes, and the heaps are meant to have a granule of one byte.
//!
//! ```
//! # mod simple { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/teeth/simple.rs")); }
//! # type MyFit = simple::Simple<{ simple::flaw::NONE }>;
//! use heaplab_conformance::adversary::{robson_bound, robson_peak};
//!
//! // With 64 bytes live at most, and blocks of up to 4: nobody who never moves a block needs less.
//! assert_eq!(robson_bound(64, 4), 125);
//! assert_eq!(robson_peak::<MyFit>(64, 4), 125);
//! ```

use heaplab_core::{
    AllocError, Allocator, Config, Granule, Handle, Memory, Piece, Request, Strategy,
};

/// What any allocator that never moves blocks needs at least against [`robson`], in bytes.
///
/// `M (log2 n / 2 + 1) - n + 1` for `M` live bytes and blocks of up to `n`, rounded up.
#[must_use]
pub const fn robson_bound(live_bytes: u64, largest: u64) -> u64 {
    let twice = live_bytes * (largest.ilog2() as u64 + 2);
    twice.div_ceil(2) + 1 - largest
}

/// Robson's program: it keeps alive what stands most in the way, as seen from the addresses that it was given.
///
/// At most `live_bytes` are live at once, and blocks have powers of two up to `largest`. `watch` sees the allocator
/// after each operation.
///
/// ```text
/// allocate M blocks of 1; f := 0
/// for P in 2, 4, …, n:
///     f := that one of f, f + P/2 that maximizes, over the blocks b that cover an address
///          congruent to f modulo P, the sum of P - length of b
///     free every block that covers no such address
///     allocate as many blocks of P as keep within M
/// ```
///
/// Source: Robson, JACM 18, 1971, and JACM 21, 1974.
///
/// # Errors
///
/// The first refusal of a request, or of the handle of a live block.
pub fn robson<A: Allocator>(
    allocator: &mut A,
    live_bytes: u64,
    largest: u64,
    memory: &mut dyn Memory,
    watch: &mut dyn FnMut(&A),
) -> Result<(), AllocError> {
    let mut live = Vec::new();
    for _ in 0..live_bytes {
        live.push(allocator.allocate(Request::new(1), memory)?);
        watch(allocator);
    }
    let (mut residue, mut period) = (0, 2);
    while period <= largest {
        let weight = |residue| -> u64 {
            live.iter().filter_map(|&handle| covered(allocator, handle, residue, period)).sum()
        };
        let other = residue + period / 2;
        if weight(other) > weight(residue) {
            residue = other;
        }
        let (kept, freed): (Vec<_>, Vec<_>) =
            live.iter().partition(|&&handle| covered(allocator, handle, residue, period).is_some());
        live = kept;
        for handle in freed {
            allocator.free(handle, memory)?;
            watch(allocator);
        }
        for _ in 0..(live_bytes - allocator.usage().live_bytes) / period {
            live.push(allocator.allocate(Request::new(period), memory)?);
            watch(allocator);
        }
        period *= 2;
    }
    Ok(())
}

/// How much shorter than the period a block is that covers an address of this residue; `None` for one that covers none.
fn covered<A: Allocator>(allocator: &A, handle: Handle, residue: u64, period: u64) -> Option<u64> {
    let block = allocator.block(handle)?;
    let first = block.offset + (residue + period - block.offset % period) % period;
    (first < block.end()).then(|| period - block.len)
}

/// A step of a program that need not look at addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Places a block of so many bytes.
    Allocate(u64),
    /// Frees the block that was placed by the allocation of this number, counted from 0.
    Free(usize),
}

/// A program that makes best fit need nearly as many times the live bytes as the largest block has bytes.
///
/// With `M` live bytes at most, and blocks of up to `m`, best fit ends at [`best_fit_bound`]: `(M - 4m + 12) (m - 2)`.
/// First fit never needs more than `M (1 + 1/2 + … + 1/m) / ln 2`, whatever is asked of it.
/// `None` where `m` is below 6, or `M` not above `4m - 10`.
///
/// Each round moves the heap from `k` holes of `m - 3` bytes, which no later request finds long enough, to `k + 1`:
///
/// ```text
/// m = 6, one block of m - 2, then k = 2 holes, each before a block of one byte
/// XXXX---Y---Z                 two blocks of m - 2 find room behind the last block alone
/// XXXX---Y--------BBBB         Z and the first of them go
/// XXXX---YCCCCCCDEBBBB         m, m - 5 and 1 fill the hole, and C and B go
/// XXXX---Y------DE             m - 2 and 2 fill the hole before D; Y and m - 2 go, and so on to the front
/// ```
///
/// Source: Robson, "Worst Case Fragmentation of First Fit and Best Fit Storage Allocation Strategies", Computer Journal 20,
/// 1977, as in Knuth, TAOCP 1, section 2.5, exercise 42.
#[must_use]
pub fn against_best_fit(live_bytes: u64, largest: u64) -> Option<Vec<Step>> {
    let rounds = rounds(live_bytes, largest)?;
    let m = largest;
    let mut program = Program::default();
    let mut front = program.allocate(m - 2);
    // The blocks of one byte, the highest first.
    let mut bytes: Vec<usize> = Vec::new();
    for _ in 0..rounds {
        let [low, high] = [m - 2, m - 2].map(|size| program.allocate(size));
        let mut before = core::mem::take(&mut bytes);
        before.push(front);
        let mut before = before.into_iter();
        program.free(before.next());
        program.free(Some(low));
        let [long, mut middle, byte] = [m, m - 5, 1].map(|size| program.allocate(size));
        program.free(Some(long));
        program.free(Some(high));
        bytes.push(byte);
        for next in before {
            let [short, two] = [m - 2, 2].map(|size| program.allocate(size));
            program.free(Some(next));
            program.free(Some(short));
            let [long, lower, byte] = [m, m - 5, 1].map(|size| program.allocate(size));
            program.free(Some(long));
            program.free(Some(two));
            program.free(Some(middle));
            middle = lower;
            bytes.push(byte);
        }
        program.free(Some(middle));
        front = program.allocate(m - 2);
    }
    Some(program.steps)
}

/// Where best fit ends against [`against_best_fit`], in bytes; `None` as there.
#[must_use]
pub fn best_fit_bound(live_bytes: u64, largest: u64) -> Option<u64> {
    Some((rounds(live_bytes, largest)? + 2) * (largest - 2))
}

fn rounds(live_bytes: u64, largest: u64) -> Option<u64> {
    if largest < 6 {
        return None;
    }
    live_bytes.checked_sub(largest.checked_mul(4)? - 10).filter(|&rounds| rounds > 0)
}

#[derive(Default)]
struct Program {
    steps: Vec<Step>,
    allocations: usize,
}

impl Program {
    fn allocate(&mut self, size: u64) -> usize {
        self.steps.push(Step::Allocate(size));
        self.allocations += 1;
        self.allocations - 1
    }

    fn free(&mut self, block: Option<usize>) {
        self.steps.extend(block.map(Step::Free));
    }
}

/// The highest end that a block ever had, and the most bytes that were live at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Peaks {
    /// The highest end, in bytes.
    pub end_bytes: u64,
    /// The most live bytes, by the lengths of the blocks.
    pub live_bytes: u64,
}

/// Has a fresh heap without limit, of a granule of one byte, perform the steps.
///
/// # Panics
///
/// If a request is refused, or a block is freed that was not allocated.
#[must_use]
pub fn perform<S: Strategy>(steps: &[Step]) -> Peaks {
    let mut heap = unlimited::<S>();
    let mut handles: Vec<Option<Handle>> = Vec::new();
    let mut peaks = Peaks::default();
    for (index, step) in steps.iter().enumerate() {
        let outcome = match *step {
            Step::Allocate(size) => heap.allocate(Request::new(size), &mut ()).map(|handle| {
                handles.push(Some(handle));
                let end = heap.block(handle).map_or(0, |block| block.end());
                peaks.end_bytes = peaks.end_bytes.max(end);
                peaks.live_bytes = peaks.live_bytes.max(heap.usage().live_bytes);
            }),
            Step::Free(number) => match handles.get_mut(number).and_then(Option::take) {
                Some(handle) => heap.free(handle, &mut ()).map_err(AllocError::from),
                None => panic!("step {index} frees block {number}, which is not live"),
            },
        };
        if let Err(error) = outcome {
            panic!("step {index}, {step:?}, was refused: {error}");
        }
    }
    peaks
}

/// What a strategy needs against [`robson`] in a heap without limit, of a granule of one byte.
///
/// # Panics
///
/// If a request is refused.
#[must_use]
pub fn robson_peak<S: Strategy>(live_bytes: u64, largest: u64) -> u64 {
    let mut heap = unlimited::<S>();
    let mut peak = 0;
    let outcome = robson(&mut heap, live_bytes, largest, &mut (), &mut |heap: &S| {
        // Strategies that know no end are walked.
        let end = heap.end_bytes().unwrap_or_else(|| end_of(heap));
        peak = peak.max(end);
    });
    if let Err(error) = outcome {
        panic!("Robson's program was refused: {error}");
    }
    peak
}

/// What a strategy needs against [`robson`] in each of these instances: live bytes, and the largest block.
///
/// # Panics
///
/// If a request is refused.
#[must_use]
pub fn robson_peaks<S: Strategy, const N: usize>(instances: [(u64, u64); N]) -> [u64; N] {
    instances.map(|(live_bytes, largest)| robson_peak::<S>(live_bytes, largest))
}

/// Instances of Robson's program, small and large: live bytes, and the largest block.
pub const ROBSON_INSTANCES: [(u64, u64); 8] =
    [(16, 2), (16, 4), (64, 4), (64, 8), (256, 8), (256, 16), (512, 32), (1_024, 64)];

/// Holds a strategy to it that it needs just [`robson_bound`] in each of [`ROBSON_INSTANCES`].
///
/// # Panics
///
/// If it needs more or less, or a request is refused.
pub fn check_robson_bound<S: Strategy>() {
    let bounds = ROBSON_INSTANCES.map(|(live_bytes, largest)| robson_bound(live_bytes, largest));
    assert_eq!(robson_peaks::<S, 8>(ROBSON_INSTANCES), bounds, "{ROBSON_INSTANCES:?}");
}

fn end_of(heap: &impl Allocator) -> u64 {
    let mut end = 0;
    heap.walk(&mut |piece| {
        if let Piece::Block(block, _) = piece {
            end = end.max(block.end());
        }
    });
    end
}

/// A heap that no program here comes near to.
fn unlimited<S: Strategy>() -> S {
    match S::new(1 << 40, &Config::new().with_granule(Granule::BYTE)) {
        Ok(heap) => heap,
        Err(error) => panic!("the heap cannot be made: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_begin_where_a_round_is_possible() {
        assert_eq!(best_fit_bound(256, 5), None);
        assert_eq!(best_fit_bound(14, 6), None);
        assert_eq!(best_fit_bound(15, 6), Some(12));
        assert_eq!(best_fit_bound(256, u64::MAX), None);
        assert!(against_best_fit(14, 6).is_none());
    }

    #[test]
    fn programs_free_what_is_live_and_stay_within_their_bytes() {
        for (live_bytes, largest) in [(15, 6), (24, 6), (64, 8), (300, 64)] {
            let mut sizes = Vec::new();
            let (mut live, mut peak) = (0, 0);
            for step in against_best_fit(live_bytes, largest).unwrap() {
                match step {
                    Step::Allocate(size) => {
                        assert!((1..=largest).contains(&size));
                        sizes.push(Some(size));
                        live += size;
                    }
                    Step::Free(number) => live -= sizes[number].take().unwrap(),
                }
                peak = peak.max(live);
            }
            assert!(peak <= live_bytes, "{peak} bytes live, {live_bytes} were given");
        }
    }

    #[test]
    fn robsons_bound_is_as_published() {
        let bounds = ROBSON_INSTANCES.map(|(live, largest)| robson_bound(live, largest));
        assert_eq!(bounds, [23, 29, 125, 153, 633, 753, 1_761, 4_033]);
    }
}
