//! The page in a real browser; skipped with a message where there is none.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what fails here fails its test")]
#![expect(clippy::print_stderr, reason = "whoever runs the tests is told what was skipped")]

mod driver;
mod maps;

use std::path::{Path, PathBuf};

use driver::Browser;
use heaplab_page::{Compared, Options, render, render_comparison};
use heaplab_report::compare::{self, compare};
use heaplab_report::view::Selection;
use serde_json::json;

const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";
const RIGHT: &str = "\u{E014}";

/// The page of the reference report, which an earlier version wrote, in a folder that lives as long as the test.
fn page() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.html");
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let report = heaplab_report::read(root.join("results/reference.json")).unwrap();
    std::fs::write(&path, render(&[report], &Options::default())).unwrap();
    (folder, path)
}

const SHOWN_ROWS: &str = "return [...document.querySelectorAll('table.matrix')][0].tBodies[0].rows.length \
    && [...[...document.querySelectorAll('table.matrix')][0].tBodies[0].rows].filter((row) => row.offsetParent).length";

#[test]
fn it_loads_sorts_filters_and_asks_nobody() {
    let Some(browser) = Browser::start() else { return };
    let (_folder, page) = page();
    browser.open(&page, "");
    let ready = browser.text("return document.documentElement.dataset.ready");
    assert!(!ready.is_empty(), "the script did not come to its end");
    println!("interactive after {ready} ms");

    // Sorting: by a figure up, then down.
    let column = |what: &str| {
        browser.run(&format!(
            "const table = document.querySelector('table.matrix');\
             {what};\
             return [...table.tBodies[0].rows].map((row) => Number(row.cells[2].dataset.v)).filter((it) => it);"
        ))
    };
    let click = "table.querySelectorAll('thead button')[2].click()";
    let up: Vec<f64> = serde_json::from_value(column(click)).unwrap();
    assert!(up.len() > 3 && up.is_sorted(), "{up:?}");
    let down: Vec<f64> = serde_json::from_value(column(click)).unwrap();
    assert!(down.iter().rev().is_sorted() && down.len() == up.len(), "{down:?}");

    // Filters, and the state in the address.
    let all = browser.number(SHOWN_ROWS);
    browser.run("const it = document.getElementById('f-strategy'); it.value = '*-fit'; it.dispatchEvent(new Event('input'))");
    let some = browser.number(SHOWN_ROWS);
    assert!(some > 0.0 && some < all, "{some} of {all}");
    browser.run("const it = document.getElementById('f-light'); it.selectedIndex = 1; it.dispatchEvent(new Event('input'))");
    let hash = browser.text("return location.hash");
    assert!(hash.contains("s=*-fit") && hash.contains("hl="), "{hash}");
    browser.open(&page, &hash);
    assert!(
        (browser.number(SHOWN_ROWS) - some).abs() < 0.5,
        "the address does not bring the state back"
    );
    let faint = "return [...document.querySelectorAll('figure .k')].filter((it) => getComputedStyle(it).opacity < 0.5).length";
    assert!(browser.number(faint) > 0.0);

    // One scale or the other.
    let seen = |class: &str| {
        format!("return getComputedStyle(document.querySelector('#cost-0 svg.{class}')).display")
    };
    assert_eq!(browser.text(&seen("two")), "none");
    browser.run("document.getElementById('b-scale').click()");
    assert_eq!(
        (browser.text(&seen("one")), browser.text(&seen("two"))),
        ("none".into(), "block".into())
    );

    // A link into something folded opens it.
    browser.open(&page, "#t3");
    assert_eq!(browser.run("return document.getElementById('t3').open"), json!(true));

    // The report inside is the report.
    let read = heaplab_report::read(&page).unwrap();
    assert!(read.cells.len() > 100);

    assert_eq!(browser.complaints(), Vec::<String>::new());
    asks_nobody(&browser);
}

/// The page of the reference report compared with itself, one of its strategies slower by half.
fn comparison_page() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("compared.html");
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let old = heaplab_report::read(root.join("results/reference.json")).unwrap();
    let mut new = old.clone();
    for cell in new.cells.iter_mut().filter(|cell| cell.strategy == "first-fit") {
        for ns in cell.time.iter_mut().flat_map(|time| &mut time.samples_ns) {
            *ns += *ns / 2;
        }
    }
    new.seal();
    // Its six rounds are enough for the rows of one strategy.
    let one = Selection::new(&["first-fit".to_owned()], &[], &[]).unwrap();
    let comparison = compare(&old, &new, &one, &compare::Options::default());
    let compared = Compared {
        old: &old,
        new: &new,
        old_name: "old.json",
        new_name: "new.json",
        comparison: &comparison,
    };
    std::fs::write(&path, render_comparison(&compared, &Options::default())).unwrap();
    (folder, path)
}

/// A page was read from its file, and nothing from anywhere else.
fn asks_nobody(browser: &Browser) {
    let asked = browser.requests();
    // The tab that the browser starts with is made of chrome: pages, which no file can ask for; data: asks nobody.
    let is_own =
        |url: &String| ["file:", "about:", "chrome:", "data:"].iter().any(|it| url.starts_with(it));
    let strangers: Vec<_> = asked.iter().filter(|url| !is_own(url)).collect();
    assert!(
        asked.iter().any(|url| url.starts_with("file:")) && strangers.is_empty(),
        "{strangers:?}"
    );
}

