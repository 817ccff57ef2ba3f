//! `heaplab validate`: strategies held against published results.

mod apart;
mod view;

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use heaplab_core::{Registry, StrategyList};
use heaplab_report::table::Format;
use heaplab_validate::{Case, CaseResult, Exhaustive, Obstacle, Options, Verdict, Watch, cases};
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
    let mut options = Options {
        cases: numbers(&args.cases)?,
        minimalloc: args.minimalloc.clone(),
        exhaustive: args.exhaustive.then(|| exhaustive(args)),
        apart: None,
    };
    if let Some(strategy) = &args.apart {
        return apart::judge(registry, &options, strategy, terminal);
    }
    options.apart = apart::processes(args);
    if args.exhaustive {
        search_alone(&mut options.cases)?;
    }
    if args.list {
        terminal.table(&view::catalogue(options.selected()))?;
        return Ok(Exit::Done);
    }
    if let Some(folder) = &options.minimalloc {
        check_folder(folder)?;
    }
    interrupt::listen()?;
    let progress = Rc::new(Progress::new(terminal, options.selected().count()));
    if let Some(exhaustive) = &mut options.exhaustive {
        let progress = Rc::clone(&progress);
        exhaustive.watch = Some(Watch::new(move |what| progress.step(what)));
    }
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

/// The cases that search, by number.
const SEARCHES: [u32; 2] = [2, 3];

fn exhaustive(args: &ValidateArgs) -> Exhaustive {
    Exhaustive {
        max_live: args.max_live,
        max_size: args.max_size,
        max_states: usize::try_from(args.max_states).unwrap_or(usize::MAX),
        budget: Some(args.budget),
        watch: None,
    }
}

/// An exhaustive search is one of the cases that search; all of them where none is named.
fn search_alone(cases: &mut Vec<u32>) -> Result<(), Failure> {
    if cases.is_empty() {
        cases.extend(SEARCHES);
    }
    match cases.iter().find(|number| !SEARCHES.contains(number)) {
        None => Ok(()),
        Some(number) => Err(Failure::usage(format!("case {number} is no search"))
            .help("with --exhaustive, --case takes 2 (worst-case), 3 (store-game), or both")),
    }
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
struct Progress {
    terminal: Terminal,
    started: Instant,
    /// When a step was last told of where there is no bar.
    told: Cell<Instant>,
    /// The case that is being run.
    what: RefCell<String>,
    bar: RefCell<Option<ProgressBar>>,
}

/// How often a search says where it is, in a file of its own words.
const TELL_EVERY: Duration = Duration::from_secs(10);

impl Progress {
    fn new(terminal: &Terminal, count: usize) -> Self {
        let bar = terminal.draws_bar().then(|| {
            let target = ProgressDrawTarget::stderr();
            let style = ProgressStyle::with_template("  {bar:30} {pos}/{len}  {msg}");
            ProgressBar::with_draw_target(Some(count as u64), target)
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        let (started, what) = (Instant::now(), RefCell::default());
        let (told, bar) = (Cell::new(started), RefCell::new(bar));
        Self { terminal: terminal.clone(), started, told, what, bar }
    }

    /// Whether a search that is at `step` is to go on.
    fn step(&self, step: &str) -> bool {
        let what = self.what.borrow();
        if let Some(bar) = &*self.bar.borrow() {
            bar.set_message(format!("{what}  {step}"));
            bar.tick();
        } else if self.terminal.shows_progress() && self.told.get().elapsed() >= TELL_EVERY {
            self.told.set(Instant::now());
            self.terminal
                .note(&format!("{what}  {step}  ({} s)", self.started.elapsed().as_secs()));
        }
        !interrupt::is_asked()
    }

    /// Whether to go on with the next case.
    fn begin(&self, case: &Case) -> bool {
        if interrupt::is_asked() {
            return false;
        }
        let what = format!("case {:<2}  {}", case.number, case.name);
        self.what.replace(what.clone());
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
