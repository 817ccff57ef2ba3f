//! From arguments and a suite to the plan of a run.

use heaplab_core::{Registry, StrategyList};
use heaplab_harness::{
    ParameterSetting, Passes, Plan, PlannedCell, Rounds, TraceInput, last_allowed_cpu, plan_cells,
};
use heaplab_report::number;
use heaplab_report::table::{Block, Column, Entry, Format, Table};

use crate::args::{Pass, RunArgs, SourceArgs};
use crate::command::replay::check_parameter;
use crate::failure::Failure;
use crate::filter::{self, Names};
use crate::output::Terminal;
use crate::settings::{RoundsWish, Settings};
use crate::suite::Suite;
use crate::{Exit, input, nearest};

/// Rough speeds in operations per second, for estimates alone.
const UNTIMED_SPEED: u128 = 4_000_000;
const TIMED_SPEED: u128 = 15_000_000;
const AUTO_ROUNDS: u128 = 12;

/// The suite to run; none for files named one by one.
pub(in crate::command) fn suite(args: &RunArgs) -> Result<Option<Suite>, Failure> {
    match &args.suite {
        Some(path) => Suite::read(path).map(Some),
        None if args.files.is_empty() => Suite::embedded().map(Some),
        None => Ok(None),
    }
}

/// The names of the strategies that take part.
pub(super) fn strategies<L: StrategyList>(
    registry: &Registry<L>,
    settings: &Settings,
) -> Result<Vec<String>, Failure> {
    let entries = registry.entries();
    let known: Vec<_> = entries.iter().map(|entry| entry.name).collect();
    let names = Names { kind: "strategy", known: &known, list: "heaplab list strategies" };
    let chosen = filter::select(&settings.strategies, names)?;
    Ok(chosen.into_iter().map(|index| known[index].to_owned()).collect())
}

/// The parameters of `--set STRATEGY.KEY=VALUE`.
pub(in crate::command) fn parameters<L: StrategyList>(
    registry: &Registry<L>,
    set: &[(String, u64)],
) -> Result<Vec<ParameterSetting>, Failure> {
    let entries = registry.entries();
    let known: Vec<_> = entries.iter().map(|entry| entry.name).collect();
    let parse = |(key, value): &(String, u64)| {
        let (strategy, parameter) = key.rsplit_once('.').ok_or_else(|| {
            Failure::usage(format!("--set {key}={value} names no strategy"))
                .help("write STRATEGY.KEY=VALUE, such as compaction-budgeted.c=4")
        })?;
        let entry = entries.iter().find(|entry| entry.name == strategy).ok_or_else(|| {
            nearest::unknown("strategy", strategy, &known, "heaplab list strategies")
        })?;
        check_parameter(entry, parameter)?;
        let (strategy, parameter) = (strategy.to_owned(), parameter.to_owned());
        Ok(ParameterSetting { strategy, parameter, value: *value })
    };
    set.iter().map(parse).collect()
}

/// The traces that take part, opened, with distinct names.
pub(in crate::command) fn traces(
    args: &RunArgs,
    suite: Option<&Suite>,
    terminal: &Terminal,
) -> Result<Vec<TraceInput>, Failure> {
    if let Some(suite) = suite {
        let known = suite.trace_names();
        let names = Names { kind: "trace", known: &known, list: "heaplab list suites" };
        let chosen = filter::select(&args.filter.traces, names)?;
        return chosen.into_iter().map(|at| suite.open(&suite.definition.trace[at])).collect();
    }
    let mut traces = Vec::new();
    for path in &args.files {
        let opened = input::open(path, &SourceArgs::default())?;
        for remark in &opened.remarks {
            terminal.warn(&format!("{}: {remark}", path.display()));
        }
        traces.push(TraceInput { name: opened.name, source: opened.source, question: None });
    }
    let mut names: Vec<_> = traces.iter().map(|trace| trace.name.clone()).collect();
    input::make_distinct(&mut names);
    for (trace, name) in traces.iter_mut().zip(names) {
        trace.name = name;
    }
    let known: Vec<_> = traces.iter().map(|trace| trace.name.as_str()).collect();
    let names = Names { kind: "trace", known: &known, list: "heaplab run --dry-run" };
    let chosen = filter::select(&args.filter.traces, names)?;
    Ok(chosen.into_iter().map(|index| traces[index].clone()).collect())
}

