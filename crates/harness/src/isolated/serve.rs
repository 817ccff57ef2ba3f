//! A process that waits for work, seen from the inside.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use heaplab_core::{ConfigError, Entry, Registry, Strategy, StrategyList, Visitor};
use heaplab_report::{Mode, Status};
use heaplab_trace::{HltFile, OperationSource, Trace};

use super::resident::resident;
use super::timing::clocked;
use super::wire::{Question, REHEARSALS, Reply, Request};
use crate::HeapSize;
use crate::floor;
use crate::min_heap::{TrailRequest, trail};
use crate::replay::{Observer, ReplayError, ReplayRequest, Replayed, failed, replay};
use crate::timed::{TimedError, TimedRoom, replay_timed};

/// Longer traces are streamed from their file, shorter ones kept in memory.
const OPERATIONS_IN_MEMORY: u64 = 16 << 20;

/// So many within the time that a process may be silent.
const SIGNS_OF_LIFE: u32 = 8;

/// Answers what an [`Isolated`](super::Isolated) asks on standard input, until that is closed.
///
/// # Errors
///
/// When standard input cannot be read or standard output not be written.
pub fn serve<L: StrategyList>(registry: &Registry<L>) -> io::Result<()> {
    let requests = listen()?;
    let (timed, room) = (BTreeMap::new(), TimedRoom::default());
    let mut server = Server { registry, trace: None, timed, room };
    for line in requests {
        server.answer(&line?)?;
    }
    Ok(())
}

/// Ends this process once standard input is closed, as it is when whoever started it with [`answer`](super::answer())
/// ends or has waited long enough.
///
/// # Errors
///
/// When no thread can be started.
pub fn end_with_standard_input() -> io::Result<()> {
    listen().map(drop)
}

/// The lines of standard input, and the end of this process behind the last one: a replay that hangs must not outlive
/// the process that asked for it.
fn listen() -> io::Result<mpsc::Receiver<io::Result<String>>> {
    let (sender, requests) = mpsc::channel();
    let listen = move || {
        for line in io::stdin().lock().lines() {
            let is_over = line.is_err();
            // Whether anybody takes the lines is not what this waits for.
            let _ = sender.send(line);
            if is_over {
                break;
            }
        }
        drop(sender);
        thread::sleep(Duration::from_millis(200));
        leave();
    };
    drop(thread::Builder::new().name("heaplab requests".into()).spawn(listen)?);
    Ok(requests)
}

#[expect(clippy::exit, reason = "the thread that would return may never do so")]
fn leave() -> ! {
    std::process::exit(0)
}

struct Server<'a, L> {
    registry: &'a Registry<L>,
    /// The trace of the request before, since most requests are about the same one.
    trace: Option<(PathBuf, Box<dyn OperationSource>)>,
    /// Traces whose replays are timed again and again, round by round.
    timed: BTreeMap<PathBuf, Box<dyn OperationSource>>,
    room: TimedRoom,
}

impl<L: StrategyList> Server<'_, L> {
    fn answer(&mut self, line: &str) -> io::Result<()> {
        let request: Request = serde_json::from_str(line)?;
        if let Err(error) = self.open(&request) {
            return say(&Reply::Failed(error.to_string()));
        }
        if matches!(request.question, Question::Open { .. }) {
            return say(&Reply::Begun);
        }
        let current = self.trace.as_ref().map(|(_, source)| source);
        let Some(source) = self.timed.get(&request.trace).or(current) else { return Ok(()) };
        let source = source.as_ref();
        let mut perform = Perform { request: &request, source, room: &mut self.room, done: None };
        let name = &request.strategy;
        let is_known =
            self.registry.visit(name, &mut perform) || floor::registry().visit(name, &mut perform);
        match perform.done {
            Some(reply) => say(&reply),
            None if is_known => say(&Reply::Failed("the trace cannot be read".into())),
            None => say(&Reply::Failed(format!("no allocator is named '{name}'"))),
        }
    }

    /// Has the trace of a request at hand.
    fn open(&mut self, request: &Request) -> Result<(), heaplab_trace::TraceError> {
        let path = &request.trace;
        if let Question::Open { is_in_memory } = request.question {
            self.timed.insert(path.clone(), open(path, Some(is_in_memory))?);
        } else if self.timed.contains_key(path) {
            // It was opened by a request of its own.
        } else if self.trace.as_ref().is_none_or(|(current, _)| current != path) {
            self.trace = Some((path.clone(), open(path, None)?));
        }
        Ok(())
    }
}

fn open(
    path: &Path,
    is_in_memory: Option<bool>,
) -> Result<Box<dyn OperationSource>, heaplab_trace::TraceError> {
    let file = HltFile::open(path)?;
    let is_short = file.summary().operations.total() <= OPERATIONS_IN_MEMORY;
    Ok(if is_in_memory.unwrap_or(is_short) {
        Box::new(Trace::load(&file)?)
    } else {
        Box::new(file)
    })
}

fn say(reply: &Reply) -> io::Result<()> {
    let mut line = serde_json::to_string(reply)?;
    line.push('\n');
    let mut output = io::stdout().lock();
    output.write_all(line.as_bytes())?;
    output.flush()
}

struct Perform<'a> {
    request: &'a Request,
    source: &'a dyn OperationSource,
    room: &'a mut TimedRoom,
    done: Option<Reply>,
}

