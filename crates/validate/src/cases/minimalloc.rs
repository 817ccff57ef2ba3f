//! Case 4: online fits on MiniMalloc's challenging instances.

use std::path::Path;

use heaplab_core::{Allocator, Handle, Policy, Request};
use heaplab_trace::import::{ImportOptions, import_file};
use heaplab_trace::{Operation, Trace, TraceBuilder, TraceInfo};

use crate::Options;
use crate::contestants::{Contestant, UNLIMITED_BYTES, with_policy};
use crate::result::{Check, Demand, Obstacle, Point};

/// One instance, and what is known of it.
struct Instance {
    letter: char,
    load: u64,
    first_fit: u64,
    best_fit_ratio: f64,
    worst_fit_ratio: f64,
}

const fn instance(
    letter: char,
    load: u64,
    first_fit: u64,
    best_fit_ratio: f64,
    worst_fit_ratio: f64,
) -> Instance {
    Instance { letter, load, first_fit, best_fit_ratio, worst_fit_ratio }
}

const INSTANCES: &[Instance] = &[
    instance('A', 1_048_576, 1_608_704, 1.752, 1.965),
    instance('B', 1_048_576, 1_775_616, 1.693, 1.909),
    instance('C', 1_039_360, 1_769_472, 1.754, 1.958),
    instance('D', 986_112, 1_547_264, 1.489, 1.779),
    instance('E', 1_048_576, 1_981_440, 1.855, 2.155),
    instance('F', 1_048_576, 1_277_952, 1.222, 1.294),
    instance('G', 1_048_576, 1_343_488, 1.219, 1.255),
    instance('H', 1_048_576, 1_299_456, 1.173, 1.251),
    instance('I', 1_048_576, 1_629_184, 1.755, 1.858),
    instance('J', 989_184, 1_587_200, 1.636, 1.846),
    instance('K', 1_048_576, 2_102_272, 1.805, 2.072),
];

/// An instance that could be read, or why it could not.
type Loaded = (&'static Instance, Result<Trace, Obstacle>);

pub(crate) fn run(contestants: &[Contestant], options: &Options) -> Vec<Check> {
    let Some(folder) = &options.minimalloc else {
        let reason = "it needs MiniMalloc's files A.1048576.csv to K.1048576.csv in a folder; none was given";
        let skipped = Obstacle::Skipped(reason.to_owned());
        return vec![Check::without_figures("A to K", "peaks in bytes", skipped)];
    };
    let traces: Vec<Loaded> =
        INSTANCES.iter().map(|instance| (instance, load(folder, instance))).collect();
    let mut checks = vec![loads(&traces)];
    for contestant in with_policy(contestants, Policy::FirstFit) {
        checks.push(peaks(contestant, &traces, "peak in bytes", &|instance, peak, _| {
            Point::new(instance.letter, instance.first_fit, Demand::Equal, peak)
        }));
    }
    for (policy, published) in [
        (Policy::BestFit, (|it| it.best_fit_ratio) as fn(&Instance) -> f64),
        (Policy::WorstFit, |it| it.worst_fit_ratio),
    ] {
        for contestant in with_policy(contestants, policy) {
            checks.push(peaks(contestant, &traces, "peak / peak live", &|instance, peak, load| {
                let ratio = ratio(peak, load);
                Point::new(instance.letter, published(instance), Demand::Equal, ratio)
            }));
        }
    }
    let absent = traces.iter().filter_map(|(instance, trace)| {
        let obstacle = trace.as_ref().err()?.clone();
        Some(Check::without_figures(format!("instance {}", instance.letter), "its file", obstacle))
    });
    checks.extend(absent);
    checks
}

#[expect(clippy::cast_precision_loss, reason = "peaks of these instances are about 2^20")]
fn ratio(peak: u64, load: u64) -> f64 {
    peak as f64 / load as f64
}

fn load(folder: &Path, instance: &Instance) -> Result<Trace, Obstacle> {
    let path = folder.join(format!("{}.1048576.csv", instance.letter));
    if !path.exists() {
        return Err(Obstacle::Skipped(format!("{} is not there", path.display())));
    }
    let mut builder = TraceBuilder::new(TraceInfo::named(instance.letter.to_string()));
    match import_file(&path, &ImportOptions::default(), &mut builder) {
        Ok(_) => Ok(builder.finish()),
        Err(error) => Err(Obstacle::Unreadable(error.to_string())),
    }
}

/// The instances that could be read.
fn present(traces: &[Loaded]) -> impl Iterator<Item = (&'static Instance, &Trace)> {
    traces.iter().filter_map(|(instance, trace)| Some((*instance, trace.as_ref().ok()?)))
}

fn loads(traces: &[Loaded]) -> Check {
    let points = present(traces).map(|(instance, trace)| {
        let load = trace.summary().peak_live_requested_bytes;
        Point::new(instance.letter, instance.load, Demand::Equal, load)
    });
    Check::new("the instances", "peak live in bytes", points.collect())
}

fn peaks(
    contestant: &Contestant,
    traces: &[Loaded],
    quantity: &str,
    point: &dyn Fn(&Instance, u64, u64) -> Point,
) -> Check {
    let mut check = Check::new(contestant.name(), quantity, Vec::new());
    for (instance, trace) in present(traces) {
        let load = trace.summary().peak_live_requested_bytes;
        let peak = contestant
            .run(UNLIMITED_BYTES, |allocator| replay(allocator, trace))
            .map_err(|failure| failure.to_string())
            .and_then(|peak| peak);
        match peak {
            Ok(peak) => check.points.push(point(instance, peak, load)),
            Err(reason) => {
                let reason = format!("{}: {reason}", instance.letter);
                check.obstacle = Some(Obstacle::Broken(reason));
                break;
            }
        }
    }
    check
}

/// The highest end that a block had.
fn replay(allocator: &mut dyn Allocator, trace: &Trace) -> Result<u64, String> {
    let mut handles: Vec<Option<Handle>> = Vec::new();
    let mut peak = 0;
    for operation in trace.operations() {
        let slot = operation.slot() as usize;
        match *operation {
            Operation::Allocate { size, align, .. } => {
                let request = Request { size, align };
                let handle =
                    allocator.allocate(request, &mut ()).map_err(|error| error.to_string())?;
                let block = allocator.block(handle).ok_or("a fresh handle leads nowhere")?;
                peak = peak.max(block.end());
                // Slots are dense: this one is known or the next.
                if slot == handles.len() {
                    handles.push(None);
                }
                handles[slot] = Some(handle);
            }
            Operation::Free { .. } => {
                let handle = handles[slot].take().ok_or("a block is freed twice")?;
                allocator.free(handle, &mut ()).map_err(|error| error.to_string())?;
            }
            Operation::Resize { .. } => return Err("an instance without resizes has one".into()),
        }
    }
    Ok(peak)
}
