use std::collections::BTreeMap;
use std::io;

use heaplab_core::{Block, Config, Granule, Strategy};
use heaplab_report::{HeapShape, ShapeClass, SizeShape, Trend};
use heaplab_trace::{Operation, Trace};

use super::strategies::{FirstFit, SLIDES, SOUND};
use super::{busy_trace, trace};
use crate::{Observer, ReplayRequest, Replayed, floor, replay};

fn replayed<S: Strategy>(trace: &Trace, granule: u64) -> Replayed {
    let mut request = ReplayRequest::new(trace);
    request.config = Config::new().with_granule(Granule::new(granule).unwrap());
    replay::<S>(&request, &mut ()).unwrap()
}

/// Holes of 1, 1, 2, 4 and 8 KiB, each with a block of 1 KiB behind it, and at the end a block of 43 KiB. The blocks
/// between the holes are half full.
///
/// `-x-x--x----x--------xxxx…x`
const DRAWN: &str = "+0 1024, +1 512, +2 1024, +3 512, +4 2048, +5 512, +6 4096, +7 512, +8 8192, +9 512, \
                     -0, -2, -4, -6, -8, +0 44032";

#[test]
fn every_measure_of_a_drawn_heap_is_as_computed_by_hand_at_the_peak() {
    let replayed = replayed::<FirstFit<SOUND>>(&trace(DRAWN), 1024);
    let space = replayed.space.unwrap();
    // 48 KiB are live, 5 KiB of them in blocks of which half was asked for; the last one ends at 64 KiB.
    assert_eq!(space.fragmentation.unwrap().jw2, Some(16.0 / 48.0));
    // 16 pages; two of them lie in the hole from 12 to 20 KiB.
    assert_eq!(space.touched_pages, Some(16));
    let class = |from_bytes, holes, bytes| ShapeClass { from_bytes, holes, bytes };
    let size = |unusable_index, fragmentation_index| {
        Some(SizeShape {
            unusable_index,
            fragmentation_index: Some(fragmentation_index),
            unserved_ratio: None,
        })
    };
    let expected = HeapShape {
        internal_ratio: Some(0.054_945_1), // 48 / 45.5 - 1
        holes: Some(5.0),
        hole_bytes: Some(16_384.0),
        largest_hole_bytes: Some(8_192.0),
        beyond_largest_ratio: Some(0.5),    // 1 - 8 / 16
        root_square_ratio: Some(0.420_399), // 1 - sqrt(1 + 1 + 4 + 16 + 64) / 16
        for_256_bytes: size(0.0, -1.0),     // every hole serves it
        for_4096_bytes: size(0.25, -1.0),   // 1 + 1 + 2 of 16 lie in shorter holes
        for_65536_bytes: size(1.0, 0.75),   // 1 - (1 + 16 / 64) / 5
        live_pages: Some(14.0),
        metadata_bytes: None,
        hole_histogram: vec![
            class(1024, 2.0, 2048.0),
            class(2048, 1.0, 2048.0),
            class(4096, 1.0, 4096.0),
            class(8192, 1.0, 8192.0),
        ],
    };
    let found = HeapShape { metadata_bytes: None, ..space.at_peak.unwrap() };
    assert_eq!(found, expected);
}

