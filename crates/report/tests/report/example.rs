//! A report made by hand, with every field filled somewhere.

use heaplab_report::{
    Band, Bootstrap, Bounds, Cache, Cell, Clock, ContainerLimits, Control, ControlCell, Counters,
    Cpu, Environment, Fragmentation, HeapShape, HeapSpec, HoleClass, Known, Latency, Measurement,
    MemoryInfo, Mode, OperationCounts, Outcome, Relocations, Report, Series, ShapeClass, SizeShape,
    Space, Status, StrategyEntry, StrategyKind, Suite, Time, Tool, TraceEntry, TraceSource, Trend,
    Warning,
};

const MIB: u64 = 1 << 20;
const PEAK: u64 = 40_055_616;

pub(crate) fn report() -> Report {
    let mut report = Report {
        complete: true,
        created_at: "2026-01-10T08:30:00Z".into(),
        duration_ns: 61_000_000_000,
        command: vec!["heaplab".into(), "run".into(), "~/server.hlt".into()],
        suite: Some(Suite { name: "example".into(), hash: "5c".repeat(32) }),
        warnings: vec![Warning {
            code: "frequency_scaling".into(),
            text: "CPU frequency scaling is on".into(),
            cells: vec!["best-fit/server/1.25x".into()],
        }],
        tool: tool(),
        environment: environment(),
        measurement: Measurement {
            rounds: 8,
            warmup_rounds: 1,
            processes: 1,
            order: "interleaved".into(),
            order_seed: Some(0xDEAD_BEEF_DEAD_BEEF),
            pinned_cpu: Some(2),
            passes: vec!["space".into(), "throughput".into()],
            confidence_level: 0.95,
            noise_floor_ratio: Some(0.008),
            control: Some(Control {
                strategy: "best-fit".into(),
                cells: vec![ControlCell {
                    trace: "server".into(),
                    heap: "1.25x".into(),
                    mode: Mode::Placement,
                    samples_ns: time(41.328).samples_ns,
                }],
            }),
            bootstrap: Some(Bootstrap { resamples: 10_000, seed: 7 }),
        },
        traces: vec![trace("server")],
        strategies: vec![
            strategy("best-fit", StrategyKind::Strategy, false),
            strategy("free-list", StrategyKind::Strategy, false),
            strategy("compaction", StrategyKind::Strategy, true),
            strategy("null", StrategyKind::Floor, false),
            strategy("bump", StrategyKind::Floor, false),
        ],
        cells: cells("server"),
        ..Report::default()
    };
    report.environment.id = report.environment.stable_id();
    report.seal();
    report
}

fn tool() -> Tool {
    Tool {
        version: "0.1.0".into(),
        git_commit: Some("4f2a1c9".into()),
        git_dirty: Some(false),
        rustc: Some("1.89.0".into()),
        profile: Some("release".into()),
        opt_level: Some("3".into()),
        lto: Some("thin".into()),
        codegen_units: Some(1),
        target: Some("x86_64-unknown-linux-gnu".into()),
        target_cpu: Some("x86-64".into()),
        features: vec!["default".into()],
    }
}

fn environment() -> Environment {
    Environment {
        os: Known::Value("Linux".into()),
        kernel: Known::Value("6.1.0".into()),
        arch: Known::Value("x86_64".into()),
        cpu: Cpu {
            model: Known::Value("Example 9000".into()),
            physical_cores: Known::Value(4),
            smt: Known::Value(true),
            caches: Known::Value(vec![Cache {
                level: 1,
                kind: "data".into(),
                bytes: 32 << 10,
                line_bytes: Some(64),
            }]),
            max_hz: Known::Value(4_200_000_000),
            ..Cpu::default()
        },
        memory: MemoryInfo { total_bytes: Known::Value(16 << 30), ..MemoryInfo::default() },
        container_limits: ContainerLimits { cpus: Known::Value(2.5), ..ContainerLimits::default() },
        affinity: Known::Value(vec![0, 1, 2, 3]),
        clock: Clock { cost_ns: Known::Value(18.5), ..Clock::default() },
        load_before: Known::Value(0.25),
        host: Some("example".into()),
        ..Environment::default()
    }
}

