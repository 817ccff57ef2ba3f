//! How fast traces are read: `.hlt` files decoded, and other tools' files imported.
//!
//! ```text
//! cargo bench -p heaplab-benches --bench traces              all of it
//! cargo bench -p heaplab-benches --bench traces -- decode    one group: decode, import, convert
//! ```
//!
//! Throughput is in operations a second, on one thread, from memory. `decode` reads the suite's own files, with every
//! checksum and the slot discipline checked, which is what a streamed replay waits for, and longer generated ones, which
//! compress worse. `import` reads the recorded operations as `.rep` files into nothing, and `convert` into `.hlt` files in
//! memory, which is all that `heaplab import` does but for the disk.

use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use heaplab_benches::reading::{self, Ignored};
use heaplab_benches::{generated, recorded};

/// Random sizes among many blocks, phases, and blocks that are freed long after they were made.
const PRESETS: [&str; 5] = ["log-uniform", "phases", "s2", "s4", "resize-heavy"];

const OPERATIONS: u64 = 1_000_000;

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600));
    group
}

fn decoding(criterion: &mut Criterion) {
    let mut files = reading::suite();
    files.extend(PRESETS.map(|name| reading::as_hlt(name, &generated(name, OPERATIONS))));
    let mut decode = group(criterion, "decode");
    for file in &mut files {
        decode.throughput(Throughput::Elements(file.operations));
        decode.bench_function(&*file.name.clone(), |bencher| bencher.iter(|| file.decode()));
    }
    decode.finish();
}

fn importing(criterion: &mut Criterion) {
    let texts: Vec<_> = recorded().iter().map(reading::as_rep).collect();
    let mut import = group(criterion, "import");
    for text in &texts {
        import.throughput(Throughput::Elements(text.operations));
        import.bench_function(&text.name, |bencher| bencher.iter(|| text.import(&mut Ignored)));
    }
    import.finish();
    let mut convert = group(criterion, "convert");
    for text in &texts {
        convert.throughput(Throughput::Elements(text.operations));
        convert.bench_function(&text.name, |bencher| bencher.iter(|| text.convert()));
    }
    convert.finish();
}

criterion_group!(benches, decoding, importing);
criterion_main!(benches);
