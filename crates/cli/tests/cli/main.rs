//! The command line as its users meet it: the program is run, and what it prints is compared.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a step that fails fails its test")]

mod errors;
mod examples;
mod help;
mod replay;
mod run;
mod streams;
mod support;
mod traces;
