//! What moving buys: a heap no larger than the live bytes, against any sequence of requests.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use heaplab_compaction::{Compaction, CompactionBudgeted, CompactionEager, CompactionFit};
use heaplab_conformance::adversary::robson;
use heaplab_core::{AllocError, Allocator, Config, Counter, Granule, Handle, Request, Strategy};

/// A generator of numbers, the same for ever (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound
    }

    fn index(&mut self, bound: usize) -> usize {
        usize::try_from(self.below(u64::try_from(bound).unwrap())).unwrap()
    }
}

enum Op {
    Allocate(Request),
    Free(usize),
    Resize(usize, Request),
}

/// Random operations on indices of live blocks, and their peak of rounded live bytes.
fn workload(seed: u64, granule: Granule, count: usize) -> (Vec<Op>, u64) {
    let mut numbers = Numbers(seed * 2 + 1);
    let mut live: Vec<u64> = Vec::new();
    let (mut ops, mut sum, mut peak) = (Vec::new(), 0, 0);
    let wanted = 1 + numbers.index(40);
    for _ in 0..count {
        let largest = 1 << numbers.below(9);
        let request = Request::aligned(numbers.below(largest), granule.bytes());
        let len = granule.length_of(request.size).unwrap();
        match numbers.below(10) {
            0..3 if !live.is_empty() => {
                let index = numbers.index(live.len());
                sum = sum - live[index] + len;
                live[index] = len;
                ops.push(Op::Resize(index, request));
            }
            3.. if live.len() < wanted => {
                sum += len;
                live.push(len);
                ops.push(Op::Allocate(request));
            }
            _ if !live.is_empty() => {
                let index = numbers.index(live.len());
                sum -= live.swap_remove(index);
                ops.push(Op::Free(index));
            }
            _ => {}
        }
        peak = peak.max(sum);
    }
    (ops, peak)
}

fn replay<S: Strategy>(
    ops: &[Op],
    capacity_bytes: u64,
    config: &Config,
) -> (S, Result<(), AllocError>) {
    let mut allocator = S::new(capacity_bytes, config).unwrap();
    let mut live: Vec<Handle> = Vec::new();
    let mut memory = Counter::new(());
    let mut outcome = Ok(());
    for op in ops {
        outcome = match *op {
            Op::Allocate(request) => {
                allocator.allocate(request, &mut memory).map(|handle| live.push(handle))
            }
            Op::Free(index) => {
                allocator.free(live.swap_remove(index), &mut memory).map_err(Into::into)
            }
            Op::Resize(index, request) => allocator.resize(live[index], request, &mut memory),
        };
        if outcome.is_err() {
            break;
        }
    }
    (allocator, outcome)
}

fn the_peak_is_enough<S: Strategy>() {
    for granule in [1, 16] {
        let granule = Granule::new(granule).unwrap();
        let config = Config::new().with_granule(granule);
        for seed in 0..150 {
            let (ops, peak) = workload(seed, granule, 400);
            let (allocator, outcome) = replay::<S>(&ops, peak, &config);
            assert_eq!(outcome, Ok(()), "seed {seed}, granule {granule:?}, heap of {peak}");
            assert_eq!(allocator.usage().high_water_bytes, Some(peak), "seed {seed}");
            allocator.check_invariants().unwrap();
            // Less is never enough.
            if peak > granule.bytes() {
                let (_, outcome) = replay::<S>(&ops, peak - granule.bytes(), &config);
                assert!(outcome.is_err(), "seed {seed}: less than the peak of live bytes sufficed");
            }
        }
    }
}

#[test]
fn on_demand_needs_exactly_the_peak_of_live_bytes() {
    the_peak_is_enough::<Compaction>();
}

#[test]
fn eager_needs_exactly_the_peak_of_live_bytes() {
    the_peak_is_enough::<CompactionEager>();
}

#[test]
fn on_a_miss_needs_exactly_the_peak_of_live_bytes() {
    the_peak_is_enough::<CompactionFit>();
}

const ROBSON: [(u64, u64, u64); 4] = [(16, 4, 29), (64, 8, 153), (256, 16, 753), (512, 32, 1_761)];

fn robson_gains_nothing<S: Strategy>() {
    let config = Config::new().with_granule(Granule::BYTE);
    for (live_bytes, largest, _) in ROBSON {
        let mut allocator = S::new(live_bytes, &config).unwrap();
        robson(&mut allocator, live_bytes, largest, &mut (), &mut |_| {}).unwrap();
        assert_eq!(allocator.usage().high_water_bytes, Some(live_bytes));
        allocator.check_invariants().unwrap();
    }
}

#[test]
fn robsons_adversary_cannot_make_on_demand_take_more_than_is_live() {
    robson_gains_nothing::<Compaction>();
}

#[test]
fn robsons_adversary_cannot_make_eager_take_more_than_is_live() {
    robson_gains_nothing::<CompactionEager>();
}

#[test]
fn robsons_adversary_cannot_make_fit_take_more_than_is_live() {
    robson_gains_nothing::<CompactionFit>();
}

/// The smallest heap in which a budget of 1 to `c` survives Robson's adversary; the budget is watched at every step.
fn robson_heap_bytes(live_bytes: u64, largest: u64, at_most: u64, c: u64) -> u64 {
    let survives = |capacity_bytes| {
        let mut allocator =
            CompactionBudgeted::with_capacity(capacity_bytes, Granule::BYTE, c).unwrap();
        let mut memory = Counter::new(());
        let mut last = 0;
        let outcome = robson(
            &mut allocator,
            live_bytes,
            largest,
            &mut memory,
            &mut |allocator: &CompactionBudgeted| {
                let moved = allocator.usage().compaction_relocated_bytes;
                assert!(moved * c <= allocator.earned_bytes(), "{moved} bytes moved at c = {c}");
                assert!(moved >= last);
                last = moved;
            },
        );
        assert_eq!(memory.relocated_bytes, allocator.usage().compaction_relocated_bytes);
        outcome.is_ok()
    };
    (live_bytes..=at_most).find(|&capacity_bytes| survives(capacity_bytes)).unwrap()
}

#[test]
fn the_larger_the_budget_the_less_robsons_adversary_gains() {
    let (live_bytes, largest, unmoved) = ROBSON[2];
    let curve =
        [1 << 20, 20, 10, 5, 3, 2, 1].map(|c| robson_heap_bytes(live_bytes, largest, unmoved, c));
    assert!(curve.is_sorted_by(|more, less| more >= less), "{curve:?}");
    assert_eq!(curve, [753, 469, 375, 289, 271, 257, 256]);
    // First fit that may only slide everything or nothing, with the same budgets.
    let all_or_nothing = [753, 753, 753, 633, 532, 414, 256];
    assert!(curve.iter().zip(all_or_nothing).all(|(ours, theirs)| *ours <= theirs));
}

#[test]
fn random_operations_stay_within_the_budget() {
    for seed in 0..100 {
        let granule = Granule::BYTE;
        let (ops, peak) = workload(seed, granule, 400);
        for c in [1, 3, 8, 100] {
            let config = Config::new().with_granule(granule).with_parameter("c", c);
            let (allocator, _) = replay::<CompactionBudgeted>(&ops, peak + peak / 8, &config);
            let moved = allocator.usage().compaction_relocated_bytes;
            assert!(moved * c <= allocator.earned_bytes());
            allocator.check_invariants().unwrap();
        }
    }
}
