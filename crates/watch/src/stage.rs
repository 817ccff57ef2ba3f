//! A strategy that replays a trace and can be looked at, whatever its type.

use heaplab_core::{
    AllocError, Config, Counter, Entry, Handle, Registry, Request, Strategy, StrategyList, Usage,
    Visitor,
};
use heaplab_trace::Operation;

use crate::WatchError;
use crate::history::{History, Point};
use crate::pulse::Pulse;

/// A strategy that takes part: its name in the registry, its granule and parameters.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its name in the registry.
    pub name: String,
    /// Its granule and parameters.
    pub config: Config,
    /// Beats while it is asked for something, for whoever watches that it answers.
    pub pulse: Pulse,
}

impl Part {
    /// A strategy with its granule and parameters.
    pub fn new(name: impl Into<String>, config: Config) -> Self {
        Self { name: name.into(), config, pulse: Pulse::default() }
    }
}

/// What an operation led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A block was placed, moved by a resize or freed; or nothing happens here any more.
    Ordinary,
    /// Blocks slid.
    Compacted,
    /// The request did not fit: the replay of this strategy ends here.
    Refused,
}

/// The request that did not fit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    pub(crate) index: u64,
    pub(crate) operation: Operation,
    pub(crate) error: AllocError,
}

/// A live block as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) offset: u64,
    pub(crate) len: u64,
    /// Index of the operation that made it.
    pub(crate) birth: u64,
    /// It lay elsewhere when it was looked at before.
    pub(crate) moved: bool,
}

/// A strategy on its way through a trace.
pub(crate) trait Stage {
    fn name(&self) -> &str;
    fn granule_bytes(&self) -> u64;
    fn capacity_bytes(&self) -> u64;
    /// Begins anew with an empty heap.
    fn reset(&mut self) -> Result<(), WatchError>;
    /// Performs the operation of this index.
    fn step(&mut self, index: u64, operation: &Operation) -> Event;
    fn usage(&self) -> Usage;
    /// Blocks and bytes moved so far, moving resizes included.
    fn moved(&self) -> (u64, u64);
    fn refusal(&self) -> Option<&Refusal>;
    fn history(&self) -> &History;
    /// The live blocks in no order; `moved` is about what happened since the last look.
    fn look(&mut self, spots: &mut Vec<Spot>);
}

/// Makes the stages and hands them to `then`. They live on the stack of the visits that know their types.
pub(crate) fn with_stages<L: StrategyList, R>(
    registry: &Registry<L>,
    parts: &[Part],
    capacity_bytes: u64,
    then: Then<'_, R>,
) -> Result<R, WatchError> {
    seat(registry, parts, capacity_bytes, Vec::new(), then)
}

type Then<'a, R> = &'a mut dyn FnMut(&mut [&mut dyn Stage]) -> Result<R, WatchError>;

fn seat<'a, L: StrategyList, R>(
    registry: &'a Registry<L>,
    parts: &'a [Part],
    capacity_bytes: u64,
    mut before: Vec<&'a mut (dyn Stage + 'a)>,
    then: Then<'a, R>,
) -> Result<R, WatchError> {
    let Some((part, rest)) = parts.split_first() else { return then(&mut before) };
    let mut seat = Seat { registry, part, rest, capacity_bytes, before, then, result: None };
    registry.visit(&part.name, &mut seat);
    let unknown = || Err(WatchError::UnknownStrategy { name: part.name.clone() });
    seat.result.unwrap_or_else(unknown)
}

struct Seat<'a, L, R> {
    registry: &'a Registry<L>,
    part: &'a Part,
    rest: &'a [Part],
    capacity_bytes: u64,
    before: Vec<&'a mut (dyn Stage + 'a)>,
    then: Then<'a, R>,
    result: Option<Result<R, WatchError>>,
}

impl<L: StrategyList, R> Visitor for Seat<'_, L, R> {
    fn visit<S: Strategy>(&mut self, _entry: Entry) {
        let mut player = match Player::<S>::new(self.part, self.capacity_bytes) {
            Ok(player) => player,
            Err(error) => {
                self.result = Some(Err(error));
                return;
            }
        };
        let mut all: Vec<&mut dyn Stage> = Vec::with_capacity(self.before.len() + 1);
        for stage in &mut self.before {
            all.push(&mut **stage);
        }
        all.push(&mut player);
        self.result =
            Some(seat(self.registry, self.rest, self.capacity_bytes, all, &mut *self.then));
    }
}

