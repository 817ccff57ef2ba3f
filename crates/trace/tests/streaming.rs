//! A trace of ten million operations, written and read in memory for a chunk and the live blocks.

use heaplab_trace::generate::Generator;
use heaplab_trace::{HltFile, HltFileWriter, OperationSource as _, PeakLive};

/// Held in memory, the trace would take 240 MB.
const OPERATIONS: &str = "10000000";

/// The process with its buffers takes less than 20 MiB.
const LIMIT_KIB: u64 = 64 * 1024;

#[test]
fn ten_million_operations_pass_in_constant_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.hlt");
    let generator = Generator::parse("s3", &[("operations", OPERATIONS)]).unwrap();
    let mut writer = HltFileWriter::create(&path, generator.trace_info()).unwrap();
    generator.run(&mut writer).unwrap();
    let summary = writer.finish().unwrap();
    assert_eq!(summary.operations.total().to_string(), OPERATIONS);

    let file = HltFile::open(&path).unwrap();
    let mut reader = file.open().unwrap();
    let (mut chunk, mut peak, mut operations) = (Vec::new(), PeakLive::new(16), 0);
    while reader.next_chunk(&mut chunk).unwrap() {
        operations += chunk.len() as u64;
        chunk.iter().for_each(|operation| peak.apply(operation));
    }
    assert_eq!(operations.to_string(), OPERATIONS);
    assert!(peak.peak_bytes() >= summary.peak_live_requested_bytes);

    match peak_resident_kib() {
        Some(kib) => assert!(kib < LIMIT_KIB, "{kib} KiB were resident"),
        None => println!("this system does not tell how much memory was resident"),
    }
}

/// The most memory that the process ever held, where the system tells.
fn peak_resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
