//! `heaplab run`: traces, strategies and heap sizes become a report.

mod claims;
mod destination;
pub(super) mod plan;
mod processes;
pub(super) mod provenance;

use std::path::Path;
use std::sync::Arc;

use clap::ArgMatches;
use clap::parser::ValueSource;
use heaplab_core::{Registry, StrategyList};
use heaplab_harness::{Plan, RunError};
use heaplab_report::view::{self, Selection};
use heaplab_report::{Report, Status, StrategyKind};

use super::{counted, show};
use crate::args::{Pass, RunArgs};
use crate::failure::{Failure, chain};
use crate::output::Terminal;
use crate::progress::Display;
use crate::settings::Settings;
use crate::suite::Suite;
use crate::{Exit, input, interrupt};
use destination::Destination;
use processes::Part;

pub(super) use processes::PART;

pub(super) fn run<L: StrategyList>(
    registry: &Registry<L>,
    args: &RunArgs,
    matches: Option<&ArgMatches>,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    refuse_contradictions(args, matches)?;
    let known = registry.entries().len();
    #[cfg(not(feature = "peers"))]
    let mallocs: &[String] = &[];
    #[cfg(feature = "peers")]
    let mallocs = args.malloc.as_slice();
    #[cfg(feature = "peers")]
    let registry = &super::mallocs::beside(registry, mallocs)?;
    let mut suite = plan::suite(args)?;
    let run_section =
        suite.as_mut().map(|suite| std::mem::take(&mut suite.definition.run)).unwrap_or_default();
    let mut settings = Settings::resolve(args, run_section, matches);
    let part = Part::of_environment();
    let processes = processes_of(args, &mut settings, part.as_ref());
    let mut strategies = plan::strategies(registry, &settings)?;
    // Who names a library wants it, whatever else is filtered.
    for entry in registry.entries().split_off(known) {
        if !strategies.iter().any(|name| name == entry.name) {
            strategies.push(entry.name.to_owned());
        }
    }
    let parameters = plan::parameters(registry, &args.set)?;
    // Outputs are tried before inputs are read: both may take long, but only one of them measures.
    let destination = match &part {
        Some(part) => Some(Destination::file(&part.file)),
        None => (!args.dry_run).then(|| Destination::new(args)).transpose()?,
    };
    let traces = plan::traces(args, suite.as_ref(), terminal)?;
    let mut plan = plan::join(traces, strategies, parameters, &settings);
    plan.time_budget = processes::share(plan.time_budget, processes);
    plan.isolation = super::launcher(mallocs);
    plan.pinned_cpu = plan::pinned_cpu(args)?;
    // Counts repeat exactly, so the first process's are enough.
    let counts = args.instructions && part.is_none();
    plan.instructions = counts.then(|| counted::launcher(mallocs)).transpose()?;
    plan.resume = args.resume.as_deref().map(resumed).transpose()?;
    let claims = claims::of(registry, suite.as_ref(), args, &plan, terminal)?;
    if args.dry_run {
        return plan::show(registry, &plan, &settings, terminal);
    }
    let Some(destination) = destination else { return Ok(Exit::Done) };
    interrupt::listen()?;
    if part.is_none() {
        terminal.note(&opening(registry, &plan, &settings, processes)?);
    }
    let is_timed = settings.has(Pass::Throughput) || settings.has(Pass::Latency);
    let finish = |report: &mut Report| {
        provenance::complete(report, suite.as_ref().map(Suite::identity), is_timed);
        report.seal();
    };
    let keep = |partial: &Report| {
        let mut partial = partial.clone();
        finish(&mut partial);
        destination.keep(&partial)
    };
    let display = Display::new(terminal, plan.time_budget).keeping(&keep);
    let has_maps = part.is_none() && !args.no_maps;
    let mut report = measure(registry, &plan, has_maps, &display)
        .map_err(|error| run_failure(&error, args, plan.resume.as_deref()))?;
    finish(&mut report);
    if part.is_some() {
        destination.write(&report)?;
        return Ok(Exit::Done);
    }
    if processes > 1 {
        report = processes::join_others(report, processes, terminal)?;
        report.seal();
    }
    claims::hold(&claims, &mut report)?;
    let written = destination.write(&report)?;
    conclude(&report, &written, terminal)
}

/// How many processes this one is to start and be: one where nothing is timed, and where it is a part itself.
fn processes_of(args: &RunArgs, settings: &mut Settings, part: Option<&Part>) -> u32 {
    match part {
        Some(part) => {
            part.adapt(settings);
            1
        }
        None if settings.has(Pass::Throughput) => args.processes.unwrap_or(1),
        None => 1,
    }
}

