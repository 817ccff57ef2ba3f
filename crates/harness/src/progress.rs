//! How a run tells what it is doing.

use heaplab_report::Report;

/// The phases of a run, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Every cell is replayed once, without a clock.
    Space,
    /// Distinct placements are replayed with bytes behind them.
    Verify,
    /// What may abort or hang is replayed in a process of its own as the timed passes will.
    Rehearsal,
    /// Timed rounds.
    Throughput,
    /// Timed operations, one by one.
    Latency,
    /// Instructions of timed replays.
    Instructions,
    /// The smallest heap of each strategy and trace.
    MinHeap,
    /// Plans that know the whole trace.
    Packing,
    /// Replays that draw the heap.
    Maps,
}

impl Phase {
    /// The word as it stands in reports and progress bars.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Space => "space",
            Self::Verify => "verify",
            Self::Rehearsal => "rehearsal",
            Self::Throughput => "throughput",
            Self::Latency => "latency",
            Self::Instructions => "counters",
            Self::MinHeap => "min heap",
            Self::Packing => "bounds",
            Self::Maps => "maps",
        }
    }
}

/// Is told what a run does, always on the thread that called it. `()` listens to nothing.
pub trait Progress {
    /// A phase of so many units begins. It may end with fewer.
    fn begin(&self, phase: Phase, units: u64) {
        let _ = (phase, units);
    }

    /// What is being worked on.
    fn doing(&self, what: &str) {
        let _ = what;
    }

    /// So many units are done.
    fn advance(&self, units: u64) {
        let _ = units;
    }

    /// Something that the reader of the report should know; it stands in the report's warnings too.
    fn warn(&self, text: &str) {
        let _ = text;
    }

    /// Whether there is any use for partial reports.
    fn keeps(&self) -> bool {
        false
    }

    /// Is offered what the run has found so far, now and then while nothing is timed: an incomplete report without
    /// times, whose command, suite, build and id are missing as they are in that of [`run`](crate::run()). Whoever puts it
    /// where a crash cannot reach it can have a later run take it up, see [`Plan::resume`](crate::Plan::resume).
    fn keep(&self, partial: &Report) {
        let _ = partial;
    }

    /// Whether the run is to end early: it finishes the cells at hand and returns an incomplete report.
    fn interrupted(&self) -> bool {
        false
    }
}

impl Progress for () {}
