//! The heap as lines of text: a line for each operation that is shown.

use std::io::Write;

use heaplab_core::{Registry, StrategyList};
use heaplab_trace::OperationSource;

use crate::cells::{Cell, cell_bytes, cells, extent_bytes};
use crate::show::Show;
use crate::stage::{Event, Part, Stage, with_stages};
use crate::{WatchError, figures};

/// How many lines a long trace is reduced to.
const SCREENFUL: u64 = 40;
/// Room for an operation in words.
const WORDS: usize = 20;

/// Which operations get a line, and how wide it may be.
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    /// The first operation shown, counted from 0.
    pub from: Option<u64>,
    /// The last operation shown; the replay ends there.
    pub to: Option<u64>,
    /// Every so-manieth operation; without it, every one of a window that was asked for, and a screenful of a whole
    /// trace.
    pub every: Option<u64>,
    /// Columns of the output.
    pub width: usize,
}

impl Default for Lines {
    fn default() -> Self {
        Self { from: None, to: None, every: None, width: 100 }
    }
}

/// Replays the trace and writes a line for each operation shown, and one for each refusal whatever is shown.
///
/// # Errors
///
/// [`WatchError`] when a strategy cannot be made, the trace not be read, the window lies beyond it, or `out` fails.
pub fn plain<L: StrategyList>(
    registry: &Registry<L>,
    source: &dyn OperationSource,
    parts: &[Part],
    capacity_bytes: u64,
    lines: &Lines,
    out: &mut dyn Write,
) -> Result<(), WatchError> {
    let total = source.summary().operations.total();
    let from = lines.from.unwrap_or(0);
    if from >= total && lines.from.is_some() {
        return Err(WatchError::BeyondTrace { from, total });
    }
    if let Some(to) = lines.to
        && to < from
    {
        return Err(WatchError::EmptyWindow { from, to });
    }
    with_stages(registry, parts, capacity_bytes, &mut |stages| {
        let to = lines.to.unwrap_or(u64::MAX).min(total.saturating_sub(1));
        let is_window = lines.from.is_some() || lines.to.is_some();
        let usual = if is_window { 1 } else { total.div_ceil(SCREENFUL) };
        let every = lines.every.unwrap_or(usual).max(1);
        Writer { from, to, every, width: lines.width, spots: Vec::new(), out: &mut *out }
            .write(&mut Show::new(source, stages)?)
    })
}

struct Writer<'a> {
    from: u64,
    to: u64,
    every: u64,
    width: usize,
    spots: Vec<crate::stage::Spot>,
    out: &'a mut dyn Write,
}

impl Writer<'_> {
    fn write(mut self, show: &mut Show<'_, '_>) -> Result<(), WatchError> {
        self.head(show)?;
        while !show.is_over() && show.done() <= self.to {
            let index = show.done();
            let event = show.step()?;
            if show.done() == index {
                break;
            }
            let due = index >= self.from && (index - self.from).is_multiple_of(self.every);
            let last = index == self.to && index >= self.from;
            if due || last || event == Event::Refused {
                self.line(show, index)?;
            }
            if event == Event::Refused {
                self.refusals(show, index)?;
            }
        }
        for stage in &*show.stages {
            let figures = figures::figures(&**stage);
            let figures: Vec<_> =
                figures.iter().map(|(name, value)| format!("{name} {value}")).collect();
            writeln!(self.out, "{}: {}", stage.name(), figures.join(", "))?;
        }
        self.out.flush()?;
        Ok(())
    }

    /// Columns before the pictures: number and words, where there is room for them.
    fn lead(&self) -> (usize, usize) {
        let digits = figures::grouped(self.to).len();
        if self.width < 60 { (digits, 0) } else { (digits, WORDS + 2) }
    }

    /// Columns of each picture.
    fn columns(&self, stages: usize) -> usize {
        let (digits, words) = self.lead();
        let rest = self.width.saturating_sub(digits + words + 2 * stages);
        (rest / stages.max(1)).max(1)
    }

    fn head(&mut self, show: &Show<'_, '_>) -> Result<(), WatchError> {
        let columns = self.columns(show.stages.len());
        let name = clean(show.name());
        let total = figures::grouped(show.total());
        let heap = show.stages.first().map(|stage| extent(&**stage, columns)).unwrap_or_default();
        writeln!(self.out, "{name}: {total} operations; {heap}")?;
        if self.every > 1 {
            let every = figures::grouped(self.every);
            writeln!(
                self.out,
                "Every {every}th operation; --every N and --window A..B show others."
            )?;
        }
        let (digits, words) = self.lead();
        let mut line = " ".repeat(digits + words);
        for stage in &*show.stages {
            line.push_str(&format!("  {:<columns$}", stage.name()));
        }
        writeln!(self.out, "{}", line.trim_end())?;
        Ok(())
    }

    fn line(&mut self, show: &mut Show<'_, '_>, index: u64) -> Result<(), WatchError> {
        let (digits, words) = self.lead();
        let columns = self.columns(show.stages.len());
        let mut line = format!("{:>digits$}", figures::grouped(index));
        if words > 0 {
            let operation = figures::operation(show.last());
            line.push_str(&format!("  {operation:<WORDS$}"));
        }
        for stage in &mut *show.stages {
            stage.look(&mut self.spots);
            let picture = picture(&**stage, &self.spots, columns);
            line.push_str(&format!("  {picture:<columns$}"));
        }
        writeln!(self.out, "{}", line.trim_end())?;
        Ok(())
    }

    fn refusals(&mut self, show: &Show<'_, '_>, index: u64) -> Result<(), WatchError> {
        for stage in &*show.stages {
            if let Some(refusal) = stage.refusal().filter(|refusal| refusal.index == index) {
                let words = figures::refusal(refusal, stage.usage().holes);
                writeln!(self.out, "{} {words}", stage.name())?;
            }
        }
        Ok(())
    }
}

fn extent(stage: &dyn Stage, columns: usize) -> String {
    let granule = stage.granule_bytes();
    let capacity = stage.capacity_bytes();
    if extent_bytes(capacity, 0, granule) != capacity {
        return format!("an unlimited heap, granule {granule}; X live, - hole, ~ wilderness");
    }
    let cell = cell_bytes(capacity, granule, columns);
    let signs = if cell == granule {
        "X block, - hole, ~ wilderness".to_owned()
    } else {
        format!("a sign is {}: X live, x half, : less, - hole, ~ wilderness", figures::bytes(cell))
    };
    format!("a heap of {} bytes, granule {granule}; {signs}", figures::grouped(capacity))
}

fn picture(stage: &dyn Stage, spots: &[crate::stage::Spot], columns: usize) -> String {
    let granule = stage.granule_bytes();
    let capacity = stage.capacity_bytes();
    // An unlimited heap grows in the picture; only there is the high-water mark needed, which may cost a walk.
    let high = if extent_bytes(capacity, 0, granule) == capacity {
        0
    } else {
        stage.usage().high_water_bytes.unwrap_or(0)
    };
    let extent = extent_bytes(capacity, high, granule);
    cells(spots, extent, granule, columns)
        .iter()
        .map(Cell::fill)
        .map(crate::cells::Fill::sign)
        .collect()
}

/// A name without characters that would steer a terminal, cut where it is longer than anybody reads.
pub(crate) fn clean(name: &str) -> String {
    const LONGEST: usize = 60;
    let mut text: String =
        name.chars().take(LONGEST).map(|sign| if sign.is_control() { '?' } else { sign }).collect();
    if name.chars().nth(LONGEST).is_some() {
        text.push_str("...");
    }
    text
}
