//! The command line of heaplab: arguments, progress, exit codes and wiring.
//!
//! It joins traces, a registry of strategies, the harness and the report, and holds no algorithm.
//! A program with strategies of its own needs one line:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     // heaplab_strategies::registry().with::<MyFit>("my-fit")
//!     heaplab::run(heaplab_strategies::registry())
//! }
//! ```
//!
//! The answer of a command goes to standard output, and nothing else does; progress, warnings and
//! the next step go to standard error. The exit codes are those of [`Exit`].

#![forbid(unsafe_code)]

mod args;
mod command;
mod examples;
mod exit;
mod failure;
mod filter;
mod input;
mod interrupt;
mod lines;
mod mistaken;
mod nearest;
mod output;
mod progress;
mod settings;
mod suite;
mod units;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{ArgMatches, FromArgMatches as _};
use heaplab_core::{Registry, StrategyList};

pub use exit::Exit;

use args::Cli;
use failure::Failure;
use output::Terminal;

/// Runs the command line of this process with the strategies of `registry`.
///
/// A registry that holds one name twice is refused.
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "a registry is made to be handed over here")]
pub fn run<L: StrategyList>(registry: Registry<L>) -> ExitCode {
    run_with(&registry, std::env::args_os()).into()
}

/// Runs a command line, the program's name first.
fn run_with<L: StrategyList>(
    registry: &Registry<L>,
    arguments: impl IntoIterator<Item = OsString>,
) -> Exit {
    let mut arguments: Vec<_> = arguments.into_iter().collect();
    args::color_wish(&arguments).write_global();
    let parse = |arguments: &[OsString]| -> Result<(Cli, ArgMatches), clap::Error> {
        let matches = args::command().try_get_matches_from(arguments)?;
        Ok((Cli::from_arg_matches(&matches)?, matches))
    };
    let parsed = parse(&arguments).and_then(|parsed| {
        if parsed.0.command.is_some() {
            return Ok(parsed);
        }
        // No command means `run`, with everything that belongs to it, such as its environment variables.
        arguments.push("run".into());
        parse(&arguments)
    });
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help and version are answers and go to standard output; the rest is wrong usage. That
            // nobody may be listening any more is no reason to complain.
            let printed = error.print();
            return match printed {
                _ if error.use_stderr() => Exit::Usage,
                Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => {
                    let _ = writeln!(io::stderr(), "error: the help cannot be written: {cause}");
                    Exit::Output
                }
                _ => Exit::Done,
            };
        }
    };
    let terminal = Terminal::new(&cli.global);
    #[cfg(feature = "peers")]
    let registry = &registry.by_ref().and(heaplab_peers::registry());
    let result = check_registry(registry)
        .and_then(|()| cli.global.enter_folder())
        .and_then(|()| command::run(registry, cli.command, &matches, &terminal));
    match result {
        Ok(exit) => exit,
        Err(failure) => terminal.fail(&failure),
    }
}

fn check_registry<L: StrategyList>(registry: &Registry<L>) -> Result<(), Failure> {
    let floors = heaplab_harness::floor::registry().entries();
    let is_taken = |name: &&str| floors.iter().any(|floor| floor.name == *name);
    let names = registry.entries().into_iter().map(|entry| entry.name);
    match registry.duplicate_name().or_else(|| names.into_iter().find(is_taken)) {
        None => Ok(()),
        Some(name) => {
            Err(Failure::usage(format!("the registry holds two strategies named '{name}'"))
                .help("a name must lead to one strategy; rename one where the registry is made"))
        }
    }
}

#[cfg(test)]
mod tests;
