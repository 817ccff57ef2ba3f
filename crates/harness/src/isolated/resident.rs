//! How much memory a process comes to hold.

use std::fs;

use heaplab_core::{Config, Handle, Parameter, Request as Wish, Strategy};
use heaplab_report::{Outcome, Space, Status};
use heaplab_trace::{Operation, OperationSource};

use super::not_begun;
use super::wire::Request;
use crate::panics::{Unwound, guard};
use crate::replay::{ReplayError, Replayed, failed};

/// Replays a trace in a process that has done nothing else, every byte of every block written, and measures how far
/// the resident memory grows; `None` where the trace cannot be read.
///
/// The handles and their tables have their pages beforehand.
pub(super) fn resident<S: Strategy>(
    request: &Request,
    source: &dyn OperationSource,
) -> Option<Replayed> {
    let config = request.config().with_expected_blocks(source.summary().peak_live_blocks);
    let touches = S::CAPABILITIES.parameters.contains(&Parameter::TOUCH);
    let config = if touches { config.with_parameter(Parameter::TOUCH.name, 1) } else { config };
    let mut slots: Vec<Option<Handle>> = Vec::new();
    each(source, &mut |operation| {
        let slot = operation.slot() as usize;
        if slot >= slots.len() {
            slots.resize(slot + 1, None);
        }
        Ok::<(), ()>(())
    })?
    .ok();
    let mut operations = 0;
    let measured = guard(|| measure::<S>(request, &config, source, &mut slots, &mut operations));
    let (outcome, resident_bytes) = match measured {
        Ok(measured) => measured?,
        Err(Unwound::Panicked(message)) => {
            (failed(Status::Crashed, Some(operations), message), None)
        }
        Err(Unwound::TimeIsUp) => {
            (failed(Status::Timeout, Some(operations), "its time ran out".into()), None)
        }
    };
    let is_ok = outcome.status == Status::Ok;
    Some(Replayed {
        operations,
        heap_bytes: request.heap_bytes,
        peak_live_requested_bytes: source.summary().peak_live_requested_bytes,
        outcome,
        space: resident_bytes
            .filter(|_| is_ok)
            .map(|bytes| Space { resident_bytes: Some(bytes), ..Space::default() }),
        // Every byte was written, and looked at before its block was freed.
        verified: (touches && is_ok).then_some(true),
        ..Replayed::default()
    })
}

fn measure<S: Strategy>(
    request: &Request,
    config: &Config,
    source: &dyn OperationSource,
    slots: &mut [Option<Handle>],
    operations: &mut u64,
) -> Option<(Outcome, Option<u64>)> {
    let mut allocator = match S::new(request.heap_bytes, config) {
        Ok(allocator) => allocator,
        Err(error) => return Some((not_begun(&ReplayError::Config(error)).outcome, None)),
    };
    let before = Gauge::start();
    let result = each(source, &mut |operation| {
        let done = match *operation {
            Operation::Allocate { slot, size, align } => {
                let placed = allocator.allocate(Wish { size, align }, &mut ());
                placed.is_ok_and(|handle| slots[slot as usize].replace(handle).is_none())
            }
            Operation::Resize { slot, size, align } => slots[slot as usize].is_some_and(|handle| {
                allocator.resize(handle, Wish { size, align }, &mut ()).is_ok()
            }),
            Operation::Free { slot } => slots[slot as usize]
                .take()
                .is_some_and(|handle| allocator.free(handle, &mut ()).is_ok()),
        };
        if !done {
            return Err(());
        }
        *operations += 1;
        Ok(())
    })?;
    let grown = before.and_then(|before| before.grown_bytes());
    Some(match result {
        Ok(()) => (Outcome::default(), grown),
        Err(()) => (failed(Status::Oom, Some(*operations), "a request was refused".into()), None),
    })
}

/// All operations, from memory or from a file, until one fails; `None` where they cannot be read.
fn each<E>(
    source: &dyn OperationSource,
    apply: &mut dyn FnMut(&Operation) -> Result<(), E>,
) -> Option<Result<(), E>> {
    if let Some(operations) = source.operations() {
        return Some(operations.iter().try_for_each(apply));
    }
    let mut reader = source.open().ok()?;
    let mut chunk = Vec::new();
    while reader.next_chunk(&mut chunk).ok()? {
        if let Err(error) = chunk.iter().try_for_each(&mut *apply) {
            return Some(Err(error));
        }
    }
    Some(Ok(()))
}

/// Resident memory at a moment, from which the highest is counted anew.
struct Gauge {
    before_bytes: u64,
}

impl Gauge {
    /// `None` where the system does not say, or cannot forget the highest so far.
    fn start() -> Option<Self> {
        // Linux: forget the highest resident size.
        fs::write("/proc/self/clear_refs", "5").ok()?;
        Some(Self { before_bytes: status_bytes("VmRSS:")? })
    }

    fn grown_bytes(&self) -> Option<u64> {
        Some(status_bytes("VmHWM:")?.saturating_sub(self.before_bytes))
    }
}

/// A line such as `VmHWM:      1234 kB`.
fn status_bytes(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gauge_sees_what_is_touched_and_given_back() {
        let Some(gauge) = Gauge::start() else { return };
        let bytes = vec![1_u8; 64 << 20];
        assert_eq!(std::hint::black_box(&bytes).len(), 64 << 20);
        drop(bytes);
        let grown = gauge.grown_bytes().unwrap();
        // Other tests of this process run meanwhile; they hold far less.
        assert!((60 << 20..400 << 20).contains(&grown), "{grown}");
    }
}
