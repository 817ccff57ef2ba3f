//! `heaplab new-strategy`, from the command to the new strategy's row in a report.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a step that fails fails its test")]

mod checkout;
mod refusals;
mod scratch;
mod standalone;
