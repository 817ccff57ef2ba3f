//! Untimed replays on several threads, each with its share of time.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use heaplab_core::Config;
use heaplab_report::{Mode, Status};
use heaplab_trace::OperationSource;

use super::budget::Budget;
use super::keep::Keeper;
use crate::HeapSize;
use crate::contestant::Replay;
use crate::isolated::Isolated;
use crate::plan::RunError;
use crate::progress::Progress;
use crate::replay::{ReplayError, ReplayRequest, Replayed};

/// A replay that has not returned so long after its share ended is given up, and its thread with it.
const GRACE: Duration = Duration::from_millis(1_500);
const ISOLATED_GRACE: Duration = Duration::from_secs(90);

/// How often the calling thread looks for interruptions and hanging strategies.
const POLL: Duration = Duration::from_millis(50);

/// What an untimed replay is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The figures of the space pass.
    Space,
    /// The same of what has no heap: the memory of its process is measured instead.
    Resident,
    /// With bytes behind the heap, and a judge beside it.
    Verify,
    /// Whether it will survive being timed.
    Rehearsal(Mode),
}

/// One untimed replay.
#[derive(Clone)]
pub(super) struct Task {
    pub(super) label: String,
    /// Index of the cell.
    pub(super) cell: usize,
    /// What the report says of the cell, where somebody keeps partial reports.
    pub(super) skeleton: Option<Box<heaplab_report::Cell>>,
    pub(super) source: Arc<dyn OperationSource>,
    pub(super) name: &'static str,
    pub(super) replay: Replay,
    /// The processes in which it is replayed; in ours without.
    pub(super) isolated: Option<Isolated>,
    pub(super) purpose: Purpose,
    pub(super) heap_bytes: u64,
    pub(super) config: Config,
    /// How long it takes at least, as far as is known: no try is made with less.
    pub(super) estimate: Duration,
    pub(super) payload_limit_bytes: u64,
}

impl Task {
    fn perform(&self, share: Duration) -> Result<Replayed, ReplayError> {
        let request = ReplayRequest {
            source: self.source.as_ref(),
            heap: HeapSize::Bytes(self.heap_bytes),
            config: self.config.clone(),
            verify: self.purpose == Purpose::Verify,
            payload_limit_bytes: self.payload_limit_bytes,
            deadline: Some(share),
        };
        match (&self.isolated, self.purpose) {
            (Some(isolated), Purpose::Resident) => isolated.resident(self.name, &request),
            (Some(isolated), Purpose::Rehearsal(mode)) => {
                isolated.rehearse(self.name, &request, mode)
            }
            (Some(isolated), Purpose::Space | Purpose::Verify) => {
                isolated.replay(self.name, &request)
            }
            (None, _) => (self.replay)(&request),
        }
    }

    /// How long after its share the thread that performs it is given up.
    const fn grace(&self) -> Duration {
        // A process is ended by the one who waits for it; until then it may be reading its trace.
        if self.isolated.is_some() { ISOLATED_GRACE } else { GRACE }
    }
}

/// How a task ended.
pub(super) enum End {
    /// It returned.
    Done(Box<Result<Replayed, ReplayError>>),
    /// It would take longer than its share of time, and was not even tried.
    Late,
    /// The strategy did not return from an operation; its thread still runs.
    Hung,
    /// The run was interrupted before it ended.
    Skipped,
}

/// The terms on which tasks are performed.
#[derive(Clone, Copy)]
pub(super) struct Terms<'a> {
    pub(super) jobs: usize,
    pub(super) budget: Budget,
    pub(super) progress: &'a dyn Progress,
    pub(super) keeper: &'a Keeper<'a>,
}

struct Running {
    task: usize,
    share: Duration,
    give_up: Instant,
}

/// Tasks that are tried for a short time each, and those that need more again, for longer, until the budget ends.
///
/// So a quick task never waits for a slow one, and of the slow ones those end that need least.
/// Each try starts anew and has a thread of its own, since a strategy that hangs can only be left behind.
pub(super) struct Batch {
    tasks: Vec<Task>,
    ends: Vec<Option<End>>,
    /// Tasks that need another try, in order.
    pending: Vec<usize>,
    /// The longest try that pending tasks had.
    had: Duration,
}

impl Batch {
    pub(super) fn new(tasks: Vec<Task>) -> Self {
        let ends = tasks.iter().map(|_| None).collect();
        Self { tasks, ends, pending: Vec::new(), had: Duration::ZERO }
    }

    /// Tasks that the first tries have put aside.
    pub(super) fn pending(&self) -> &[usize] {
        &self.pending
    }

