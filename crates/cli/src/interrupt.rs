//! Ctrl-C: once asks for an orderly end, twice stops at once.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::Exit;
use crate::failure::Failure;

static ASKED: AtomicBool = AtomicBool::new(false);

/// Whether an orderly end has been asked for.
pub(crate) fn is_asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}

/// Listens from now on.
///
/// # Errors
///
/// Where the system does not let a program listen.
pub(crate) fn listen() -> Result<(), Failure> {
    ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::Relaxed) {
            stop();
        }
        // Standard error may be gone; the end is orderly all the same.
        let _ = std::io::Write::write_all(
            &mut std::io::stderr(),
            b"\ninterrupted: finishing what is running; once more stops at once\n",
        );
    })
    .map_err(|error| Failure::output(format!("interruptions cannot be listened for: {error}")))
}

#[expect(clippy::exit, reason = "the second interruption is the user's order to stop here and now")]
fn stop() -> ! {
    std::process::exit(Exit::Interrupted.code().into())
}
