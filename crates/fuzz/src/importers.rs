//! Mutated files against every importer: no panic, slots kept in order, memory in proportion.

use std::io::{Cursor, Write};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use heaplab_trace::import::{Format, ImportOptions, formats, import_reader};
use heaplab_trace::{
    ChunkReader as _, HltReader, HltWriter, Operation, OperationError, Origin, Sink, SlotChecker,
    TraceInfo,
};

use crate::memory::most_bytes;
use crate::random::Random;

/// What any import may hold, whatever the file: buffers for the longest line and the largest chunk.
const FIXED_BYTES: usize = 4 << 20;

/// What an import may hold for each byte of the file.
const BYTES_PER_BYTE: usize = 64;

/// Who reads the files of a corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// An importer of foreign files.
    Importer(Format),
    /// The reader of heaplab's own format.
    Hlt,
}

impl Reader {
    /// All of them.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let importers = formats().iter().map(|info| Self::Importer(info.format));
        importers.chain([Self::Hlt]).collect()
    }

    /// The format's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Importer(format) => format.name(),
            Self::Hlt => "hlt",
        }
    }
}

/// What became of some mutated files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fed {
    /// How many there were.
    pub files: u64,
    /// How many of them were accepted all the same.
    pub accepted: u64,
    /// The operations that they held.
    pub operations: u64,
    /// The most memory that one of them took; 0 where nobody counts.
    pub most_bytes: usize,
}

/// A file that a reader must not choke on, and did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choked {
    /// The reader.
    pub reader: Reader,
    /// The seed of the file.
    pub seed: u64,
    /// What went wrong.
    pub what: String,
    /// The file.
    pub file: Vec<u8>,
}

impl std::fmt::Display for Choked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { reader, seed, what, file } = self;
        write!(f, "{}, file of seed {seed}: {what}\n{}", reader.name(), file.escape_ascii())
    }
}

impl std::error::Error for Choked {}

/// Feeds a reader the mutated files of these seeds, the same for the same seeds.
///
/// # Errors
///
/// The first file that makes it panic, that breaks the order of slots, or that takes memory out of proportion.
pub fn feed(reader: Reader, seeds: Range<u64>) -> Result<Fed, Box<Choked>> {
    let valid = valid(reader);
    let mut fed = Fed::default();
    for seed in seeds {
        let mut random = Random::new(seed);
        let file = mutated(&mut random, &valid);
        let (ended, most_bytes) =
            most_bytes(|| catch_unwind(AssertUnwindSafe(|| read(reader, &file))));
        let what = match ended {
            Err(_) => "a panic".to_owned(),
            Ok(Err(broken)) => broken,
            Ok(Ok(_)) if most_bytes > FIXED_BYTES + BYTES_PER_BYTE * file.len() => {
                format!("{most_bytes} bytes of memory for a file of {}", file.len())
            }
            Ok(Ok(read)) => {
                fed.files += 1;
                fed.accepted += u64::from(read.is_accepted);
                fed.operations += read.operations;
                fed.most_bytes = fed.most_bytes.max(most_bytes);
                continue;
            }
        };
        return Err(Box::new(Choked { reader, seed, what, file }));
    }
    Ok(fed)
}

struct Read {
    is_accepted: bool,
    operations: u64,
}

/// Checks what a reader hands out.
#[derive(Default)]
struct Checker {
    slots: SlotChecker,
    operations: u64,
    broken: Option<String>,
}

impl Sink for Checker {
    fn push(&mut self, operation: Operation, _origin: Origin) -> Result<(), OperationError> {
        self.operations += 1;
        if let Err(error) = self.slots.check(&operation) {
            self.broken.get_or_insert(format!("operation {}: {error}", self.operations - 1));
        }
        Ok(())
    }
}

fn read(reader: Reader, file: &[u8]) -> Result<Read, String> {
    let mut checker = Checker::default();
    let is_accepted = match reader {
        Reader::Importer(format) => {
            let options = ImportOptions { format: Some(format), ..ImportOptions::default() };
            match import_reader("fuzzed", Cursor::new(file), &options, &mut checker) {
                Ok(_) => true,
                Err(error) => {
                    let said = error.to_string().len();
                    if said > 1_000 {
                        return Err(format!("an error of {said} bytes"));
                    }
                    false
                }
            }
        }
        Reader::Hlt => read_hlt(file, &mut checker).is_ok(),
    };
    match checker.broken {
        Some(broken) => Err(broken),
        None => Ok(Read { is_accepted, operations: checker.operations }),
    }
}

fn read_hlt(file: &[u8], checker: &mut Checker) -> Result<(), Box<dyn std::error::Error>> {
    let mut reader = HltReader::new("fuzzed", Cursor::new(file))?;
    let mut chunk = Vec::new();
    while reader.next_chunk(&mut chunk)? {
        for operation in &chunk {
            checker.push(*operation, Origin::default())?;
        }
    }
    Ok(())
}

