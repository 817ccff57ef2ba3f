use super::*;

/// A drawing: letters are blocks of as many bytes as they repeat, `-` is free.
fn blocks(drawing: &str) -> Vec<Placed> {
    let mut blocks: Vec<Placed> = Vec::new();
    let mut last = '-';
    for (offset, sign) in (0_u64..).zip(drawing.chars()) {
        match blocks.last_mut() {
            Some(block) if sign == last && sign != '-' => block.len += 1,
            _ if sign == '-' => {}
            _ => {
                let slot = u32::try_from(blocks.len()).unwrap();
                blocks.push(Placed { offset, len: 1, slot });
            }
        }
        last = sign;
    }
    blocks
}

fn with<T>(drawing: &str, check: impl FnOnce(Layout<'_>) -> T) -> T {
    let capacity_bytes = u64::try_from(drawing.len()).unwrap();
    check(Layout { blocks: &blocks(drawing), capacity_bytes })
}

fn wanted(len: u64, align: u64) -> Wanted {
    Wanted { len: Some(len), align, resizing: None }
}

#[test]
fn a_drawing_has_gaps() {
    let gaps = with("-ab--cc---", |layout| layout.gaps().map(Gap::len).collect::<Vec<_>>());
    assert_eq!(gaps, [1, 0, 2, 3]);
    assert_eq!(with("", |layout| layout.gaps().map(Gap::len).sum::<u64>()), 0);
}

#[test]
fn every_cause_is_called_by_its_name() {
    let cause = |drawing, wanted| with(drawing, |layout| layout.cause(wanted));
    assert_eq!(cause("a-b-c", wanted(6, 1)), Cause::TooLarge);
    assert_eq!(cause("a-b-c", Wanted { len: None, ..wanted(0, 1) }), Cause::TooLarge);
    assert_eq!(cause("a-b-c", wanted(3, 1)), Cause::Full);
    assert_eq!(cause("a-b-c", wanted(2, 1)), Cause::Fragmented);
    // Two free pieces of three bytes, from 1 and from 5 on: neither holds three bytes at a multiple of four.
    assert_eq!(cause("a---b---", wanted(3, 4)), Cause::Misaligned);
    assert_eq!(cause("a---b---", wanted(4, 4)), Cause::Fragmented);
    assert_eq!(cause("a---b---", wanted(3, 1)), Cause::NotFound);
    // Growing by one byte needs one, a second copy four.
    let grown = |len, resizing| Wanted { len: Some(len), align: 1, resizing: Some(resizing) };
    assert_eq!(cause("aaab--c", grown(4, 0)), Cause::NoRoomToMove);
    assert_eq!(cause("aaab--c", grown(6, 0)), Cause::Full);
}

#[test]
fn the_cheapest_stretch_is_told_exactly() {
    let clearing = |drawing, wanted| with(drawing, |layout| layout.clearing(wanted));
    let five = clearing("a-b-c", wanted(2, 1)).unwrap();
    assert_eq!((five.offset_bytes, five.live_bytes, five.live_blocks), (0, 1, 1));
    // One byte between the larger holes is cheaper than four blocks in the way elsewhere.
    let one = clearing("aaaa---b---cccc-dd-e-", wanted(7, 1)).unwrap();
    assert_eq!((one.offset_bytes, one.live_bytes, one.stretch_bytes), (4, 1, 7));
    // At a multiple of four, more has to go.
    let aligned = clearing("a---b---", wanted(4, 4)).unwrap();
    assert_eq!((aligned.offset_bytes, aligned.live_bytes), (0, 1));
    assert_eq!(clearing("a-b-c", wanted(6, 1)), None);
    // A block that is to be resized cannot be cleared away, but what is behind it can.
    let resize = |len| Wanted { len: Some(len), align: 1, resizing: Some(1) };
    let grown = clearing("aaa-b--cccc", resize(3)).unwrap();
    assert_eq!((grown.offset_bytes, grown.live_bytes, grown.is_growth), (5, 0, true));
    let moved = clearing("aa-bbbcdddddd", resize(4)).unwrap();
    assert_eq!((moved.offset_bytes, moved.live_bytes, moved.is_growth), (6, 1, true));
}

#[test]
fn no_stretch_is_cheaper_than_the_cheapest() {
    let mut random = 7_u64;
    let mut draw = |below: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (random >> 33) % below
    };
    for _ in 0..2_000 {
        let mut blocks = Vec::new();
        let mut end = 0;
        for slot in 0..draw(12) {
            let (offset, len) = (end + draw(4), 1 + draw(5));
            end = offset + len;
            blocks.push(Placed { offset, len, slot: u32::try_from(slot).unwrap() });
        }
        let layout = Layout { blocks: &blocks, capacity_bytes: end + draw(6) };
        let (len, align) = (1 + draw(12), 1 << draw(4));
        let resizing = (!blocks.is_empty() && draw(3) == 0).then_some(0);
        let found = layout.clearing(Wanted { len: Some(len), align, resizing });
        let cost = |start: u64, end: u64| {
            let inside = blocks.iter().filter(|block| block.offset < end && block.end() > start);
            inside.fold((0, 0), |(bytes, n), block| (bytes + block.len, n + 1))
        };
        let starts = (0..layout.capacity_bytes).filter(|start| start % align == 0);
        let ends = starts.map(|start| (start, start + len));
        let windows = ends.filter(|&(start, end)| {
            let first = resizing.map(|at: usize| blocks[at]);
            end <= layout.capacity_bytes
                && first.is_none_or(|block| block.offset >= end || block.end() <= start)
        });
        let growth = resizing.and_then(|at| {
            let block = blocks[at];
            let end = block.offset + len;
            let fits = len > block.len && block.offset % align == 0 && end <= layout.capacity_bytes;
            fits.then(|| cost(block.end(), end))
        });
        let best = windows.map(|(start, end)| cost(start, end)).chain(growth).min();
        assert_eq!(found.map(|found| (found.live_bytes, found.live_blocks)), best, "{blocks:?}");
    }
}

#[test]
fn a_slide_counts_what_changes_its_address() {
    let slide = with("a-bb-c", |layout| layout.slide(Some(wanted(2, 1)), |_| 1));
    assert_eq!((slide.relocated_bytes, slide.relocated_blocks, slide.used_bytes), (3, 2, 4));
    assert_eq!(slide.request_fits, Some(true));
    // The third block stays at 4, a multiple of its alignment, and so does everything behind it.
    let held = with("a-b-cc-", |layout| {
        layout.slide(Some(wanted(2, 1)), |slot| if slot == 2 { 4 } else { 1 })
    });
    assert_eq!((held.relocated_bytes, held.used_bytes, held.request_fits), (1, 6, Some(false)));
    let unasked = with("ab", |layout| layout.slide(None, |_| 1));
    assert_eq!((unasked.relocated_blocks, unasked.request_fits), (0, None));
    // Three bytes can grow to four where they stand, though no second copy fits.
    let resize = Wanted { len: Some(4), align: 1, resizing: Some(0) };
    let grown = with("aaab-c", |layout| layout.slide(Some(resize), |_| 1));
    assert_eq!(grown.request_fits, Some(true));
}
