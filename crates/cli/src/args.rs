//! The arguments: what can be typed, and how it is explained.

mod color;
mod counted;
mod explain;
mod maps;
mod min_heap;
mod new_strategy;
mod reports;
mod run;
mod validate;
mod watch;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use heaplab_core::Granule;
use heaplab_harness::HeapSize;
use heaplab_report::table::Format;

use crate::failure::Failure;
use crate::{examples, units};
pub(crate) use color::{clap_color, color_wish};
pub(crate) use counted::CountedArgs;
pub(crate) use explain::ExplainArgs;
pub(crate) use maps::MapArgs;
pub(crate) use min_heap::MinHeapArgs;
pub(crate) use new_strategy::NewStrategyArgs;
pub(crate) use reports::{
    CompareArgs, Direction, ExportArgs, Form, MergeArgs, Part, RankArgs, ReportArgs,
};
pub(crate) use run::{ModeWish, Pass, RunArgs};
pub(crate) use validate::ValidateArgs;
pub(crate) use watch::WatchArgs;

/// A laboratory for memory-allocation strategies: replays one workload against every strategy and
/// says which suits it, how small the heap can be, and what that costs.
#[derive(Debug, Parser)]
#[command(name = "heaplab", version, max_term_width = 100, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    /// Without a command, the default suite is run.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Options of every command.
#[derive(Args, Debug)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct GlobalArgs {
    /// No progress and no remarks; errors and warnings stay
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say more; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// When to use color; `NO_COLOR` and `CLICOLOR_FORCE` are honored too
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorWish,
    /// How the answer looks
    #[arg(long, global = true, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: Shape,
    /// No progress, but remarks
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
    /// Work as if started in this folder
    #[arg(short = 'C', global = true, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
}

impl GlobalArgs {
    /// Goes to the folder asked for.
    pub(crate) fn enter_folder(&self) -> Result<(), Failure> {
        let Some(folder) = &self.folder else { return Ok(()) };
        std::env::set_current_dir(folder).map_err(|error| {
            Failure::input(format!("{}: cannot work in this folder: {error}", folder.display()))
        })
    }
}

/// When to use color.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWish {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// For people.
    #[value(alias = "text")]
    Table,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
    /// For pull requests.
    Md,
}

impl From<Shape> for Format {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape::Table => Self::Table,
            Shape::Json => Self::Json,
            Shape::Csv => Self::Csv,
            Shape::Md => Self::Md,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Replay traces with every strategy and heap size; measure and report
    Run(RunArgs),
    /// Print a saved report
    Show(ShowArgs),
    /// Make one HTML page of saved reports
    Report(ReportArgs),
    /// List what there is, one line of meaning each
    List(ListArgs),
    /// Describe a trace: sizes, lifetimes, peak, what its source lacks
    Inspect(InspectArgs),
    /// Convert another tool's trace into heaplab's format
    Import(ImportArgs),
    /// Make a trace from a seed
    Generate(GenerateArgs),
    /// Replay one trace once, deterministically; write placements and relocations
    Replay(ReplayArgs),
    /// Compare two reports: exact figures to the byte, times beyond the noise
    Compare(CompareArgs),
    /// Rank strategies over all cells that each of them completed
    Rank(RankArgs),
    /// Join reports: other traces, strategies or heaps, or more processes for the same cells
    Merge(MergeArgs),
    /// Hand a report on to other tools
    Export(ExportArgs),
    /// Say why a strategy failed, or where it wasted most, and what would have helped
    Explain(ExplainArgs),
    /// Show the heap as a moving picture, several strategies in step
    Watch(WatchArgs),
    /// Find the smallest heap of every strategy, beside the bounds
    MinHeap(MinHeapArgs),
    /// Hold the strategies against published results
    Validate(ValidateArgs),
    /// Make a strategy of your own: a crate that works, with its tests and its lines in the registry
    NewStrategy(NewStrategyArgs),
    /// Say whether this machine is fit to time on
    Doctor,
    /// Do one timed replay for another heaplab that counts its instructions
    #[command(hide = true)]
    Counted(CountedArgs),
    /// Answer another heaplab that replays peers in a process of their own
    #[command(hide = true)]
    Isolated(IsolatedArgs),
    /// Print a JSON Schema
    Schema(SchemaArgs),
    /// Print a shell's completion script
    Completions(CompletionsArgs),
    /// Write the manual pages into a folder
    Man(ManArgs),
}

/// Which strategies and traces take part.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct FilterArgs {
    /// Only strategies with such names: globs, separated by commas
    #[arg(short, long, value_name = "GLOB,…", value_delimiter = ',')]
    pub(crate) strategies: Vec<String>,
    /// Only traces with such names: globs, separated by commas
    #[arg(short = 't', long = "traces", value_name = "GLOB,…", value_delimiter = ',')]
    pub(crate) traces: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct ShowArgs {
    /// The report [default: the latest of results/local/]
    pub(crate) report: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// What a row stands for; without it, a table for each trace
    #[arg(long, value_name = "ROW")]
    pub(crate) by: Option<By>,
    /// One cell in full: STRATEGY/TRACE/HEAP
    #[arg(long, value_name = "ID", conflicts_with_all = ["by", "strategies", "traces"])]
    pub(crate) cell: Option<String>,
}

