//! The best plan for a trace: heuristics, and what the strategies made of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use heaplab_core::{Granule, Kind};
use heaplab_trace::{OperationSource, TraceError};

use super::trail::{TrailEnd, TrailRequest};
use crate::contestant::Contestant;
use crate::isolated::Isolated;
use crate::packing::{Effort, Known, MOST_BUFFERS, Packing, buffers_of, pack};

/// The most plans of strategies that are looked at: those of the smallest heaps.
const MOST_KNOWN: usize = 3;

/// The most time for the replay of each of them.
const LONGEST_REPLAY: Duration = Duration::from_secs(5);

/// A trace whose best plan is wanted, and strategies with heaps in which they complete it.
pub(crate) struct PlanSought {
    pub(crate) source: Arc<dyn OperationSource>,
    pub(crate) granule: Granule,
    pub(crate) heaps: Vec<(Contestant, u64)>,
    /// The processes in which those are replayed that may abort; all are replayed in ours without.
    pub(crate) isolated: Option<Isolated>,
}

/// Packs the trace; `None` where that is beyond [`pack`].
pub(crate) fn pack_trace(
    sought: &PlanSought,
    effort: &Effort,
) -> Result<Option<Packing>, TraceError> {
    let summary = sought.source.summary();
    let buffers = summary.operations.allocate.saturating_add(summary.operations.resize);
    if buffers > MOST_BUFFERS as u64 {
        return Ok(None);
    }
    let buffers = buffers_of(sought.source.as_ref(), sought.granule)?;
    let mut known = Vec::new();
    // A peer keeps its bookkeeping in the heap, and a block that moves has no one offset.
    let is_plan = |(contestant, _): &&(Contestant, u64)| {
        contestant.capabilities.kind == Kind::Strategy && !contestant.capabilities.relocates
    };
    let mut heaps: Vec<_> = sought.heaps.iter().filter(is_plan).collect();
    heaps.sort_by_key(|(_, bytes)| *bytes);
    for (contestant, capacity_bytes) in heaps.into_iter().take(MOST_KNOWN) {
        let request = TrailRequest {
            source: sought.source.as_ref(),
            config: &contestant.config,
            capacity_bytes: *capacity_bytes,
            floor_bytes: u64::MAX,
            deadline: Instant::now().checked_add(LONGEST_REPLAY),
            keeps_offsets: true,
        };
        let isolated =
            sought.isolated.as_ref().filter(|_| contestant.capabilities.needs_own_process());
        let trail = match isolated {
            Some(isolated) => isolated.trail(contestant.name, request)?,
            None => (contestant.trail)(request)?,
        };
        if trail.end == TrailEnd::Completed {
            let method = format!("what {} does", contestant.name);
            known.push(Known { method, offsets: trail.offsets });
        }
    }
    Ok(pack(buffers, known, effort))
}
