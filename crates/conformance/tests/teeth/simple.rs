// A plain allocator that is correct, and that can be broken by a switch.
//
// It keeps one vector of segments, blocks and holes, in address order: another representation than the oracle's, so
// that the two can disagree. (No inner doc comment: documentation examples include this file.)

use std::sync::atomic::{AtomicU64, Ordering};

use heaplab_core::{
    AllocError, Allocator, Block, Capabilities, Config, ConfigError, Granule, Handle, Hole,
    InvalidHandle, Memory, Piece, Policy, Request, Shortage, Strategy, TAGS_PER_SLOT, Usage,
    align_up, fresh_tag_base,
};

/// How many were made, for the flaw of being different each time.
static MADE: AtomicU64 = AtomicU64::new(0);

/// What can be wrong with it.
pub(crate) mod flaw {
    pub(crate) const NONE: u32 = 0;
    pub(crate) const FORGETS_LEFT: u32 = 1;
    pub(crate) const FORGETS_RIGHT: u32 = 2;
    pub(crate) const OVERLAPS: u32 = 3;
    pub(crate) const OFF_BY_ONE_GRANULE: u32 = 4;
    pub(crate) const WRONG_TIE: u32 = 5;
    pub(crate) const LEAKS_ON_FAILED_RESIZE: u32 = 6;
    pub(crate) const ACCEPTS_STALE: u32 = 7;
    pub(crate) const ACCEPTS_FOREIGN: u32 = 8;
    pub(crate) const LOSES_LAST_HOLE: u32 = 9;
    pub(crate) const WRONG_USAGE: u32 = 10;
    pub(crate) const CORRUPTS_SLIDE: u32 = 11;
    pub(crate) const IGNORES_ALIGNMENT: u32 = 12;
    pub(crate) const MARKS_ON_REFUSAL: u32 = 13;
    pub(crate) const KEEPS_LAST_HOLE: u32 = 14;
    pub(crate) const FORGETS_COPY: u32 = 15;
    pub(crate) const DIFFERS: u32 = 16;
    pub(crate) const PANICS_AT_THE_TOP: u32 = 17;
    pub(crate) const LIES_IN_ERRORS: u32 = 18;
    pub(crate) const REUSES_HANDLES: u32 = 19;
    pub(crate) const MAKES_TINY_HEAPS: u32 = 20;
    pub(crate) const REMEMBERS_REFUSALS: u32 = 21;
    pub(crate) const SLIDES_BACKWARDS: u32 = 22;
    pub(crate) const REFUSES_WILDERNESS: u32 = 23;
    pub(crate) const WRONG_RELOCATION_LENGTH: u32 = 24;
    pub(crate) const ROUNDS_DOWN: u32 = 25;
    pub(crate) const WRAPS_TAGS: u32 = 26;
    pub(crate) const FORGETS_NEW_ALIGNMENT: u32 = 27;
    pub(crate) const KEEPS_TAIL: u32 = 28;
    pub(crate) const WRONG_WILDERNESS: u32 = 29;
    pub(crate) const LOW_WATER: u32 = 30;
    pub(crate) const COUNTS_COPIES: u32 = 31;
    pub(crate) const BROKEN_INSIDE: u32 = 32;
    pub(crate) const BEYOND_CAPACITY: u32 = 33;
    pub(crate) const LOSES_SKIPPED_FRONT: u32 = 34;
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    tag: u32,
    align: u64,
    live: bool,
}

#[derive(Clone, Copy, Debug)]
struct Segment {
    offset: u64,
    len: u64,
    slot: Option<u32>,
}

impl Segment {
    const fn end(&self) -> u64 {
        self.offset + self.len
    }
}

/// First fit, or with `SLIDES` compaction on demand, with one flaw; with `EXACT` it says so.
#[derive(Clone, Debug)]
pub(crate) struct Simple<const FLAW: u32, const SLIDES: bool = false, const EXACT: bool = true> {
    capacity: u64,
    granule: Granule,
    segments: Vec<Segment>,
    slots: Vec<Slot>,
    tag_base: u32,
    high_water: u64,
    compactions: u64,
    compacted: u64,
    is_odd: bool,
    was_refused: bool,
}

impl<const FLAW: u32, const SLIDES: bool, const EXACT: bool> Simple<FLAW, SLIDES, EXACT> {
    fn end(&self) -> u64 {
        self.segments.last().map_or(0, Segment::end)
    }

