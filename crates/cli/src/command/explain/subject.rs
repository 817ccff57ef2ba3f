//! What is to be explained: a trace that was named, or one that a report was made of.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use heaplab_core::{Granule, Registry, StrategyList};
use heaplab_harness::{Decimal, HeapSize, ParameterSetting};
use heaplab_report::{Cell, ParameterValue, Report, Status};
use heaplab_trace::OperationSource;

use crate::args::{ExplainArgs, SourceArgs};
use crate::command::run::plan;
use crate::failure::Failure;
use crate::output::Terminal;
use crate::suite::Suite;
use crate::{input, mistaken, nearest};

/// A trace, the strategies and their circumstances.
pub(super) struct Subject {
    pub(super) name: String,
    pub(super) source: Arc<dyn OperationSource>,
    /// Globs.
    pub(super) strategies: Vec<String>,
    pub(super) heap: HeapSize,
    pub(super) granule: Granule,
    pub(super) parameters: Vec<ParameterSetting>,
}

/// What the arguments mean.
///
/// # Errors
///
/// Exit 2 for names that are not known, exit 3 for files that cannot be read or found again.
pub(super) fn subject<L: StrategyList>(
    registry: &Registry<L>,
    args: &ExplainArgs,
    terminal: &Terminal,
) -> Result<Subject, Failure> {
    let mut subject = match (&args.report_strategy, &args.report_trace) {
        (Some(strategy), Some(trace)) => of_report(args, strategy, trace)?,
        _ => of_trace(args, terminal)?,
    };
    subject.parameters.extend(plan::parameters(registry, &args.set)?);
    Ok(subject)
}

fn of_trace(args: &ExplainArgs, terminal: &Terminal) -> Result<Subject, Failure> {
    let (name, source) = open(&args.target, &args.source, terminal)?;
    let one_and_a_quarter = "1.25".parse::<Decimal>().map(HeapSize::Ratio);
    Ok(Subject {
        name,
        source,
        strategies: args.strategies.clone(),
        heap: args.heap.or(one_and_a_quarter.ok()).unwrap_or(HeapSize::Unlimited),
        granule: args.granule.unwrap_or_default(),
        parameters: Vec::new(),
    })
}

/// A file, or where there is none a trace of the default suite.
fn open(
    target: &Path,
    source: &SourceArgs,
    terminal: &Terminal,
) -> Result<(String, Arc<dyn OperationSource>), Failure> {
    let opened =
        input::open(target, source).map_err(|failure| match heaplab_report::read(target) {
            Ok(_) => Failure::usage(format!("{} is a report", target.display()))
                .help("heaplab explain REPORT STRATEGY TRACE explains one of its cells"),
            Err(_) => failure,
        })?;
    for remark in &opened.remarks {
        terminal.warn(&format!("{}: {remark}", target.display()));
    }
    Ok((opened.name, opened.source))
}

/// A cell of a report: its heap, granule and parameters, and its trace found again.
fn of_report(args: &ExplainArgs, strategy: &str, trace: &str) -> Result<Subject, Failure> {
    let path = &args.target;
    let report = heaplab_report::read(path).map_err(|error| {
        mistaken::instead_of_report(path, &error).help(
            "heaplab explain TRACE -s STRATEGY explains a trace, heaplab explain REPORT STRATEGY TRACE a cell of a report",
        )
    })?;
    let list = format!("heaplab show {}", path.display());
    let strategies: Vec<_> = report.strategies.iter().map(|entry| entry.name.as_str()).collect();
    let traces: Vec<_> = report.traces.iter().map(|entry| entry.name.as_str()).collect();
    let entry = report
        .strategy(strategy)
        .ok_or_else(|| nearest::unknown("strategy in the report", strategy, &strategies, &list))?;
    if report.trace(trace).is_none() {
        return Err(nearest::unknown("trace in the report", trace, &traces, &list));
    }
    let cell = telling_cell(&report, strategy, trace);
    let of_cell =
        cell.map(|cell| cell.heap.spec.parse().unwrap_or(HeapSize::Bytes(cell.heap.bytes)));
    let parameter = |(name, value): (&String, &ParameterValue)| {
        let value = value.to_string().parse().ok()?;
        Some(ParameterSetting { strategy: strategy.into(), parameter: name.clone(), value })
    };
    Ok(Subject {
        name: trace.into(),
        source: found_again(args, &report, trace)?,
        strategies: vec![strategy.into()],
        heap: args.heap.or(of_cell).unwrap_or(HeapSize::Unlimited),
        granule: (args.granule)
            .or_else(|| cell.and_then(|cell| Granule::new(cell.granule_bytes)))
            .unwrap_or_default(),
        parameters: entry.parameters.iter().filter_map(parameter).collect(),
    })
}

/// The largest heap in which it ran out of memory, else the smallest that it completed.
fn telling_cell<'a>(report: &'a Report, strategy: &str, trace: &str) -> Option<&'a Cell> {
    let cells = || report.cells.iter().filter(|it| it.strategy == strategy && it.trace == trace);
    let ended = |status: Status| cells().filter(move |cell| cell.outcome.status == status);
    ended(Status::Oom)
        .max_by_key(|cell| cell.heap.bytes)
        .or_else(|| ended(Status::Ok).min_by_key(|cell| cell.heap.bytes))
        .or_else(|| cells().next())
}

/// The trace of a report: the file that was named, else in the default suite, in the suite of the report's command, or
/// among the files of that command; its hash must be the report's.
fn found_again(
    args: &ExplainArgs,
    report: &Report,
    name: &str,
) -> Result<Arc<dyn OperationSource>, Failure> {
    let wanted = report.trace(name).map(|trace| trace.hash.as_str()).unwrap_or_default();
    let is_it = |source: &Arc<dyn OperationSource>| source.summary().hash == wanted;
    if let Some(file) = &args.trace_file {
        let source = input::open(file, &args.source)?.source;
        if is_it(&source) {
            return Ok(source);
        }
        return Err(Failure::input(format!(
            "{}: this is not the trace '{name}' of the report: its hash is {}",
            file.display(),
            source.summary().hash
        ))
        .detail(format!("expected the hash {wanted}")));
    }
    let suites =
        std::iter::once(Suite::embedded()).chain(suite_files(report).map(|it| Suite::read(&it)));
    let in_suites = suites.filter_map(|suite| Some(suite.ok()?.open_named(name)?.ok()?.source));
    let files = report.command.iter().map(|word| expanded(word)).filter(|path| path.is_file());
    let in_files = files.filter_map(|path| Some(input::open(&path, &args.source).ok()?.source));
    in_suites.chain(in_files).find(is_it).ok_or_else(|| {
        let report = args.target.display();
        Failure::input(format!("{report}: its trace '{name}' was not found again"))
            .detail(format!(
                "no trace of the default suite or of the report's command has the hash {wanted}"
            ))
            .help("--trace-file FILE says where it lies")
    })
}

/// The suite files of the command that made a report.
fn suite_files(report: &Report) -> impl Iterator<Item = PathBuf> {
    let words = report.command.iter();
    let behind = report.command.iter().skip(1).zip(words).filter(|(_, flag)| *flag == "--suite");
    let joined = report.command.iter().filter_map(|word| word.strip_prefix("--suite="));
    behind.map(|(word, _)| expanded(word)).chain(joined.map(expanded))
}

/// A word of a report's command as a path; the home folder stands as `~` there.
fn expanded(word: &str) -> PathBuf {
    match (word.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(word),
    }
}
