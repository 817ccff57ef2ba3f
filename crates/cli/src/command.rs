//! One module a command.

mod completions;
mod generate;
mod import;
mod inspect;
mod list;
mod man;
mod replay;
mod run;
mod schema;
mod show;

use clap::ArgMatches;
use heaplab_core::{Entry, Registry, StrategyList};
use heaplab_harness::floor;

use crate::Exit;
use crate::args::Command;
use crate::failure::Failure;
use crate::output::Terminal;

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
    match command {
        Command::Run(args) => run::run(registry, &args, matches, terminal),
        Command::Show(args) => show::run(&args, terminal),
        Command::List(args) => list::run(registry, args.what, terminal),
        Command::Inspect(args) => inspect::run(&args, terminal),
        Command::Import(args) => import::run(&args, terminal),
        Command::Generate(args) => generate::run(&args, terminal),
        Command::Replay(args) => replay::run(registry, &args, terminal),
        Command::Schema(args) => schema::run(args.what, terminal),
        Command::Completions(args) => completions::run(args.shell, terminal),
        Command::Man(args) => man::run(&args, terminal),
    }
}

/// The strategies of the registry, and behind them the floors.
fn contestants<L: StrategyList>(registry: &Registry<L>) -> Vec<Entry> {
    let mut entries = registry.entries();
    entries.extend(floor::registry().entries());
    entries
}
