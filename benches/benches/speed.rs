//! How strategies compare with published allocators, as `results/speed.json`.
//!
//! ```text
//! cargo bench -p heaplab-benches --bench speed                          the recorded traces of the suite, and s1 to s6
//! cargo bench -p heaplab-benches --bench speed -- --traces FOLDER       more traces of real programs beside them
//! cargo bench -p heaplab-benches --bench speed -- --only real           the one or the other alone: real, generated
//! cargo bench -p heaplab-benches --bench speed -- --out FILE            writes FILE too
//! ```
//!
//! Paths count from the root of the workspace, since cargo starts benchmarks elsewhere.
//!
//! Each round replays every contestant once on a trace, in a heap of four times its peak of live bytes, beginning with
//! another contestant each time; a cell is the median over the rounds. Ratios are geometric means over the traces on
//! which both sides have a figure, each trace weighing one; real and generated traces are never mixed. Contestants that
//! take too long for one replay have no figure on that trace.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is the purpose")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs};

use heaplab_benches::{Contestant, contestants, generated, recorded};
use heaplab_harness::environment;
use heaplab_harness::timed::TimedRoom;
use heaplab_report::stats::median;
use heaplab_trace::import::{ImportOptions, import_file};
use heaplab_trace::{Trace, TraceBuilder, TraceInfo, peak_live_bytes};
use serde::Serialize;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

const PRESETS: [&str; 7] = ["s1", "s2", "s3", "s4", "s4b", "s5", "s6"];

const GENERATED_OPERATIONS: u64 = 500_000;

/// Shorter traces are left out: their caches never fill.
const LEAST_OPERATIONS: usize = 5_000;

const HEAP_OVER_PEAK: u64 = 4;

const GRANULE_BYTES: u64 = 16;

const ROUNDS: usize = 5;

/// Slower contestants get no figure, by time per operation.
const LONGEST_NS_PER_OPERATION: u32 = 500;

/// What is compared with what, and what is aimed at: contestant, base, ratio.
const GOALS: &[(&str, &str, f64)] = &[
    ("free-list", "offset-allocator", 0.6),
    ("free-list", "talc", 0.9),
    ("best-fit-lifo", "offset-allocator", 0.6),
    ("best-fit-lifo", "talc", 1.0),
    ("best-fit", "offset-allocator", 0.8),
    ("best-fit", "talc", 1.0),
    ("best-fit", "orderly", 1.0 / 6.0),
    ("best-fit", "range-alloc", 1.0 / 15.0),
    ("first-fit", "best-fit", 1.5),
    ("next-fit", "best-fit", 2.0),
    ("worst-fit", "best-fit", 2.0),
    (COMPACTION_AT_2, "talc", 0.6),
];

/// `compaction` in a heap of twice the peak, as it would be used; peers beside it keep four times.
const COMPACTION_AT_2: &str = "compaction@2x";

/// The whole result.
#[derive(Serialize)]
struct Speed {
    command: String,
    rounds: usize,
    heap_over_peak: u64,
    environment: heaplab_report::Environment,
    goals: Vec<Goal>,
    real: Vec<Row>,
    generated: Vec<Row>,
}

/// One trace: the median time per operation of each contestant that has one.
#[derive(Serialize)]
struct Row {
    trace: String,
    operations: usize,
    peak_live_bytes: u64,
    ns_per_operation: BTreeMap<&'static str, f64>,
}

/// One comparison, over real traces.
#[derive(Serialize)]
struct Goal {
    contestant: &'static str,
    base: &'static str,
    goal_ratio: f64,
    real_ratio: Option<f64>,
    real_traces: usize,
    generated_ratio: BTreeMap<&'static str, f64>,
}

fn main() -> ExitCode {
    match options().and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

#[derive(Default)]
struct Options {
    skips_real: bool,
    skips_generated: bool,
    folders: Vec<PathBuf>,
    out: Option<PathBuf>,
}

fn options() -> Result<Options, String> {
    let mut options = Options::default();
    let mut arguments = env::args().skip(1).filter(|it| it != "--bench");
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} expects a value"));
        match argument.as_str() {
            "--traces" => options.folders.push(Path::new(ROOT).join(value()?)),
            "--only" => match value()?.as_str() {
                "real" => options.skips_generated = true,
                "generated" => options.skips_real = true,
                other => return Err(format!("expected real or generated, found {other}")),
            },
            "--out" => options.out = Some(Path::new(ROOT).join(value()?)),
            _ => {
                return Err(format!(
                    "expected --traces FOLDER, --only PART or --out FILE, found {argument}"
                ));
            }
        }
    }
    Ok(options)
}

fn run(options: &Options) -> Result<(), String> {
    let mut real = if options.skips_real { Vec::new() } else { recorded() };
    for folder in &options.folders {
        import_all(folder, &mut real)?;
    }
    real.retain(|trace| trace.operations().len() >= LEAST_OPERATIONS);
    let contestants = contestants();
    let mut room = TimedRoom::default();
    let mut rows = Vec::new();
    for trace in &real {
        rows.push(measure(trace, &contestants, &mut room)?);
    }
    let mut synthetic = Vec::new();
    for preset in PRESETS.into_iter().filter(|_| !options.skips_generated) {
        let row = measure(&generated(preset, GENERATED_OPERATIONS), &contestants, &mut room)?;
        synthetic.push(Row { trace: preset.into(), ..row });
    }
    let speed = Speed {
        command: command(),
        rounds: ROUNDS,
        heap_over_peak: HEAP_OVER_PEAK,
        environment: environment(),
        goals: GOALS.iter().map(|goal| compare(goal, &rows, &synthetic)).collect(),
        real: rows,
        generated: synthetic,
    };
    print(&speed, &contestants);
    let Some(out) = &options.out else { return Ok(()) };
    let text = serde_json::to_string_pretty(&speed).map_err(|error| error.to_string())? + "\n";
    fs::write(out, text).map_err(|error| format!("{}: {error}", out.display()))
}

