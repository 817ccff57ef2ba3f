//! Searches on several threads, each with its share of time.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::plan::RunError;
use crate::progress::Progress;

/// A share is so many times what would be left for each if all remaining ones took equally long: most take far less.
const SHARE_FACTOR: u32 = 4;

/// How often the calling thread looks for interruptions and searches that hang.
const POLL: Duration = Duration::from_millis(20);

/// Something to be done before an instant that it is told.
pub(crate) struct Job<T> {
    /// What progress shows.
    pub(crate) label: String,
    /// How long after its share it is given up, and its thread with it.
    pub(crate) grace: Duration,
    pub(crate) work: Box<dyn FnOnce(Instant) -> T + Send>,
}

/// Does all jobs, `threads` at once, and returns what they return in their order; `None` for one that did not return, or
/// was not begun because the user has interrupted, or the end has passed and `shortest` grants it nothing.
pub(crate) fn perform<T: Send + 'static>(
    jobs: Vec<Job<T>>,
    threads: usize,
    end: Instant,
    shortest: Duration,
    progress: &dyn Progress,
) -> Result<Vec<Option<T>>, RunError> {
    let mut results: Vec<Option<T>> = jobs.iter().map(|_| None).collect();
    let (sender, receiver) = mpsc::channel();
    let mut waiting = jobs.into_iter().enumerate();
    let mut running: Vec<(usize, Instant)> = Vec::new();
    loop {
        while running.len() < threads.max(1) && !progress.interrupted() {
            let remaining = waiting.len();
            let Some((index, job)) = waiting.next() else { break };
            progress.doing(&job.label);
            let share = share(end, remaining, threads).max(shortest);
            if share.is_zero() {
                progress.advance(1);
                continue;
            }
            let deadline = Instant::now() + share;
            let (sender, grace) = (sender.clone(), job.grace);
            let perform = move || {
                // Nobody listens to a job that was given up.
                sender.send((index, (job.work)(deadline))).unwrap_or_default();
            };
            let builder = thread::Builder::new().name(format!("heaplab search {index}"));
            // The thread is never joined: it ends by sending, or is left behind.
            drop(builder.spawn(perform).map_err(RunError::Thread)?);
            running.push((index, deadline + grace));
        }
        if running.is_empty() {
            return Ok(results);
        }
        match receiver.recv_timeout(POLL) {
            Ok((index, result)) => {
                if let Some(at) = running.iter().position(|&(running, _)| running == index) {
                    running.swap_remove(at);
                    results[index] = Some(result);
                    progress.advance(1);
                }
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        let now = Instant::now();
        running.retain(|&(_, give_up)| {
            let is_patient = now < give_up;
            if !is_patient {
                progress.advance(1);
            }
            is_patient
        });
    }
}

/// What the next of `remaining` jobs may take.
fn share(end: Instant, remaining: usize, threads: usize) -> Duration {
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).max(1);
    let left = end.saturating_duration_since(Instant::now());
    let fair = left / count(remaining) * count(threads).min(count(remaining));
    fair.saturating_mul(SHARE_FACTOR).min(left)
}
