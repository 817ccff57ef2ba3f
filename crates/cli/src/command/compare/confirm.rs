//! `--confirm`: what looks better or worse in time is measured again, by processes of both builds in turns.

mod process;
mod traces;

use std::time::{Duration, Instant};

use heaplab_report::compare::{self, Again, Comparison, TimeRow, processes_to_confirm};
use heaplab_report::{Mode, Report};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tempfile::TempDir;

use crate::args::CompareArgs;
use crate::failure::Failure;
use crate::output::Terminal;
use crate::{Exit, interrupt};
use process::Side;
use traces::Finder;

/// The programs that made the two reports, with the arguments that stand before `run`.
#[derive(Debug)]
pub(super) struct Commands {
    old: Vec<String>,
    new: Vec<String>,
}

impl Commands {
    /// Splits what was typed into words; none where nothing is to be confirmed.
    ///
    /// # Errors
    ///
    /// Exit 2 for one command alone, and for what is no command.
    pub(super) fn of(args: &CompareArgs) -> Result<Option<Self>, Failure> {
        let (old, new) = match args.confirm.as_slice() {
            [] if args.confirm_trace.is_empty() => return Ok(None),
            [] => {
                return Err(Failure::usage("--confirm-trace has no meaning without --confirm"));
            }
            [old, new] => (words(old)?, words(new)?),
            other => {
                return Err(Failure::usage(format!(
                    "--confirm needs two commands, the build of OLD and that of NEW; found {}",
                    other.len()
                ))
                .detail("one command alone would measure one build twice, and confirm nothing")
                .help("heaplab compare OLD NEW --confirm old/heaplab --confirm new/heaplab"));
            }
        };
        Ok(Some(Self { old, new }))
    }
}

/// The words as a shell would take them, without a shell.
fn words(command: &str) -> Result<Vec<String>, Failure> {
    let expected = || Failure::usage(format!("--confirm: '{command}' is no command"));
    match shlex::split(command) {
        None => {
            Err(expected().detail("expected a program and its arguments; a quote is not closed"))
        }
        Some(words) if words.is_empty() => Err(expected().detail("expected a program")),
        Some(words) => Ok(words),
    }
}

/// Rows that one process measures: those of one trace, measured in one way.
#[derive(Debug)]
struct Job<'a> {
    trace: &'a str,
    trace_hash: &'a str,
    mode: Mode,
    granule_bytes: u64,
    /// Positions in the list of all that is measured, and the rows.
    rows: Vec<(usize, &'a TimeRow)>,
}

/// Measures the suspicious rows again and notes what became of them.
///
/// # Errors
///
/// Exit 3 where a trace or a program cannot be found or fails, exit 5 where it measures something else than the
/// reports do, exit 130 where it is interrupted.
pub(super) fn confirm(
    args: &CompareArgs,
    commands: &Commands,
    reports: [&Report; 2],
    comparison: &mut Comparison,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let Some(times) = &mut comparison.times else {
        terminal.note("no times were compared, so there is nothing to confirm");
        return Ok(());
    };
    // Peers and floors are not under test: theirs count for nobody.
    let suspicious: Vec<usize> = (0..times.rows.len())
        .filter(|&at| times.rows[at].is_ours && times.rows[at].is_suspicious())
        .collect();
    if suspicious.is_empty() {
        terminal.note("no time looks better or worse, so there is nothing to confirm");
        return Ok(());
    }
    let folder = TempDir::new()
        .map_err(|error| Failure::output(format!("a temporary folder cannot be made: {error}")))?;
    let jobs = jobs(reports[1], &times.rows, &suspicious);
    let mut finder = Finder::new(args, reports, folder.path());
    let files = jobs
        .iter()
        .map(|job| finder.file(job.trace, job.trace_hash))
        .collect::<Result<Vec<_>, _>>()?;
    let sides = [
        Side { name: "old", command: &commands.old, report: reports[0], is_forced: args.force },
        Side { name: "new", command: &commands.new, report: reports[1], is_forced: args.force },
    ];
    interrupt::listen()?;
    let pairs = processes_to_confirm(suspicious.len());
    let mut measured: Vec<Again> = suspicious
        .iter()
        .map(|&row| Again { row, old_ns: Vec::new(), new_ns: Vec::new() })
        .collect();
    let display = Display::new(terminal, pairs, jobs.len(), suspicious.len());
    for pair in 0..pairs {
        for (job, file) in jobs.iter().zip(&files) {
            // Who goes first changes, so that neither side always meets the machine as the other left it.
            for which in [pair % 2, 1 - pair % 2] {
                let result = sides[which].measure(job, file, folder.path(), pair);
                if interrupt::is_asked() {
                    display.finish();
                    return Err(Failure::new(
                        Exit::Interrupted,
                        "interrupted: nothing is confirmed",
                    ));
                }
                let figures = result.inspect_err(|_| display.finish())?;
                for ((at, _), ns) in job.rows.iter().zip(figures) {
                    let again = &mut measured[*at];
                    if which == 0 { again.old_ns.push(ns) } else { again.new_ns.push(ns) }
                }
                display.advance();
            }
        }
    }
    display.finish();
    compare::confirm(times, &measured);
    Ok(())
}

