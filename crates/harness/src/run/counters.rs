//! Instructions of the timed cells, counted in processes of their own.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use heaplab_trace::hlt::HltWriter;
use heaplab_trace::{Operation, OperationSource, Origin, Sink};

use super::Run;
use super::timing::Turn;
use crate::instructions::{CountedReplay, InstructionsError};
use crate::plan::RunError;
use crate::progress::Phase;

/// Under callgrind a replay takes at most so many times what it takes else, most of them a tenth of that.
const SLOWDOWN: u32 = 1_000;

/// What has not ended so long after that hangs.
const PATIENCE: Duration = Duration::from_secs(120);

impl Run<'_> {
    /// Counts where the plan asks for it; several processes at once, since counts do not depend on the machine's load.
    pub(super) fn count_instructions(&mut self) -> Result<(), RunError> {
        let Some(launcher) = &self.plan.instructions else { return Ok(()) };
        let mut turns = self.turns();
        if self.plan.passes.throughput {
            // What had no time for one replay would have far less for one under callgrind.
            turns.retain(|&turn| !self.timing(turn).samples_ns.is_empty());
        }
        self.progress.begin(Phase::Instructions, turns.len() as u64);
        let folder = tempfile::tempdir().map_err(InstructionsError::Trace)?;
        let mut files: BTreeMap<usize, PathBuf> = BTreeMap::new();
        for turn in &turns {
            let trace = self.cells[turn.cell].trace;
            if let std::collections::btree_map::Entry::Vacant(entry) = files.entry(trace) {
                let path = folder.path().join(format!("{trace}.hlt"));
                write(self.workloads[trace].source.as_ref(), &path)
                    .map_err(InstructionsError::Trace)?;
                entry.insert(path);
            }
        }
        let replays: Vec<CountedReplay> =
            turns.iter().map(|&turn| self.counted(turn, &files)).collect();
        let longest =
            turns.iter().map(|&turn| self.last_sample(turn).max(self.replay_duration(turn.cell)));
        let patience = SLOWDOWN * longest.max().unwrap_or_default() + PATIENCE;
        let next = AtomicUsize::new(0);
        let (sender, receiver) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..self.plan.jobs.clamp(1, replays.len().max(1)) {
                let (sender, next, replays) = (sender.clone(), &next, &replays);
                scope.spawn(move || {
                    while let Some(replay) = replays.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if sender.send((replay, replay.count(launcher, patience))).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            self.collect(&turns, &replays, &receiver, &next)
        })
    }

    fn collect(
        &mut self,
        turns: &[Turn],
        replays: &[CountedReplay],
        counts: &mpsc::Receiver<(&CountedReplay, Result<u64, InstructionsError>)>,
        next: &AtomicUsize,
    ) -> Result<(), RunError> {
        let stop = || next.store(replays.len(), Ordering::Relaxed);
        let mut failed = None;
        for (replay, count) in counts {
            let index = replays.iter().position(|other| other == replay);
            let Some(&turn) = index.and_then(|index| turns.get(index)) else { continue };
            self.progress.doing(&self.id_of(turn));
            self.progress.advance(1);
            match count {
                Ok(count) => self.timing_mut(turn).instructions = Some(count),
                Err(error @ InstructionsError::NoCount { .. }) => {
                    let id = self.id_of(turn);
                    let text = "instructions could not be counted";
                    self.progress.warn(&format!("{id}: {error}"));
                    self.warnings.add("no_instructions", text, vec![id]);
                }
                Err(error) => {
                    failed.get_or_insert(error);
                    stop();
                }
            }
            if self.progress.interrupted() {
                stop();
            }
        }
        failed.map_or(Ok(()), |error| Err(error.into()))
    }

    fn counted(&self, turn: Turn, files: &BTreeMap<usize, PathBuf>) -> CountedReplay {
        let cell = &self.cells[turn.cell];
        let name = self.contestants[cell.contestant].name;
        let settings = self.plan.parameters.iter().filter(|it| it.strategy == name);
        CountedReplay {
            trace: files.get(&cell.trace).cloned().unwrap_or_default(),
            strategy: name.into(),
            heap_bytes: cell.heap_bytes,
            granule: self.plan.granule,
            mode: self.timing(turn).mode,
            parameters: settings.map(|it| (it.parameter.clone(), it.value)).collect(),
        }
    }
}

/// Writes the operations, without what the trace knows beside them.
fn write(source: &dyn OperationSource, path: &Path) -> io::Result<()> {
    let file = io::BufWriter::new(std::fs::File::create(path)?);
    let mut writer = HltWriter::new(file, source.info().clone())?;
    let mut push = |operations: &[Operation]| {
        let mut operations = operations.iter();
        operations
            .try_for_each(|&operation| writer.push(operation, Origin::default()))
            .map_err(io::Error::other)
    };
    if let Some(operations) = source.operations() {
        push(operations)?;
    } else {
        let mut reader = source.open().map_err(io::Error::other)?;
        let mut chunk = Vec::new();
        while reader.next_chunk(&mut chunk).map_err(io::Error::other)? {
            push(&chunk)?;
        }
    }
    writer.finish().map(drop).map_err(io::Error::other)
}
