//! `heaplab replay`: one deterministic replay, with every placement and relocation as a line.

use std::io;
use std::path::Path;

use heaplab_core::{
    Block, Config, ConfigError, Entry as StrategyEntry, Kind, Registry, Strategy, StrategyList,
    Visitor,
};
use heaplab_harness::{Observer, ReplayError, ReplayRequest, Replayed, floor, replay};
use heaplab_report::big_uint::Uint;
use heaplab_report::table::{Block as Rows, Column, Entry, Format, Table};
use heaplab_report::{HeapSpec, Outcome, Status, number};
use heaplab_trace::{OperationSource, peak_live_bytes};
use serde::{Serialize, Serializer};

use super::isolated::{SILENCE, processes};
use crate::args::ReplayArgs;
use crate::failure::{Failure, chain};
use crate::lines::{LineFile, keep_input};
use crate::output::Terminal;
use crate::{Exit, input, nearest};

pub(super) fn run<L: StrategyList>(
    registry: &Registry<L>,
    args: &ReplayArgs,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let entry = check_strategy(registry, args)?;
    let opened = input::open(&args.trace, &args.source)?;
    for remark in &opened.remarks {
        terminal.warn(&format!("{}: {remark}", args.trace.display()));
    }
    let mut files = Files::create(args)?;
    let mut config = Config::new().with_granule(args.granule);
    for (name, value) in &args.set {
        config = config.with_parameter(name, *value);
    }
    let source = &*opened.source;
    let mut request = ReplayRequest::new(source);
    request.heap = args.heap;
    request.config = config;
    request.verify = args.verify;
    request.deadline = args.timeout;
    // What hangs in one operation can only be ended with its process.
    let is_apart = entry.capabilities.needs_own_process() || args.timeout.is_some();
    let apart = is_apart.then(|| apart(&request, args)).flatten();
    let mut replayed = match apart {
        Some(replayed) => replayed,
        None => {
            let replayed = here(registry, args, request, &mut files)?;
            files.finish()?;
            replayed
        }
    };
    if replayed.outcome.status != Status::Ok {
        // Peak live is the trace's, as in reports, and not that of the part which fitted.
        replayed.peak_live_requested_bytes = source.summary().peak_live_requested_bytes;
        replayed.peak_live_bytes = peak_live_bytes(source, args.granule.bytes())
            .map_err(|error| input::trace_failure(&error))?;
    }
    let answer = Answer::new(args, source, replayed);
    terminal.answer(&answer.render(terminal)?)?;
    if let Some(message) = &answer.outcome.message {
        terminal.note(message);
    }
    let is_bad = matches!(answer.outcome.status, Status::Invalid | Status::Crashed);
    Ok(if is_bad { Exit::Bad } else { Exit::Done })
}

/// Replays in a process of its own; `None` where it has to be replayed here after all: it came to its end,
/// and lines of it are wanted, or it did not even begin, and why is a better message.
fn apart(request: &ReplayRequest<'_>, args: &ReplayArgs) -> Option<Replayed> {
    let silence = args.timeout.unwrap_or(SILENCE);
    let replayed = processes()?.replay_unless_silent(&args.strategy, request, silence).ok()?;
    let is_lost = matches!(replayed.outcome.status, Status::Crashed | Status::Timeout);
    let wants_lines = args.placements.is_some() || args.relocations.is_some();
    (is_lost || !wants_lines && replayed.usage.is_some()).then_some(replayed)
}

fn here<L: StrategyList>(
    registry: &Registry<L>,
    args: &ReplayArgs,
    request: ReplayRequest<'_>,
    files: &mut Files,
) -> Result<Replayed, Failure> {
    let mut once = Once { request, files, result: None };
    if !registry.visit(&args.strategy, &mut once) {
        floor::registry().visit(&args.strategy, &mut once);
    }
    let result = once.result.ok_or_else(|| unknown_strategy(registry, &args.strategy))?;
    result.map_err(|error| failure(&error, args))
}

fn unknown_strategy<L: StrategyList>(registry: &Registry<L>, name: &str) -> Failure {
    let entries = super::contestants(registry);
    let known: Vec<_> = entries.iter().map(|entry| entry.name).collect();
    nearest::unknown("strategy", name, &known, "heaplab list strategies")
}

