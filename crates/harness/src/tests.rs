//! Replays and runs of small strategies, sound and broken ones.

mod broken;
mod explain;
mod figures;
mod maps;
mod resumed;
mod runs;
mod shapes;
mod shares;
mod strangers;
mod strategies;
mod timing;

use std::sync::Arc;

use heaplab_core::{Config, Granule, Strategy};
use heaplab_trace::{Operation, Trace, TraceInfo};

use crate::{HeapSize, ReplayRequest, Replayed, replay};

/// `+slot size`, `=slot size` (resize), `-slot`, separated by commas.
pub(crate) fn trace(text: &str) -> Arc<Trace> {
    let operation = |text: &str| {
        let mut words = text[1..].split_whitespace();
        let slot = words.next().unwrap().parse().unwrap();
        let size = words.next().map_or(0, |word| word.parse().unwrap());
        match &text[..1] {
            "+" => Operation::Allocate { slot, size, align: 1 },
            "=" => Operation::Resize { slot, size, align: 1 },
            _ => Operation::Free { slot },
        }
    };
    let operations = text.split(',').map(|part| operation(part.trim())).collect();
    Arc::new(Trace::from_operations(TraceInfo::named("drawn"), operations).unwrap())
}

/// Some thousand operations of all kinds, up to 64 blocks live, the same for the same seed.
fn busy_trace(operations: usize, seed: u64) -> Arc<Trace> {
    let mut random = seed;
    let mut draw = move |below: u64| {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let mut live = [false; 64];
    let mut slots = 0;
    let operations = (0..operations).map(|_| {
        let wanted = draw(64).min(slots);
        let index = usize::try_from(wanted).unwrap();
        let slot = u32::try_from(wanted).unwrap();
        let size = draw(200);
        if !live[index] {
            live[index] = true;
            slots = slots.max(wanted + 1).min(63);
            Operation::Allocate { slot, size, align: if draw(8) == 0 { 64 } else { 1 } }
        } else if draw(3) == 0 {
            Operation::Resize { slot, size, align: 1 }
        } else {
            live[index] = false;
            Operation::Free { slot }
        }
    });
    let info = TraceInfo::named("busy");
    Arc::new(Trace::from_operations(info, operations.collect()).unwrap())
}

/// A verified replay with a granule of 1.
fn verified<S: Strategy>(trace: &Trace, heap: &str) -> Replayed {
    let mut request = ReplayRequest::new(trace);
    request.heap = heap.parse::<HeapSize>().unwrap();
    request.config = Config::new().with_granule(Granule::BYTE);
    request.verify = true;
    replay::<S>(&request, &mut ()).unwrap()
}
