//! The ends of a replay that are not the end of its trace.

use heaplab_report::Outcome;

use super::ReplayError;

/// Why a replay ends before the trace does.
pub(super) enum Stop {
    Outcome(Box<Outcome>),
    Error(Box<ReplayError>),
}

impl From<ReplayError> for Stop {
    fn from(error: ReplayError) -> Self {
        // Kept small, since nearly every call of a replay may return it.
        Self::Error(Box::new(error))
    }
}
