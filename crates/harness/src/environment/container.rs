//! What control groups allow the process.

use std::fs;

use heaplab_report::{ContainerLimits, Environment, Known};

/// The limits of version 2 of control groups, then of version 1; the machine's own figures where none is set.
pub(super) fn limits(environment: &Environment) -> ContainerLimits {
    let machine_cpus = environment.cpu.logical_cores.map(f64::from);
    let cpus = first(&["/sys/fs/cgroup/cpu.max", &own("cpu.max")])
        .and_then(|text| quota(&text))
        .or_else(version_1_cpus)
        .map_or(machine_cpus, Known::Value);
    let memory = first(&["/sys/fs/cgroup/memory.max", &own("memory.max")])
        .or_else(|| fs::read_to_string("/sys/fs/cgroup/memory/memory.limit_in_bytes").ok())
        .and_then(|text| text.trim().parse::<u64>().ok());
    let machine_bytes = environment.memory.total_bytes;
    // Version 1 says "no limit" by a number beyond all memory.
    let memory = match (memory, machine_bytes.value()) {
        (Some(limit), Some(&machine)) => Known::Value(limit.min(machine)),
        (Some(limit), None) => Known::Value(limit),
        (None, _) => machine_bytes,
    };
    ContainerLimits { cpus, memory_bytes: memory }
}

/// A file of the process's own group, as seen from outside of a container.
fn own(name: &str) -> String {
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let path = groups.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or("/");
    format!("/sys/fs/cgroup{}/{name}", path.trim_end_matches('/'))
}

fn first(paths: &[&str]) -> Option<String> {
    paths.iter().find_map(|path| fs::read_to_string(path).ok())
}

/// Cores from `quota period`, both in microseconds; `None` for `max`.
fn quota(text: &str) -> Option<f64> {
    let mut words = text.split_whitespace();
    let quota: f64 = words.next()?.parse().ok()?;
    let period: f64 = words.next()?.parse().ok()?;
    (quota > 0.0 && period > 0.0).then(|| quota / period)
}

fn version_1_cpus() -> Option<f64> {
    let read = |name| super::word(&format!("/sys/fs/cgroup/cpu/cpu.cfs_{name}_us"));
    quota(&format!("{} {}", read("quota")?, read("period")?))
}

#[cfg(test)]
mod tests {
    use super::quota;

    #[test]
    fn quotas_are_cores() {
        assert_eq!(quota("150000 100000\n"), Some(1.5));
        assert_eq!(quota("max 100000\n"), None);
        assert_eq!(quota("-1 100000"), None);
        assert_eq!(quota("200000"), None);
    }
}
