//! The clock that times.

use std::hint::black_box;
use std::time::{Duration, Instant};

use heaplab_report::{Clock, Known};

const READINGS: u32 = 20_000;

/// Measures the smallest step that the clock shows, and what one reading costs.
pub(super) fn clock() -> Clock {
    let mut step = Duration::MAX;
    let started = Instant::now();
    let mut before = started;
    for _ in 0..READINGS {
        let now = black_box(Instant::now());
        if now > before {
            step = step.min(now - before);
            before = now;
        }
    }
    let whole = started.elapsed();
    let ns = |duration: Duration| duration.as_secs_f64() * 1e9;
    Clock {
        source: super::word("/sys/devices/system/clocksource/clocksource0/current_clocksource")
            .into(),
        resolution_ns: if step == Duration::MAX { Known::Unknown } else { Known::Value(ns(step)) },
        cost_ns: Known::Value(ns(whole) / f64::from(READINGS)),
    }
}
