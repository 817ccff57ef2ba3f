//! What is timed of a cell, in one way.

use heaplab_report::{Mode, Outcome, Status};

use super::Cell;
use crate::replay::failed;
use crate::timed::Latencies;

/// The times of one cell in one mode.
#[derive(Debug)]
pub(super) struct Timing {
    pub(super) mode: Mode,
    /// One for each round.
    pub(super) samples_ns: Vec<u64>,
    /// Those of its second listing, where it has one.
    pub(super) control_ns: Vec<u64>,
    pub(super) latencies: Option<Latencies>,
    pub(super) instructions: Option<u64>,
    /// Why it has no times.
    pub(super) failure: Option<Outcome>,
}

impl Timing {
    pub(super) const fn new(mode: Mode) -> Self {
        Self {
            mode,
            samples_ns: Vec::new(),
            control_ns: Vec::new(),
            latencies: None,
            instructions: None,
            failure: None,
        }
    }

    /// Lets it go without times.
    pub(super) fn fail(&mut self, status: Status, message: String) {
        *self = Self { failure: Some(failed(status, None, message)), ..Self::new(self.mode) };
    }

    /// Joins the latencies of one more replay to those before.
    pub(super) fn keep(&mut self, latencies: Latencies) {
        match &mut self.latencies {
            Some(kept) => kept.add(&latencies),
            kept @ None => *kept = Some(latencies),
        }
    }

    /// The samples of one listing.
    pub(super) const fn samples(&mut self, is_control: bool) -> &mut Vec<u64> {
        if is_control { &mut self.control_ns } else { &mut self.samples_ns }
    }
}

impl Cell {
    /// The cells that this one becomes in the report: its space stands in the first, which is timed in placement mode
    /// or not at all.
    pub(super) fn in_report(&self) -> impl Iterator<Item = (Mode, Option<&Timing>)> {
        let of = |mode| self.timings.iter().find(|timing| timing.mode == mode);
        std::iter::once((Mode::Placement, of(Mode::Placement)))
            .chain(of(Mode::Payload).map(|timing| (Mode::Payload, Some(timing))))
    }
}

/// Something that takes its turn in every round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    /// Index of the cell.
    pub(super) cell: usize,
    /// Index of its timing.
    pub(super) timing: usize,
    /// Whether it is the second listing of a cell that takes turns under its own name too.
    pub(super) is_control: bool,
}