/// The strategy that was named; names that are not known are refused before the trace is read.
fn check_strategy<L: StrategyList>(
    registry: &Registry<L>,
    args: &ReplayArgs,
) -> Result<StrategyEntry, Failure> {
    let entries = super::contestants(registry);
    let entry = entries
        .iter()
        .find(|entry| entry.name == args.strategy)
        .ok_or_else(|| unknown_strategy(registry, &args.strategy))?;
    for (key, _) in &args.set {
        check_parameter(entry, key)?;
    }
    if args.verify && entry.capabilities.kind == Kind::Floor {
        return Err(Failure::usage(format!(
            "'{}' is a floor: it keeps no contents, so there is nothing to verify",
            entry.name
        )));
    }
    Ok(*entry)
}

/// Refuses a parameter that the strategy does not have.
///
/// # Errors
///
/// Exit 2, with the parameters that it has.
pub(super) fn check_parameter(entry: &StrategyEntry, key: &str) -> Result<(), Failure> {
    let known: Vec<_> = entry.capabilities.parameters.iter().map(|it| it.name).collect();
    if known.contains(&key) {
        return Ok(());
    }
    let what = format!("parameter of {}", entry.name);
    Err(nearest::unknown(&what, key, &known, "heaplab list strategies"))
}

/// Replays once with the type that the registry knows.
struct Once<'a> {
    request: ReplayRequest<'a>,
    files: &'a mut Files,
    result: Option<Result<Replayed, ReplayError>>,
}

impl Visitor for Once<'_> {
    fn visit<S: Strategy>(&mut self, _entry: StrategyEntry) {
        self.result = Some(replay::<S>(&self.request, self.files));
    }
}

fn failure(error: &ReplayError, args: &ReplayArgs) -> Failure {
    match error {
        ReplayError::Trace(error) => input::trace_failure(error),
        ReplayError::Observer(error) => {
            Failure::output(format!("the lines of the replay cannot be written: {error}"))
        }
        // The allocator has seen the size rounded down, which is not what was typed.
        ReplayError::Config(ConfigError::CapacityTooSmall { granule_bytes, .. }) => Failure::usage(
            format!("a heap of {} is smaller than one granule of {granule_bytes} bytes", args.heap),
        ),
        ReplayError::Config(error @ ConfigError::CapacityTooLarge { .. }) => {
            Failure::usage(format!("{}: {}", args.strategy, chain(error)))
                .help("give it a heap, such as --heap 1.5x")
        }
        ReplayError::Config(error) => {
            Failure::usage(format!("{}: {}", args.strategy, chain(error)))
        }
        other => Failure::usage(chain(other)),
    }
}

/// The files that were asked for.
struct Files {
    placements: Option<LineFile>,
    relocations: Option<LineFile>,
}

impl Files {
    fn create(args: &ReplayArgs) -> Result<Self, Failure> {
        if args.placements.is_some() && args.placements == args.relocations {
            return Err(Failure::usage("placements and relocations cannot go to the same file"));
        }
        for path in args.placements.iter().chain(&args.relocations) {
            keep_input(path, [&args.trace], "the trace")?;
        }
        let create = |path: &Option<std::path::PathBuf>, header| {
            path.as_deref().map(|path: &Path| LineFile::create(path, header)).transpose()
        };
        Ok(Self {
            placements: create(&args.placements, "op,offset,len")?,
            relocations: create(&args.relocations, "op,from,to,len")?,
        })
    }

    fn finish(self) -> Result<(), Failure> {
        self.placements.into_iter().chain(self.relocations).try_for_each(LineFile::finish)
    }
}

impl Observer for Files {
    fn placed(&mut self, operation_index: u64, block: Block) -> io::Result<()> {
        match &mut self.placements {
            Some(file) => file.line([operation_index, block.offset, block.len]),
            None => Ok(()),
        }
    }

    fn relocated(&mut self, operation_index: u64, from: u64, to: u64, len: u64) -> io::Result<()> {
        match &mut self.relocations {
            Some(file) => file.long_line([operation_index, from, to, len]),
            None => Ok(()),
        }
    }
}

/// What is printed: peak live is that of the whole trace, the other figures cover the operations that were completed.
#[derive(Serialize)]
struct Answer {
    trace: TraceAnswer,
    strategy: String,
    heap: HeapSpec,
    #[serde(serialize_with = "big")]
    granule_bytes: u64,
    /// Absent where nobody was left to count them.
    #[serde(skip_serializing_if = "Option::is_none")]
    operations_completed: Option<u64>,
    #[serde(serialize_with = "big")]
    peak_live_requested_bytes: u64,
    #[serde(serialize_with = "big")]
    peak_live_bytes: u64,
    #[serde(serialize_with = "big_option", skip_serializing_if = "Option::is_none")]
    high_water_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    relocations: Option<u64>,
    #[serde(serialize_with = "big_option", skip_serializing_if = "Option::is_none")]
    relocated_bytes: Option<u64>,
    #[serde(serialize_with = "big_option", skip_serializing_if = "Option::is_none")]
    compaction_relocated_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compactions: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    placement_hash: Option<String>,
    outcome: Outcome,
}

