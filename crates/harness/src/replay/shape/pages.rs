//! The pages that live blocks ever covered.

use heaplab_core::Block;
use heaplab_report::HeapShape;

/// Blocks that reach higher than this are not followed: a bit for each page below takes 32 MiB.
const LIMIT_BYTES: u64 = 1 << 40;

/// One bit for each page; unknown once a block reaches too high.
#[derive(Debug, Default)]
pub(super) struct Pages {
    words: Vec<u64>,
    count: u64,
    /// All pages before this one are covered.
    prefix: u64,
    is_unknown: bool,
}

impl Pages {
    pub(super) fn count(&self) -> Option<u64> {
        (!self.is_unknown).then_some(self.count)
    }

    #[inline]
    pub(super) fn cover(&mut self, block: Block) {
        if block.len == 0 {
            return;
        }
        if block.offset.checked_add(block.len).is_none_or(|end| end > LIMIT_BYTES) {
            self.is_unknown = true;
            return;
        }
        let first = block.offset / HeapShape::PAGE_BYTES;
        let behind = block.end().div_ceil(HeapShape::PAGE_BYTES);
        if behind > self.prefix {
            self.cover_pages(first, behind);
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "the limit keeps indexes below 2^22")]
    fn cover_pages(&mut self, first: u64, behind: u64) {
        let words_needed = behind.div_ceil(64) as usize;
        if words_needed > self.words.len() {
            self.words.resize(words_needed, 0);
        }
        let mut page = first.max(self.prefix);
        while page < behind {
            let bits = (behind - page).min(64 - page % 64);
            let mask = (u64::MAX >> (64 - bits)) << (page % 64);
            let word = &mut self.words[(page / 64) as usize];
            self.count += u64::from((mask & !*word).count_ones());
            *word |= mask;
            page += bits;
        }
        if first <= self.prefix {
            self.advance(behind);
        }
    }

    /// All pages before `behind` are covered; finds how far they go on so.
    fn advance(&mut self, behind: u64) {
        self.prefix = behind;
        while let Some(word) = self.words.get((self.prefix / 64) as usize) {
            let covered = u64::from((word >> (self.prefix % 64)).trailing_ones());
            self.prefix += covered;
            if covered == 0 || !self.prefix.is_multiple_of(64) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(blocks: &[(u64, u64)]) -> Vec<Option<u64>> {
        let mut pages = Pages::default();
        blocks
            .iter()
            .map(|&(offset, len)| {
                pages.cover(Block { offset, len });
                pages.count()
            })
            .collect()
    }

    #[test]
    fn a_page_counts_once_whoever_covers_it_and_however_little() {
        let blocks = [(0, 16), (4080, 16), (4090, 16), (4096 * 70, 1), (4096 * 3, 4096 * 200)];
        assert_eq!(counts(&blocks), [1, 1, 2, 3, 202].map(Some));
        // A gap is closed from either side.
        let blocks = [(4096, 4096 * 300), (0, 1), (8192, 1), (4096 * 301, 1), (4096 * 303, 1)];
        assert_eq!(counts(&blocks), [300, 301, 301, 302, 303].map(Some));
    }

    #[test]
    fn beyond_the_limit_nothing_is_known() {
        assert_eq!(counts(&[(0, 1), (LIMIT_BYTES, 1), (0, 1)]), [Some(1), None, None]);
        assert_eq!(counts(&[(u64::MAX, 2)]), [None]);
    }
}
