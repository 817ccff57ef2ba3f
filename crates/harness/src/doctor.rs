//! Whether this machine is fit to time on.

use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use heaplab_report::{Environment, Known, stats};

use crate::{environment, instructions};

/// How much a finding matters to times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fitness {
    /// Nothing to worry about.
    Ok,
    /// Times are noisier or less general than they could be, or something cannot be known.
    Note,
    /// Times taken now would mislead.
    Bad,
}

impl Fitness {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Bad => "bad",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at, in a word or two.
    pub name: &'static str,
    /// What it means for times.
    pub fitness: Fitness,
    /// What was found.
    pub found: String,
    /// What to do about it; absent where there is nothing to do.
    pub fix: Option<String>,
}

/// Everything that is looked at, so that judging is a function of it.
#[derive(Debug, Default)]
struct Facts {
    environment: Environment,
    perf_event_paranoid: Option<i32>,
    valgrind: Option<String>,
    /// Variables that put other code into this process, or change how its memory is managed.
    preloads: Vec<String>,
    /// How much longer than the median the slow ones of equal pieces of work took.
    unsteadiness_ratio: Option<f64>,
    is_debug_build: bool,
}

/// Variables that put foreign code into a process or change its memory.
const PRELOADS: [&str; 5] =
    ["LD_PRELOAD", "LD_AUDIT", "DYLD_INSERT_LIBRARIES", "GLIBC_TUNABLES", "MALLOC_CONF"];

/// Looks at the machine; measures for about a quarter of a second.
#[must_use]
pub fn examine() -> Vec<Finding> {
    judge(&Facts {
        environment: environment(),
        perf_event_paranoid: fs::read_to_string("/proc/sys/kernel/perf_event_paranoid")
            .ok()
            .and_then(|text| text.trim().parse().ok()),
        valgrind: instructions::valgrind().ok(),
        preloads: PRELOADS
            .into_iter()
            .filter(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
            .map(Into::into)
            .collect(),
        unsteadiness_ratio: unsteadiness(),
        is_debug_build: cfg!(debug_assertions),
    })
}

/// Times the same arithmetic again and again: the 90th percentile over the median, minus one.
fn unsteadiness() -> Option<f64> {
    let piece = || {
        let started = Instant::now();
        let mut random = black_box(1_u64);
        while started.elapsed() < Duration::from_micros(50) {
            // A clock is read rarely enough not to be what is timed.
            for _ in 0..512 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).rotate_left(17);
            }
        }
        let begun = Instant::now();
        for _ in 0..500_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).rotate_left(17);
        }
        black_box(random);
        begun.elapsed().as_secs_f64()
    };
    let samples: Vec<f64> = (0..200).map(|_| piece()).collect();
    let median = stats::median(&samples).filter(|&it| it > 0.0)?;
    Some(stats::quantile(&samples, 0.9)? / median - 1.0)
}

fn judge(facts: &Facts) -> Vec<Finding> {
    let environment = &facts.environment;
    let mut findings = vec![build(facts), steadiness(facts), load(environment)];
    findings.extend(processor(environment));
    findings.extend(limits(environment));
    findings.extend(clock(environment));
    findings.extend(memory(environment));
    findings.extend(tools(facts));
    findings
}

fn finding(name: &'static str, fitness: Fitness, found: impl Into<String>) -> Finding {
    Finding { name, fitness, found: found.into(), fix: None }
}

