//! Every peer against a judge that believes nobody: blocks are in bounds, aligned, apart from each other, and keep
//! their place until they are freed; handles that lead nowhere are refused.

#![cfg(test)]

use std::collections::BTreeMap;

use heaplab_core::{
    AllocError, Block, Config, ConfigError, Entry, Granule, Handle, InvalidHandle, Kind, Memory,
    Piece, Request, Strategy, Visitor,
};

/// Numbers that look random, the same for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % limit
    }
}

/// The one move that a resize may make.
#[derive(Default)]
struct Moves(Vec<(u64, u64, u64)>);

impl Memory for Moves {
    fn relocate(&mut self, from: u64, to: u64, len: u64) {
        self.0.push((from, to, len));
    }
}

/// Live blocks by offset: length and handle.
#[derive(Default)]
struct Judge(BTreeMap<u64, (u64, Handle)>);

impl Judge {
    fn place(&mut self, name: &str, block: Block, handle: Handle, align: u64, capacity: u64) {
        assert!(block.end() <= capacity, "{name}: {block:?} leaves a heap of {capacity}");
        assert!(block.offset.is_multiple_of(align), "{name}: {block:?} is not aligned to {align}");
        let below = self.0.range(..block.end()).next_back();
        if let Some((&offset, &(len, _))) = below {
            assert!(offset + len <= block.offset, "{name}: {block:?} overlaps {len} at {offset}");
        }
        self.0.insert(block.offset, (block.len, handle));
    }
}

struct Contract {
    granule: Granule,
    seed: u64,
    peers: usize,
}

const CAPACITY: u64 = 256 << 10;

impl Visitor for Contract {
    #[expect(clippy::too_many_lines, reason = "one story, told in order")]
    fn visit<S: Strategy>(&mut self, entry: Entry) {
        let Entry { name, capabilities } = entry;
        assert_eq!(capabilities.kind, Kind::Peer, "{name}");
        assert!(!capabilities.description.is_empty() && !capabilities.source.is_empty(), "{name}");
        self.peers += 1;
        let config = Config::new().with_granule(self.granule);
        let mut peer = S::new(CAPACITY, &config).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut random = Random(self.seed);
        let (mut judge, mut live, mut stale) = (Judge::default(), Vec::new(), Vec::new());
        let mut refusals = 0;
        for _ in 0..6_000 {
            let align = if random.below(10) == 0 { 1 << random.below(9) } else { 1 };
            let needed = self.granule.bytes().max(align);
            // Mostly small, now and then a tenth of the heap; more is wanted than fits.
            let largest = [40, 600, CAPACITY / 10][usize::try_from(random.below(3)).unwrap()];
            let request = Request::aligned(random.below(largest), align);
            let pick = |random: &mut Random, live: &Vec<Handle>| {
                usize::try_from(random.below(live.len() as u64)).unwrap()
            };
            match random.below(8) {
                0..4 => match peer.allocate(request, &mut ()) {
                    Ok(handle) => {
                        let block = peer.block(handle).unwrap();
                        assert_eq!(Some(block.len), self.granule.length_of(request.size), "{name}");
                        judge.place(name, block, handle, needed, CAPACITY);
                        live.push(handle);
                    }
                    Err(error) => {
                        assert!(matches!(error, AllocError::OutOfMemory(_)), "{name}: {error:?}");
                        refusals += 1;
                    }
                },
                4..6 if !live.is_empty() => {
                    let handle = live.swap_remove(pick(&mut random, &live));
                    judge.0.remove(&peer.block(handle).unwrap().offset);
                    peer.free(handle, &mut ()).unwrap();
                    assert_eq!(peer.free(handle, &mut ()), Err(InvalidHandle::Stale), "{name}");
                    stale.push(handle);
                }
                6 if !live.is_empty() => {
                    let handle = live[pick(&mut random, &live)];
                    let before = peer.block(handle).unwrap();
                    let mut moves = Moves::default();
                    let result = peer.resize(handle, request, &mut moves);
                    let after = peer.block(handle).unwrap();
                    if result.is_err() {
                        assert_eq!((after, moves.0.len()), (before, 0), "{name}");
                        refusals += 1;
                        continue;
                    }
                    let moved = (before.offset, after.offset, before.len.min(after.len));
                    let expected = if after.offset == before.offset { vec![] } else { vec![moved] };
                    assert_eq!(moves.0, expected, "{name}");
                    judge.0.remove(&before.offset);
                    judge.place(name, after, handle, needed, CAPACITY);
                }
                _ => {
                    let mut seen = Vec::new();
                    peer.walk(&mut |piece| {
                        if let Piece::Block(block, handle) = piece {
                            seen.push((block.offset, (block.len, handle)));
                        }
                    });
                    assert!(
                        seen.iter().copied().eq(judge.0.iter().map(|(&a, &b)| (a, b))),
                        "{name}"
                    );
                    let usage = peer.usage();
                    let bytes = judge.0.values().map(|&(len, _)| len).sum::<u64>();
                    assert_eq!((usage.live_bytes, usage.live_blocks), (bytes, live.len() as u64));
                    assert_eq!((usage.holes, usage.high_water_bytes), (None, None), "{name}");
                }
            }
        }
        assert!(refusals > 0, "{name}: the heap was never full");
        for handle in &stale {
            assert_eq!(peer.locate(*handle), Err(InvalidHandle::Stale), "{name}");
        }
        let mut other = S::new(CAPACITY, &config).unwrap();
        let foreign = other.allocate(Request::new(1), &mut ()).unwrap();
        assert_eq!(peer.free(foreign, &mut ()), Err(InvalidHandle::Foreign), "{name}");
        // Everything comes back: the largest block fits as it did at the start.
        for handle in live {
            peer.free(handle, &mut ()).unwrap();
        }
        let half = Request::new(CAPACITY / 2 - 1_024);
        let fits = other.allocate(half, &mut ()).is_ok();
        assert_eq!(peer.allocate(half, &mut ()).is_ok(), fits, "{name}: something was lost");
    }
}

