//! A replay that can be stopped anywhere, with the allocator at hand.

use std::panic::resume_unwind;
use std::time::Instant;

use heaplab_core::{AllocError, Block, Config, Granule, Handle, Memory, Request, Strategy};
use heaplab_trace::{ChunkReader, Operation, OperationSource, Origin, TraceError};

use super::ExplainError;
use crate::panics::TimeIsUp;

/// The clock is read once for so many operations or relocations.
const STEPS_PER_CLOCK: u64 = 256;

/// A live block as the trace knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Live {
    handle: Handle,
    /// Index of the operation that allocated it.
    pub(crate) born: u64,
    /// Bytes that its latest request asked for.
    pub(crate) size: u64,
    /// Rounded length.
    pub(crate) len: u64,
    /// Alignment of its latest request.
    pub(crate) align: u64,
    /// Of the operation that allocated it.
    pub(crate) origin: Origin,
}

#[cfg(test)]
impl Live {
    /// A block without an alignment whose handle names nothing.
    pub(crate) fn for_tests(born: u64, len: u64, origin: Origin) -> Self {
        let handle = Handle::from_parts(1, 1).unwrap_or_else(|| unreachable!("1 is not 0"));
        Self { handle, born, size: len, len, align: 1, origin }
    }
}

/// A live block and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placed {
    pub(crate) offset: u64,
    pub(crate) len: u64,
    pub(crate) slot: u32,
}

impl Placed {
    pub(crate) const fn end(&self) -> u64 {
        self.offset + self.len
    }
}

/// An operation with its index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) index: u64,
    pub(crate) operation: Operation,
    pub(crate) origin: Origin,
}

/// Why [`Stage::run`] came back.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Halt {
    /// As many operations have completed as were asked for.
    Reached,
    /// The trace is over.
    End,
    /// The strategy refused this operation; everything is as before it.
    Refused(Step, AllocError),
}

/// A replay under way: memory for live blocks and one chunk of operations.
pub(crate) struct Stage<'a, S> {
    pub(crate) allocator: S,
    pub(crate) granule: Granule,
    /// Operations that completed.
    pub(crate) completed: u64,
    /// Resizes among them.
    pub(crate) resizes: u64,
    /// Rounded live bytes.
    pub(crate) live_bytes: u64,
    /// The most of them after any operation.
    pub(crate) peak_live_bytes: u64,
    /// The operation that completed last.
    pub(crate) last: Option<Step>,
    pub(crate) moved: Moved,
    live: Vec<Option<Live>>,
    reader: Box<dyn ChunkReader + 'a>,
    chunk: Vec<Operation>,
    origins: Vec<Origin>,
    at: usize,
}

impl<'a, S: Strategy> Stage<'a, S> {
    /// Before the first operation. After `deadline`, the replay unwinds with [`TimeIsUp`].
    pub(crate) fn new(
        source: &'a dyn OperationSource,
        capacity_bytes: u64,
        config: &Config,
        deadline: Option<Instant>,
    ) -> Result<Self, ExplainError> {
        Ok(Self {
            allocator: S::new(capacity_bytes, config)?,
            granule: config.granule,
            completed: 0,
            resizes: 0,
            live_bytes: 0,
            peak_live_bytes: 0,
            last: None,
            moved: Moved { deadline, steps: 0, bytes: 0, log: None },
            live: Vec::new(),
            reader: source.open()?,
            chunk: Vec::new(),
            origins: Vec::new(),
            at: 0,
        })
    }

    /// Replays until `until` operations have completed in all, and calls `after` behind each.
    pub(crate) fn run(
        &mut self,
        until: u64,
        mut after: impl FnMut(&Self),
    ) -> Result<Halt, ExplainError> {
        while self.completed < until {
            let Some(step) = self.next()? else { return Ok(Halt::End) };
            self.moved.tick();
            if let Err(error) = self.apply(step)? {
                return Ok(Halt::Refused(step, error));
            }
            self.at += 1;
            self.completed += 1;
            self.peak_live_bytes = self.peak_live_bytes.max(self.live_bytes);
            self.last = Some(step);
            after(self);
        }
        Ok(Halt::Reached)
    }

    /// The block that a slot names.
    pub(crate) fn live(&self, slot: u32) -> Option<&Live> {
        self.live.get(slot as usize)?.as_ref()
    }

    /// Where the block that a slot names stands now.
    pub(crate) fn block(&self, slot: u32) -> Option<Block> {
        self.allocator.block(self.live(slot)?.handle)
    }

