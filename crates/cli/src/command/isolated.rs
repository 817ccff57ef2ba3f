//! `heaplab isolated`, which nobody types: the process in which another one replays its peers.

use heaplab_core::{Config, Entry, Granule, Kind, Registry, StrategyList};
use heaplab_harness::{HeapSize, Isolated, Launcher, ParameterSetting, ReplayRequest, isolated};
use heaplab_report::Status;
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

/// Whether nobody vouches for it: a published allocator, or one in another language.
pub(super) const fn may_abort(entry: &Entry) -> bool {
    matches!(entry.capabilities.kind, Kind::Peer) || entry.capabilities.may_abort
}

/// Replays a strategy that may abort in a process of its own before it is replayed here.
///
/// # Errors
///
/// Exit 1 where it does not come to its end there.
pub(super) fn survive<L: StrategyList>(
    registry: &Registry<L>,
    strategy: &str,
    source: &dyn OperationSource,
    heap: HeapSize,
    (granule, settings): (Granule, &[ParameterSetting]),
) -> Result<(), Failure> {
    let is_it = |entry: &Entry| entry.name == strategy && may_abort(entry);
    if !registry.entries().iter().any(is_it) {
        return Ok(());
    }
    let Some(isolated) = processes() else { return Ok(()) };
    let mut request = ReplayRequest::new(source);
    request.heap = heap;
    request.config = Config::new().with_granule(granule);
    for setting in settings.iter().filter(|it| it.strategy == strategy) {
        request.config = request.config.with_parameter(&setting.parameter, setting.value);
    }
    match isolated.replay(strategy, &request) {
        Ok(replayed) if matches!(replayed.outcome.status, Status::Crashed | Status::Timeout) => {
            Err(lost(strategy, &replayed.outcome.message.unwrap_or_default()))
        }
        // What else is wrong shows again here.
        _ => Ok(()),
    }
}

/// The error for a strategy that did not survive its replay.
pub(super) fn lost(strategy: &str, reason: &str) -> Failure {
    Failure::new(Exit::Bad, format!("{strategy}: {reason}"))
        .detail("it was replayed in a process of its own, and did not come to its end there")
        .help("heaplab replay with the same strategy and heap shows as much as is known")
}
