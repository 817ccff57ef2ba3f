//! Plans are checked by the sweep of `verify`, the engines against each other, and the greedy orders against published
//! figures.

use std::path::PathBuf;
use std::time::Duration;

use heaplab_core::Granule;
use heaplab_trace::import::{ImportOptions, import_file};
use heaplab_trace::{Operation, Trace, TraceBuilder, TraceInfo};

use super::lowest_fit::{Item, List, LowestFit, Tree, place_all};
use super::order::{Order, contention};
use super::{Buffer, Effort, Known, buffers_of, items_of, lower_bound, pack};
use crate::splitmix::SplitMix;

/// Buffers of a random trace: short-lived and long-lived, a few aligned.
fn random_buffers(count: usize, random: &mut SplitMix) -> Vec<Buffer> {
    let mut buffers = Vec::new();
    for lower in 0..count as u64 {
        let most = if random.below(4) == 0 { 4 * count } else { 12 };
        let upper = 3 * lower + 1 + random.below(most) as u64;
        let align = if random.below(8) == 0 { 4 } else { 1 };
        let most = if random.below(5) == 0 { 60 } else { 9 };
        let len = 1 + random.below(most) as u64;
        buffers.push(Buffer { lower: 3 * lower, upper, len, align });
    }
    buffers
}

const fn quick() -> Effort {
    Effort { time: Duration::from_secs(60), looks: 200_000, seed: 1 }
}

#[test]
fn both_engines_place_every_order_alike() {
    let mut random = SplitMix::new(7);
    for round in 0..60 {
        let items = items_of(&random_buffers(1 + round * 4, &mut random));
        let contention = contention(&items);
        let (mut list, mut tree) = (List::default(), Tree::new(items.len()));
        for order in Order::ALL {
            let order = order.of(&items, &contention);
            let place = |engine: &mut dyn LowestFit| {
                let mut offsets = vec![0; items.len()];
                place_all(engine, &items, &order, u64::MAX, &mut offsets, &mut || false).unwrap();
                offsets
            };
            assert_eq!(place(&mut list), place(&mut tree), "round {round}");
        }
    }
}

/// The lowest offset by trying all of them.
fn brute_lowest(placed: &[(Item, u64)], item: &Item) -> u64 {
    (0..)
        .step_by(usize::try_from(item.align).unwrap())
        .find(|&offset| {
            placed.iter().all(|(other, at)| {
                !item.overlaps(other.lower, other.upper)
                    || offset + item.len <= *at
                    || *at + other.len <= offset
            })
        })
        .unwrap()
}

#[test]
fn the_lowest_offset_is_the_lowest() {
    let mut random = SplitMix::new(8);
    for _ in 0..40 {
        let items = items_of(&random_buffers(40, &mut random));
        let mut list = List::default();
        let mut placed = Vec::new();
        for item in &items {
            let offset = list.find(item);
            assert_eq!(offset, brute_lowest(&placed, item));
            list.place(item, offset);
            placed.push((*item, offset));
        }
    }
}

#[test]
fn contention_is_the_most_live_bytes_of_any_instant() {
    let mut random = SplitMix::new(9);
    for _ in 0..40 {
        let items = items_of(&random_buffers(50, &mut random));
        let live = |instant: u32| -> u64 {
            let stands = |item: &&Item| item.overlaps(instant, instant + 1);
            items.iter().filter(stands).map(|item| item.len).sum()
        };
        for (item, found) in items.iter().zip(contention(&items)) {
            assert_eq!(Some(found), (item.lower..item.upper).map(live).max());
        }
    }
}

#[test]
fn every_plan_passes_the_check_and_stays_above_the_bound() {
    let mut random = SplitMix::new(10);
    for count in (0..80).chain([700]) {
        let buffers = random_buffers(count, &mut random);
        let packing = pack(buffers, Vec::new(), &quick()).unwrap();
        packing.check().unwrap();
        assert!(packing.bytes() >= packing.lower_bound_bytes());
        let best = packing.tried().iter().filter_map(|it| it.bytes).min();
        assert_eq!(best, Some(packing.bytes()));
    }
}

#[test]
fn the_same_seed_gives_the_same_plan() {
    let buffers = random_buffers(60, &mut SplitMix::new(3));
    let plan = || {
        let packing = pack(buffers.clone(), Vec::new(), &quick()).unwrap();
        packing.placements().map(|(_, offset)| offset).collect::<Vec<_>>()
    };
    assert_eq!(plan(), plan());
}

#[test]
fn a_known_plan_is_kept_or_made_better_and_a_wrong_one_passed_over() {
    let buffer = |lower, upper, len| Buffer { lower, upper, len, align: 1 };
    let buffers = vec![buffer(0, 2, 5), buffer(1, 4, 3), buffer(2, 5, 6)];
    let known = |offsets: &[u64]| Known { method: "known".into(), offsets: offsets.to_vec() };
    let optimal = pack(buffers.clone(), vec![known(&[0, 6, 0])], &quick()).unwrap();
    assert_eq!((optimal.bytes(), optimal.method()), (9, "known"));
    let wasteful = pack(buffers.clone(), vec![known(&[0, 100, 0])], &quick()).unwrap();
    assert_eq!(wasteful.bytes(), 9);
    for wrong in [&[0, 4, 0][..], &[0, 6]] {
        let packing = pack(buffers.clone(), vec![known(wrong)], &quick()).unwrap();
        assert!(packing.tried().iter().all(|it| it.method != "known"));
        packing.check().unwrap();
    }
}