pub(crate) fn trace(name: &str) -> TraceEntry {
    TraceEntry {
        name: name.into(),
        hash: "9f3c".repeat(16),
        source: TraceSource {
            kind: "recorded".into(),
            format: "hlt".into(),
            program: Some("server 1.0".into()),
            lacks: vec!["alignment".into()],
        },
        operations: OperationCounts { allocate: 2_105_000, resize: 4_000, free: 2_101_000 },
        peak_live_bytes: PEAK,
        peak_live_requested_bytes: 39_000_000,
        peak_live_blocks: 212_000,
        max_request_bytes: 65_536,
        allocated_bytes: Some(100 * PEAK),
        threads: Some(4),
        bounds: Some(Bounds { peak_live_bytes: PEAK, offline_packing_bytes: Some(40_856_704) }),
        question: Some("many small rows, long-lived page cache".into()),
    }
}

pub(crate) fn strategy(name: &str, kind: StrategyKind, moves: bool) -> StrategyEntry {
    StrategyEntry {
        name: name.into(),
        crate_name: format!("heaplab-{name}"),
        version: "0.1.0".into(),
        kind,
        parameters: [("granule".into(), 16.into()), ("seed".into(), u64::MAX.into())].into(),
        description: format!("what {name} does"),
        source: Some("Knuth, 1968".into()),
        moves,
        thread_safe: false,
    }
}

pub(crate) fn cells(trace: &str) -> Vec<Cell> {
    let heap = |spec: &str| match spec {
        "unlimited" => HeapSpec { bytes: 1 << 62, ratio: None, spec: spec.into() },
        "64MiB" => HeapSpec { bytes: 64 * MIB, ratio: None, spec: spec.into() },
        "1.1x" => HeapSpec { bytes: 44_061_184, ratio: Some(1.1), spec: spec.into() },
        _ => HeapSpec { bytes: 50_069_520, ratio: Some(1.25), spec: spec.into() },
    };
    let mut cells = Vec::new();
    let mut add = |strategy: &str, spec: &str, fill: &dyn Fn(&mut Cell)| {
        let mut cell = Cell {
            id: Cell::id_of(strategy, trace, spec, Mode::Placement),
            trace: trace.into(),
            strategy: strategy.into(),
            heap: heap(spec),
            granule_bytes: 16,
            threads: 1,
            ..Cell::default()
        };
        fill(&mut cell);
        cells.push(cell);
    };
    add("best-fit", "1.1x", &|it| it.outcome = oom(3_102_447, 3_250_000, 40_112));
    add("best-fit", "1.25x", &|it| {
        it.time = Some(time(41.0));
        it.space = Some(space(43_100_000, 9_100));
        fill_the_rest(it);
    });
    add("best-fit", "64MiB", &|it| it.space = Some(space(43_100_000, 9_100)));
    add("best-fit", "unlimited", &|it| {
        it.space = Some(Space { min_heap_bytes: Some(45_262_846), ..space(45_262_846, 9_100) });
    });
    add("free-list", "1.1x", &|it| it.outcome = oom(2_900_000, 60_000, 12));
    add("free-list", "1.25x", &|it| it.time = Some(time(19.5)));
    add("free-list", "64MiB", &|it| {
        it.outcome = Outcome {
            status: Status::Invalid,
            operation: Some(17),
            message: Some("two blocks overlap".into()),
            ..Outcome::default()
        };
    });
    add("free-list", "unlimited", &|it| {
        it.space = Some(Space { min_heap_bytes: Some(49_000_000), ..space(49_000_000, 21_700) });
    });
    add("compaction", "1.1x", &|it| {
        it.time = Some(Time {
            ci_ns: None,
            samples_ns: vec![4_000_000_000, 4_200_000_000],
            ..time(974.0)
        });
        it.relocations = Some(Relocations {
            blocks: 900_000,
            bytes: 6 * PEAK,
            compaction_bytes: 5 * PEAK,
            compactions: Some(31),
        });
        it.space = Some(Space { min_heap_bytes: Some(PEAK), ..space(44_000_000, 0) });
    });
    add("compaction", "1.25x", &|it| it.time = Some(time(71.0)));
    add("compaction", "64MiB", &|it| it.outcome.status = Status::Timeout);
    add("null", "1.25x", &|it| it.time = Some(time(3.0)));
    add("bump", "1.25x", &|it| it.outcome = Outcome { holes: None, ..oom(600_000, 100, 0) });
    cells
}

fn oom(operation: u64, free_bytes: u64, holes: u64) -> Outcome {
    Outcome {
        status: Status::Oom,
        operation: Some(operation),
        requested_bytes: Some(65_536),
        free_bytes: Some(free_bytes),
        largest_hole_bytes: Some(free_bytes.min(49_152)),
        wilderness_bytes: Some(0),
        holes: Some(holes),
        message: None,
    }
}

