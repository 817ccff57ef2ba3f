//! The program `heaplab`, with the strategies of this repository.

use std::process::ExitCode;

fn main() -> ExitCode {
    heaplab::run(heaplab_strategies::registry())
}
