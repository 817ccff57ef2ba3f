//! Every class of error: exit code and exact words.

use heaplab_trace::generate::generators;
use insta::assert_snapshot;

use crate::support::Folder;

/// What a failing command says; its answer must be empty.
fn fails(folder: &Folder, line: &str) -> String {
    let said = folder.run(line);
    assert_eq!(said.out, "", "heaplab {line}");
    format!("{}[exit {}]", without_lists(&said.err), said.code)
}

/// The text without the lists that grow whenever a strategy or a generator is added.
fn without_lists(text: &str) -> String {
    let ours = heaplab_strategies::registry().entries();
    let floors = heaplab_harness::floor::registry().entries();
    let names = |entries: Vec<&heaplab_core::Entry>| {
        entries.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", ")
    };
    let generators: Vec<_> = generators().iter().map(|info| info.kind).collect();
    text.replace(&names(ours.iter().chain(&floors).collect()), "<strategies and floors>")
        .replace(&names(ours.iter().collect()), "<strategies>")
        .replace(&generators.join(", "), "<generators>")
}

/// A file name for the snapshot of a line.
fn slug(line: &str) -> String {
    let words = line.split(|sign: char| !sign.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

#[test]
fn unknown_names_suggest_the_nearest() {
    let folder = Folder::new();
    for (line, exit) in [
        ("run tiny.rep -s bestfit", 2),
        ("run tiny.rep -t tony", 2),
        ("run tiny.rep --set compaction-budgeted.d=4", 2),
        ("run tiny.rep --set c=4", 2),
        ("replay tiny.rep -s frist-fit", 2),
        ("replay tiny.rep -s compaction-budgeted --set d=4", 2),
        ("inspect tiny.rep --from repp", 2),
        ("generate unifrom -o x.hlt", 2),
        ("generate uniform -o x.hlt --set opertions=4", 2),
        ("generate uniform -o x.hlt --set min_size=many", 2),
        ("--format jsn list metrics", 2),
        ("list strategy", 2),
        ("rum", 2),
    ] {
        let said = fails(&folder, line);
        assert!(said.ends_with(&format!("[exit {exit}]")), "{line}: {said}");
        assert_snapshot!(slug(line), said);
    }
}

#[test]
fn wrong_values_say_what_was_expected() {
    let folder = Folder::new();
    for line in [
        "run tiny.rep --heap 1.25",
        "run tiny.rep --heap 64kb",
        "run tiny.rep --granule 24",
        "run tiny.rep --rounds some",
        "run tiny.rep --time-budget soon",
        "run tiny.rep --check --rounds 3",
        "run tiny.rep --suite suite.toml",
        "run -s [",
        "replay tiny.rep -s first-fit --heap 8",
        "replay tiny.rep -s first-fit --set c",
        "replay tiny.rep -s compaction-budgeted --set c=0",
        "replay tiny.rep -s first-fit --placements a.csv --relocations a.csv",
        "replay tiny.rep",
    ] {
        let said = fails(&folder, line);
        assert!(said.ends_with("[exit 2]"), "{line}: {said}");
        assert_snapshot!(slug(line), said);
    }
}

#[test]
fn heaps_near_the_top_of_64_bits_are_no_panic() {
    let folder = Folder::new();
    folder.write("huge.rep", "a 0 18446744073709551615\nf 0\na 0 9223372036854775808\n");
    for (line, exit) in [
        ("replay huge.rep -s best-fit --heap unlimited", 0),
        ("replay huge.rep -s best-fit --heap 18446744073709551615", 0),
        ("replay huge.rep -s best-fit --heap 3x", 2),
        ("replay tiny.rep -s best-fit --granule 9223372036854775808", 0),
        ("run huge.rep --check --heap 64KiB --json r.json", 0),
    ] {
        let said = folder.run(line);
        assert_eq!(said.code, exit, "{line}: {said:?}");
        assert!(!said.err.contains("panicked"), "{line}: {said:?}");
    }
}

#[test]
fn unreadable_inputs_exit_with_3() {
    let folder = Folder::new();
    folder.write("prose.txt", "hello world\n");
    folder.write("empty.rep", "");
    folder.write("cut.hlt", "\u{89}");
    std::fs::write(folder.path().join("cut.hlt"), b"\x89HLT\r\n\x1a\n\x01").unwrap();
    folder.write("other.json", "{\"schema\": \"something\"}\n");
    folder.write("cut.json", "{\"schema\": \"heaplab.report/1\",");
    for line in [
        "run broken.rep",
        "inspect prose.txt",
        "inspect empty.rep",
        "inspect cut.hlt",
        "inspect absent.hlt",
        "run .",
        "import two-processes.log -o x.hlt --pid 7",
        "show absent.json",
        "show",
        "show other.json",
        "show cut.json",
        "run --suite absent.toml",
        "-C absent list metrics",
    ] {
        let said = fails(&folder, line);
        assert!(said.ends_with("[exit 3]"), "{line}: {said}");
        assert_snapshot!(slug(line), said);
    }
    assert_eq!(folder.files("results/local"), Vec::<String>::new());
}

#[test]
fn unwritable_outputs_exit_with_4() {
    let folder = Folder::new();
    folder.write("file", "");
    for line in [
        "run tiny.rep --json file/report.json",
        "run tiny.rep --json .",
        "import tiny.rep -o file/x.hlt",
        "generate uniform -o absent/x.hlt --operations 10",
        "replay tiny.rep -s first-fit --placements absent/p.csv",
        "replay tiny.rep -s first-fit --relocations .",
        "man file",
    ] {
        let said = fails(&folder, line);
        assert!(said.ends_with("[exit 4]"), "{line}: {said}");
        assert!(said.contains("cannot be written"), "{line}: {said}");
    }
}

#[test]
fn suites_are_strict() {
    let folder = Folder::new();
    let trace = "[[trace]]\nname = \"a\"\nfile = \"tiny.rep\"\n";
    let head = "schema = \"heaplab.suite/1\"\nname = \"s\"\n";
    for (name, text) in [
        ("unknown key", format!("{head}{trace}questoin = \"why\"\n")),
        ("unknown section", format!("{head}[runs]\n{trace}")),
        ("wrong schema", format!("schema = \"heaplab.suite/9\"\nname = \"s\"\n{trace}")),
        ("no trace", format!("{head}trace = []\n")),
        ("two names", format!("{head}{trace}{trace}")),
        ("two sources", format!("{head}{trace}generate = {{ kind = \"uniform\" }}\n")),
        ("no kind", format!("{head}[[trace]]\nname = \"a\"\ngenerate = {{ seed = 1 }}\n")),
        (
            "unknown parameter",
            format!(
                "{head}[[trace]]\nname = \"a\"\ngenerate = {{ kind = \"uniform\", sede = 1 }}\n"
            ),
        ),
        ("wrong hash", format!("{head}{trace}blake3 = \"00\"\n")),
        ("wrong heap", format!("{head}[run]\nheaps = [\"2y\"]\n{trace}")),
        ("wrong pass", format!("{head}[run]\npasses = [\"spice\"]\n{trace}")),
        ("wrong granule", format!("{head}[run]\ngranule = 24\n{trace}")),
        ("no toml", format!("{head}run = \n{trace}")),
        ("missing file", format!("{head}[[trace]]\nname = \"a\"\nfile = \"absent.rep\"\n")),
    ] {
        folder.write("bad.toml", &text);
        let said = fails(&folder, "run --suite bad.toml --check");
        assert!(said.ends_with("[exit 3]"), "{name}: {said}");
        assert_snapshot!(slug(&format!("suite {name}")), said);
    }
}
