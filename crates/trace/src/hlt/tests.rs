mod hostile;

use proptest::prelude::*;

use super::decode::Decoder;
use super::section::{self, Kind};
use super::*;
use crate::{
    CHUNK_OPERATIONS, ChunkReader as _, Operation, OperationSource as _, Origin, Sink as _,
    SlotChecker, Trace, TraceBuilder, TraceError,
};

const CODECS: [Codec; 3] = Codec::ALL;

const fn allocate(slot: u32, size: u64) -> Operation {
    Operation::Allocate { slot, size, align: 1 }
}

fn write(operations: &[Operation], origins: &[Origin], codec: Codec) -> Vec<u8> {
    let mut writer = HltWriter::with_codec(Vec::new(), TraceInfo::named("test"), codec).unwrap();
    let origins = origins.iter().copied().chain(core::iter::repeat(Origin::default()));
    for (operation, origin) in operations.iter().zip(origins) {
        writer.push(*operation, origin).unwrap();
    }
    writer.finish().unwrap().0
}

fn read(bytes: &[u8]) -> Result<(Vec<Operation>, Vec<Origin>), TraceError> {
    let mut reader = HltReader::new("test.hlt", bytes)?;
    let (mut operations, mut origins) = (Vec::new(), Vec::new());
    let (mut chunk, mut chunk_origins) = (Vec::new(), Vec::new());
    while reader.next_chunk_with_origins(&mut chunk, &mut chunk_origins)? {
        if !chunk_origins.is_empty() {
            origins.resize(operations.len(), Origin::default());
            origins.extend_from_slice(&chunk_origins);
        }
        operations.extend_from_slice(&chunk);
    }
    assert!(reader.summary().is_some());
    Ok((operations, origins))
}

/// Turns arbitrary numbers into operations that keep the slot discipline, in every slot order.
fn disciplined(choices: &[(u8, u64, u8, prop::sample::Index)]) -> Vec<Operation> {
    let (mut live, mut free, mut fresh) = (Vec::new(), Vec::new(), 0_u32);
    let mut operations = Vec::new();
    for &(kind, size, exponent, index) in choices {
        let (size, align) = (size >> (exponent % 64), 1 << (size % 64).min(exponent.into()));
        if live.is_empty() || kind < 110 {
            let slot = if free.is_empty() || kind < 40 {
                fresh += 1;
                fresh - 1
            } else if kind < 90 {
                free.pop().unwrap()
            } else {
                free.remove(index.index(free.len()))
            };
            live.push(slot);
            operations.push(Operation::Allocate { slot, size, align });
        } else if kind < 150 {
            let slot = live[index.index(live.len())];
            operations.push(Operation::Resize { slot, size, align });
        } else {
            let slot =
                if kind < 200 { live.pop().unwrap() } else { live.remove(index.index(live.len())) };
            free.push(slot);
            operations.push(Operation::Free { slot });
        }
    }
    operations
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_trace_round_trips(
        choices in prop::collection::vec(any::<(u8, u64, u8, prop::sample::Index)>(), 0..600),
        origins in prop::collection::vec(any::<(Option<u32>, Option<u64>, Option<u32>)>(), 0..40),
    ) {
        let operations = disciplined(&choices);
        let origins: Vec<Origin> = origins
            .into_iter()
            .take(operations.len())
            .map(|(thread, time_ns, site)| Origin { thread, time_ns, site })
            .collect();
        for codec in CODECS {
            let bytes = write(&operations, &origins, codec);
            let (found, mut found_origins) = read(&bytes).unwrap();
            prop_assert_eq!(&found, &operations);
            found_origins.truncate(origins.len());
            found_origins.resize(origins.len(), Origin::default());
            prop_assert_eq!(&found_origins, &origins);
            let embedded = EmbeddedHlt::new("test.hlt", bytes.leak()).unwrap();
            embedded.verify().unwrap();
            prop_assert_eq!(embedded.summary(), &SummaryOf(&operations, &origins).get());
        }
    }

    #[test]
    fn arbitrary_payloads_decode_to_disciplined_operations_or_not_at_all(
        payload in prop::collection::vec(any::<u8>(), 0..300),
        tags in prop::collection::vec(any::<u8>(), 0..100),
        count in 0_usize..120,
    ) {
        // Once any bytes at all, and once a well-formed start, to come further.
        let mut formed = vec![1, u8::try_from(tags.len()).unwrap(), 9, 16, 0];
        formed.extend_from_slice(&tags);
        formed.extend_from_slice(&payload);
        for payload in [&payload, &formed] {
            let (mut decoder, mut checker) = (Decoder::new(), SlotChecker::new());
            let mut operations = Vec::new();
            let _ = decoder.decode(payload, count, &mut operations);
            for operation in &operations {
                checker.check(operation).unwrap();
            }
        }
    }
}

struct SummaryOf<'a>(&'a [Operation], &'a [Origin]);

impl SummaryOf<'_> {
    fn get(&self) -> Summary {
        let mut builder = crate::SummaryBuilder::new();
        let origins = self.1.iter().copied().chain(core::iter::repeat(Origin::default()));
        self.0.iter().zip(origins).for_each(|(o, origin)| builder.push(*o, origin).unwrap());
        builder.finish()
    }
}

