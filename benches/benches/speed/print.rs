//! The result as text.

use heaplab_benches::Contestant;

use crate::Speed;
use crate::ratios::geometric_mean;
use crate::rows::{COMPACTION_AT_2, Row};

pub(crate) fn print(speed: &Speed, contestants: &[Contestant]) {
    if !speed.real.is_empty() || !speed.generated.is_empty() {
        times(speed, contestants);
    }
    if !speed.real.is_empty() {
        goals(speed);
    }
    if !speed.cliffs.is_empty() {
        cliffs(speed);
        beside_prototype(speed);
    }
    latency(speed);
    metadata(speed);
    reading(speed);
}

fn times(speed: &Speed, contestants: &[Contestant]) {
    let names = contestants.iter().map(|it| it.name).chain([COMPACTION_AT_2]);
    print!("{:20}{:>10}", "ns per operation", "real");
    speed.generated.iter().for_each(|row| print!("{:>9}", row.trace));
    println!();
    for name in names {
        let of = |row: &Row| row.of(name);
        let real: Vec<f64> = speed.real.iter().filter_map(of).collect();
        // Over fewer traces a mean would not stand beside the others.
        let mean = geometric_mean(&real).filter(|_| real.len() == speed.real.len());
        print!("{name:20}{}", shown(mean, 10));
        speed.generated.iter().for_each(|row| print!("{}", shown(of(row), 9)));
        println!();
    }
}

fn goals(speed: &Speed) {
    println!("\n{:36}{:>8}{:>8}{:>8}", "ratio", "goal", "real", "traces");
    for goal in &speed.goals {
        print!("{:36}{:>8.3}", format!("{} / {}", goal.contestant, goal.base), goal.goal_ratio);
        println!("{}{:>8}", shown(goal.real_ratio, 8), goal.real_traces);
    }
}

fn cliffs(speed: &Speed) {
    println!("\n{:44}{:>8}{:>8}", "cliff", "goal", "ratio");
    for cliff in &speed.cliffs {
        let own = format!("{} on {}", cliff.contestant, cliff.trace);
        let base = format!("{} on {}", cliff.base_contestant, cliff.base_trace);
        println!(
            "{:44}{:>8.3}{}",
            format!("{own} / {base}"),
            cliff.goal_ratio,
            shown(cliff.ratio, 8)
        );
    }
}

fn beside_prototype(speed: &Speed) {
    print!("\n{:44}", "time over the prototype's (beside a peer)");
    crate::prototype::TRACES.iter().for_each(|trace| print!("{trace:>14}"));
    println!();
    for structure in crate::prototype::STRUCTURES {
        print!("{:44}", format!("{}: {}", structure.contestant, structure.name));
        for trace in crate::prototype::TRACES {
            let found = speed
                .prototype
                .iter()
                .find(|it| it.contestant == structure.contestant && it.trace == trace);
            print!("{}", shown(found.map(|it| it.ratio), 7));
            let beside = found.and_then(|it| it.ratio_beside_peer);
            print!("{:>7}", beside.map_or("-".into(), |ratio| format!("({ratio:.2})")));
        }
        println!();
    }
}

fn latency(speed: &Speed) {
    let Some(latency) = &speed.latency else { return };
    print!("\n{:10}{:20}", "latency", "ns");
    ["p50", "p90", "p99", "p99.9", "p99.99", "max"].iter().for_each(|it| print!("{it:>10}"));
    println!();
    for cell in &latency.cells {
        print!("{:10}{:20}", cell.trace, cell.contestant);
        for ns in [cell.p50_ns, cell.p90_ns, cell.p99_ns, cell.p999_ns] {
            print!("{ns:>10.0}");
        }
        print!("{:>10}", cell.p9999_ns.map_or("-".into(), |ns| format!("{ns:.0}")));
        println!("{:>10.0}", cell.max_ns);
    }
}

fn metadata(speed: &Speed) {
    if speed.metadata.is_empty() {
        return;
    }
    let titles = ["fixed", "entries", "bytes/entry"];
    println!(
        "\n{:20}{:10}{:>12}{:>12}{:>12}",
        "metadata", "at worst", titles[0], titles[1], titles[2]
    );
    let mut shown: Vec<&str> = Vec::new();
    for tables in &speed.metadata {
        if shown.contains(&tables.contestant) {
            continue;
        }
        shown.push(tables.contestant);
        let own = speed.metadata.iter().filter(|it| it.contestant == tables.contestant);
        let Some(worst) =
            own.max_by(|a, b| a.reserved_bytes_per_entry.total_cmp(&b.reserved_bytes_per_entry))
        else {
            continue;
        };
        print!("{:20}{:10}{:>12}", worst.contestant, worst.trace, worst.fixed_bytes);
        println!("{:>12}{:>12.1}", worst.entries, worst.reserved_bytes_per_entry);
    }
}

fn reading(speed: &Speed) {
    if speed.reading.is_empty() {
        return;
    }
    let titles = ["decoded", "imported", "converted"];
    println!("\n{:24}{:>10}{:>10}{:>10}", "million operations/s", titles[0], titles[1], titles[2]);
    for reading in &speed.reading {
        print!("{:24}{:>10.1}", reading.trace, reading.decoded_per_second / 1e6);
        print!("{:>10.1}", reading.imported_per_second / 1e6);
        println!("{:>10.1}", reading.converted_per_second / 1e6);
    }
}

fn shown(value: Option<f64>, width: usize) -> String {
    value.map_or(format!("{:>width$}", "-"), |value| format!("{value:>width$.3}"))
}
