//! Catching the panics of strategies, without their noise.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Unwinds out of a strategy whose time is up; thrown past the panic hook, so nothing is printed.
pub(crate) struct TimeIsUp;

/// How guarded code ended early.
#[derive(Debug)]
pub(crate) enum Unwound {
    /// Its time was up.
    TimeIsUp,
    /// It panicked, with this message.
    Panicked(String),
}

/// Runs code of a strategy; a panic in it is returned, and not printed.
///
/// What the code was changing may be in any state after a panic: callers drop it without another look.
pub(crate) fn guard<T>(code: impl FnOnce() -> T) -> Result<T, Unwound> {
    quiet_hook();
    let nested = CATCHING.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(code));
    CATCHING.set(nested);
    result.map_err(|payload| {
        if payload.is::<TimeIsUp>() {
            return Unwound::TimeIsUp;
        }
        let place = PLACE.take().map(|place| format!(" at {place}")).unwrap_or_default();
        Unwound::Panicked(format!("panicked{place}: {}", message(payload.as_ref())))
    })
}

/// Replaces the panic hook, once, by one that notes the place where guarded code panicked and leaves all other
/// panics to the hook before it.
fn quiet_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if CATCHING.get() {
                let place =
                    info.location().map(|place| format!("{}:{}", place.file(), place.line()));
                PLACE.set(place);
            } else {
                before(info);
            }
        }));
    });
}

fn message(payload: &(dyn Any + Send)) -> &str {
    if let Some(text) = payload.downcast_ref::<&str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else {
        "no message"
    }
}
