//! An allocator that checks itself after every operation.

use heaplab_core::{
    AllocError, Allocator, Block, Config, ConfigError, Granule, Handle, InvalidHandle, Memory,
    Piece, Request, Strategy, Usage,
};

use crate::check_walk;

/// Wraps an allocator and runs [`check_walk`] after every operation.
///
/// Slow; for tests, fuzzing and hunting for a fault in a program that uses an allocator.
///
/// # Panics
///
/// [`Allocator::allocate`], [`Allocator::free`] and [`Allocator::resize`] panic at the first
/// [`Fault`](crate::Fault), with its description.
#[derive(Clone, Debug)]
pub struct Checked<A> {
    inner: A,
}

impl<A: Allocator> Checked<A> {
    /// Checks `inner` from now on.
    pub const fn around(inner: A) -> Self {
        Self { inner }
    }

    /// The allocator within.
    pub fn into_inner(self) -> A {
        self.inner
    }

    fn check(&self, operation: &str) {
        if let Err(fault) = check_walk(&self.inner) {
            panic!("after {operation}: {fault}");
        }
    }
}

impl<A: Allocator> Allocator for Checked<A> {
    fn allocate(
        &mut self,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<Handle, AllocError> {
        let result = self.inner.allocate(request, memory);
        self.check("allocate");
        result
    }

    fn free(&mut self, handle: Handle, memory: &mut dyn Memory) -> Result<(), InvalidHandle> {
        let result = self.inner.free(handle, memory);
        self.check("free");
        result
    }

    fn resize(
        &mut self,
        handle: Handle,
        request: Request,
        memory: &mut dyn Memory,
    ) -> Result<(), AllocError> {
        let result = self.inner.resize(handle, request, memory);
        self.check("resize");
        result
    }

    fn block(&self, handle: Handle) -> Option<Block> {
        self.inner.block(handle)
    }

    fn walk(&self, visit: &mut dyn FnMut(Piece)) {
        self.inner.walk(visit);
    }

    fn usage(&self) -> Usage {
        self.inner.usage()
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

impl<S: Strategy> Strategy for Checked<S> {
    const CAPABILITIES: heaplab_core::Capabilities = S::CAPABILITIES;

    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
        S::new(capacity_bytes, config).map(Self::around)
    }
}