#[test]
fn every_measure_of_a_drawn_heap_is_as_computed_by_hand_on_average() {
    let replayed = replayed::<FirstFit<SOUND>>(&trace(DRAWN), 1024);
    // Ten operations without holes, then 1, 2, 3, 4, 5 and 5 holes.
    let mean = replayed.space.unwrap().mean.unwrap();
    assert_eq!(mean.holes, Some(20.0 / 16.0));
    assert_eq!(mean.hole_bytes, Some(f64::from(1 + 2 + 4 + 8 + 16 + 16) * 1024.0 / 16.0));
    assert_eq!(mean.largest_hole_bytes, Some(f64::from(1 + 1 + 2 + 4 + 8 + 8) * 1024.0 / 16.0));
    assert_eq!(mean.beyond_largest_ratio, Some(5.0 * 0.5 / 16.0));
    // A page is wholly free from the free of the 8 KiB on; before, the pages of the end are live.
    let pages = [1, 1, 1, 1, 2, 2, 3, 3, 5, 6, 6, 6, 6, 6, 4, 14];
    assert_eq!(mean.live_pages, Some(f64::from(pages.iter().sum::<i32>()) / 16.0));
    let size = |size: Option<SizeShape>| {
        let size = size.unwrap();
        (size.unusable_index, size.fragmentation_index, size.unserved_ratio)
    };
    // The first ten operations have no hole that would serve it, and an index of 0.
    assert_eq!(size(mean.for_256_bytes), (0.0, Some(0.0), Some(10.0 / 16.0)));
    let first_three = [-1.0 / 4.0, 1.0 - 1.5 / 2.0, 1.0 - 2.0 / 3.0];
    let index = rounded(first_three.iter().sum::<f64>() / 13.0);
    assert_eq!(size(mean.for_4096_bytes), (0.25, Some(index), Some(13.0 / 16.0)));
    assert_eq!(Some(mean.hole_histogram[0].holes), Some(f64::from(1 + 2 + 2 + 2 + 2 + 2) / 16.0));
    assert_eq!(Some(mean.hole_histogram[3].bytes), Some(f64::from(8192 * 2) / 16.0));
    let [by_operation, by_bytes] = &replayed.trends[..] else { panic!("two axes") };
    assert_eq!((by_operation.part, by_operation.parts), (1, 16));
    let band = |trend: &Trend, name: &str| {
        trend.bands.iter().find(|band| band.name == name).unwrap().clone()
    };
    let beyond = band(by_operation, "beyond_largest_ratio");
    assert_eq!(beyond.low[10..], [0.0, 0.5, 0.5, 0.5, 0.5, 0.5]);
    assert_eq!(beyond.low, beyond.high);
    // 64 KiB are allocated in 64 parts of 1 KiB and one behind; all frees happen at 21 KiB.
    assert_eq!((by_bytes.part, by_bytes.parts), (2048, 33));
    let beyond = band(by_bytes, "beyond_largest_ratio");
    assert_eq!((beyond.low[10], beyond.high[10], beyond.low[32]), (0.0, 0.5, 0.5));
}

fn rounded(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap()
}

#[test]
fn one_hole_is_no_fragmentation() {
    let replayed = replayed::<FirstFit<SOUND>>(&trace("+0 7000, +1 30, -0, +2 90000"), 16);
    let peak = replayed.space.unwrap().at_peak.unwrap();
    assert_eq!((peak.holes, peak.largest_hole_bytes), (Some(1.0), Some(7008.0)));
    assert_eq!((peak.beyond_largest_ratio, peak.root_square_ratio), (Some(0.0), Some(0.0)));
    let unusable = |size: SizeShape| size.unusable_index;
    assert_eq!(peak.sizes().map(|size| size.map(unusable)), [Some(0.0), Some(0.0), Some(1.0)]);
}

#[test]
fn floors_have_no_measures_over_holes() {
    for replayed in
        [replayed::<floor::Null>(&trace(DRAWN), 16), replayed::<floor::Bump>(&trace(DRAWN), 16)]
    {
        let space = replayed.space.unwrap();
        assert_eq!(space.touched_pages, None);
        let peak = space.at_peak.unwrap();
        assert_eq!((peak.holes, peak.beyond_largest_ratio, peak.live_pages), (None, None, None));
        assert!(peak.for_256_bytes.is_none() && peak.hole_histogram.is_empty());
        let names = replayed.trends[0].bands.iter().map(|band| band.name.as_str());
        assert!(
            names.clone().all(|name| !name.contains("largest")),
            "{:?}",
            names.collect::<Vec<_>>()
        );
    }
}

/// Keeps what the replay tells, to recount everything from it.
#[derive(Default)]
struct Tale {
    placed: BTreeMap<u64, Block>,
    moves: BTreeMap<u64, Vec<(u64, u64)>>,
}

impl Observer for Tale {
    fn placed(&mut self, operation: u64, block: Block) -> io::Result<()> {
        self.placed.insert(operation, block);
        Ok(())
    }

    fn relocated(&mut self, operation: u64, from: u64, to: u64, _: u64) -> io::Result<()> {
        self.moves.entry(operation).or_default().push((from, to));
        Ok(())
    }
}