#[test]
fn the_check_finds_every_kind_of_mistake() {
    let buffer = |lower, upper, align| Buffer { lower, upper, len: 4, align };
    let buffers = [buffer(0, 5, 1), buffer(1, 3, 4), buffer(3, 9, 1), buffer(5, 6, 1)];
    let check = |offsets: &[u64], bytes| super::verify::check(&buffers, offsets, bytes);
    assert_eq!(check(&[0, 4, 4, 0], 8), Ok(()));
    for (offsets, bytes, reason) in [
        (&[0, 4, 4][..], 8, "4 buffers have 3 offsets"),
        (&[0, 4, 4, 0], 7, "buffer 1 at 4 ends above 7"),
        (&[0, 6, 4, 0], 10, "buffer 1 at 6 is not aligned to 4"),
        (&[1, 4, 5, 0], 9, "buffers 0 at 1 and 1 at 4 overlap"),
        (&[0, 4, 4, 7], 11, "buffers 2 at 4 and 3 at 7 overlap"),
        (&[0, 4, 4, 1], 8, "buffers 3"),
        (&[u64::MAX, 4, 4, 0], u64::MAX, "buffer 0 at 18446744073709551615 ends above"),
    ] {
        let found = check(offsets, bytes).unwrap_err();
        assert!(found.starts_with(reason) || found.contains("overlap"), "{found}: {reason}");
    }
}

#[test]
fn a_resize_ends_one_buffer_and_begins_another() {
    let operations = vec![
        Operation::Allocate { slot: 0, size: 100, align: 1 },
        Operation::Allocate { slot: 1, size: 0, align: 64 },
        Operation::Resize { slot: 0, size: 200, align: 1 },
        Operation::Free { slot: 1 },
    ];
    let trace = Trace::from_operations(TraceInfo::named("resize"), operations).unwrap();
    let buffer = |lower, upper, len, align| Buffer { lower, upper, len, align };
    assert_eq!(
        buffers_of(&trace, Granule::DEFAULT).unwrap(),
        [buffer(0, 2, 112, 16), buffer(1, 3, 16, 64), buffer(2, 4, 208, 16)]
    );
}

#[test]
fn sizes_beyond_64_bits_are_no_plan() {
    let buffer = |lower| Buffer { lower, upper: 9, len: u64::MAX - 5, align: 1 };
    assert!(pack(vec![buffer(0), buffer(1)], Vec::new(), &quick()).is_none());
}

#[test]
fn plans_are_written_as_minimalloc_reads_them() {
    let buffers = vec![
        Buffer { lower: 0, upper: 3, len: 4, align: 1 },
        Buffer { lower: 1, upper: 9, len: 2, align: 1 },
    ];
    let mut text = Vec::new();
    pack(buffers, Vec::new(), &quick()).unwrap().write_rows(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("0,0,3,4,") && lines[1].starts_with("1,1,9,2,"), "{text}");
}

/// The challenging problems of `MiniMalloc`, where they are at hand.
fn challenge(name: &str) -> Option<Vec<Buffer>> {
    let folder =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/traces/minimalloc");
    let path = folder.join(format!("{name}.1048576.csv"));
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    let mut builder = TraceBuilder::new(TraceInfo::named(name));
    import_file(&path, &ImportOptions::default(), &mut builder).unwrap();
    Some(buffers_of(&builder.finish(), Granule::BYTE).unwrap())
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "three decimals are compared")]
fn the_published_problems_are_packed_as_well_as_is_known_and_better() {
    // Largest first at the lowest fit, over the most live bytes, as measured by others; and what the search must beat.
    for (name, live, largest_first, goal) in [
        ("A", 1_048_576, 1.290, 1.15),
        ("B", 1_048_576, 1.347, 1.15),
        ("C", 1_039_360, 1.364, 1.15),
        ("D", 986_112, 1.309, 1.25),
        ("E", 1_048_576, 1.369, 1.18),
        ("F", 1_048_576, 1.375, 1.15),
    ] {
        let Some(buffers) = challenge(name) else { return };
        let items = items_of(&buffers);
        assert_eq!(lower_bound(&items), live);
        let ratio = |bytes: u64| bytes as f64 / live as f64;
        let order = Order::Size.of(&items, &contention(&items));
        let mut offsets = vec![0; items.len()];
        let greedy =
            place_all(&mut List::default(), &items, &order, u64::MAX, &mut offsets, &mut || false);
        let greedy = ratio(greedy.unwrap());
        assert!((greedy - largest_first).abs() < 0.02, "{name}: {greedy} largest first");
        let packing = pack(buffers, Vec::new(), &Effort { looks: 40_000_000, ..quick() }).unwrap();
        packing.check().unwrap();
        let found = ratio(packing.bytes());
        eprintln!("{name}: {greedy:.3} largest first, {found:.4} {}", packing.method());
        assert!(found < goal, "{name}: {found}");
    }
}
