//! What goes where: answers, remarks, colors, closed pipes, interruptions.

use std::io::Read as _;
use std::process::Stdio;

use crate::support::Folder;

const CHECK: &str = "run tiny.rep --check -s best-fit,compaction --heap 2x";

#[test]
fn the_answer_alone_is_on_standard_output() {
    let folder = Folder::new();
    let said = folder.run(&format!("{CHECK} --format json"));
    assert_eq!(said.code, 0, "{said:?}");
    let rows: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert!(rows.as_array().is_some_and(|rows| !rows.is_empty()));
    // Without a terminal: a line for each pass and trace, and no control characters.
    assert!(said.err.contains("\nspace       tiny  ("), "{said:?}");
    assert!(said.err.contains("\nverify      tiny  ("), "{said:?}");
    assert!(!said.err.contains('\u{1b}') && !said.err.contains('\r'), "{said:?}");
}

#[test]
fn quiet_leaves_the_answer() {
    let folder = Folder::new();
    let said = folder.run(&format!("{CHECK} --quiet"));
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{said:?}");
    assert!(said.out.contains("best-fit"));
    let said = folder.run(&format!("{CHECK} --no-progress"));
    assert!(!said.err.contains("space       tiny") && said.err.contains("next: "), "{said:?}");
}

#[test]
fn color_follows_wishes() {
    let folder = Folder::new();
    let colored = |line: &str, variable: &str| {
        let mut command = folder.command(line);
        command.env_remove("NO_COLOR");
        if !variable.is_empty() {
            command.env(variable, "1");
        }
        String::from_utf8(command.output().unwrap().stderr).unwrap().contains('\u{1b}')
    };
    let line = "replay tiny.rep -s bestfit";
    assert!(!colored(line, ""), "no terminal, no color");
    assert!(colored(line, "CLICOLOR_FORCE"));
    assert!(colored(&format!("{line} --color always"), ""));
    assert!(colored(&format!("{line} --color=always"), "NO_COLOR"), "a flag beats a variable");
    assert!(!colored(&format!("{line} --color never"), "CLICOLOR_FORCE"));
    assert!(colored("rum --color always", ""), "the parser's own errors too");
}

#[test]
fn a_locale_without_utf_8_gets_ascii() {
    let folder = Folder::new();
    let output = folder.command(CHECK).env("LC_ALL", "C").output().unwrap();
    assert!(output.stdout.is_ascii() && output.stderr.is_ascii(), "{output:?}");
    let output = folder.command("inspect broken.rep").env("LC_ALL", "C").output().unwrap();
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: broken.rep:2: operation 'x' is not known\n  | x 0\n  | ^ expected one of: a (allocate), f (free), r (resize)\n  help: heaplab list importers says what each format looks like\n"
    );
}

#[test]
#[cfg(unix)]
fn a_closed_pipe_ends_quietly() {
    let folder = Folder::new();
    for line in ["list metrics", "completions bash", CHECK, "--help"] {
        let mut child =
            folder.command(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{line}: {err}");
        assert!(!err.contains("panicked") && !err.contains("error"), "{line}: {err}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let folder = Folder::new();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = folder.command("list metrics").stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.starts_with("error: standard output cannot be written: "), "{err}");
}

#[test]
#[cfg(target_os = "linux")]
fn devices_are_written_to_and_never_replaced() {
    use std::os::unix::fs::FileTypeExt as _;
    let folder = Folder::new();
    folder.answer("replay tiny.rep -s first-fit --placements /dev/null");
    let out = folder.answer("replay tiny.rep -s first-fit --placements /dev/stdout --format json");
    assert!(out.starts_with("op,offset,len\n0,0,48\n"), "{out}");
    folder.answer(&format!("{CHECK} --json /dev/null"));
    assert!(std::fs::metadata("/dev/null").unwrap().file_type().is_char_device());
}

#[test]
#[cfg(unix)]
fn an_interruption_saves_what_is_there() {
    let folder = Folder::new();
    folder.answer("generate log-uniform -o long.hlt --operations 200000 --set live=3000");
    let line = "run long.hlt --json r.json --rounds 10000 --time-budget 1h --heap 2x -s best-fit";
    let mut child =
        folder.command(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The rounds would go on for an hour: the first sign of them is the moment.
    let mut err = String::new();
    let mut stderr = child.stderr.take().unwrap();
    let mut byte = [0_u8];
    while !err.contains("throughput") {
        assert_eq!(stderr.read(&mut byte).unwrap(), 1, "ended too early: {err}");
        err.push(char::from(byte[0]));
    }
    let interrupted = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupted.success());
    stderr.read_to_string(&mut err).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130), "{err}");
    let report: serde_json::Value = serde_json::from_str(&folder.read("r.json")).unwrap();
    assert_eq!(report["complete"], false);
    assert!(err.contains("written: r.json, r.html\n"), "{err}");
}