/// Valid files, the ground of the mutations.
fn valid(reader: Reader) -> Vec<Vec<u8>> {
    let aosp =
        b"7: malloc 0x10 24\n7: calloc 0x20 3 8\n9: memalign 0x30 16 10\n7:realloc 0x40 0x10 \
                 50\n7: free 0x0\n9: free 0x20\n9: thread_done 0x0\n7: free 0x40 12 13\n";
    match reader {
        Reader::Importer(Format::Rep) => vec![
            b"0\n3\n9\n0\na 0 16\nf -1\nr 1 48\na 2 0\nf 0\na 0 32\nr 0 8\nf 1\nf 2\nf 0\n"
                .to_vec(),
            b"a 0 512\na 1 128\nr 0 640\nf 1\nf 0\n".to_vec(),
        ],
        Reader::Importer(Format::WeeAlloc) => {
            vec![b"Alloc(16),\nAlloc(24),\nFree(0),\nAlloc(0),\nFree(2),\nFree(1),\n".to_vec()]
        }
        Reader::Importer(Format::Aosp) => vec![aosp.to_vec(), zipped(aosp)],
        Reader::Importer(Format::MiniMalloc) => {
            vec![b"id,lower,upper,size\n0,5,9,100\n1,0,5,200\n2,5,7,300\n3,-3,5,400\n".to_vec()]
        }
        Reader::Importer(_) => vec![
            b"==1== Command: ./a b\n--1-- malloc(10) = 0x4A40040\n--1-- calloc(18446744073709551615\
              ,2)realloc(0x4A40040,20) = 0x4A410D0\n--2-- free(0x4A410D0)\n--1-- realloc(0x4A410D0,\
              0)free(0x4A410D0)\n--1--  = 0\n--00:00:00:00.399 1-- _ZnwmSt11align_val_t(size 128, \
              al 64) = 0x4D6DE40\n--1-- free(0x0--2-- free(0x4D6DE40)\n--1-- _ZdlPvm(0x4D6DE40)\n"
                .to_vec(),
        ],
        Reader::Hlt => vec![hlt(0), hlt(300)],
    }
}

/// A zip archive of one text.
fn zipped(text: &[u8]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    // Writing to memory does not fail; an empty archive would be a poor ground, but one all the same.
    let _ = writer.start_file("t.txt", options).map(|()| writer.write_all(text));
    writer.finish().map(Cursor::into_inner).unwrap_or_default()
}

/// A trace of a few blocks and `more` blocks beside them.
fn hlt(more: u32) -> Vec<u8> {
    let write = || -> Result<Vec<u8>, Box<dyn std::error::Error>> {
        let mut writer = HltWriter::new(Vec::new(), TraceInfo::named("ground"))?;
        let blocks = 3 + more;
        for slot in 0..blocks {
            let size = u64::from(slot) * 7 % 400;
            writer.push(
                Operation::Allocate { slot, size, align: 1 << (slot % 4) },
                Origin::default(),
            )?;
        }
        for slot in (0..blocks).rev().step_by(2) {
            writer.push(Operation::Resize { slot, size: 1 << 20, align: 1 }, Origin::default())?;
            writer.push(Operation::Free { slot }, Origin::default())?;
        }
        Ok(writer.finish()?.0)
    };
    write().unwrap_or_default()
}

/// Bytes that mean something somewhere, so that mutations get past the first check.
const TOKENS: &[&[u8]] = &[
    b"\n",
    b"\r\n",
    b" ",
    b",",
    b"(",
    b")",
    b"0x",
    b"0",
    b"-1",
    b"1",
    b"18446744073709551615",
    b"18446744073709551616",
    b"9223372036854775808",
    b"4294967296",
    b"a ",
    b"r ",
    b"f ",
    b"Alloc(",
    b"Free(",
    b": ",
    b"realloc ",
    b"memalign ",
    b"--1-- ",
    b"==1== Command: ",
    b" = 0x10",
    b"malloc(",
    b"realloc(0x0,8)malloc(8)",
    b"\0",
    b"\xef\xbb\xbf",
    b"PK\x03\x04",
    b"\x89HLT",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
];

/// A valid file after one to eight mutations; now and then one of nothing but tokens.
fn mutated(random: &mut Random, valid: &[Vec<u8>]) -> Vec<u8> {
    if random.below(32) == 0 {
        let tokens = (0..random.below(60)).map(|_| TOKENS[random.index(TOKENS.len())]);
        return tokens.flatten().copied().collect();
    }
    let mut file = valid[random.index(valid.len())].clone();
    for _ in 0..=random.below(8) {
        mutate(random, &mut file);
    }
    file
}

fn mutate(random: &mut Random, file: &mut Vec<u8>) {
    if file.is_empty() {
        return;
    }
    let at = random.index(file.len());
    let end = (at + 1 + random.index(60)).min(file.len());
    match random.below(8) {
        0 => file[at] = random.byte(),
        1 => file[at] ^= 1 << random.below(8),
        2 | 3 => {
            let token = TOKENS[random.index(TOKENS.len())];
            file.splice(at..at, token.iter().copied());
        }
        4 => drop(file.drain(at..end)),
        5 => {
            let part = file[at..end].to_vec();
            file.splice(at..at, part);
        }
        6 => {
            // Elsewhere, which swaps lines, and the fields of binary headers.
            let part = file[at..end].to_vec();
            let to = random.index(file.len());
            file.splice(to..to, part);
        }
        _ => file.truncate(at),
    }
}
