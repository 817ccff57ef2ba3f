//! Damaged and forged files.

use super::*;

fn small_file(codec: Codec) -> Vec<u8> {
    let operations: Vec<_> = (0..40)
        .map(|slot| allocate(slot, 1000 + u64::from(slot % 7)))
        .chain((0..40).map(|slot| Operation::Free { slot: slot * 7 % 40 }))
        .collect();
    write(&operations, &[Origin { thread: Some(0), time_ns: Some(5), site: None }], codec)
}

#[test]
fn every_flipped_bit_is_noticed() {
    for codec in CODECS {
        let bytes = small_file(codec);
        read(&bytes).unwrap();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut damaged = bytes.clone();
                damaged[at] ^= 1 << bit;
                let error = read(&damaged).unwrap_err().to_string();
                assert!(error.starts_with("test.hlt: byte "), "byte {at}: {error}");
                let _ = file::seek_trailer("test.hlt", std::io::Cursor::new(&damaged));
            }
        }
    }
}

#[test]
fn every_truncation_is_noticed() {
    let bytes = small_file(Codec::Lz4);
    for len in 0..bytes.len() {
        read(&bytes[..len]).unwrap_err();
        file::seek_trailer("test.hlt", std::io::Cursor::new(&bytes[..len])).unwrap_err();
    }
    let longer = [bytes.as_slice(), b"\n"].concat();
    let error = read(&longer).unwrap_err().to_string();
    let expected =
        format!("test.hlt: byte {}: found more bytes, expected the end of the file", bytes.len());
    assert_eq!(error, expected);
    file::seek_trailer("test.hlt", std::io::Cursor::new(&longer)).unwrap_err();
}

/// A file with a right header and then `sections`, each as kind, count and payload.
fn crafted(sections: &[(u8, u32, &[u8])]) -> Vec<u8> {
    let mut bytes = [&HLT_MAGIC[..], &[1, 0, 0, 0]].concat();
    section::write(&mut bytes, Kind::HEADER, 0, b"{}", Codec::None).unwrap();
    for &(kind, count, payload) in sections {
        section::write(&mut bytes, Kind(kind), count, payload, Codec::None).unwrap();
    }
    bytes
}

fn complaint(bytes: &[u8]) -> String {
    read(bytes).unwrap_err().to_string()
}

/// The payload of a chunk without a dictionary.
fn payload(tags: &[u8], slots: &[u8], sizes: &[u8]) -> Vec<u8> {
    let lengths = [0, u8::try_from(tags.len()).unwrap(), u8::try_from(slots.len()).unwrap()];
    [&lengths, tags, slots, sizes].concat()
}

#[test]
fn lies_are_answered_with_place_found_and_expected() {
    let at = crafted(&[]).len();
    let one = payload(&[tags::SIZE_EXPLICIT], &[], &[7]);
    for (sections, expected) in [
        (
            &[(b'O', 0, one.as_slice())][..],
            "byte 38: found a chunk of 0 operations, expected 1 to 65536",
        ),
        (
            &[(b'O', 65_537, &one)],
            "byte 38: found a chunk of 65537 operations, expected 1 to 65536",
        ),
        (
            &[(b'O', 2, &one)],
            "byte 34: found the end of the section in operation 1, expected more bytes",
        ),
        (
            &[(b'O', 1, &payload(&[255], &[], &[]))],
            "byte 34: found tag 255 in operation 0 of 1, expected a tag that has a meaning there",
        ),
        (
            &[(b'O', 1, &payload(&[3], &[], &[]))],
            "byte 34: found tag 3 in operation 0 of 1, expected a tag that has a meaning there",
        ),
        (
            &[(b'O', 1, &payload(&[tags::SIZE_EXPLICIT + 4], &[], &[7, 64]))],
            "byte 34: found an alignment of 2^64 in operation 0 of 1, expected at most 2^63",
        ),
        (
            &[(b'O', 1, &payload(&[tags::SIZE_EXPLICIT], &[], &[7, 8]))],
            "byte 34: found 1 bytes after the last of 1 operations, expected the end of the section",
        ),
        (&[(b'O', 1, &[0, 200, 1])], "byte 34: found 3 bytes, expected a longer section"),
        (
            &[(b'O', 1, &one), (b'O', 1, &payload(&[tags::FREE_SLOT], &[1], &[]))],
            "operation 1: slot 1 is used while it is empty",
        ),
        (
            &[(
                b'O',
                1,
                &payload(&[tags::ALLOCATE_SLOT, tags::SIZE_EXPLICIT], &[9, 0, 0, 0], &[7]),
            )],
            "operation 0: slot 9 is used before slot 0: slots must be dense",
        ),
        (
            &[(b'X', 0, &[])],
            "byte 34: found a section 'X', expected operations 'O' or the trailer 'T'",
        ),
        (&[(b'x', 0, &[])], "byte 54: found the end of the file, expected a section"),
    ] {
        assert_eq!(complaint(&crafted(sections)), format!("test.hlt: {expected}"));
    }
    assert_eq!(at, 34);
}

