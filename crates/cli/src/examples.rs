//! The ends of the help texts: exit codes, and examples that tests run.

use std::fmt::Write as _;

use crate::Exit;

/// A command with what it is good for.
type Example = (&'static str, &'static str);

/// The examples of a command; the empty name is the program itself.
pub(crate) const fn of(command: &str) -> &'static [Example] {
    match command.as_bytes() {
        b"" => &[
            ("heaplab", "the default suite: table, report, what to do next"),
            ("heaplab run app.hlt", "every strategy on your own trace"),
            ("heaplab list strategies", "what takes part"),
        ],
        b"run" => &[
            ("heaplab run app.hlt server.rep", "your own traces, formats recognized by content"),
            (
                "heaplab run -s 'compaction*,best-fit' --heap 1.0x,1.05x app.hlt",
                "some strategies, tight heaps",
            ),
            ("heaplab run --check app.hlt", "verify every byte, time nothing"),
            ("heaplab run --suite suite.toml --json suite.json", "a suite of your own"),
            ("heaplab run --dry-run -v", "what a run would do, and where each setting comes from"),
        ],
        b"show" => &[
            ("heaplab show report.json", "the tables of a saved report"),
            ("heaplab show report.json --by cell --format csv", "every cell, for a spreadsheet"),
            ("heaplab show report.json --cell best-fit/app/2x", "one cell in full"),
        ],
        b"list" => &[
            ("heaplab list strategies", "names, parameters, one line each"),
            ("heaplab list metrics --format json", "every figure with unit and direction"),
        ],
        b"inspect" => &[
            ("heaplab inspect app.hlt", "what the trace asks of a heap"),
            ("heaplab inspect server.rep --format json", "the same for programs"),
        ],
        b"import" => &[
            ("heaplab import server.rep -o server.hlt", "the format is recognized by content"),
            (
                "heaplab import malloc.log -o app.hlt --from valgrind --pid 4711",
                "one process of a log",
            ),
        ],
        b"generate" => &[
            ("heaplab generate uniform -o uniform.hlt", "the generator's own defaults"),
            (
                "heaplab generate phases -o small.hlt --operations 1000 --seed 7",
                "another length and seed",
            ),
        ],
        b"replay" => &[
            ("heaplab replay app.hlt --strategy best-fit --heap 1.25x", "how one replay ends"),
            (
                "heaplab replay app.hlt -s first-fit --placements places.csv --relocations moves.csv --format json",
                "every offset, for other programs",
            ),
            (
                "heaplab replay app.hlt -s compaction-budgeted --set c=4 --heap 1.0x",
                "with a parameter",
            ),
        ],
        b"schema" => &[
            ("heaplab schema report", "what a report holds"),
            ("heaplab schema suite", "what a suite file may hold"),
        ],
        b"completions" => &[(
            "heaplab completions bash",
            "for ~/.local/share/bash-completion/completions/heaplab",
        )],
        b"man" => &[("heaplab man manual", "heaplab.1, heaplab-run.1 and so on")],
        _ => &[],
    }
}

/// The examples, as the end of a short help text.
pub(crate) fn short(command: &str) -> String {
    let mut text = String::from("Examples:");
    for (line, meaning) in of(command) {
        let _ = write!(text, "\n  {line}\n      {meaning}");
    }
    text
}

/// Exit codes and examples, as the end of a long help text.
pub(crate) fn long(command: &str) -> String {
    let mut text = String::from("Exit codes:");
    for exit in Exit::ALL {
        let _ = write!(text, "\n  {:<3}  {}", exit.code(), exit.meaning());
    }
    text.push_str("\n\n");
    text.push_str(&short(command));
    text
}