/// A block by its slot.
#[derive(Clone, Copy)]
struct Live {
    handle: Handle,
    len: u64,
    birth: u64,
    /// Its offset at the last look.
    seen: Option<u64>,
}

struct Player<'a, S> {
    part: &'a Part,
    wanted_bytes: u64,
    allocator: S,
    memory: Counter,
    slots: Vec<Option<Live>>,
    live_bytes: u64,
    refusal: Option<Refusal>,
    history: History,
}

impl<'a, S: Strategy> Player<'a, S> {
    fn new(part: &'a Part, wanted_bytes: u64) -> Result<Self, WatchError> {
        let capacity = wanted_bytes.min(S::CAPABILITIES.max_capacity_bytes.unwrap_or(u64::MAX));
        let made = part.pulse.around(|| S::new(capacity, &part.config));
        let allocator =
            made.map_err(|source| WatchError::Config { name: part.name.clone(), source })?;
        Ok(Self {
            part,
            wanted_bytes,
            allocator,
            memory: Counter::default(),
            slots: Vec::new(),
            live_bytes: 0,
            refusal: None,
            history: History::new(),
        })
    }

    fn len_of(&self, handle: Handle) -> u64 {
        self.allocator.block(handle).map_or(0, |block| block.len)
    }

    fn perform(&mut self, index: u64, operation: &Operation) -> Result<(), AllocError> {
        let slot = operation.slot() as usize;
        let live = self.slots.get(slot).copied().flatten();
        match (*operation, live) {
            (Operation::Allocate { size, align, .. }, _) => {
                let request = Request { size, align };
                let handle = self.allocator.allocate(request, &mut self.memory)?;
                let len = self.len_of(handle);
                self.live_bytes += len;
                if slot >= self.slots.len() {
                    self.slots.resize(slot + 1, None);
                }
                self.slots[slot] = Some(Live { handle, len, birth: index, seen: None });
            }
            (Operation::Resize { size, align, .. }, Some(mut live)) => {
                let request = Request { size, align };
                self.allocator.resize(live.handle, request, &mut self.memory)?;
                self.live_bytes -= live.len;
                live.len = self.len_of(live.handle);
                self.live_bytes += live.len;
                self.slots[slot] = Some(live);
            }
            (Operation::Free { .. }, Some(live)) => {
                let freed = self.allocator.free(live.handle, &mut self.memory);
                freed.map_err(AllocError::InvalidHandle)?;
                self.live_bytes -= live.len;
                self.slots[slot] = None;
            }
            // A source keeps the slot discipline.
            (Operation::Resize { .. } | Operation::Free { .. }, None) => {}
        }
        Ok(())
    }
}

impl<S: Strategy> Stage for Player<'_, S> {
    fn name(&self) -> &str {
        &self.part.name
    }

    fn granule_bytes(&self) -> u64 {
        self.allocator.granule().bytes()
    }

    fn capacity_bytes(&self) -> u64 {
        self.allocator.capacity_bytes()
    }

    fn reset(&mut self) -> Result<(), WatchError> {
        *self = Self::new(self.part, self.wanted_bytes)?;
        Ok(())
    }

    fn step(&mut self, index: u64, operation: &Operation) -> Event {
        if self.refusal.is_some() {
            return Event::Ordinary;
        }
        let before = self.memory.relocations;
        let part = self.part;
        if let Err(error) = part.pulse.around(|| self.perform(index, operation)) {
            self.refusal = Some(Refusal { index, operation: *operation, error });
            return Event::Refused;
        }
        let end_bytes = self.allocator.end_bytes().unwrap_or(self.live_bytes);
        self.history.push(Point { live_bytes: self.live_bytes, end_bytes });
        // A resize may move its own block without anything sliding.
        let moved = self.memory.relocations - before;
        let own = u64::from(matches!(operation, Operation::Resize { .. }));
        if moved > own { Event::Compacted } else { Event::Ordinary }
    }

    fn usage(&self) -> Usage {
        self.allocator.usage()
    }

    fn moved(&self) -> (u64, u64) {
        (self.memory.relocations, self.memory.relocated_bytes)
    }

    fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    fn history(&self) -> &History {
        &self.history
    }

    fn look(&mut self, spots: &mut Vec<Spot>) {
        spots.clear();
        for live in self.slots.iter_mut().flatten() {
            let Some(block) = self.allocator.block(live.handle) else { continue };
            let moved = live.seen.is_some_and(|seen| seen != block.offset);
            live.seen = Some(block.offset);
            spots.push(Spot { offset: block.offset, len: block.len, birth: live.birth, moved });
        }
    }
}
