//! The player of heap maps.

#![expect(clippy::unwrap_used, reason = "a step that fails fails its test")]

use heaplab_page::{Options, render};
use heaplab_report::map::{
    BlockColumns, FateColumns, MoveColumns, OperationColumns, Steps, pack_rows,
};
use heaplab_report::{
    HeapMap, HeapSpec, MapFailure, MapLayer, MapPoint, MapRows, Report, StrategyEntry, TraceEntry,
};

use crate::driver::Browser;

const PLAYER: &str = "const player = document.querySelector('.map-player').player;";

/// Blocks that live at a time.
const BLOCKS: u32 = 10_000;
/// Operations of the window.
const OPERATIONS: u32 = 3_000;

/// A heap of blocks of 48 bytes, 64 bytes apart; every second operation frees one, the others allocate it anew in the same
/// place. The first operation moves the block of slot 7 into the hole in front of it.
fn map(strategy: &str) -> HeapMap {
    let all = || 0..BLOCKS;
    let kinds = (0..OPERATIONS).map(|at| if at.is_multiple_of(2) { 2 } else { 0 });
    let slot = |at: u32| (at / 2 + 8) % BLOCKS;
    let allocates = |at: u32, value: u64| if at.is_multiple_of(2) { 0 } else { value };
    let steps = Steps {
        before: BlockColumns {
            slot: all().collect(),
            size: all().map(|_| 40).collect(),
            offset: all().map(|slot| u64::from(slot) * 64).collect(),
            len: all().map(|_| 48).collect(),
            born: all().map(|_| 0).collect(),
            ..BlockColumns::default()
        },
        operations: OperationColumns {
            kind: kinds.collect(),
            slot: (0..OPERATIONS).map(slot).collect(),
            size: (0..OPERATIONS).map(|at| allocates(at, 40)).collect(),
            offset: (0..OPERATIONS).map(|at| allocates(at, u64::from(slot(at)) * 64)).collect(),
            len: (0..OPERATIONS).map(|at| allocates(at, 48)).collect(),
            ..OperationColumns::default()
        },
        moves: MoveColumns { step: vec![0], slot: vec![7], to: vec![7 * 64 - 16] },
        fates: FateColumns { slot: vec![3], freed: vec![99_999] },
    };
    let columns = 512;
    let extent_bytes = u64::from(BLOCKS) * 64;
    let fill = vec![6; 2 * columns];
    let born = vec![1; 2 * columns];
    HeapMap {
        trace: "</script><b>trace</b>".into(),
        strategy: strategy.into(),
        heap: HeapSpec { bytes: extent_bytes, ratio: None, spec: "625KiB".into() },
        granule_bytes: 16,
        from_operation: 50_000,
        to_operation: 50_000 + u64::from(OPERATIONS),
        extent_bytes,
        high_water: Some(MapPoint { operation: 50_000, bytes: extent_bytes - 16 }),
        rows: MapRows {
            columns: 512,
            operation_index: vec![50_000, 50_000 + u64::from(OPERATIONS) - 1],
            end_bytes: vec![extent_bytes - 16; 2],
            live_bytes: vec![u64::from(BLOCKS) * 48; 2],
            layers: vec![MapLayer::Fill, MapLayer::Born],
            data: pack_rows(&[&fill, &born], 512),
            ..MapRows::default()
        },
        steps: Some(steps.pack()),
        ..HeapMap::default()
    }
}

fn page() -> (tempfile::TempDir, std::path::PathBuf) {
    let maps = vec![map("first-fit"), map("compaction")];
    for map in &maps {
        assert_eq!(map.problem(), None);
    }
    let strategy =
        |map: &HeapMap| StrategyEntry { name: map.strategy.clone(), ..StrategyEntry::default() };
    let trace = TraceEntry { name: maps[0].trace.clone(), ..TraceEntry::default() };
    let strategies = maps.iter().map(strategy).collect();
    let report = Report { traces: vec![trace], strategies, maps, ..Report::default() };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.html");
    std::fs::write(&path, render(&[report], &Options::default())).unwrap();
    (folder, path)
}

/// Waits for the player, and brings it into view.
fn ready(browser: &Browser) {
    let is_there = browser.run_async(
        "const done = arguments[arguments.length - 1];\
         document.querySelector('.map-player').scrollIntoView();\
         const look = (left) => document.querySelector('.map-player').player ? done(true)\
             : left ? setTimeout(look, 50, left - 1) : done(false);\
         look(200);",
    );
    assert_eq!(is_there, serde_json::json!(true), "{:?}", browser.complaints());
}