#[test]
fn promises_beyond_the_file_take_no_memory() {
    let mut bytes = crafted(&[]);
    // A frame that promises 2^32 - 1 bytes; then one within the limits that the file does not hold.
    for (lens, expected) in [
        (
            [u32::MAX; 2],
            "byte 34: found a section 'O' of 4294967295 bytes, 4294967295 unpacked, expected at most 2097152",
        ),
        ([1 << 20; 2], "byte 54: found the end of the file, expected 1048576 bytes of section 'O'"),
    ] {
        bytes.truncate(34);
        bytes.extend_from_slice(&[b'O', 0, 0, 0, 1, 0, 0, 0]);
        lens.iter().for_each(|len| bytes.extend_from_slice(&len.to_le_bytes()));
        bytes.extend_from_slice(&[0; 4]);
        assert_eq!(complaint(&bytes), format!("test.hlt: {expected}"));
    }
}

#[test]
fn compressed_data_that_is_longer_than_promised_is_refused() {
    for (codec, name) in [(1, "LZ4"), (2, "deflate")] {
        let codec_kind = CODECS[usize::from(codec)];
        let mut bytes = crafted(&[]);
        section::write(&mut bytes, Kind::OPERATIONS, 1, &[0; 10_000], codec_kind).unwrap();
        assert_eq!(bytes[35], codec);
        // Halve the promised length and put the checksum right.
        bytes[42..46].copy_from_slice(&5000_u32.to_le_bytes());
        let mut sum = crc32fast::Hasher::new();
        sum.update(&bytes[34..50]);
        sum.update(&bytes[54..]);
        bytes[50..54].copy_from_slice(&sum.finalize().to_le_bytes());
        let error = complaint(&bytes);
        assert!(error.starts_with("test.hlt: byte 54: found ") && error.contains(name), "{error}");
        assert!(error.ends_with("expected 5000 bytes after unpacking"), "{error}");
    }
}

#[test]
fn a_trailer_must_agree_with_the_chunks() {
    let trailer = |change: fn(&mut Summary)| {
        let mut summary = Summary::of(&[allocate(0, 7)]).unwrap();
        change(&mut summary);
        serde_json::to_vec(&Trailer { info: TraceInfo::default(), summary }).unwrap()
    };
    let one = payload(&[tags::SIZE_EXPLICIT], &[], &[7]);
    let file = |trailer: &[u8]| crafted(&[(b'O', 1, &one), (b'T', 0, trailer)]);
    assert_eq!(
        complaint(&file(&trailer(|summary| summary.operations.free = 4))),
        "test.hlt: byte 59: found 1 operations in the chunks, expected 5, as the trailer says"
    );
    assert_eq!(
        complaint(&file(&trailer(|summary| summary.slots = 2))),
        "test.hlt: byte 59: found 1 slots in the chunks, expected 2, as the trailer says"
    );
    let error = complaint(&file(&trailer(|summary| summary.operations.free = u64::MAX)));
    assert!(error.ends_with("expected more than 2^64, as the trailer says"), "{error}");
    assert!(complaint(&file(b"{")).ends_with("expected a trailer in JSON"));

    // A lie about the peak is not seen by reading, but by verifying.
    let mut bytes = file(&trailer(|summary| summary.peak_live_requested_bytes = 1));
    bytes.extend_from_slice(&59_u64.to_le_bytes());
    bytes.extend_from_slice(&END_MAGIC);
    let embedded = EmbeddedHlt::new("lie", bytes.leak()).unwrap();
    assert_eq!(Trace::load(&embedded).unwrap().operations(), [allocate(0, 7)]);
    assert!(embedded.verify().unwrap_err().to_string().contains("a trailer that summarizes them"));
}

#[test]
fn other_files_and_versions_are_named() {
    assert_eq!(
        complaint(b"Alloc(16),\nFree(0),\n"),
        "test.hlt: byte 0: found \"Alloc(16\", expected \"\\x89HLT\\r\\n\\x1a\\n\", the start of an \
         .hlt file"
    );
    assert_eq!(
        complaint(b""),
        "test.hlt: byte 0: found the end of the file, expected an .hlt file"
    );
    let mut bytes = crafted(&[]);
    bytes[8] = 2;
    assert_eq!(complaint(&bytes), "test.hlt: byte 8: found version 2, expected version 1");
    (bytes[8], bytes[10]) = (1, 4);
    assert_eq!(
        complaint(&bytes),
        "test.hlt: byte 10: found flags 0x04 0x00, expected none of them set"
    );
}

#[test]
fn the_slots_that_the_format_reserves_are_refused() {
    for slot in [u32::MAX - 1, u32::MAX] {
        let allocate_at = [tags::ALLOCATE_SLOT, tags::SIZE_EXPLICIT];
        let chunk = payload(&allocate_at, &slot.to_le_bytes(), &[7]);
        let expected = format!(
            "test.hlt: operation 0: slot {slot} is used before slot 0: slots must be dense"
        );
        assert_eq!(complaint(&crafted(&[(b'O', 1, &chunk)])), expected);
        for tag in [tags::FREE_SLOT + 3, tags::RESIZE_SLOT + 3] {
            let both = [tag, tags::SIZE_EXPLICIT];
            let len = if tag < tags::RESIZE_SAME { 1 } else { 2 };
            let chunk =
                payload(&both[..len], &slot.to_le_bytes(), if len > 1 { &[7] } else { &[] });
            let error = complaint(&crafted(&[(b'O', 1, &chunk)]));
            assert!(error.ends_with("is used while it is empty"), "{error}");
        }
    }
}
