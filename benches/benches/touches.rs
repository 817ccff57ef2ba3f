//! How much memory the worst single operation touches, among many holes.
//!
//! ```text
//! cargo bench -p heaplab-benches --bench touches                        2,000 holes, a few minutes
//! cargo bench -p heaplab-benches --bench touches -- --holes 100000      an hour and more
//! cargo bench -p heaplab-benches --bench touches -- --only best-fit     some strategies alone, named one by one
//! ```
//!
//! Needs valgrind, whose tool lackey prints every load and store of a program. A strategy is performed in a process of its
//! own, with a store to a known address before each operation and behind it; what lies between, off the stack, is counted
//! in units of 32 bytes, the length of an entry of the block table. So entries, bitmaps, heads of lists and whatever else
//! a strategy looks at or changes all count, once each, and the strategy is the one that users run.
//!
//! The goal is 4 log2(holes) + 64 units in the worst operation. Two kinds are told apart: operations in which a table
//! grows, which may copy the table, and requests with an alignment above the granule, for which an exact fit may look
//! through all holes between the size and the size plus the alignment.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is the purpose")]

use std::env;
use std::io::BufReader;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use heaplab_benches::scene::{SCENES, Scene, strategies};

/// Written before each operation, and behind it.
static BEGIN: AtomicU64 = AtomicU64::new(0);
static END: AtomicU64 = AtomicU64::new(0);

/// Loads and stores this near to a variable of `main` are the stack's.
const STACK_BYTES: u64 = 4 << 20;

/// Bytes of a unit, as a power of two.
const UNIT_SHIFT: u32 = 5;

/// Holes that can be made in reasonable time where every load is printed.
const HOLES: u32 = 2_000;

const STRATEGIES: [&str; 6] =
    ["best-fit", "best-fit-lifo", "first-fit", "worst-fit", "compaction-fit", "free-list"];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).filter(|it| it != "--bench").collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--once", strategy, scene, holes] => once(strategy, scene, holes),
        _ => options(&arguments).and_then(|(holes, only)| measure(holes, &only)),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn options(arguments: &[String]) -> Result<(u32, Vec<&str>), String> {
    let (mut holes, mut only) = (HOLES, Vec::new());
    let mut arguments = arguments.iter().map(String::as_str);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or(format!("{argument} expects a value"))?;
        match argument {
            "--holes" => holes = value.parse().map_err(|_| format!("{value} is no number"))?,
            "--only" => only.push(value),
            _ => return Err(format!("expected --holes NUMBER or --only NAME, found {argument}")),
        }
    }
    if only.is_empty() {
        only.extend(STRATEGIES);
    }
    Ok((holes, only))
}

/// Performs a scene, its operations marked; prints where the marks and the stack are, and in the end, on a line each,
/// which operations grew a table and which asked for an alignment.
fn once(strategy: &str, scene: &str, holes: &str) -> Result<bool, String> {
    let holes = holes.parse().map_err(|_| format!("{holes} is no number of holes"))?;
    let scene = Scene::named(scene).ok_or(format!("no scene is called {scene}"))?;
    let on_stack = 0_u8;
    let address = |it: *const AtomicU64| it.addr();
    let stack = (&raw const on_stack).addr();
    println!("{} {} {stack}", address(&raw const BEGIN), address(&raw const END));
    let begin = |index| BEGIN.store(index, Ordering::SeqCst);
    let end = |index| END.store(index, Ordering::SeqCst);
    let apart = strategies(strategy, |play| play.perform(scene, holes, &begin, &end))
        .ok_or(format!("no strategy is called {strategy}"))??;
    for indices in [apart.growing, apart.aligned] {
        let indices: Vec<String> = indices.iter().map(u64::to_string).collect();
        println!("{}", indices.join(" "));
    }
    Ok(true)
}

fn measure(holes: u32, only: &[&str]) -> Result<bool, String> {
    let bound = 4.0 * f64::from(holes.max(1)).log2() + 64.0;
    println!("units of {} bytes touched, {holes} holes; goal {bound:.0}", 1 << UNIT_SHIFT);
    println!(
        "{:16}{:12}{:>10}{:>12}{:>14}{:>14}",
        "strategy", "scene", "worst", "at", "when growing", "when aligned"
    );
    let mut is_within = true;
    for strategy in only {
        for scene in SCENES {
            let touched = watch(strategy, scene.name(), holes)?;
            is_within &= f64::from(touched.worst) <= bound;
            print!("{strategy:16}{:12}{:>10}", scene.name(), touched.worst);
            print!("{:>12}{:>14}", touched.worst_index, touched.worst_growing);
            println!("{:>14}", touched.worst_aligned);
        }
    }
    Ok(is_within)
}

