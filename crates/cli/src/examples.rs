//! The ends of the help texts: exit codes, and examples that tests run.

use std::fmt::Write as _;

use crate::Exit;

/// A command with what it is good for.
type Example = (&'static str, &'static str);

/// The examples of a command; the empty name is the program itself.
#[expect(clippy::too_many_lines, reason = "a table of all commands")]
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
            (
                "heaplab run app.hlt --curve",
                "what each byte of heap costs in time, copies included",
            ),
            (
                "heaplab run app.hlt --passes space,throughput,latency --pin",
                "the longest operations too, on one processor",
            ),
            ("heaplab run app.hlt --malloc libc.so.6", "beside the malloc of this machine"),
            ("heaplab run --check app.hlt", "verify every byte, time nothing"),
            ("heaplab run --suite suite.toml --json suite.json", "a suite of your own"),
            ("heaplab run --dry-run -v", "what a run would do, and where each setting comes from"),
        ],
        b"show" => &[
            ("heaplab show report.json", "the tables of a saved report"),
            ("heaplab show report.json --by cell --format csv", "every cell, for a spreadsheet"),
            ("heaplab show report.json --cell best-fit/app/2x", "one cell in full"),
        ],
        b"doctor" => &[
            ("heaplab doctor || true", "before you trust a time: each line says what to do"),
            ("heaplab doctor --format json || true", "for programs; exit code 1 means unfit"),
        ],
        b"compare" => &[
            (
                "heaplab compare old.json new.json",
                "what got better, what got worse; exit code 1 on a regression",
            ),
            (
                "heaplab compare old.json new.json --only space --format md",
                "exact figures alone, for a pull request",
            ),
            (
                "heaplab compare old.json new.json --confirm old/heaplab --confirm new/heaplab",
                "what looks slower or faster, measured again by both builds in turns",
            ),
            (
                "heaplab compare old.json new.json --html compared.html",
                "as a page too: every ratio with its interval, workload by workload",
            ),
        ],
        b"rank" => &[
            ("heaplab rank report.json", "time and space over all traces"),
            (
                "heaplab rank old.json new.json -s '*-fit' --heap 2x",
                "some strategies, one heap, two reports",
            ),
        ],
        b"merge" => &[
            ("heaplab merge old.json other.json -o both.json", "cells of two reports in one"),
            (
                "heaplab merge old.json other.json --only space -o space.json",
                "of several machines, without times",
            ),
        ],
        b"export" => &[
            ("heaplab export report.json --to gab --only space", "for github-action-benchmark"),
            ("heaplab export report.json --to bmf -o bencher.json", "for Bencher"),
            ("heaplab export report.json --to csv", "every figure of every cell"),
        ],
        b"new-strategy" => &[
            (
                "heaplab new-strategy my-fit -C checkout",
                "a crate of a checkout of heaplab; without -C, of the one you are in",
            ),
            (
                "heaplab new-strategy my-fit -C checkout --remove",
                "takes it out again, unless its files were changed",
            ),
            (
                "heaplab new-strategy my-fit --standalone --heaplab checkout",
                "a package of its own with the whole command line",
            ),
        ],
        b"report" => &[
            ("heaplab report", "the latest run as a page"),
            ("heaplab report a.json b.json -o both.html", "two reports, joined where they can be"),
            ("heaplab report report.json --open", "and look at it"),
            (
                "heaplab report app.hlt --map best-fit,compaction --window 2..9 -o window.html",
                "two strategies side by side, operation by operation",
            ),
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
        b"validate" => &[
            ("heaplab validate", "every case that needs no file"),
            ("heaplab validate --case 1,10 --format json", "two of them, figure by figure"),
            ("heaplab validate --list", "what is claimed, and by whom"),
        ],
        b"explain" => &[
            ("heaplab explain app.hlt -s best-fit --heap 1.0x", "why it runs out of memory there"),
            (
                "heaplab explain server.rep -s first-fit,worst-fit --heap unlimited",
                "where they waste most",
            ),
            ("heaplab explain report.json best-fit app", "a cell of a saved report"),
            ("heaplab explain app.hlt -s free-list --heap 1.0x --format json", "for programs"),
        ],
        b"watch" => &[
            ("heaplab watch", "the five bytes: X-X-X becomes XXXXX"),
            ("heaplab watch gcc -s first-fit,best-fit", "two strategies in step on a real program"),
            (
                "heaplab watch jq -s compaction-fit --heap 1.0x --plain --window 100..120",
                "some operations as lines of text, for files and mails",
            ),
        ],
        b"min-heap" => &[
            (
                "heaplab min-heap app.hlt",
                "the smallest heap of every strategy, and how far it is from the bounds",
            ),
            (
                "heaplab min-heap app.hlt -s '*-fit' --granule 1 --format json",
                "some strategies, to the byte, for programs",
            ),
            (
                "heaplab min-heap app.hlt --plan plan.csv",
                "where a plan that knows the whole trace puts each block",
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
