//! Replays in processes of their own, so that an allocator that aborts or hangs costs its cell and not the run.
//!
//! An [`Isolated`] keeps a few processes that wait for work: each is this program again, started by a
//! [`Launcher`] in such a way that it calls [`serve`] with the same registry. A request is a line of JSON on its
//! standard input, an answer a line on its standard output; traces are handed over as files that are written once.
//! A process that dies or does not answer in time is replaced, and what it was asked becomes `crashed` or `timeout`.

mod resident;
mod serve;
mod timing;
mod traces;
mod wire;
mod worker;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use heaplab_core::Config;
use heaplab_report::{Mode, Outcome, Status};
use heaplab_trace::{OperationSource, TraceError};

use crate::HeapSize;
use crate::min_heap::{Trail, TrailEnd, TrailRequest};
use crate::plan::Launcher;
use crate::replay::{PAYLOAD_LIMIT_BYTES, ReplayError, ReplayRequest, Replayed, failed};

pub(crate) use serve::not_begun;
pub use serve::{end_with_standard_input, serve};
pub(crate) use timing::{Timed, TimedRequest, TimingProcess};

use traces::Traces;
use wire::{Question, Reply, Request};
use worker::{Died, Worker};

/// Processes in which allocators are replayed; a clone shares them.
#[derive(Clone, Debug)]
pub struct Isolated {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    launcher: Launcher,
    idle: Mutex<Vec<Worker>>,
    traces: Mutex<Traces>,
    /// What has cost processes their lives, how many, and what became of the last: strategy, trace, heap and question.
    deadly: Mutex<HashMap<String, (u32, Outcome)>>,
}

impl Isolated {
    /// Processes that are started by `launcher`, none of them yet.
    #[must_use]
    pub fn new(launcher: Launcher) -> Self {
        Self {
            shared: Arc::new(Shared {
                launcher,
                idle: Mutex::default(),
                traces: Mutex::default(),
                deadly: Mutex::default(),
            }),
        }
    }

    /// As [`replay`](crate::replay()) of the registry's allocator `name`, which nobody observes. A process that dies is
    /// the outcome [`Status::Crashed`], one that does not answer in time [`Status::Timeout`].
    ///
    /// An allocator that refuses its heap or configuration has the outcome [`Status::Oom`] where the heap is too
    /// small for it, and [`Status::Invalid`] else.
    ///
    /// # Errors
    ///
    /// [`ReplayError::Trace`] and [`ReplayError::HeapTooLarge`]; [`ReplayError::Process`] when no process can be
    /// started or the trace not handed over.
    pub fn replay(&self, name: &str, request: &ReplayRequest<'_>) -> Result<Replayed, ReplayError> {
        self.ask(name, request, Question::Replay, None)
    }

    /// As [`Isolated::replay`], and [`Status::Timeout`] as well once no operation has completed for `silence`: what hangs
    /// is given up, and what goes on may take as long as the request allows.
    ///
    /// # Errors
    ///
    /// As [`Isolated::replay`].
    pub fn replay_unless_silent(
        &self,
        name: &str,
        request: &ReplayRequest<'_>,
        silence: Duration,
    ) -> Result<Replayed, ReplayError> {
        self.ask(name, request, Question::Replay, Some(silence))
    }

    /// How a replay in a heap of `heap_bytes` ends, without its figures: the quickest way to learn whether a heap is
    /// large enough.
    ///
    /// # Errors
    ///
    /// As [`Isolated::replay`].
    pub fn probe(
        &self,
        name: &str,
        source: &dyn OperationSource,
        heap_bytes: u64,
        config: &Config,
        deadline: Option<Duration>,
    ) -> Result<Outcome, ReplayError> {
        let request = ReplayRequest {
            source,
            heap: HeapSize::Bytes(heap_bytes),
            config: config.clone(),
            verify: false,
            payload_limit_bytes: PAYLOAD_LIMIT_BYTES,
            deadline,
        };
        self.ask(name, &request, Question::Probe, None).map(|replayed| replayed.outcome)
    }

