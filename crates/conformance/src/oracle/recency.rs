//! The list of holes in the order in which they came to be.

use heaplab_core::Hole;

/// Where what is left of a hole stands in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remainder {
    /// Where the hole stood; of two, the lower one first.
    Stays,
    /// At the front: it is a hole of another length. Of two, the higher one first.
    CountsAsNew,
}

/// The holes, most recent first.
#[derive(Clone, Debug)]
pub(super) struct Recency {
    holes: Vec<Hole>,
    remainder: Remainder,
}

impl Recency {
    pub(super) const fn new(remainder: Remainder) -> Self {
        Self { holes: Vec::new(), remainder }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Hole> {
        self.holes.iter().copied()
    }

    /// A block is placed; `heap_end` is the end of the last block before that.
    pub(super) fn place(&mut self, offset: u64, len: u64, heap_end: u64) {
        if offset >= heap_end {
            self.push(heap_end, offset);
            return;
        }
        let holds = |hole: &Hole| hole.offset <= offset && offset < hole.offset + hole.len;
        if let Some(index) = self.holes.iter().position(holds) {
            let hole = self.holes[index];
            let front = span(hole.offset, offset);
            let behind = span(offset + len, hole.offset + hole.len);
            self.leave(index, front, behind);
        }
    }

    /// `[offset, end)` is freed; `heap_end` is the end of the last block after that.
    pub(super) fn free(&mut self, mut offset: u64, mut end: u64, heap_end: u64) {
        for hole in core::mem::take(&mut self.holes) {
            if hole.offset + hole.len == offset {
                offset = hole.offset;
            } else if hole.offset == end {
                end = hole.offset + hole.len;
            } else {
                self.holes.push(hole);
            }
        }
        if offset < heap_end {
            self.push(offset, end);
        }
    }

    /// A block grows in place from `old_end` to `end`.
    pub(super) fn grow(&mut self, old_end: u64, end: u64) {
        if let Some(index) = self.holes.iter().position(|hole| hole.offset == old_end) {
            let hole = self.holes[index];
            self.leave(index, None, span(end, hole.offset + hole.len));
        }
    }

    /// Of the hole at `index` in the order, these parts are left.
    fn leave(&mut self, index: usize, front: Option<Hole>, behind: Option<Hole>) {
        match self.remainder {
            Remainder::Stays => {
                self.holes.splice(index..=index, front.into_iter().chain(behind));
            }
            Remainder::CountsAsNew => {
                self.holes.remove(index);
                self.holes.splice(0..0, behind.into_iter().chain(front));
            }
        }
    }

    fn push(&mut self, offset: u64, end: u64) {
        if let Some(hole) = span(offset, end) {
            self.holes.insert(0, hole);
        }
    }
}

/// The hole `[offset, end)`, if it has any bytes.
fn span(offset: u64, end: u64) -> Option<Hole> {
    (offset < end).then(|| Hole { offset, len: end - offset })
}
