//! The processor.

use std::collections::BTreeSet;
use std::fs;

use heaplab_report::{Cache, Cpu};

use super::{number, value_of, word};

const SYSTEM: &str = "/sys/devices/system/cpu";

pub(super) fn cpu() -> Cpu {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let logical = u32::try_from(count_of(&info, "processor")).ok().filter(|&count| count > 0);
    Cpu {
        vendor: value_of(&info, "vendor_id").into(),
        model: value_of(&info, "model name").into(),
        physical_cores: physical_cores(&info).into(),
        logical_cores: logical.into(),
        smt: number::<u32>(&format!("{SYSTEM}/smt/active")).map(|active| active != 0).into(),
        caches: caches().into(),
        base_hz: hz("base_frequency").into(),
        max_hz: hz("cpuinfo_max_freq").into(),
        governor: word(&format!("{SYSTEM}/cpu0/cpufreq/scaling_governor")).into(),
        turbo: turbo().into(),
    }
}

/// Whether the processor says that a hypervisor runs it; known only where it lists its features.
pub(super) fn is_virtual() -> Option<bool> {
    let flags = value_of(&fs::read_to_string("/proc/cpuinfo").ok()?, "flags")?;
    Some(flags.split_whitespace().any(|flag| flag == "hypervisor"))
}

/// How often cores were throttled since the machine started.
pub(super) fn throttle_events() -> Option<u64> {
    (0..)
        .map_while(|core| {
            number::<u64>(&format!("{SYSTEM}/cpu{core}/thermal_throttle/core_throttle_count"))
        })
        .reduce(u64::saturating_add)
}

fn turbo() -> Option<bool> {
    let intel = number::<u32>(&format!("{SYSTEM}/intel_pstate/no_turbo")).map(|off| off == 0);
    intel.or_else(|| number::<u32>(&format!("{SYSTEM}/cpufreq/boost")).map(|on| on != 0))
}

fn hz(name: &str) -> Option<u64> {
    number::<u64>(&format!("{SYSTEM}/cpu0/cpufreq/{name}"))?.checked_mul(1_000)
}

fn caches() -> Option<Vec<Cache>> {
    let caches: Vec<Cache> = (0..).map_while(cache).collect();
    (!caches.is_empty()).then_some(caches)
}

fn cache(index: u32) -> Option<Cache> {
    let path = |name| format!("{SYSTEM}/cpu0/cache/index{index}/{name}");
    Some(Cache {
        level: number(&path("level"))?,
        kind: word(&path("type"))?.to_lowercase(),
        bytes: size(&word(&path("size"))?)?,
        line_bytes: number(&path("coherency_line_size")),
    })
}

/// Bytes of a size such as `32K`.
fn size(text: &str) -> Option<u64> {
    let (digits, shift) = match text.char_indices().next_back()? {
        (at, 'K') => (&text[..at], 10),
        (at, 'M') => (&text[..at], 20),
        _ => (text, 0),
    };
    digits.parse::<u64>().ok()?.checked_mul(1 << shift)
}

fn count_of(info: &str, name: &str) -> usize {
    info.lines().filter(|line| line.split(':').next().is_some_and(|key| key.trim() == name)).count()
}

/// Different pairs of socket and core.
fn physical_cores(info: &str) -> Option<u32> {
    let cores: BTreeSet<_> = info
        .split("\n\n")
        .filter_map(|core| Some((value_of(core, "physical id")?, value_of(core, "core id")?)))
        .collect();
    u32::try_from(cores.len()).ok().filter(|&count| count > 0)
}

/// The numbers of a list such as `0-3,8`.
pub(super) fn numbers(list: &str) -> Option<Vec<u32>> {
    let mut numbers = Vec::new();
    for part in list.trim().split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        numbers.extend(first.parse::<u32>().ok()?..=last.parse::<u32>().ok()?);
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_sizes_and_cores_are_read() {
        assert_eq!(numbers("0-2,5\n"), Some(vec![0, 1, 2, 5]));
        assert_eq!(numbers("x"), None);
        assert_eq!(
            (size("32K"), size("8M"), size("64"), size("?")),
            (Some(32 << 10), Some(8 << 20), Some(64), None)
        );
        let info = "processor : 0\nphysical id : 0\ncore id : 0\n\nprocessor : 1\nphysical id : 0\ncore id : 0\n";
        assert_eq!((count_of(info, "processor"), physical_cores(info)), (2, Some(1)));
    }
}
