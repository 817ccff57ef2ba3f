//! heaplab's command line, with this strategy in every table and report.

use std::process::ExitCode;

fn main() -> ExitCode {
    heaplab::run(heaplab_strategies::registry().with::<lean_fit::LeanFit>("lean-fit"))
}
