//! What the space pass costs beside a plain replay: `cargo run --release -p heaplab --example space_pass [STRATEGY…] TRACE.hlt…`.
//!
//! The plain replay is the timed one, placements alone; the space pass keeps every figure and series and hashes the
//! placements. Both are the fastest of some repetitions. The last column is a digest of all that the space pass found, to
//! see that a faster one finds the same.

#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a program that prints figures of three digits"
)]

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use heaplab_core::{Config, Entry, Kind, Strategy, Visitor};
use heaplab_harness::timed::{TimedRoom, replay_timed};
use heaplab_harness::{HeapSize, ReplayRequest, replay};
use heaplab_report::Status;
use heaplab_trace::{HltFile, Trace};

/// Each replay is repeated for so long, and at least three times.
const FOR: Duration = Duration::from_millis(150);

struct Compare<'a> {
    strategies: &'a [String],
    name: &'a str,
    trace: &'a Trace,
    heap: HeapSize,
    ratios: Vec<f64>,
}

impl Visitor for Compare<'_> {
    fn visit<S: Strategy>(&mut self, entry: Entry) {
        let wanted = self.strategies;
        let is_wanted = wanted.is_empty() || wanted.iter().any(|name| name == entry.name);
        if entry.capabilities.kind != Kind::Strategy || !is_wanted {
            return;
        }
        let mut request = ReplayRequest::new(self.trace);
        request.heap = self.heap;
        let Ok(first) = replay::<S>(&request, &mut ()) else { return };
        if first.outcome.status != Status::Ok {
            return;
        }
        // As in a run, which knows its heaps beforehand.
        request.heap = HeapSize::Bytes(first.heap_bytes);
        let space = fastest(|| drop(replay::<S>(&request, &mut ())));
        let mut room = TimedRoom::default();
        let (heap, config) = (first.heap_bytes, Config::new());
        let plain = fastest(|| drop(replay_timed::<S>(self.trace, heap, &config, &mut room)));
        let found = serde_json::to_string(&heaplab_harness::Replayed {
            duration: Duration::ZERO,
            ..first.clone()
        });
        let digest = blake3::hash(found.unwrap_or_default().as_bytes()).to_hex();
        let per_operation = |ns: f64| ns / first.operations as f64;
        let ratio = space / plain;
        self.ratios.push(ratio);
        println!(
            "{:<24} {:<10} {:>8.1} {:>8.1} {ratio:>7.2}  {}",
            entry.name,
            self.name,
            per_operation(plain),
            per_operation(space),
            &digest[..16],
        );
    }
}

/// The least time of a repetition in ns.
fn fastest(mut once: impl FnMut()) -> f64 {
    let begun = Instant::now();
    let mut least = Duration::MAX;
    for repetition in 0.. {
        if repetition >= 3 && begun.elapsed() > FOR {
            break;
        }
        let started = Instant::now();
        once();
        least = least.min(started.elapsed());
    }
    least.as_secs_f64() * 1e9
}

fn main() -> Result<(), Box<dyn Error>> {
    let (files, strategies): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|word| word.ends_with(".hlt"));
    let mut compare_all = Vec::new();
    println!("strategy                 trace         plain    space   ratio  digest");
    println!("                                       ns per operation");
    let mut compare = |name: &str, trace: &Trace| -> Result<(), Box<dyn Error>> {
        let (heap, ratios) = ("1.5x".parse()?, Vec::new());
        let mut compare = Compare { strategies: &strategies, name, trace, heap, ratios };
        heaplab_strategies::registry().visit_all(&mut compare);
        compare_all.append(&mut compare.ratios);
        Ok(())
    };
    for path in &files {
        let trace = Trace::load(&HltFile::open(Path::new(path))?)?;
        compare(&trace.info().name, &trace)?;
    }
    let count = compare_all.len() as f64;
    let mean = (compare_all.iter().map(|ratio| ratio.ln()).sum::<f64>() / count).exp();
    let worst = compare_all.iter().copied().fold(0.0, f64::max);
    println!("{count} pairs, geometric mean {mean:.2}, worst {worst:.2}");
    Ok(())
}
