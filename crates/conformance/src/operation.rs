//! Operations that do not depend on what happened before, so that any list of them can be shortened.

use core::fmt;

use heaplab_core::Request;

/// One step of a test.
///
/// Indices count the blocks that are live at that moment, oldest first (for [`Op::Stale`]: the handles freed so far),
/// and are taken modulo their number; with none of them the step does nothing. So every list of operations means
/// something, and a failing one can be shrunk by leaving out any of its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Places a new block.
    Allocate(Request),
    /// Frees a live block.
    Free(usize),
    /// Resizes a live block.
    Resize(usize, Request),
    /// Uses a freed handle in every way; each must be refused.
    Stale(usize),
    /// Uses the twin's handle of a live block in every way; each must be refused.
    Foreign(usize),
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let request = |f: &mut fmt::Formatter<'_>, request: &Request| {
            write!(f, "{}", request.size)?;
            if request.align == 1 { Ok(()) } else { write!(f, ", aligned to {}", request.align) }
        };
        match self {
            Self::Allocate(wish) => {
                write!(f, "allocate ")?;
                request(f, wish)
            }
            Self::Free(index) => write!(f, "free live[{index}]"),
            Self::Resize(index, wish) => {
                write!(f, "resize live[{index}] to ")?;
                request(f, wish)
            }
            Self::Stale(index) => write!(f, "use freed[{index}]"),
            Self::Foreign(index) => write!(f, "use the twin's handle of live[{index}]"),
        }
    }
}
