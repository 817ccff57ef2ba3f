//! `heaplab watch`: the heap as a moving picture, or as lines of `X-X-X`.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use anstream::ColorChoice;
use heaplab_core::{Config, ConfigError, Entry, Granule, Registry, StrategyList};
use heaplab_harness::{Decimal, HeapSize, ParameterSetting};
use heaplab_trace::{OperationSource, peak_live_bytes};
use heaplab_watch::{Lines, Look, Part, WatchError};

use super::isolated::SILENCE;
use crate::args::WatchArgs;
use crate::failure::{Failure, chain};
use crate::output::Terminal;
use crate::{Exit, input};

/// What is watched, and in which heap.
struct Play {
    source: Arc<dyn OperationSource>,
    heap: HeapSize,
    granule: Granule,
    strategies: Vec<String>,
}

pub(super) fn run<L: StrategyList>(
    registry: &Registry<L>,
    args: &WatchArgs,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let play = play(args, terminal)?;
    let settings = super::run::plan::parameters(registry, &args.set)?;
    let names = super::explain::strategies(registry, &play.strategies)?;
    for name in &names {
        survive(registry, name, &play, &settings, args)?;
    }
    let part = |name: &'static str| {
        let mut config = Config::new().with_granule(play.granule);
        for setting in settings.iter().filter(|setting| setting.strategy == name) {
            config = config.with_parameter(&setting.parameter, setting.value);
        }
        Part::new(name, config)
    };
    let parts: Vec<_> = names.into_iter().map(part).collect();
    let source = Arc::clone(&play.source);
    let peak = peak_live_bytes(&*source, play.granule.bytes())
        .map_err(|error| input::trace_failure(&error))?;
    let capacity = play.heap.resolve(peak, play.granule).ok_or_else(|| {
        Failure::usage(format!("a heap of {} is more than addresses reach", play.heap))
    })?;
    let patience = args.timeout.unwrap_or(SILENCE);
    let told = terminal.clone();
    heaplab_watch::guard(&parts, patience, is_screen(args), move |name| {
        give_up(name, patience, &told);
    })
    .map_err(|error| Failure::output(format!("nobody can watch that it goes on: {error}")))?;
    let shown = if is_screen(args) {
        heaplab_watch::watch(registry, &*source, &parts, capacity, look(terminal))
    } else {
        lines(registry, &*source, &parts, capacity, args)
    };
    shown.map(|()| Exit::Done).map_err(|error| failure(error, &play))
}

/// Replays what may abort in a process of its own first, in which an operation may take no longer than in the showing.
fn survive<L: StrategyList>(
    registry: &Registry<L>,
    name: &str,
    play: &Play,
    settings: &[ParameterSetting],
    args: &WatchArgs,
) -> Result<(), Failure> {
    let is_it = |entry: &Entry| entry.name == name && entry.capabilities.needs_own_process();
    if !registry.entries().iter().any(is_it) {
        return Ok(());
    }
    let request =
        super::isolated::request(name, (&*play.source, play.heap), (play.granule, settings));
    super::isolated::survives(name, &request, args.timeout.unwrap_or(SILENCE))
}

/// Ends the program from beside a showing in which an operation does not return.
#[expect(clippy::exit, reason = "the thread that would return never does so")]
fn give_up(name: &str, patience: Duration, terminal: &Terminal) {
    let time = humantime::format_duration(patience);
    let failure = Failure::new(
        Exit::Bad,
        format!("{name}: timeout: an operation did not return within {time}"),
    )
    .help("a longer --timeout helps what is slow, and not what hangs");
    std::process::exit(terminal.fail(&failure).code().into())
}

fn play(args: &WatchArgs, terminal: &Terminal) -> Result<Play, Failure> {
    let chosen = |usual: &[&str]| {
        if args.strategies.is_empty() {
            usual.iter().map(ToString::to_string).collect()
        } else {
            args.strategies.clone()
        }
    };
    let ratio = |text: &str| text.parse::<Decimal>().map_or(HeapSize::Unlimited, HeapSize::Ratio);
    let Some(path) = &args.trace else {
        return Ok(Play {
            source: Arc::new(heaplab_watch::five_bytes()),
            heap: args.heap.unwrap_or_else(|| ratio("1")),
            granule: args.granule.unwrap_or(Granule::BYTE),
            strategies: chosen(&["compaction"]),
        });
    };
    let opened = input::open(path, &args.source)?;
    for remark in &opened.remarks {
        terminal.warn(&format!("{}: {remark}", path.display()));
    }
    Ok(Play {
        source: opened.source,
        heap: args.heap.unwrap_or_else(|| ratio("1.25")),
        granule: args.granule.unwrap_or_default(),
        strategies: chosen(&["first-fit", "best-fit"]),
    })
}

/// Whether somebody looks at a terminal that can be drawn on, and asked for nothing else.
fn is_screen(args: &WatchArgs) -> bool {
    let wants_lines = args.plain || args.window.is_some() || args.every.is_some();
    let is_dumb = std::env::var_os("TERM").is_some_and(|name| name == "dumb");
    !wants_lines && !is_dumb && io::stdout().is_terminal() && io::stdin().is_terminal()
}

fn look(terminal: &Terminal) -> Look {
    let color = match ColorChoice::global() {
        ColorChoice::Never => false,
        ColorChoice::Auto => std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        ColorChoice::Always | ColorChoice::AlwaysAnsi => true,
    };
    Look { ascii: terminal.style.ascii, color }
}

fn lines<L: StrategyList>(
    registry: &Registry<L>,
    source: &dyn OperationSource,
    parts: &[Part],
    capacity: u64,
    args: &WatchArgs,
) -> Result<(), WatchError> {
    /// Where no terminal says how wide it is.
    const COLUMNS: usize = 100;
    let size = terminal_size::terminal_size();
    let width = size.map_or(COLUMNS, |(width, _)| usize::from(width.0));
    let (from, to) = args.window.unwrap_or_default();
    let lines = Lines { from, to, every: args.every, width };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = heaplab_watch::plain(registry, source, parts, capacity, &lines, &mut out);
    match written.and_then(|()| Ok(out.flush()?)) {
        // Whoever was reading has read enough; nothing is wrong.
        Err(WatchError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

fn failure(error: WatchError, play: &Play) -> Failure {
    match error {
        WatchError::Trace(error) => input::trace_failure(&error),
        // The allocator has seen the size rounded down, which is not what was typed.
        WatchError::Config {
            source: ConfigError::CapacityTooSmall { granule_bytes, .. }, ..
        } => Failure::usage(format!(
            "a heap of {} is smaller than one granule of {granule_bytes} bytes",
            play.heap
        )),
        WatchError::Output(error) => {
            Failure::output(format!("the picture cannot be shown: {error}"))
        }
        other => Failure::usage(chain(&other)),
    }
}
