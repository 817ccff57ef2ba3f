//! `heaplab completions`: a shell's completion script, generated from the arguments.

use clap_complete::Shell;

use crate::failure::Failure;
use crate::output::Terminal;
use crate::{Exit, args};

pub(super) fn run(shell: Shell, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::command(), "heaplab", &mut script);
    terminal.answer(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
