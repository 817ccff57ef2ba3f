//! The loop of a replay, and everything that is kept beside it.

use std::time::Instant;

use heaplab_core::{AllocError, Block, Granule, Handle, Kind, Request, Strategy, Usage};
use heaplab_report::{Outcome, Relocations, Status};
use heaplab_trace::Operation;

use super::diagnosis::{failed, refused};
use super::figures::{Change, Figures};
use super::shadow::Shadow;
use super::stop::Stop;
use super::watch::{Moves, Watch};
use super::{Observer, ReplayError, ReplayRequest, Replayed};
use crate::placement_hash::PlacementHasher;

/// The clock is read once for so many operations.
const OPERATIONS_PER_CLOCK: u64 = 256;

/// A verification compares the whole heap after so many operations, and at the end.
const OPERATIONS_PER_CHECK: u64 = 16_384;

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    handle: Option<Handle>,
    requested: u64,
    len: u64,
}

/// The state of a replay apart from the allocator, so that it survives the allocator's panic.
pub(super) struct Pass<'a> {
    watch: Watch<'a>,
    granule: Granule,
    capacity_bytes: u64,
    slots: Vec<Slot>,
    figures: Figures,
    hasher: PlacementHasher,
    /// Where the operation that is going on found its block, and where it left it.
    from: Option<Block>,
    to: Option<Block>,
    /// Operations that completed.
    operations: u64,
    begun: bool,
}

impl<'a> Pass<'a> {
    pub(super) fn new(
        request: &ReplayRequest<'_>,
        capacity_bytes: u64,
        started: Instant,
        observer: &'a mut dyn Observer,
    ) -> Self {
        let granule = request.config.granule;
        let shadow = || Shadow::new(capacity_bytes, granule, request.payload_limit_bytes);
        Self {
            watch: Watch {
                observer,
                shadow: request.verify.then(shadow),
                deadline: request.deadline.and_then(|duration| started.checked_add(duration)),
                operation: 0,
                resizing: None,
                moves: Moves::default(),
                relocations: 0,
                relocated_bytes: 0,
                violation: None,
                io_error: None,
            },
            granule,
            capacity_bytes,
            slots: Vec::new(),
            figures: Figures::new(request.source.summary().operations.total()),
            hasher: PlacementHasher::new(),
            from: None,
            to: None,
            operations: 0,
            begun: false,
        }
    }

    /// Index of the operation that is going on.
    pub(super) const fn operation(&self) -> u64 {
        self.watch.operation
    }

    /// Index of the operation that is going on, unless the allocator is still being made.
    pub(super) const fn begun(&self) -> Option<u64> {
        if self.begun { Some(self.watch.operation) } else { None }
    }

    /// The result of a replay whose allocator must not be looked at any more.
    pub(super) fn abandoned(&self, outcome: Outcome) -> Replayed {
        Replayed {
            operations: self.operations,
            heap_bytes: self.capacity_bytes,
            peak_live_requested_bytes: self.figures.peak_live_requested_bytes(),
            peak_live_bytes: self.figures.peak_live_bytes(),
            outcome,
            verified: self.watch.shadow.as_ref().map(|_| false),
            ..Replayed::default()
        }
    }

    pub(super) fn run<S: Strategy>(
        &mut self,
        request: &ReplayRequest<'_>,
    ) -> Result<Replayed, ReplayError> {
        let mut allocator = S::new(self.capacity_bytes, &request.config)?;
        self.begun = true;
        self.figures.begin(S::CAPABILITIES.kind, self.granule, &allocator.usage());
        let outcome = match self.replay(request, &mut allocator) {
            Ok(()) => Outcome::default(),
            Err(Stop::Outcome(outcome)) => *outcome,
            Err(Stop::Error(error)) => return Err(*error),
        };
        if !matches!(outcome.status, Status::Ok | Status::Oom) {
            return Ok(self.abandoned(outcome));
        }
        if let Err(violation) = self.check_all(&allocator, true) {
            let last = self.operations.checked_sub(1);
            let outcome = failed(Status::Invalid, last, format!("at the end: {violation}"));
            return Ok(self.abandoned(outcome));
        }
        let usage = allocator.usage();
        Ok(self.finish(&allocator, usage, outcome))
    }

