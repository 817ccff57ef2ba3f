//! The whole program with one strategy slowed down on purpose: what `heaplab compare` must notice.
//!
//! `SLOWED_STRATEGY` names the strategy (`first-fit` where it is not set), and `SLOWED_STEPS` says how many steps of
//! useless arithmetic each of its operations does on top, each waiting for the one before; without it there are none,
//! and the program measures what `heaplab` does. The steps that make 10 % differ from machine to machine: try some.
//!
//! ```sh
//! cargo build --release --example slowed
//! target/release/examples/slowed run suites/gcc.hlt --json old.json
//! SLOWED_STEPS=4 target/release/examples/slowed run suites/gcc.hlt --json new.json
//! target/release/examples/slowed compare old.json new.json
//! ```

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::LazyLock;

use heaplab_core::{
    AllocError, Allocator, Block, Capabilities, Config, ConfigError, Entry, Granule, Handle,
    InvalidHandle, Memory, Piece, Registry, Request, Strategy, StrategyList, Usage, Visitor,
};

static STRATEGY: LazyLock<String> =
    LazyLock::new(|| std::env::var("SLOWED_STRATEGY").unwrap_or_else(|_| "first-fit".into()));

static STEPS: LazyLock<u32> = LazyLock::new(|| {
    let steps = std::env::var("SLOWED_STEPS").ok();
    steps.and_then(|steps| steps.parse().ok()).unwrap_or(0)
});

fn main() -> ExitCode {
    heaplab::run(Registry::of(WithSlowed(heaplab_strategies::registry())))
}

/// A registry in which one strategy is slowed down.
struct WithSlowed<L>(Registry<L>);

impl<L: StrategyList> StrategyList for WithSlowed<L> {
    fn visit_all<V: Visitor>(&self, visitor: &mut V) {
        self.0.visit_all(&mut Wrapping(visitor));
    }

    fn visit_named<V: Visitor>(&self, name: &str, visitor: &mut V) -> bool {
        self.0.visit(name, &mut Wrapping(visitor))
    }
}

/// Shows another visitor the slowed strategy instead of the one of that name.
struct Wrapping<'a, V>(&'a mut V);

impl<V: Visitor> Visitor for Wrapping<'_, V> {
    fn visit<S: Strategy>(&mut self, entry: Entry) {
        if entry.name == *STRATEGY {
            self.0.visit::<Slowed<S>>(entry);
        } else {
            self.0.visit::<S>(entry);
        }
    }
}

/// A strategy that places as the one inside does, and takes longer.
struct Slowed<S> {
    inner: S,
    steps: u32,
}

impl<S> Slowed<S> {
    /// Each step needs the one before, so no processor does them side by side.
    fn dawdle(&self) {
        let mut value = black_box(self.steps);
        for _ in 0..self.steps {
            value = black_box(value.wrapping_mul(0x9E37_79B1) ^ (value >> 15));
        }
        black_box(value);
    }
}

impl<S: Strategy> Strategy for Slowed<S> {
    const CAPABILITIES: Capabilities = S::CAPABILITIES;

    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self { inner: S::new(capacity_bytes, config)?, steps: *STEPS })
    }
}

impl<S: Allocator> Allocator for Slowed<S> {
    fn allocate(
        &mut self,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<Handle, AllocError> {
        self.dawdle();
        self.inner.allocate(request, memory)
    }

    fn free(&mut self, handle: Handle, memory: &mut dyn Memory) -> Result<(), InvalidHandle> {
        self.dawdle();
        self.inner.free(handle, memory)
    }

    fn resize(
        &mut self,
        handle: Handle,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<(), AllocError> {
        self.dawdle();
        self.inner.resize(handle, request, memory)
    }

    fn block(&self, handle: Handle) -> Option<Block> {
        self.inner.block(handle)
    }

    fn locate(&self, handle: Handle) -> Result<Block, InvalidHandle> {
        self.inner.locate(handle)
    }

    fn walk(&self, visit: &mut dyn FnMut(Piece)) {
        self.inner.walk(visit);
    }

    fn usage(&self) -> Usage {
        self.inner.usage()
    }

    fn end_bytes(&self) -> Option<u64> {
        self.inner.end_bytes()
    }

    fn capacity_bytes(&self) -> u64 {
        self.inner.capacity_bytes()
    }

    fn granule(&self) -> Granule {
        self.inner.granule()
    }

    fn check_invariants(&self) -> Result<(), String> {
        self.inner.check_invariants()
    }
}