    fn live_bytes(&self) -> u64 {
        self.segments.iter().filter(|segment| segment.slot.is_some()).map(|s| s.len).sum()
    }

    fn slot_of(&self, handle: Handle) -> Result<u32, InvalidHandle> {
        let slot = self.slots.get(handle.index() as usize).ok_or(InvalidHandle::Foreign)?;
        let tag_is_right = handle.tag() == slot.tag || FLAW == flaw::ACCEPTS_STALE;
        if tag_is_right && slot.live {
            return Ok(handle.index());
        }
        let age = handle.tag().wrapping_sub(self.tag_base);
        let was_issued = age < slot.tag.wrapping_sub(self.tag_base);
        Err(if was_issued { InvalidHandle::Stale } else { InvalidHandle::Foreign })
    }

    fn segment_of(&self, slot: u32) -> usize {
        self.segments.iter().position(|segment| segment.slot == Some(slot)).unwrap()
    }

    fn check(&self, request: Request) -> Result<u64, AllocError> {
        let Request { size, align } = request;
        if !align.is_power_of_two() {
            return Err(AllocError::InvalidAlignment { align });
        }
        let too_large =
            AllocError::TooLarge { requested_bytes: size, capacity_bytes: self.capacity };
        let len = match self.granule.length_of(size) {
            Some(_) if FLAW == flaw::ROUNDS_DOWN => {
                self.granule.floor(size).max(self.granule.bytes())
            }
            Some(len) => len,
            None if FLAW == flaw::PANICS_AT_THE_TOP => panic!("attempt to add with overflow"),
            None => return Err(too_large),
        };
        if len <= self.capacity { Ok(len) } else { Err(too_large) }
    }

    fn shortage(&mut self, request: Request) -> AllocError {
        if FLAW == flaw::MARKS_ON_REFUSAL {
            self.high_water = self.capacity;
        }
        self.was_refused = true;
        let lie = if FLAW == flaw::LIES_IN_ERRORS { self.granule.bytes() } else { 0 };
        AllocError::OutOfMemory(Shortage {
            requested_bytes: request.size,
            free_bytes: self.capacity - self.live_bytes() + lie,
            largest_hole_bytes: self.usage().largest_hole_bytes,
            wilderness_bytes: Some(self.capacity - self.end()),
        })
    }

    /// Where a block goes in the free space `[start, end)`.
    fn fit(start: u64, end: u64, len: u64, align: u64) -> Option<u64> {
        let align = if FLAW == flaw::IGNORES_ALIGNMENT { 1 } else { align };
        let offset = align_up(start, align)?;
        (offset.checked_add(len)? <= end).then_some(offset)
    }

    fn search(&self, len: u64, align: u64) -> Option<u64> {
        let fit = |segment: &Segment| Self::fit(segment.offset, segment.end(), len, align);
        let mut offsets =
            self.segments.iter().filter(|segment| segment.slot.is_none()).filter_map(fit);
        let takes_last = FLAW == flaw::WRONG_TIE
            || (FLAW == flaw::DIFFERS && self.is_odd)
            || (FLAW == flaw::REMEMBERS_REFUSALS && self.was_refused);
        let hole = if SLIDES {
            None
        } else if takes_last {
            offsets.next_back()
        } else {
            offsets.next()
        };
        if FLAW == flaw::OFF_BY_ONE_GRANULE && hole.is_some() {
            let behind = hole? + self.granule.bytes();
            let holds = |segment: &Segment| {
                segment.slot.is_none() && segment.offset < behind && behind + len <= segment.end()
            };
            return if self.segments.iter().any(holds) { Some(behind) } else { hole };
        }
        let capacity = match FLAW {
            flaw::REFUSES_WILDERNESS => self.capacity - self.granule.bytes(),
            flaw::BEYOND_CAPACITY => self.capacity + self.granule.bytes(),
            _ => self.capacity,
        };
        hole.or_else(|| Self::fit(self.end(), capacity, len, align))
    }