/// Eight rounds around a median in ns per operation.
fn time(median: f64) -> Time {
    let operations = 4_210_000;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
    let sample = |factor: f64| (median * factor * 4_210_000.0) as u64;
    Time {
        samples_ns: [0.98, 0.99, 1.0, 1.0, 1.0, 1.01, 1.02, 1.04].map(sample).into(),
        process_rounds: Vec::new(),
        operations,
        median_ns_per_operation: median,
        ci_ns: Some([median * 0.98, median * 1.04]),
    }
}

fn space(high_water_bytes: u64, holes: u64) -> Space {
    Space {
        high_water_bytes: Some(high_water_bytes),
        metadata_bytes: Some(3 * MIB),
        metadata_reserved_bytes: Some(4 * MIB),
        fragmentation: Some(Fragmentation {
            jw1: Some(0.07),
            jw2: Some(0.05),
            jw3: Some(0.12),
            jw4: Some(0.13),
        }),
        internal_ratio: Some(0.027),
        holes: Some(holes),
        largest_hole_bytes: Some(if holes == 0 { 0 } else { 4096 }),
        hole_histogram: vec![
            HoleClass { from_bytes: 16, holes: 6_000, bytes: 96_000 },
            HoleClass { from_bytes: 1024, holes: 140, bytes: 150_000 },
        ],
        touched_pages: Some(11_000),
        at_peak: Some(shape(f64::from(u32::try_from(holes / 2).unwrap_or(0)), None)),
        mean: Some(shape(4_012.5, Some(0.25))),
        ..Space::default()
    }
}

fn shape(holes: f64, unserved_ratio: Option<f64>) -> HeapShape {
    let size = |unusable_index, fragmentation_index| {
        Some(SizeShape {
            unusable_index,
            fragmentation_index: Some(fragmentation_index),
            unserved_ratio,
        })
    };
    HeapShape {
        internal_ratio: Some(0.027),
        holes: Some(holes),
        hole_bytes: Some(1_400_000.0),
        largest_hole_bytes: Some(65_000.0),
        beyond_largest_ratio: Some(0.953_571),
        root_square_ratio: Some(0.81),
        for_256_bytes: size(0.12, -1.0),
        for_4096_bytes: size(0.6, -1.0),
        for_65536_bytes: size(1.0, 0.994_661),
        live_pages: Some(9_870.0),
        metadata_bytes: Some(3_000_000.0),
        hole_histogram: vec![ShapeClass { from_bytes: 16, holes, bytes: 96_000.0 }],
    }
}

fn trend(x: &str, part: u64) -> Trend {
    let band = |name: &str, high: [f64; 4]| Band {
        name: name.into(),
        low: vec![0.0, 0.01, 0.2, 0.1],
        high: high.into(),
    };
    Trend {
        x: x.into(),
        part,
        parts: 4,
        bands: vec![
            band("external_ratio", [0.1, 0.2, 0.4, 0.3]),
            band("beyond_largest_ratio", [0.0, 0.5, 0.9, 0.95]),
            band("root_square_ratio", [0.0, 0.4, 0.7, 0.8]),
        ],
    }
}

fn fill_the_rest(cell: &mut Cell) {
    cell.verified = Some(true);
    cell.relocations = Some(Relocations {
        blocks: 3_100,
        bytes: 12_000_000,
        compaction_bytes: 0,
        compactions: Some(0),
    });
    cell.latency = Some(Latency {
        histogram: Some("HISTFAAAAA==".into()),
        p50_ns: 29.0,
        p90_ns: 61.0,
        p99_ns: 240.0,
        p999_ns: 1_900.0,
        p9999_ns: Some(8_000.0),
        max_ns: 41_000.0,
    });
    cell.counters = Some(Counters {
        instructions: Some(812_000_000),
        cycles: Some(500_000_000),
        cache_misses: Some(12_345),
        branch_misses: Some(99_000),
        page_faults: Some(310),
    });
    cell.series = Some(Series {
        x: "operation".into(),
        points: 5,
        operation_index: vec![0, 1_000_000, 2_000_000, 3_000_000, 4_209_999],
        live_bytes: vec![64, 20_000_000, PEAK, 30_000_000, 1_000_000],
        reserved_bytes: vec![64, 22_000_000, 42_000_000, 43_100_000, 40_000_000],
        holes: vec![0, 4_000, 8_000, 9_000, 9_100],
    });
    cell.trends = vec![trend("operation", 1 << 21), trend("allocated_bytes", 1 << 28)];
    cell.placement_hash = Some("ab".repeat(32));
}
