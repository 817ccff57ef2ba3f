//! One module a command.

mod compare;
mod completions;
mod counted;
mod doctor;
mod explain;
mod export;
mod generate;
mod import;
mod inspect;
mod isolated;
mod list;
#[cfg(feature = "peers")]
mod mallocs;
mod man;
mod merge;
mod min_heap;
mod new_strategy;
mod rank;
mod replay;
mod report;
mod reports;
mod run;
mod schema;
mod show;
mod validate;
mod watch;

use std::collections::HashSet;

use clap::ArgMatches;
use heaplab_core::{Entry, Registry, StrategyList};
use heaplab_harness::floor;

use crate::Exit;
use crate::args::Command;
use crate::failure::Failure;
use crate::output::Terminal;

/// Refuses to `--set` something to two values, of which one would be dropped without a word.
///
/// # Errors
///
/// Exit 2, with the key.
fn check_set_once(matches: Option<&ArgMatches>) -> Result<(), Failure> {
    let given = matches.and_then(|matches| matches.try_get_raw("set").ok().flatten());
    let mut keys = HashSet::new();
    for text in given.into_iter().flatten() {
        let text = text.to_string_lossy();
        let key = text.split('=').next().unwrap_or_default().trim().to_owned();
        if let Some(key) = keys.replace(key) {
            return Err(Failure::usage(format!("--set {key}=… is given twice")));
        }
    }
    Ok(())
}

/// Does what was asked for.
pub(crate) fn run<L: StrategyList>(
    registry: &Registry<L>,
    command: Option<Command>,
    matches: &ArgMatches,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    // The caller has put `run` where no command stood.
    let Some(command) = command else { return Ok(Exit::Done) };
    let matches = matches.subcommand().map(|(_, matches)| matches);
    check_set_once(matches)?;
    match command {
        Command::Run(args) => run::run(registry, &args, matches, terminal),
        Command::Show(args) => show::run(&args, terminal),
        Command::Report(args) => report::run(registry, &args, terminal),
        Command::List(args) => list::run(registry, args.what, terminal),
        Command::Inspect(args) => inspect::run(&args, terminal),
        Command::Import(args) => import::run(&args, terminal),
        Command::Generate(args) => generate::run(&args, terminal),
        Command::Replay(args) => replay::run(registry, &args, terminal),
        Command::Compare(args) => compare::run(&args, terminal),
        Command::Rank(args) => rank::run(&args, terminal),
        Command::Merge(args) => merge::run(&args, terminal),
        Command::Export(args) => export::run(&args, terminal),
        Command::Explain(args) => explain::run(registry, &args, terminal),
        Command::Watch(args) => watch::run(registry, &args, terminal),
        Command::MinHeap(args) => min_heap::run(registry, &args, terminal),
        Command::Validate(args) => validate::run(registry, &args, terminal),
        Command::NewStrategy(args) => new_strategy::run(registry, &args, terminal),
        Command::Doctor => doctor::run(terminal),
        Command::Counted(args) => counted::run(registry, &args),
        Command::Isolated(args) => isolated::run(registry, &args),
        Command::Schema(args) => schema::run(args.what, terminal),
        Command::Completions(args) => completions::run(args.shell, terminal),
        Command::Man(args) => man::run(&args, terminal),
    }
}

pub(crate) use isolated::launcher;

/// The strategies of the registry, and behind them the floors.
fn contestants<L: StrategyList>(registry: &Registry<L>) -> Vec<Entry> {
    let mut entries = registry.entries();
    entries.extend(floor::registry().entries());
    entries
}
