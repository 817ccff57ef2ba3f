//! Which blocks keep the holes apart.

use std::collections::BTreeMap;

use heaplab_report::explain::{Pin, PinBlock, PinClass, PinGroup, PinSum, Pins};

use super::layout::{Gap, Layout};
use super::stage::{Live, Placed};

/// The most neighboring blocks that count as one place: where more stand together, none of them pins much.
const MAX_BLOCKS: usize = 8;

/// The most places that are shown one by one.
const MAX_SHOWN: usize = 8;

/// The most threads and call sites that are named.
const MAX_GROUPS: usize = 16;

/// What is known of live blocks by their slots.
#[derive(Clone, Copy)]
pub(super) struct Blocks<'a> {
    pub(super) live: &'a dyn Fn(u32) -> Option<Live>,
    /// Names of the call sites.
    pub(super) sites: &'a [String],
    /// Index of the operation at which ages are taken.
    pub(super) now: u64,
}

/// The name of a call site; a trace need not have one for each.
pub(super) fn site_name(sites: &[String], site: u32) -> String {
    sites.get(site as usize).cloned().unwrap_or_else(|| format!("call site {site}"))
}

/// A run of blocks between two gaps.
#[derive(Clone, Copy, Debug)]
struct Place {
    first: usize,
    count: usize,
    bytes: u64,
    before: u64,
    /// `None` for the wilderness of a heap without limit.
    behind: Option<u64>,
}

impl Place {
    fn keeps_apart(&self) -> u64 {
        self.behind.map_or(self.before, |behind| behind.min(self.before))
    }
}

/// The pins of a layout; the wilderness counts as endless where the heap has no limit.
pub(super) fn pins(layout: &Layout<'_>, is_unlimited: bool, blocks: Blocks<'_>) -> Pins {
    let mut places = places(layout, is_unlimited);
    places.sort_by_key(|place| (std::cmp::Reverse(place.keeps_apart()), place.bytes, place.first));
    let all: u64 = places.iter().map(Place::keeps_apart).sum();
    let mut telling = PinSum::default();
    for place in &places {
        if telling.keeps_apart_bytes.saturating_mul(2) >= all {
            break;
        }
        telling.places += 1;
        telling.blocks += count(place.count);
        telling.bytes += place.bytes;
        telling.keeps_apart_bytes += place.keeps_apart();
    }
    let chosen = &places[..usize::try_from(telling.places).unwrap_or(places.len())];
    let run = |place: &Place| place.first..place.first + place.count;
    let pinning = || chosen.iter().flat_map(|place| &layout.blocks[run(place)]);
    let facts = |block: &Placed| (blocks.live)(block.slot);
    let age = |block: &Placed| facts(block).map_or(0, |live| blocks.now - live.born);
    let thread = |block: &Placed| facts(block).and_then(|live| live.origin.thread);
    let site = |block: &Placed| facts(block).and_then(|live| live.origin.site);
    let site_name = |site: u32| site_name(blocks.sites, site);
    let show = |place: &Place| Pin {
        offset_bytes: layout.blocks[place.first].offset,
        bytes: place.bytes,
        hole_before_bytes: place.before,
        hole_behind_bytes: place.behind,
        keeps_apart_bytes: place.keeps_apart(),
        gain_bytes: place.bytes + place.keeps_apart(),
        blocks: layout.blocks[run(place)]
            .iter()
            .map(|block| PinBlock {
                slot: block.slot,
                bytes: block.len,
                operation: blocks.now - age(block),
                age_operations: age(block),
                thread: thread(block),
                call_site: site(block).map(site_name),
            })
            .collect(),
    };
    let all_blocks = || layout.blocks.iter();
    let binary = |bytes: u64| {
        let from = 1_u64 << bytes.max(1).ilog2();
        (from, from + (from - 1))
    };
    Pins {
        places: count(places.len()),
        keeps_apart_bytes: all,
        telling,
        largest: chosen.iter().take(MAX_SHOWN).map(show).collect(),
        by_size: classes(pinning(), all_blocks(), |block| binary(block.len)),
        by_age: classes(pinning(), all_blocks(), |block| decimal(age(block))),
        by_thread: groups(pinning(), all_blocks(), thread, |thread| thread.to_string()),
        by_call_site: groups(pinning(), all_blocks(), site, site_name),
    }
}

/// Every run of at most [`MAX_BLOCKS`] blocks between two gaps.
fn places(layout: &Layout<'_>, is_unlimited: bool) -> Vec<Place> {
    let mut places = Vec::new();
    let mut gaps = layout.gaps();
    let mut before = gaps.next().map_or(0, Gap::len);
    let (mut first, mut bytes) = (0, 0);
    for (at, (block, gap)) in layout.blocks.iter().zip(gaps).enumerate() {
        bytes += block.len;
        let is_last = at + 1 == layout.blocks.len();
        let behind = if is_last && is_unlimited { None } else { Some(gap.len()) };
        if behind == Some(0) {
            continue;
        }
        let place = Place { first, count: at + 1 - first, bytes, before, behind };
        if place.keeps_apart() > 0 && place.count <= MAX_BLOCKS {
            places.push(place);
        }
        (before, first, bytes) = (gap.len(), at + 1, 0);
    }
    places
}

/// The power of ten that a value lies in; what is below ten is one class.
fn decimal(value: u64) -> (u64, u64) {
    let Some(from) = value.checked_ilog10().filter(|&log| log > 0).map(|log| 10_u64.pow(log))
    else {
        return (0, 9);
    };
    (from, from.checked_mul(10).map_or(u64::MAX, |next| next - 1))
}

/// Counts the pinning blocks of each class that has any, beside all live blocks of the class.
fn classes<'a>(
    pinning: impl Iterator<Item = &'a Placed>,
    all: impl Iterator<Item = &'a Placed>,
    class: impl Fn(&Placed) -> (u64, u64),
) -> Vec<PinClass> {
    let mut found: BTreeMap<(u64, u64), PinClass> = BTreeMap::new();
    for block in pinning {
        let (from, to) = class(block);
        let entry = found.entry((from, to)).or_default();
        (entry.from, entry.to) = (from, to);
        entry.blocks += 1;
        entry.bytes += block.len;
    }
    for block in all {
        if let Some(entry) = found.get_mut(&class(block)) {
            entry.live_blocks += 1;
        }
    }
    found.into_values().collect()
}

/// The same by origin, most pinning blocks first; empty where no origin is known.
fn groups<'a>(
    pinning: impl Iterator<Item = &'a Placed>,
    all: impl Iterator<Item = &'a Placed>,
    key: impl Fn(&Placed) -> Option<u32>,
    name: impl Fn(u32) -> String,
) -> Vec<PinGroup> {
    let mut found: BTreeMap<Option<u32>, PinGroup> = BTreeMap::new();
    for block in pinning {
        let entry = found.entry(key(block)).or_default();
        entry.blocks += 1;
        entry.bytes += block.len;
    }
    if found.keys().all(Option::is_none) {
        return Vec::new();
    }
    for block in all {
        if let Some(entry) = found.get_mut(&key(block)) {
            entry.live_blocks += 1;
        }
    }
    let mut groups: Vec<_> = found.into_iter().collect();
    groups.sort_by_key(|(key, group)| (std::cmp::Reverse(group.blocks), *key));
    groups.truncate(MAX_GROUPS);
    let named = |(key, group): (Option<u32>, PinGroup)| PinGroup { name: key.map(&name), ..group };
    groups.into_iter().map(named).collect()
}

fn count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
