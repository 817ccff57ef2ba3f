use super::*;
use crate::{Operation, SummaryBuilder};

fn summary(kind: &str, parameters: &[(&str, &str)]) -> crate::Summary {
    let mut builder = SummaryBuilder::new();
    Generator::parse(kind, parameters).unwrap().run(&mut builder).unwrap();
    builder.finish()
}

/// Every kind with its defaults, and the start of its trace's hash: these never change.
const PINNED: &[(&str, &str)] = &[
    ("uniform", "eca5880c65b693f9"),
    ("log-uniform", "a33ebdce06576eef"),
    ("phases", "b23f22a3c84c1e6b"),
    ("adversary", "33ff0223bb915914"),
    ("fifo", "d0639cce0107b13b"),
    ("ratchet", "db95fccd2db7a353"),
    ("server", "5383dc2b81bf9804"),
    ("kv-cache", "af0bcb19738306b7"),
    ("resize-heavy", "38a8c898a58c4ad3"),
    ("random-walk", "6855ff314fad0eff"),
    ("s1", "a33ebdce06576eef"),
    ("s2", "bc6f2ead5824dbab"),
    ("s3", "4965ca0b4b1466d5"),
    ("s4", "33ff0223bb915914"),
    ("s4b", "21a02235ffe4dd43"),
    ("s5", "86ed9121b47e70e5"),
    ("s6", "0ab02fee5f4f9d3e"),
];

#[test]
fn every_kind_makes_the_trace_that_it_always_made() {
    let found: Vec<_> = generators()
        .iter()
        .map(|info| (info.kind, summary(info.kind, &[]).hash[..16].to_owned()))
        .collect();
    let found: Vec<_> = found.iter().map(|(kind, hash)| (*kind, hash.as_str())).collect();
    assert_eq!(found, PINNED);
}

#[test]
fn every_kind_has_as_many_operations_as_asked_for() {
    for info in generators() {
        for operations in ["0", "1", "777"] {
            let summary = summary(info.kind, &[("operations", operations), ("seed", "9")]);
            assert_eq!(summary.operations.total().to_string(), operations, "{}", info.kind);
        }
    }
}

#[test]
fn another_seed_is_another_trace() {
    for kind in
        ["uniform", "log-uniform", "phases", "server", "kv-cache", "resize-heavy", "random-walk"]
    {
        let parameters = |seed| [("operations", "2000"), ("seed", seed)];
        assert_ne!(summary(kind, &parameters("1")).hash, summary(kind, &parameters("2")).hash);
    }
}

#[test]
fn extremes_of_parameters_are_no_trouble() {
    for info in generators() {
        for parameter in info.parameters.iter().filter(|parameter| parameter.name != "operations") {
            for value in [parameter.min, parameter.max] {
                let value = value.to_string();
                let given = [("operations", "300"), (parameter.name, value.as_str())];
                // Some combinations are refused, with a reason; none panics.
                if let Ok(generator) = Generator::parse(info.kind, &given) {
                    generator.run(&mut SummaryBuilder::new()).unwrap();
                }
            }
        }
    }
}

#[test]
fn steady_kinds_hold_the_live_blocks() {
    let parameters = [("operations", "5000"), ("live", "100")];
    for kind in ["uniform", "log-uniform", "fifo"] {
        let summary = summary(kind, &parameters);
        assert_eq!(summary.peak_live_blocks, 100, "{kind}");
        assert!(summary.end_live_blocks >= 99, "{kind}");
    }
}

#[test]
fn a_random_walk_stays_near_and_knows_no_turns() {
    let mut builder = crate::TraceBuilder::default();
    let parameters = [("operations", "20100"), ("live", "100")];
    Generator::parse("random-walk", &parameters).unwrap().run(&mut builder).unwrap();
    let trace = builder.finish();
    let (setup, walk) = trace.operations().split_at(100);
    let allocates = |operation: &Operation| matches!(operation, Operation::Allocate { .. });
    assert!(setup.iter().all(allocates));
    let steps: Vec<bool> = walk.iter().map(allocates).collect();
    let mut live = 100_i32;
    let counts: Vec<i32> = steps
        .iter()
        .map(|&step| {
            live += if step { 1 } else { -1 };
            live
        })
        .collect();
    assert_eq!((counts.iter().min(), counts.iter().max()), (Some(&90), Some(&110)));
    let turns = steps.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!((9_000..12_000).contains(&turns), "{turns} of 20000 steps differ from the one before");
}

#[test]
fn adversary_leaves_holes_between_live_blocks() {
    let mut builder = crate::TraceBuilder::default();
    let parameters = [("operations", "11"), ("holes", "3"), ("live", "1")];
    Generator::parse("adversary", &parameters).unwrap().run(&mut builder).unwrap();
    let trace = builder.finish();
    let allocate = |slot, size| Operation::Allocate { slot, size, align: 1 };
    let free = |slot| Operation::Free { slot };
    let setup: Vec<_> = (0..6).map(|slot| allocate(slot, 16)).collect();
    let rest = [free(0), free(2), free(4), allocate(4, 64), free(4)];
    assert_eq!(trace.operations(), [setup.as_slice(), &rest].concat());
}

#[test]
fn rising_holes_lengthen_with_their_address() {
    let mut builder = crate::TraceBuilder::default();
    let parameters = [("operations", "6"), ("holes", "3"), ("max_hole_size", "64")];
    Generator::parse("s5", &parameters).unwrap().run(&mut builder).unwrap();
    let sizes: Vec<_> = builder
        .finish()
        .operations()
        .iter()
        .filter_map(|operation| match operation {
            Operation::Allocate { size, .. } => Some(*size),
            _ => None,
        })
        .collect();
    assert_eq!(sizes, [16, 16, 40, 16, 64, 16]);
}

#[test]
fn resize_heavy_is_resize_heavy() {
    let counts = summary("resize-heavy", &[("operations", "50000")]).operations;
    assert!(counts.resize_ratio() > 0.4, "{counts:?}");
    assert!(summary("kv-cache", &[("operations", "20000")]).operations.resize_ratio() > 0.8);
}

#[test]
fn mistakes_are_named() {
    let message = |kind, parameters| Generator::parse(kind, parameters).unwrap_err().to_string();
    assert_eq!(
        message("log-unifrom", &[]),
        "unknown generator \"log-unifrom\", did you mean \"log-uniform\"?; known are uniform, \
         log-uniform, phases, adversary, fifo, ratchet, server, kv-cache, resize-heavy, random-walk, \
         s1, s2, s3, s4, s4b, s5, s6"
    );
    assert!(message("sawtooth", &[]).starts_with("unknown generator \"sawtooth\"; known are "));
    assert_eq!(
        message("fifo", &[("lives", "5")]),
        "generator fifo has no parameter \"lives\", did you mean \"live\"?; it has operations, \
         seed, live, min_size, max_size"
    );
    assert_eq!(
        message("fifo", &[("live", "0")]),
        "generator fifo: live is \"0\", expected a number from 1 to 1073741824"
    );
    assert_eq!(
        message("fifo", &[("min_size", "2K"), ("max_size", "1000")]),
        "generator fifo: min_size is \"2048\", expected at most max_size, which is 1000"
    );
}

#[test]
fn trace_info_tells_every_parameter() {
    let info = Generator::parse("s6", &[("seed", "5")]).unwrap().trace_info();
    assert_eq!(info.source.kind, SourceKind::Generated);
    assert_eq!(
        info.source.program.as_deref(),
        Some("s6 operations=396000 seed=5 holes=99000 hole_size=16")
    );
}