    fn insert(&mut self, slot: u32, offset: u64, len: u64) {
        let end = self.end();
        if offset >= end {
            if offset > end {
                self.segments.push(Segment { offset: end, len: offset - end, slot: None });
            }
            self.segments.push(Segment { offset, len, slot: Some(slot) });
        } else {
            let index = self.segments.iter().rposition(|s| s.offset <= offset).unwrap();
            let hole = self.segments[index];
            let behind = if FLAW == flaw::OVERLAPS {
                offset + len - self.granule.bytes()
            } else {
                offset + len
            };
            let pieces = [
                Segment { len: offset - hole.offset, ..hole },
                Segment { offset, len, slot: Some(slot) },
                Segment { offset: behind, len: hole.end() - behind, slot: None },
            ];
            let is_lost = FLAW == flaw::LOSES_SKIPPED_FRONT && offset > hole.offset;
            let kept = pieces.into_iter().skip(usize::from(is_lost));
            self.segments.splice(index..=index, kept.filter(|segment| segment.len > 0));
        }
        self.high_water = self.high_water.max(offset + len);
    }

    /// Turns a segment into a hole and joins it with its neighbors.
    fn release(&mut self, mut index: usize) {
        self.segments[index].slot = None;
        let is_hole = |segments: &[Segment], at: usize| {
            segments.get(at).is_some_and(|segment| segment.slot.is_none())
        };
        if FLAW != flaw::FORGETS_RIGHT && is_hole(&self.segments, index + 1) {
            self.segments[index].len += self.segments.remove(index + 1).len;
        }
        if FLAW != flaw::FORGETS_LEFT && index > 0 && is_hole(&self.segments, index - 1) {
            let len = self.segments.remove(index).len;
            index -= 1;
            self.segments[index].len += len;
        }
        if FLAW != flaw::KEEPS_LAST_HOLE && index + 1 == self.segments.len() {
            self.segments.pop();
        }
    }

    fn slide(&mut self, memory: &mut dyn Memory) {
        let mut end = 0;
        let mut moves = Vec::new();
        let blocks = self.segments.iter().filter(|segment| segment.slot.is_some());
        let mut slid = Vec::new();
        for block in blocks.copied() {
            let slot = block.slot.unwrap();
            let to = align_up(end, self.slots[slot as usize].align).unwrap();
            if to > end {
                slid.push(Segment { offset: end, len: to - end, slot: None });
            }
            slid.push(Segment { offset: to, ..block });
            if to != block.offset {
                moves.push((block.offset, to, block.len));
            }
            end = to + block.len;
        }
        self.compactions += u64::from(!moves.is_empty());
        if FLAW == flaw::SLIDES_BACKWARDS {
            moves.reverse();
        }
        for (from, to, len) in moves {
            let shorter = u64::from(FLAW == flaw::WRONG_RELOCATION_LENGTH);
            memory.relocate(from, to, len - shorter);
            self.compacted = self.compacted.saturating_add(len);
        }
        if FLAW == flaw::CORRUPTS_SLIDE
            && let Some(segment) = slid.last_mut()
            && segment.end() < self.capacity
        {
            segment.offset += self.granule.bytes();
        }
        self.segments = slid;
    }

    fn resize_in_place(&mut self, index: usize, len: u64, align: u64) -> bool {
        let Segment { offset, len: old_len, slot } = self.segments[index];
        let room = match self.segments.get(index + 1) {
            None => self.capacity - offset,
            Some(hole) if hole.slot.is_none() => hole.end() - offset,
            Some(next) => next.offset - offset,
        };
        if !offset.is_multiple_of(align) || len > room {
            return false;
        }
        if FLAW != flaw::FORGETS_NEW_ALIGNMENT {
            self.slots[slot.unwrap() as usize].align = align;
        }
        if FLAW == flaw::KEEPS_TAIL && len < old_len {
            return true;
        }
        self.segments[index].len = len;
        if len < old_len {
            let tail = Segment { offset: offset + len, len: old_len - len, slot: None };
            self.segments.insert(index + 1, tail);
            self.release(index + 1);
        } else if let Some(hole) = self.segments.get_mut(index + 1)
            && hole.slot.is_none()
        {
            hole.offset += len - old_len;
            hole.len -= len - old_len;
            if hole.len == 0 {
                self.segments.remove(index + 1);
            }
        }
        if FLAW != flaw::LOW_WATER {
            self.high_water = self.high_water.max(offset + len);
        }
        true
    }

