//! Making a failing case short, and keeping quiet meanwhile.

use core::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use heaplab_core::Request;

use crate::{Case, Op};

/// How many candidates are tried at most, and how many operations all of them together may have.
const ATTEMPTS: usize = 4_000;
const OPERATIONS: usize = 2_000_000;

/// Leaves out operations and makes numbers smaller as long as the case still fails.
///
/// Proptest shrinks one value after the other from the front; lists of operations get much shorter when whole
/// stretches are left out first.
pub(crate) fn shrink(mut case: Case, mut fails: impl FnMut(&Case) -> bool) -> Case {
    let (mut attempts, mut operations) = (ATTEMPTS, OPERATIONS);
    let mut still_fails = |case: &Case| {
        attempts = attempts.saturating_sub(1);
        operations = operations.saturating_sub(case.operations.len());
        attempts > 0 && operations > 0 && fails(case)
    };
    loop {
        let before = case.clone();
        let mut stretch = case.operations.len().next_power_of_two();
        while stretch > 0 {
            let mut start = 0;
            while start < case.operations.len() {
                let mut shorter = case.clone();
                let end = (start + stretch).min(case.operations.len());
                shorter.operations.drain(start..end);
                if still_fails(&shorter) {
                    case = shorter;
                } else {
                    start += stretch;
                }
            }
            stretch /= 2;
        }
        for index in 0..case.operations.len() {
            for simpler in simpler(case.operations[index]) {
                let mut candidate = case.clone();
                candidate.operations[index] = simpler;
                if still_fails(&candidate) {
                    case = candidate;
                }
            }
        }
        if case == before {
            return case;
        }
    }
}

/// Simpler operations to try in place of one, the simplest last.
fn simpler(operation: Op) -> Vec<Op> {
    let indices = |index: usize| (0..index.min(6)).rev().filter(move |simple| *simple < index);
    let requests = |Request { size, align }: Request| {
        let sizes = [size - size / 4, size / 2, 16, 4, 3, 2, 1].into_iter();
        let smaller = sizes.filter(move |smaller| *smaller < size);
        let unaligned = (align != 1).then_some(Request::new(size));
        smaller.map(move |size| Request::aligned(size, align)).chain(unaligned)
    };
    match operation {
        Op::Allocate(request) => requests(request).map(Op::Allocate).collect(),
        Op::Free(index) => indices(index).map(Op::Free).collect(),
        Op::Stale(index) => indices(index).map(Op::Stale).collect(),
        Op::Foreign(index) => indices(index).map(Op::Foreign).collect(),
        Op::Resize(index, request) => {
            let of_request = requests(request).map(|request| Op::Resize(index, request));
            of_request.chain(indices(index).map(|index| Op::Resize(index, request))).collect()
        }
    }
}

thread_local! {
    static IS_QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `judged`; if it panics, gives the message instead of printing it with a backtrace, thousands of times.
pub(crate) fn catch_panic<T>(judged: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = take_hook();
        set_hook(Box::new(move |info| {
            if !IS_QUIET.get() {
                loud(info);
            }
        }));
    });
    let was_quiet = IS_QUIET.replace(true);
    let result = catch_unwind(AssertUnwindSafe(judged));
    IS_QUIET.set(was_quiet);
    result.map_err(|payload| {
        let message = payload.downcast_ref::<String>().cloned();
        let message = message.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).into()));
        message.unwrap_or_else(|| "without a message".into())
    })
}
