//! A process that waits for work, seen from the one that gives it.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::wire::{Question, Reply, Request};
use crate::plan::Launcher;

/// Reading a trace may take so long.
const BEGIN_WITHIN: Duration = Duration::from_secs(60);

/// A replay notices on its own that its time is up; what says nothing for so much longer hangs.
const GRACE: Duration = Duration::from_millis(1_000);

/// How often whoever waits is asked whether to go on.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// The most characters of what it has said last.
const LAST_WORDS: usize = 400;

#[derive(Debug)]
pub(super) struct Worker {
    child: Child,
    input: Option<ChildStdin>,
    replies: Receiver<io::Result<String>>,
    /// What it says on standard error: a last word before it aborts.
    errors: File,
}

/// Why there is no answer.
pub(super) enum Died {
    /// It did not answer in time, and has been ended.
    Silent,
    /// It ended itself.
    Of(String),
    /// Words do not reach it.
    Unreachable(io::Error),
}

impl Worker {
    pub(super) fn start(launcher: &Launcher) -> io::Result<Self> {
        let errors = tempfile::tempfile()?;
        let mut command = Command::new(&launcher.program);
        command
            .args(&launcher.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::from(errors.try_clone()?));
        // An interruption from the keyboard is for us alone; we end our processes ourselves.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (sender, replies) = mpsc::channel();
        if let Some(output) = output {
            let read = move || {
                for line in BufReader::new(output).lines() {
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            };
            // It ends with the process's output; a process is ended when its worker is dropped.
            drop(thread::Builder::new().name("heaplab replies".into()).spawn(read)?);
        }
        Ok(Self { child, input, replies, errors })
    }

    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    pub(super) fn ask(&mut self, request: &Request) -> Result<Reply, Died> {
        let mut line = serde_json::to_string(request).map_err(io::Error::other)?;
        line.push('\n');
        let sent = self.input.as_mut().map(|input| input.write_all(line.as_bytes()));
        match sent {
            Some(Ok(())) => {}
            // It has died while it was idle, or before it could listen.
            Some(Err(_)) | None => return Err(self.died()),
        }
        if request.begins_unsaid() {
            return self.outcome(request);
        }
        match self.reply(Some(BEGIN_WITHIN))? {
            Reply::Begun if matches!(request.question, Question::Open { .. }) => Ok(Reply::Begun),
            Reply::Begun => self.outcome(request),
            failed => Ok(failed),
        }
    }

    /// What a replay that has begun comes to.
    fn outcome(&mut self, request: &Request) -> Result<Reply, Died> {
        let patience = request.patience().map(|it| it.saturating_add(GRACE));
        let end = patience.and_then(|patience| Instant::now().checked_add(patience));
        loop {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            let within = left.into_iter().chain(request.silence).min();
            match self.reply(within)? {
                Reply::Alive => {}
                reply => return Ok(reply),
            }
        }
    }

    fn reply(&mut self, within: Option<Duration>) -> Result<Reply, Died> {
        let line = self.line(within)?;
        Ok(serde_json::from_str(&line).map_err(|error| {
            let text = format!("its answer cannot be understood: {error}");
            io::Error::new(io::ErrorKind::InvalidData, text)
        })?)
    }

    /// The next line that it says.
    pub(super) fn line(&mut self, within: Option<Duration>) -> Result<String, Died> {
        let received = match within {
            Some(within) => self.replies.recv_timeout(within),
            None => self.replies.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match received {
            Ok(Ok(line)) => Ok(line),
            Ok(Err(error)) => Err(Died::Unreachable(error)),
            Err(RecvTimeoutError::Timeout) => {
                self.end();
                Err(Died::Silent)
            }
            Err(RecvTimeoutError::Disconnected) => Err(self.died()),
        }
    }

    /// The next line that it says, for as long as `goes_on` says so; `None` when that says no.
    pub(super) fn line_while(
        &mut self,
        within: Duration,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<Option<String>, Died> {
        let asked = Instant::now();
        while within.saturating_sub(asked.elapsed()) > ASK_EVERY {
            match self.replies.recv_timeout(ASK_EVERY) {
                Ok(line) => return Ok(Some(line?)),
                Err(RecvTimeoutError::Disconnected) => return Err(self.died()),
                Err(RecvTimeoutError::Timeout) if goes_on() => {}
                Err(RecvTimeoutError::Timeout) => return Ok(None),
            }
        }
        self.line(Some(within.saturating_sub(asked.elapsed()))).map(Some)
    }

    /// What has become of a process that has closed its output.
    fn died(&mut self) -> Died {
        self.input = None;
        // What has closed its output is about to end, unless it hangs on the way; then it is ended.
        let mut status = None;
        for _ in 0..50 {
            match self.child.try_wait() {
                Ok(Some(ended)) => {
                    status = Some(ended);
                    break;
                }
                Ok(None) => thread::sleep(Duration::from_millis(10)),
                Err(error) => return Died::Unreachable(error),
            }
        }
        let mut text = match status {
            Some(status) => format!("its process {}", in_words(status)),
            None => "its process closed its output and did not end".to_owned(),
        };
        self.end();
        let said = self.last_words();
        if !said.is_empty() {
            text.push_str(": ");
            text.push_str(&said);
        }
        Died::Of(text)
    }

    /// The last line that it has written to standard error.
    fn last_words(&mut self) -> String {
        let mut said = Vec::new();
        let read = self.errors.seek(SeekFrom::Start(0)).and_then(|_| {
            // Enough for any message; what goes on for longer repeats itself.
            (&mut self.errors).take(1 << 20).read_to_end(&mut said)
        });
        if read.is_err() {
            return String::new();
        }
        let said = String::from_utf8_lossy(&said);
        let last = said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
        last.chars().filter(|sign| !sign.is_control()).take(LAST_WORDS).collect()
    }

    fn end(&mut self) {
        self.input = None;
        // It may have ended already; either way it is gone then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.end();
    }
}

impl From<io::Error> for Died {
    fn from(error: io::Error) -> Self {
        Self::Unreachable(error)
    }
}

fn in_words(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return match signal_name(signal) {
            Some(name) => format!("died of signal {signal} ({name})"),
            None => format!("died of signal {signal}"),
        };
    }
    match status.code() {
        Some(code) => format!("ended with exit code {code}"),
        None => "ended".to_owned(),
    }
}

/// The signals of POSIX by which an allocator ends a process, where their numbers are the same everywhere.
#[cfg(unix)]
const fn signal_name(signal: i32) -> Option<&'static str> {
    match signal {
        4 => Some("SIGILL, an illegal instruction"),
        5 => Some("SIGTRAP"),
        6 => Some("SIGABRT, it aborted"),
        8 => Some("SIGFPE"),
        9 => Some("SIGKILL"),
        11 => Some("SIGSEGV, it touched memory that is not there"),
        15 => Some("SIGTERM"),
        _ => None,
    }
}