    fn resize_moving(
        &mut self,
        index: usize,
        len: u64,
        align: u64,
        memory: &mut dyn Memory,
    ) -> bool {
        let old = self.segments[index];
        let Some(to) = self.search(len, align) else { return false };
        let slot = old.slot.unwrap();
        self.insert(slot, to, len);
        if FLAW != flaw::FORGETS_COPY {
            memory.relocate(old.offset, to, len.min(old.len));
        }
        if FLAW == flaw::COUNTS_COPIES {
            self.compactions += 1;
            self.compacted += len.min(old.len);
        }
        self.slots[slot as usize].align = align;
        let index = self.segments.iter().position(|s| s.offset == old.offset).unwrap();
        self.release(index);
        true
    }

    /// Moves all blocks behind a block up, so that it can grow.
    fn lift(&mut self, index: usize, len: u64, align: u64, memory: &mut dyn Memory) -> bool {
        let block = self.segments[index];
        let mut lifted = vec![Segment { len, ..block }];
        let mut moves = Vec::new();
        let Some(mut end) = block.offset.checked_add(len) else { return false };
        for other in self.segments[index + 1..].iter().filter(|other| other.slot.is_some()) {
            let Some(to) = align_up(end, self.slots[other.slot.unwrap() as usize].align) else {
                return false;
            };
            if to > end {
                lifted.push(Segment { offset: end, len: to - end, slot: None });
            }
            lifted.push(Segment { offset: to, ..*other });
            if to != other.offset {
                moves.push((other.offset, to, other.len));
            }
            let Some(behind) = to.checked_add(other.len) else { return false };
            end = behind;
        }
        if end > self.capacity || !block.offset.is_multiple_of(align) {
            return false;
        }
        self.compactions += u64::from(!moves.is_empty());
        for (from, to, len) in moves.into_iter().rev() {
            memory.relocate(from, to, len);
            self.compacted = self.compacted.saturating_add(len);
        }
        self.slots[block.slot.unwrap() as usize].align = align;
        self.segments.truncate(index);
        self.segments.extend(lifted);
        self.high_water = self.high_water.max(end);
        true
    }
}