impl Visitor for Perform<'_> {
    fn visit<S: Strategy>(&mut self, _: Entry) {
        // Nobody who does not listen to this listens to the end.
        if !self.request.begins_unsaid() && say(&Reply::Begun).is_err() {
            return;
        }
        let Self { request, source, room, .. } = self;
        let done = |replayed: Option<Replayed>| replayed.map(|it| Reply::Done(Box::new(it)));
        self.done = match request.question {
            Question::Replay => done(replayed::<S>(request, *source)),
            Question::Probe => {
                room.set_mode(Mode::Placement);
                done(probed::<S>(request, *source, room))
            }
            Question::Timed(mode) => {
                room.set_mode(mode);
                done(rehearsed::<S>(request, *source, room))
            }
            Question::Resident => done(resident::<S>(request, *source)),
            Question::Clock { mode, records } => {
                clocked::<S>(request, (mode, records), *source, room).map(Reply::Timed)
            }
            Question::Open { .. } => None,
            Question::Trail { .. } => trailed::<S>(request, *source),
        };
    }
}

/// Says every now and then that the replay goes on.
pub(super) struct Alive {
    every: Duration,
    said: Instant,
}

impl Alive {
    /// Often enough for whoever gives up what is silent for so long.
    pub(super) fn within(silence: Duration) -> Self {
        Self { every: silence / SIGNS_OF_LIFE, said: Instant::now() }
    }
}

impl Observer for Alive {
    fn goes_on(&mut self) -> io::Result<()> {
        if self.said.elapsed() < self.every {
            return Ok(());
        }
        self.said = Instant::now();
        say(&Reply::Alive)
    }
}

fn replayed<S: Strategy>(request: &Request, source: &dyn OperationSource) -> Option<Replayed> {
    let mut alive;
    let observer: &mut dyn Observer = match request.silence {
        Some(silence) => {
            alive = Alive::within(silence);
            &mut alive
        }
        None => &mut (),
    };
    let result = replay::<S>(
        &ReplayRequest {
            source,
            heap: HeapSize::Bytes(request.heap_bytes),
            config: request.config(),
            verify: request.verify,
            payload_limit_bytes: request.payload_limit_bytes,
            deadline: request.deadline,
        },
        observer,
    );
    match result {
        Ok(replayed) => Some(replayed),
        Err(ReplayError::Trace(_)) => None,
        Err(error) => {
            let mut replayed = not_begun(&error);
            replayed.heap_bytes = request.heap_bytes;
            Some(replayed)
        }
    }
}

fn probed<S: Strategy>(
    request: &Request,
    source: &dyn OperationSource,
    room: &mut TimedRoom,
) -> Option<Replayed> {
    room.set_limit(request.deadline.unwrap_or(Duration::MAX));
    let result = replay_timed::<S>(source, request.heap_bytes, &request.config(), room);
    let mut replayed = match result {
        Ok(_) => Replayed::default(),
        Err(TimedError::Trace(_)) => return None,
        Err(TimedError::Config(error)) => not_begun(&ReplayError::Config(error)),
        Err(TimedError::Refused { operation }) => {
            let text = "refused".to_owned();
            Replayed { outcome: failed(Status::Oom, Some(operation), text), ..Replayed::default() }
        }
        Err(error @ TimedError::Late { .. }) => Replayed {
            outcome: failed(Status::Timeout, None, error.to_string()),
            ..Replayed::default()
        },
        Err(error) => Replayed {
            outcome: failed(Status::Crashed, None, error.to_string()),
            ..Replayed::default()
        },
    };
    replayed.heap_bytes = request.heap_bytes;
    Some(replayed)
}

/// As [`trail()`], told to somebody else.
fn trailed<S: Strategy>(request: &Request, source: &dyn OperationSource) -> Option<Reply> {
    let Question::Trail { floor_bytes, keeps_offsets } = request.question else { return None };
    let trail = trail::<S>(TrailRequest {
        source,
        config: &request.config(),
        capacity_bytes: request.heap_bytes,
        floor_bytes,
        deadline: request.deadline.and_then(|left| Instant::now().checked_add(left)),
        keeps_offsets,
    });
    trail.ok().map(|trail| Reply::Trail(Box::new(trail)))
}

/// Replays as the timed passes will. The deadline is that of one replay.
fn rehearsed<S: Strategy>(
    request: &Request,
    source: &dyn OperationSource,
    room: &mut TimedRoom,
) -> Option<Replayed> {
    for _ in 1..REHEARSALS {
        let replayed = probed::<S>(request, source, room)?;
        if replayed.outcome.status != Status::Ok {
            return Some(replayed);
        }
    }
    probed::<S>(request, source, room)
}

/// What became of a cell whose allocator could not be made.
pub(crate) fn not_begun(error: &ReplayError) -> Replayed {
    let status = match error {
        ReplayError::Config(
            ConfigError::CapacityTooSmall { .. }
            | ConfigError::CapacityBelowMinimum { .. }
            | ConfigError::OutOfMetadata,
        ) => Status::Oom,
        // The allocator has not even been asked.
        ReplayError::Process(_) => Status::Crashed,
        _ => Status::Invalid,
    };
    Replayed { outcome: failed(status, None, error.to_string()), ..Replayed::default() }
}