/// What the rows of a table stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// A cell, with every figure.
    Cell,
    /// A strategy, over all traces.
    Strategy,
    /// A trace, over all strategies.
    Trace,
    /// What a contestant takes in a timed heap, by rising space: the space-time curve.
    Curve,
}

#[derive(Args, Debug)]
pub(crate) struct ListArgs {
    /// What to list
    pub(crate) what: ListKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListKind {
    /// The strategies, with their parameters.
    Strategies,
    /// The traces of the default suite.
    Suites,
    /// The formats that can be imported.
    Importers,
    /// The generators, with their parameters.
    Generators,
    /// The figures of a report, with unit and direction.
    Metrics,
}

/// How a foreign file is read.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct SourceArgs {
    /// The file's format, instead of the one that its content shows
    #[arg(long, value_name = "NAME")]
    pub(crate) from: Option<String>,
    /// The process to read from a log of several, instead of the one with most calls
    #[arg(long, value_name = "N", value_parser = units::whole::<u32>(0..=u64::from(u32::MAX)))]
    pub(crate) pid: Option<u32>,
}

#[derive(Args, Debug)]
pub(crate) struct InspectArgs {
    /// The trace: .hlt, any importable file, or the name of a trace of the default suite
    pub(crate) trace: PathBuf,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// Granule for the rounded peak, in bytes
    #[arg(long, value_name = "BYTES", value_parser = units::granule, default_value = "16")]
    pub(crate) granule: Granule,
}

#[derive(Args, Debug)]
pub(crate) struct ImportArgs {
    /// The file to import
    pub(crate) file: PathBuf,
    /// The trace to write
    #[arg(short, long, value_name = "T.hlt")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// Name of the trace [default: the file's, without its ending]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct GenerateArgs {
    /// The generator, one of `heaplab list generators`
    pub(crate) kind: String,
    /// The trace to write
    #[arg(short, long, value_name = "T.hlt")]
    pub(crate) output: PathBuf,
    /// How many operations, about
    #[arg(long, value_name = "N", value_parser = units::whole::<u64>(0..=u64::MAX))]
    pub(crate) operations: Option<u64>,
    /// The seed: the same one means the same trace for ever
    #[arg(long, value_name = "N", value_parser = units::whole::<u64>(0..=u64::MAX))]
    pub(crate) seed: Option<u64>,
    /// Set a parameter of the generator
    #[arg(long, value_name = "KEY=VALUE", value_parser = units::text_setting)]
    pub(crate) set: Vec<(String, String)>,
    /// Name of the trace [default: the file's, without its ending]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct ReplayArgs {
    /// The trace: .hlt, any importable file, or the name of a trace of the default suite
    pub(crate) trace: PathBuf,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// The strategy
    #[arg(short, long, value_name = "NAME")]
    pub(crate) strategy: String,
    /// Heap size: bytes (65536, 64KiB), a multiple of the peak of live bytes (1.25x), or `unlimited`
    #[arg(long, value_name = "SIZE", default_value = "unlimited")]
    pub(crate) heap: HeapSize,
    /// Unit of sizes and addresses in bytes, a power of two
    #[arg(long, value_name = "BYTES", value_parser = units::granule, default_value = "16")]
    pub(crate) granule: Granule,
    /// Set a parameter of the strategy
    #[arg(long, value_name = "KEY=VALUE", value_parser = units::setting)]
    pub(crate) set: Vec<(String, u64)>,
    /// Write `op,offset,len` for every operation that allocates or resizes
    #[arg(long, value_name = "FILE")]
    pub(crate) placements: Option<PathBuf>,
    /// Write `op,from,to,len` for every block moved
    #[arg(long, value_name = "FILE")]
    pub(crate) relocations: Option<PathBuf>,
    /// Fill every block with a pattern and check it at every move, at free and at the end
    #[arg(long)]
    pub(crate) verify: bool,
    /// Time for the replay; beyond it the outcome is `timeout` [default: none, but what may hang is given up once it
    /// completes nothing for 60s]
    #[arg(long, value_name = "TIME", value_parser = units::duration, env = "HEAPLAB_TIMEOUT", hide_env_values = true)]
    pub(crate) timeout: Option<Duration>,
}

#[derive(Args, Debug)]
pub(crate) struct IsolatedArgs {
    /// Shared libraries whose mallocs take part
    #[cfg(feature = "peers")]
    #[arg(long, value_name = "PATH|NAME")]
    pub(crate) malloc: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct SchemaArgs {
    /// Of what
    #[arg(default_value = "report")]
    pub(crate) what: SchemaKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaKind {
    /// The report that `run` writes.
    Report,
    /// The suite file that `run --suite` reads, as JSON Schema for editors.
    Suite,
    /// What `explain --format json` prints.
    Explain,
}

#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub(crate) struct ManArgs {
    /// The folder; it is made if it is missing
    #[arg(value_name = "DIR")]
    pub(crate) output: PathBuf,
}

/// The whole command line with examples and exit codes in its help texts.
pub(crate) fn command() -> clap::Command {
    let mut command = Cli::command().color(clap_color());
    let names: Vec<_> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        command = command.mut_subcommand(&name, |sub| {
            sub.after_help(examples::short(&name)).after_long_help(examples::long(&name))
        });
    }
    command.after_help(examples::short("")).after_long_help(examples::long(""))
}
