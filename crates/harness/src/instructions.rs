//! Instructions per operation, which repeat exactly where times do not.
//!
//! A timed replay runs in a process of its own under callgrind, a tool of valgrind, which counts inside the timed loop
//! alone. Whoever calls [`run()`](crate::run()) says how such a process is started ([`Launcher`]); it
//! reads the arguments of a [`CountedReplay`] and does [`CountedReplay::perform`].

use std::ffi::OsString;
use std::io::{self, Read as _, Seek as _};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use heaplab_core::{Config, Entry, Granule, Registry, Strategy, StrategyList, Visitor};
use heaplab_report::Mode;
use heaplab_trace::OperationSource;

use crate::plan::Launcher;
use crate::timed::{TimedError, TimedRoom, replay_timed};

const VALGRIND: &str = "valgrind";

/// How often a process that counts is looked after.
const POLL: Duration = Duration::from_millis(10);

/// The function that holds the timed loop, as callgrind names it.
const TIMED_LOOP: &str = "*heaplab_harness*timed*perform*";

/// One timed replay, as it is told to another process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedReplay {
    /// The trace, a file in heaplab's format.
    pub trace: PathBuf,
    /// Name of the strategy or floor.
    pub strategy: String,
    /// Capacity of the heap in bytes.
    pub heap_bytes: u64,
    /// The unit of sizes and addresses.
    pub granule: Granule,
    /// Whether bytes stand behind the heap.
    pub mode: Mode,
    /// Parameters that differ from their defaults.
    pub parameters: Vec<(String, u64)>,
}

/// Why instructions could not be counted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InstructionsError {
    /// There is no valgrind.
    #[error("valgrind cannot be started: {0}")]
    NoValgrind(#[source] io::Error),
    /// The trace could not be handed over.
    #[error("the trace cannot be written for another process: {0}")]
    Trace(#[source] io::Error),
    /// No count came back.
    #[error("valgrind counted nothing: {said}")]
    NoCount {
        /// The last line that it said.
        said: String,
    },
}

/// Whether valgrind can be started, and its version.
///
/// # Errors
///
/// [`InstructionsError::NoValgrind`]
pub fn valgrind() -> Result<String, InstructionsError> {
    let output =
        Command::new(VALGRIND).arg("--version").output().map_err(InstructionsError::NoValgrind)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

impl CountedReplay {
    /// The arguments that follow those of the launcher.
    #[must_use]
    pub fn arguments(&self) -> Vec<OsString> {
        let mode = match self.mode {
            Mode::Placement => "placement",
            Mode::Payload => "payload",
        };
        let mut arguments: Vec<OsString> = vec![
            self.trace.clone().into(),
            "--strategy".into(),
            self.strategy.clone().into(),
            "--heap-bytes".into(),
            self.heap_bytes.to_string().into(),
            "--granule".into(),
            self.granule.bytes().to_string().into(),
            "--mode".into(),
            mode.into(),
        ];
        for (name, value) in &self.parameters {
            arguments.extend(["--set".into(), format!("{name}={value}").into()]);
        }
        arguments
    }

    /// Counts the instructions of the timed loop over the whole replay; what does not end within `patience` is ended.
    ///
    /// # Errors
    ///
    /// [`InstructionsError`]
    pub fn count(&self, launcher: &Launcher, patience: Duration) -> Result<u64, InstructionsError> {
        let mut said = tempfile::tempfile().map_err(InstructionsError::Trace)?;
        let mut child = Command::new(VALGRIND)
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(format!("--toggle-collect={TIMED_LOOP}"))
            .arg(&launcher.program)
            .args(&launcher.arguments)
            .args(self.arguments())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(said.try_clone().map_err(InstructionsError::Trace)?)
            .spawn()
            .map_err(InstructionsError::NoValgrind)?;
        let Some(status) = ended(&mut child, patience).map_err(InstructionsError::NoValgrind)?
        else {
            let said =
                format!("an operation did not return within {:.0} s", patience.as_secs_f64());
            return Err(InstructionsError::NoCount { said });
        };
        let mut text = Vec::new();
        said.rewind()
            .and_then(|()| said.read_to_end(&mut text))
            .map_err(InstructionsError::Trace)?;
        let text = String::from_utf8_lossy(&text);
        collected(&text).filter(|&count| count > 0 && status.success()).ok_or_else(|| {
            let said = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("nothing");
            InstructionsError::NoCount { said: said.trim().to_owned() }
        })
    }

    /// Does the replay, in the process that was started for it; `None` if nobody has the strategy's name.
    ///
    /// # Errors
    ///
    /// [`TimedError`]
    pub fn perform<L: StrategyList>(
        &self,
        registry: &Registry<L>,
        source: &dyn OperationSource,
    ) -> Option<Result<u64, TimedError>> {
        let mut visit = Perform { replay: self, source, result: None };
        if !registry.visit(&self.strategy, &mut visit) {
            crate::floor::registry().visit(&self.strategy, &mut visit);
        }
        visit.result
    }
}

struct Perform<'a> {
    replay: &'a CountedReplay,
    source: &'a dyn OperationSource,
    result: Option<Result<u64, TimedError>>,
}

impl Visitor for Perform<'_> {
    fn visit<S: Strategy>(&mut self, _: Entry) {
        let mut config = Config::new().with_granule(self.replay.granule);
        for (name, value) in &self.replay.parameters {
            config = config.with_parameter(name, *value);
        }
        let mut room = TimedRoom::default();
        room.set_mode(self.replay.mode);
        let heap_bytes = self.replay.heap_bytes;
        self.result = Some(replay_timed::<S>(self.source, heap_bytes, &config, &mut room));
    }
}

