//! How fast traces are decoded and imported, in millions of operations a second.

use std::time::Instant;

use heaplab_benches::reading::{Ignored, as_rep, suite};
use heaplab_benches::recorded;
use serde::Serialize;

/// The quickest of so many readings.
const READINGS: usize = 15;

const GOAL_DECODED_PER_SECOND: f64 = 50e6;
const GOAL_IMPORTED_PER_SECOND: f64 = 5e6;

/// One recorded trace, read on one thread from memory.
#[derive(Debug, Serialize)]
pub(crate) struct Reading {
    pub(crate) trace: String,
    operations: u64,
    /// From `.hlt`, with every check that a streamed replay makes.
    pub(crate) decoded_per_second: f64,
    goal_decoded_per_second: f64,
    /// From `.rep`.
    pub(crate) imported_per_second: f64,
    goal_imported_per_second: f64,
    /// From `.rep` to `.hlt`, hash and summary included.
    pub(crate) converted_per_second: f64,
}

pub(crate) fn measure() -> Vec<Reading> {
    let mut readings = Vec::new();
    for (mut file, trace) in suite().into_iter().zip(recorded()) {
        let text = as_rep(&trace);
        readings.push(Reading {
            operations: file.operations,
            decoded_per_second: per_second(file.operations, || {
                file.decode();
            }),
            goal_decoded_per_second: GOAL_DECODED_PER_SECOND,
            imported_per_second: per_second(text.operations, || text.import(&mut Ignored)),
            goal_imported_per_second: GOAL_IMPORTED_PER_SECOND,
            converted_per_second: per_second(text.operations, || {
                std::hint::black_box(text.convert());
            }),
            trace: text.name,
        });
    }
    readings
}

#[expect(clippy::cast_precision_loss, reason = "no trace has 2^53 operations")]
fn per_second(operations: u64, mut read: impl FnMut()) -> f64 {
    let seconds = (0..READINGS).map(|_| {
        let started = Instant::now();
        read();
        started.elapsed().as_secs_f64()
    });
    operations as f64 / seconds.fold(f64::INFINITY, f64::min)
}
