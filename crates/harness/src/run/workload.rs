//! The traces of a run, read once.

use std::sync::Arc;

use heaplab_core::Granule;
use heaplab_report::{Bounds, OperationCounts, TraceEntry, TraceSource};
use heaplab_trace::{Operation, OperationSource, PeakLive, Trace, TraceError};

use crate::plan::{Plan, RunError, TraceInput};

/// Traces are kept in memory as long as all of them together have at most so many operations (24 bytes each).
const OPERATIONS_IN_MEMORY: u64 = 16 << 20;

/// A trace of the run, and what the harness needs to know of it at the run's granule.
#[derive(Clone)]
pub(super) struct Workload {
    pub(super) name: String,
    pub(super) source: Arc<dyn OperationSource>,
    pub(super) peak_live_bytes: u64,
    /// The best plan known, once there is one.
    pub(super) offline_packing_bytes: Option<u64>,
    allocated_bytes: u64,
    question: Option<String>,
}

impl Workload {
    pub(super) fn operations(&self) -> u64 {
        self.source.summary().operations.total()
    }

    fn read(input: &TraceInput, granule: Granule, load: bool) -> Result<Self, TraceError> {
        let source: Arc<dyn OperationSource> = if load && input.source.operations().is_none() {
            Arc::new(Trace::load(input.source.as_ref())?)
        } else {
            Arc::clone(&input.source)
        };
        let mut figures = Figures {
            granule,
            peak: PeakLive::new(granule.bytes()),
            lengths: Vec::new(),
            allocated: 0,
        };
        if let Some(operations) = source.operations() {
            operations.iter().for_each(|operation| figures.apply(operation));
        } else {
            let mut reader = source.open()?;
            let mut chunk = Vec::new();
            while reader.next_chunk(&mut chunk)? {
                chunk.iter().for_each(|operation| figures.apply(operation));
            }
        }
        Ok(Self {
            name: input.name.clone(),
            source,
            peak_live_bytes: figures.peak.peak_bytes(),
            offline_packing_bytes: None,
            allocated_bytes: u64::try_from(figures.allocated).unwrap_or(u64::MAX),
            question: input.question.clone(),
        })
    }

    pub(super) fn entry(&self) -> TraceEntry {
        let (summary, source) = (self.source.summary(), &self.source.info().source);
        TraceEntry {
            name: self.name.clone(),
            hash: summary.hash.clone(),
            source: TraceSource {
                kind: source.kind.as_str().into(),
                format: source.format.clone().unwrap_or_else(|| "hlt".into()),
                program: source.program.clone(),
                lacks: source.lacks.clone(),
            },
            operations: OperationCounts {
                allocate: summary.operations.allocate,
                resize: summary.operations.resize,
                free: summary.operations.free,
            },
            peak_live_bytes: self.peak_live_bytes,
            peak_live_requested_bytes: summary.peak_live_requested_bytes,
            peak_live_blocks: summary.peak_live_blocks,
            max_request_bytes: summary.max_request_bytes,
            allocated_bytes: Some(self.allocated_bytes),
            threads: summary.threads,
            bounds: Some(Bounds {
                peak_live_bytes: self.peak_live_bytes,
                offline_packing_bytes: self.offline_packing_bytes,
            }),
            question: self.question.clone(),
        }
    }
}

/// Reads every trace once; short ones stay in memory, so that no pass decodes them again.
pub(super) fn workloads(plan: &Plan) -> Result<Vec<Workload>, RunError> {
    let mut room = OPERATIONS_IN_MEMORY;
    let mut workloads: Vec<Workload> = Vec::new();
    for input in &plan.traces {
        if workloads.iter().any(|other| other.name == input.name) {
            return Err(RunError::DuplicateTrace { name: input.name.clone() });
        }
        let operations = input.source.summary().operations.total();
        let load = operations <= room;
        room -= if load { operations } else { 0 };
        workloads.push(Workload::read(input, plan.granule, load)?);
    }
    Ok(workloads)
}

struct Figures {
    granule: Granule,
    peak: PeakLive,
    lengths: Vec<u64>,
    allocated: u128,
}

impl Figures {
    fn apply(&mut self, operation: &Operation) {
        self.peak.apply(operation);
        let slot = operation.slot() as usize;
        if slot >= self.lengths.len() {
            self.lengths.resize(slot + 1, 0);
        }
        let after = match *operation {
            Operation::Allocate { size, .. } | Operation::Resize { size, .. } => {
                self.granule.length_of(size).unwrap_or(u64::MAX)
            }
            Operation::Free { .. } => 0,
        };
        let before = std::mem::replace(&mut self.lengths[slot], after);
        self.allocated += u128::from(after.saturating_sub(before));
    }
}
