//! `heaplab explain`: why a strategy failed, or where it wasted most.

mod subject;

use std::sync::Mutex;

use heaplab_core::{ConfigError, Kind, Registry, StrategyList};
use heaplab_harness::{ExplainError, ExplainRequest};
use heaplab_report::Status;
use heaplab_report::explain::{ExplainedTrace, Explanations, SCHEMA};
use heaplab_report::table::Format;
use heaplab_trace::peak_live_bytes;
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::ExplainArgs;
use crate::failure::{Failure, chain};
use crate::filter::{self, Names};
use crate::output::Terminal;
use crate::{Exit, input};
use subject::Subject;

pub(super) fn run<L: StrategyList>(
    registry: &Registry<L>,
    args: &ExplainArgs,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    if terminal.format == Format::Csv {
        return Err(Failure::usage("an explanation has no rows that csv could hold")
            .help("--format json is for programs, --format table and md are for people"));
    }
    let subject = subject::subject(registry, args, terminal)?;
    let source = &*subject.source;
    let summary = source.summary();
    let names = strategies(registry, &subject.strategies)?;
    let trace = ExplainedTrace {
        name: subject.name.clone(),
        hash: summary.hash.clone(),
        operations: summary.operations.total(),
        peak_live_bytes: peak_live_bytes(source, subject.granule.bytes())
            .map_err(|error| input::trace_failure(&error))?,
    };
    let mut request = ExplainRequest::new(source);
    request.heap = subject.heap;
    request.granule = subject.granule;
    request.parameters = &subject.parameters;
    request.patience = args.patience;
    request.timeout = args.timeout;
    let isolated = super::isolated::processes();
    request.isolated = isolated.as_ref();
    let mut explanations = Vec::new();
    for name in names {
        let doing = Doing::new(name, terminal);
        let explained =
            heaplab_harness::explain(registry, name, &request, &|other| doing.tell(other));
        doing.finish();
        explanations.push(explained.map_err(|error| failure(&error, name, &subject, args))?);
    }
    let answer = Explanations { schema: SCHEMA.into(), trace, explanations };
    let text = if terminal.format == Format::Json {
        serde_json::to_string_pretty(&answer).map_err(|error| Failure::output(error.to_string()))?
            + "\n"
    } else {
        answer.render(terminal.format, terminal.style)
    };
    terminal.answer(&text)?;
    if let Some(command) = next_command(&answer, args, &subject) {
        terminal.next(&command);
    }
    Ok(Exit::Done)
}

/// The strategies that the globs mean, of those that can be looked into.
pub(super) fn strategies<L: StrategyList>(
    registry: &Registry<L>,
    globs: &[String],
) -> Result<Vec<&'static str>, Failure> {
    let entries = super::contestants(registry);
    for glob in globs {
        let entry = entries.iter().find(|entry| entry.name == glob.as_str());
        let why = match entry.map(|entry| entry.capabilities.kind) {
            Some(Kind::Floor) => "is a floor: it keeps no blocks that could be looked at",
            Some(Kind::Peer) => "is a peer: it does not show where its holes are",
            Some(Kind::Strategy) | None => continue,
        };
        return Err(Failure::usage(format!("'{glob}' {why}"))
            .help("heaplab list strategies says which are strategies"));
    }
    let known: Vec<_> = entries
        .iter()
        .filter(|entry| entry.capabilities.kind == Kind::Strategy)
        .map(|entry| entry.name)
        .collect();
    let names = Names { kind: "strategy", known: &known, list: "heaplab list strategies" };
    let chosen = filter::select(globs, names)?;
    Ok(chosen.into_iter().map(|index| known[index]).collect())
}

/// What to look at next: the same strategy in the heap that it needs, or in a tighter one than it had.
fn next_command(answer: &Explanations, args: &ExplainArgs, subject: &Subject) -> Option<String> {
    let it = answer.explanations.first()?;
    let heap = match (&it.cause, &it.remedies.larger_heap) {
        (Some(_), Some(larger)) => larger.passes_bytes.to_string(),
        (None, _) if it.heap.is_unlimited() || it.heap.ratio.is_some_and(|ratio| ratio > 1.0) => {
            "1.0x".to_owned()
        }
        _ => return None,
    };
    let mut words =
        vec!["heaplab explain".to_owned(), super::run::quoted(&args.target.display().to_string())];
    match (&args.report_strategy, &args.report_trace) {
        (Some(strategy), Some(trace)) => {
            words.extend([super::run::quoted(strategy), super::run::quoted(trace)]);
            if let Some(file) = &args.trace_file {
                words.extend([
                    "--trace-file".into(),
                    super::run::quoted(&file.display().to_string()),
                ]);
            }
        }
        _ => {
            words.extend(["-s".into(), it.strategy.clone()]);
            if subject.granule != heaplab_core::Granule::DEFAULT {
                words.extend(["--granule".into(), subject.granule.bytes().to_string()]);
            }
            for (key, value) in &args.set {
                words.push(format!("--set {key}={value}"));
            }
        }
    }
    words.extend(["--heap".into(), heap]);
    Some(words.join(" "))
}

fn failure(error: &ExplainError, strategy: &str, subject: &Subject, args: &ExplainArgs) -> Failure {
    match error {
        ExplainError::Trace(error) => input::trace_failure(error),
        ExplainError::EmptyTrace => Failure::input(format!("{}: {error}", subject.name)),
        ExplainError::Broken { .. } => Failure::new(Exit::Bad, format!("{strategy}: {error}"))
            .help("heaplab replay --verify shows more"),
        ExplainError::Lost { status, message } => {
            let failure = super::isolated::lost(strategy, *status, message);
            if *status == Status::Timeout && args.timeout.is_none() {
                failure.help("a longer --patience helps what is slow, and not what hangs")
            } else {
                failure
            }
        }
        // The allocator has seen the size rounded down, which is not what was typed.
        ExplainError::Config(ConfigError::CapacityTooSmall { granule_bytes, .. }) => {
            Failure::usage(format!(
                "a heap of {} is smaller than one granule of {granule_bytes} bytes",
                subject.heap
            ))
        }
        ExplainError::Config(error) => Failure::usage(format!("{strategy}: {}", chain(error))),
        other => Failure::usage(chain(other)),
    }
}

/// Which strategies are being replayed, on a terminal that can show it.
struct Doing {
    bar: Option<ProgressBar>,
    done: Mutex<Vec<String>>,
}

impl Doing {
    fn new(name: &str, terminal: &Terminal) -> Self {
        let bar = terminal.draws_bar().then(|| {
            let bar = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("  {spinner} {prefix}  {wide_msg} {elapsed}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            if terminal.style.ascii {
                bar.set_style(ProgressStyle::default_spinner().tick_chars("-\\|/ "));
            }
            bar.set_prefix(format!("explaining {name}"));
            bar.enable_steady_tick(std::time::Duration::from_millis(200));
            bar
        });
        Self { bar, done: Mutex::new(Vec::new()) }
    }

    fn tell(&self, strategy: &str) {
        let Some(bar) = &self.bar else { return };
        if let Ok(mut done) = self.done.lock() {
            done.push(strategy.to_owned());
            bar.set_message(done.join(" "));
        }
    }

    fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
