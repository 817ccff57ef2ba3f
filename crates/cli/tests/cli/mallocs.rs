//! Mallocs of shared libraries that hang and abort: they cost their cells, and nobody else's, whenever they do it.

use std::process::Command;

use serde_json::Value;

use crate::support::Folder;

/// A malloc that passes on to the system's until it has been called `AFTER` times, and then hangs or aborts.
const FAULTY: &str = r#"#![no_std]
use core::ffi::c_void;
use core::sync::atomic::{AtomicUsize, Ordering};

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

#[link(name = "c")]
extern "C" {
    fn __libc_malloc(size: usize) -> *mut c_void;
    fn __libc_realloc(block: *mut c_void, size: usize) -> *mut c_void;
    fn __libc_free(block: *mut c_void);
    fn pause() -> i32;
    fn abort() -> !;
}

static CALLS: AtomicUsize = AtomicUsize::new(0);

#[no_mangle]
pub unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
    if CALLS.fetch_add(1, Ordering::Relaxed) >= AFTER {
        while HANGS {
            pause();
        }
        abort();
    }
    __libc_malloc(size)
}

#[no_mangle]
pub unsafe extern "C" fn realloc(block: *mut c_void, size: usize) -> *mut c_void {
    __libc_realloc(block, size)
}

#[no_mangle]
pub unsafe extern "C" fn free(block: *mut c_void) {
    __libc_free(block);
}
"#;

/// Builds it as `libNAME.so`. Whoever has built this test has a compiler and its linker.
fn build(folder: &Folder, name: &str, after: usize, hangs: bool) {
    let source = format!("{FAULTY}const AFTER: usize = {after};\nconst HANGS: bool = {hangs};\n");
    folder.write("faulty.rs", &source);
    let built = Command::new("rustc")
        .args(["--crate-type", "cdylib", "--edition", "2021", "-C", "panic=abort", "-O"])
        .args(["-o", &format!("lib{name}.so"), "faulty.rs"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
}

#[test]
fn a_malloc_that_hangs_or_aborts_costs_its_cell() {
    let folder = Folder::new();
    // The trace calls six times. Late is when it has been replayed once already, as before anything is timed.
    for (name, after, hangs) in [
        ("hangs", 3, true),
        ("aborts", 3, false),
        ("hangs-late", 8, true),
        ("aborts-late", 8, false),
    ] {
        build(&folder, name, after, hangs);
    }
    let mallocs = ["hangs", "aborts", "hangs-late", "aborts-late"]
        .map(|name| format!("--malloc ./lib{name}.so"))
        .join(" ");
    let said = folder.run(&format!(
        "run tiny.rep -s best-fit {mallocs} --malloc libc.so.6 --heap 2x --rounds 2 --timeout 200ms --json r.json"
    ));
    // They are no strategies of ours, so the answer is not a bad one.
    assert_eq!(said.code, 0, "{said:?}");
    let report: Value = serde_json::from_str(&folder.read("r.json")).unwrap();
    let cells = report["cells"].as_array().unwrap();
    let cell = |id: &str| {
        cells.iter().find(|cell| cell["id"] == id).unwrap_or_else(|| panic!("no cell {id}"))
    };
    for (name, status, message) in [
        ("libhangs", "timeout", "an operation did not return within its share of time"),
        ("libaborts", "crashed", "its process died of signal 6 (SIGABRT, it aborted)"),
        ("libhangs-late", "timeout", "untimed: replayed in a process of its own"),
        ("libaborts-late", "crashed", "untimed: replayed in a process of its own"),
    ] {
        let cell = cell(&format!("{name}/tiny/unlimited"));
        assert_eq!(cell["outcome"]["status"], status, "{cell}");
        assert!(cell["outcome"]["message"].as_str().unwrap().starts_with(message), "{cell}");
        assert!(cell["time"].is_null(), "{cell}");
    }
    for id in ["best-fit/tiny/2x", "libc/tiny/unlimited"] {
        let cell = cell(id);
        assert_eq!(cell["outcome"]["status"], "ok", "{cell}");
        assert_eq!(cell["time"]["samples_ns"].as_array().map(Vec::len), Some(2), "{cell}");
    }
}

#[test]
fn a_malloc_that_fails_first_in_a_timed_round_costs_its_own_times() {
    let folder = Folder::new();
    // Rehearsed twice it calls twelve times, and in a third or fourth replay of one process it is lost.
    build(&folder, "hangs", 14, true);
    build(&folder, "aborts", 20, false);
    let line = "run tiny.rep -s best-fit --malloc ./libhangs.so --malloc ./libaborts.so --malloc libc.so.6 \
                --heap 2x --rounds 5 --timeout 2s --json r.json";
    let said = folder.run(line);
    assert_eq!(said.code, 0, "{said:?}");
    let report: Value = serde_json::from_str(&folder.read("r.json")).unwrap();
    assert_eq!(report["complete"], true);
    assert_eq!(report["measurement"]["rounds"], 5);
    let cells = report["cells"].as_array().unwrap();
    let cell = |id: &str| cells.iter().find(|cell| cell["id"] == id).unwrap();
    for (name, status, reason) in [
        ("libhangs", "timeout", "an operation did not return within "),
        ("libaborts", "crashed", "its process died of signal 6 (SIGABRT, it aborted)"),
    ] {
        let cell = cell(&format!("{name}/tiny/unlimited"));
        assert_eq!(cell["outcome"]["status"], status, "{cell}");
        let message = cell["outcome"]["message"].as_str().unwrap();
        assert!(
            message.starts_with(&format!("untimed: while it was timed, {reason}")),
            "{message}"
        );
        // What is known of its memory stays.
        assert!(cell["time"].is_null() && !cell["space"].is_null(), "{cell}");
        assert!(said.err.contains(&format!("{name} is not timed")), "{said:?}");
    }
    for id in ["best-fit/tiny/2x", "null/tiny/2x", "libc/tiny/unlimited"] {
        let cell = cell(id);
        assert_eq!(cell["outcome"]["status"], "ok", "{cell}");
        assert_eq!(cell["time"]["samples_ns"].as_array().map(Vec::len), Some(5), "{cell}");
        assert!(!cell["latency"].is_null(), "{cell}");
    }
    let codes = report["warnings"].as_array().unwrap().iter().map(|it| it["code"].as_str());
    assert!(codes.flatten().any(|code| code == "lost_while_timed"), "{report}");
}
