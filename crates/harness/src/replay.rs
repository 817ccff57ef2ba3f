//! One deterministic replay of a trace against a strategy.

use std::io;
use std::time::{Duration, Instant};

use heaplab_core::{Block, Config, ConfigError, Strategy, Usage};
use heaplab_report::{Outcome, Relocations, Series, Space, Status, Trend};
use heaplab_trace::{OperationSource, TraceError, peak_live_bytes};
use serde::{Deserialize, Serialize};

use crate::HeapSize;
use crate::panics::{Unwound, guard};

mod diagnosis;
mod figures;
mod pass;
mod payload;
mod series;
mod shadow;
mod shape;
mod stop;
mod usage;
mod watch;

pub(crate) use diagnosis::failed;
use pass::Pass;

/// The most bytes that a verification keeps behind a heap; a replay whose blocks reach higher is not verified.
pub const PAYLOAD_LIMIT_BYTES: u64 = 8 << 30;

/// What is to be replayed, and how.
#[derive(Clone)]
pub struct ReplayRequest<'a> {
    /// The operations.
    pub source: &'a dyn OperationSource,
    /// The heap. A ratio costs one more pass over the trace, for the peak of live bytes.
    pub heap: HeapSize,
    /// Granule and parameters.
    pub config: Config,
    /// Whether every block holds a pattern in a real buffer, and everything that the strategy says is checked.
    pub verify: bool,
    /// The most bytes of that buffer, see [`PAYLOAD_LIMIT_BYTES`].
    pub payload_limit_bytes: u64,
    /// How long the replay may take; beyond that its outcome is a timeout. A strategy that never returns from an
    /// operation is not interrupted.
    pub deadline: Option<Duration>,
}

impl<'a> ReplayRequest<'a> {
    /// A replay without a limit, without verification, with the default configuration.
    #[must_use]
    pub const fn new(source: &'a dyn OperationSource) -> Self {
        Self {
            source,
            heap: HeapSize::Unlimited,
            config: Config::new(),
            verify: false,
            payload_limit_bytes: PAYLOAD_LIMIT_BYTES,
            deadline: None,
        }
    }
}

impl std::fmt::Debug for ReplayRequest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReplayRequest")
            .field("trace", &self.source.info().name)
            .field("heap", &self.heap)
            .field("config", &self.config)
            .field("verify", &self.verify)
            .finish_non_exhaustive()
    }
}

/// Is told of every placement and every relocation, in order.
///
/// `()` observes nothing.
pub trait Observer {
    /// An allocation or a resize has succeeded; the block is where the operation left it, moved or not.
    ///
    /// # Errors
    ///
    /// Whatever recording fails with; it ends the replay.
    fn placed(&mut self, operation_index: u64, block: Block) -> io::Result<()> {
        let _ = (operation_index, block);
        Ok(())
    }

    /// A block of `len` bytes has moved during an operation that may yet be refused. Several calls for one operation
    /// come before its [`Observer::placed`].
    ///
    /// # Errors
    ///
    /// Whatever recording fails with; it ends the replay.
    fn relocated(&mut self, operation_index: u64, from: u64, to: u64, len: u64) -> io::Result<()> {
        let _ = (operation_index, from, to, len);
        Ok(())
    }

    /// The replay goes on: called every few hundred operations, and every few hundred moves within one.
    ///
    /// # Errors
    ///
    /// Whatever passing it on fails with; it ends the replay.
    fn goes_on(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Observer for () {}

/// What a replay found out. After a failure, figures cover the operations that completed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Replayed {
    /// Operations that completed.
    pub operations: u64,
    /// Capacity of the heap in bytes.
    pub heap_bytes: u64,
    /// Most requested bytes that were live after an operation.
    pub peak_live_requested_bytes: u64,
    /// The same with every block rounded to the granule.
    pub peak_live_bytes: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// The allocator's own figures at the end; absent after a crash, a timeout and a broken contract.
    #[serde(with = "usage")]
    pub usage: Option<Usage>,
    /// What became of the space; absent as `usage` is.
    pub space: Option<Space>,
    /// What was moved; absent as `usage` is.
    pub relocations: Option<Relocations>,
    /// The heap over time; absent as `usage` is.
    pub series: Option<Series>,
    /// Measures of fragmentation over time; empty as `usage` is absent.
    pub trends: Vec<Trend>,
    /// BLAKE3 over (operation index, offset, length) of every placement, each as 8 bytes, lowest first; absent as
    /// `usage` is.
    pub placement_hash: Option<String>,
    /// Whether everything was verified; absent where that was not asked for.
    pub verified: Option<bool>,
    /// How long it took, bookkeeping included: no measure of the strategy.
    pub duration: Duration,
}

impl Replayed {
    /// Highest end of a block ever, in bytes; absent where it is not known.
    #[must_use]
    pub fn high_water_bytes(&self) -> Option<u64> {
        self.space.as_ref().and_then(|space| space.high_water_bytes)
    }
}

/// Why a replay could not take place. What a strategy does wrong is an [`Outcome`] instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The trace could not be read.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// The strategy refuses its configuration or capacity.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The heap would be larger than 64 bits can say.
    #[error("a heap of {heap} of {peak_live_bytes} bytes exceeds 64 bits")]
    HeapTooLarge {
        /// As it was asked for.
        heap: HeapSize,
        /// The trace's peak of live bytes, rounded.
        peak_live_bytes: u64,
    },
    /// No process could be started to replay it in, or words did not reach it.
    #[error("cannot replay in a process of its own: {0}")]
    Process(#[source] io::Error),
    /// The observer could not record.
    #[error("cannot record the replay: {0}")]
    Observer(#[source] io::Error),
}

/// Replays a trace against the strategy `S`, in memory for its live blocks, however long it is.
///
/// The same trace, heap and configuration give the same result always, `duration` and timeouts apart.
///
/// # Errors
///
/// [`ReplayError`]; running out of memory, breaking the contract and panicking are outcomes, no errors.
pub fn replay<S: Strategy>(
    request: &ReplayRequest<'_>,
    observer: &mut dyn Observer,
) -> Result<Replayed, ReplayError> {
    let started = Instant::now();
    let granule = request.config.granule;
    let peak = match request.heap {
        HeapSize::Ratio(_) => peak_live_bytes(request.source, granule.bytes())?,
        HeapSize::Unlimited | HeapSize::Bytes(_) => 0,
    };
    let capacity = request
        .heap
        .resolve(peak, granule)
        .ok_or(ReplayError::HeapTooLarge { heap: request.heap, peak_live_bytes: peak })?;
    let mut pass = Pass::new(request, capacity, started, observer);
    let result = guard(|| pass.run::<S>(request));
    let mut replayed = match result {
        Ok(result) => result?,
        Err(Unwound::TimeIsUp) => {
            let outcome =
                failed(Status::Timeout, Some(pass.operation()), "its time ran out".into());
            pass.abandoned(outcome)
        }
        Err(Unwound::Panicked(message)) => {
            pass.abandoned(failed(Status::Crashed, pass.begun(), message))
        }
    };
    replayed.duration = started.elapsed();
    Ok(replayed)
}
