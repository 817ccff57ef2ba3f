//! A run in several processes, one after the other: what one is lucky or unlucky with shows only beside others.
//!
//! The first process is this one. Each of the others is this program again with the same arguments, and with
//! [`PART`] in its environment; what it measures it writes to a file, and the reports become one by
//! [`heaplab_report::merge`].

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use heaplab_harness::LatencyPass;
use heaplab_report::Report;
use heaplab_report::merge::merge;
use tempfile::TempDir;

use crate::args::Pass;
use crate::failure::{Failure, chain};
use crate::interrupt;
use crate::output::Terminal;
use crate::settings::Settings;

/// The variable that tells a process which part of a run it is: its number, the number of all, the file to write.
pub(in crate::command) const PART: &str = "HEAPLAB_RUN_PART";

/// How many lines of what a failed process said are shown.
const LAST_WORDS: usize = 5;

/// One of several processes that make a run, and not the first.
#[derive(Debug)]
pub(super) struct Part {
    number: u32,
    all: u32,
    /// Where its report goes.
    pub(super) file: PathBuf,
}

impl Part {
    /// What the environment says; `None` in a process that somebody started for its own sake.
    pub(super) fn of_environment() -> Option<Self> {
        let text = std::env::var(PART).ok()?;
        let mut words = text.splitn(3, ' ');
        let number = words.next()?.parse().ok()?;
        let all = words.next()?.parse().ok()?;
        Some(Self { number, all, file: words.next()?.into() })
    }

    /// The settings of this part: its share of the time, and an order of its own. What the first process has verified
    /// needs no second look, since reports with other placements cannot be joined; the same goes for its searches.
    pub(super) fn adapt(&self, settings: &mut Settings) {
        settings.time_budget = share(settings.time_budget, self.all);
        settings.seed = settings.seed.wrapping_add(u64::from(self.number));
        settings.passes.retain(|pass| *pass != Pass::Latency);
        settings.latency = LatencyPass::Off;
        settings.is_relieved = true;
    }
}

/// What each of `all` processes has of the time.
pub(super) fn share(budget: Duration, all: u32) -> Duration {
    budget / all.max(1)
}

/// Runs the processes behind the first one, whose report is given, and joins what they found.
///
/// # Errors
///
/// Exit 4 where no file can be made, exit 3 where a process ends without a report.
pub(super) fn join_others(first: Report, all: u32, terminal: &Terminal) -> Result<Report, Failure> {
    let folder = TempDir::new()
        .map_err(|error| Failure::output(format!("a temporary folder cannot be made: {error}")))?;
    let mut reports = vec![first];
    for number in 1..all {
        if interrupt::is_asked() {
            break;
        }
        if terminal.shows_progress() {
            terminal.note(&format!("process {} of {all}", number + 1));
        }
        let file = folder.path().join(format!("{number}.json"));
        let part = format!("{number} {all} {}", file.display());
        reports.push(report_of(&part, &file)?);
    }
    let is_whole = reports.len() == all as usize;
    let mut merged = merge(&reports, true).map_err(|error| {
        Failure::input(format!("the processes of this run contradict each other: {error}"))
    })?;
    merged.complete &= is_whole;
    merged.command.clone_from(&reports[0].command);
    Ok(merged)
}

/// Starts this program again as a part and reads what it wrote.
fn report_of(part: &str, file: &Path) -> Result<Report, Failure> {
    let cannot = |error: &dyn std::fmt::Display| {
        Failure::input(format!("this program cannot be started once more: {error}"))
    };
    let program = std::env::current_exe().map_err(|error| cannot(&error))?;
    let ended = Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(PART, part)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| cannot(&error))?;
    heaplab_report::read(file).map_err(|error| {
        let status = ended.status;
        let failure =
            Failure::input(format!("a process of this run ended without a report ({status})"));
        let said = String::from_utf8_lossy(&ended.stderr);
        let last = said.lines().rev().take(LAST_WORDS).collect::<Vec<_>>();
        last.into_iter().rev().fold(failure.detail(chain(&error)), Failure::detail)
    })
}
