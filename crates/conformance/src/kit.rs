//! The tests that [`conformance!`](crate::conformance) names: one function each, for those who want to call them.
//!
//! All take the configuration under which the strategy is to be judged; its granule is replaced by 1, 16 and 64.

mod fixed;
mod handles;

use core::fmt;
use std::error::Error;

use heaplab_core::{Config, Granule, Strategy};
use proptest::test_runner::{Config as Runs, RngSeed, TestCaseError, TestError, TestRunner};

use crate::case::{Shape, cases};
use crate::judge::judge_checking;
use crate::shrink::{catch_panic, shrink};
use crate::{Case, Fault, Finding, differential_with};

pub use fixed::{
    capabilities_are_declared, exhaustion_and_recovery, hostile_requests, wrong_configurations,
};
pub use handles::{determinism, foreign_handles, stale_handles};

/// How many cases a property gets where `PROPTEST_CASES` says nothing.
const DEFAULT_CASES: u32 = 400;

/// A strategy that failed: what was found, and a case that shows it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What was found.
    pub finding: Finding,
    /// The smallest case that was found to show it.
    pub case: Case,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.case, self.finding)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.finding)
    }
}

/// What every function of the kit returns.
pub type Verdict = Result<(), Box<Failure>>;

/// Random operations without alignments above the granule, in heaps of one granule to a few thousand.
///
/// # Errors
///
/// The shrunk [`Failure`].
pub fn random_operations<S: Strategy>(config: &Config) -> Verdict {
    check_property::<S>(Shape::Unaligned, config)
}

/// Random operations with alignments up to 4 KiB, and with some that are none.
///
/// # Errors
///
/// The shrunk [`Failure`].
pub fn aligned_operations<S: Strategy>(config: &Config) -> Verdict {
    check_property::<S>(Shape::Aligned, config)
}

/// Random operations in heaps of 64 GiB to 2^64 bytes, with no bytes behind them.
///
/// # Errors
///
/// The shrunk [`Failure`].
pub fn huge_heaps<S: Strategy>(config: &Config) -> Verdict {
    check_property::<S>(Shape::Huge, config)
}

/// Long runs with up to 2,000 live blocks, in a heap that is at times too small and in one that never is.
///
/// # Errors
///
/// The [`Failure`]; its case holds no operations, as they are too many to print.
pub fn long_runs<S: Strategy>(config: &Config) -> Verdict {
    for (seed, granule) in (1..).zip(granules()) {
        let config = config.clone().with_granule(granule);
        for (operations, capacity_bytes) in [(8_000, 250_000 * granule.bytes()), (4_000, 1 << 40)] {
            // Every operation may move 2,000 blocks.
            let operations = if S::CAPABILITIES.relocates { operations / 4 } else { operations };
            let run = differential_with::<S>(seed, operations, capacity_bytes, &config);
            run.map_err(|finding| {
                let case = Case { capacity_bytes, granule, operations: Vec::new() };
                Box::new(Failure { finding, case })
            })?;
        }
    }
    Ok(())
}

fn check_property<S: Strategy>(shape: Shape, config: &Config) -> Verdict {
    let mut runs = Runs { failure_persistence: None, max_shrink_iters: 512, ..Runs::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        runs.cases = DEFAULT_CASES;
    }
    if shape == Shape::Huge {
        // Strategies may recount tables of the size of the heap's address range; a few cases show what there is.
        runs.cases = runs.cases.div_ceil(8);
    }
    if runs.rng_seed == RngSeed::Random {
        runs.rng_seed = RngSeed::Fixed(0x68_6561_706c_6162);
    }
    let outcome = TestRunner::new(runs).run(&cases(shape), |case| {
        judge_case::<S>(&case, config).map_err(|failure| TestCaseError::fail(failure.to_string()))
    });
    let case = match outcome {
        Ok(()) => return Ok(()),
        Err(TestError::Fail(_, case)) => case,
        Err(TestError::Abort(reason)) => panic!("proptest gave up: {reason}"),
    };
    fail_shortly::<S>(case, config)
}

/// Judges a case that is always the same, and shrinks it if it fails.
fn judge_fixed<S: Strategy>(case: Case, config: &Config) -> Verdict {
    match judge_case::<S>(&case, config) {
        Ok(()) => Ok(()),
        Err(_) => fail_shortly::<S>(case, config),
    }
}

/// Makes a failing case short and says what is found in it.
pub(crate) fn fail_shortly<S: Strategy>(case: Case, config: &Config) -> Verdict {
    let case = shrink(case, |case| judge_case::<S>(case, config).is_err());
    judge_case::<S>(&case, config).and_then(|()| {
        let what = "whether the smallest failing case fails";
        fail(Fault::Nondeterministic { what }, case.capacity_bytes, case.granule)
    })
}

/// Judges one case; a panic of the allocator is a finding too.
///
/// # Errors
///
/// The [`Failure`], with the case as it was given.
pub fn judge_case<S: Strategy>(case: &Case, config: &Config) -> Verdict {
    judge_case_checking::<S>(case, config, 1)
}

/// [`judge_case`], with a walk only once in `interval` operations.
pub(crate) fn judge_case_checking<S: Strategy>(
    case: &Case,
    config: &Config,
    interval: usize,
) -> Verdict {
    let config = config.clone().with_granule(case.granule);
    let judged = || judge_checking::<S>(&case.operations, case.capacity_bytes, &config, interval);
    let finding = match catch_panic(judged) {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(finding)) => finding,
        Err(message) => without_operation(Fault::Panicked(message)),
    };
    Err(Box::new(Failure { finding, case: case.clone() }))
}

/// A failure that is not that of an operation.
fn fail(fault: Fault, capacity_bytes: u64, granule: Granule) -> Verdict {
    let case = Case { capacity_bytes, granule, operations: Vec::new() };
    Err(Box::new(Failure { finding: without_operation(fault), case }))
}

fn without_operation(fault: Fault) -> Finding {
    Finding {
        operation_index: 0,
        operation: None,
        fault: Box::new(fault),
        before: String::new(),
        after: String::new(),
    }
}

/// The granules under which everything is judged.
fn granules() -> [Granule; 3] {
    [Granule::BYTE, Granule::DEFAULT, Granule::new(64).unwrap_or_default()]
}
