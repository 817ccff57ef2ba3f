//! The program is killed at random moments of a run, and the run taken up until it ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use heaplab_report::Report;

use crate::random::Random;

/// The variable by which this program is started as the command line that is to be killed.
pub const UNDER_FIRE: &str = "HEAPLAB_UNDER_FIRE";

/// What became of so many kills.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Survived {
    /// How often the program was killed before it had ended.
    pub kills: u32,
    /// How often a partial report was there to take up then.
    pub parts: u32,
    /// How many runs came to their end, all with the report of a run that nobody disturbed.
    pub runs: u32,
    /// Cells that were found in partial reports.
    pub cells_kept: u64,
}

/// Kills runs until that has been done so many times; each run is taken up, with what it left behind, until it ends.
///
/// # Errors
///
/// A description of what was lost or half-written, and when.
pub fn kill(program: &Path, times: u32, seed: u64) -> Result<Survived, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let scene = Scene { program: program.to_owned(), folder: folder.path().to_owned() };
    scene.make_trace()?;
    let (expected, duration) = scene.undisturbed()?;
    let mut random = Random::new(seed);
    let mut survived = Survived::default();
    while survived.kills < times {
        scene.run_to_the_end(&mut random, duration, &expected, &mut survived)?;
    }
    Ok(survived)
}

struct Scene {
    program: PathBuf,
    folder: PathBuf,
}

impl Scene {
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).current_dir(&self.folder).env(UNDER_FIRE, "1");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn make_trace(&self) -> Result<(), String> {
        let words = ["generate", "uniform", "-o", "t.hlt", "--operations", "3000", "--seed", "7"];
        let status = self.command(&words).status().map_err(|error| error.to_string())?;
        if status.success() { Ok(()) } else { Err(format!("no trace could be made: {status}")) }
    }

    /// Exact figures alone: they must be the same, however often a run is killed.
    fn run(&self, report: &str, part: Option<&str>) -> Command {
        let mut words = vec!["run", "t.hlt", "--check", "--no-html", "--no-maps"];
        words.extend(["-s", "first-fit,best-fit,compaction", "--heap", "1.0x,1.25x,2x"]);
        words.extend(["--time-budget", "10m", "--json", report]);
        words.extend(part.into_iter().flat_map(|part| ["--resume", part]));
        self.command(&words)
    }

    /// The report of a run that nobody disturbs, and how long it takes.
    fn undisturbed(&self) -> Result<(Report, Duration), String> {
        let started = Instant::now();
        let status = self.run("whole.json", None).status().map_err(|error| error.to_string())?;
        let duration = started.elapsed();
        match self.read("whole.json")? {
            Some(report) if status.success() => Ok((report, duration)),
            _ => Err(format!("a run that nobody disturbed ended with {status}")),
        }
    }

    /// A report, if there is one; a file that is none is an error.
    fn read(&self, name: &str) -> Result<Option<Report>, String> {
        let path = self.folder.join(name);
        if !path.exists() {
            return Ok(None);
        }
        let report = heaplab_report::read(&path)
            .map_err(|error| format!("{name} is half-written: {error}"))?;
        match report.check().as_slice() {
            [] => Ok(Some(report)),
            problems => Err(format!("{name} contradicts itself: {}", problems.join("; "))),
        }
    }

    fn run_to_the_end(
        &self,
        random: &mut Random,
        duration: Duration,
        expected: &Report,
        survived: &mut Survived,
    ) -> Result<(), String> {
        // An older report under the same name must survive whatever happens to the new one.
        let old = self.folder.join("report.json");
        fs::copy(self.folder.join("whole.json"), &old).map_err(|error| error.to_string())?;
        let before = fs::read(&old).map_err(|error| error.to_string())?;
        let mut part: Option<&str> = None;
        loop {
            let mut child =
                self.run("report.json", part).spawn().map_err(|error| error.to_string())?;
            let moment = duration.mul_f64(f64::from(random.byte()) / 200.0);
            let is_over = wait(&mut child, moment)?;
            if is_over {
                let report = self.read("report.json")?.ok_or("the report is lost")?;
                if !report.complete || report.cells != expected.cells {
                    return Err("a run that was taken up found something else".into());
                }
                survived.runs += 1;
                return Ok(());
            }
            survived.kills += 1;
            if fs::read(&old).map_err(|error| error.to_string())? != before {
                // It had just been replaced by the new one.
                return match self.read("report.json")? {
                    Some(report) if report.complete && report.cells == expected.cells => {
                        survived.runs += 1;
                        Ok(())
                    }
                    _ => Err("the old report is lost".into()),
                };
            }
            let kept = self.read("report.part.json")?;
            if let Some(kept) = &kept {
                if kept.complete {
                    return Err("a partial report calls itself complete".into());
                }
                survived.parts += 1;
                survived.cells_kept += kept.cells.len() as u64;
            }
            // A part is not touched by the run that takes it up until that one has more.
            part = kept.is_some().then_some("report.part.json");
        }
    }
}

/// Waits for a process until a moment, and kills it then; says whether it had ended by itself.
fn wait(child: &mut std::process::Child, moment: Duration) -> Result<bool, String> {
    let deadline = Instant::now() + moment;
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            return if status.success() {
                Ok(true)
            } else {
                Err(format!("it ended with {status}"))
            };
        }
        if Instant::now() >= deadline {
            // It may end by itself at this very moment, which is as good.
            let _ = child.kill();
            let status = child.wait().map_err(|error| error.to_string())?;
            return Ok(status.success());
        }
        thread::sleep(Duration::from_millis(1));
    }
}
