//! `[[expect]]` in suites: claims that a run keeps or breaks.

use crate::support::Folder;

const SUITE: &str = "schema = \"heaplab.suite/1\"\nname = \"s\"\n\
    [run]\nstrategies = [\"*-fit\", \"compaction\"]\nheaps = [\"1.0x\", \"2x\"]\npasses = [\"space\"]\n\
    [[trace]]\nname = \"tiny\"\nfile = \"tiny.rep\"\n";

fn folder(claims: &str) -> Folder {
    let folder = Folder::new();
    folder.write("claims.toml", &format!("{SUITE}{claims}"));
    folder
}

fn claim(strategy: &str, rest: &str) -> String {
    format!("[[expect]]\nstrategy = \"{strategy}\"\ntrace = \"*\"\n{rest}\n")
}

const RUN: &str = "run --suite claims.toml --json r.json --no-html --no-maps";

#[test]
fn kept_claims_are_counted_and_broken_ones_end_in_exit_code_1() {
    let kept = claim("compaction", "metric = \"min_heap_ratio\"\nmax = 1");
    let also = claim("*-fit", "metric = \"space.high_water_ratio\"\nheap = \"2.0x\"\nmin = 0.5");
    let both = folder(&format!("{kept}{also}"));
    let said = both.run(RUN);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.ends_with("Claims: all 2 of the suite are kept.\n"), "{}", said.out);
    let broken = claim("best-fit", "metric = \"high_water_bytes\"\nmax = 16");
    let folder = folder(&format!("{kept}{broken}"));
    let said = folder.run(RUN);
    assert_eq!(said.code, 1, "{said:?}");
    let text = "Claim broken: high_water_bytes of best-fit on * is at most 16: best-fit/tiny/";
    assert!(said.out.contains(text), "{}", said.out);
    assert!(said.out.ends_with("Claims: 1 of 2 of the suite are kept.\n"), "{}", said.out);
    // The report says so for ever, to people and programs; whoever asked for quiet learns why as well.
    let shown = folder.run("show r.json");
    assert!(shown.code == 0 && shown.out.contains(text), "{shown:?}");
    let report = heaplab_report::read(folder.path().join("r.json")).unwrap();
    assert_eq!(report.id, report.content_id());
    let is_kept: Vec<bool> = report.expectations.iter().map(|it| it.is_kept).collect();
    assert_eq!(is_kept, [true, false]);
    let quiet = folder.run(&format!("{RUN} -q"));
    assert!(quiet.code == 1 && quiet.err.contains(text), "{quiet:?}");
}

#[test]
fn a_part_of_a_suite_is_asked_for_its_own_claims() {
    let one = claim("compaction", "metric = \"min_heap_ratio\"\nmax = 0.5");
    let two = claim("best-fit", "metric = \"high_water_ratio\"\nheap = \"2x\"\nmax = 2");
    let folder = folder(&format!("{one}{two}"));
    let said = folder.run(&format!("{RUN} -s best-fit"));
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.contains("1 claim of the suite is not asked, about what"), "{said:?}");
    assert!(said.out.ends_with("Claims: the one of the suite is kept.\n"), "{said:?}");
    assert_eq!(folder.run(&format!("{RUN} -s best-fit --heap 1.5x")).code, 0);
    assert_eq!(folder.run(RUN).code, 1);
}

#[test]
fn claims_that_no_run_could_keep_are_refused_with_their_line() {
    for (claims, line, text) in [
        (
            claim("best-fit", "metric = \"min_heap_ratoi\"\nmax = 1"),
            13,
            "did you mean 'min_heap_ratio'?",
        ),
        (claim("best-fit", "metric = \"jw1\""), 10, "the claim about jw1 has no limit"),
        (
            claim("best-fit", "metric = \"jw1\"\nmin = 2\nmax = 1"),
            10,
            "no value is at least 2 and at most 1",
        ),
        (claim("best-fit", "metric = \"jw1\"\nmax = nan"), 10, "a limit of jw1 is no number"),
        (claim("bestfit", "metric = \"jw1\"\nmax = 1"), 11, "did you mean 'best-fit'?"),
        (claim("[", "metric = \"jw1\"\nmax = 1"), 11, "'[' is no pattern"),
        (
            claim("free-list", "metric = \"jw1\"\nmax = 1"),
            11,
            "the strategy of a claim takes no part",
        ),
        (
            claim("best-fit", "metric = \"jw1\"\nmax = 1\nheap = \"3x\""),
            11,
            "the heap of a claim takes no part",
        ),
        (
            claim("best-fit", "metric = \"jw1\"\nmax = 1").replace("\"*\"", "\"tinyy\""),
            12,
            "did you mean 'tiny'?",
        ),
        (
            claim("best-fit", "metric = \"jw1\"\nmaxi = 1"),
            14,
            "'maxi' is not known; did you mean 'max'?",
        ),
        (claim("best-fit", "metric = \"jw1\"\nmax = 1\nheap = \"2y\""), 15, "2y"),
    ] {
        let folder = folder(&claims);
        let said = folder.run(RUN);
        assert_eq!((said.code, said.out.as_str()), (3, ""), "{text}: {said:?}");
        assert!(said.err.contains(text), "{text}: {said:?}");
        assert!(said.err.contains(&format!("claims.toml:{line}: ")), "{line}: {said:?}");
        assert!(!folder.path().join("r.json").exists(), "nothing was measured");
    }
}
