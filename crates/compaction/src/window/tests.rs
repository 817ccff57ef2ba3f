//! Both searches against trying every run.

use std::vec::Vec;

use heaplab_blocks::{BlockTable, Fits, NIL};
use heaplab_core::{Granule, Request};

use super::{cheapest, cheapest_around};
use crate::{NoHoles, forecast};

/// A heap of up to 12 pieces and up to 5 bytes of wilderness.
fn random_heap(seed: u64) -> Fits<NoHoles> {
    let mut numbers = seed * 2 + 1;
    let mut below = move |bound: u64| {
        numbers ^= numbers << 13;
        numbers ^= numbers >> 7;
        numbers ^= numbers << 17;
        (numbers >> 33) % bound
    };
    let pieces: Vec<(u64, bool)> =
        (0..1 + below(12)).map(|_| (1 + below(6), below(2) == 0)).collect();
    let live: u64 = pieces.iter().map(|(len, _)| len).sum();
    let mut fits = Fits::with_capacity(live + below(6), Granule::BYTE).unwrap();
    let handles: Vec<_> =
        pieces.iter().map(|(len, _)| fits.allocate(Request::new(*len)).unwrap()).collect();
    for (handle, (_, is_hole)) in handles.into_iter().zip(pieces) {
        if is_hole {
            fits.free(handle).unwrap();
        }
    }
    fits
}

/// The pieces in address order as (length, whether free), the wilderness last.
fn pieces(table: &BlockTable) -> Vec<(u64, bool)> {
    let mut pieces = Vec::new();
    let mut id = table.first();
    while id != NIL {
        pieces.push((table.len(id), table.is_hole(id)));
        id = table.next(id);
    }
    pieces.push((table.capacity_bytes() - table.end(), true));
    pieces
}

fn sum(pieces: &[(u64, bool)], free: bool) -> u64 {
    pieces.iter().filter(|piece| piece.1 == free).map(|piece| piece.0).sum()
}

#[test]
fn no_window_is_cheaper_than_the_cheapest() {
    for seed in 0..3_000 {
        let fits = random_heap(seed);
        let pieces = pieces(fits.table());
        for wanted in 1..=sum(&pieces, true) + 1 {
            let mut least = None;
            for first in 0..pieces.len() {
                for last in first + 1..pieces.len() {
                    let run = &pieces[first..=last];
                    if pieces[first].1 && pieces[last].1 && sum(run, true) >= wanted {
                        least = Some(least.unwrap_or(u64::MAX).min(sum(run, false)));
                    }
                }
            }
            // A single hole that suffices ends the narrowest window, so wider ones are not offered.
            let suffices_alone = pieces.iter().any(|(len, free)| *free && *len >= wanted);
            let found = cheapest(fits.table(), wanted, None);
            if !suffices_alone {
                assert_eq!(found.map(|window| window.block_bytes), least, "{pieces:?}, {wanted}");
            }
        }
    }
}

#[test]
fn windows_come_in_the_order_of_their_price() {
    for seed in 0..500 {
        let fits = random_heap(seed);
        let mut last = cheapest(fits.table(), 4, None);
        while let Some(window) = last {
            last = cheapest(fits.table(), 4, last);
            assert!(last.is_none_or(|next| next.key() > window.key()));
        }
    }
}

#[test]
fn no_run_around_a_block_is_cheaper_than_the_cheapest() {
    for seed in 0..1_000 {
        let fits = random_heap(seed);
        let table = fits.table();
        let mut block = table.first();
        while block != NIL {
            let growths = if table.is_hole(block) { 0..0 } else { 1..table.free_bytes() + 2 };
            for growth in growths {
                let wish = forecast::Wish { len: table.len(block) + growth, align: 1 };
                let price = |first| forecast::bytes_to_grow_around(table, first, block, wish);
                let mut least = price(block);
                let mut first = table.prev(block);
                while first != NIL {
                    if table.is_hole(first) {
                        least = least.into_iter().chain(price(first)).min();
                    }
                    first = table.prev(first);
                }
                let found = cheapest_around(table, block, growth).and_then(price);
                assert_eq!(found, least, "{:?}, block {block}, growth {growth}", pieces(table));
            }
            block = table.next(block);
        }
    }
}