/// What the operations of one process touched.
#[derive(Clone, Copy, Default)]
struct Touched {
    worst: u32,
    /// The operation, counted from 0.
    worst_index: u64,
    worst_growing: u32,
    worst_aligned: u32,
}

/// The marks' addresses and the stack's, once the watched process has told them.
#[derive(Default)]
struct Places {
    begin: AtomicU64,
    end: AtomicU64,
    stack: AtomicU64,
}

fn watch(strategy: &str, scene: &str, holes: u32) -> Result<Touched, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let mut child = Command::new("valgrind")
        .args(["--tool=lackey", "--trace-mem=yes"])
        .arg(program)
        .args(["--once", strategy, scene, &holes.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("valgrind: {error}"))?;
    let places = Places::default();
    let (counts, apart) = thread::scope(|scope| {
        let told = child.stdout.take().map(BufReader::new);
        let told = scope.spawn(|| told.map(|told| listen(told, &places)).unwrap_or_default());
        let counts = child.stderr.take().map(BufReader::new);
        let counts = counts.map(|lines| count(lines, &places)).unwrap_or_default();
        (counts, told.join().unwrap_or_default())
    });
    check(&mut child)?;
    if counts.is_empty() {
        return Err(format!("{strategy} on {scene}: valgrind printed no operation"));
    }
    let [grown, aligned] = &apart[..] else {
        return Err(format!("{strategy} on {scene}: the watched process told {apart:?}"));
    };
    let mut touched = Touched::default();
    for (index, count) in (0..).zip(counts) {
        if grown.contains(&index) {
            touched.worst_growing = touched.worst_growing.max(count);
        } else if aligned.contains(&index) {
            touched.worst_aligned = touched.worst_aligned.max(count);
        } else if count > touched.worst {
            (touched.worst, touched.worst_index) = (count, index);
        }
    }
    Ok(touched)
}

fn check(child: &mut Child) -> Result<(), String> {
    let status = child.wait().map_err(|error| error.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("the watched process ended: {status}")) }
}

/// Takes the places, which stand in the first line, and returns the numbers of each line behind it.
fn listen(told: impl std::io::BufRead, places: &Places) -> Vec<Vec<u64>> {
    let mut lines = told
        .lines()
        .map_while(Result::ok)
        .map(|line| line.split(' ').filter_map(|word| word.parse().ok()).collect::<Vec<u64>>());
    if let Some([begin, end, stack]) = lines.next().as_deref() {
        places.stack.store(*stack, Ordering::SeqCst);
        places.end.store(*end, Ordering::SeqCst);
        places.begin.store(*begin, Ordering::SeqCst);
    }
    lines.collect()
}

/// The units that each operation touched.
fn count(mut lines: impl std::io::BufRead, places: &Places) -> Vec<u32> {
    let (mut counts, mut units, mut is_open) = (Vec::new(), Vec::new(), false);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        // " L 04222c4c,8" is a load, S a store, M both; instructions begin with "I".
        if let [b' ', b'L' | b'S' | b'M', b' ', place @ ..] = &line[..]
            && let Some((address, len)) = parse(place)
        {
            if address == places.begin.load(Ordering::Relaxed) {
                is_open = true;
                units.clear();
            } else if address == places.end.load(Ordering::Relaxed) {
                // A mark may be printed as a load and a store.
                if !std::mem::take(&mut is_open) {
                    line.clear();
                    continue;
                }
                units.sort_unstable();
                units.dedup();
                counts.push(u32::try_from(units.len()).unwrap_or(u32::MAX));
            } else if is_open
                && address.abs_diff(places.stack.load(Ordering::Relaxed)) > STACK_BYTES
            {
                units.extend(address >> UNIT_SHIFT..=(address + len - 1) >> UNIT_SHIFT);
            }
        }
        line.clear();
    }
    counts
}

/// An address in hexadecimal digits, and a length.
fn parse(place: &[u8]) -> Option<(u64, u64)> {
    let text = str::from_utf8(place).ok()?;
    let (address, len) = text.trim_end().split_once(',')?;
    let len = len.parse().ok().filter(|len| *len > 0)?;
    Some((u64::from_str_radix(address, 16).ok()?, len))
}
