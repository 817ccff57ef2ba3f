//! The list of holes in the order in which LIFO searches them.

use heaplab_core::Hole;

/// The holes, most recent first.
#[derive(Clone, Debug)]
pub(super) struct Recency(Vec<Hole>);

impl Recency {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Hole> {
        self.0.iter().copied()
    }

    /// A block is placed; `heap_end` is the end of the last block before that.
    pub(super) fn place(&mut self, offset: u64, len: u64, heap_end: u64) {
        if offset >= heap_end {
            self.push(heap_end, offset);
            return;
        }
        let holds = |hole: &Hole| hole.offset <= offset && offset < hole.offset + hole.len;
        if let Some(index) = self.0.iter().position(holds) {
            let hole = self.0[index];
            let front = span(hole.offset, offset);
            let behind = span(offset + len, hole.offset + hole.len);
            self.0.splice(index..=index, front.into_iter().chain(behind));
        }
    }

    /// `[offset, end)` is freed; `heap_end` is the end of the last block after that.
    pub(super) fn free(&mut self, mut offset: u64, mut end: u64, heap_end: u64) {
        for hole in core::mem::take(&mut self.0) {
            if hole.offset + hole.len == offset {
                offset = hole.offset;
            } else if hole.offset == end {
                end = hole.offset + hole.len;
            } else {
                self.0.push(hole);
            }
        }
        if offset < heap_end {
            self.push(offset, end);
        }
    }

    /// A block grows in place from `old_end` to `end`.
    pub(super) fn grow(&mut self, old_end: u64, end: u64) {
        if let Some(index) = self.0.iter().position(|hole| hole.offset == old_end) {
            let hole = self.0[index];
            self.0.splice(index..=index, span(end, hole.offset + hole.len));
        }
    }

    fn push(&mut self, offset: u64, end: u64) {
        if let Some(hole) = span(offset, end) {
            self.0.insert(0, hole);
        }
    }
}

/// The hole `[offset, end)`, if it has any bytes.
fn span(offset: u64, end: u64) -> Option<Hole> {
    (offset < end).then(|| Hole { offset, len: end - offset })
}
