use super::*;

fn of(facts: &Facts, name: &str) -> Finding {
    judge(facts).into_iter().find(|it| it.name == name).unwrap()
}

fn quiet() -> Facts {
    let mut facts = Facts { unsteadiness_ratio: Some(0.01), ..Facts::default() };
    let environment = &mut facts.environment;
    environment.load_before = Known::Value(0.1);
    environment.cpu.logical_cores = Known::Value(4);
    environment.cpu.governor = Known::Value("performance".into());
    environment.cpu.turbo = Known::Value(false);
    environment.cpu.smt = Known::Value(false);
    environment.virtualised = Known::Value(false);
    environment.affinity = Known::Value(vec![3]);
    environment.container_limits.cpus = Known::Value(4.0);
    environment.clock.source = Known::Value("tsc".into());
    environment.clock.resolution_ns = Known::Value(1.0);
    environment.clock.cost_ns = Known::Value(20.0);
    environment.memory.thp = Known::Value("madvise".into());
    environment.aslr = Known::Value(false);
    environment.numa_nodes = Known::Value(1);
    facts.perf_event_paranoid = Some(1);
    facts.valgrind = Some("valgrind-3.24".into());
    facts
}

#[test]
fn a_quiet_machine_is_fit_in_every_respect() {
    let findings = judge(&quiet());
    let unfit: Vec<_> = findings.iter().filter(|it| it.fitness != Fitness::Ok).collect();
    assert!(unfit.is_empty(), "{unfit:?}");
    assert!(findings.iter().all(|it| it.fix.is_none()));
}

#[test]
fn what_cannot_be_known_is_a_note_and_nothing_worse() {
    let findings = judge(&Facts { valgrind: Some("v".into()), ..Facts::default() });
    assert!(findings.iter().all(|it| it.fitness != Fitness::Bad), "{findings:?}");
    assert_eq!(of(&Facts::default(), "governor").found, "not to be read here");
}

#[test]
fn every_fault_is_named_with_its_fix() {
    type Spoil = fn(&mut Facts);
    let cases: &[(&str, Fitness, Spoil)] = &[
        ("build", Fitness::Bad, |it| it.is_debug_build = true),
        ("steadiness", Fitness::Bad, |it| it.unsteadiness_ratio = Some(0.5)),
        ("steadiness", Fitness::Note, |it| it.unsteadiness_ratio = Some(0.05)),
        ("load", Fitness::Bad, |it| it.environment.load_before = Known::Value(2.5)),
        ("load", Fitness::Note, |it| it.environment.load_before = Known::Value(0.9)),
        ("governor", Fitness::Note, |it| {
            it.environment.cpu.governor = Known::Value("powersave".into());
        }),
        ("turbo", Fitness::Note, |it| it.environment.cpu.turbo = Known::Value(true)),
        ("SMT", Fitness::Note, |it| it.environment.cpu.smt = Known::Value(true)),
        ("virtualized", Fitness::Note, |it| it.environment.virtualised = Known::Value(true)),
        ("affinity", Fitness::Note, |it| it.environment.affinity = Known::Value(vec![0, 1])),
        ("container", Fitness::Bad, |it| {
            it.environment.container_limits.cpus = Known::Value(0.5);
        }),
        ("container", Fitness::Note, |it| {
            it.environment.container_limits.cpus = Known::Value(1.5);
        }),
        ("clock source", Fitness::Bad, |it| {
            it.environment.clock.source = Known::Value("hpet".into());
        }),
        ("clock resolution", Fitness::Bad, |it| {
            it.environment.clock.resolution_ns = Known::Value(10_000.0);
        }),
        ("clock cost", Fitness::Note, |it| {
            it.environment.clock.cost_ns = Known::Value(100.0);
        }),
        ("huge pages", Fitness::Note, |it| {
            it.environment.memory.thp = Known::Value("always".into());
        }),
        ("ASLR", Fitness::Note, |it| it.environment.aslr = Known::Value(true)),
        ("NUMA", Fitness::Note, |it| it.environment.numa_nodes = Known::Value(2)),
        ("preload", Fitness::Bad, |it| it.preloads = vec!["LD_PRELOAD".into()]),
        ("perf counters", Fitness::Note, |it| it.perf_event_paranoid = Some(4)),
        ("valgrind", Fitness::Note, |it| it.valgrind = None),
    ];
    for (name, fitness, spoil) in cases {
        let mut facts = quiet();
        spoil(&mut facts);
        let found = of(&facts, name);
        assert_eq!(found.fitness, *fitness, "{found:?}");
        assert!(found.fix.is_some(), "{found:?}");
        let others = judge(&facts).into_iter().filter(|it| it.name != *name);
        assert!(others.into_iter().all(|it| it.fitness == Fitness::Ok), "{name}");
    }
}
