//! Strategies by strangers that fail in every place where a run calls them: their cells say so, the others go on.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use heaplab_core::{
    AllocError, Allocator, Block, Capabilities, Config, ConfigError, Granule, Handle,
    InvalidHandle, Memory, Piece, Registry, Request, Strategy, Usage,
};
use heaplab_report::{Report, Status};

use super::busy_trace;
use super::strategies::{FirstFit, SOUND};
use crate::{LatencyPass, Passes, Plan, Rounds, TraceInput, run};

const PANICS_IN_NEW: u8 = 1;
const PANICS_IN_USAGE: u8 = 2;
const PANICS_IN_WALK: u8 = 3;
const PANICS_IN_BLOCK: u8 = 4;
const PANICS_IN_DROP: u8 = 5;
/// Says that all bytes there are are live.
const BOASTS: u8 = 6;
/// Says that its blocks lie beyond all addresses.
const FLEES: u8 = 7;
/// Has one handle for all blocks.
const REPEATS: u8 = 8;
/// Counts its holes for ever.
const HANGS_IN_USAGE: u8 = 9;
/// Works until it has been made often enough, which is when it is timed.
const TIRES: u8 = 10;
/// Panics with something that is no message.
const MUMBLES: u8 = 11;

/// A sound first fit within, and one thing wrong with it.
struct Stranger<const WRONG: u8> {
    within: FirstFit<SOUND>,
    operations: u64,
    is_tired: bool,
}

impl<const WRONG: u8> Stranger<WRONG> {
    /// Whether the moment has come.
    fn fails(&self, wrong: u8) -> bool {
        WRONG == wrong && self.operations >= 30
    }
}

impl<const WRONG: u8> Strategy for Stranger<WRONG> {
    const CAPABILITIES: Capabilities = FirstFit::<SOUND>::CAPABILITIES;

    fn new(capacity: u64, config: &Config) -> Result<Self, ConfigError> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        assert!(WRONG != PANICS_IN_NEW, "no heap today");
        let is_tired = WRONG == TIRES && MADE.fetch_add(1, Ordering::Relaxed) >= 2;
        Ok(Self { within: FirstFit::new(capacity, config)?, operations: 0, is_tired })
    }
}

impl<const WRONG: u8> Drop for Stranger<WRONG> {
    fn drop(&mut self) {
        // A second panic while the first unwinds would end the process, whatever anybody does.
        assert!(WRONG != PANICS_IN_DROP || std::thread::panicking(), "not without my blocks");
    }
}

impl<const WRONG: u8> Allocator for Stranger<WRONG> {
    fn allocate(
        &mut self,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<Handle, AllocError> {
        self.operations += 1;
        assert!(!self.is_tired, "tired");
        if self.fails(MUMBLES) {
            std::panic::panic_any(7_u8);
        }
        let handle = self.within.allocate(request, memory)?;
        if self.fails(REPEATS) { Ok(Handle::from_parts(1, 0).unwrap()) } else { Ok(handle) }
    }

    fn free(&mut self, handle: Handle, memory: &mut dyn Memory) -> Result<(), InvalidHandle> {
        self.within.free(handle, memory)
    }

    fn resize(
        &mut self,
        handle: Handle,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<(), AllocError> {
        self.within.resize(handle, request, memory)
    }

    fn block(&self, handle: Handle) -> Option<Block> {
        assert!(!self.fails(PANICS_IN_BLOCK), "it was here a moment ago");
        let block = self.within.block(handle)?;
        let offset = if self.fails(FLEES) { u64::MAX - 3 } else { block.offset };
        Some(Block { offset, ..block })
    }

    fn walk(&self, visit: &mut dyn FnMut(Piece)) {
        assert!(!self.fails(PANICS_IN_WALK), "too far to walk");
        self.within.walk(visit);
    }

    fn usage(&self) -> Usage {
        assert!(!self.fails(PANICS_IN_USAGE), "ask somebody else");
        while self.fails(HANGS_IN_USAGE) {
            std::thread::sleep(Duration::from_secs(1));
        }
        let usage = self.within.usage();
        if self.fails(BOASTS) { Usage { live_bytes: u64::MAX, ..usage } } else { usage }
    }

    fn capacity_bytes(&self) -> u64 {
        self.within.capacity_bytes()
    }

    fn granule(&self) -> Granule {
        self.within.granule()
    }
}

/// A run of a sound strategy between two strangers.
fn run_beside<const WRONG: u8>() -> Report {
    let registry = Registry::new()
        .with::<Stranger<WRONG>>("stranger")
        .with::<FirstFit<SOUND>>("sound")
        .with::<Stranger<WRONG>>("another");
    let source = busy_trace(2_000, 5);
    let mut plan = Plan::new(vec![TraceInput { name: "busy".into(), source, question: None }]);
    plan.heaps = vec!["2x".parse().unwrap()];
    plan.timed_heaps.clone_from(&plan.heaps);
    plan.passes = Passes { latency: LatencyPass::Full, ..Passes::default() };
    plan.rounds = Rounds::Fixed(1);
    plan.cell_timeout = Some(Duration::from_millis(300));
    plan.jobs = 2;
    let report = run(&registry, &plan, &()).unwrap();
    assert_eq!(report.check(), Vec::<String>::new(), "{WRONG}");
    assert!(report.complete, "{WRONG}");
    for heap in ["2x", "unlimited"] {
        let sound = report.cell(&format!("sound/busy/{heap}")).unwrap();
        assert_eq!((sound.outcome.status, sound.verified), (Status::Ok, Some(true)), "{WRONG}");
    }
    assert!(report.cell("sound/busy/2x").unwrap().time.is_some(), "{WRONG}");
    report
}

/// How the stranger's timed cell ended, and what it says.
fn end_of<const WRONG: u8>() -> (Status, String) {
    let report = run_beside::<WRONG>();
    let cell = report.cell("stranger/busy/2x").unwrap();
    assert!(cell.time.is_none(), "{WRONG}: {cell:?}");
    (cell.outcome.status, cell.outcome.message.clone().unwrap_or_default())
}

#[test]
fn panics_are_crashes_with_their_message_wherever_they_happen() {
    for ((status, message), words) in [
        (end_of::<PANICS_IN_NEW>(), "no heap today"),
        (end_of::<PANICS_IN_USAGE>(), "ask somebody else"),
        (end_of::<PANICS_IN_WALK>(), "too far to walk"),
        (end_of::<PANICS_IN_BLOCK>(), "it was here a moment ago"),
        (end_of::<PANICS_IN_DROP>(), "not without my blocks"),
        (end_of::<MUMBLES>(), "no message"),
    ] {
        assert_eq!(status, Status::Crashed, "{words}: {message}");
        assert!(message.contains(words), "{words}: {message}");
    }
}

#[test]
fn lies_are_found_out() {
    for ((status, message), what) in [
        (end_of::<BOASTS>(), "usage"),
        (end_of::<FLEES>(), "block"),
        (end_of::<REPEATS>(), "a handle"),
    ] {
        assert_eq!(status, Status::Invalid, "{what}: {message}");
        assert!(!message.is_empty(), "{what}");
    }
}

#[test]
fn a_strategy_that_never_answers_is_left_behind() {
    assert_eq!(end_of::<HANGS_IN_USAGE>().0, Status::Timeout);
}

#[test]
fn a_strategy_that_fails_only_when_it_is_timed_is_not_timed() {
    let (status, message) = end_of::<TIRES>();
    assert_eq!(status, Status::Crashed, "{message}");
    assert!(message.contains("tired"), "{message}");
}
