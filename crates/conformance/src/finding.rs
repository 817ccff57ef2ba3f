//! What the judge can find, as values.

use core::error::Error;
use core::fmt;

use heaplab_core::{AllocError, Block, Granule, Handle, InvalidHandle, Piece};

use crate::{Op, Relocation};

/// A violation of the contract, and where it came to light.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which operation of the sequence, counted from 0; the number of operations if it showed at the end.
    pub operation_index: usize,
    /// The operation, if it was one.
    pub operation: Option<Op>,
    /// What is wrong.
    pub fault: Box<Fault>,
    /// The heap at the last check before, one character a granule: `X` for blocks, `-` for holes and wilderness.
    pub before: String,
    /// The heap afterwards, as the allocator walks it.
    pub after: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.operation.is_none() && self.before.is_empty() && self.after.is_empty() {
            // Found outside of any sequence, or by a panic, which leaves no heap to look at.
            return self.fault.fmt(f);
        }
        write!(f, "operation {}", self.operation_index)?;
        match self.operation {
            Some(operation) => writeln!(f, ", {operation}: {}", self.fault)?,
            None => writeln!(f, ", after the last: {}", self.fault)?,
        }
        writeln!(f, "  before  {}", self.before)?;
        write!(f, "  after   {}", self.after)
    }
}

impl Error for Finding {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.fault)
    }
}

