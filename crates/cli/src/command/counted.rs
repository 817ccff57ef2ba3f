//! `heaplab counted`, which nobody types: one timed replay, whose instructions valgrind counts from outside.

use heaplab_core::{Registry, StrategyList};
use heaplab_harness::{Launcher, instructions};
use heaplab_trace::{HltFile, Trace};

use crate::args::CountedArgs;
use crate::failure::{Failure, chain};
use crate::{Exit, input};

/// The word that starts it.
const COMMAND: &str = "counted";

pub(super) fn run<L: StrategyList>(
    registry: &Registry<L>,
    args: &CountedArgs,
) -> Result<Exit, Failure> {
    #[cfg(feature = "peers")]
    let registry = &super::mallocs::beside(registry, &args.malloc)?;
    // In memory, so that the loop runs over decoded operations as it does when it is timed.
    let trace = HltFile::open(&args.trace).and_then(|file| Trace::load(&file));
    let trace = trace.map_err(|error| input::trace_failure(&error))?;
    let replay = args.replay();
    match replay.perform(registry, &trace) {
        Some(Ok(_)) => Ok(Exit::Done),
        Some(Err(error)) => Err(Failure::new(Exit::Bad, chain(&error))),
        None => Err(Failure::usage(format!("no strategy '{}'", replay.strategy))),
    }
}

/// How this program starts itself for that.
///
/// # Errors
///
/// Exit 2 where there is no valgrind to start it in.
pub(super) fn launcher(mallocs: &[String]) -> Result<Launcher, Failure> {
    instructions::valgrind().map_err(|error| {
        Failure::usage(format!("--instructions: {}", chain(&error)))
            .help("install valgrind, or leave --instructions out")
    })?;
    let program = std::env::current_exe()
        .map_err(|error| Failure::usage(format!("--instructions: {error}")))?;
    let mut arguments = vec![COMMAND.into()];
    for library in mallocs {
        arguments.extend(["--malloc".into(), library.into()]);
    }
    Ok(Launcher { program, arguments })
}