#[test]
fn every_peer_keeps_the_contract() {
    for (granule, seed) in [(Granule::DEFAULT, 1), (Granule::DEFAULT, 2), (Granule::BYTE, 3)] {
        let mut contract = Contract { granule, seed, peers: 0 };
        heaplab_peers::registry().visit_all(&mut contract);
        assert_eq!(contract.peers, 10);
    }
}

struct Refusals;

impl Visitor for Refusals {
    fn visit<S: Strategy>(&mut self, Entry { name, capabilities }: Entry) {
        let config = Config::new();
        for capacity in (16..=1_024).step_by(16) {
            // Too small a heap is a value, and one that is large enough can be used.
            match S::new(capacity, &config) {
                Ok(mut peer) => {
                    for size in [1, capacity, u64::MAX] {
                        if let Ok(handle) = peer.allocate(Request::new(size), &mut ()) {
                            assert!(peer.block(handle).unwrap().end() <= capacity, "{name}");
                            peer.free(handle, &mut ()).unwrap();
                        }
                    }
                    let odd = Request::aligned(8, 3);
                    let refused = Err(AllocError::InvalidAlignment { align: 3 });
                    assert_eq!(peer.allocate(odd, &mut ()), refused, "{name}");
                    let large = peer.allocate(Request::new(capacity + 1), &mut ());
                    assert!(matches!(large, Err(AllocError::TooLarge { .. })), "{name}: {large:?}");
                }
                Err(ConfigError::CapacityBelowMinimum { capacity_bytes, .. }) => {
                    assert_eq!(capacity_bytes, capacity, "{name}");
                }
                Err(error) => panic!("{name} in {capacity}: {error}"),
            }
        }
        assert!(matches!(S::new(15, &config), Err(ConfigError::CapacityTooSmall { .. })), "{name}");
        let unlimited = S::new(1 << 62, &config).err();
        match capabilities.max_capacity_bytes {
            Some(max_bytes) => {
                let capacity_bytes = 1 << 62;
                let expected = ConfigError::CapacityTooLarge { capacity_bytes, max_bytes };
                assert_eq!(unlimited, Some(expected), "{name}");
            }
            None => assert_eq!(unlimited, None, "{name}"),
        }
        // Alignments beyond the heap are met at its start or refused; nothing else may happen.
        let mut peer = S::new(64 << 10, &config).unwrap();
        for shift in 0..64 {
            if let Ok(handle) = peer.allocate(Request::aligned(1, 1 << shift), &mut ()) {
                let offset = peer.block(handle).unwrap().offset;
                assert!(offset.is_multiple_of(1 << shift), "{name}: {offset} for 2^{shift}");
            }
        }
    }
}

#[test]
fn bad_wishes_are_refused_as_values() {
    heaplab_peers::registry().visit_all(&mut Refusals);
}

struct Repeats(Vec<(String, Vec<u64>)>);

impl Visitor for Repeats {
    fn visit<S: Strategy>(&mut self, Entry { name, .. }: Entry) {
        let mut random = Random(7);
        let mut peer = S::new(1 << 20, &Config::new()).unwrap();
        let mut live = Vec::new();
        let mut offsets = Vec::new();
        for _ in 0..2_000 {
            if live.len() > 50 {
                let at = usize::try_from(random.below(live.len() as u64)).unwrap();
                peer.free(live.swap_remove(at), &mut ()).unwrap();
            }
            let handle = peer.allocate(Request::new(random.below(3_000)), &mut ()).unwrap();
            offsets.push(peer.block(handle).unwrap().offset);
            live.push(handle);
        }
        self.0.push((name.into(), offsets));
    }
}

#[test]
fn placements_repeat_in_other_memory_and_on_other_threads() {
    let visit = || {
        let mut repeats = Repeats(Vec::new());
        heaplab_peers::registry().visit_all(&mut repeats);
        repeats.0
    };
    let first = visit();
    assert_eq!(first, visit());
    assert_eq!(first, std::thread::spawn(visit).join().unwrap());
}

#[test]
fn the_versions_are_those_that_are_linked() {
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock");
    let lock = std::fs::read_to_string(lock).unwrap();
    for Entry { name, capabilities } in heaplab_peers::registry().entries() {
        let (package, version) = (capabilities.package, capabilities.version);
        let entry = format!("name = \"{package}\"\nversion = \"{version}\"\n");
        assert!(lock.contains(&entry), "{name}: Cargo.lock holds no {package} {version}");
    }
}
