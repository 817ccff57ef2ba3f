//! The machine and its state, as far as it tells without privileges. What is not known says so.
//!
//! Read on Linux; elsewhere most of it is unknown. Neither the host nor a user is named.

use std::fs;
use std::process::Command;
use std::str::FromStr;

use heaplab_report::{Environment, Known, MemoryInfo};

mod clock;
mod container;
mod cpu;

/// The environment now, with its id.
///
/// Measures the clock, which takes some milliseconds, and asks `getconf` for the C library and the page size.
#[must_use]
pub fn environment() -> Environment {
    let mut environment = Environment {
        os: os().into(),
        kernel: word("/proc/sys/kernel/osrelease").into(),
        arch: Known::Value(std::env::consts::ARCH.into()),
        libc: libc().into(),
        cpu: cpu::cpu(),
        memory: memory(),
        numa_nodes: word("/sys/devices/system/node/online")
            .and_then(|list| u32::try_from(cpu::numbers(&list)?.len()).ok())
            .into(),
        virtualised: cpu::is_virtual().into(),
        affinity: field("/proc/self/status", "Cpus_allowed_list")
            .and_then(|list| cpu::numbers(&list))
            .into(),
        aslr: number::<u32>("/proc/sys/kernel/randomize_va_space").map(|level| level != 0).into(),
        clock: clock::clock(),
        load_before: load().into(),
        ..Environment::default()
    };
    environment.container_limits = container::limits(&environment);
    environment.id = environment.stable_id();
    environment
}

/// What can only be told at the end of a run.
#[derive(Debug)]
pub(crate) struct Watched {
    throttle_events: Option<u64>,
}

impl Watched {
    pub(crate) fn begin() -> Self {
        Self { throttle_events: cpu::throttle_events() }
    }

    pub(crate) fn end(&self, environment: &mut Environment) {
        environment.load_after = load().into();
        let after = cpu::throttle_events();
        environment.throttled = match (self.throttle_events, after) {
            (Some(before), Some(after)) => Known::Value(after > before),
            _ => Known::Unknown,
        };
    }
}

/// Memory that programs can have without swapping, in bytes.
pub(crate) fn available_bytes() -> Option<u64> {
    memory_bytes("MemAvailable")
}

fn memory() -> MemoryInfo {
    MemoryInfo {
        total_bytes: memory_bytes("MemTotal").into(),
        page_bytes: getconf("PAGESIZE").and_then(|text| text.parse().ok()).into(),
        thp: fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled")
            .ok()
            .and_then(|text| chosen(&text))
            .into(),
        overcommit: number::<u32>("/proc/sys/vm/overcommit_memory")
            .and_then(|policy| match policy {
                0 => Some("heuristic".into()),
                1 => Some("always".into()),
                2 => Some("never".into()),
                _ => None,
            })
            .into(),
        swap_bytes: memory_bytes("SwapTotal").into(),
    }
}

fn memory_bytes(name: &str) -> Option<u64> {
    let text = field("/proc/meminfo", name)?;
    text.strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1_024)
}

fn os() -> Option<String> {
    let text = fs::read_to_string("/etc/os-release").ok()?;
    let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(name.trim_matches('"').into())
}

fn libc() -> Option<String> {
    if cfg!(target_env = "musl") { Some("musl".into()) } else { getconf("GNU_LIBC_VERSION") }
}

fn getconf(name: &str) -> Option<String> {
    let output = Command::new("getconf").arg(name).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let text = text.trim();
    (output.status.success() && !text.is_empty()).then(|| text.into())
}

fn load() -> Option<f64> {
    word("/proc/loadavg")?.parse().ok()
}

/// The first word of a file.
fn word(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()?.split_whitespace().next().map(Into::into)
}

/// The number that a file consists of.
fn number<T: FromStr>(path: &str) -> Option<T> {
    word(path)?.parse().ok()
}

/// The value of `name` in a file of lines `name: value`.
fn field(path: &str, name: &str) -> Option<String> {
    value_of(&fs::read_to_string(path).ok()?, name)
}

fn value_of(text: &str, name: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().into())
    })
}

/// The choice in brackets: `madvise` in `always [madvise] never`.
fn chosen(text: &str) -> Option<String> {
    let (_, rest) = text.split_once('[')?;
    rest.split_once(']').map(|(choice, _)| choice.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_kernel_are_understood() {
        assert_eq!(chosen("always [madvise] never\n").as_deref(), Some("madvise"));
        assert_eq!(chosen("none"), None);
        let text = "MemTotal:  16 kB\nCpus_allowed_list:\t0-1\n";
        assert_eq!(value_of(text, "Cpus_allowed_list").as_deref(), Some("0-1"));
        assert_eq!(value_of(text, "Mem"), None);
    }

    #[test]
    fn the_environment_names_no_host_and_has_its_id() {
        let environment = environment();
        assert_eq!(environment.host, None);
        assert_eq!(environment.id, environment.stable_id());
        assert_eq!(environment.arch.value().map(String::as_str), Some(std::env::consts::ARCH));
        assert!(environment.clock.cost_ns.value().is_some_and(|&cost| cost > 0.0));
    }
}