/// A violation of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The block is not where the policy, or the rule of resizes in place, wants it.
    WrongPlacement {
        /// What the oracle says.
        expected: Block,
        /// What the allocator did.
        found: Block,
    },
    /// The block's length is not its size rounded up to the granule.
    WrongLength {
        /// The length in bytes that the request asks for.
        expected_bytes: u64,
        /// The block's length in bytes.
        found_bytes: u64,
    },
    /// A block does not stand at a multiple of the alignment of its latest request.
    Misaligned {
        /// The block.
        block: Block,
        /// The alignment in bytes.
        align: u64,
    },
    /// The relocations are not those that the policy asks for.
    WrongRelocations {
        /// What the oracle says.
        expected: Vec<Relocation>,
        /// What the allocator asked its memory for.
        found: Vec<Relocation>,
    },
    /// A request was refused that had to be served.
    UnexpectedRefusal {
        /// The refusal.
        error: AllocError,
        /// Where the block had to be, if the policy is exact.
        expected: Option<Block>,
    },
    /// A request was served that had to be refused.
    UnexpectedSuccess {
        /// Where the block was placed.
        found: Block,
        /// The refusal that was due.
        expected: AllocError,
    },
    /// An error says something that is not so.
    UntrueError {
        /// The error.
        error: AllocError,
        /// What is so.
        truth: AllocError,
    },
    /// A refused request or a refused handle changed something.
    ChangedOnRefusal {
        /// What changed.
        what: &'static str,
    },
    /// The walk does not continue where the piece before ended.
    PiecesDoNotTouch {
        /// Where the next piece had to start.
        expected_offset: u64,
        /// The piece that the walk gave.
        piece: Piece,
    },
    /// A piece overlaps the one before it.
    PiecesOverlap {
        /// The end of the pieces before.
        end: u64,
        /// The piece that starts before it.
        piece: Piece,
    },
    /// A piece reaches beyond the capacity.
    OutOfRange {
        /// Where it starts.
        offset: u64,
        /// Its length in bytes.
        len: u64,
        /// The capacity in bytes.
        capacity_bytes: u64,
    },
    /// A piece's offset or length is no multiple of the granule, or the length is 0.
    NotGranular(Piece),
    /// Two holes lie side by side: a free did not coalesce.
    AdjacentHoles {
        /// Where the second of them starts.
        offset: u64,
    },
    /// The walk ends in a hole, which should have become wilderness.
    HoleAtTheEnd {
        /// Where it starts.
        offset: u64,
    },
    /// The handle of a walked block does not lead to that block.
    HandleLeadsElsewhere {
        /// The handle.
        handle: Handle,
        /// The block as walked.
        walked: Block,
        /// What the handle leads to.
        found: Option<Block>,
    },
    /// A block is not where it was placed or relocated to, or is missing from the walk.
    Lost {
        /// Where the block is, going by the allocator's own answers and relocations.
        expected: Block,
        /// Where the allocator has it now.
        found: Option<Block>,
    },
    /// The walk meets a block that nobody owns.
    UnknownBlock(Block),
    /// A new block's handle was issued before.
    HandleReused(Handle),
    /// A freed handle still does something.
    StaleAccepted(&'static str),
    /// Another allocator's handle does something.
    ForeignAccepted(&'static str),
    /// A handle was refused for the wrong reason.
    WrongInvalidHandle {
        /// The reason that holds.
        expected: InvalidHandle,
        /// The reason given.
        found: InvalidHandle,
    },
    /// A live handle was refused.
    LiveRefused(InvalidHandle),
    /// A figure of `usage()` is not what the walk says.
    WrongUsage {
        /// The figure's name.
        figure: &'static str,
        /// What it has to be, or the bound that it violates.
        expected: u64,
        /// What it is.
        found: Option<u64>,
    },
    /// `check_invariants()` found something itself.
    BrokenInvariant(String),
    /// A relocation that no operation asked for, or not of exactly one live block.
    BadRelocation {
        /// The relocation.
        relocation: Relocation,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A relocation overwrites another live block.
    Overwritten {
        /// The relocation.
        relocation: Relocation,
        /// The block that was there.
        victim: Block,
    },
    /// Two live blocks share bytes.
    Overlap {
        /// The block just placed or resized.
        block: Block,
        /// The block that was there.
        victim: Block,
    },
    /// A block's bytes are not what was written into it.
    CorruptContents {
        /// The block, as far as its bytes were checked.
        block: Block,
        /// The offset of the first wrong byte.
        offset: u64,
    },
    /// Equal operations had different results in two fresh allocators. Refused requests are skipped in the second, so
    /// a refusal that changed hidden state shows here too.
    Nondeterministic {
        /// What differs.
        what: &'static str,
    },
    /// The allocator panicked.
    Panicked(String),
    /// A strategy was made that had to be refused, or was refused although it is possible.
    WrongConfiguration(String),
    /// What the strategy declares of itself is incomplete or contradicts itself.
    WrongCapabilities(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongPlacement { expected, found } => {
                write!(f, "block is at {}, expected {}", Range(found), Range(expected))
            }
            Self::WrongLength { expected_bytes, found_bytes } => {
                write!(f, "block has {found_bytes} bytes, expected {expected_bytes}")
            }
            Self::Misaligned { block, align } => {
                write!(f, "block at {} is not aligned to {align}", Range(block))
            }
            Self::WrongRelocations { expected, found } => {
                write!(f, "relocations are {}, expected {}", Moves(found), Moves(expected))
            }
            Self::UnexpectedRefusal { error, expected: None } => {
                write!(f, "refused although it must be possible: {error}")
            }
            Self::UnexpectedRefusal { error, expected: Some(block) } => {
                write!(f, "refused, expected block at {}: {error}", Range(block))
            }
            Self::UnexpectedSuccess { found, expected } => {
                write!(f, "block was placed at {}, expected refusal: {expected}", Range(found))
            }
            Self::UntrueError { error, truth } => {
                write!(f, "error says '{error}' ({error:?}), expected '{truth}' ({truth:?})")
            }
            Self::ChangedOnRefusal { what } => write!(f, "a refusal changed {what}"),
            Self::NotGranular(piece) => write!(f, "piece is not made of granules: {piece:?}"),
            Self::UnknownBlock(block) => write!(f, "nobody owns the block at {}", Range(block)),
            Self::HandleReused(handle) => write!(f, "{handle:?} was issued before"),
            Self::StaleAccepted(method) => write!(f, "{method} accepted a freed handle"),
            Self::ForeignAccepted(method) => write!(f, "{method} accepted a foreign handle"),
            Self::WrongInvalidHandle { expected, found } => {
                write!(f, "handle was refused because '{found}', expected '{expected}'")
            }
            Self::LiveRefused(reason) => write!(f, "a live handle was refused: {reason}"),
            Self::WrongUsage { figure, expected, found } => {
                write!(f, "usage().{figure} is {found:?}, expected {expected}")
            }
            Self::BrokenInvariant(text) => write!(f, "check_invariants: {text}"),
            Self::Nondeterministic { what } => write!(
                f,
                "{what} differs in a second allocator that was given the requests that succeeded"
            ),
            Self::Panicked(message) => write!(f, "the allocator panicked: {message}"),
            Self::WrongConfiguration(text) | Self::WrongCapabilities(text) => f.write_str(text),
            heap => heap.fmt_heap(f),
        }
    }
}

impl Fault {
    /// The faults of walks, relocations and contents.
    fn fmt_heap(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PiecesDoNotTouch { expected_offset, piece } => {
                write!(f, "walk must continue at {expected_offset}, found {piece:?}")
            }
            Self::PiecesOverlap { end, piece } => {
                write!(f, "piece starts before {end}, the end of the pieces before it: {piece:?}")
            }
            Self::OutOfRange { offset, len, capacity_bytes } => {
                write!(f, "{len} bytes at {offset} leave the heap of {capacity_bytes} bytes")
            }
            Self::AdjacentHoles { offset } => {
                write!(f, "two holes meet at {offset}; they must be one")
            }
            Self::HoleAtTheEnd { offset } => {
                write!(f, "walk ends in a hole at {offset}; it must be wilderness")
            }
            Self::HandleLeadsElsewhere { handle, walked, found } => write!(
                f,
                "{handle:?} was walked at {} but leads to {}",
                Range(walked),
                found.as_ref().map_or_else(|| "nothing".into(), |block| Range(block).to_string())
            ),
            Self::Lost { expected, found } => write!(
                f,
                "block must be at {}, found {}",
                Range(expected),
                found.as_ref().map_or_else(|| "nothing".into(), |block| Range(block).to_string())
            ),
            Self::BadRelocation { relocation, reason } => {
                write!(f, "bad relocation {}: {reason}", Move(relocation))
            }
            Self::Overwritten { relocation, victim } => {
                write!(f, "relocation {} overwrites block at {}", Move(relocation), Range(victim))
            }
            Self::Overlap { block, victim } => {
                write!(f, "block at {} overlaps block at {}", Range(block), Range(victim))
            }
            Self::CorruptContents { block, offset } => {
                write!(f, "byte at {offset} of block at {} was changed", Range(block))
            }
            other => write!(f, "{other:?}"),
        }
    }
}

