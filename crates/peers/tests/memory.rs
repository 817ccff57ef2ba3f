//! Peers that keep their bookkeeping in the heap must keep it out of the blocks: what is written into a block stays.

#![cfg(test)]

use std::ptr::NonNull;

use heaplab_core::{Allocator as _, Config, Request, Strategy as _};
use heaplab_peers::{
    Buddy, Dlmalloc, GoodMemory, LinkedList, Peer, Peered, Resized, Rlsf16x16, Rlsf28x32, Talc,
};

const CAPACITY: u64 = 128 << 10;

struct Live<T> {
    offset: u64,
    size: u64,
    token: T,
    byte: u8,
}

/// The bytes of a block in the peer's own memory.
fn bytes<P: Peer>(peer: &mut P, offset: u64, size: u64) -> &mut [u8] {
    let memory: NonNull<u8> = peer.memory().unwrap();
    // SAFETY: the peer has placed a block there.
    let start = unsafe { memory.as_ptr().add(usize::try_from(offset).unwrap()) };
    // SAFETY: the peer has said that these bytes are the caller's, and nobody else looks at them meanwhile.
    unsafe { std::slice::from_raw_parts_mut(start, usize::try_from(size).unwrap()) }
}

fn check<P: Peer>(peer: &mut P, live: &Live<P::Token>, size: u64) {
    let is_kept = bytes(peer, live.offset, size).iter().all(|&byte| byte == live.byte);
    assert!(is_kept, "{}: {size} bytes at {}", P::CAPABILITIES.package, live.offset);
}

fn keeps_out_of_blocks<P: Peer>() {
    let mut peer = P::new(CAPACITY, &Config::new()).unwrap();
    let mut state = 11_u64;
    let mut random = move |limit: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) % limit
    };
    let mut live: Vec<Live<P::Token>> = Vec::new();
    for step in 0..20_000_u32 {
        let limit = if random(20) == 0 { 9_000 } else { 300 };
        let size = 1 + random(limit);
        let at = usize::try_from(random(64)).unwrap();
        let byte = step.to_le_bytes()[0] | 1;
        if at >= live.len() {
            let Some((offset, token)) = peer.allocate(size, 16) else { continue };
            bytes(&mut peer, offset, size).fill(byte);
            live.push(Live { offset, size, token, byte });
            continue;
        }
        check(&mut peer, &live[at], live[at].size);
        let Live { offset, size: old, token, .. } = live[at];
        if random(3) == 0 {
            // SAFETY: the list holds what the peer has placed.
            match unsafe { peer.resize(offset, old, 16, token, size) } {
                Resized::Done(offset, token) => {
                    live[at].offset = offset;
                    check(&mut peer, &live[at], size.min(old));
                    bytes(&mut peer, offset, size).fill(byte);
                    live[at] = Live { offset, size, token, byte };
                }
                Resized::Move | Resized::Full => check(&mut peer, &live[at], old),
            }
        } else {
            live.swap_remove(at);
            // SAFETY: the list held what the peer has placed.
            unsafe { peer.free(offset, old, 16, token) };
        }
    }
    for it in &live {
        check(&mut peer, it, it.size);
    }
}

#[test]
fn blocks_in_the_peers_memory_keep_their_bytes() {
    keeps_out_of_blocks::<Talc>();
    keeps_out_of_blocks::<Rlsf28x32>();
    keeps_out_of_blocks::<Rlsf16x16>();
    keeps_out_of_blocks::<Dlmalloc>();
    keeps_out_of_blocks::<GoodMemory>();
    keeps_out_of_blocks::<Buddy>();
    keeps_out_of_blocks::<LinkedList>();
}

#[test]
fn a_peered_heap_is_exactly_as_large_as_it_is_said() {
    // One block of nearly everything fits, and one of everything does not where bookkeeping takes its part.
    let mut peer = Peered::<Talc>::new(CAPACITY, &Config::new()).unwrap();
    assert!(peer.allocate(Request::new(CAPACITY), &mut ()).is_err());
    assert!(peer.allocate(Request::new(CAPACITY - 4_096), &mut ()).is_ok());
}