    /// All live blocks by slot, each where it stands now.
    pub(crate) fn all_live(&self) -> impl Iterator<Item = (u32, &Live, Block)> {
        (0_u32..).zip(&self.live).filter_map(|(slot, live)| {
            let live = live.as_ref()?;
            Some((slot, live, self.allocator.block(live.handle)?))
        })
    }

    /// All live blocks in address order.
    pub(crate) fn placed(&self) -> Result<Vec<Placed>, ExplainError> {
        let mut placed = Vec::new();
        for (slot, live) in (0_u32..).zip(&self.live) {
            let Some(live) = live else { continue };
            let Block { offset, len } =
                self.allocator.block(live.handle).ok_or_else(|| self.broken(slot))?;
            placed.push(Placed { offset, len, slot });
        }
        placed.sort_unstable_by_key(|block| block.offset);
        if placed.windows(2).any(|pair| pair[0].end() > pair[1].offset) {
            return Err(ExplainError::Broken {
                operation: self.completed,
                message: "two of its blocks overlap".into(),
            });
        }
        Ok(placed)
    }

    fn next(&mut self) -> Result<Option<Step>, TraceError> {
        if self.at == self.chunk.len() {
            self.at = 0;
            if !self.reader.next_chunk_and_origins(&mut self.chunk, &mut self.origins)? {
                return Ok(None);
            }
        }
        let origin = self.origins.get(self.at).copied().unwrap_or_default();
        Ok(Some(Step { index: self.completed, operation: self.chunk[self.at], origin }))
    }

    /// The outer error is the strategy's fault, the inner one its refusal.
    fn apply(&mut self, step: Step) -> Result<Result<(), AllocError>, ExplainError> {
        let slot = step.operation.slot();
        if slot as usize >= self.live.len() {
            self.live.resize(slot as usize + 1, None);
        }
        let before = self.live[slot as usize];
        let after = match step.operation {
            Operation::Allocate { size, align, .. } => {
                match self.allocator.allocate(Request { size, align }, &mut self.moved) {
                    Ok(handle) => {
                        let (born, origin) = (step.index, step.origin);
                        Some(Live { handle, born, size, len: self.length(size), align, origin })
                    }
                    Err(error) => return self.refusal(error),
                }
            }
            Operation::Resize { size, align, .. } => {
                let live = before.ok_or_else(|| self.broken(slot))?;
                let request = Request { size, align };
                if let Err(error) = self.allocator.resize(live.handle, request, &mut self.moved) {
                    return self.refusal(error);
                }
                self.resizes += 1;
                Some(Live { size, len: self.length(size), align, ..live })
            }
            Operation::Free { .. } => {
                let live = before.ok_or_else(|| self.broken(slot))?;
                let freed = self.allocator.free(live.handle, &mut self.moved);
                freed.map_err(|_| self.broken(slot))?;
                None
            }
        };
        let len = |live: Option<Live>| live.map_or(0, |live| live.len);
        self.live_bytes = (self.live_bytes - len(before)).saturating_add(len(after));
        self.live[slot as usize] = after;
        Ok(Ok(()))
    }

    /// The length of a block that was placed.
    fn length(&self, size: u64) -> u64 {
        self.granule.length_of(size).unwrap_or(size)
    }

    fn refusal(&self, error: AllocError) -> Result<Result<(), AllocError>, ExplainError> {
        match error {
            AllocError::InvalidAlignment { .. }
            | AllocError::InvalidHandle(_)
            | AllocError::CannotResizeInPlace => Err(ExplainError::Broken {
                operation: self.completed,
                message: format!("a valid request was refused: {error}"),
            }),
            _ => Ok(Err(error)),
        }
    }

    fn broken(&self, slot: u32) -> ExplainError {
        let message = format!("slot {slot}: its handle is refused while the block is live");
        ExplainError::Broken { operation: self.completed, message }
    }
}

/// A block that was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Relocation {
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) len: u64,
}

/// Counts what is moved, and looks at the clock.
#[derive(Debug)]
pub(crate) struct Moved {
    deadline: Option<Instant>,
    steps: u64,
    /// Every relocation since it was emptied last, where somebody wants to know.
    pub(crate) log: Option<Vec<Relocation>>,
    /// Bytes relocated.
    pub(crate) bytes: u64,
}

impl Moved {
    fn tick(&mut self) {
        self.steps += 1;
        if self.steps.is_multiple_of(STEPS_PER_CLOCK)
            && self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
        {
            resume_unwind(Box::new(TimeIsUp));
        }
    }
}

impl Memory for Moved {
    fn relocate(&mut self, from: u64, to: u64, len: u64) {
        if from != to {
            self.bytes = self.bytes.saturating_add(len);
            if let Some(log) = &mut self.log {
                log.push(Relocation { from, to, len });
            }
            self.tick();
        }
    }
}
