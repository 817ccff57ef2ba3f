//! The command line as its users meet it: the program is run, and what it prints is compared.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a step that fails fails its test")]

mod claims;
#[cfg(unix)]
mod confirm;
mod errors;
mod examples;
mod explain;
mod guide;
mod help;
#[cfg(all(feature = "peers", target_os = "linux", target_env = "gnu"))]
mod mallocs;
mod maps;
mod memory;
mod min_heap;
mod mistaken;
mod outputs;
mod page;
#[cfg(feature = "peers")]
mod peers;
mod replay;
mod reports;
mod resume;
mod run;
mod streams;
mod support;
mod timing;
mod traces;
mod validate;
mod watch;
