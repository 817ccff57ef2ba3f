//! The ratios that heaplab promises, all from one run.
//!
//! ```text
//! cargo bench -p heaplab-benches --bench ratios                      ns per operation, interleaved rounds
//! cargo bench -p heaplab-benches --bench ratios -- --instructions    instructions per operation, with valgrind
//! ```
//!
//! Times: one round replays every contestant once on each trace, beginning with another one each time;
//! printed are the medians over the rounds, and the medians of each round's ratio to the `bump` floor.
//! Instructions: each contestant is replayed once in a process of its own under callgrind, which counts inside the
//! timed loop only.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is the purpose")]

use std::env;
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::time::Duration;

use heaplab_benches::{Contestant, contestants, generated};
use heaplab_report::stats::median;
use heaplab_trace::Trace;

/// 20,000 and 200,000 live blocks, log-uniform; 1,000 live blocks of small random sizes; the adversary: 100,000 tiny
/// holes low in the heap, then 64-byte blocks, and the same holes with the sizes of `s3`.
const PRESETS: [&str; 5] = ["s1", "s2", "s3", "s4", "s4b"];

const OPERATIONS: u64 = 1_000_000;

const ROUNDS: usize = 7;

/// Slower contestants get no figure.
const LONGEST_REPLAY: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).filter(|it| it != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => times(),
        ["--instructions"] => return instructions(),
        ["--once", preset, name] => once(preset, name),
        _ => {
            eprintln!("expected nothing, or --instructions");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn times() {
    let contestants = contestants();
    let traces = PRESETS.map(|preset| generated(preset, OPERATIONS));
    let quick: Vec<Vec<&Contestant>> = traces
        .iter()
        .map(|trace| {
            contestants.iter().filter(|it| it.ends_within(trace, LONGEST_REPLAY)).collect()
        })
        .collect();
    let room = Mutex::default();
    // By trace, contestant and round; the first round warms up.
    let mut samples = vec![vec![Vec::new(); contestants.len()]; traces.len()];
    for round in 0..=ROUNDS {
        for (at, trace) in traces.iter().enumerate() {
            for turn in 0..contestants.len() {
                let index = (turn + round) % contestants.len();
                let contestant = &contestants[index];
                if !quick[at].iter().any(|it| it.name == contestant.name) {
                    continue;
                }
                let ns = contestant.time_ns(trace, &room);
                if round > 0 {
                    samples[at][index].push(per_operation(ns, trace));
                }
            }
        }
    }
    print_times(&contestants, &samples);
}

fn print_times(contestants: &[Contestant], samples: &[Vec<Vec<f64>>]) {
    let floor = contestants.iter().position(|it| it.name == "bump").unwrap_or(0);
    print!("{:20}", "ns per operation");
    PRESETS.iter().for_each(|preset| print!("{preset:>8}{:>8}", "/bump"));
    println!("{:>8}{:>8}{:>8}", "s2/s1", "s4/s3", "s4b/s3");
    for (index, contestant) in contestants.iter().enumerate() {
        print!("{:20}", contestant.name);
        for trace in samples {
            print!("{}{}", shown(median(&trace[index])), ratio(&trace[index], &trace[floor]));
        }
        let [s1, s2, s3, s4, s4b] = [0, 1, 2, 3, 4].map(|trace| &samples[trace][index]);
        println!("{}{}{}", ratio(s2, s1), ratio(s4, s3), ratio(s4b, s3));
    }
}

/// The median of the ratios of each round.
fn ratio(samples: &[f64], base: &[f64]) -> String {
    let ratios: Vec<f64> = samples.iter().zip(base).map(|(sample, base)| sample / base).collect();
    shown(median(&ratios))
}

fn shown(value: Option<f64>) -> String {
    value.map_or(format!("{:>8}", "-"), |value| format!("{value:>8.2}"))
}

#[expect(clippy::cast_precision_loss, reason = "no replay lasts 2^53 ns")]
fn per_operation(ns: u64, trace: &Trace) -> f64 {
    ns as f64 / trace.operations().len() as f64
}

fn once(preset: &str, name: &str) {
    let trace = generated(preset, OPERATIONS);
    for contestant in contestants().iter().filter(|it| it.name == name) {
        println!("{} ns", contestant.time_ns(&trace, &Mutex::default()));
    }
}

fn instructions() -> ExitCode {
    print!("{:20}", "instructions/op");
    PRESETS.iter().for_each(|preset| print!("{preset:>8}"));
    println!("{:>8}{:>8}{:>8}", "s2/s1", "s4/s3", "s4b/s3");
    let traces = PRESETS.map(|preset| generated(preset, OPERATIONS));
    for contestant in contestants() {
        print!("{:20}", contestant.name);
        let mut found = [None; PRESETS.len()];
        for ((found, preset), trace) in found.iter_mut().zip(PRESETS).zip(&traces) {
            if contestant.ends_within(trace, LONGEST_REPLAY / 4) {
                match count(preset, contestant.name) {
                    Ok(count) => *found = Some(per_operation(count, trace)),
                    Err(message) => {
                        eprintln!("{message}");
                        return ExitCode::FAILURE;
                    }
                }
            }
            print!("{}", shown(*found));
        }
        let [s1, s2, s3, s4, s4b] = found;
        let ratio = |value: Option<f64>, base: Option<f64>| {
            shown(value.zip(base).map(|(value, base)| value / base))
        };
        println!("{}{}{}", ratio(s2, s1), ratio(s4, s3), ratio(s4b, s3));
    }
    ExitCode::SUCCESS
}

/// Instructions of one replay's timed loop.
fn count(preset: &str, name: &str) -> Result<u64, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--toggle-collect=*heaplab_harness*timed*perform*")
        .arg(program)
        .args(["--once", preset, name])
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    let number = |line: &str| line.rsplit(' ').next()?.parse().ok();
    let found = text.lines().find(|line| line.contains("Collected")).and_then(number);
    found.filter(|&count| count > 0).ok_or_else(|| format!("valgrind counted nothing:\n{text}"))
}
