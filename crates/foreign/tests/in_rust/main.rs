//! A strategy behind the C interface is judged like any other, and its flaws are findings.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod heap;

use heap::{
    ANSWERS_NONSENSE, LEAVES_THE_HEAP, MOVES_A_LOT, SOUND, WALKS_STRANGERS, WRONG_END, table,
};
use heaplab_conformance::drawn::{Step, check};
use heaplab_conformance::{Config, Fault, conformance, kit};
use heaplab_core::{
    AllocError, Allocator, Capabilities, Counter, Memory, Policy, Request, Strategy,
};
use heaplab_foreign::{Foreign, ForeignHeap, Table};

/// A first fit with a flaw.
#[derive(Debug)]
struct Declared<const FLAW: u8>;

// SAFETY: The functions of `heap` keep to the header, flaws in figures apart.
unsafe impl<const FLAW: u8> Foreign for Declared<FLAW> {
    const CAPABILITIES: Capabilities = Capabilities {
        description: "first fit behind the C interface",
        source: "none",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        policy: Some(Policy::BestFit),
        ignores_spare_capacity: true,
        ..Capabilities::DEFAULT
    };

    fn table() -> &'static Table {
        const { &table::<FLAW>() }
    }
}

type Flawed<const FLAW: u8> = ForeignHeap<Declared<FLAW>>;

/// The same, with the policy that it does have.
#[derive(Debug)]
struct FirstFitDeclared;

// SAFETY: The functions of `heap` keep to the header.
unsafe impl Foreign for FirstFitDeclared {
    const CAPABILITIES: Capabilities =
        Capabilities { policy: Some(Policy::FirstFit), ..Declared::<SOUND>::CAPABILITIES };

    fn table() -> &'static Table {
        Declared::<SOUND>::table()
    }
}

type FirstFit = ForeignHeap<FirstFitDeclared>;

conformance!(FirstFit);

#[test]
fn placements_are_drawn_as_ever() {
    check::<FirstFit>("XX--X--", Step::Allocate(2), "XXAAX--");
    check::<FirstFit>("XXYYZ--", Step::Free('Y'), "XX--Z--");
}

fn fault<const FLAW: u8>() -> Fault {
    let verdict = kit::random_operations::<Flawed<FLAW>>(&Config::new());
    *verdict.unwrap_err().finding.fault
}

#[test]
fn wrong_answers_are_findings() {
    // It is a first fit that calls itself best fit.
    assert!(matches!(fault::<SOUND>(), Fault::WrongPlacement { .. }));
    assert!(matches!(
        fault::<WALKS_STRANGERS>(),
        Fault::NotGranular(_) | Fault::HoleAtTheEnd { .. }
    ));
    assert!(
        matches!(fault::<WRONG_END>(), Fault::BrokenInvariant(text) if text.starts_with("end() says"))
    );
    assert!(matches!(fault::<ANSWERS_NONSENSE>(), Fault::UnexpectedRefusal { .. }));
    assert!(matches!(
        fault::<LEAVES_THE_HEAP>(),
        Fault::WrongPlacement { .. } | Fault::OutOfRange { .. }
    ));
}

/// A memory whose time is up at once.
struct Impatient {
    calls: u32,
}

impl Memory for Impatient {
    fn relocate(&mut self, _from: u64, _to: u64, _len: u64) {
        self.calls += 1;
        panic!("time is up");
    }
}

#[test]
fn a_panic_of_the_memory_waits_until_foreign_code_has_returned() {
    let mut heap = Flawed::<MOVES_A_LOT>::new(1 << 10, &Config::new()).unwrap();
    let mut memory = Impatient { calls: 0 };
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        heap.allocate(Request::new(1), &mut memory)
    }));
    let message = outcome.unwrap_err();
    assert_eq!(message.downcast_ref(), Some(&"time is up"));
    assert_eq!(memory.calls, 1);
    // A panic in a visit comes through as well.
    let mut heap = FirstFit::new(1 << 10, &Config::new()).unwrap();
    heap.allocate(Request::new(1), &mut ()).unwrap();
    let visit = || heap.walk(&mut |_| panic!("seen enough"));
    let message = std::panic::catch_unwind(std::panic::AssertUnwindSafe(visit)).unwrap_err();
    assert_eq!(message.downcast_ref(), Some(&"seen enough"));
}

#[test]
fn figures_add_what_heaplab_keeps_itself() {
    let mut heap = FirstFit::new(1 << 10, &Config::new()).unwrap();
    let mut counter = Counter::new(());
    let blocks = [(); 3].map(|()| heap.allocate(Request::new(16), &mut counter).unwrap());
    heap.free(blocks[1], &mut counter).unwrap();
    heap.resize(blocks[0], Request::new(100), &mut counter).unwrap();
    let usage = heap.usage();
    assert_eq!((usage.live_bytes, usage.live_blocks), (128, 2));
    assert_eq!((usage.high_water_bytes, usage.holes), (Some(160), Some(1)));
    assert!(usage.metadata_used_bytes.unwrap() > 0);
    let error = heap.allocate(Request::new(1_000), &mut counter).unwrap_err();
    assert!(matches!(error, AllocError::OutOfMemory(shortage) if shortage.free_bytes == 896));
}

/// Compiled for a later version.
#[derive(Debug)]
struct Later;

// SAFETY: Its functions are never called.
unsafe impl Foreign for Later {
    const CAPABILITIES: Capabilities = Declared::<SOUND>::CAPABILITIES;

    fn table() -> &'static Table {
        static TABLE: Table = Table { abi: 2, ..table::<SOUND>() };
        &TABLE
    }
}

#[test]
#[should_panic(expected = "was compiled for version 2 of heaplab_strategy.h, this is version 1")]
fn another_version_of_the_header_is_refused() {
    let _ = ForeignHeap::<Later>::new(1 << 10, &Config::new());
}
