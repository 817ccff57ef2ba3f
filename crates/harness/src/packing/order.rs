//! Orders in which buffers are placed: the greedy heuristics.

use super::lowest_fit::Item;

/// A rule by which the difficult buffers come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The largest first, and of those the longest-lived.
    Size,
    /// The largest product of size and lifetime first.
    Area,
    /// The longest-lived first, and of those the largest.
    Lifetime,
    /// Those that stand when most bytes are live first, and of those the largest.
    ContentionSize,
    /// Those that stand when most bytes are live first, and of those the longest-lived.
    ContentionLifetime,
    /// In order of time.
    Beginning,
}

impl Order {
    /// The most promising first: where time is short, only the first are tried.
    pub(super) const ALL: [Self; 6] = [
        Self::ContentionSize,
        Self::Size,
        Self::Lifetime,
        Self::Area,
        Self::ContentionLifetime,
        Self::Beginning,
    ];

    /// The words for it in reports.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Size => "largest first",
            Self::Area => "largest size x lifetime first",
            Self::Lifetime => "longest-lived first",
            Self::ContentionSize => "most contended first, then largest",
            Self::ContentionLifetime => "most contended first, then longest-lived",
            Self::Beginning => "in order of time",
        }
    }

    /// The items' indices in this order; ties go to the earlier item. `contention` is from [`contention`].
    pub(super) fn of(self, items: &[Item], contention: &[u64]) -> Vec<u32> {
        let lifetime = |item: &Item| u64::from(item.upper - item.lower);
        let key = |index: u32| -> (u128, u128) {
            let item = &items[index as usize];
            let (len, lifetime) = (item.len.into(), lifetime(item).into());
            let contention = || contention[index as usize].into();
            match self {
                Self::Size => (len, lifetime),
                Self::Area => (len * lifetime, len),
                Self::Lifetime => (lifetime, len),
                Self::ContentionSize => (contention(), len),
                Self::ContentionLifetime => (contention(), lifetime),
                Self::Beginning => (0, 0),
            }
        };
        let mut order: Vec<u32> = (0..).take(items.len()).collect();
        order.sort_by_cached_key(|&index| std::cmp::Reverse(key(index)));
        order
    }
}

/// For each item, the most bytes that are live at any beginning within its time.
pub(super) fn contention(items: &[Item]) -> Vec<u64> {
    let mut ends: Vec<u64> = vec![0; items.len() + 1];
    for item in items {
        ends[item.upper as usize] = ends[item.upper as usize].saturating_add(item.len);
    }
    let mut live = 0_u64;
    let live_at = items.iter().zip(&ends).map(|(item, &ended)| {
        live = live.saturating_sub(ended).saturating_add(item.len);
        live
    });
    let most = Most::new(live_at.collect());
    items.iter().map(|item| most.between(item.lower as usize, item.upper as usize)).collect()
}

/// Answers which of a stretch of values is largest: for each power of two, the maximum of so many from each on.
struct Most {
    levels: Vec<Vec<u64>>,
}

impl Most {
    fn new(values: Vec<u64>) -> Self {
        let mut levels = vec![values];
        let mut width = 1;
        while let Some(last) = levels.last()
            && last.len() > width
        {
            let wider = last.iter().zip(&last[width..]).map(|(a, b)| *a.max(b)).collect();
            levels.push(wider);
            width *= 2;
        }
        Self { levels }
    }

    /// The largest value from `from` up to but not including `to`, which is above it.
    fn between(&self, from: usize, to: usize) -> u64 {
        let level = (to - from).ilog2();
        let values = &self.levels[level as usize];
        values[from].max(values[to - (1 << level)])
    }
}
