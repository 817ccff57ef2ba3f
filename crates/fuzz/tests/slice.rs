//! A slice of each long run, for every change.

use heaplab_fuzz::importers::{Reader, feed};
use heaplab_fuzz::memory::{Counting, most_bytes};
use heaplab_fuzz::strategies;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn no_strategy_differs_from_the_oracle() {
    for (name, judge) in strategies::of(&heaplab_strategies::registry()) {
        let operations = judge(0..64).unwrap_or_else(|failure| panic!("{name}: {failure}"));
        assert_eq!(operations, 64_000, "{name}");
    }
}

#[test]
fn no_reader_chokes_on_mutated_files() {
    for reader in Reader::all() {
        let fed = feed(reader, 0..4_000).unwrap_or_else(|choked| panic!("{choked}"));
        assert_eq!(fed.files, 4_000);
        // Some get through and most do not, or the mutations would be of no use.
        // Heaplab's own format has checksums, which hardly any mutation survives.
        let least = if reader == Reader::Hlt { 1 } else { 40 };
        assert!((least..3_000).contains(&fed.accepted), "{}: {fed:?}", reader.name());
        assert!(fed.operations > 100 && fed.most_bytes > 0, "{}: {fed:?}", reader.name());
    }
}

#[test]
fn memory_is_counted_on_the_thread_that_takes_it() {
    let elsewhere = || std::thread::spawn(|| vec![1_u8; 8 << 20].len()).join().unwrap();
    let (_, most) = most_bytes(elsewhere);
    assert!(most < 1 << 20, "{most}");
    let (_, most) = most_bytes(|| vec![1_u8; 8 << 20].len());
    assert!((8 << 20..9 << 20).contains(&most), "{most}");
}