/// The plan that all of this makes.
pub(super) fn join(
    traces: Vec<TraceInput>,
    strategies: Vec<String>,
    parameters: Vec<ParameterSetting>,
    settings: &Settings,
) -> Plan {
    let mut plan = Plan::new(traces);
    plan.strategies = strategies;
    plan.parameters = parameters;
    plan.modes = settings.mode.modes();
    plan.heaps.clone_from(&settings.heaps);
    plan.timed_heaps.clone_from(&settings.timed);
    plan.granule = settings.granule;
    plan.time_budget = settings.time_budget;
    plan.cell_timeout = settings.timeout;
    plan.rounds = match settings.rounds {
        RoundsWish::Auto => Rounds::Auto,
        RoundsWish::Fixed(rounds) => Rounds::Fixed(rounds),
    };
    plan.order_seed = settings.seed;
    plan.passes = Passes {
        throughput: settings.has(Pass::Throughput),
        verify: settings.has(Pass::Verify),
        latency: settings.latency,
    };
    plan.bounds = !settings.is_relieved;
    plan
}

/// The processor of `--pin`.
pub(super) fn pinned_cpu(args: &RunArgs) -> Result<Option<u32>, Failure> {
    let Some(wish) = args.pin else { return Ok(None) };
    match wish.or_else(last_allowed_cpu) {
        Some(cpu) => Ok(Some(cpu)),
        None => Err(Failure::usage("--pin: this system does not tell which processors there are")
            .help("pin from outside, where the system has a way, and leave --pin out")),
    }
}

/// Says what would be run: the cells of each trace, and how long it may take.
pub(super) fn show<L: StrategyList>(
    registry: &Registry<L>,
    plan: &Plan,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let cells = plan_cells(registry, plan).map_err(|error| super::failure(&error))?;
    let of = |trace: &TraceInput| -> Vec<&PlannedCell> {
        cells.iter().filter(|cell| cell.trace == trace.name).collect()
    };
    let count = |count: usize| {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        Entry { text: number::exact(count), value: count.into() }
    };
    let rows = plan.traces.iter().map(|trace| {
        let cells = of(trace);
        let operations = trace.source.summary().operations.total();
        vec![
            Entry::word(&trace.name),
            Entry { text: number::count(operations), value: operations.into() },
            count(cells.len()),
            count(cells.iter().filter(|cell| cell.is_timed).count()),
        ]
    });
    let column = |key: &str, heading: &str, is_number| Column {
        key: key.into(),
        heading: heading.into(),
        is_number,
        ..Column::default()
    };
    let table = Table {
        columns: vec![
            column("trace", "trace", false),
            column("operations", "operations", true),
            column("cells", "cells", true),
            column("timed_cells", "timed", true),
        ],
        blocks: vec![Block { label: None, rows: rows.collect() }],
        ..Table::default()
    };
    for line in settings.explain() {
        terminal.detail(&line);
    }
    terminal.table(&table)?;
    let strategies = plan.strategies.join(", ");
    let seconds = estimate(plan, &cells);
    let budget = humantime::format_duration(settings.time_budget);
    let text = format!(
        "{} cells; roughly {} s, at most about {budget}. Strategies: {strategies}.",
        cells.len(),
        seconds.min(settings.time_budget.as_secs().into())
    );
    if terminal.format == Format::Table && !terminal.quiet {
        terminal.answer(&format!("\n{text}\n"))?;
    } else {
        terminal.note(&text);
    }
    Ok(Exit::Done)
}

fn estimate(plan: &Plan, cells: &[PlannedCell]) -> u128 {
    let mut untimed: u128 = 0;
    let mut timed: u128 = 0;
    for trace in &plan.traces {
        let operations = u128::from(trace.source.summary().operations.total());
        let of_trace = cells.iter().filter(|cell| cell.trace == trace.name);
        for cell in of_trace {
            untimed += operations;
            timed += if cell.is_timed { operations } else { 0 };
        }
    }
    let passes = 1 + u128::from(plan.passes.verify);
    let rounds = match plan.rounds {
        Rounds::Auto => AUTO_ROUNDS,
        Rounds::Fixed(rounds) => rounds.into(),
    } + u128::from(plan.warmup_rounds);
    let jobs = u128::try_from(plan.jobs).unwrap_or(1).max(1);
    untimed * passes / jobs / UNTIMED_SPEED + timed * rounds / TIMED_SPEED + 1
}
