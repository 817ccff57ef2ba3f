//! `heaplab man`: the manual pages, generated from the arguments.

use std::fs;

use crate::Exit;
use crate::args::{self, ManArgs};
use crate::failure::Failure;
use crate::lines::cannot_write;
use crate::output::Terminal;

pub(super) fn run(args: &ManArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let folder = &args.output;
    if folder.exists() && !folder.is_dir() {
        let what = format!("{}: the manual cannot be written: this is no folder", folder.display());
        return Err(Failure::output(what));
    }
    fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
    clap_mangen::generate_to(args::command(), folder)
        .map_err(|error| cannot_write(folder, &error))?;
    terminal.answer(&format!("{}\n", folder.join("heaplab.1").display()))?;
    terminal.next(&format!("man {}", folder.join("heaplab.1").display()));
    Ok(Exit::Done)
}
