//! Threads and call sites, the heaviest told apart.

use std::collections::HashMap;

/// So many are told apart; a picture has no more colors than that.
const TOLD_APART: usize = 7;

/// What each thread or call site has allocated.
#[derive(Debug, Default)]
pub(super) struct Tally {
    bytes: HashMap<u32, u64>,
}

impl Tally {
    pub(super) fn add(&mut self, index: Option<u32>, bytes: u64) {
        if let Some(index) = index {
            let sum = self.bytes.entry(index).or_default();
            *sum = sum.saturating_add(bytes);
        }
    }

    pub(super) fn finish(self) -> Origins {
        let mut all: Vec<(u32, u64)> = self.bytes.into_iter().collect();
        all.sort_unstable_by_key(|&(index, bytes)| (std::cmp::Reverse(bytes), index));
        let has_others = all.len() > TOLD_APART;
        all.truncate(TOLD_APART);
        Origins { told_apart: all.into_iter().map(|(index, _)| index).collect(), has_others }
    }
}

/// Bytes that stand for threads or call sites.
#[derive(Debug, Default)]
pub(super) struct Origins {
    /// Heaviest first.
    told_apart: Vec<u32>,
    has_others: bool,
}

impl Origins {
    pub(super) const fn is_known(&self) -> bool {
        !self.told_apart.is_empty()
    }

    /// `k` for the k-th name, 0 for none.
    pub(super) fn byte(&self, index: Option<u32>) -> u8 {
        let Some(index) = index else { return 0 };
        let at = self.told_apart.iter().position(|it| *it == index);
        let others = if self.has_others { self.told_apart.len() + 1 } else { 0 };
        u8::try_from(at.map_or(others, |at| at + 1)).unwrap_or(0)
    }

    pub(super) fn names(&self, name: impl Fn(u32) -> String) -> Vec<String> {
        let mut names: Vec<String> = self.told_apart.iter().map(|index| name(*index)).collect();
        if self.has_others {
            names.push("all others".into());
        }
        names
    }
}
