//! No bytes make an importer panic, and whatever it pushes keeps to the slots.

use heaplab_trace::import::{Format, ImportOptions, formats};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};
use proptest::test_runner::Config;

use crate::support::{import_as, zip};

/// A valid file of every format, the mutations' ground.
fn valid() -> Vec<Vec<u8>> {
    let aosp =
        b"7: malloc 0x10 24\n7: calloc 0x20 3 8\n9: memalign 0x30 16 10\n7:realloc 0x40 0x10 \
                 50\n7: free 0x0\n9: free 0x20\n9: thread_done 0x0\n7: free 0x40 12 13\n";
    vec![
        b"0\n3\n9\n0\na 0 16\nf -1\nr 1 48\na 2 0\nf 0\na 0 32\nr 0 8\nf 1\nf 2\nf 0\n".to_vec(),
        b"Alloc(16),\nAlloc(24),\nFree(0),\nAlloc(0),\nFree(2),\nFree(1),\n".to_vec(),
        aosp.to_vec(),
        zip(&[("t.txt", aosp)]),
        b"id,lower,upper,size\n0,5,9,100\n1,0,5,200\n2,5,7,300\n3,-3,5,400\n".to_vec(),
        b"==1== Command: ./a b\n--1-- malloc(10) = 0x4A40040\n--1-- calloc(18446744073709551615,2)\
          realloc(0x4A40040,20) = 0x4A410D0\n--2-- free(0x4A410D0)\n--1-- realloc(0x4A410D0,0)free(\
          0x4A410D0)\n--1--  = 0\n--00:00:00:00.399 1-- _ZnwmSt11align_val_t(size 128, al 64) = \
          0x4D6DE40\n--1-- free(0x0--2-- free(0x4D6DE40)\n--1-- _ZdlPvm(0x4D6DE40)\n"
            .to_vec(),
    ]
}

/// Bytes that mean something somewhere, so that mutations get past the first check.
const TOKENS: &[&str] = &[
    "\n",
    "\r\n",
    " ",
    ",",
    "(",
    ")",
    "0x",
    "0",
    "-1",
    "1",
    "18446744073709551615",
    "18446744073709551616",
    "a ",
    "r ",
    "f ",
    "Alloc(",
    "Free(",
    ": ",
    "realloc ",
    "memalign ",
    "--1-- ",
    "==1== Command: ",
    " = 0x10",
    "malloc(",
    "realloc(0x0,8)malloc(8)",
    "\0",
    "\u{feff}",
];

#[derive(Clone, Debug)]
enum Mutation {
    Replace(usize, u8),
    Insert(usize, usize),
    Remove(usize, usize),
    Repeat(usize, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Mutation::Replace(at, byte)),
        (any::<usize>(), any::<usize>()).prop_map(|(at, token)| Mutation::Insert(at, token)),
        (any::<usize>(), 1..20_usize).prop_map(|(at, len)| Mutation::Remove(at, len)),
        (any::<usize>(), 1..60_usize).prop_map(|(at, len)| Mutation::Repeat(at, len)),
    ]
}

fn apply(mut content: Vec<u8>, mutations: &[Mutation]) -> Vec<u8> {
    for mutation in mutations {
        let len = content.len();
        match *mutation {
            _ if len == 0 => {}
            Mutation::Replace(at, byte) => content[at % len] = byte,
            Mutation::Insert(at, token) => {
                let token = TOKENS[token % TOKENS.len()].bytes();
                content.splice(at % len..at % len, token);
            }
            Mutation::Remove(at, count) => {
                let from = at % len;
                content.drain(from..(from + count).min(len));
            }
            Mutation::Repeat(at, count) => {
                let from = at % len;
                let part = content[from..(from + count).min(len)].to_vec();
                content.splice(from..from, part);
            }
        }
    }
    content
}

/// Every importer on these bytes, by recognition and by force.
fn feed(content: &[u8]) {
    let forced = formats().iter().map(|info| Some(info.format));
    for format in forced.chain([None]) {
        let options = ImportOptions { format, ..ImportOptions::default() };
        for name in ["t", "t.rep"] {
            let (result, _) = import_as(name, content, &options);
            if let Err(error) = result {
                assert!(error.to_string().len() < 1000);
                assert!(error.excerpt().is_none_or(|text| text.chars().count() < 130));
            }
        }
    }
}

proptest! {
    #![proptest_config(Config { cases: 400, failure_persistence: None, ..Config::default() })]

    #[test]
    fn mutated_files_never_panic(
        index in any::<usize>(),
        mutations in prop::collection::vec(mutation(), 1..8),
    ) {
        let valid = valid();
        feed(&apply(valid[index % valid.len()].clone(), &mutations));
    }

    #[test]
    fn token_soup_never_panics(tokens in prop::collection::vec(0..TOKENS.len(), 0..60)) {
        let content: String = tokens.into_iter().map(|token| TOKENS[token]).collect();
        feed(content.as_bytes());
    }

    #[test]
    fn random_bytes_never_panic(
        magic in prop_oneof![Just(&b""[..]), Just(&b"PK\x03\x04"[..]), Just(&b"==1=="[..])],
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        feed(&[magic, &bytes].concat());
    }
}

#[test]
fn the_ground_of_the_mutations_is_valid() {
    for content in valid() {
        let (result, _) = import_as("t", &content, &ImportOptions::default());
        result.unwrap_or_else(|error| panic!("{error}"));
    }
    assert_eq!(formats().len(), 5);
    assert!(formats().iter().any(|info| info.format == Format::Valgrind));
}

#[test]
fn a_bomb_of_one_line_is_refused_without_unpacking_it() {
    // 64 MiB of one line pack into 64 KiB; only the longest allowed line is ever unpacked.
    let bomb = zip(&[("bomb.txt", &vec![b'1'; 64 << 20])]);
    let (result, _) = import_as("bomb.zip", &bomb, &ImportOptions::default());
    assert_eq!(
        result.unwrap_err().to_string(),
        "bomb.zip/bomb.txt:1: the line is longer than 65536 bytes"
    );
}