    fn replay<S: Strategy>(
        &mut self,
        request: &ReplayRequest<'_>,
        allocator: &mut S,
    ) -> Result<(), Stop> {
        if let Some(operations) = request.source.operations() {
            for chunk in operations.chunks(heaplab_trace::CHUNK_OPERATIONS) {
                self.chunk(chunk, allocator)?;
            }
            return Ok(());
        }
        let trace = |error| Stop::from(ReplayError::Trace(error));
        let mut reader = request.source.open().map_err(trace)?;
        let mut chunk = Vec::new();
        while reader.next_chunk(&mut chunk).map_err(trace)? {
            self.chunk(&chunk, allocator)?;
        }
        Ok(())
    }

    fn chunk<S: Strategy>(&mut self, chunk: &[Operation], allocator: &mut S) -> Result<(), Stop> {
        for operation in chunk {
            let index = self.operations;
            self.watch.operation = index;
            if index.is_multiple_of(OPERATIONS_PER_CLOCK) {
                self.tick(index)?;
            }
            self.operation_on(operation, allocator)?;
            self.operations += 1;
            if self.watch.shadow.is_some() && self.operations.is_multiple_of(OPERATIONS_PER_CHECK) {
                self.check_all(allocator, false).map_err(|violation| self.invalid(violation))?;
            }
        }
        self.figures.note_metadata(&allocator.usage());
        Ok(())
    }

    /// Looks at the clock, and tells that it goes on.
    #[cold]
    fn tick(&mut self, index: u64) -> Result<(), Stop> {
        if self.watch.is_late() {
            let outcome = failed(Status::Timeout, Some(index), "its time ran out".into());
            return Err(Stop::Outcome(Box::new(outcome)));
        }
        let told = self.watch.observer.goes_on();
        told.map_err(|error| Stop::from(ReplayError::Observer(error)))
    }

    #[inline]
    fn operation_on<S: Strategy>(
        &mut self,
        operation: &Operation,
        allocator: &mut S,
    ) -> Result<(), Stop> {
        let slot = operation.slot() as usize;
        if slot >= self.slots.len() {
            self.slots.resize(slot + 1, Slot::default());
        }
        let before = self.slots[slot];
        self.watch.moves.begin_operation();
        (self.from, self.to) = (None, None);
        if !matches!(operation, Operation::Allocate { .. }) {
            self.figures.leave_peak();
        }
        let after = match *operation {
            Operation::Allocate { size, align, .. } => {
                self.allocate(operation.slot(), Request { size, align }, allocator)?
            }
            Operation::Resize { size, align, .. } => {
                self.resize(operation.slot(), Request { size, align }, allocator)?
            }
            Operation::Free { .. } => self.free(operation.slot(), allocator)?,
        };
        self.slots[slot] = after;
        let lengths = |slot: Slot| (slot.requested, slot.len);
        let change = Change {
            operation: self.operations,
            before: lengths(before),
            after: lengths(after),
            from: self.from,
            to: self.to,
        };
        self.figures.completed(&change, &self.watch.moves, allocator);
        self.objections()
    }

    #[inline]
    fn allocate<S: Strategy>(
        &mut self,
        slot: u32,
        request: Request,
        allocator: &mut S,
    ) -> Result<Slot, Stop> {
        let handle = match allocator.allocate(request, &mut self.watch) {
            Ok(handle) => handle,
            Err(error) => return Err(self.refused(request, &error, allocator)),
        };
        let block = self.placed(handle, request, allocator)?;
        if let Some(shadow) = &mut self.watch.shadow {
            // What went wrong while others were moved out of the way is the better message.
            let checked = match self.watch.violation.take() {
                Some(violation) => Err(violation),
                None => shadow.allocated(slot, block, request.align, self.operations),
            };
            checked.map_err(|violation| self.invalid(violation))?;
        }
        Ok(Slot { handle: Some(handle), requested: request.size, len: block.len })
    }

    #[inline]
    fn resize<S: Strategy>(
        &mut self,
        slot: u32,
        request: Request,
        allocator: &mut S,
    ) -> Result<Slot, Stop> {
        let handle = self.handle(slot)?;
        let block = allocator.block(handle);
        let before = block.ok_or_else(|| self.invalid(refused_handle(slot)))?;
        if let Some(shadow) = &mut self.watch.shadow {
            let len = self.granule.length_of(request.size).unwrap_or(u64::MAX);
            shadow.resizing(slot, len).map_err(|violation| self.invalid(violation))?;
        }
        self.from = Some(before);
        self.watch.resizing = Some(before);
        let result = allocator.resize(handle, request, &mut self.watch);
        self.watch.resizing = None;
        self.objections()?;
        if let Err(error) = result {
            if let Some(shadow) = &mut self.watch.shadow {
                let checked = shadow.resize_refused(slot, before);
                checked.map_err(|violation| self.invalid(violation))?;
            }
            return Err(self.refused(request, &error, allocator));
        }
        let block = self.placed(handle, request, allocator)?;
        if let Some(shadow) = &mut self.watch.shadow {
            let checked = shadow.resized(slot, block, request.align);
            checked.map_err(|violation| self.invalid(violation))?;
        }
        Ok(Slot { handle: Some(handle), requested: request.size, len: block.len })
    }

