//! `heaplab validate`: strategies held against published results.

mod view;

use std::cell::RefCell;
use std::path::Path;
use std::time::Instant;

use heaplab_core::{Registry, StrategyList};
use heaplab_report::table::Format;
use heaplab_validate::{Case, CaseResult, Obstacle, Options, Verdict, cases};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::ValidateArgs;
use crate::failure::Failure;
use crate::output::Terminal;
use crate::{Exit, interrupt, nearest};

pub(super) fn run<L: StrategyList>(
    registry: &Registry<L>,
    args: &ValidateArgs,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let options = Options { cases: numbers(&args.cases)?, minimalloc: args.minimalloc.clone() };
    if args.list {
        terminal.table(&view::catalogue(options.selected()))?;
        return Ok(Exit::Done);
    }
    if let Some(folder) = &options.minimalloc {
        check_folder(folder)?;
    }
    interrupt::listen()?;
    let progress = Progress::new(terminal, options.selected().count());
    let results = heaplab_validate::run(registry, &options, &mut |case| progress.begin(case));
    progress.finish();
    answer(&results, terminal)?;
    if interrupt::is_asked() {
        terminal.warn("interrupted: the cases behind the last one shown were not run");
        return Ok(Exit::Interrupted);
    }
    if let Some(reason) = unreadable(&results) {
        return Err(Failure::input(reason).help("take the file as MiniMalloc publishes it"));
    }
    let has_failed = results.iter().any(|result| result.verdict() == Verdict::Failed);
    Ok(if has_failed { Exit::Bad } else { Exit::Done })
}

/// Tables and a sentence for people, one row a figure for programs.
fn answer(results: &[CaseResult], terminal: &Terminal) -> Result<(), Failure> {
    if matches!(terminal.format, Format::Json | Format::Csv) {
        terminal.table(&view::figures(results))?;
        terminal.note(&view::sentence(results));
        return Ok(());
    }
    for result in results {
        for table in view::case(result) {
            terminal.table(&table)?;
            terminal.answer("\n")?;
        }
    }
    terminal.table(&view::overview(results))?;
    if !terminal.quiet {
        terminal.answer(&terminal.plain(&format!("\n{}\n", view::sentence(results))))?;
        if let Some(command) = view::next(results) {
            terminal.next(&command);
        }
    }
    Ok(())
}

/// The numbers of the cases asked for.
fn numbers(wanted: &[String]) -> Result<Vec<u32>, Failure> {
    let find = |wanted: &String| {
        let is_wanted =
            |case: &&Case| case.name == wanted || case.number.to_string() == wanted.trim();
        cases().iter().find(is_wanted).map(|case| case.number).ok_or_else(|| {
            let known: Vec<_> =
                cases().iter().map(|case| format!("{} ({})", case.number, case.name)).collect();
            let names = cases().iter().map(|case| case.name);
            let mut message = format!("no case '{wanted}'");
            if let Some(nearest) = nearest::nearest(wanted, names) {
                message.push_str(&format!("; did you mean '{nearest}'?"));
            }
            Failure::usage(message)
                .detail(format!("known: {}", known.join(", ")))
                .help("heaplab validate --list says what each one is")
        })
    };
    wanted.iter().map(find).collect()
}

/// A folder that is none is the user's slip; files that are not in it are not.
fn check_folder(folder: &Path) -> Result<(), Failure> {
    let shown = folder.display();
    let help =
        "give the folder that holds A.1048576.csv to K.1048576.csv of the MiniMalloc project";
    match std::fs::metadata(folder) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(Failure::input(format!("{shown}: a file, expected a folder")).help(help)),
        Err(error) => Err(Failure::input(format!("{shown}: cannot be read: {error}")).help(help)),
    }
}

/// Why a file that is there could not be read.
fn unreadable(results: &[CaseResult]) -> Option<&str> {
    results.iter().flat_map(|result| &result.checks).find_map(|check| match &check.obstacle {
        Some(Obstacle::Unreadable(reason)) => Some(reason.as_str()),
        _ => None,
    })
}

/// A bar on a terminal, a line for each case elsewhere.
struct Progress<'a> {
    terminal: &'a Terminal,
    started: Instant,
    bar: RefCell<Option<ProgressBar>>,
}

impl<'a> Progress<'a> {
    fn new(terminal: &'a Terminal, count: usize) -> Self {
        let bar = terminal.draws_bar().then(|| {
            let target = ProgressDrawTarget::stderr();
            let style = ProgressStyle::with_template("  {bar:30} {pos}/{len}  {msg}");
            ProgressBar::with_draw_target(Some(count as u64), target)
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self { terminal, started: Instant::now(), bar: RefCell::new(bar) }
    }

    /// Whether to go on with the next case.
    fn begin(&self, case: &Case) -> bool {
        if interrupt::is_asked() {
            return false;
        }
        let what = format!("case {:<2}  {}", case.number, case.name);
        match &*self.bar.borrow() {
            Some(bar) => {
                // The position counts what is done, and this case is only begun.
                if bar.message().is_empty() {
                    bar.tick();
                } else {
                    bar.inc(1);
                }
                bar.set_message(what);
            }
            None if self.terminal.shows_progress() => {
                self.terminal.note(&format!("{what}  ({} s)", self.started.elapsed().as_secs()));
            }
            None => {}
        }
        true
    }

    fn finish(&self) {
        if let Some(bar) = self.bar.borrow_mut().take() {
            bar.finish_and_clear();
        }
    }
}
