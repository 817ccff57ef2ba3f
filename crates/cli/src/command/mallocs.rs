//! `--malloc`: the mallocs of shared libraries, as contestants like all others.

use heaplab_core::{Registry, StrategyList};
use heaplab_peers::{MallocError, Mallocs};

use crate::failure::Failure;

/// The registry with the mallocs of these libraries behind it.
///
/// # Errors
///
/// Exit 3 for a library that cannot be loaded or holds no malloc, exit 2 for too many of them.
pub(super) fn beside<'a, L: StrategyList>(
    registry: &'a Registry<L>,
    libraries: &[String],
) -> Result<Registry<impl StrategyList + use<'a, L>>, Failure> {
    let mallocs = Mallocs::load(libraries).map_err(|error| failure(&error))?;
    Ok(registry.by_ref().and(mallocs.registry()))
}

fn failure(error: &MallocError) -> Failure {
    match error {
        MallocError::Load { .. } => Failure::input(error.to_string())
            .help("name a library that the loader finds, such as libmimalloc.so.2, or a path with a slash in it"),
        MallocError::Missing { .. } => Failure::input(error.to_string())
            .detail("expected malloc, realloc and free")
            .help("name the library that is the malloc, not one that uses it"),
        _ => Failure::usage(error.to_string()),
    }
}
