//! Robson's program: no allocator that never moves blocks serves it in less than his bound.

use heaplab_core::Block;
use heaplab_trace::{Operation, SlotPool, Source, SourceKind, TraceInfo};

use crate::adaptive::{AdaptiveGenerator, Placements};

/// The program that forces every non-moving allocator to at least [`Robson::bound_words`].
///
/// With `M` words live at most and blocks of up to `n` words, `n` a power of two, it fills the heap with
/// blocks of one word and then, for each power of two up to `n`, frees all but those blocks that stand in
/// the way of a larger block at a chosen residue, and fills up with blocks of that power.
///
/// ```text
/// allocate M blocks of size 1; f := 0
/// for i in 1..=log2 n:
///     P := 2^i
///     f := that one of f, f + P/2 that maximizes the sum over the blocks b that cover an address
///          congruent to f modulo P of (P - size of b)
///     free every block that covers no such address
///     allocate floor((M - live) / P) blocks of size P
/// ```
///
/// Source: Robson, "An Estimate of the Store Size Necessary for Dynamic Storage Allocation", JACM 18, 1971,
/// and "Bounds for Some Functions Concerning Dynamic Storage Allocation", JACM 21, 1974.
#[derive(Clone, Debug)]
pub struct Robson {
    max_live_words: u64,
    largest_words: u64,
    word_bytes: u64,
    pool: SlotPool,
    /// `2^i` words.
    power: u64,
    residue: u64,
    /// What is still to be done before the next power, the last first.
    pending: Vec<Pending>,
    is_over: bool,
}

#[derive(Clone, Copy, Debug)]
enum Pending {
    Free(u32),
    /// So many blocks of `power` words.
    Allocate(u64),
}

impl Robson {
    /// The program for `max_live_words` words live and blocks of up to `largest_words`, each of `word_bytes` bytes.
    ///
    /// `None` unless `largest_words` is a power of two, at most `max_live_words`, and no number is 0.
    #[must_use]
    pub fn new(max_live_words: u64, largest_words: u64, word_bytes: u64) -> Option<Self> {
        let is_sound = largest_words.is_power_of_two()
            && largest_words <= max_live_words
            && max_live_words.checked_mul(word_bytes)? > 0;
        is_sound.then(|| Self {
            max_live_words,
            largest_words,
            word_bytes,
            pool: SlotPool::new(),
            power: 1,
            residue: 0,
            pending: vec![Pending::Allocate(max_live_words)],
            is_over: false,
        })
    }

    /// `M (log2 n / 2 + 1) - n + 1` words, rounded up.
    #[must_use]
    pub fn bound_words(&self) -> u64 {
        let twice = self.max_live_words * (u64::from(self.largest_words.ilog2()) + 2);
        twice.div_ceil(2) + 1 - self.largest_words
    }

    /// Goes on to the next power of two.
    fn plan(&mut self, placements: &Placements) {
        if self.power >= self.largest_words {
            self.is_over = true;
            return;
        }
        let half = self.power;
        self.power *= 2;
        if self.weight(placements, self.residue + half) > self.weight(placements, self.residue) {
            self.residue += half;
        }
        let is_free_to_go = |block: &Block| !self.covers(block, self.residue);
        let mut freed = Vec::new();
        let mut live = placements.live_bytes();
        for (slot, block) in placements.blocks().filter(|(_, block)| is_free_to_go(block)) {
            freed.push(Pending::Free(slot));
            live -= block.len;
        }
        let room = (self.max_live_words * self.word_bytes).saturating_sub(live);
        self.pending.push(Pending::Allocate(room / (self.power * self.word_bytes)));
        self.pending.extend(freed.into_iter().rev());
    }

    /// Sum over the blocks in the way of a block at `residue` of what they lack to the power.
    fn weight(&self, placements: &Placements, residue: u64) -> u64 {
        placements
            .blocks()
            .filter(|(_, block)| self.covers(block, residue))
            .map(|(_, block)| self.power.saturating_sub(block.len / self.word_bytes))
            .sum()
    }

    /// Whether the block covers a word whose address is congruent to `residue` modulo the power.
    fn covers(&self, block: &Block, residue: u64) -> bool {
        let first = block.offset / self.word_bytes;
        let last = (block.end() - 1) / self.word_bytes;
        let until_residue = (residue + self.power - first % self.power) % self.power;
        first + until_residue <= last
    }
}

impl AdaptiveGenerator for Robson {
    fn trace_info(&self) -> TraceInfo {
        let Self { max_live_words, largest_words, word_bytes, .. } = self;
        let program =
            format!("robson M={max_live_words} n={largest_words} word_bytes={word_bytes}");
        let source = Source {
            kind: SourceKind::Generated,
            format: Some("robson".to_owned()),
            program: Some(program),
            lacks: ["time", "thread", "call site"].map(str::to_owned).to_vec(),
            ..Source::default()
        };
        TraceInfo { source, ..TraceInfo::named("robson") }
    }

    fn next(&mut self, placements: &Placements) -> Option<Operation> {
        while !self.is_over {
            match self.pending.pop() {
                Some(Pending::Free(slot)) => {
                    self.pool.give_back(slot);
                    return Some(Operation::Free { slot });
                }
                Some(Pending::Allocate(0)) => {}
                Some(Pending::Allocate(blocks)) => {
                    self.pending.push(Pending::Allocate(blocks - 1));
                    let size = self.power * self.word_bytes;
                    return Some(Operation::Allocate { slot: self.pool.take()?, size, align: 1 });
                }
                None => self.plan(placements),
            }
        }
        None
    }
}