/// How a process ended; it is ended itself, and nothing is said of it, where it takes longer than `patience`.
fn ended(child: &mut Child, patience: Duration) -> io::Result<Option<ExitStatus>> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if started.elapsed() >= patience {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(POLL);
    }
}

/// The number in callgrind's line `==1== Collected : 123`.
fn collected(said: &str) -> Option<u64> {
    let line = said.lines().find(|line| line.contains("Collected :"))?;
    line.rsplit(' ').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_does_not_end_is_ended() {
        let start = |line: &str| Command::new("sh").args(["-c", line]).spawn().unwrap();
        let started = Instant::now();
        assert_eq!(ended(&mut start("exec sleep 60"), Duration::from_millis(50)).unwrap(), None);
        assert!(started.elapsed() < Duration::from_secs(30));
        let status = ended(&mut start("exit 3"), Duration::from_secs(60)).unwrap().unwrap();
        assert_eq!(status.code(), Some(3));
    }

    #[test]
    fn the_count_is_found_in_what_callgrind_says() {
        let said = "==7== Events    : Ir\n==7== Collected : 123456\n==7==\n";
        assert_eq!(collected(said), Some(123_456));
        assert_eq!(collected("==7== refused\n"), None);
    }

    #[test]
    fn a_replay_performs_what_its_arguments_say() {
        let replay = CountedReplay {
            trace: "t.hlt".into(),
            strategy: "null".into(),
            heap_bytes: 64,
            granule: Granule::DEFAULT,
            mode: Mode::Payload,
            parameters: vec![("c".into(), 4)],
        };
        let words: Vec<_> =
            replay.arguments().into_iter().map(|it| it.into_string().unwrap()).collect();
        let line = "t.hlt --strategy null --heap-bytes 64 --granule 16 --mode payload --set c=4";
        assert_eq!(words.join(" "), line);
        let trace = crate::tests::trace("+0 9, -0");
        let plain = CountedReplay { parameters: Vec::new(), ..replay.clone() };
        assert!(plain.perform(&Registry::new(), trace.as_ref()).unwrap().is_ok());
        let unknown = CountedReplay { strategy: "nobody".into(), ..plain };
        assert!(unknown.perform(&Registry::new(), trace.as_ref()).is_none());
    }
}
