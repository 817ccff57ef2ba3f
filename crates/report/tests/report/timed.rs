//! Reports with invented times: a level for each strategy, a speed of the machine, and noise from a seed.

use heaplab_report::{
    Cell, HeapSpec, Mode, OperationCounts, Report, StrategyEntry, StrategyKind, Time, TraceEntry,
};

/// How a run is to come out.
pub(crate) struct Run {
    /// Name, kind, and ns per operation on a machine of speed 1.
    pub(crate) strategies: Vec<(&'static str, StrategyKind, f64)>,
    /// What the machine does to all times of the run: 1.1 makes all of them 10 % slower.
    pub(crate) machine: f64,
    /// Strategies whose times are multiplied, and by what.
    pub(crate) slowed: Vec<(&'static str, f64)>,
    pub(crate) rounds: u64,
    pub(crate) seed: u64,
    /// Width of the noise: 0.04 is 2 % up or down.
    pub(crate) noise: f64,
    pub(crate) created_at: String,
}

impl Default for Run {
    fn default() -> Self {
        use StrategyKind::{Floor, Strategy};
        Self {
            strategies: vec![
                ("first-fit", Strategy, 50.0),
                ("best-fit", Strategy, 25.0),
                ("free-list", Strategy, 20.0),
                ("null", Floor, 2.0),
                ("bump", Floor, 3.0),
            ],
            machine: 1.0,
            slowed: Vec::new(),
            rounds: 10,
            seed: 1,
            noise: 0.04,
            created_at: "2026-01-10T08:30:00Z".into(),
        }
    }
}

const OPERATIONS: u64 = 100_000;

impl Run {
    pub(crate) fn report(&self) -> Report {
        let mut random = self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut report = Report {
            complete: true,
            created_at: self.created_at.clone(),
            traces: ["gcc", "lua"].map(trace).into(),
            strategies: self.strategies.iter().map(|&(name, kind, _)| entry(name, kind)).collect(),
            ..Report::default()
        };
        report.environment.id = "e1".repeat(32);
        report.measurement.noise_floor_ratio = Some(0.01);
        report.measurement.processes = 1;
        for trace in ["gcc", "lua"] {
            let weather: Vec<f64> = (0..self.rounds).map(|_| self.draw(&mut random)).collect();
            for &(name, _, level) in &self.strategies {
                for (spec, ratio) in [("1.25x", 1.25), ("2x", 2.0)] {
                    let slower = self.slowed.iter().find(|it| it.0 == name).map_or(1.0, |it| it.1);
                    let samples = weather.iter().map(|weather| {
                        let ns = level * slower * self.machine * weather * self.draw(&mut random);
                        whole(ns * 100_000.0)
                    });
                    let cell = cell(name, trace, spec, ratio, samples.collect());
                    report.cells.push(cell);
                }
            }
        }
        report.seal();
        report
    }

    fn draw(&self, random: &mut u64) -> f64 {
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        let share = f64::from(u32::try_from(*random >> 32).unwrap()) / f64::from(u32::MAX);
        1.0 + self.noise * (share - 0.5)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some milliseconds")]
fn whole(ns: f64) -> u64 {
    ns as u64
}

fn trace(name: &str) -> TraceEntry {
    TraceEntry {
        name: name.into(),
        hash: format!("{name}-hash"),
        operations: OperationCounts { allocate: OPERATIONS, resize: 0, free: 0 },
        peak_live_bytes: 1 << 20,
        ..TraceEntry::default()
    }
}

fn entry(name: &str, kind: StrategyKind) -> StrategyEntry {
    StrategyEntry {
        name: name.into(),
        crate_name: name.into(),
        version: "1.0.0".into(),
        kind,
        ..StrategyEntry::default()
    }
}

fn cell(strategy: &str, trace: &str, spec: &str, ratio: f64, samples_ns: Vec<u64>) -> Cell {
    let samples: Vec<f64> =
        samples_ns.iter().map(|&ns| f64::from(u32::try_from(ns).unwrap()) / 100_000.0).collect();
    Cell {
        id: Cell::id_of(strategy, trace, spec, Mode::Placement),
        trace: trace.into(),
        strategy: strategy.into(),
        heap: HeapSpec { bytes: whole(ratio * 1_048_576.0), ratio: Some(ratio), spec: spec.into() },
        granule_bytes: 16,
        threads: 1,
        time: Some(Time {
            operations: OPERATIONS,
            median_ns_per_operation: heaplab_report::stats::median(&samples).unwrap(),
            samples_ns,
            ..Time::default()
        }),
        ..Cell::default()
    }
}
