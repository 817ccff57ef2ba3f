//! The operations that a trace is made of.

use core::fmt;

/// One operation of a program on its heap.
///
/// Slots name blocks: they are dense, starting at 0, and a slot is reused once its block is freed, so a
/// replay needs one array and never looks up an address.
/// Sizes are the bytes that the program asked for, unrounded; 0 is allowed.
/// An alignment is a power of two in bytes; 1 asks for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Make a block of `size` bytes and let `slot` name it; the slot was empty.
    Allocate {
        /// Name of the new block.
        slot: u32,
        /// Requested bytes.
        size: u64,
        /// Alignment in bytes, a power of two; 1 asks for none.
        align: u64,
    },
    /// Change the block named `slot` to `size` bytes, keeping its contents up to the shorter length.
    Resize {
        /// Name of the block.
        slot: u32,
        /// Requested bytes.
        size: u64,
        /// Alignment in bytes, a power of two; 1 asks for none.
        align: u64,
    },
    /// Free the block named `slot`; the slot is empty afterwards.
    Free {
        /// Name of the block.
        slot: u32,
    },
}

impl Operation {
    /// The slot that the operation works on.
    #[must_use]
    pub const fn slot(&self) -> u32 {
        match *self {
            Self::Allocate { slot, .. } | Self::Resize { slot, .. } | Self::Free { slot } => slot,
        }
    }
}

/// What a source knows of an operation beyond its effect on the heap; each part may be unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The thread that performed it, numbered densely from 0 in order of appearance.
    pub thread: Option<u32>,
    /// Nanoseconds since the recording began.
    pub time_ns: Option<u64>,
    /// Index of the call site in the trace's table of sites.
    pub site: Option<u32>,
}

/// Where operations go: a file writer, a builder in memory, a counter.
///
/// Sources (importers, generators) push into a sink, so that no source needs to hold a whole trace.
pub trait Sink {
    /// Takes the next operation.
    ///
    /// # Errors
    ///
    /// Returns an [`OperationError`] when the operation contradicts those before it (see there), and
    /// [`OperationError::Output`] when it cannot be stored.
    fn push(&mut self, operation: Operation, origin: Origin) -> Result<(), OperationError>;
}

/// Why a sink refused an operation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OperationError {
    /// An allocation named a slot that is already in use.
    #[error("slot {slot} is allocated while it is live")]
    SlotLive {
        /// The slot.
        slot: u32,
    },
    /// A resize or a free named a slot that is empty.
    #[error("slot {slot} is used while it is empty")]
    SlotEmpty {
        /// The slot.
        slot: u32,
    },
    /// A slot lies beyond the next fresh one: slots must stay dense.
    #[error("slot {slot} is used before slot {next}: slots must be dense")]
    SlotNotDense {
        /// The slot.
        slot: u32,
        /// The next fresh slot.
        next: u32,
    },
    /// The alignment is not a power of two.
    #[error("alignment {align} is not a power of two")]
    BadAlignment {
        /// The alignment.
        align: u64,
    },
    /// The output could not be written.
    #[error("cannot write the trace: {0}")]
    Output(#[source] std::io::Error),
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Allocate { slot, size, align: 1 } => write!(f, "allocate {slot} {size}"),
            Self::Allocate { slot, size, align } => {
                write!(f, "allocate {slot} {size} align {align}")
            }
            Self::Resize { slot, size, align: 1 } => write!(f, "resize {slot} {size}"),
            Self::Resize { slot, size, align } => write!(f, "resize {slot} {size} align {align}"),
            Self::Free { slot } => write!(f, "free {slot}"),
        }
    }
}
