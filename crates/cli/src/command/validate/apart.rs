//! Strategies that may abort, and with a limit of time all of them, judged in processes of their own, one for each of them
//! and each case.

use std::ffi::OsString;

use heaplab_core::{Registry, StrategyList};
use heaplab_harness::Launcher;
use heaplab_harness::isolated::{self, NoAnswer};
use heaplab_validate::{Apart, Check, Obstacle, Options, Question};

use crate::args::ValidateArgs;
use crate::command::isolated::SILENCE;
use crate::failure::Failure;
use crate::output::Terminal;
use crate::{Exit, interrupt};

/// What such a process does: the checks as a line of JSON.
pub(super) fn judge<L: StrategyList>(
    registry: &Registry<L>,
    options: &Options,
    strategy: &str,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    isolated::end_with_standard_input()
        .map_err(|error| Failure::input(format!("standard input cannot be watched: {error}")))?;
    let judge = |case| heaplab_validate::judge(registry, options, case, strategy);
    let checks: Vec<Check> = options.selected().flat_map(judge).collect();
    let mut line =
        serde_json::to_string(&checks).map_err(|error| Failure::output(error.to_string()))?;
    line.push('\n');
    terminal.answer(&line)?;
    Ok(Exit::Done)
}

/// Starts them; `None` where this program cannot say where it is.
pub(super) fn processes(args: &ValidateArgs) -> Option<Apart> {
    let program = std::env::current_exe().ok()?;
    let mut common: Vec<OsString> = Vec::new();
    if let Some(folder) = &args.minimalloc {
        common.extend(["--minimalloc".into(), folder.into()]);
    }
    if args.exhaustive {
        common.push("--exhaustive".into());
        for (name, value) in [
            ("--max-live", args.max_live),
            ("--max-size", args.max_size),
            ("--max-states", args.max_states),
        ] {
            common.extend([name.into(), value.to_string().into()]);
        }
    }
    let timeout = args.timeout.unwrap_or(SILENCE);
    let apart = Apart::new(move |question: &Question<'_>| {
        let number = question.case.number.to_string();
        let mut arguments = vec!["validate".into(), "--case".into(), number.into()];
        arguments.extend(common.iter().cloned());
        if let Some(budget) = question.budget {
            let budget = humantime::format_duration(budget).to_string();
            arguments.extend(["--budget".into(), budget.into()]);
        }
        arguments.extend(["--apart".into(), question.strategy.into()]);
        let launcher = Launcher { program: program.clone(), arguments };
        let patience = timeout.saturating_add(question.budget.unwrap_or_default());
        let answered = isolated::answer(&launcher, patience, &|| !interrupt::is_asked());
        let line = answered.map_err(|reason| match reason {
            NoAnswer::GivenUp => Obstacle::Skipped(reason.to_string()),
            _ => Obstacle::Broken(reason.to_string()),
        })?;
        serde_json::from_str(&line).map_err(|error| {
            let text = format!("its process answered what cannot be understood: {error}");
            Obstacle::Broken(text)
        })
    });
    Some(if args.timeout.is_some() { apart.for_everybody() } else { apart })
}