/// The rows by trace and way of measuring.
fn jobs<'a>(report: &'a Report, rows: &'a [TimeRow], suspicious: &[usize]) -> Vec<Job<'a>> {
    let mut jobs: Vec<Job<'a>> = Vec::new();
    for (at, &index) in suspicious.iter().enumerate() {
        let row = &rows[index];
        let mode = if row.is_payload { Mode::Payload } else { Mode::Placement };
        let same = |job: &&mut Job<'_>| {
            (job.trace, job.mode, job.granule_bytes)
                == (row.trace.as_str(), mode, row.granule_bytes)
        };
        match jobs.iter_mut().find(same) {
            Some(job) => job.rows.push((at, row)),
            None => jobs.push(Job {
                trace: &row.trace,
                trace_hash: report.trace(&row.trace).map_or("", |trace| trace.hash.as_str()),
                mode,
                granule_bytes: row.granule_bytes,
                rows: vec![(at, row)],
            }),
        }
    }
    jobs
}

/// How far it is, on standard error.
struct Display<'a> {
    terminal: &'a Terminal,
    started: Instant,
    all: usize,
    /// Processes of a round: both sides of every job.
    round: usize,
    bar: Option<ProgressBar>,
    done: std::cell::Cell<usize>,
}

impl<'a> Display<'a> {
    fn new(terminal: &'a Terminal, pairs: usize, jobs: usize, rows: usize) -> Self {
        let (all, round) = (2 * pairs * jobs, 2 * jobs);
        if terminal.shows_progress() {
            let times = if rows == 1 { "time" } else { "times" };
            terminal.note(&format!(
                "confirming {rows} {times}: {pairs} processes a side, in turns, {all} in all"
            ));
        }
        let bar = terminal.draws_bar().then(|| {
            let signs = if terminal.style.ascii { "=> " } else { "━╸─" };
            let style =
                ProgressStyle::with_template("  {bar:30} {pos}/{len} processes  {eta} left")
                    .unwrap_or_else(|_| ProgressStyle::default_bar())
                    .progress_chars(signs);
            let bar = ProgressBar::with_draw_target(
                Some(u64::try_from(all).unwrap_or(u64::MAX)),
                ProgressDrawTarget::stderr(),
            );
            bar.set_style(style);
            bar.tick();
            bar
        });
        let done = std::cell::Cell::new(0);
        Self { terminal, started: Instant::now(), all, round, bar, done }
    }

    fn advance(&self) {
        let done = self.done.get() + 1;
        self.done.set(done);
        if let Some(bar) = &self.bar {
            bar.inc(1);
        } else if self.terminal.shows_progress() && done.is_multiple_of(self.round) {
            let left = self.left(done).as_secs();
            self.terminal
                .note(&format!("confirming  {done} of {} processes, {left} s left", self.all));
        }
    }

    /// What is left, if the rest takes as long as what is done.
    fn left(&self, done: usize) -> Duration {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        self.started.elapsed() / count(done.max(1)) * count(self.all - done)
    }

    fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_command_is_split_as_a_shell_would() {
        let all = |text| words(text).ok();
        let list = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
        assert_eq!(all("a/heaplab"), list(&["a/heaplab"]));
        assert_eq!(all("env  X='a b' \"my heaplab\""), list(&["env", "X=a b", "my heaplab"]));
        // No shell sees it.
        assert_eq!(all("heaplab $HOME; rm"), list(&["heaplab", "$HOME;", "rm"]));
        for wrong in ["", "  ", "'a"] {
            assert!(words(wrong).is_err(), "{wrong:?}");
        }
    }
}