    #[inline]
    fn free<S: Strategy>(&mut self, slot: u32, allocator: &mut S) -> Result<Slot, Stop> {
        let handle = self.handle(slot)?;
        if let Some(shadow) = &mut self.watch.shadow {
            let block = allocator.block(handle);
            let checked = shadow.agree(slot, block).and_then(|()| shadow.free(slot));
            checked.map_err(|violation| self.invalid(violation))?;
        }
        if self.figures.wants_freed() {
            self.from = allocator.block(handle);
        }
        if allocator.free(handle, &mut self.watch).is_err() {
            return Err(self.invalid(refused_handle(slot)));
        }
        if self.watch.shadow.is_some() && allocator.block(handle).is_some() {
            return Err(
                self.invalid(format!("slot {slot}: its handle leads to a block after the free"))
            );
        }
        Ok(Slot::default())
    }

    /// Looks up, checks and records where an operation left its block.
    #[inline]
    fn placed<S: Strategy>(
        &mut self,
        handle: Handle,
        request: Request,
        allocator: &S,
    ) -> Result<Block, Stop> {
        let Some(mut block) = allocator.block(handle) else {
            return Err(self.invalid("the handle of a block just placed is refused".into()));
        };
        let len = self.granule.length_of(request.size);
        if S::CAPABILITIES.kind == Kind::Floor {
            // Floors keep no lengths.
            block.len = len.unwrap_or(request.size);
        } else if Some(block.len) != len {
            let text = format!("a block of {} bytes for a request of {}", block.len, request.size);
            return Err(self.invalid(text));
        }
        self.to = Some(block);
        self.hasher.push(self.operations, block);
        match self.watch.observer.placed(self.operations, block) {
            Ok(()) => Ok(block),
            Err(error) => Err(ReplayError::Observer(error).into()),
        }
    }

    #[cold]
    fn refused<S: Strategy>(
        &mut self,
        request: Request,
        error: &AllocError,
        allocator: &S,
    ) -> Stop {
        match self.objections() {
            Err(stop) => stop,
            Ok(()) => {
                let outcome = refused(self.operations, request, error, allocator, self.granule);
                Stop::Outcome(Box::new(outcome))
            }
        }
    }

    /// What watching the relocations of this operation has brought up.
    #[inline]
    fn objections(&mut self) -> Result<(), Stop> {
        if let Some(violation) = self.watch.violation.take() {
            return Err(self.invalid(violation));
        }
        match self.watch.io_error.take() {
            Some(error) => Err(ReplayError::Observer(error).into()),
            None => Ok(()),
        }
    }

    #[cold]
    fn invalid(&self, violation: String) -> Stop {
        Stop::Outcome(Box::new(failed(Status::Invalid, Some(self.operations), violation)))
    }

    #[inline]
    fn handle(&self, slot: u32) -> Result<Handle, Stop> {
        let handle = self.slots[slot as usize].handle;
        handle.ok_or_else(|| self.invalid(format!("slot {slot} is used while it is empty")))
    }

    fn check_all<S: Strategy>(&self, allocator: &S, with_bytes: bool) -> Result<(), String> {
        let Some(shadow) = &self.watch.shadow else { return Ok(()) };
        shadow.check_all(allocator, |slot| self.slots[slot as usize].handle, with_bytes)
    }

    fn finish<S: Strategy>(&mut self, allocator: &S, usage: Usage, outcome: Outcome) -> Replayed {
        self.figures.note_metadata(&usage);
        let mut replayed = self.abandoned(outcome);
        let (space, series, trends) = self.figures.finish(allocator, &usage);
        replayed.space = Some(space);
        replayed.series = series;
        replayed.trends = trends;
        replayed.relocations = Some(Relocations {
            blocks: self.watch.relocations,
            bytes: self.watch.relocated_bytes,
            compaction_bytes: usage.compaction_relocated_bytes,
            compactions: Some(usage.compactions),
        });
        replayed.placement_hash = Some(self.hasher.finish());
        replayed.usage = Some(usage);
        replayed.verified = self.watch.shadow.as_ref().map(Shadow::holds_payload);
        replayed
    }
}

fn refused_handle(slot: u32) -> String {
    format!("slot {slot}: its handle is refused while the block is live")
}