    /// As [`Isolated::replay`] in a new process, whose resident memory is measured.
    ///
    /// # Errors
    ///
    /// As [`Isolated::replay`].
    pub(crate) fn resident(
        &self,
        name: &str,
        request: &ReplayRequest<'_>,
    ) -> Result<Replayed, ReplayError> {
        self.ask(name, request, Question::Resident, None)
    }

    /// Replays as timed passes do, in the same mode and more than once in a row, and tells how that ends: what does not
    /// survive it here need not be tried where it would take everybody along.
    ///
    /// # Errors
    ///
    /// As [`Isolated::replay`].
    pub(crate) fn rehearse(
        &self,
        name: &str,
        request: &ReplayRequest<'_>,
        mode: Mode,
    ) -> Result<Replayed, ReplayError> {
        self.ask(name, request, Question::Timed(mode), None)
    }

    /// As the trail of a lean replay in our own process. A process that dies is the end [`TrailEnd::Broken`], one that does
    /// not answer in time [`TrailEnd::Hung`].
    ///
    /// # Errors
    ///
    /// When the trace cannot be read.
    pub(crate) fn trail(&self, name: &str, request: TrailRequest<'_>) -> Result<Trail, TraceError> {
        let TrailRequest { floor_bytes, keeps_offsets, .. } = request;
        let left = |deadline: Instant| deadline.saturating_duration_since(Instant::now());
        let replay = ReplayRequest {
            source: request.source,
            heap: HeapSize::Bytes(request.capacity_bytes),
            config: request.config.clone(),
            verify: false,
            payload_limit_bytes: 0,
            deadline: request.deadline.map(left),
        };
        let question = Question::Trail { floor_bytes, keeps_offsets };
        let broken = |error: &dyn std::fmt::Display| TrailEnd::Broken(error.to_string());
        let asked = || -> Result<Trail, ReplayError> {
            let trace = self.hand_over(request.source)?;
            let wire = Request::new(name, question, trace, request.capacity_bytes, &replay);
            let mut worker = self.worker()?;
            match worker.ask(&wire) {
                Ok(Reply::Trail(trail)) => {
                    if !matches!(trail.end, TrailEnd::Broken(_)) {
                        lock(&self.shared.idle).push(worker);
                    }
                    Ok(*trail)
                }
                Ok(Reply::Failed(reason)) => {
                    Err(ReplayError::Process(std::io::Error::other(reason)))
                }
                Ok(_) => Err(unexpected()),
                Err(Died::Silent) => Ok(Trail::ended(TrailEnd::Hung)),
                Err(Died::Of(reason)) => Ok(Trail::ended(TrailEnd::Broken(reason))),
                Err(Died::Unreachable(error)) => Err(ReplayError::Process(error)),
            }
        };
        match asked() {
            Ok(trail) => Ok(trail),
            Err(ReplayError::Trace(error)) => Err(error),
            Err(error) => Ok(Trail::ended(broken(&error))),
        }
    }

    /// Ends the processes that wait for work; what is asked later starts others.
    pub(crate) fn dismiss(&self) {
        lock(&self.shared.idle).clear();
    }

    fn ask(
        &self,
        name: &str,
        request: &ReplayRequest<'_>,
        question: Question,
        silence: Option<Duration>,
    ) -> Result<Replayed, ReplayError> {
        let granule = request.config.granule;
        let peak = match request.heap {
            HeapSize::Ratio(_) => heaplab_trace::peak_live_bytes(request.source, granule.bytes())?,
            HeapSize::Unlimited | HeapSize::Bytes(_) => 0,
        };
        let heap_bytes = request
            .heap
            .resolve(peak, granule)
            .ok_or(ReplayError::HeapTooLarge { heap: request.heap, peak_live_bytes: peak })?;
        let trace = self.hand_over(request.source)?;
        let wire = Request { silence, ..Request::new(name, question, trace, heap_bytes, request) };
        let key = wire.key();
        if let Some((deaths, outcome)) = lock(&self.shared.deadly).get(&key)
            && *deaths >= most_deaths(outcome.status)
        {
            return Ok(Replayed { heap_bytes, outcome: outcome.clone(), ..Replayed::default() });
        }
        let is_new = question == Question::Resident;
        let mut worker = if is_new { self.new_worker() } else { self.worker() }?;
        match worker.ask(&wire) {
            Ok(reply) => {
                let replayed = reply.into_replayed()?;
                // What broke its contract may have broken more than that.
                let is_sound =
                    matches!(replayed.outcome.status, Status::Ok | Status::Oom | Status::Timeout);
                if is_sound && !is_new {
                    lock(&self.shared.idle).push(worker);
                }
                Ok(replayed)
            }
            Err(Died::Silent) => Ok(self.ended(key, Status::Timeout, heap_bytes, SILENT.into())),
            Err(Died::Of(reason)) => Ok(self.ended(key, Status::Crashed, heap_bytes, reason)),
            Err(Died::Unreachable(error)) => Err(ReplayError::Process(error)),
        }
    }