/// The trace as a whole, whether or not the replay reached its end.
#[derive(Serialize)]
struct TraceAnswer {
    name: String,
    hash: String,
    operations: u64,
}

/// As in reports: from 2^53 on a string, since many readers of JSON hold numbers as floats.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn big<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    Uint(*value).serialize(serializer)
}

#[expect(clippy::ref_option, reason = "the signature that serde calls")]
fn big_option<S: Serializer>(value: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    value.map(Uint).serialize(serializer)
}

impl Answer {
    fn new(args: &ReplayArgs, source: &dyn OperationSource, replayed: Replayed) -> Self {
        let summary = source.summary();
        let high_water_bytes = replayed.high_water_bytes();
        let moved = replayed.relocations;
        // What panicked here is known to have got to an operation; a process that is gone tells nothing.
        let is_lost = matches!(replayed.outcome.status, Status::Crashed | Status::Timeout)
            && (replayed.operations, replayed.outcome.operation) == (0, None);
        Self {
            trace: TraceAnswer {
                name: source.info().name.clone(),
                hash: summary.hash.clone(),
                operations: summary.operations.total(),
            },
            strategy: args.strategy.clone(),
            heap: args.heap.to_spec(replayed.heap_bytes),
            granule_bytes: args.granule.bytes(),
            operations_completed: (!is_lost).then_some(replayed.operations),
            peak_live_requested_bytes: replayed.peak_live_requested_bytes,
            peak_live_bytes: replayed.peak_live_bytes,
            high_water_bytes,
            relocations: moved.map(|moved| moved.blocks),
            relocated_bytes: moved.map(|moved| moved.bytes),
            compaction_relocated_bytes: moved.map(|moved| moved.compaction_bytes),
            compactions: moved.and_then(|moved| moved.compactions),
            verified: replayed.verified,
            placement_hash: replayed.placement_hash,
            outcome: replayed.outcome,
        }
    }

    fn render(&self, terminal: &Terminal) -> Result<String, Failure> {
        if terminal.format == Format::Json {
            return serde_json::to_string_pretty(self)
                .map(|text| text + "\n")
                .map_err(|error| Failure::output(error.to_string()));
        }
        let count = |value| Entry::figure(value, number::exact);
        let outcome = &self.outcome;
        let facts = [
            ("trace", Entry::word(&self.trace.name)),
            ("strategy", Entry::word(&self.strategy)),
            ("heap", Entry::word(&self.heap.spec)),
            ("heap_bytes", count(Some(self.heap.bytes))),
            ("granule_bytes", count(Some(self.granule_bytes))),
            ("outcome", Entry::word(outcome.status.as_str())),
            ("operations_completed", count(self.operations_completed)),
            ("failed_operation", count(outcome.operation)),
            ("failed_requested_bytes", count(outcome.requested_bytes)),
            ("failed_free_bytes", count(outcome.free_bytes)),
            ("failed_largest_hole_bytes", count(outcome.largest_hole_bytes)),
            ("failed_wilderness_bytes", count(outcome.wilderness_bytes)),
            ("peak_live_requested_bytes", count(Some(self.peak_live_requested_bytes))),
            ("peak_live_bytes", count(Some(self.peak_live_bytes))),
            ("high_water_bytes", count(self.high_water_bytes)),
            ("relocations", count(self.relocations)),
            ("relocated_bytes", count(self.relocated_bytes)),
            ("compaction_relocated_bytes", count(self.compaction_relocated_bytes)),
            ("compactions", count(self.compactions)),
        ];
        let row = |(name, value): (&str, Entry)| {
            vec![Entry { text: name.replace('_', " "), value: name.into() }, value]
        };
        let column = |key: &str| Column { key: key.into(), ..Column::default() };
        let has_value = |(_, value): &(&str, Entry)| !value.value.is_null();
        let rows = facts.into_iter().filter(has_value).map(row).collect();
        let table = Table {
            columns: vec![column("figure"), column("value")],
            blocks: vec![Rows { label: None, rows }],
            ..Table::default()
        };
        Ok(terminal.render_uncut(&table))
    }
}