    /// The ends of the tasks that are done; a second call, and [`Batch::finish`], say [`End::Skipped`] of them.
    pub(super) fn take_done(&mut self) -> Vec<End> {
        let take = |(index, end): (usize, &mut Option<End>)| {
            let is_done = !self.pending.contains(&index);
            end.take_if(|_| is_done).unwrap_or(End::Skipped)
        };
        self.ends.iter_mut().enumerate().map(take).collect()
    }

    /// Tries each task once, while `others` tasks of the same phase wait for their first try.
    pub(super) fn try_first(&mut self, others: usize, terms: Terms<'_>) -> Result<(), RunError> {
        let all = (0..self.tasks.len()).collect();
        self.attempt(all, terms, &|left| terms.budget.first_try(left + others, terms.jobs))
    }

    /// Tries what was put aside, for longer each time, while `others` tasks of the same phase wait for the same;
    /// returns the ends of all tasks in their order.
    pub(super) fn finish(mut self, others: usize, terms: Terms<'_>) -> Result<Vec<End>, RunError> {
        while !self.pending.is_empty() && !terms.progress.interrupted() {
            let waiting = self.pending.len() + others;
            let Some(share) = terms.budget.later_try(self.had, waiting, terms.jobs) else { break };
            let pending = std::mem::take(&mut self.pending);
            self.attempt(pending, terms, &|_| share)?;
        }
        let is_interrupted = terms.progress.interrupted();
        for &task in &self.pending {
            if is_interrupted {
                self.ends[task] = Some(End::Skipped);
            } else {
                self.ends[task].get_or_insert(End::Late);
                terms.progress.advance(1);
            }
        }
        Ok(self.ends.into_iter().map(|end| end.unwrap_or(End::Skipped)).collect())
    }

    /// Tries tasks, `jobs` at once; `share` is given how many have not begun.
    fn attempt(
        &mut self,
        tasks: Vec<usize>,
        terms: Terms<'_>,
        share: &dyn Fn(usize) -> Duration,
    ) -> Result<(), RunError> {
        let (sender, receiver) = mpsc::channel();
        let mut waiting = tasks.into_iter();
        let mut running: Vec<Running> = Vec::new();
        loop {
            while running.len() < terms.jobs.max(1) && !terms.progress.interrupted() {
                let share = share(waiting.len());
                let Some(index) = waiting.next() else { break };
                if self.tasks[index].estimate > share {
                    self.put_aside(index, share);
                    continue;
                }
                terms.progress.doing(&self.tasks[index].label);
                let grace = self.tasks[index].grace();
                spawn(index, self.tasks[index].clone(), share, &sender)?;
                running.push(Running {
                    task: index,
                    share,
                    give_up: Instant::now() + share + grace,
                });
            }
            if running.is_empty() {
                self.pending.sort_unstable();
                return Ok(());
            }
            match receiver.recv_timeout(POLL) {
                Ok((index, result)) => {
                    // A task that was given up may still return.
                    if let Some(at) = running.iter().position(|it| it.task == index) {
                        let share = running.swap_remove(at).share;
                        self.returned(index, share, result, terms);
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
            let now = Instant::now();
            running.retain(|it| {
                let is_patient = now < it.give_up;
                if !is_patient {
                    self.ends[it.task] = Some(End::Hung);
                    terms.progress.advance(1);
                }
                is_patient
            });
        }
    }

    fn returned(
        &mut self,
        index: usize,
        share: Duration,
        result: Result<Replayed, ReplayError>,
        terms: Terms<'_>,
    ) {
        if let Ok(replayed) = &result {
            terms.keeper.returned(&self.tasks[index], replayed);
        }
        let is_late = result.as_ref().is_ok_and(|it| it.outcome.status == Status::Timeout);
        self.ends[index] = Some(End::Done(Box::new(result)));
        if is_late {
            self.put_aside(index, share);
        } else {
            terms.progress.advance(1);
        }
    }

    fn put_aside(&mut self, index: usize, share: Duration) {
        self.pending.push(index);
        self.had = self.had.max(share);
    }
}

type Message = (usize, Result<Replayed, ReplayError>);

fn spawn(
    index: usize,
    task: Task,
    share: Duration,
    sender: &mpsc::Sender<Message>,
) -> Result<(), RunError> {
    let sender = sender.clone();
    let perform = move || {
        let result = task.perform(share);
        // Nobody listens to a task that was given up.
        sender.send((index, result)).unwrap_or_default();
    };
    let builder = thread::Builder::new().name(format!("heaplab replay {index}"));
    // The thread is never joined: it ends by sending, or is left behind.
    drop(builder.spawn(perform).map_err(RunError::Thread)?);
    Ok(())
}