    /// A process that waits for work, or a new one.
    fn worker(&self) -> Result<Worker, ReplayError> {
        self.idle().map_or_else(|| self.new_worker(), Ok)
    }

    fn new_worker(&self) -> Result<Worker, ReplayError> {
        Worker::start(&self.shared.launcher).map_err(ReplayError::Process)
    }

    /// A process that waits for work and has not ended meanwhile.
    fn idle(&self) -> Option<Worker> {
        let mut idle = lock(&self.shared.idle);
        std::iter::from_fn(|| idle.pop()).find_map(|mut worker| worker.is_alive().then_some(worker))
    }

    /// Notes that a process is gone, and what of.
    fn ended(&self, key: String, status: Status, heap_bytes: u64, text: String) -> Replayed {
        let outcome = failed(status, None, text);
        let mut deadly = lock(&self.shared.deadly);
        let (deaths, last) = deadly.entry(key).or_default();
        *deaths += 1;
        last.clone_from(&outcome);
        Replayed { heap_bytes, outcome, ..Replayed::default() }
    }

    fn hand_over(&self, source: &dyn OperationSource) -> Result<PathBuf, ReplayError> {
        lock(&self.shared.traces).path_of(source)
    }
}

/// What is said of a replay that did not even notice that its time was up.
const SILENT: &str = "an operation did not return within its share of time";

/// Whether a replay is [`Status::Timeout`] because it fell silent, and not because it is slow.
pub(crate) fn is_hung(outcome: &Outcome) -> bool {
    outcome.status == Status::Timeout && outcome.message.as_deref() == Some(SILENT)
}

/// Why a process gave no answer, in the words of outcomes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoAnswer {
    /// It did not answer in time, and was ended.
    #[error("timeout: it did not return within {} s", .0.as_secs_f64())]
    Late(Duration),
    /// It ended itself.
    #[error("crashed: {0}")]
    Crashed(String),
    /// It could not be started, or words did not reach it.
    #[error("no process of its own: {0}")]
    Unreachable(#[source] std::io::Error),
    /// Whoever asked did not want to wait any longer.
    #[error("interrupted")]
    GivenUp,
}

/// The one line that a process answers which is started like this. It is ended afterwards, after `patience`, and once
/// `goes_on`, which is called several times a second, says no.
///
/// # Errors
///
/// [`NoAnswer`], where there is no such line.
pub fn answer(
    launcher: &Launcher,
    patience: Duration,
    goes_on: &dyn Fn() -> bool,
) -> Result<String, NoAnswer> {
    let mut worker = Worker::start(launcher).map_err(NoAnswer::Unreachable)?;
    match worker.line_while(patience, goes_on) {
        Ok(line) => line.ok_or(NoAnswer::GivenUp),
        Err(Died::Silent) => Err(NoAnswer::Late(patience)),
        Err(Died::Of(reason)) => Err(NoAnswer::Crashed(reason)),
        Err(Died::Unreachable(error)) => Err(NoAnswer::Unreachable(error)),
    }
}

/// The error for an answer to another question.
fn unexpected() -> ReplayError {
    ReplayError::Process(std::io::Error::other("its answer is not one to the question"))
}

/// How many processes one replay may cost. What looks like hanging may be a busy machine, once.
const fn most_deaths(status: Status) -> u32 {
    if matches!(status, Status::Timeout) { 2 } else { 1 }
}

/// A thread that panicked while it held the lock has changed nothing half: every change is one call.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
