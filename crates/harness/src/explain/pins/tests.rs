use heaplab_trace::Origin;

use super::*;

fn placed(blocks: &[(u64, u64)]) -> Vec<Placed> {
    (0..).zip(blocks).map(|(slot, &(offset, len))| Placed { offset, len, slot }).collect()
}

fn found(blocks: &[(u64, u64)], capacity_bytes: u64, is_unlimited: bool) -> Pins {
    let blocks = placed(blocks);
    let layout = Layout { blocks: &blocks, capacity_bytes };
    pins(&layout, is_unlimited, Blocks { live: &|_| None, sites: &[], now: 0 })
}

#[test]
fn one_block_between_two_holes_is_the_one() {
    // 100 used, 900 free, 16 used, 800 free, 100 used up to the end.
    let pins = found(&[(0, 100), (1000, 16), (1816, 100)], 1916, false);
    assert_eq!((pins.places, pins.keeps_apart_bytes), (1, 800));
    let [pin] = &pins.largest[..] else { panic!("{:?}", pins.largest) };
    assert_eq!((pin.offset_bytes, pin.bytes, pin.blocks[0].slot), (1000, 16, 1));
    assert_eq!((pin.hole_before_bytes, pin.hole_behind_bytes), (900, Some(800)));
    // The longer hole of 900 would grow to 1,716.
    assert_eq!((pin.keeps_apart_bytes, pin.gain_bytes), (800, 816));
}

#[test]
fn neighbors_count_as_one_place_while_they_are_few() {
    let run = |count: u64| -> Vec<(u64, u64)> { (0..count).map(|at| (10 + at * 4, 4)).collect() };
    let eight = found(&run(8), 100, false);
    assert_eq!((eight.places, eight.telling.blocks, eight.telling.bytes), (1, 8, 32));
    assert_eq!(found(&run(9), 100, false).places, 0);
}

#[test]
fn the_wilderness_is_the_last_free_piece() {
    let blocks = [(0, 10), (50, 10)];
    assert_eq!(found(&blocks, 60, false).places, 0);
    assert_eq!(found(&blocks, 65, false).keeps_apart_bytes, 5);
    let endless = found(&blocks, 1 << 62, true);
    assert_eq!((endless.keeps_apart_bytes, endless.largest[0].hole_behind_bytes), (40, None));
    assert_eq!(found(&[], 60, false), Pins::default());
}

#[test]
fn the_fewest_places_that_keep_half_apart_are_told() {
    // Five blocks of one byte between holes of 10, 10, 2, 2, 2 and 2.
    let pins = found(&[(10, 1), (21, 1), (24, 1), (27, 1), (30, 1)], 33, false);
    assert_eq!((pins.places, pins.keeps_apart_bytes), (5, 18));
    assert_eq!((pins.telling.places, pins.telling.keeps_apart_bytes), (1, 10));
    assert_eq!(pins.largest.len(), 1);
}

#[test]
fn groups_stand_beside_all_live_blocks() {
    let blocks = placed(&[(0, 64), (100, 8), (200, 64), (300, 9), (400, 64)]);
    let layout = Layout { blocks: &blocks, capacity_bytes: 464 };
    let origin = |slot: u32| Origin {
        thread: (slot != 0).then_some(slot % 2),
        site: Some(slot / 3),
        ..Origin::default()
    };
    let live = |slot: u32| {
        Some(Live::for_tests(u64::from(slot) * 100, blocks[slot as usize].len, origin(slot)))
    };
    let sites = ["first".to_owned()];
    let pins = pins(&layout, false, Blocks { live: &live, sites: &sites, now: 400 });
    // Each of the three in the middle keeps about as much apart; the two lowest make half.
    assert_eq!((pins.places, pins.telling.places), (3, 2));
    let slots: Vec<u32> = pins.largest.iter().map(|pin| pin.blocks[0].slot).collect();
    assert_eq!(slots, [1, 3]);
    let sizes: Vec<_> =
        pins.by_size.iter().map(|it| (it.from, it.to, it.blocks, it.live_blocks)).collect();
    assert_eq!(sizes, [(8, 15, 2, 2)]);
    let ages: Vec<_> =
        pins.by_age.iter().map(|it| (it.from, it.to, it.blocks, it.live_blocks)).collect();
    assert_eq!(ages, [(100, 999, 2, 4)]);
    let threads: Vec<_> = pins.by_thread.iter().map(|it| (it.name.as_deref(), it.blocks)).collect();
    assert_eq!(threads, [(Some("1"), 2)]);
    let call_sites: Vec<_> = pins
        .by_call_site
        .iter()
        .map(|it| (it.name.as_deref(), it.blocks, it.live_blocks))
        .collect();
    assert_eq!(call_sites, [(Some("first"), 1, 3), (Some("call site 1"), 1, 2)]);
    assert_eq!(pins.largest[0].blocks[0].operation, 100);
    assert_eq!(pins.largest[0].blocks[0].age_operations, 300);
}

#[test]
fn ages_are_powers_of_ten() {
    for (age, class) in [(0, (0, 9)), (9, (0, 9)), (10, (10, 99)), (12_345, (10_000, 99_999))] {
        assert_eq!(decimal(age), class);
    }
    assert_eq!(decimal(u64::MAX), (10_u64.pow(19), u64::MAX));
}