/// Imports every file below a folder; what is no trace is named and left out.
fn import_all(folder: &Path, traces: &mut Vec<Trace>) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    for path in paths {
        if path.is_dir() {
            import_all(&path, traces)?;
            continue;
        }
        let mut builder = TraceBuilder::new(TraceInfo::default());
        match import_file(&path, &ImportOptions::default(), &mut builder) {
            Ok(_) => {
                builder.info_mut().name =
                    path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                traces.push(builder.finish());
            }
            Err(error) => eprintln!("left out: {error}"),
        }
    }
    Ok(())
}

/// The median time per operation of each contestant on one trace.
fn measure(trace: &Trace, contestants: &[Contestant], room: &mut TimedRoom) -> Result<Row, String> {
    let operations = trace.operations().len();
    let peak = peak_live_bytes(trace, GRANULE_BYTES).map_err(|error| error.to_string())?;
    let mut entrants: Vec<(&'static str, &Contestant, u64)> =
        contestants.iter().map(|it| (it.name, it, peak.saturating_mul(HEAP_OVER_PEAK))).collect();
    if let Some(compaction) = contestants.iter().find(|it| it.name == "compaction") {
        entrants.push((COMPACTION_AT_2, compaction, peak.saturating_mul(2)));
    }
    let limit = Duration::from_nanos(operations as u64) * LONGEST_NS_PER_OPERATION;
    room.set_limit(limit.max(Duration::from_millis(50)));
    // What is refused or late in the first round, which warms up, takes no part in the others.
    entrants.retain(|(_, contestant, heap)| contestant.try_time_ns(trace, *heap, room).is_ok());
    let mut samples = vec![Vec::new(); entrants.len()];
    for round in 0..ROUNDS {
        for turn in 0..entrants.len() {
            let index = (turn + round) % entrants.len();
            let (_, contestant, heap) = entrants[index];
            if let Ok(ns) = contestant.try_time_ns(trace, heap, room) {
                samples[index].push(per_operation(ns, operations));
            }
        }
    }
    let name = trace.info().name.clone();
    eprintln!("{name}: {operations} operations, {} contestants", entrants.len());
    let medians = entrants.iter().zip(&samples).filter_map(|(&(name, ..), samples)| {
        (samples.len() == ROUNDS).then(|| median(samples).map(|ns| (name, ns))).flatten()
    });
    Ok(Row { trace: name, operations, peak_live_bytes: peak, ns_per_operation: medians.collect() })
}

#[expect(clippy::cast_precision_loss, reason = "no replay lasts 2^53 ns")]
fn per_operation(ns: u64, operations: usize) -> f64 {
    ns as f64 / operations as f64
}

fn compare(
    &(contestant, base, goal_ratio): &(&'static str, &'static str, f64),
    real: &[Row],
    generated: &[Row],
) -> Goal {
    let ratio =
        |row: &Row| Some(row.ns_per_operation.get(contestant)? / row.ns_per_operation.get(base)?);
    let real: Vec<f64> = real.iter().filter_map(ratio).collect();
    let generated = PRESETS.into_iter().zip(generated);
    Goal {
        contestant,
        base,
        goal_ratio,
        real_ratio: geometric_mean(&real),
        real_traces: real.len(),
        generated_ratio: generated.filter_map(|(name, row)| Some((name, ratio(row)?))).collect(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are few traces")]
fn geometric_mean(values: &[f64]) -> Option<f64> {
    let sum: f64 = values.iter().map(|value| value.ln()).sum();
    (!values.is_empty()).then(|| (sum / values.len() as f64).exp())
}

fn print(speed: &Speed, contestants: &[Contestant]) {
    let names = contestants.iter().map(|it| it.name).chain([COMPACTION_AT_2]);
    print!("{:20}{:>10}", "ns per operation", "real");
    speed.generated.iter().for_each(|row| print!("{:>9}", row.trace));
    println!();
    for name in names {
        let of = |row: &Row| row.ns_per_operation.get(name).copied();
        let real: Vec<f64> = speed.real.iter().filter_map(of).collect();
        // Over fewer traces a mean would not stand beside the others.
        let mean = geometric_mean(&real).filter(|_| real.len() == speed.real.len());
        print!("{name:20}{}", shown(mean, 10));
        speed.generated.iter().for_each(|row| print!("{}", shown(of(row), 9)));
        println!();
    }
    println!("\n{:36}{:>8}{:>8}{:>8}", "ratio", "goal", "real", "traces");
    for goal in &speed.goals {
        let Goal { contestant, base, goal_ratio, real_ratio, real_traces, .. } = goal;
        print!("{:36}{goal_ratio:>8.3}", format!("{contestant} / {base}"));
        println!("{}{real_traces:>8}", shown(*real_ratio, 8));
    }
}

fn shown(value: Option<f64>, width: usize) -> String {
    value.map_or(format!("{:>width$}", "-"), |value| format!("{value:>width$.3}"))
}

/// What repeats this run, with the arguments that it was given.
fn command() -> String {
    let arguments: Vec<String> = env::args().skip(1).filter(|it| it != "--bench").collect();
    format!("cargo bench -p heaplab-benches --bench speed -- {}", arguments.join(" "))
}
