//! heaplab's command line, with the strategy in C in every table and report.

use std::process::ExitCode;

fn main() -> ExitCode {
    heaplab::run(
        heaplab_strategies::registry().with::<first_fit_in_c::FirstFitInC>("first-fit-in-c"),
    )
}
