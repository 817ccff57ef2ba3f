//! Handles of other allocators, and equal results from equal operations.

use heaplab_core::{Block, Config, Memory, Request, Strategy};

use super::{Failure, Verdict, fail, granules};
use crate::random::Random;
use crate::{Case, Fault, Finding, Judge, Op, Relocation};

/// A fresh twin's first handle, and a twin's handles after an equal history, are refused.
///
/// # Errors
///
/// The [`Failure`].
pub fn foreign_handles<S: Strategy>(config: &Config) -> Verdict {
    for granule in granules() {
        let config = config.clone().with_granule(granule);
        // Enough for the bookkeeping of published allocators, which lies in their heap.
        let capacity_bytes = 4_096 + 64 * granule.bytes();
        let one = Request::new(1);
        let mut operations = vec![Op::Allocate(one), Op::Foreign(0), Op::Free(0)];
        for round in 0..20 {
            operations.extend([Op::Allocate(one), Op::Allocate(one), Op::Foreign(round)]);
            operations.extend([Op::Free(round), Op::Stale(round), Op::Foreign(round + 1)]);
        }
        let strangers = match strangers::<S>(capacity_bytes, &config) {
            Ok(strangers) => strangers,
            Err(error) => {
                let text = format!("cannot be made or used: {error}");
                return fail(Fault::WrongConfiguration(text), capacity_bytes, granule);
            }
        };
        let judged = (|| -> Result<(), Finding> {
            let mut judge = made(Judge::<S>::new(capacity_bytes, &config))?;
            judge.refuse_foreign(&strangers)?;
            for operation in &operations {
                judge.step(*operation)?;
                judge.refuse_foreign(&strangers)?;
            }
            judge.finish()
        })();
        if let Err(finding) = judged {
            let case = Case { capacity_bytes, granule, operations };
            return Err(Box::new(Failure { finding, case }));
        }
    }
    Ok(())
}

/// Thousands of stale handles: a few slots are used again and again, and no handle that was ever freed is taken for
/// another, however often its slot has served since.
///
/// # Errors
///
/// The [`Failure`].
pub fn stale_handles<S: Strategy>(config: &Config) -> Verdict {
    const REUSES: usize = 3_000;
    for granule in granules() {
        let one = Request::new(1);
        let mut operations = vec![Op::Allocate(one); 3];
        for reuse in 0..REUSES {
            operations.extend([Op::Free(reuse % 3), Op::Allocate(one), Op::Stale(reuse / 2)]);
        }
        // All that were ever freed, in an allocator that holds blocks and in one that does not.
        operations.extend((0..REUSES).map(Op::Stale));
        operations.extend([Op::Free(0), Op::Free(0), Op::Free(0)]);
        operations.extend((0..REUSES).map(Op::Stale));
        let case = Case { capacity_bytes: 4 * granule.bytes(), granule, operations };
        super::judge_fixed::<S>(case, config)?;
    }
    Ok(())
}

/// The first handles of allocators that were made just now and were never used otherwise.
fn strangers<S: Strategy>(
    capacity_bytes: u64,
    config: &Config,
) -> Result<Vec<heaplab_core::Handle>, Box<dyn std::error::Error>> {
    (0..3)
        .map(|_| Ok(S::new(capacity_bytes, config)?.allocate(Request::new(1), &mut ())?))
        .collect()
}

fn made<T, E: core::fmt::Display>(result: Result<T, E>) -> Result<T, Finding> {
    let fault = |error| Fault::WrongConfiguration(format!("cannot be made: {error}"));
    result.map_err(|error| super::without_operation(fault(error)))
}

/// The same operations give the same placements and relocations in every allocator.
///
/// # Errors
///
/// The [`Failure`].
pub fn determinism<S: Strategy>(config: &Config) -> Verdict {
    for granule in granules() {
        let config = config.clone().with_granule(granule);
        let capacity_bytes = 700 * granule.bytes();
        let first = record::<S>(capacity_bytes, &config);
        // Others in between, so that anything taken from the process would differ.
        let _other = S::new(capacity_bytes, &config);
        let second = record::<S>(capacity_bytes, &config);
        if first != second {
            let fault = Fault::Nondeterministic { what: "a placement or a relocation" };
            return fail(fault, capacity_bytes, granule);
        }
    }
    Ok(())
}

#[derive(Default)]
struct Recorder(Vec<Relocation>);

impl Memory for Recorder {
    fn relocate(&mut self, from: u64, to: u64, len: u64) {
        self.0.push(Relocation { from, to, len });
    }
}

/// Where 2,000 operations put their blocks, and what they relocated.
fn record<S: Strategy>(
    capacity_bytes: u64,
    config: &Config,
) -> (Vec<Option<Block>>, Vec<Relocation>) {
    let mut random = Random::new(7);
    let mut recorder = Recorder::default();
    let mut blocks = Vec::new();
    let mut live = Vec::new();
    let Ok(mut subject) = S::new(capacity_bytes, config) else { return Default::default() };
    for _ in 0..2_000 {
        let request = Request::new(random.log_uniform(64 * config.granule.bytes()));
        let choice = random.below(100);
        if choice < 45 || live.is_empty() {
            let handle = subject.allocate(request, &mut recorder).ok();
            blocks.push(handle.and_then(|handle| subject.block(handle)));
            live.extend(handle);
            continue;
        }
        let index = random.index(live.len());
        if choice < 75 {
            let freed = subject.free(live.swap_remove(index), &mut recorder);
            blocks.push(freed.is_err().then_some(Block { offset: 0, len: 0 }));
        } else {
            let resized = subject.resize(live[index], request, &mut recorder);
            blocks.push(resized.ok().and_then(|()| subject.block(live[index])));
        }
    }
    (blocks, recorder.0)
}
