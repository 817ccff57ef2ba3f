//! Every strategy, and the floors, on the recorded traces of the default suite and on generated ones.
//!
//! Time is that of the operations alone: making the allocator and decoding stay outside, as in a run of heaplab.
//! Contestants that would need more than half a second for one replay are left out of that trace.

use std::sync::Mutex;
use std::time::Duration;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use heaplab_benches::{contestants, generated, recorded};

const LONGEST_REPLAY: Duration = Duration::from_millis(500);

const GENERATED_OPERATIONS: u64 = 250_000;

fn strategies(criterion: &mut Criterion) {
    let mut traces = recorded();
    traces.extend(["s1", "s3", "s4"].map(|preset| generated(preset, GENERATED_OPERATIONS)));
    let room = Mutex::default();
    for trace in &traces {
        let mut group = criterion.benchmark_group(trace.info().name.as_str());
        group
            .sampling_mode(SamplingMode::Flat)
            .sample_size(10)
            .warm_up_time(Duration::from_millis(100))
            .measurement_time(Duration::from_millis(300))
            .throughput(Throughput::Elements(trace.operations().len() as u64));
        for contestant in contestants() {
            if !contestant.ends_within(trace, LONGEST_REPLAY) {
                continue;
            }
            group.bench_function(contestant.name, |bencher| {
                bencher.iter_custom(|iterations| {
                    let replay = |_| Duration::from_nanos(contestant.time_ns(trace, &room));
                    (0..iterations).map(replay).sum()
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, strategies);
criterion_main!(benches);
