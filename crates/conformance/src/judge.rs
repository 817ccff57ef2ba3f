//! The judge: performs operations on an allocator and compares everything that can be observed with what must be.

mod outcome;
mod state;

use std::collections::{HashMap, HashSet};

use heaplab_core::{
    AllocError, Block, Config, ConfigError, Handle, InvalidHandle, Kind, Piece, Request, Strategy,
    Usage,
};

use crate::finding::draw;
use crate::oracle::Oracle;
use crate::walk::pieces_of;
use crate::witness::Witness;
use crate::{Fault, Finding, Op};

/// Performs `operations` on a new allocator and checks it after each of them.
///
/// # Errors
///
/// The first [`Finding`]; [`Fault::WrongConfiguration`] if the strategy cannot be made.
pub fn judge<S: Strategy>(
    operations: &[Op],
    capacity_bytes: u64,
    config: &Config,
) -> Result<(), Finding> {
    judge_checking::<S>(operations, capacity_bytes, config, 1)
}

/// [`judge`], with the checks that cost a walk only once in `interval` operations.
pub(crate) fn judge_checking<S: Strategy>(
    operations: &[Op],
    capacity_bytes: u64,
    config: &Config,
    interval: usize,
) -> Result<(), Finding> {
    let made = match Judge::<S>::new(capacity_bytes, config) {
        Err(error) if is_beyond_a_peer::<S>(&error) => return Ok(()),
        made => made,
    };
    let judge = made.map_err(|error| Finding {
        operation_index: 0,
        operation: None,
        fault: Box::new(Fault::WrongConfiguration(format!("cannot be made: {error}"))),
        before: String::new(),
        after: String::new(),
    })?;
    let mut judge = judge.checking_every(interval);
    operations.iter().try_for_each(|operation| judge.step(*operation))?;
    judge.finish()
}

/// Whether a heap is one that a published allocator may decline: too small for its bookkeeping, or larger than it says
/// it can manage. Strategies manage every heap.
fn is_beyond_a_peer<S: Strategy>(error: &ConfigError) -> bool {
    S::CAPABILITIES.kind == Kind::Peer
        && matches!(
            error,
            ConfigError::CapacityBelowMinimum { .. } | ConfigError::CapacityTooLarge { .. }
        )
}

/// A live block as its owner knows it.
#[derive(Clone, Copy, Debug)]
struct Owned {
    id: u64,
    handle: Handle,
    /// The same block's handle in the twin.
    twin: Handle,
    align: u64,
}

/// An allocator under judgment: step by step, for those who have operations from elsewhere.
///
/// Beside the subject it drives an oracle, if the subject declares an exact policy, and a twin: a second allocator
/// that gets only the requests that succeeded. The twin's handles are the foreign ones, and that it ends up equal
/// shows that results depend on nothing but the operations, and that refusals leave no trace.
#[derive(Debug)]
pub struct Judge<S> {
    subject: S,
    twin: S,
    oracle: Option<Oracle>,
    witness: Witness,
    owned: Vec<Owned>,
    ids: HashMap<Handle, u64>,
    freed: Vec<Handle>,
    issued: HashSet<Handle>,
    high_water: u64,
    compaction_bytes: u64,
    operation_index: usize,
    check_interval: usize,
    /// Whether it shows its holes. One that does not is held to what a user of its blocks can see: not to where they
    /// go, nor to how much fits.
    shows_holes: bool,
    /// What the last check saw.
    pieces: Vec<Piece>,
    usage: Usage,
}

