//! How strategies compare with published allocators, and where they might fall off a cliff, as `results/speed.json`.
//!
//! ```text
//! cargo bench -p heaplab-benches --bench speed                          all parts
//! cargo bench -p heaplab-benches --bench speed -- --traces FOLDER       more traces of real programs beside the suite's
//! cargo bench -p heaplab-benches --bench speed -- --only real           some parts alone, named one by one: real,
//!                                                                       generated, latency, metadata, reading
//! cargo bench -p heaplab-benches --bench speed -- --out FILE            writes FILE too
//! cargo bench -p heaplab-benches --bench speed -- --markdown            prints the tables of results/README.md
//! ```
//!
//! Paths count from the root of the workspace, since cargo starts benchmarks elsewhere.
//!
//! - `real`: the recorded traces of the suite. Each round replays every contestant once on a trace, in a heap of four
//!   times its peak of live bytes, beginning with another contestant each time; a cell is the median over the rounds.
//! - `generated`: the same on s1 to s6, where the operations that set the scene are performed, but not timed.
//! - `latency`: quantiles of single operations.
//! - `metadata`: what tables take at the peak of blocks and holes.
//! - `reading`: how fast traces are decoded and imported.
//!
//! Ratios are geometric means over the traces on which both sides have a figure, each trace weighing one; real and
//! generated traces are never mixed. Contestants that take too long for one replay have no figure on that trace.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is the purpose")]

mod latency;
mod markdown;
mod print;
mod prototype;
mod ratios;
mod reading;
mod rows;
mod tables;
mod workload;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use heaplab_benches::contestants;
use heaplab_harness::environment;
use heaplab_harness::timed::TimedRoom;
use serde::Serialize;

use rows::{HEAP_OVER_PEAK, ROUNDS, Row};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The whole result; parts that were not asked for are absent.
#[derive(Debug, Serialize)]
struct Speed {
    command: String,
    rounds: usize,
    heap_over_peak: u64,
    environment: heaplab_report::Environment,
    goals: Vec<ratios::Goal>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cliffs: Vec<ratios::Cliff>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    prototype: Vec<ratios::BesidePrototype>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    real: Vec<Row>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    generated: Vec<Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency: Option<latency::Latency>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    metadata: Vec<tables::Tables>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reading: Vec<reading::Reading>,
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Real,
    Generated,
    Latency,
    Metadata,
    Reading,
}

const PARTS: [(&str, Part); 5] = [
    ("real", Part::Real),
    ("generated", Part::Generated),
    ("latency", Part::Latency),
    ("metadata", Part::Metadata),
    ("reading", Part::Reading),
];

#[derive(Default)]
struct Options {
    /// All of them where none is named.
    parts: Vec<Part>,
    folders: Vec<PathBuf>,
    out: Option<PathBuf>,
    markdown: bool,
}

impl Options {
    fn has(&self, part: Part) -> bool {
        self.parts.is_empty() || self.parts.contains(&part)
    }
}

fn options() -> Result<Options, String> {
    let mut options = Options::default();
    let mut arguments = env::args().skip(1).filter(|it| it != "--bench");
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} expects a value"));
        match argument.as_str() {
            "--traces" => options.folders.push(Path::new(ROOT).join(value()?)),
            "--only" => {
                let name = value()?;
                let part = PARTS.into_iter().find(|part| part.0 == name);
                let names = PARTS.map(|part| part.0).join(", ");
                options.parts.push(part.ok_or(format!("expected {names}, found {name}"))?.1);
            }
            "--markdown" => options.markdown = true,
            "--out" => options.out = Some(Path::new(ROOT).join(value()?)),
            _ => {
                return Err(format!(
                    "expected --traces FOLDER, --only PART, --markdown or --out FILE, found {argument}"
                ));
            }
        }
    }
    Ok(options)
}

fn run(options: &Options) -> Result<(), String> {
    let contestants = contestants();
    let mut room = TimedRoom::default();
    let (mut real, mut generated) = (Vec::new(), Vec::new());
    if options.has(Part::Real) {
        for workload in workload::real(&options.folders)? {
            keep(rows::real(workload, &contestants, &mut room), &mut real);
        }
    }
    if options.has(Part::Generated) {
        for group in workload::generated() {
            keep(rows::generated(&group?, &contestants, &mut room), &mut generated);
        }
    }
    let latency = options.has(Part::Latency).then(|| latency::measure(&contestants, &mut room));
    let metadata = options.has(Part::Metadata).then(|| tables::measure(&contestants));
    let speed = Speed {
        command: command(),
        rounds: ROUNDS,
        heap_over_peak: HEAP_OVER_PEAK,
        environment: environment(),
        goals: ratios::goals(&real, &generated),
        cliffs: if generated.is_empty() { Vec::new() } else { ratios::cliffs(&generated) },
        prototype: ratios::beside_prototype(&generated),
        real,
        generated,
        latency: latency.transpose()?,
        metadata: metadata.transpose()?.unwrap_or_default(),
        reading: if options.has(Part::Reading) { reading::measure() } else { Vec::new() },
    };
    if options.markdown {
        print!("{}", markdown::tables(&speed));
    } else {
        print::print(&speed, &contestants);
    }
    let Some(out) = &options.out else { return Ok(()) };
    let text = serde_json::to_string_pretty(&speed).map_err(|error| error.to_string())? + "\n";
    fs::write(out, text).map_err(|error| format!("{}: {error}", out.display()))
}

fn keep(rows: Vec<Row>, all: &mut Vec<Row>) {
    for row in rows {
        let contestants = row.ns_per_operation.len();
        eprintln!("{}: {} operations, {contestants} contestants", row.trace, row.operations);
        all.push(row);
    }
}

/// What repeats this run, with the arguments that it was given.
fn command() -> String {
    let arguments: Vec<String> = env::args().skip(1).filter(|it| it != "--bench").collect();
    let command =
        format!("cargo bench -p heaplab-benches --bench speed -- {}", arguments.join(" "));
    command.trim_end_matches(" -- ").to_owned()
}
