//! Timed replays in a process of their own: one for all contestants, until one of them takes it along.
//!
//! All that is timed beside each other is timed in the same process, by the same code as here; the clock is read there.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use heaplab_core::{Config, Strategy};
use heaplab_report::{Mode, Status};
use heaplab_trace::{ChunkReader, Operation, OperationSource, Summary, TraceError, TraceInfo};
use serde::{Deserialize, Serialize};

use super::serve::Alive;
use super::wire::{Question, Reply, Request};
use super::worker::{Died, Worker};
use super::{Isolated, unexpected};
use crate::HeapSize;
use crate::replay::{Observer as _, ReplayError, ReplayRequest};
use crate::timed::{EncodedLatencies, Latencies, TimedError, TimedRoom, replay_timed};

/// One timed replay.
#[derive(Clone, Copy)]
pub(crate) struct TimedRequest<'a> {
    pub(crate) name: &'a str,
    pub(crate) source: &'a dyn OperationSource,
    pub(crate) heap_bytes: u64,
    pub(crate) config: &'a Config,
    pub(crate) mode: Mode,
    /// It is broken off beyond this, which it notices on its own.
    pub(crate) limit: Option<Duration>,
    /// What says nothing for so long is given up, and its process with it; nothing is without.
    pub(crate) silence: Option<Duration>,
    /// Whether the clock is read around each operation.
    pub(crate) records: bool,
}

/// What became of a timed replay.
pub(crate) enum Timed {
    /// It took so many ns.
    Took(u64, Option<Box<Latencies>>),
    /// It was broken off.
    Late(Duration),
    /// The strategy panicked.
    Panicked(String),
    /// It went another way than expected.
    Failed(String),
    /// The process has died, or was ended because it fell silent.
    Lost(Status, String),
}

/// The process, once there is one.
#[derive(Debug)]
pub(crate) struct TimingProcess {
    isolated: Isolated,
    worker: Option<Worker>,
    /// The traces that it has at hand.
    traces: BTreeSet<PathBuf>,
}

impl TimingProcess {
    pub(crate) const fn new(isolated: Isolated) -> Self {
        Self { isolated, worker: None, traces: BTreeSet::new() }
    }

    /// Has one replay timed. A process that is lost is replaced by the next call.
    ///
    /// # Errors
    ///
    /// [`ReplayError::Process`] when no process can be started or the trace not handed over, and [`ReplayError::Trace`].
    pub(crate) fn time(&mut self, timed: TimedRequest<'_>) -> Result<Timed, ReplayError> {
        let TimedRequest { name, source, heap_bytes, config, mode, .. } = timed;
        let request = ReplayRequest {
            source,
            heap: HeapSize::Bytes(heap_bytes),
            config: config.clone(),
            verify: false,
            payload_limit_bytes: u64::MAX,
            deadline: timed.limit,
        };
        let trace = self.isolated.hand_over(source)?;
        let question = Question::Clock { mode, records: timed.records };
        let wire = Request::new(name, question, trace, heap_bytes, &request);
        let wire = Request { silence: timed.silence, ..wire };
        let is_in_memory = source.operations().is_some();
        match self.ask(&wire, is_in_memory)? {
            Ok(Reply::Timed(answer)) => answer.into_timed(),
            Ok(Reply::Failed(reason)) => Err(ReplayError::Process(std::io::Error::other(reason))),
            Ok(_) => Err(unexpected()),
            Err(Died::Silent) => {
                self.worker = None;
                let silence = timed.silence.unwrap_or_default().as_secs_f64();
                let text = format!("an operation did not return within {silence:.1} s");
                Ok(Timed::Lost(Status::Timeout, text))
            }
            Err(Died::Of(reason)) => {
                self.worker = None;
                Ok(Timed::Lost(Status::Crashed, reason))
            }
            Err(Died::Unreachable(error)) => Err(ReplayError::Process(error)),
        }
    }

    /// Asks the process, or a new one; about the first replay of a trace once it has that at hand.
    fn ask(
        &mut self,
        clock: &Request,
        is_in_memory: bool,
    ) -> Result<Result<Reply, Died>, ReplayError> {
        let worker = match &mut self.worker {
            Some(worker) => worker,
            none => {
                self.traces.clear();
                none.insert(self.isolated.new_worker()?)
            }
        };
        if self.traces.insert(clock.trace.clone()) {
            let open = Request { question: Question::Open { is_in_memory }, ..clock.clone() };
            match worker.ask(&open) {
                Ok(Reply::Begun) => {}
                other => return Ok(other),
            }
        }
        Ok(worker.ask(clock))
    }
}

/// [`Timed`] on its way from the process.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    Took { ns: u64, latencies: Option<EncodedLatencies> },
    Late(Duration),
    Panicked(String),
    Failed(String),
}

impl Answer {
    fn into_timed(self) -> Result<Timed, ReplayError> {
        Ok(match self {
            Self::Took { ns, latencies } => {
                let latencies =
                    latencies.map(|it| it.decode().map(Box::new).ok_or_else(unexpected));
                Timed::Took(ns, latencies.transpose()?)
            }
            Self::Late(duration) => Timed::Late(duration),
            Self::Panicked(message) => Timed::Panicked(message),
            Self::Failed(reason) => Timed::Failed(reason),
        })
    }
}

/// Times one replay, on the side of the process; `None` where the trace cannot be read.
pub(super) fn clocked<S: Strategy>(
    request: &Request,
    (mode, records): (Mode, bool),
    source: &dyn OperationSource,
    room: &mut TimedRoom,
) -> Option<Answer> {
    room.set_mode(mode);
    room.set_limit(request.deadline.unwrap_or(Duration::MAX));
    room.take_latencies();
    if records {
        room.record_latencies();
    }
    let silence = request.silence.filter(|_| source.operations().is_none());
    let (heap_bytes, config) = (request.heap_bytes, request.config());
    let result = match silence {
        Some(silence) => replay_timed::<S>(&Living { source, silence }, heap_bytes, &config, room),
        None => replay_timed::<S>(source, heap_bytes, &config, room),
    };
    Some(match result {
        Ok(ns) => {
            let latencies = room.take_latencies();
            Answer::Took { ns, latencies: latencies.as_ref().map(EncodedLatencies::of) }
        }
        Err(TimedError::Trace(_)) => return None,
        Err(TimedError::Late { duration }) => Answer::Late(duration),
        Err(TimedError::Panicked(message)) => Answer::Panicked(message),
        Err(error) => Answer::Failed(error.to_string()),
    })
}

/// A trace that says while it is read, which is while the clock stands still, that the replay goes on: reading may take
/// longer than anybody is patient with an operation.
struct Living<'a> {
    source: &'a dyn OperationSource,
    silence: Duration,
}

struct LivingReader<'a> {
    reader: Box<dyn ChunkReader + 'a>,
    alive: Alive,
}

impl OperationSource for Living<'_> {
    fn info(&self) -> &TraceInfo {
        self.source.info()
    }

    fn summary(&self) -> &Summary {
        self.source.summary()
    }

    fn open(&self) -> Result<Box<dyn ChunkReader + '_>, TraceError> {
        let reader = self.source.open()?;
        Ok(Box::new(LivingReader { reader, alive: Alive::within(self.silence) }))
    }
}

impl ChunkReader for LivingReader<'_> {
    fn next_chunk(&mut self, chunk: &mut Vec<Operation>) -> Result<bool, TraceError> {
        // Whoever does not listen any more has ended, and so will this process.
        let _ = self.alive.goes_on();
        self.reader.next_chunk(chunk)
    }
}