#[test]
fn it_steps_tells_of_blocks_and_keeps_its_place() {
    let Some(browser) = Browser::start() else { return };
    let (_folder, page) = page();
    browser.open(&page, "");
    ready(&browser);
    let pictures = browser.number("return document.querySelectorAll('canvas.map-rows').length");
    assert!((pictures - 2.0).abs() < 0.5, "{pictures}");
    let told = |offset: u64| {
        let tell = format!(
            "{PLAYER} const panel = player.panels[0]; player.choose(panel, {offset}); return panel.told.textContent"
        );
        browser.text(&tell)
    };
    assert!(
        told(3 * 64 + 5)
            .starts_with("Slot 3: 40 bytes asked for, 48 long, at 192. Allocated by operation 0")
    );
    assert!(told(3 * 64).contains("freed by operation 99"), "what is behind the window is known");
    assert_eq!(told(3 * 64 + 50), "Free at 242.");
    browser.run(&format!(
        "{PLAYER} player.root.dispatchEvent(new KeyboardEvent('keydown', {{ key: 'ArrowRight' }}))"
    ));
    // Until the slide has ended the block is on its way.
    browser.run_async("setTimeout(arguments[arguments.length - 1], 900, true)");
    assert!(told(7 * 64 - 16).contains("moved once"), "{}", told(7 * 64 - 16));
    assert_eq!(told(8 * 64), "Free at 512.", "the first operation frees slot 8");
    browser.run(&format!("{PLAYER} player.step(-1); player.step(1); player.step(1)"));
    browser.run_async("setTimeout(arguments[arguments.length - 1], 900, true)");
    assert!(
        told(8 * 64).contains("Allocated by operation 50\u{a0}001, 0 operations ago"),
        "{}",
        told(8 * 64)
    );
    browser.run(&format!("{PLAYER} player.seek(1200); player.colorBy('size')"));
    let hash = browser.run_async(
        "const done = arguments[arguments.length - 1]; setTimeout(() => done(location.hash), 600)",
    );
    let hash = hash.as_str().unwrap().to_owned();
    assert!(hash.contains("operation=51199") && hash.contains("color=size"), "{hash}");
    browser.open(&page, &hash);
    ready(&browser);
    assert_eq!(
        browser.text(&format!("{PLAYER} return [player.at, player.by].join()")),
        "1200,size"
    );
    let markup = browser.text("return String(document.querySelectorAll('summary b').length)");
    assert_eq!(markup, "0", "a trace's name is text");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

/// How fast it is depends on the machine and on who else uses it: told, and not judged.
#[test]
fn it_plays_two_strategies_of_ten_thousand_blocks() {
    let Some(browser) = Browser::start() else { return };
    let (_folder, page) = page();
    browser.open(&page, "");
    ready(&browser);
    let frames = browser.run_async(&format!(
        "const done = arguments[arguments.length - 1]; {PLAYER}\
         player.seek(0); player.rate = 1000; player.play(true);\
         let frames = 0; const begun = performance.now();\
         const count = (time) => {{ frames += 1;\
             if (time - begun < 2000) requestAnimationFrame(count);\
             else {{ player.play(false); done([frames / 2, player.at]); }} }};\
         requestAnimationFrame(count);"
    ));
    let [frames, at] = [0, 1].map(|index| frames[index].as_f64().unwrap());
    println!("{frames} frames a second, {at} operations in two seconds");
    assert!(at > 10.0, "it stands at {at}");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_refused_request_is_marked_without_scripts() {
    let mut refused = map("first-fit");
    refused.steps = None;
    refused.failure = Some(MapFailure {
        operation: 53_000,
        requested_bytes: 4096,
        free_bytes: 8192,
        holes: 3,
        largest_hole_bytes: 64,
        ..MapFailure::default()
    });
    let report = Report { maps: vec![refused], ..Report::default() };
    let page = render(&[report], &Options::default());
    assert!(
        page.contains("refused operation 53 000: 4.00 KiB asked for")
            || page.contains("refused operation 53 000: 4 KiB asked for")
    );
    assert!(page.contains("map-failure"), "the moment is drawn");
    assert!(!page.contains("</script><b>"), "names are text");
}
