//! Real bytes behind a heap, with a pattern of its own in every block.

/// A buffer as long as the replay has needed so far, never as long as the capacity.
#[derive(Debug)]
pub(super) struct Payload {
    bytes: Vec<u8>,
    limit_bytes: u64,
}

/// The buffer would have to grow beyond its limit.
#[derive(Debug)]
pub(super) struct TooLong;

impl Payload {
    pub(super) const fn new(limit_bytes: u64) -> Self {
        Self { bytes: Vec::new(), limit_bytes }
    }

    /// Sees to it that the buffer reaches `end`.
    pub(super) fn reach(&mut self, end: u64) -> Result<(), TooLong> {
        if end <= self.bytes.len() as u64 {
            return Ok(());
        }
        if end > self.limit_bytes {
            return Err(TooLong);
        }
        let doubled = (self.bytes.len() as u64).saturating_mul(2).max(1 << 16);
        let len = usize::try_from(end.max(doubled.min(self.limit_bytes))).map_err(|_| TooLong)?;
        // Fresh zeros cost nothing until they are touched; growing in place would write them all.
        let mut longer = vec![0; len];
        longer[..self.bytes.len()].copy_from_slice(&self.bytes);
        self.bytes = longer;
        Ok(())
    }

    /// Moves bytes with the meaning of `memmove`; both ranges must have been reached.
    pub(super) fn relocate(&mut self, from: u64, to: u64, len: u64) {
        let (from, to) = (self.range(from, len), self.range(to, len));
        self.bytes.copy_within(from, to.start);
    }

    /// Writes the pattern of `seed` into the block at `offset`, from its byte `kept` to its byte `len`.
    pub(super) fn fill(&mut self, offset: u64, kept: u64, len: u64, seed: u64) {
        let range = self.range(offset, len);
        let block = &mut self.bytes[range];
        // Words are laid out from the block's start; the first one to be written may be kept in part.
        let first = kept.div_ceil(8);
        let begun = word(seed, kept / 8).to_le_bytes();
        let until = to_usize((first * 8).min(len));
        let skip = to_usize(kept % 8);
        let part = &mut block[to_usize(kept)..until];
        part.copy_from_slice(&begun[skip..skip + part.len()]);
        let (words, rest) = block[until..].as_chunks_mut::<8>();
        let mut index = first;
        for bytes in words {
            *bytes = word(seed, index).to_le_bytes();
            index += 1;
        }
        rest.copy_from_slice(&word(seed, index).to_le_bytes()[..rest.len()]);
    }

    /// The first byte, counted from the block's start, that differs from the pattern; `None` if all `len` hold it.
    pub(super) fn first_difference(&self, offset: u64, len: u64, seed: u64) -> Option<u64> {
        let block = &self.bytes[self.range(offset, len)];
        let (words, rest) = block.as_chunks::<8>();
        let wrong = first_wrong_word(words, seed).map(|index| {
            let bytes: &[u8] = &words[index];
            (index as u64, bytes)
        });
        let count = words.len() as u64;
        let last = word(seed, count).to_le_bytes();
        let (index, bytes) =
            wrong.or_else(|| (rest != &last[..rest.len()]).then_some((count, rest)))?;
        let expected = word(seed, index).to_le_bytes();
        let byte = bytes.iter().zip(expected).position(|(found, wanted)| *found != wanted)?;
        Some(index * 8 + byte as u64)
    }

    fn range(&self, offset: u64, len: u64) -> std::ops::Range<usize> {
        debug_assert!(offset + len <= self.bytes.len() as u64, "the buffer has been reached");
        to_usize(offset)..to_usize(offset + len)
    }
}

/// Index of the first word that differs from the pattern.
///
/// Stretches of words are compared without a branch in between, which lets the compiler take several at once.
fn first_wrong_word(words: &[[u8; 8]], seed: u64) -> Option<usize> {
    const STRETCH: usize = 64;
    for (number, stretch) in words.chunks(STRETCH).enumerate() {
        let mut expected = word(seed, (number * STRETCH) as u64);
        let mut differences = 0;
        for bytes in stretch {
            differences |= u64::from_le_bytes(*bytes) ^ expected;
            expected = expected.wrapping_add(STEP);
        }
        if differences != 0 {
            let first = number * STRETCH;
            let is_wrong =
                |&index: &usize| u64::from_le_bytes(words[index]) != word(seed, index as u64);
            return (first..first + stretch.len()).find(is_wrong);
        }
    }
    None
}

/// What each word of a pattern adds to the one before.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// The word at `index` of a block's pattern: an arithmetic progression, so it is cheap, and neither a shifted nor
/// another block's pattern agrees with it for long.
const fn word(seed: u64, index: u64) -> u64 {
    seed.wrapping_add(index.wrapping_mul(STEP))
}

#[expect(clippy::cast_possible_truncation, reason = "bounded by the length of the buffer")]
const fn to_usize(within_buffer: u64) -> usize {
    within_buffer as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_survives_moves_and_growth_and_every_damage_is_found() {
        let mut payload = Payload::new(1 << 20);
        for len in [1, 7, 8, 9, 64, 101, 1_100] {
            payload.reach(2_000).unwrap();
            payload.fill(3, 0, len, 42);
            payload.relocate(3, 5, len);
            assert_eq!(payload.first_difference(5, len, 42), None, "moved");
            let longer = len + 13;
            payload.fill(5, len, longer, 42);
            assert_eq!(payload.first_difference(5, longer, 42), None, "grown from {len}");
            assert!(payload.first_difference(5, len, 43).is_some(), "another seed");
            for byte in 0..longer {
                payload.bytes[to_usize(5 + byte)] ^= 1;
                assert_eq!(payload.first_difference(5, longer, 42), Some(byte));
                payload.bytes[to_usize(5 + byte)] ^= 1;
            }
        }
    }

    #[test]
    fn the_buffer_keeps_its_bytes_and_its_limit() {
        let mut payload = Payload::new(1 << 20);
        payload.reach(10).unwrap();
        payload.fill(0, 0, 10, 7);
        payload.reach(1 << 20).unwrap();
        assert_eq!(payload.first_difference(0, 10, 7), None);
        assert!(payload.reach((1 << 20) + 1).is_err());
    }
}
