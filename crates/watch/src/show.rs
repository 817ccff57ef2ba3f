//! The strategies and the trace, in step.

use std::time::Instant;

use heaplab_trace::{ChunkReader, Operation, OperationSource};

use crate::WatchError;
use crate::stage::{Event, Stage};

/// Operations between two looks at the clock.
const SLICE: u64 = 2_048;

/// Where an advance stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// After so many operations.
    After(u64),
    /// Behind the next operation that fails or compacts somewhere.
    Event,
}

/// Every stage after the same number of operations of one trace.
pub(crate) struct Show<'a, 'b> {
    source: &'a dyn OperationSource,
    reader: Box<dyn ChunkReader + 'a>,
    chunk: Vec<Operation>,
    /// Operations of the chunk that were performed.
    taken: usize,
    done: u64,
    total: u64,
    last: Option<Operation>,
    pub(crate) stages: &'a mut [&'b mut dyn Stage],
}

impl<'a, 'b> Show<'a, 'b> {
    pub(crate) fn new(
        source: &'a dyn OperationSource,
        stages: &'a mut [&'b mut dyn Stage],
    ) -> Result<Self, WatchError> {
        let (reader, total) = (source.open()?, source.summary().operations.total());
        let chunk = Vec::new();
        Ok(Self { source, reader, chunk, taken: 0, done: 0, total, last: None, stages })
    }

    /// Operations performed so far.
    pub(crate) const fn done(&self) -> u64 {
        self.done
    }

    /// Operations of the trace.
    pub(crate) const fn total(&self) -> u64 {
        self.total
    }

    /// The operation performed last.
    pub(crate) const fn last(&self) -> Option<Operation> {
        self.last
    }

    pub(crate) fn name(&self) -> &str {
        &self.source.info().name
    }

    /// Whether every strategy has met a request that does not fit.
    pub(crate) fn is_over(&self) -> bool {
        self.done >= self.total || self.stages.iter().all(|stage| stage.refusal().is_some())
    }

    /// Goes towards the goal until `deadline`; `true` once it is reached. What lies behind is replayed from the start.
    pub(crate) fn advance(&mut self, goal: Goal, deadline: Instant) -> Result<bool, WatchError> {
        let target = match goal {
            Goal::After(count) => count.min(self.total),
            Goal::Event => self.total,
        };
        if target < self.done {
            self.rewind()?;
        }
        loop {
            for _ in 0..SLICE {
                if self.done >= target {
                    return Ok(true);
                }
                let event = self.step()?;
                if event != Event::Ordinary && goal == Goal::Event {
                    return Ok(true);
                }
            }
            if Instant::now() >= deadline {
                return Ok(false);
            }
        }
    }

    /// Performs one operation; what it led to, with a refusal before a compaction.
    pub(crate) fn step(&mut self) -> Result<Event, WatchError> {
        while self.taken == self.chunk.len() {
            self.taken = 0;
            if !self.reader.next_chunk(&mut self.chunk)? {
                // The summary promised more: nothing that a replay could go on with.
                self.total = self.done;
                return Ok(Event::Ordinary);
            }
        }
        let operation = self.chunk[self.taken];
        let mut event = Event::Ordinary;
        for stage in &mut *self.stages {
            match stage.step(self.done, &operation) {
                Event::Refused => event = Event::Refused,
                Event::Compacted if event == Event::Ordinary => event = Event::Compacted,
                _ => {}
            }
        }
        self.taken += 1;
        self.done += 1;
        self.last = Some(operation);
        Ok(event)
    }

    fn rewind(&mut self) -> Result<(), WatchError> {
        for stage in &mut *self.stages {
            stage.reset()?;
        }
        self.reader = self.source.open()?;
        self.chunk.clear();
        (self.taken, self.done, self.last) = (0, 0, None);
        Ok(())
    }
}