/// The holes' lengths after each operation, and the pages covered so far, by sorting all blocks each time.
fn recounted(trace: &Trace, tale: &Tale) -> Vec<(Vec<u64>, u64)> {
    let mut slots: BTreeMap<u32, Block> = BTreeMap::new();
    let mut pages = std::collections::BTreeSet::new();
    let mut states = Vec::new();
    for (index, operation) in (0..).zip(trace.operations()) {
        if let Operation::Free { slot } = operation {
            slots.remove(slot);
        }
        for &(from, to) in tale.moves.get(&index).into_iter().flatten() {
            let block = slots.values_mut().find(|block| block.offset == from);
            block.unwrap().offset = to;
        }
        if let Some(&block) = tale.placed.get(&index) {
            slots.insert(operation.slot(), block);
        }
        let mut blocks: Vec<Block> = slots.values().copied().collect();
        blocks.sort_by_key(|block| block.offset);
        let mut end = 0;
        let mut holes = Vec::new();
        for block in blocks {
            holes.extend((block.offset > end).then(|| block.offset - end));
            end = block.end();
            pages.extend(block.offset / 4096..block.end().div_ceil(4096));
        }
        states.push((holes, pages.len() as u64));
    }
    states
}

#[expect(clippy::cast_precision_loss, reason = "some thousand holes")]
fn recounting_agrees<S: Strategy>(trace: &Trace, granule: u64) {
    let mut request = ReplayRequest::new(trace);
    request.config = Config::new().with_granule(Granule::new(granule).unwrap());
    let mut tale = Tale::default();
    let replayed = replay::<S>(&request, &mut tale).unwrap();
    let states = recounted(trace, &tale);
    let space = replayed.space.unwrap();
    let mean_of = |measure: &dyn Fn(&[u64]) -> f64| {
        rounded(states.iter().map(|(holes, _)| measure(holes)).sum::<f64>() / states.len() as f64)
    };
    let sum = |holes: &[u64]| holes.iter().sum::<u64>() as f64;
    let largest = |holes: &[u64]| holes.iter().max().copied().unwrap_or(0) as f64;
    let beyond = |holes: &[u64]| match holes {
        [] => 0.0,
        holes => 1.0 - largest(holes) / sum(holes),
    };
    let root_square = |holes: &[u64]| match holes {
        [] => 0.0,
        holes => 1.0 - (holes.iter().map(|it| it * it).sum::<u64>() as f64).sqrt() / sum(holes),
    };
    let unusable = |holes: &[u64]| match holes {
        [] => 0.0,
        holes => holes.iter().filter(|&&it| it < 256).sum::<u64>() as f64 / sum(holes),
    };
    let mean = space.mean.unwrap();
    let close = |found: Option<f64>, measure: &dyn Fn(&[u64]) -> f64| {
        let (found, expected) = (found.unwrap(), mean_of(measure));
        assert!((found - expected).abs() <= expected.abs() * 2e-6, "{found} {expected}");
    };
    close(mean.holes, &|holes| holes.len() as f64);
    close(mean.hole_bytes, &sum);
    close(mean.largest_hole_bytes, &largest);
    close(mean.beyond_largest_ratio, &beyond);
    close(mean.root_square_ratio, &root_square);
    close(mean.for_256_bytes.map(|size| size.unusable_index), &unusable);
    assert_eq!(space.touched_pages, states.last().map(|(_, pages)| *pages));
    // A band holds the extremes of its part, to three digits.
    let trend = &replayed.trends[0];
    let band = trend.bands.iter().find(|band| band.name == "beyond_largest_ratio").unwrap();
    let part = usize::try_from(trend.part).unwrap();
    assert_eq!(band.low.len(), states.len().div_ceil(part));
    for (at, states) in states.chunks(part).enumerate() {
        let values = || states.iter().map(|(holes, _)| beyond(holes));
        let (low, high) = (values().fold(f64::MAX, f64::min), values().fold(0.0, f64::max));
        assert!((band.low[at] - low).abs() <= 0.006 * low + 1e-12, "{} {low}", band.low[at]);
        assert!((band.high[at] - high).abs() <= 0.006 * high + 1e-12, "{} {high}", band.high[at]);
    }
    let jw = space.fragmentation.unwrap();
    let [jw2, jw3, jw4] = [jw.jw2, jw.jw3, jw.jw4].map(Option::unwrap);
    assert!(0.0 <= jw2 && jw2 <= jw4 && jw4 <= jw3, "{jw:?}");
    let peak = space.at_peak.unwrap();
    let [small, page, large] = peak.sizes().map(|size| size.unwrap().unusable_index);
    assert!(small <= page && page <= large, "{small} {page} {large}");
}

#[test]
fn measures_agree_with_a_recount_after_every_operation() {
    for seed in 0..8 {
        let trace = busy_trace(3_000, seed);
        for granule in [1, 16] {
            recounting_agrees::<FirstFit<SOUND>>(&trace, granule);
            recounting_agrees::<FirstFit<SLIDES>>(&trace, granule);
        }
    }
}
