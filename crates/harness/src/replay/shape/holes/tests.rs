use super::*;
use crate::splitmix::SplitMix;

/// Cells that are free or not, and the end of the last that is not.
fn expected(cells: &[bool]) -> (u64, Vec<(u64, u64)>) {
    let end = cells.iter().rposition(|&is_live| is_live).map_or(0, |last| last + 1);
    let mut holes: Vec<(u64, u64)> = Vec::new();
    for (at, &is_live) in (0..).zip(&cells[..end]) {
        match holes.last_mut() {
            _ if is_live => {}
            Some((start, len)) if *start + *len == at => *len += 1,
            _ => holes.push((at, 1)),
        }
    }
    (end as u64, holes)
}

fn found(holes: &Holes) -> Vec<(u64, u64)> {
    let live = holes.holes.iter().filter(|hole| hole.len() > 0);
    let mut found: Vec<_> = live.map(|hole| (hole.start, hole.len())).collect();
    found.sort_unstable();
    found
}

#[test]
fn holes_are_what_lies_between_blocks() {
    const CELLS: usize = 400;
    let mut random = SplitMix::new(5);
    let mut holes = Holes::new(Granule::BYTE);
    let mut cells = [false; CELLS];
    let mut blocks: Vec<Block> = Vec::new();
    for step in 0..30_000 {
        // Anywhere it is free, so holes are cut at both ends and in the middle.
        let offset = random.below(CELLS);
        let len = 1 + random.below(if step % 7 == 0 { 60 } else { 6 });
        let block = Block { offset: offset as u64, len: len as u64 };
        let is_free = offset + len <= CELLS && !cells[offset..offset + len].contains(&true);
        if is_free && blocks.len() < 40 {
            holes.take(block).unwrap();
            cells[offset..offset + len].fill(true);
            blocks.push(block);
        } else if !blocks.is_empty() {
            let block = blocks.swap_remove(random.below(blocks.len()));
            let start = usize::try_from(block.offset).unwrap();
            holes.give(block);
            cells[start..start + usize::try_from(block.len).unwrap()].fill(false);
        }
        let (end, expected) = expected(&cells);
        assert_eq!((holes.end(), found(&holes)), (end, expected.clone()), "step {step}");
        let lengths = || expected.iter().map(|&(_, len)| len);
        // Not after each, so that several changes come between two looks.
        if step % 3 == 0 {
            assert_eq!(holes.largest_bytes(), lengths().max().unwrap_or(0), "step {step}");
        }
        let totals = holes.totals();
        let squares: u64 = lengths().map(|len| len * len).sum();
        assert_eq!((totals.count, totals.bytes), (expected.len() as u64, lengths().sum()));
        assert_eq!(totals.squares, u128::from(squares));
    }
    assert!(holes.ordered.is_some(), "no block was placed far behind a hole's start");
    holes.fill(9);
    assert_eq!((holes.end(), holes.largest_bytes(), holes.totals().count), (9, 0, 0));
}

#[test]
fn a_block_over_another_is_noticed() {
    let block = |offset, len| Block { offset, len };
    let mut holes = Holes::new(Granule::BYTE);
    holes.take(block(0, 10)).unwrap();
    holes.take(block(40, 10)).unwrap();
    assert_eq!(found(&holes), [(10, 30)]);
    for (offset, len) in [(0, 4), (5, 10), (9, 1), (35, 10), (30, 60), (40, 1), (45, 20)] {
        assert_eq!(holes.take(block(offset, len)), Err(Overlap), "{offset}");
    }
    assert_eq!(found(&holes), [(10, 30)]);
}