/// Measures, and draws the maps of what was measured: one set is enough where a run has several processes.
fn measure<L: StrategyList>(
    registry: &Registry<L>,
    plan: &Plan,
    has_maps: bool,
    display: &Display<'_>,
) -> Result<Report, RunError> {
    let mut result = heaplab_harness::run(registry, plan, display);
    if let Ok(report) = &mut result
        && has_maps
        && !interrupt::is_asked()
    {
        heaplab_harness::add_maps(registry, plan, report, display)?;
    }
    display.finish();
    result
}

/// Refuses flags that have no meaning beside `--check`; variables that are set for other runs do no harm.
fn refuse_contradictions(args: &RunArgs, matches: Option<&ArgMatches>) -> Result<(), Failure> {
    let is_typed =
        |id: &&&str| matches.and_then(|it| it.value_source(id)) == Some(ValueSource::CommandLine);
    match ["timed", "rounds", "processes", "passes", "mode", "pin"].iter().find(is_typed) {
        Some(flag) if args.check => Err(Failure::usage(format!(
            "--{flag} has no meaning beside --check, which times nothing"
        ))),
        _ => Ok(()),
    }
}

/// The partial report that a run takes up.
fn resumed(path: &Path) -> Result<Arc<Report>, Failure> {
    let report = heaplab_report::read(path)
        .map_err(|error| crate::mistaken::instead_of_report(path, &error))?;
    if report.complete {
        let what =
            format!("{}: the report is complete; there is nothing to resume", path.display());
        return Err(Failure::usage(what)
            .help(format!("heaplab show {} prints it", quoted(&path.display().to_string()))));
    }
    Ok(Arc::new(report))
}

/// The error of a run; where there was nothing to resume, with the command that there was.
fn run_failure(error: &RunError, args: &RunArgs, part: Option<&Report>) -> Failure {
    let (RunError::NothingToResume, Some(path), Some(part)) = (error, &args.resume, part) else {
        return failure(error);
    };
    let words: Vec<_> = part.command.iter().map(|word| quoted(word)).collect();
    Failure::usage(format!("{}: {error}", path.display()))
        .help(format!("it was left behind by: {}", words.join(" ")))
}

/// One line about what is going to happen.
fn opening<L: StrategyList>(
    registry: &Registry<L>,
    plan: &Plan,
    settings: &Settings,
    processes: u32,
) -> Result<String, Failure> {
    let cells = heaplab_harness::plan_cells(registry, plan).map_err(|error| failure(&error))?;
    let rounds = if settings.has(Pass::Throughput) {
        let each = if processes > 1 {
            format!(" in each of {processes} processes")
        } else {
            String::new()
        };
        format!("rounds {}{each}, interleaved (seed {})", settings.rounds, settings.seed)
    } else {
        "nothing timed".to_owned()
    };
    let plural = |count: usize, one: &str, many: &str| {
        format!("{count} {}", if count == 1 { one } else { many })
    };
    Ok(format!(
        "heaplab {} · {} · {} + floors · {} · {} · {rounds}",
        env!("CARGO_PKG_VERSION"),
        plural(plan.traces.len(), "trace", "traces"),
        plural(plan.strategies.len(), "strategy", "strategies"),
        plural(plan.heaps.len(), "heap size", "heap sizes"),
        plural(cells.len(), "cell", "cells"),
    ))
}

/// Prints the answer and says how the run went.
fn conclude(
    report: &Report,
    written: &destination::Written,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let everything = Selection::default();
    terminal.answer(&view::show(report, &everything, None, terminal.format, terminal.style))?;
    show::headline(report, &everything, terminal)?;
    terminal.note(&format!("written: {written}"));
    if !report.complete && interrupt::is_asked() {
        terminal.next(&resuming_command(report, &written.path()));
        return Ok(Exit::Interrupted);
    }
    terminal.next(&next_command(report, &written.path()));
    let is_bad = claims::are_broken(report, terminal) | is_bad(report);
    Ok(if is_bad { Exit::Bad } else { Exit::Done })
}

/// The command that takes up an interrupted run.
fn resuming_command(report: &Report, path: &str) -> String {
    let mut words = report.command.iter();
    let mut command: Vec<String> = Vec::new();
    while let Some(word) = words.next() {
        // What was resumed then is part of this report.
        if word == "--resume" {
            words.next();
        } else if !word.starts_with("--resume=") {
            command.push(quoted(word));
        }
    }
    if !command.iter().any(|word| word == "run") {
        command.insert(command.len().min(1), "run".into());
    }
    format!("{} --resume {}", command.join(" "), quoted(path))
}