impl<const FLAW: u32, const SLIDES: bool, const EXACT: bool> Allocator
    for Simple<FLAW, SLIDES, EXACT>
{
    fn allocate(
        &mut self,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<Handle, AllocError> {
        let len = self.check(request)?;
        let mut offset = self.search(len, request.align);
        if offset.is_none() && SLIDES {
            let mut trial = self.clone();
            trial.slide(&mut ());
            if trial.search(len, request.align).is_some() {
                self.slide(memory);
                offset = self.search(len, request.align);
            }
        }
        let Some(offset) = offset else { return Err(self.shortage(request)) };
        let free_slot = self.slots.iter().position(|slot| !slot.live);
        let index = free_slot.unwrap_or(self.slots.len());
        if index == self.slots.len() {
            self.slots.push(Slot { tag: self.tag_base, align: 1, live: false });
        }
        let slot = &mut self.slots[index];
        (slot.live, slot.align) = (true, request.align);
        let handle = Handle::from_parts(u32::try_from(index).unwrap(), slot.tag).unwrap();
        self.insert(handle.index(), offset, len);
        Ok(handle)
    }

    fn free(&mut self, handle: Handle, _memory: &mut dyn Memory) -> Result<(), InvalidHandle> {
        let slot = self.slot_of(handle)?;
        let segment = self.segment_of(slot);
        let slot = &mut self.slots[slot as usize];
        slot.live = false;
        if FLAW != flaw::REUSES_HANDLES {
            slot.tag = slot.tag.wrapping_add(2);
        }
        if FLAW == flaw::WRAPS_TAGS && slot.tag.wrapping_sub(self.tag_base) == 256 {
            slot.tag = self.tag_base;
        }
        assert!(slot.tag.wrapping_sub(self.tag_base) < TAGS_PER_SLOT);
        self.release(segment);
        Ok(())
    }

    fn resize(
        &mut self,
        handle: Handle,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<(), AllocError> {
        let slot = self.slot_of(handle)?;
        let len = self.check(request)?;
        let align = request.align;
        let index = self.segment_of(slot);
        if self.resize_in_place(index, len, align) || self.resize_moving(index, len, align, memory)
        {
            return Ok(());
        }
        if SLIDES {
            let attempt = |heap: &mut Self, memory: &mut dyn Memory| {
                heap.slide(memory);
                let index = heap.segment_of(slot);
                heap.resize_in_place(index, len, align)
                    || heap.resize_moving(index, len, align, memory)
                    || heap.lift(index, len, align, memory)
            };
            if attempt(&mut self.clone(), &mut ()) {
                attempt(self, memory);
                return Ok(());
            }
        }
        let refusal = self.shortage(request);
        if FLAW == flaw::LEAKS_ON_FAILED_RESIZE
            && let Some(hole) = self.segments.iter_mut().find(|segment| segment.slot.is_none())
        {
            hole.slot = Some(slot);
        }
        Err(refusal)
    }

    fn block(&self, handle: Handle) -> Option<Block> {
        let segment = self.segments[self.segment_of(self.slot_of(handle).ok()?)];
        Some(Block { offset: segment.offset, len: segment.len })
    }

    fn walk(&self, visit: &mut dyn FnMut(Piece)) {
        let last_hole = self.segments.iter().rposition(|segment| segment.slot.is_none());
        for (index, segment) in self.segments.iter().enumerate() {
            let Segment { offset, len, slot } = *segment;
            match slot {
                Some(slot) => {
                    let handle = Handle::from_parts(slot, self.slots[slot as usize].tag).unwrap();
                    visit(Piece::Block(Block { offset, len }, handle));
                }
                None if FLAW == flaw::LOSES_LAST_HOLE && Some(index) == last_hole => {}
                None => visit(Piece::Hole(Hole { offset, len })),
            }
        }
    }

    fn usage(&self) -> Usage {
        let holes = || self.segments.iter().filter(|segment| segment.slot.is_none());
        let blocks = self.segments.len() - holes().count();
        let first_hole = holes().map(|hole| hole.len).next();
        let largest = holes().map(|hole| hole.len).max();
        let largest = if FLAW == flaw::WRONG_USAGE { first_hole } else { largest };
        Usage {
            live_bytes: self.live_bytes(),
            live_blocks: blocks as u64,
            high_water_bytes: Some(self.high_water),
            end_bytes: Some(self.end()),
            holes: Some(holes().count() as u64),
            largest_hole_bytes: Some(largest.unwrap_or(0)),
            wilderness_bytes: match FLAW {
                flaw::WRONG_WILDERNESS => Some(self.capacity - self.live_bytes()),
                _ => Some(self.capacity - self.end()),
            },
            metadata_used_bytes: None,
            metadata_reserved_bytes: None,
            compactions: self.compactions,
            compaction_relocated_bytes: self.compacted,
        }
    }

    fn capacity_bytes(&self) -> u64 {
        self.capacity
    }

    fn granule(&self) -> Granule {
        self.granule
    }

    fn check_invariants(&self) -> Result<(), String> {
        match self.segments.iter().filter(|segment| segment.slot.is_none()).count() {
            2.. if FLAW == flaw::BROKEN_INSIDE => Err("the second hole is not in the list".into()),
            _ => Ok(()),
        }
    }
}

impl<const FLAW: u32, const SLIDES: bool, const EXACT: bool> Strategy
    for Simple<FLAW, SLIDES, EXACT>
{
    const CAPABILITIES: Capabilities = Capabilities {
        description: "one vector of segments; for testing the judge",
        source: "none",
        package: "heaplab-conformance",
        version: env!("CARGO_PKG_VERSION"),
        relocates: SLIDES,
        policy: match (EXACT, SLIDES) {
            (false, _) => None,
            (true, false) => Some(Policy::FirstFit),
            (true, true) => Some(Policy::CompactOnDemand),
        },
        ..Capabilities::DEFAULT
    };

    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
        let granule = config.granule;
        let capacity = match config.check(capacity_bytes, &Self::CAPABILITIES) {
            Err(ConfigError::CapacityTooSmall { .. }) if FLAW == flaw::MAKES_TINY_HEAPS => {
                granule.bytes()
            }
            checked => checked?,
        };
        let fresh = fresh_tag_base();
        Ok(Self {
            capacity,
            granule,
            segments: Vec::new(),
            slots: Vec::new(),
            tag_base: if FLAW == flaw::ACCEPTS_FOREIGN { 2 } else { fresh },
            high_water: 0,
            compactions: 0,
            compacted: 0,
            is_odd: MADE.fetch_add(1, Ordering::Relaxed).is_multiple_of(2),
            was_refused: false,
        })
    }
}
