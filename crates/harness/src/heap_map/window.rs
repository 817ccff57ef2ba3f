//! Every operation of a window.

use std::collections::{BTreeMap, HashMap};

use heaplab_core::Strategy;
use heaplab_report::map::Steps;
use heaplab_trace::Operation;

use super::survey::Survey;
use super::{HeapMapError, Job, MAX_WINDOW_BLOCKS, MAX_WINDOW_MOVES};
use crate::explain::ExplainError;
use crate::explain::stage::Stage;

/// The columns so far, and where the live blocks stand.
#[derive(Debug)]
pub(super) struct Recorder {
    steps: Steps,
    slot_at: BTreeMap<u64, u32>,
    offset_of: HashMap<u32, u64>,
    /// Operations of the window that completed.
    count: u32,
}

impl Recorder {
    pub(super) fn new() -> Self {
        let steps = Steps::default();
        Self { steps, slot_at: BTreeMap::new(), offset_of: HashMap::new(), count: 0 }
    }

    /// Takes in the heap before the window.
    pub(super) fn begin<S: Strategy>(
        &mut self,
        job: &Job<'_>,
        stage: &mut Stage<'_, S>,
        survey: &Survey,
    ) -> Result<(), HeapMapError> {
        stage.moved.log = Some(Vec::new());
        let placed = stage.placed()?;
        limit(job, "live blocks", placed.len(), MAX_WINDOW_BLOCKS)?;
        let before = &mut self.steps.before;
        for block in placed {
            let Some(live) = stage.live(block.slot) else { continue };
            before.slot.push(block.slot);
            before.size.push(live.size);
            before.offset.push(block.offset);
            before.len.push(block.len);
            before.born.push(live.born);
            if survey.threads.is_known() {
                before.thread.push(survey.threads.byte(live.origin.thread));
            }
            if survey.sites.is_known() {
                before.site.push(survey.sites.byte(live.origin.site));
            }
            self.slot_at.insert(block.offset, block.slot);
            self.offset_of.insert(block.slot, block.offset);
        }
        Ok(())
    }

    /// Takes in the operation that completed last.
    pub(super) fn step<S: Strategy>(
        &mut self,
        job: &Job<'_>,
        stage: &mut Stage<'_, S>,
        survey: &Survey,
    ) -> Result<(), HeapMapError> {
        let Some(step) = stage.last else { return Ok(()) };
        let slot = step.operation.slot();
        // A free gives the place up before anything may slide into it.
        if matches!(step.operation, Operation::Free { .. })
            && let Some(offset) = self.offset_of.remove(&slot)
        {
            self.slot_at.remove(&offset);
        }
        for it in stage.moved.log.iter_mut().flat_map(|log| log.drain(..)) {
            let Some(moved) = self.slot_at.remove(&it.from) else {
                let message = format!("it moves a block at {}, where none begins", it.from);
                return Err(ExplainError::Broken { operation: step.index, message }.into());
            };
            self.slot_at.insert(it.to, moved);
            self.offset_of.insert(moved, it.to);
            self.steps.moves.step.push(self.count);
            self.steps.moves.slot.push(moved);
            self.steps.moves.to.push(it.to);
        }
        limit(job, "relocations", self.steps.moves.step.len(), MAX_WINDOW_MOVES)?;
        let operations = &mut self.steps.operations;
        let (kind, size) = match step.operation {
            Operation::Allocate { size, .. } => (0, size),
            Operation::Resize { size, .. } => (1, size),
            Operation::Free { .. } => (2, 0),
        };
        let block = stage.block(slot);
        if let Some(block) = block {
            if let Some(old) = self.offset_of.insert(slot, block.offset)
                && old != block.offset
            {
                self.slot_at.remove(&old);
            }
            self.slot_at.insert(block.offset, slot);
        }
        operations.kind.push(kind);
        operations.slot.push(slot);
        operations.size.push(size);
        operations.offset.push(block.map_or(0, |block| block.offset));
        operations.len.push(block.map_or(0, |block| block.len));
        let allocates = kind == 0;
        if survey.threads.is_known() {
            let byte = survey.threads.byte(step.origin.thread.filter(|_| allocates));
            operations.thread.push(byte);
        }
        if survey.sites.is_known() {
            operations.site.push(survey.sites.byte(step.origin.site.filter(|_| allocates)));
        }
        self.count += 1;
        limit(job, "live blocks", self.offset_of.len(), MAX_WINDOW_BLOCKS)
    }

    /// Looks up what becomes of the blocks that live behind the window.
    pub(super) fn finish(mut self, job: &Job<'_>) -> Result<Steps, HeapMapError> {
        let behind = job.shown.start + u64::from(self.count);
        let mut left: BTreeMap<u32, u64> = self.offset_of.keys().map(|slot| (*slot, 0)).collect();
        let mut waiting = left.len();
        let mut reader = job.source.open().map_err(ExplainError::Trace)?;
        let (mut chunk, mut index) = (Vec::new(), 0);
        while waiting > 0 && reader.next_chunk(&mut chunk).map_err(ExplainError::Trace)? {
            for operation in &chunk {
                if let (true, Operation::Free { slot }) = (index >= behind, *operation)
                    && let Some(freed) = left.get_mut(&slot).filter(|freed| **freed == 0)
                {
                    *freed = index + 1;
                    waiting -= 1;
                }
                index += 1;
            }
        }
        self.steps.fates.slot = left.keys().copied().collect();
        self.steps.fates.freed = left.into_values().collect();
        Ok(self.steps)
    }
}

fn limit(job: &Job<'_>, what: &'static str, found: usize, most: usize) -> Result<(), HeapMapError> {
    if found <= most {
        return Ok(());
    }
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let (from, to) = (job.shown.start, job.shown.end);
    Err(HeapMapError::TooLarge { from, to, what, found: number(found), most: number(most) })
}
