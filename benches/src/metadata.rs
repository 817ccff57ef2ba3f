//! What tables take for each block and hole.
//!
//! Usage is looked at in evenly spaced operations only: to tell its longest hole, a list of holes is walked.

use heaplab_core::{Config, Handle, Request, Strategy};
use heaplab_trace::{Operation, Trace};

/// Looks at the usage in a replay.
const LOOKS: usize = 512;

/// The tables of an allocator at the look at which they held the most entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Blocks and holes, the most that were seen.
    pub entries: u64,
    /// Bytes of an allocator that has placed nothing yet.
    pub fixed_bytes: u64,
    /// Bytes that are in use then, the fixed part included.
    pub used_bytes: u64,
    /// Bytes that are reserved then, the fixed part included.
    pub reserved_bytes: u64,
}

impl Metadata {
    /// Reserved bytes for each entry, beyond the fixed part.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a ratio is shown with a few digits")]
    pub fn reserved_bytes_per_entry(&self) -> f64 {
        self.reserved_bytes.saturating_sub(self.fixed_bytes) as f64 / self.entries.max(1) as f64
    }
}

pub(crate) fn of<S: Strategy>(trace: &Trace, heap_bytes: u64) -> Option<Metadata> {
    let mut allocator = S::new(heap_bytes, &Config::new()).ok()?;
    let fixed_bytes = allocator.usage().metadata_reserved_bytes?;
    let mut slots: Vec<Option<Handle>> = Vec::new();
    let mut most = Metadata { entries: 0, fixed_bytes, used_bytes: 0, reserved_bytes: 0 };
    let between = trace.operations().len().div_ceil(LOOKS).max(1);
    for (index, operation) in trace.operations().iter().enumerate() {
        let slot = operation.slot() as usize;
        if slot >= slots.len() {
            slots.resize(slot + 1, None);
        }
        match *operation {
            Operation::Allocate { size, align, .. } => {
                slots[slot] = Some(allocator.allocate(Request { size, align }, &mut ()).ok()?);
            }
            Operation::Resize { size, align, .. } => {
                allocator.resize(slots[slot]?, Request { size, align }, &mut ()).ok()?;
            }
            Operation::Free { .. } => allocator.free(slots[slot].take()?, &mut ()).ok()?,
        }
        if index % between != between - 1 {
            continue;
        }
        let usage = allocator.usage();
        let entries = usage.live_blocks + usage.holes?;
        if entries > most.entries {
            let (used_bytes, reserved_bytes) =
                (usage.metadata_used_bytes?, usage.metadata_reserved_bytes?);
            most = Metadata { entries, used_bytes, reserved_bytes, ..most };
        }
    }
    Some(most)
}

#[cfg(test)]
mod tests {
    use crate::{contestants, generated};

    #[test]
    fn tables_are_told_of_those_that_know_them() {
        let trace = generated("s3", 5_000);
        let told = contestants()
            .iter()
            .filter_map(|it| Some((it.name, it.metadata(&trace, 1 << 30)?)))
            .collect::<Vec<_>>();
        let of = |name| told.iter().find(|it| it.0 == name).map(|it| it.1);
        let best_fit = of("best-fit").unwrap();
        assert!(best_fit.entries > 1_000 && best_fit.used_bytes <= best_fit.reserved_bytes);
        assert!(best_fit.reserved_bytes_per_entry() >= 24.0, "offset, neighbors, links");
        assert_eq!(of("talc"), None, "its gaps may be bookkeeping");
    }
}
