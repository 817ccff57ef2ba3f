//! `heaplab min-heap`: the smallest heap of every strategy, beside the bounds.

mod answer;
mod table;
mod words;

use std::time::Duration;

use heaplab_core::{Kind, Registry, StrategyList};
use heaplab_harness::min_heap::{MinHeap, MinHeaps, min_heaps};
use heaplab_harness::packing::{CSV_HEADER, Effort};
use heaplab_harness::{Plan, RunError};
use heaplab_report::table::Format;

use super::run::plan as choice;
use crate::args::{MinHeapArgs, RunArgs};
use crate::failure::{Failure, chain};
use crate::filter::{self, Names};
use crate::lines::{LineFile, keep_input};
use crate::output::Terminal;
use crate::progress::Display;
use crate::{Exit, input, interrupt};

/// The most time for the plan of one trace.
const MOST_PLAN_TIME: Duration = Duration::from_secs(15);

pub(super) fn run<L: StrategyList>(
    registry: &Registry<L>,
    args: &MinHeapArgs,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let plan = plan(registry, args, terminal)?;
    let file = plan_file(args, &plan)?;
    interrupt::listen()?;
    terminal.note(&opening(&plan));
    let display = Display::new(terminal, args.time_budget);
    let effort = Effort { seed: args.seed, ..Effort::new(MOST_PLAN_TIME) };
    let result = min_heaps(registry, &plan, Some(effort), &display);
    display.finish();
    let found = result.map_err(|error| failure(&error))?;
    if let (Some(file), Some(heaps)) = (file, found.first()) {
        write_plan(file, heaps)?;
    }
    let text = match terminal.format {
        Format::Json => answer::json(&found, args.granule)?,
        Format::Csv => table::all(&found).render(Format::Csv, terminal.style),
        format => {
            let render = |heaps| table::of(heaps, args.granule).render(format, terminal.style);
            found.iter().map(render).collect::<Vec<_>>().join("\n")
        }
    };
    terminal.answer(&text)?;
    let sentences = words::summary(&found);
    if terminal.format == Format::Table && !terminal.quiet {
        terminal.answer(&format!("\n{sentences}"))?;
    } else {
        terminal.note(sentences.trim_end());
    }
    if let Some(command) = words::next_command(&found, args) {
        terminal.next(&command);
    }
    if interrupt::is_asked() {
        return Ok(Exit::Interrupted);
    }
    let is_bad = |heap: &MinHeap| heap.is_broken && heap.entry.capabilities.kind == Kind::Strategy;
    let is_bad = found.iter().flat_map(|heaps| &heaps.strategies).any(is_bad);
    Ok(if is_bad { Exit::Bad } else { Exit::Done })
}

fn plan<L: StrategyList>(
    registry: &Registry<L>,
    args: &MinHeapArgs,
    terminal: &Terminal,
) -> Result<Plan, Failure> {
    let wanted =
        RunArgs { files: args.files.clone(), filter: args.filter.clone(), ..RunArgs::default() };
    let entries = registry.entries();
    let known: Vec<_> = entries.iter().map(|entry| entry.name).collect();
    let names = Names { kind: "strategy", known: &known, list: "heaplab list strategies" };
    let chosen = filter::select(&args.filter.strategies, names)?;
    let parameters = choice::parameters(registry, &args.set)?;
    let suite = choice::suite(&wanted)?;
    let mut plan = Plan::new(choice::traces(&wanted, suite.as_ref(), terminal)?);
    plan.strategies = chosen.into_iter().map(|index| known[index].to_owned()).collect();
    plan.parameters = parameters;
    plan.granule = args.granule;
    plan.time_budget = args.time_budget;
    plan.cell_timeout = args.timeout;
    plan.isolation = super::launcher(&[]);
    plan.jobs = args.jobs.map_or(plan.jobs, usize::from);
    Ok(plan)
}

/// The file for the plan of the one trace, tried before the search.
fn plan_file(args: &MinHeapArgs, plan: &Plan) -> Result<Option<LineFile>, Failure> {
    let Some(path) = &args.plan else { return Ok(None) };
    if plan.traces.len() != 1 {
        let count = plan.traces.len();
        return Err(Failure::usage(format!("--plan writes the plan of one trace, not of {count}"))
            .help("name one trace, or choose one with -t"));
    }
    keep_input(path, &args.files, "the trace")?;
    LineFile::create(path, CSV_HEADER).map(Some)
}

fn write_plan(mut file: LineFile, heaps: &MinHeaps) -> Result<(), Failure> {
    let Some(packing) = &heaps.packing else {
        return Err(Failure::output(format!("no plan was found for '{}'", heaps.trace))
            .help("a larger --time-budget may find one"));
    };
    packing
        .write_rows(file.writer())
        .map_err(|error| Failure::output(format!("the plan cannot be written: {error}")))?;
    file.finish()
}

/// One line about what is going to happen.
fn opening(plan: &Plan) -> String {
    let plural = |count: usize, one: &str, many: &str| {
        format!("{count} {}", if count == 1 { one } else { many })
    };
    format!(
        "heaplab {} · {} · {} · granule {} · at most about {}",
        env!("CARGO_PKG_VERSION"),
        plural(plan.traces.len(), "trace", "traces"),
        plural(plan.strategies.len(), "strategy", "strategies"),
        plan.granule.bytes(),
        humantime::format_duration(plan.time_budget),
    )
}

fn failure(error: &RunError) -> Failure {
    match error {
        RunError::Trace(error) => input::trace_failure(error),
        other => Failure::usage(chain(other)),
    }
}