impl<S: Strategy> Judge<S> {
    /// Makes the allocator and its twin.
    ///
    /// # Errors
    ///
    /// The strategy's own.
    pub fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
        let subject = S::new(capacity_bytes, config)?;
        let twin = S::new(capacity_bytes, config)?;
        let (capacity, granule) = (config.granule.floor(capacity_bytes), config.granule);
        let usage = subject.usage();
        Ok(Self {
            subject,
            twin,
            oracle: S::CAPABILITIES.policy.map(|policy| Oracle::new(policy, capacity, granule)),
            witness: Witness::new(capacity, granule),
            owned: Vec::new(),
            ids: HashMap::new(),
            freed: Vec::new(),
            issued: HashSet::new(),
            high_water: 0,
            compaction_bytes: 0,
            operation_index: 0,
            check_interval: 1,
            shows_holes: usage.holes.is_some(),
            pieces: Vec::new(),
            usage,
        })
    }

    /// The same, with the checks that cost a walk only once in `operations` operations; placements, relocations and
    /// contents are still compared at each.
    #[must_use]
    pub const fn checking_every(mut self, operations: usize) -> Self {
        self.check_interval = operations;
        self
    }

    /// The allocator.
    pub const fn subject(&self) -> &S {
        &self.subject
    }

    /// The number of live blocks.
    #[must_use]
    pub fn live_blocks(&self) -> usize {
        self.owned.len()
    }

    /// Performs one operation.
    ///
    /// # Errors
    ///
    /// The first [`Finding`]; the judge is of no use afterwards.
    pub fn step(&mut self, operation: Op) -> Result<(), Finding> {
        let result = match operation {
            Op::Allocate(request) => self.allocate(request),
            Op::Free(index) => self.owned_at(index).map_or(Ok(false), |index| self.free(index)),
            Op::Resize(index, request) => {
                self.owned_at(index).map_or(Ok(false), |index| self.resize(index, request))
            }
            Op::Stale(index) => self.use_stale(index),
            Op::Foreign(index) => {
                let twin = self.owned_at(index).map(|index| self.owned[index].twin);
                twin.map_or(Ok(true), |twin| self.use_foreign(twin))
            }
        };
        let due = self.operation_index.is_multiple_of(self.check_interval);
        result
            .and_then(|refused| if due { self.check_state(refused) } else { Ok(()) })
            .map_err(|fault| self.finding(Some(operation), fault))?;
        self.operation_index += 1;
        Ok(())
    }

    /// Uses handles that other allocators issued; they must be refused in every way.
    pub(crate) fn refuse_foreign(&mut self, handles: &[Handle]) -> Result<(), Finding> {
        let refused = handles.iter().try_for_each(|handle| self.use_foreign(*handle).map(drop));
        refused.and_then(|()| self.check_state(true)).map_err(|fault| self.finding(None, fault))
    }

    /// Checks the contents of all blocks, frees them, and allocates the whole capacity in one piece.
    ///
    /// # Errors
    ///
    /// The first [`Finding`].
    pub fn finish(mut self) -> Result<(), Finding> {
        self.end().map_err(|fault| self.finding(None, fault))
    }

    fn end(&mut self) -> Result<(), Fault> {
        self.check_state(true)?;
        for owned in &self.owned {
            self.witness.verify_block(owned.id)?;
        }
        // Not in the order of the allocations: every second one first, so that holes of every kind are closed.
        while !self.owned.is_empty() {
            let index = (self.owned.len() * 2 / 3).min(self.owned.len() - 1);
            self.free(index)?;
            if self.owned.len().is_multiple_of(self.check_interval) {
                self.check_state(false)?;
            }
        }
        let whole = Request::new(self.subject.capacity_bytes());
        if self.allocate(whole)? && self.shows_holes {
            return Err(Fault::ChangedOnRefusal { what: "an empty heap" });
        }
        self.check_state(false)
    }

    fn finding(&self, operation: Option<Op>, fault: Fault) -> Finding {
        let (capacity, granule) = (self.subject.capacity_bytes(), self.subject.granule());
        Finding {
            operation_index: self.operation_index,
            operation,
            fault: Box::new(fault),
            before: draw(&self.pieces, capacity, granule),
            after: draw(&pieces_of(&self.subject), capacity, granule),
        }
    }

    fn owned_at(&self, index: usize) -> Option<usize> {
        index.checked_rem(self.owned.len())
    }

    /// Allocates; says whether the request was refused.
    fn allocate(&mut self, request: Request) -> Result<bool, Fault> {
        let id = self.issued.len() as u64;
        let expected = self.oracle.as_mut().map(|oracle| oracle.allocate(id, request));
        let result = self.subject.allocate(request, &mut self.witness);
        let relocations = self.witness.take_relocations()?;
        let handle = match result {
            Ok(handle) => handle,
            Err(error) => {
                let possible = self.shows_holes && self.fits_wilderness(request);
                return self.refused(request, error, expected, &relocations, possible);
            }
        };
        if !self.issued.insert(handle) {
            return Err(Fault::HandleReused(handle));
        }
        let block = self.block_of(handle)?;
        self.check_block(block, request)?;
        self.check_effect(expected, block, &relocations)?;
        if !S::CAPABILITIES.relocates && !relocations.is_empty() {
            return Err(Fault::WrongRelocations { expected: Vec::new(), found: relocations });
        }
        self.witness.place(id, block)?;
        self.high_water = self.high_water.max(block.end());
        let twin = self
            .twin
            .allocate(request, &mut ())
            .map_err(|_| Fault::Nondeterministic { what: "the refusal of an allocation" })?;
        self.check_twin(twin, block)?;
        self.ids.insert(handle, id);
        self.owned.push(Owned { id, handle, twin, align: request.align });
        Ok(false)
    }

    fn free(&mut self, index: usize) -> Result<bool, Fault> {
        let Owned { id, handle, twin, .. } = self.owned.remove(index);
        let expected = self.oracle.as_mut().and_then(|oracle| oracle.free(id).ok());
        self.witness.verify_block(id)?;
        self.witness.forget(id);
        self.subject.free(handle, &mut self.witness).map_err(Fault::LiveRefused)?;
        let found = self.witness.take_relocations()?;
        let expected = match expected {
            Some(effect) => {
                self.compaction_bytes =
                    self.compaction_bytes.saturating_add(effect.compaction_bytes);
                effect.relocations
            }
            None if S::CAPABILITIES.relocates => found.clone(),
            None => Vec::new(),
        };
        if found != expected {
            return Err(Fault::WrongRelocations { expected, found });
        }
        self.ids.remove(&handle);
        self.freed.push(handle);
        if self.subject.block(handle).is_some() {
            return Err(Fault::StaleAccepted("block"));
        }
        self.twin
            .free(twin, &mut ())
            .map_err(|_| Fault::Nondeterministic { what: "the refusal of a free" })?;
        Ok(false)
    }

    fn resize(&mut self, index: usize, request: Request) -> Result<bool, Fault> {
        let Owned { id, handle, twin, .. } = self.owned[index];
        let old = self.witness.block(id).unwrap_or(Block { offset: 0, len: 0 });
        let stays = self.can_stay(old, request);
        let expected = self.oracle.as_mut().map(|oracle| oracle.resize(id, request));
        let new_len = self.subject.granule().length_of(request.size).unwrap_or(u64::MAX);
        self.witness.expect_resize(id, new_len);
        let result = self.subject.resize(handle, request, &mut self.witness);
        let relocations = self.witness.take_relocations()?;
        if let Err(error) = result {
            self.witness.resize_refused();
            let possible = self.shows_holes && (stays || self.fits_wilderness(request));
            return self.refused(request, error, expected, &relocations, possible);
        }
        let block = self.block_of(handle)?;
        self.check_block(block, request)?;
        self.check_effect(expected, block, &relocations)?;
        if !self.shows_holes {
            outcome::check_opaque_resize(old, block, relocations)?;
        } else if !S::CAPABILITIES.relocates {
            outcome::check_simple_resize(old, block, stays, relocations)?;
        }
        self.witness.resized(id, block)?;
        self.high_water = self.high_water.max(block.end());
        self.owned[index].align = request.align;
        self.twin
            .resize(twin, request, &mut ())
            .map_err(|_| Fault::Nondeterministic { what: "the refusal of a resize" })?;
        self.check_twin(twin, block)?;
        Ok(false)
    }

    fn use_stale(&mut self, index: usize) -> Result<bool, Fault> {
        if let Some(index) = index.checked_rem(self.freed.len()) {
            let handle = self.freed[index];
            self.use_invalid(handle, InvalidHandle::Stale, Fault::StaleAccepted)?;
        }
        Ok(true)
    }

    /// Uses another allocator's handle in every way; all must be refused.
    fn use_foreign(&mut self, handle: Handle) -> Result<bool, Fault> {
        self.use_invalid(handle, InvalidHandle::Foreign, Fault::ForeignAccepted)?;
        Ok(true)
    }

    fn use_invalid(
        &mut self,
        handle: Handle,
        expected: InvalidHandle,
        accepted: fn(&'static str) -> Fault,
    ) -> Result<(), Fault> {
        let wrong = |found| Err(Fault::WrongInvalidHandle { expected, found });
        if self.subject.block(handle).is_some() {
            return Err(accepted("block"));
        }
        match self.subject.resize(handle, Request::new(1), &mut self.witness) {
            Ok(()) => return Err(accepted("resize")),
            Err(AllocError::InvalidHandle(found)) if found != expected => return wrong(found),
            Err(AllocError::InvalidHandle(_)) => {}
            Err(error) => {
                let truth = AllocError::InvalidHandle(expected);
                return Err(Fault::UntrueError { error, truth });
            }
        }
        match self.subject.free(handle, &mut self.witness) {
            Ok(()) => return Err(accepted("free")),
            Err(found) if found != expected => return wrong(found),
            Err(_) => {}
        }
        if self.witness.take_relocations()?.is_empty() {
            Ok(())
        } else {
            Err(Fault::ChangedOnRefusal { what: "the memory" })
        }
    }

    fn block_of(&self, handle: Handle) -> Result<Block, Fault> {
        self.subject.block(handle).ok_or(Fault::LiveRefused(InvalidHandle::Stale))
    }

    fn check_twin(&self, twin: Handle, block: Block) -> Result<(), Fault> {
        if self.twin.block(twin) == Some(block) {
            Ok(())
        } else {
            Err(Fault::Nondeterministic { what: "a placement" })
        }
    }
}

/// Whether two walks are equal but for the handles.
fn same_shape(one: &[Piece], other: &[Piece]) -> bool {
    let shape = |piece: &Piece| (piece.offset(), piece.len(), matches!(piece, Piece::Hole(_)));
    one.iter().map(shape).eq(other.iter().map(shape))
}
