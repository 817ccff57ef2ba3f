//! Strategies that may abort, judged in processes of their own, one for each of them and each case.

use std::time::Duration;

use heaplab_core::{Registry, StrategyList};
use heaplab_harness::{Launcher, isolated};
use heaplab_validate::{Apart, Case, Check, Options};

use crate::Exit;
use crate::args::ValidateArgs;
use crate::failure::Failure;
use crate::output::Terminal;

/// The longest that one strategy takes for one case is a second or two.
const PATIENCE: Duration = Duration::from_secs(60);

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
    let folder = args.minimalloc.clone();
    Some(Apart::new(move |case: &Case, strategy: &str| {
        let mut arguments =
            vec!["validate".into(), "--case".into(), case.number.to_string().into()];
        if let Some(folder) = &folder {
            arguments.extend(["--minimalloc".into(), folder.into()]);
        }
        arguments.extend(["--apart".into(), strategy.into()]);
        let launcher = Launcher { program: program.clone(), arguments };
        let line = isolated::answer(&launcher, PATIENCE)?;
        serde_json::from_str(&line)
            .map_err(|error| format!("its process answered what cannot be understood: {error}"))
    }))
}