/// The most telling thing to look at: a cell that failed, why a strategy ran out of memory, else every cell.
fn next_command(report: &Report, path: &str) -> String {
    let failed = |status: Status| report.cells.iter().find(|cell| cell.outcome.status == status);
    let telling = [Status::Crashed, Status::Invalid].into_iter().find_map(failed);
    let path = quoted(path);
    // Floors and peers cannot be looked into.
    let is_ours = |name: &str| {
        report.strategy(name).is_some_and(|entry| entry.kind == StrategyKind::Strategy)
    };
    let oom = report
        .cells
        .iter()
        .find(|cell| cell.outcome.status == Status::Oom && is_ours(&cell.strategy));
    if let (None, Some(cell)) = (telling, oom) {
        let (strategy, trace) = (quoted(&cell.strategy), quoted(&cell.trace));
        let heap = quoted(&cell.heap.spec);
        return format!("heaplab explain {path} {strategy} {trace} --heap {heap}");
    }
    match telling.or_else(|| failed(Status::Oom)) {
        Some(cell) => format!("heaplab show {path} --cell {}", quoted(&cell.id)),
        None => format!("heaplab show {path} --by cell"),
    }
}

/// The word as a shell takes it.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |sign: char| sign.is_alphanumeric() || "/._-+=:@".contains(sign);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Whether a strategy, neither floor nor peer, broke its contract.
fn is_bad(report: &Report) -> bool {
    report.cells.iter().any(|cell| {
        let broken = matches!(cell.outcome.status, Status::Invalid | Status::Crashed);
        let kind = report.strategy(&cell.strategy).map(|entry| entry.kind);
        broken && kind == Some(StrategyKind::Strategy)
    })
}

fn failure(error: &RunError) -> Failure {
    match error {
        RunError::Trace(error) => input::trace_failure(error),
        other => Failure::usage(chain(other)),
    }
}

#[cfg(test)]
mod tests {
    use heaplab_report::{Cell, HeapSpec, Outcome, StrategyEntry};

    use super::*;

    fn report(kind: StrategyKind, status: Status) -> Report {
        let name = || "s".to_owned();
        Report {
            strategies: vec![StrategyEntry { name: name(), kind, ..StrategyEntry::default() }],
            cells: vec![Cell {
                id: "s/it's/2x".into(),
                strategy: name(),
                trace: "it's".into(),
                heap: HeapSpec { spec: "2x".into(), ..HeapSpec::default() },
                outcome: Outcome { status, ..Outcome::default() },
                ..Cell::default()
            }],
            ..Report::default()
        }
    }

    #[test]
    fn only_a_strategy_that_breaks_its_contract_is_bad() {
        for (kind, status, bad) in [
            (StrategyKind::Strategy, Status::Ok, false),
            (StrategyKind::Strategy, Status::Oom, false),
            (StrategyKind::Strategy, Status::Timeout, false),
            (StrategyKind::Strategy, Status::Invalid, true),
            (StrategyKind::Strategy, Status::Crashed, true),
            (StrategyKind::Peer, Status::Invalid, false),
            (StrategyKind::Floor, Status::Crashed, false),
        ] {
            assert_eq!(is_bad(&report(kind, status)), bad, "{kind:?} {status:?}");
        }
    }

    #[test]
    fn an_interrupted_run_can_be_taken_up_by_its_own_command() {
        for (typed, expected) in [
            ("heaplab", "heaplab run --resume 'a b.json'"),
            ("heaplab run x.hlt --resume old.json -q", "heaplab run x.hlt -q --resume 'a b.json'"),
            ("heaplab run --resume=old.json", "heaplab run --resume 'a b.json'"),
        ] {
            let command = typed.split(' ').map(str::to_owned).collect();
            let report = Report { command, ..Report::default() };
            assert_eq!(resuming_command(&report, "a b.json"), expected);
        }
    }

    #[test]
    fn the_next_command_can_be_pasted() {
        let oom = report(StrategyKind::Strategy, Status::Oom);
        assert_eq!(
            next_command(&oom, "a b.json"),
            "heaplab explain 'a b.json' s 'it'\\''s' --heap 2x"
        );
        let crashed = report(StrategyKind::Peer, Status::Crashed);
        assert_eq!(
            next_command(&crashed, "a b.json"),
            "heaplab show 'a b.json' --cell 's/it'\\''s/2x'"
        );
        let ok = report(StrategyKind::Strategy, Status::Ok);
        assert_eq!(next_command(&ok, "r/x-1.json"), "heaplab show r/x-1.json --by cell");
    }
}
