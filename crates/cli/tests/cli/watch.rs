//! `watch` where there is no terminal: lines of `X-X-X`.

use crate::support::Folder;

#[test]
fn the_five_bytes_are_told_as_in_the_documentation() {
    let folder = Folder::new();
    let text = folder.answer("watch");
    for line in [
        "4  allocate 4 1          XXXXX",
        "6  free 3                X-X-X",
        "7  allocate 5 2          XXXXX",
    ] {
        assert!(text.lines().any(|it| it == line), "{line}: {text}");
    }
    let at = |sign: &str| text.find(sign).unwrap_or_else(|| panic!("{sign}: {text}"));
    assert!(at("XXXXX") < at("X-X-X"), "{text}");
}

#[test]
fn a_failure_is_shown_with_its_holes() {
    let folder = Folder::new();
    let text = folder.answer("watch -s first-fit,compaction");
    assert!(text.contains("first-fit refused operation 7, allocate 5 2: 2 B free, in 2 holes"));
}

#[test]
fn a_window_shows_each_of_its_operations() {
    let folder = Folder::new();
    folder.answer("generate log-uniform -o app.hlt --operations 600 --set live=40 --seed 1");
    let line = "watch app.hlt -s first-fit,compaction --heap 1.1x --window 100..104";
    let text = folder.answer(line);
    let shown: Vec<_> = text.lines().filter_map(|line| line.split("  ").next()).collect();
    assert_eq!(shown[2..7], ["100", "101", "102", "103", "104"], "{text}");
    let all = folder.answer("watch app.hlt");
    assert!(all.lines().count() < 50, "{all}");
    assert!(all.lines().all(|line| line.len() <= 140 && line.is_ascii()), "{all}");
    let each = folder.answer("watch app.hlt --every 1 --heap unlimited");
    assert!(each.lines().count() >= 600, "{each}");
}

#[test]
fn bad_wishes_are_wrong_usage() {
    let folder = Folder::new();
    for (line, code, words) in [
        ("watch tiny.rep --window 10..12", 2, "operation 10 lies beyond the trace: it has 10"),
        ("watch tiny.rep --window 5..4", 2, "the window from operation 5 to operation 4 is empty"),
        ("watch tiny.rep --window 5", 2, "expected operations from..to such as 1200..1210"),
        ("watch tiny.rep -s bestfit", 2, "did you mean 'best-fit'?"),
        ("watch tiny.rep -s null", 2, "is a floor"),
        ("watch tiny.rep --heap 0", 2, "a heap of 0 is smaller than one granule of 16 bytes"),
        ("watch tiny.rep --every 0", 2, "0"),
        ("watch tiny.rep --set best-fit.c=1", 2, "no parameter of best-fit 'c'"),
        ("watch missing.hlt", 3, "missing.hlt: no such file"),
        ("watch broken.rep", 3, "broken.rep"),
    ] {
        let said = folder.run(line);
        assert_eq!(said.code, code, "{line}: {said:#?}");
        assert!(said.err.contains(words), "{line}: {said:#?}");
        assert!(said.out.is_empty(), "{line}: {said:#?}");
    }
}