impl Finding {
    fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

fn unknown(name: &'static str) -> Finding {
    finding(name, Fitness::Note, "not to be read here")
}

fn build(facts: &Facts) -> Finding {
    if facts.is_debug_build {
        finding("build", Fitness::Bad, "unoptimized").fix("cargo run --release -- doctor")
    } else {
        finding("build", Fitness::Ok, "optimized")
    }
}

fn steadiness(facts: &Facts) -> Finding {
    let name = "steadiness";
    let Some(ratio) = facts.unsteadiness_ratio else { return unknown(name) };
    let found = format!("a tenth of equal work takes {:.1} % longer, or more", ratio * 100.0);
    match ratio {
        0.2.. => finding(name, Fitness::Bad, found)
            .fix("find out what else runs (top), and wait; or time on another machine"),
        0.03.. => finding(name, Fitness::Note, found).fix("more rounds: --rounds 20"),
        _ => finding(name, Fitness::Ok, found),
    }
}

fn load(environment: &Environment) -> Finding {
    let name = "load";
    let Some(&load) = environment.load_before.value() else { return unknown(name) };
    let cores = environment.cpu.logical_cores.value().map_or(1.0, |&cores| f64::from(cores));
    let found = format!("{load:.2} on {cores} logical cores");
    if load > cores / 2.0 {
        finding(name, Fitness::Bad, found).fix("stop other programs, or wait until they are done")
    } else if load > 0.5 {
        finding(name, Fitness::Note, found).fix("best below 0.5: wait a minute")
    } else {
        finding(name, Fitness::Ok, found)
    }
}

fn processor(environment: &Environment) -> Vec<Finding> {
    let cpu = &environment.cpu;
    let governor = match cpu.governor.value() {
        None => unknown("governor"),
        Some(governor) if governor == "performance" => {
            finding("governor", Fitness::Ok, governor.as_str())
        }
        Some(governor) => finding("governor", Fitness::Note, governor.as_str())
            .fix("sudo cpupower frequency-set -g performance"),
    };
    let turbo = match cpu.turbo.value() {
        None => unknown("turbo"),
        Some(false) => finding("turbo", Fitness::Ok, "off"),
        Some(true) => finding("turbo", Fitness::Note, "on: the frequency depends on the heat").fix(
            "echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost (Intel: 1 into intel_pstate/no_turbo)",
        ),
    };
    let smt = match cpu.smt.value() {
        None => unknown("SMT"),
        Some(false) => finding("SMT", Fitness::Ok, "off"),
        Some(true) => finding("SMT", Fitness::Note, "on: a neighbor shares the core's caches").fix(
            "echo off | sudo tee /sys/devices/system/cpu/smt/control, or keep the neighbor idle",
        ),
    };
    let virtualized = match environment.virtualised.value() {
        None => unknown("virtualized"),
        Some(false) => finding("virtualized", Fitness::Ok, "no"),
        Some(true) => finding("virtualized", Fitness::Note, "yes: others may share the processor")
            .fix("compare within one report, or count instructions: run --instructions"),
    };
    vec![governor, turbo, smt, virtualized]
}

fn limits(environment: &Environment) -> Vec<Finding> {
    let affinity = match environment.affinity.value().map(Vec::as_slice) {
        None => unknown("affinity"),
        Some([only]) => {
            finding("affinity", Fitness::Ok, format!("pinned to processor {only} from outside"))
        }
        Some(cpus) => finding(
            "affinity",
            Fitness::Note,
            format!("{} processors: timed replays may wander", cpus.len()),
        )
        .fix("heaplab run --pin"),
    };
    let cores = environment.cpu.logical_cores.value().copied().map(f64::from);
    let container = match (environment.container_limits.cpus.value(), cores) {
        (None, _) => unknown("container"),
        (Some(&cpus), _) if cpus < 1.0 => {
            finding("container", Fitness::Bad, format!("{cpus:.2} processors: it is throttled"))
                .fix("grant it a whole processor: --cpus=2")
        }
        (Some(&cpus), Some(cores)) if cpus < cores => {
            finding("container", Fitness::Note, format!("limited to {cpus:.2} processors"))
                .fix("grant it whole processors: --cpuset-cpus instead of --cpus")
        }
        (Some(_), _) => finding("container", Fitness::Ok, "no limit of time"),
    };
    vec![affinity, container]
}

fn clock(environment: &Environment) -> Vec<Finding> {
    let clock = &environment.clock;
    let source = match clock.source.value().map(String::as_str) {
        None => unknown("clock source"),
        Some(slow @ ("hpet" | "acpi_pm" | "refined-jiffies" | "jiffies")) => {
            finding("clock source", Fitness::Bad, slow)
                .fix("clocksource=tsc on the kernel's command line, where the processor has it")
        }
        Some(source) => finding("clock source", Fitness::Ok, source),
    };
    let graded = |name, ns: &Known<f64>, note: f64, bad: f64, fix: &str| match ns.value() {
        None => unknown(name),
        Some(&ns) => {
            let found = format!("{ns:.0} ns");
            match ns {
                ns if ns > bad => finding(name, Fitness::Bad, found).fix(fix),
                ns if ns > note => finding(name, Fitness::Note, found).fix(fix),
                _ => finding(name, Fitness::Ok, found),
            }
        }
    };
    vec![
        source,
        graded(
            "clock resolution",
            &clock.resolution_ns,
            100.0,
            1_000.0,
            "time longer traces, and no latencies",
        ),
        graded("clock cost", &clock.cost_ns, 60.0, 1_000.0, "do not trust latencies near it"),
    ]
}

fn memory(environment: &Environment) -> Vec<Finding> {
    let thp = match environment.memory.thp.value().map(String::as_str) {
        None => unknown("huge pages"),
        Some("always") => finding("huge pages", Fitness::Note, "always: they come and go")
            .fix("echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled"),
        Some(when) => finding("huge pages", Fitness::Ok, when),
    };
    let aslr = match environment.aslr.value() {
        None => unknown("ASLR"),
        Some(false) => finding("ASLR", Fitness::Ok, "off"),
        Some(true) => finding("ASLR", Fitness::Note, "on: addresses differ from run to run")
            .fix("compare several runs, or: setarch -R heaplab run"),
    };
    let numa = match environment.numa_nodes.value() {
        None => unknown("NUMA"),
        Some(0 | 1) => finding("NUMA", Fitness::Ok, "one node"),
        Some(nodes) => finding("NUMA", Fitness::Note, format!("{nodes} nodes"))
            .fix("numactl --cpunodebind=0 --membind=0 heaplab run"),
    };
    vec![thp, aslr, numa]
}

fn tools(facts: &Facts) -> Vec<Finding> {
    let preload = if facts.preloads.is_empty() {
        finding("preload", Fitness::Ok, "none")
    } else {
        let names = facts.preloads.join(", ");
        finding("preload", Fitness::Bad, format!("{names} set: foreign code takes part"))
            .fix(format!("env -u {} heaplab run", facts.preloads.join(" -u ")))
    };
    let perf = match facts.perf_event_paranoid {
        None => unknown("perf counters"),
        Some(level @ ..=2) => finding("perf counters", Fitness::Ok, format!("paranoid {level}")),
        Some(level) => {
            finding("perf counters", Fitness::Note, format!("paranoid {level}: perf is shut out"))
                .fix("sudo sysctl kernel.perf_event_paranoid=2")
        }
    };
    let valgrind = match &facts.valgrind {
        Some(version) => finding("valgrind", Fitness::Ok, version.as_str()),
        None => finding("valgrind", Fitness::Note, "not found: no run --instructions")
            .fix("install valgrind"),
    };
    vec![preload, perf, valgrind]
}

#[cfg(test)]
mod tests;