#[test]
fn extremes_round_trip() {
    let mut operations = Vec::new();
    for (slot, exponent) in (0..64).zip(0..64) {
        operations.push(Operation::Allocate { slot, size: u64::MAX >> exponent, align: 1 << slot });
    }
    operations.push(Operation::Resize { slot: 63, size: 0, align: 1 << 63 });
    operations.push(Operation::Resize { slot: 0, size: u64::MAX, align: 1 });
    for codec in CODECS {
        assert_eq!(read(&write(&operations, &[], codec)).unwrap().0, operations);
    }
    assert_eq!(read(&write(&[], &[], Codec::Lz4)).unwrap().0, []);
}

#[test]
fn chunks_follow_one_another() {
    let mut operations = vec![allocate(0, 1)];
    for slot in 1..100_000 {
        operations.push(allocate(slot, u64::from(slot) % 300));
        if slot % 3 == 0 {
            operations.push(Operation::Free { slot: slot / 3 });
            operations.push(allocate(slot / 3, 8));
        }
    }
    assert!(operations.len() > 2 * CHUNK_OPERATIONS);
    let late = Origin { thread: Some(3), ..Origin::default() };
    let mut origins = vec![Origin::default(); CHUNK_OPERATIONS + 5];
    origins.push(late);
    for codec in CODECS {
        let (found, found_origins) = read(&write(&operations, &origins, codec)).unwrap();
        assert_eq!(found, operations);
        assert_eq!(found_origins[CHUNK_OPERATIONS + 5], late);
    }
}

#[test]
fn unknown_sections_and_fields_of_later_writers_are_passed_over() {
    let mut bytes = [&HLT_MAGIC[..], &[1, 0, 0, 0]].concat();
    let header = br#"{"info":{"name":"n","new":[1]},"more":2}"#;
    section::write(&mut bytes, Kind::HEADER, 0, header, Codec::None).unwrap();
    section::write(&mut bytes, Kind(b'z'), 9, b"whatever", Codec::None).unwrap();
    let reader = HltReader::new("later", bytes.as_slice()).unwrap();
    assert_eq!(reader.info().name, "n");
}

#[test]
fn a_file_appears_only_when_it_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.hlt");
    let entries = || std::fs::read_dir(folder.path()).unwrap().count();
    let mut abandoned = HltFileWriter::create(&path, TraceInfo::named("a")).unwrap();
    abandoned.push(allocate(0, 1), Origin::default()).unwrap();
    assert!(!path.exists());
    drop(abandoned);
    assert_eq!(entries(), 0);

    let mut writer = HltFileWriter::create(&path, TraceInfo::named("a")).unwrap();
    writer.push(allocate(0, 1), Origin::default()).unwrap();
    writer.info_mut().source.dropped_null_frees = 3;
    let summary = writer.finish().unwrap();
    assert_eq!(entries(), 1);
    let file = HltFile::open(&path).unwrap();
    assert_eq!(file.summary(), &summary);
    assert_eq!(file.info().source.dropped_null_frees, 3);
    file.verify().unwrap();
    assert_eq!(Trace::load(&file).unwrap().operations(), [allocate(0, 1)]);

    // Replaced by another trace after it was opened.
    let mut writer = HltFileWriter::create(&path, TraceInfo::named("b")).unwrap();
    writer.push(allocate(0, 2), Origin::default()).unwrap();
    writer.finish().unwrap();
    let error = Trace::load(&file).unwrap_err().to_string();
    assert!(error.contains("the one opened before"), "{error}");

    let missing = HltFile::open(folder.path().join("none.hlt")).unwrap_err();
    assert!(matches!(missing, TraceError::Io { .. }));
    let nowhere = HltFileWriter::create(folder.path().join("no/trace.hlt"), TraceInfo::default());
    assert!(matches!(nowhere.unwrap_err(), TraceError::Io { .. }));
}

#[test]
fn broken_discipline_is_refused_when_written() {
    let mut writer = HltWriter::new(Vec::new(), TraceInfo::default()).unwrap();
    writer.push(allocate(0, 1), Origin::default()).unwrap();
    writer.push(allocate(0, 1), Origin::default()).unwrap_err();
    let (bytes, summary) = writer.finish().unwrap();
    assert_eq!(summary.operations.total(), 1);
    assert_eq!(read(&bytes).unwrap().0, [allocate(0, 1)]);
}

#[test]
fn the_bytes_of_version_1_are_pinned() {
    let mut builder = TraceBuilder::new(TraceInfo::named("pinned"));
    crate::generate::Generator::parse("phases", &[("operations", "9000"), ("live", "500")])
        .unwrap()
        .run(&mut builder)
        .unwrap();
    let trace = builder.finish();
    let bytes = write(trace.operations(), &[], Codec::None);
    assert_eq!(blake3::hash(&bytes).to_hex()[..16], *"0390f2cdcb137768");
    let mut reader = HltReader::new("pinned", bytes.as_slice()).unwrap();
    let mut chunk = Vec::new();
    assert!(reader.next_chunk(&mut chunk).unwrap());
    assert_eq!(chunk, trace.operations());
}
