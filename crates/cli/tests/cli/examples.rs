//! Every example of every help text is run as it stands.

#![cfg(unix)]

use std::process::Command;

use crate::support::{Folder, plain};

/// The commands below `Examples:`.
fn examples(help: &str) -> Vec<String> {
    let (_, examples) = help.split_once("Examples:\n").expect("a help text ends with examples");
    let is_command = |line: &&str| line.starts_with("  heaplab");
    examples.lines().filter(is_command).map(|line| line.trim().to_owned()).collect()
}

/// What `new-strategy` looks at of a checkout.
fn make_checkout(folder: &Folder) {
    for path in
        ["crates/strategies/Cargo.toml", "crates/strategies/src/lib.rs", "crates/core/Cargo.toml"]
    {
        let (from, to) = (format!("../../{path}"), folder.path().join("checkout").join(path));
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(from), to).unwrap();
    }
}

#[test]
fn every_example_runs() {
    let folder = Folder::new();
    folder.answer("generate log-uniform -o app.hlt --operations 600 --set live=40");
    folder.answer("run app.hlt --passes space --heap 2x --json report.json");
    folder.answer("run app.hlt --passes space --heap 2x --json old.json");
    folder.answer("run app.hlt --passes space --heap 2x --json new.json");
    folder.answer("run tiny.rep --passes space --heap 2x --json other.json");
    folder.write("server.rep", &folder.read("tiny.rep"));
    folder.write("malloc.log", &folder.read("two-processes.log"));
    make_checkout(&folder);
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_heaplab"));
    let path = std::env::join_paths(
        std::iter::once(program.parent().unwrap().to_owned())
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    )
    .unwrap();
    let mut count = 0;
    for command in [
        "",
        "run",
        "show",
        // Before the examples that write another `app.hlt`.
        "explain",
        "list",
        "inspect",
        "import",
        "generate",
        "replay",
        "min-heap",
        "watch",
        "validate",
        "new-strategy",
        "schema",
        "completions",
        "man",
        "doctor",
        "compare",
        "rank",
        "merge",
        "export",
    ] {
        let help = folder.answer(&format!("{command} -h"));
        let examples = examples(&help);
        assert!(!examples.is_empty(), "{command} has no example");
        for line in examples {
            // Somebody may have a strategy of that name already.
            let line = line.replace("my-fit", "probe-fit");
            let mut shell = Command::new("sh");
            plain(&mut shell);
            // The default suite takes minutes: its examples are tried without clock and with one heap.
            if !line.contains(".hlt") && !line.contains("--suite") {
                shell
                    .env("HEAPLAB_PASSES", "space")
                    .env("HEAPLAB_HEAP", "2x")
                    .env("HEAPLAB_TIME_BUDGET", "5s");
            } else {
                shell.env("HEAPLAB_TIME_BUDGET", "5s");
            }
            let output = shell
                .args(["-c", &line])
                .env("PATH", &path)
                .current_dir(folder.path())
                .output()
                .unwrap();
            let err = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{line}: {err}");
            count += 1;
        }
    }
    assert!(count >= 20, "{count} examples");
}