/// Ends with the page opened anew in the window.
fn fits_a_window_and_a_phone(browser: &Browser, page: &Path) {
    for width in [1280, 390] {
        browser.resize(width);
        browser.open(page, "");
        let wide = browser.number("return document.documentElement.scrollWidth");
        assert!(wide <= f64::from(width), "{wide} in a window of {width}");
    }
    browser.resize(1280);
    browser.open(page, "");
}

#[test]
fn a_comparison_filters_reads_out_and_asks_nobody() {
    let Some(browser) = Browser::start() else { return };
    let (_folder, page) = comparison_page();
    fits_a_window_and_a_phone(&browser, &page);
    assert!(!browser.text("return document.documentElement.dataset.ready").is_empty());
    let shown =
        "return [...document.querySelectorAll('.forest')].filter((it) => it.offsetParent).length";
    let all = browser.number(shown);
    browser.run("const it = document.getElementById('f-trace'); it.selectedIndex = 1; it.dispatchEvent(new Event('input'))");
    assert!(all > 5.0 && (browser.number(shown) - 1.0).abs() < 0.5, "{all}");
    browser.run("document.querySelector('.forest .scroll').focus()");
    browser.press(RIGHT);
    let said = browser.text("return document.querySelector('.forest .readout').textContent");
    assert!(said.contains("first-fit") && said.contains('%'), "{said:?}");
    // The verdict's word is seen, and in the colors of both themes.
    let color = "return getComputedStyle([...document.querySelectorAll('.forest text')].find((it) => it.textContent == 'worse')).fill";
    let light = browser.text(color);
    browser.open(&page, "#theme=dark");
    assert_ne!(browser.text(color), light);
    assert_eq!(browser.complaints(), Vec::<String>::new());
    asks_nobody(&browser);
}

#[test]
fn it_fits_a_window_a_phone_and_paper_in_light_and_dark() {
    let Some(browser) = Browser::start() else { return };
    let (_folder, page) = page();
    fits_a_window_and_a_phone(&browser, &page);
    let ground = "return getComputedStyle(document.body).backgroundColor";
    let dark = |wanted: &str| {
        let feature = json!([{ "name": "prefers-color-scheme", "value": wanted }]);
        browser.cdp("Emulation.setEmulatedMedia", &json!({ "features": feature }));
        browser.text(ground)
    };
    let (light, night) = (dark("light"), dark("dark"));
    assert_ne!(light, night);
    browser.run("document.getElementById('b-theme').click()");
    assert_eq!(browser.text("return document.documentElement.dataset.theme"), "dark");
    browser.run("document.getElementById('b-theme').click()");
    assert_eq!(browser.text(ground), light, "the switch stands above the system");

    let paper = browser.print();
    assert!(paper.starts_with("JVBERi"), "no PDF");
    assert!(
        paper.len() > 200_000,
        "{} characters of PDF: was what is folded printed?",
        paper.len()
    );
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn it_works_by_keyboard_alone() {
    let Some(browser) = Browser::start() else { return };
    let (_folder, page) = page();
    browser.open(&page, "");
    browser.press(TAB);
    assert_eq!(browser.text("return document.activeElement.className"), "skip");
    browser.press(ENTER);
    assert_eq!(browser.text("return document.activeElement.id"), "main");
    // Every stop on the way shows that it is one.
    for _ in 0..25 {
        browser.press(TAB);
        let outline = browser.text("return getComputedStyle(document.activeElement).outlineStyle");
        let name = browser.text("return document.activeElement.outerHTML.slice(0, 80)");
        assert!(outline != "none" || name.starts_with("<body"), "no focus to be seen on {name}");
    }
    browser.run("document.querySelector('#cost-0 .scroll').focus()");
    browser.press(RIGHT);
    let first = browser.text("return document.querySelector('#cost-0 .readout').textContent");
    browser.press(RIGHT);
    let second = browser.text("return document.querySelector('#cost-0 .readout').textContent");
    assert!(first.contains("ns") && first != second, "{first:?} {second:?}");
    assert_eq!(browser.text("return document.getElementById('status').textContent"), second);
}

/// `HEAPLAB_AXE` names a copy of axe-core, which is not ours to keep here.
#[test]
fn an_accessibility_checker_finds_nothing_serious() {
    let Some(axe) = std::env::var_os("HEAPLAB_AXE") else {
        eprintln!("skipped: HEAPLAB_AXE names no axe.min.js");
        return;
    };
    let Some(browser) = Browser::start() else { return };
    let (_folder, page) = page();
    let axe = std::fs::read_to_string(axe).unwrap();
    for theme in ["light", "dark"] {
        browser.open(&page, &format!("#theme={theme}"));
        browser.run(&axe);
        let found = browser.run_async(
            "const done = arguments[arguments.length - 1];\
             axe.run({ resultTypes: ['violations'] }).then((it) => done(it.violations\
             .filter((v) => ['serious', 'critical'].includes(v.impact))\
             .map((v) => `${v.id}: ${v.nodes.length} times, such as ${v.nodes[0].html.slice(0, 200)} ${v.nodes[0].failureSummary}`)), (e) => done([String(e)]))",
        );
        assert_eq!(found, json!([]), "{theme}");
    }
}
