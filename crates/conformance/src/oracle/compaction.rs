//! Sliding blocks down, and making room in the middle by moving blocks up.

use heaplab_core::{Block, Policy, align_up};

use super::{Effect, Live, Oracle, Relocation};

impl Oracle {
    /// Whether the policy may move blocks other than a resized one.
    pub(super) const fn compacts(&self) -> bool {
        matches!(self.policy, Policy::CompactOnDemand | Policy::CompactEager | Policy::CompactFit)
    }

    /// Slides the blocks from `index` on towards the one before them, in ascending order.
    pub(super) fn slide_from(&mut self, index: usize) -> Vec<Relocation> {
        let mut relocations = Vec::new();
        let mut end = if index == 0 { 0 } else { self.live[index - 1].end() };
        for live in &mut self.live[index..] {
            // A block stands at a suitable offset above `end`, so rounding up cannot pass it, let alone overflow.
            let to = align_up(end, live.align).unwrap_or(live.offset);
            if to != live.offset {
                relocations.push(Relocation { from: live.offset, to, len: live.len });
            }
            live.offset = to;
            end = live.end();
        }
        relocations
    }

    /// Grows a block where it stands by moving all blocks behind it up, in descending order.
    pub(super) fn resize_lifting_others(
        &mut self,
        index: usize,
        len: u64,
        align: u64,
    ) -> Option<Effect> {
        let block = Block { offset: self.live[index].offset, len };
        if !block.offset.is_multiple_of(align) {
            return None;
        }
        let mut end = block.offset.checked_add(len)?;
        let mut lifted: Vec<Live> = Vec::new();
        for live in &self.live[index + 1..] {
            let offset = align_up(end, live.align)?;
            end = offset.checked_add(live.len)?;
            lifted.push(Live { offset, ..*live });
        }
        if end > self.capacity {
            return None;
        }
        let moves = self.live[index + 1..].iter().zip(&lifted).rev();
        let relocations = moves
            .map(|(old, new)| Relocation { from: old.offset, to: new.offset, len: new.len })
            .filter(|relocation| relocation.from != relocation.to)
            .collect();
        self.live.truncate(index + 1);
        self.live[index].len = len;
        self.live[index].align = align;
        self.live.append(&mut lifted);
        self.high_water = self.high_water.max(end);
        Some(Effect::compacting(block, relocations))
    }
}
