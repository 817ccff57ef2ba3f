//! Errors: values that carry facts; on every one of them nothing has changed.

use core::error::Error;
use core::fmt;

/// Why an allocation or a resize was refused. Offsets, contents, budgets and counters are as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AllocError {
    /// The alignment is not a power of two.
    InvalidAlignment {
        /// The alignment that was asked for.
        align: u64,
    },
    /// The size could not be met even if the heap were empty.
    TooLarge {
        /// The size that was asked for, in bytes.
        requested_bytes: u64,
        /// The heap's size in bytes.
        capacity_bytes: u64,
    },
    /// Neither a hole nor the wilderness can hold the block now.
    OutOfMemory(Shortage),
    /// The handle names no live block of this allocator (resize only).
    InvalidHandle(InvalidHandle),
    /// The block would have to move, and the caller asked for a resize where it stands.
    CannotResizeInPlace,
    /// The tables outside the heap cannot grow: the indices or the memory for them ran out.
    OutOfMetadata {
        /// Entries in the tables at that moment.
        entries: u64,
    },
}

/// The state of a heap that could not serve a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// The size that was asked for, in bytes.
    pub requested_bytes: u64,
    /// All bytes that no block covers: holes and wilderness.
    pub free_bytes: u64,
    /// The longest hole in bytes, 0 if there is none; `None` where it cannot be known.
    pub largest_hole_bytes: Option<u64>,
    /// The space behind the last block in bytes; `None` where it cannot be known.
    pub wilderness_bytes: Option<u64>,
}

impl Shortage {
    /// Whether the free bytes would have sufficed had they been in one piece: fragmented, not full.
    ///
    /// Where a piece was long enough, something else was wrong with it, such as its alignment: then neither.
    #[must_use]
    pub const fn is_fragmented(&self) -> bool {
        self.free_bytes >= self.requested_bytes
            && !self.suffices(self.largest_hole_bytes)
            && !self.suffices(self.wilderness_bytes)
    }

    const fn suffices(&self, piece_bytes: Option<u64>) -> bool {
        matches!(piece_bytes, Some(bytes) if bytes >= self.requested_bytes)
    }
}

/// The handle names no live block of this allocator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InvalidHandle {
    /// The block was freed; its slot may serve another block by now.
    Stale,
    /// This allocator never issued it.
    Foreign,
}

impl fmt::Display for InvalidHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stale => "the handle's block has been freed",
            Self::Foreign => "the handle was issued by another allocator",
        })
    }
}

impl Error for InvalidHandle {}

impl fmt::Display for AllocError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidAlignment { align } => {
                write!(f, "alignment {align} is not a power of two")
            }
            Self::TooLarge { requested_bytes, capacity_bytes } => write!(
                f,
                "{requested_bytes} bytes can never fit into a heap of {capacity_bytes} bytes"
            ),
            Self::OutOfMemory(shortage) => shortage.fmt(f),
            Self::InvalidHandle(invalid) => invalid.fmt(f),
            Self::CannotResizeInPlace => f.write_str("the block cannot be resized where it stands"),
            Self::OutOfMetadata { entries } => {
                write!(f, "the tables cannot grow beyond {entries} entries")
            }
        }
    }
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "out of memory: requested {} bytes, {} free",
            self.requested_bytes, self.free_bytes
        )?;
        if let Some(bytes) = self.largest_hole_bytes {
            write!(f, ", largest hole {bytes}")?;
        }
        if let Some(bytes) = self.wilderness_bytes {
            write!(f, ", wilderness {bytes}")?;
        }
        Ok(())
    }
}

impl Error for AllocError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::InvalidHandle(invalid) => Some(invalid),
            _ => None,
        }
    }
}

impl From<InvalidHandle> for AllocError {
    fn from(invalid: InvalidHandle) -> Self {
        Self::InvalidHandle(invalid)
    }
}

/// Why an allocator could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// A heap needs at least one granule.
    CapacityTooSmall {
        /// The capacity that was asked for, in bytes.
        capacity_bytes: u64,
        /// The granule in bytes.
        granule_bytes: u64,
    },
    /// The allocator's own bookkeeping, which it keeps in the heap, leaves no room for a block.
    CapacityBelowMinimum {
        /// The capacity that was asked for, in bytes.
        capacity_bytes: u64,
        /// The smallest capacity that the allocator can manage, in bytes, where it says so.
        min_bytes: Option<u64>,
    },
    /// The allocator cannot manage a heap so large.
    CapacityTooLarge {
        /// The capacity that was asked for, in bytes.
        capacity_bytes: u64,
        /// The largest capacity that the allocator can manage, in bytes.
        max_bytes: u64,
    },
    /// A parameter is not one that the strategy declares.
    UnknownParameter {
        /// Its name.
        name: alloc::string::String,
    },
    /// A parameter's value lies outside the range that the strategy declares.
    ParameterOutOfRange {
        /// Its name.
        name: &'static str,
        /// The value that was given.
        value: u64,
        /// The smallest value allowed.
        min: u64,
        /// The largest value allowed.
        max: u64,
    },
    /// The fixed tables, or the memory behind the heap where the allocator needs it, could not be allocated.
    OutOfMetadata,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CapacityTooSmall { capacity_bytes, granule_bytes } => write!(
                f,
                "a heap of {capacity_bytes} bytes is smaller than one granule of {granule_bytes}"
            ),
            Self::CapacityBelowMinimum { capacity_bytes, min_bytes } => {
                write!(
                    f,
                    "a heap of {capacity_bytes} bytes has no room for the allocator's own bookkeeping"
                )?;
                match min_bytes {
                    Some(bytes) => write!(f, ", which needs {bytes}"),
                    None => Ok(()),
                }
            }
            Self::CapacityTooLarge { capacity_bytes, max_bytes } => write!(
                f,
                "a heap of {capacity_bytes} bytes exceeds the largest that the allocator can manage, {max_bytes}"
            ),
            Self::UnknownParameter { name } => write!(f, "parameter '{name}' is not known"),
            Self::ParameterOutOfRange { name, value, min, max } => {
                write!(f, "parameter '{name}' is {value}, expected {min} to {max}")
            }
            Self::OutOfMetadata => f.write_str("no memory for the allocator's tables"),
        }
    }
}

impl Error for ConfigError {}
