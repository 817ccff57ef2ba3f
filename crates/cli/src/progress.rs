//! Progress on standard error: a bar on a terminal, a line for each trace elsewhere.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use heaplab_harness::{Phase, Progress};
use heaplab_report::Report;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::failure::Failure;
use crate::interrupt;
use crate::output::Terminal;

/// Shows how far a run is.
pub(crate) struct Display<'a> {
    terminal: &'a Terminal,
    started: Instant,
    time_budget: Duration,
    bar: RefCell<Option<ProgressBar>>,
    phase: RefCell<(Phase, HashSet<String>)>,
    /// What is done with partial reports.
    keeping: Option<&'a Keep<'a>>,
    has_warned: Cell<bool>,
}

/// Puts a partial report where a crash cannot reach it.
type Keep<'a> = dyn Fn(&Report) -> Result<(), Failure> + 'a;

impl<'a> Display<'a> {
    /// Before the first phase of a run that may take so long.
    pub(crate) fn new(terminal: &'a Terminal, time_budget: Duration) -> Self {
        Self {
            terminal,
            started: Instant::now(),
            time_budget,
            bar: RefCell::new(None),
            phase: RefCell::new((Phase::Space, HashSet::new())),
            keeping: None,
            has_warned: Cell::new(false),
        }
    }

    /// The same, with a place for partial reports.
    pub(crate) const fn keeping(mut self, keep: &'a Keep<'a>) -> Self {
        self.keeping = Some(keep);
        self
    }

    /// Takes the bar away, so that the answer has the screen to itself.
    pub(crate) fn finish(&self) {
        if let Some(bar) = self.bar.borrow_mut().take() {
            bar.finish_and_clear();
        }
    }

    fn new_bar(&self, phase: Phase, units: u64) -> ProgressBar {
        let (started, budget) = (self.started, self.time_budget);
        // The bar's own estimate knows nothing of the budget, which ends a run before all rounds are done.
        let left = move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            let left = state.eta().min(budget.saturating_sub(started.elapsed()));
            let _ =
                write!(out, "{}", humantime::format_duration(Duration::from_secs(left.as_secs())));
        };
        let signs = if self.terminal.style.ascii { "=> " } else { "━╸─" };
        let template = "  {bar:30} {pos}/{len}  {prefix}  {wide_msg} {left} left";
        let style = ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .with_key("left", left)
            .progress_chars(signs);
        let bar = ProgressBar::with_draw_target(Some(units), ProgressDrawTarget::stderr());
        bar.set_style(style);
        bar.set_prefix(phase.as_str());
        bar
    }
}

impl Progress for Display<'_> {
    fn begin(&self, phase: Phase, units: u64) {
        self.finish();
        self.phase.replace((phase, HashSet::new()));
        if self.terminal.draws_bar() {
            self.bar.replace(Some(self.new_bar(phase, units)));
        }
    }

    fn doing(&self, what: &str) {
        if let Some(bar) = &*self.bar.borrow() {
            bar.set_message(what.to_owned());
            return;
        }
        if !self.terminal.shows_progress() {
            return;
        }
        let (phase, seen) = &mut *self.phase.borrow_mut();
        let trace = trace_of(what);
        if seen.insert(trace.to_owned()) {
            let mut line = format!("{:<10}  {trace}", phase.as_str());
            let _ = write!(line, "  ({} s)", self.started.elapsed().as_secs());
            self.terminal.note(&line);
        }
    }

    fn advance(&self, units: u64) {
        if let Some(bar) = &*self.bar.borrow() {
            bar.inc(units);
        }
    }

    fn warn(&self, text: &str) {
        match &*self.bar.borrow() {
            Some(bar) => bar.suspend(|| self.terminal.warn(text)),
            None => self.terminal.warn(text),
        }
    }

    fn interrupted(&self) -> bool {
        interrupt::is_asked()
    }

    fn keeps(&self) -> bool {
        self.keeping.is_some()
    }

    fn keep(&self, partial: &Report) {
        let kept = self.keeping.as_ref().map(|keep| keep(partial));
        if let Some(Err(failure)) = kept
            && !self.has_warned.replace(true)
        {
            self.warn(&format!("what the run finds is not kept meanwhile: {}", failure.text()));
        }
    }
}

/// The trace in a cell's id `strategy/trace/heap`.
fn trace_of(cell: &str) -> &str {
    let rest = cell.split_once('/').map_or(cell, |(_, rest)| rest);
    rest.rsplit_once('/').map_or(rest, |(trace, _)| trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_names_its_trace() {
        assert_eq!(trace_of("best-fit/gcc/1.25x"), "gcc");
        assert_eq!(trace_of("best-fit/a/b/1.25x"), "a/b");
        assert_eq!(trace_of("gcc"), "gcc");
    }
}