impl Error for Fault {}

/// `[3, 7)`.
struct Range<'a>(&'a Block);

impl fmt::Display for Range<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {})", self.0.offset, u128::from(self.0.offset) + u128::from(self.0.len))
    }
}

/// `4+2 -> 0`.
struct Move<'a>(&'a Relocation);

impl fmt::Display for Move<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{} -> {}", self.0.from, self.0.len, self.0.to)
    }
}

struct Moves<'a>(&'a [Relocation]);

impl fmt::Display for Moves<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        let moves: Vec<String> =
            self.0.iter().map(|relocation| Move(relocation).to_string()).collect();
        f.write_str(&moves.join(", "))
    }
}

/// Draws pieces as `X` and `-`, up to 160 granules.
pub(crate) fn draw(pieces: &[Piece], capacity_bytes: u64, granule: Granule) -> String {
    const LIMIT: u64 = 160;
    let granules = capacity_bytes >> granule.shift();
    let drawn = granules.min(LIMIT);
    let sign_at = |column: u64| {
        let offset = column << granule.shift();
        let covers = |piece: &&Piece| {
            matches!(piece, Piece::Block(..))
                && piece.offset() <= offset
                && offset - piece.offset() < piece.len()
        };
        if pieces.iter().any(|piece| covers(&piece)) { 'X' } else { '-' }
    };
    let mut picture: String = (0..drawn).map(sign_at).collect();
    if granules > LIMIT {
        picture.push('…');
    }
    picture
}
