//! What is reached only after billions of operations, brought near by smaller limits.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use heaplab_blocks::{BlockTable, Fits, HoleIndex, ShortestFit};
use heaplab_core::{AllocError, Allocator, Granule, InvalidHandle, Piece, Request};

const CAPACITY_BYTES: u64 = 1 << 20;

fn limited(tags: u32, entries: u32) -> Fits<ShortestFit> {
    let table =
        BlockTable::new(CAPACITY_BYTES, Granule::DEFAULT).unwrap().with_limits(tags, entries);
    Fits::from_parts(table, ShortestFit::new(CAPACITY_BYTES, Granule::DEFAULT).unwrap())
}

#[test]
fn a_slot_whose_tags_are_used_up_is_retired() {
    let mut fits = limited(16, u32::MAX);
    let pin = [16, 16].map(|size| fits.allocate(Request::new(size)).unwrap());
    let mut stale = Vec::new();
    for round in 0..100 {
        // Alternately into the wilderness and, between two pins, into a hole that fits exactly.
        let above = fits.allocate(Request::new(16)).unwrap();
        let wall = fits.allocate(Request::new(16)).unwrap();
        fits.free(above).unwrap();
        let again = fits.allocate(Request::new(16)).unwrap();
        fits.check_invariants().unwrap();
        fits.free(again).unwrap();
        fits.free(wall).unwrap();
        fits.check_invariants().unwrap();
        stale.extend([above, wall, again]);
        for handle in &stale {
            assert_eq!(fits.free(*handle), Err(InvalidHandle::Stale), "round {round}");
        }
    }
    stale.sort_unstable();
    stale.dedup();
    assert_eq!(stale.len(), 300, "a handle was issued twice");
    assert!(pin.iter().all(|&handle| fits.block(handle).is_some()));
}

#[test]
fn running_out_of_indices_is_an_error_that_changes_nothing() {
    let mut fits = limited(1 << 20, 9);
    let mut handles = Vec::new();
    let error = loop {
        match fits.allocate(Request::new(64)) {
            Ok(handle) => handles.push(handle),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, AllocError::OutOfMetadata { .. }), "{error}");
    let pieces = |fits: &Fits<ShortestFit>| {
        let mut pieces: Vec<Piece> = Vec::new();
        fits.walk(&mut |piece| pieces.push(piece));
        pieces
    };
    let before = pieces(&fits);
    assert!(fits.allocate(Request::aligned(64, 4_096)).is_err());
    assert_eq!(pieces(&fits), before);
    fits.check_invariants().unwrap();
    for handle in handles {
        fits.free(handle).unwrap();
    }
    fits.allocate(Request::new(CAPACITY_BYTES)).unwrap();
}

#[test]
fn a_capacity_of_nearly_64_bits_works() {
    let capacity_bytes = Granule::DEFAULT.floor(u64::MAX);
    let mut fits = Fits::<ShortestFit>::with_capacity(capacity_bytes, Granule::DEFAULT).unwrap();
    let low = fits.allocate(Request::new(1 << 62)).unwrap();
    let high = fits.allocate(Request::new(1 << 63)).unwrap();
    assert!(fits.allocate(Request::new(u64::MAX)).is_err());
    assert!(fits.allocate(Request::aligned(1 << 62, 1 << 63)).is_err());
    fits.free(low).unwrap();
    fits.allocate(Request::aligned(1 << 61, 1 << 63)).unwrap();
    fits.free(high).unwrap();
    fits.check_invariants().unwrap();
}
