//! `heaplab report TRACE --map …`: a trace drawn, every operation of a window where one is named.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use heaplab_core::{ConfigError, Registry, StrategyList};
use heaplab_harness::{
    Decimal, ExplainError, HeapMapError, HeapSize, LatencyPass, MapRequest, Passes, Plan, RunError,
    TraceInput, heap_map,
};
use heaplab_report::{HeapMap, Report, Status};

use crate::args::{MapArgs, SourceArgs};
use crate::command::{explain, isolated, run};
use crate::failure::{Failure, chain};
use crate::output::Terminal;
use crate::progress::Display;
use crate::{Exit, input};

/// What the figures beside the maps may take.
const TIME_BUDGET: Duration = Duration::from_secs(30);

/// A report of one trace and heap that holds the maps asked for, and exact figures beside them.
///
/// # Errors
///
/// Exit 2 for strategies that cannot be drawn and windows beyond the trace, exit 3 for what is no trace.
pub(super) fn drawn<L: StrategyList>(
    registry: &Registry<L>,
    target: &Path,
    args: &MapArgs,
    terminal: &Terminal,
) -> Result<Report, Failure> {
    let opened =
        input::open(target, &SourceArgs::default()).map_err(
            |failure| {
                match heaplab_report::read(target) {
            Ok(_) => Failure::usage(format!("{} is a report", target.display())).help(
                "--map draws a trace: name the file it lies in, or a trace of the default suite",
            ),
            Err(_) => failure,
        }
            },
        )?;
    for remark in &opened.remarks {
        terminal.warn(&format!("{}: {remark}", target.display()));
    }
    let names = explain::strategies(registry, &args.strategies)?;
    let one_and_a_quarter = "1.25".parse::<Decimal>().map(HeapSize::Ratio);
    let heap = args.heap.or(one_and_a_quarter.ok()).unwrap_or(HeapSize::Unlimited);
    let source = opened.source;
    let operations = source.summary().operations.total();
    if operations == 0 {
        let what = format!("{}: the trace has no operations: nothing to draw", target.display());
        return Err(Failure::input(what));
    }
    let window = args.window.map(|window| resolved(window, operations)).transpose()?;
    let mut plan = Plan::new(vec![TraceInput {
        name: opened.name,
        source: Arc::clone(&source),
        question: None,
    }]);
    plan.strategies = names.iter().map(|name| (*name).to_owned()).collect();
    plan.parameters = run::plan::parameters(registry, &args.set)?;
    plan.granule = args.granule.unwrap_or_default();
    plan.heaps = vec![heap];
    plan.floors = false;
    plan.passes = Passes { throughput: false, verify: false, latency: LatencyPass::Off };
    plan.time_budget = TIME_BUDGET;
    let mut request = MapRequest::new(&*source);
    request.heap = heap;
    request.granule = plan.granule;
    request.parameters = &plan.parameters;
    request.window = window;
    request.patience = args.timeout;
    plan.cell_timeout = args.timeout;
    plan.isolation = isolated::launcher(&[]);
    for name in &names {
        let config = (plan.granule, plan.parameters.as_slice());
        isolated::survive(registry, name, (&*source, heap), config, args.timeout)?;
    }
    let maps = names
        .into_iter()
        .map(|name| heap_map(registry, name, &request).map_err(|error| failure(&error, name, heap)))
        .collect::<Result<Vec<HeapMap>, _>>()?;
    let display = Display::new(terminal, TIME_BUDGET);
    let result = heaplab_harness::run(registry, &plan, &display);
    display.finish();
    let mut report = result.map_err(|error| match error {
        RunError::Trace(error) => input::trace_failure(&error),
        other => Failure::usage(chain(&other)),
    })?;
    let name = plan.traces[0].name.clone();
    report.maps = maps.into_iter().map(|map| HeapMap { trace: name.clone(), ..map }).collect();
    run::provenance::complete(&mut report, None, false);
    report.seal();
    Ok(report)
}

/// The operations of a window as typed, which shows both of its ends.
fn resolved(
    (from, to): (Option<u64>, Option<u64>),
    operations: u64,
) -> Result<Range<u64>, Failure> {
    let last = operations.saturating_sub(1);
    let (from, to) = (from.unwrap_or(0), to.unwrap_or(last));
    if from > last || to > last {
        return Err(Failure::usage(format!(
            "--window {from}..{to} goes beyond the trace, whose operations are 0..{last}"
        )));
    }
    if from > to {
        return Err(Failure::usage(format!("--window {from}..{to} ends before it begins")));
    }
    Ok(from..to + 1)
}

fn failure(error: &HeapMapError, strategy: &str, heap: HeapSize) -> Failure {
    match error {
        HeapMapError::Replay(ExplainError::Trace(error)) => input::trace_failure(error),
        HeapMapError::Replay(error @ ExplainError::EmptyTrace) => Failure::input(error.to_string()),
        HeapMapError::Replay(error @ ExplainError::Broken { .. }) => {
            Failure::new(Exit::Bad, format!("{strategy}: {error}"))
                .help("heaplab replay --verify shows more")
        }
        // The allocator has seen the size rounded down, which is not what was typed.
        HeapMapError::Replay(ExplainError::Config(ConfigError::CapacityTooSmall {
            granule_bytes,
            ..
        })) => Failure::usage(format!(
            "a heap of {heap} is smaller than one granule of {granule_bytes} bytes"
        )),
        HeapMapError::TooLarge { most, what, found, .. } => Failure::usage(format!(
            "{strategy}: the window holds {found} {what}; at most {most} can be shown"
        ))
        .help("choose a shorter one with --window FROM..TO"),
        HeapMapError::RefusedBefore { operation, .. } => Failure::usage(format!(
            "{strategy}: in a heap of {heap}, operation {operation} is refused before anything of the window is done"
        ))
        .help("choose an earlier window, or a larger heap with --heap SIZE"),
        HeapMapError::OutOfTime => {
            Failure::new(Exit::Bad, format!("{strategy}: {}: {error}", Status::Timeout.as_str()))
                .help("give it longer with --timeout TIME")
        }
        other => Failure::usage(format!("{strategy}: {}", chain(other))),
    }
}
