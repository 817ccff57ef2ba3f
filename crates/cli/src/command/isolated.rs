//! `heaplab isolated`, which nobody types: the process in which another one replays its peers.

use heaplab_core::{Registry, StrategyList};
use heaplab_harness::{Launcher, isolated};

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
