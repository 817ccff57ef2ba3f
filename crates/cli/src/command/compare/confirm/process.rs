//! One process of one side: what it is told, and whether what it says is about the same thing as the report.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use heaplab_report::compare::{Obstacle, TimeRow, obstacles};
use heaplab_report::view::Selection;
use heaplab_report::{Cell, Mode, Report, stats};

use super::Job;
use crate::Exit;
use crate::command::run::PART;
use crate::failure::{Failure, chain};

/// Timed rounds of a process, whose median is its figure: their spread says nothing, and others share their luck.
const ROUNDS: &str = "7";

/// Time for one process, such that a slow machine cuts rounds short rather than waits for ever.
const TIME_BUDGET: &str = "2m";

/// How many lines of what a failed process said are shown.
const LAST_WORDS: usize = 5;

/// One of the two builds, and the report that it made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side<'a> {
    /// `old` or `new`.
    pub(super) name: &'static str,
    pub(super) command: &'a [String],
    pub(super) report: &'a Report,
    /// Whether another build than the report's is taken all the same.
    pub(super) is_forced: bool,
}

impl Side<'_> {
    /// The median of each row of a job, in ns per operation, by a process of its own.
    pub(super) fn measure(
        &self,
        job: &Job<'_>,
        trace: &Path,
        folder: &Path,
        number: usize,
    ) -> Result<Vec<f64>, Failure> {
        let file = folder.join(format!("{}.json", self.name));
        // What an earlier process wrote must not be taken for what this one failed to write.
        let _ = std::fs::remove_file(&file);
        let ended = self.process(job, trace, &file, number)?;
        if !ended.status.success() {
            return Err(self.failed(&format!("ended with {}", ended.status), &ended));
        }
        let report = heaplab_report::read(&file)
            .map_err(|error| self.failed("wrote no report", &ended).detail(chain(&error)))?;
        self.check(job, &report)?;
        job.rows.iter().map(|(_, row)| self.figure(job, row, &report)).collect()
    }

    /// Runs the process to its end.
    fn process(
        &self,
        job: &Job<'_>,
        trace: &Path,
        file: &Path,
        number: usize,
    ) -> Result<Output, Failure> {
        let (program, first) =
            self.command.split_first().map_or(("", &[][..]), |(a, b)| (a.as_str(), b));
        let list = |of: fn(&TimeRow) -> &str| {
            let mut names: Vec<&str> = job.rows.iter().map(|(_, row)| of(row)).collect();
            names.sort_unstable();
            names.dedup();
            names.join(",")
        };
        let (strategies, heaps) = (list(|row| &row.strategy), list(|row| &row.heap));
        let mode = match job.mode {
            Mode::Placement => "placement",
            Mode::Payload => "payload",
        };
        let mut command = Command::new(program);
        command.args(first).arg("run").arg(trace);
        command.args(["-s", &strategies, "--heap", &heaps, "--timed", &heaps]);
        command.args(["--passes", "space,throughput", "--mode", mode]);
        command.args(["--granule", &job.granule_bytes.to_string(), "--rounds", ROUNDS]);
        command.args(["--time-budget", TIME_BUDGET, "--seed", &(number + 1).to_string()]);
        for name in strategies.split(',') {
            let entry = self.report.strategy(name);
            for (key, value) in entry.iter().flat_map(|entry| &entry.parameters) {
                command.arg("--set").arg(format!("{name}.{key}={value}"));
            }
        }
        command.args(["--no-html", "--no-maps", "-q", "--json"]).arg(file);
        // As one part of many it leaves out the searches that no time needs; older builds do not know of it.
        command.env(PART, format!("{number} 1 {}", file.display()));
        command.env_remove("HEAPLAB_PROCESSES");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.output().map_err(|error| {
            Failure::input(format!("--confirm: {program} cannot be started: {error}"))
                .help(format!("give the command that made the {} report", self.name))
        })
    }

    fn failed(&self, how: &str, ended: &Output) -> Failure {
        let failure = Failure::input(format!(
            "--confirm: a process of the {} side {how}: {}",
            self.name,
            shown(self.command)
        ));
        let said = String::from_utf8_lossy(&ended.stderr);
        let last: Vec<&str> = said.lines().rev().take(LAST_WORDS).collect();
        last.into_iter().rev().fold(failure, Failure::detail)
    }

    fn refused(&self, what: &str) -> Failure {
        Failure::new(
            Exit::Incomparable,
            format!("--confirm: {} {what} the {} report", shown(self.command), self.name),
        )
    }

    /// Whether the process replayed the operations of the report, with a build as the report's.
    fn check(&self, job: &Job<'_>, report: &Report) -> Result<(), Failure> {
        let hash = report.traces.first().map_or("", |trace| trace.hash.as_str());
        if hash != job.trace_hash {
            return Err(self.refused("replayed other operations than").detail(format!(
                "{}: expected the hash {}, found {hash}",
                job.trace, job.trace_hash
            )));
        }
        let differs = |it: &Obstacle| matches!(it, Obstacle::Build { .. });
        let found = obstacles(self.report, report, &Selection::default());
        match found.iter().find(|it| differs(it)) {
            Some(obstacle) if !self.is_forced => Err(self
                .refused("is another build than that of")
                .detail(obstacle.to_string())
                .help("--force confirms with this build all the same")),
            _ => Ok(()),
        }
    }

    /// The median of one row; the process must have placed every block where the report says.
    fn figure(&self, job: &Job<'_>, row: &TimeRow, report: &Report) -> Result<f64, Failure> {
        let is_same = |cell: &&Cell| {
            (cell.strategy.as_str(), cell.heap.spec.as_str(), cell.mode, cell.granule_bytes)
                == (row.strategy.as_str(), row.heap.as_str(), job.mode, job.granule_bytes)
        };
        let what = format!("{} in {} on {}", row.strategy, row.heap, row.trace);
        let cell = report.cells.iter().find(is_same);
        let time = cell.and_then(|cell| cell.time.as_ref());
        let Some((cell, time)) = cell.zip(time) else {
            let how = cell.map_or("says nothing of", |cell| cell.outcome.status.as_str());
            return Err(Failure::input(format!(
                "--confirm: {} has no time for {what}: {how}",
                shown(self.command)
            )));
        };
        let known = self.report.traces.iter().filter(|trace| trace.hash == job.trace_hash);
        let names: Vec<&str> = known.map(|trace| trace.name.as_str()).collect();
        let reported = self.report.cells.iter().filter(is_same);
        let mut reported = reported.filter(|cell| names.contains(&cell.trace.as_str()));
        let differs = reported.any(|it| {
            it.placement_hash.is_some()
                && cell.placement_hash.is_some()
                && it.placement_hash != cell.placement_hash
        });
        if differs {
            return Err(self
                .refused("places blocks otherwise than")
                .detail(what)
                .help("give the commands in the order of the reports: the old one first"));
        }
        #[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
        let samples: Vec<f64> = time.samples_ns.iter().map(|&ns| ns as f64).collect();
        #[expect(clippy::cast_precision_loss, reason = "no trace has 2^53 operations")]
        let operations = time.operations.max(1) as f64;
        stats::median(&samples).map(|ns| ns / operations).ok_or_else(|| {
            Failure::input(format!("--confirm: {} timed no round of {what}", shown(self.command)))
        })
    }
}

/// The command as it was typed, nearly.
fn shown(command: &[String]) -> String {
    let words: Vec<String> = command.iter().map(|word| crate::command::run::quoted(word)).collect();
    words.join(" ")
}
