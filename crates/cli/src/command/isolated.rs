//! `heaplab isolated`, which nobody types: the process in which another one replays its peers.

use std::time::Duration;

use heaplab_core::{Config, Entry, Granule, Registry, StrategyList};
use heaplab_harness::{
    HeapSize, Isolated, Launcher, ParameterSetting, ReplayRequest, Replayed, isolated,
};
use heaplab_report::{Outcome, Status};
use heaplab_trace::OperationSource;

use crate::Exit;
use crate::args::IsolatedArgs;
use crate::failure::Failure;

/// The word that starts it.
const COMMAND: &str = "isolated";

pub(super) fn run<L: StrategyList>(
    registry: &Registry<L>,
    args: &IsolatedArgs,
) -> Result<Exit, Failure> {
    #[cfg(feature = "peers")]
    let registry = &super::mallocs::beside(registry, &args.malloc)?;
    #[cfg(not(feature = "peers"))]
    let _ = args;
    match isolated::serve(registry) {
        Ok(()) => Ok(Exit::Done),
        Err(error) => Err(Failure::input(format!("cannot answer: {error}"))),
    }
}

/// How this program starts itself for that; `None` where it cannot say where it is.
pub(crate) fn launcher(mallocs: &[String]) -> Option<Launcher> {
    let program = std::env::current_exe().ok()?;
    let mut arguments = vec![COMMAND.into()];
    for library in mallocs {
        arguments.extend(["--malloc".into(), library.into()]);
    }
    Some(Launcher { program, arguments })
}

/// Processes for strategies of the registry; `None` where this program cannot say where it is.
pub(super) fn processes() -> Option<Isolated> {
    launcher(&[]).map(Isolated::new)
}

/// How long what may hang may complete nothing, or take to be judged, unless the user says otherwise.
pub(in crate::command) const SILENCE: Duration = Duration::from_secs(60);

/// Replays a strategy that may abort in a process of its own before it is replayed here; with a limit of time, any strategy.
///
/// # Errors
///
/// Exit 1 where it does not come to its end there.
pub(super) fn survive<L: StrategyList>(
    registry: &Registry<L>,
    strategy: &str,
    (source, heap): (&dyn OperationSource, HeapSize),
    (granule, settings): (Granule, &[ParameterSetting]),
    timeout: Option<Duration>,
) -> Result<(), Failure> {
    let is_it = |entry: &Entry| entry.name == strategy && entry.capabilities.needs_own_process();
    if timeout.is_none() && !registry.entries().iter().any(is_it) {
        return Ok(());
    }
    let mut request = request(strategy, (source, heap), (granule, settings));
    request.deadline = timeout;
    survives(strategy, &request, timeout.unwrap_or(SILENCE))
}

/// A replay of a strategy with the parameters that were set for it.
pub(super) fn request<'a>(
    strategy: &str,
    (source, heap): (&'a dyn OperationSource, HeapSize),
    (granule, settings): (Granule, &[ParameterSetting]),
) -> ReplayRequest<'a> {
    let mut request = ReplayRequest::new(source);
    request.heap = heap;
    request.config = Config::new().with_granule(granule);
    for setting in settings.iter().filter(|it| it.strategy == strategy) {
        request.config = request.config.with_parameter(&setting.parameter, setting.value);
    }
    request
}

/// Replays it in a process of its own, in which it may complete nothing for no longer than `silence`.
///
/// # Errors
///
/// Exit 1 where it does not come to its end there.
pub(super) fn survives(
    strategy: &str,
    request: &ReplayRequest<'_>,
    silence: Duration,
) -> Result<(), Failure> {
    let Some(isolated) = processes() else { return Ok(()) };
    match isolated.replay_unless_silent(strategy, request, silence) {
        Ok(Replayed { outcome: Outcome { status, message, .. }, .. })
            if matches!(status, Status::Crashed | Status::Timeout) =>
        {
            Err(lost(strategy, status, &message.unwrap_or_default()))
        }
        // What else is wrong shows again here.
        _ => Ok(()),
    }
}

/// The error for a strategy that did not survive its replay.
pub(super) fn lost(strategy: &str, status: Status, reason: &str) -> Failure {
    let is_late = status == Status::Timeout;
    let word = if is_late { "timeout: " } else { "" };
    let failure = Failure::new(Exit::Bad, format!("{strategy}: {word}{reason}"))
        .detail("it was replayed in a process of its own, and did not come to its end there");
    if is_late {
        failure.help("a longer --timeout helps what is slow, and not what hangs")
    } else {
        failure.help("heaplab replay with the same strategy and heap shows as much as is known")
    }
}
