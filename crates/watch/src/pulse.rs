//! Whether a strategy that was asked for something has answered.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::stage::Part;

/// How often pulses are felt; never more seldom than four times within the time allowed.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Beats once when a strategy is asked for something, and once when it has answered; a clone shares it.
///
/// Invariants
///
/// - The count is odd while the strategy works.
#[derive(Clone, Debug, Default)]
pub struct Pulse(Arc<AtomicU64>);

impl Pulse {
    /// Has the strategy do something. It is one thread that asks.
    pub(crate) fn around<T>(&self, work: impl FnOnce() -> T) -> T {
        let count = self.0.load(Ordering::Relaxed);
        self.0.store(count | 1, Ordering::Relaxed);
        let result = work();
        self.0.store((count | 1).wrapping_add(1), Ordering::Relaxed);
        result
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Whether anybody still asks.
    fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }
}

/// Watches that no strategy takes longer than `patience` to answer, until the parts are dropped. Of the first that does,
/// `stuck` hears the name, on a thread of its own: the one that asked waits for ever, and only the end of the process
/// ends that. The terminal is as before [`watch`](crate::watch()) then, if `is_screen`.
///
/// # Errors
///
/// When no thread can be started.
pub fn guard(
    parts: &[Part],
    patience: Duration,
    is_screen: bool,
    stuck: impl FnOnce(&str) + Send + 'static,
) -> io::Result<()> {
    let mut felt: Vec<_> = parts
        .iter()
        .map(|part| (part.name.clone(), part.pulse.clone(), part.pulse.count(), Instant::now()))
        .collect();
    let watch = move || {
        while felt.iter().any(|(_, pulse, ..)| pulse.is_shared()) {
            thread::sleep(LOOK_EVERY.min(patience / 4));
            for (name, pulse, count, since) in &mut felt {
                let now = pulse.count();
                if now != *count || now.is_multiple_of(2) {
                    (*count, *since) = (now, Instant::now());
                } else if since.elapsed() >= patience {
                    if is_screen {
                        ratatui::restore();
                    }
                    return stuck(name);
                }
            }
        }
    };
    thread::Builder::new().name("heaplab pulse".into()).spawn(watch).map(drop)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use heaplab_core::Config;

    use super::*;

    #[test]
    fn who_does_not_answer_is_named_and_who_waits_is_not() {
        let parts = ["idle", "stuck"].map(|name| Part::new(name, Config::new()));
        let (sender, receiver) = mpsc::channel();
        guard(&parts, Duration::from_millis(40), false, move |name| {
            sender.send(name.to_owned()).unwrap();
        })
        .unwrap();
        parts[0].pulse.around(|| ());
        let name = parts[1].pulse.around(|| receiver.recv_timeout(Duration::from_secs(60)));
        assert_eq!(name.as_deref(), Ok("stuck"));
    }

    #[test]
    fn nobody_is_watched_once_the_show_is_over() {
        let parts = [Part::new("quick", Config::new())];
        let (sender, receiver) = mpsc::channel::<()>();
        guard(&parts, Duration::from_millis(40), false, move |_| drop(sender)).unwrap();
        drop(parts);
        // The channel closes with the thread that holds its other end.
        let closed = receiver.recv_timeout(Duration::from_secs(60));
        assert_eq!(closed, Err(mpsc::RecvTimeoutError::Disconnected));
    }
}
